/** Every room may use `u64`, the 64-bit boundary of the public API, and all that names one, `asi`: the table of address space identifiers. */
const rooms = {
  u64: [],
  state: ['u64'],
  asi: [],
  isa: ['asi'],
  mmu: ['asi', 'state', 'u64'],
  engine: ['asi', 'isa', 'mmu', 'state', 'u64'],
  smp: ['asi', 'engine', 'isa', 'mmu', 'state', 'u64'],
  // The operations of the shim are performed on the engine's CPU and its MMU
  'kernel-shim': ['asi', 'smp', 'engine', 'isa', 'mmu', 'state', 'firmware-image', 'u64'],
  'flush-throughput': ['kernel-shim'],
  oracle: ['state', 'mmu'],
  loader: ['u64'],
  'linux-user': ['asi', 'kernel-shim', 'loader', 'smp', 'engine', 'isa', 'mmu', 'state', 'oracle', 'u64'],
  explore: ['asi', 'smp', 'engine', 'kernel-shim', 'oracle', 'state', 'isa', 'mmu', 'u64'],
}

const inRoom = (room) => `^src/${room}(/|\\.ts$)`

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: inRoom(room) },
  to: { path: '^(src|firmware|test|bench|scripts)/', pathNot: [room, ...allowed].map(inRoom) },
}))

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...roomRules,
    {
      name: 'testing-imports-only-public-indexes',
      severity: 'error',
      from: { path: '^src/testing/' },
      to: {
        path: '^(src|firmware|test|bench|scripts)/',
        pathNot: ['^src/testing/', '^src/u64\\.ts$', '^src/index\\.ts$', '^src/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'src-imports-no-tests-benches-or-scripts',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'node-only-in-cli-and-node-files',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', '-node\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'long-only-in-u64',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/u64\\.ts$' },
      to: { path: '(^|/)node_modules/long/' },
    },
    {
      name: 'vitest-only-in-testing-vitest',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/vitest[^/]*\\.ts$' },
      to: { path: '(^|/)node_modules/(@vitest|vitest)/' },
    },
    {
      name: 'no-development-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/vitest[^/]*\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
