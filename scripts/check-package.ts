import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { library } from '../tsup.config'

interface Manifest {
  name: string
  version: string
  exports: Record<string, object>
  bin: Record<string, string>
  devDependencies: Record<string, string>
  peerDependencies: Record<string, string>
}

const root = resolve(import.meta.dirname, '..')
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const subpaths = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'))
const peers = Object.keys(manifest.peerDependencies)
const needsPeer = (subpath: string) => peers.some((peer) => subpath.endsWith(`/${peer}`))
const specifier = (subpath: string) => join(manifest.name, subpath)
const plain = subpaths.filter((subpath) => !needsPeer(subpath))
const peered = subpaths.filter(needsPeer)
const forNodeAlone = (subpath: string) => library[subpath.slice('./'.length)]?.endsWith('-node.ts')
const portable = plain.filter((subpath) => !forNodeAlone(subpath))

const project = mkdtempSync(join(tmpdir(), `${manifest.name}-package-`))
try {
  const tarball = pack()
  installInEmptyProject(tarball)
  const names = checkImport()
  checkRequire(names)
  checkUnderVitest()
  checkTypes()
  checkBin()
  await checkBrowser(names)
} finally {
  rmSync(project, { recursive: true, force: true })
}

function pack(): string {
  const [packed] = JSON.parse(npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', project))
  const files: string[] = packed.files.map((file: { path: string }) => file.path)
  const strays = files.filter((file) => !/^(dist\/|package\.json$|README\.md$|LICENSE$)/.test(file))
  expect(strays.length === 0, `the tarball holds files that do not belong in it: ${strays.join(', ')}`)
  for (const file of ['README.md', 'LICENSE', 'package.json', ...Object.values(manifest.bin)]) {
    expect(files.includes(file), `the tarball lacks ${file}`)
  }
  report('pack', `${files.length} files, ${Math.round(packed.size / 1024)} KiB`)
  return join(project, packed.filename)
}

function installInEmptyProject(tarball: string): void {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const peerVersions = peers.map((peer) => `${peer}@${manifest.devDependencies[peer]}`)
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...peerVersions)
  report('install', `${[manifest.name, ...peerVersions].join(', ')} in an empty project`)
}

/** Imports every subpath in one process; returns the exported names by subpath. */
function checkImport(): Map<string, string[]> {
  const names = exportedNames(
    'import.mjs',
    (subpath, index) => `import * as m${index} from ${JSON.stringify(specifier(subpath))}`,
  )
  for (const [subpath, exported] of names) expect(exported.length > 0, `import of ${subpath} gives no names`)
  report('import', plain.map((subpath) => `${subpath} (${names.get(subpath)?.length})`).join(' '))
  return names
}

function checkRequire(imported: Map<string, string[]>): void {
  const required = exportedNames(
    'require.cjs',
    (subpath, index) => `const m${index} = require(${JSON.stringify(specifier(subpath))})`,
  )
  for (const subpath of plain) {
    const differing = symmetricDifference(imported.get(subpath) ?? [], required.get(subpath) ?? [])
    expect(differing.length === 0, `import and require of ${subpath} differ in ${differing.join(', ')}`)
  }
  report('require', 'the same names, each object one and the same through every subpath')
}

/** The program prints the names, and fails when two subpaths give different objects under one name and one home. */
function exportedNames(file: string, load: (subpath: string, index: number) => string): Map<string, string[]> {
  const table = plain.map((subpath, index) => `[${JSON.stringify(subpath)}, m${index}]`).join(', ')
  const program = `
    ${plain.map(load).join('\n')}
    const modules = [${table}]
    const first = new Map()
    for (const [subpath, module] of modules)
      for (const [name, value] of Object.entries(module)) {
        if (typeof value !== 'function') continue
        const known = first.get(name) ?? { subpath, value }
        if (known.value !== value) throw new Error(name + ' is not the same object in ' + known.subpath + ' and ' + subpath)
        first.set(name, known)
      }
    console.log(JSON.stringify(modules.map(([subpath, module]) => [subpath, Object.keys(module).filter(n => n !== 'default').sort()])))
  `
  return new Map(JSON.parse(node(file, program)))
}

/** Subpaths that need an optional peer are loaded where that peer allows it: imported, in a vitest run. */
function checkUnderVitest(): void {
  const tests = peered.map(
    (subpath) => `it(${JSON.stringify(subpath)}, async () => {
      const names = Object.keys(await import(${JSON.stringify(specifier(subpath))}))
      expect(names).not.toEqual([])
      expect(requiredNames(${JSON.stringify(specifier(subpath))}) ?? names).toEqual(names)
    })`,
  )
  const program = `
    import { createRequire } from 'node:module'
    import { expect, it } from 'vitest'
    const require = createRequire(import.meta.url)
    function requiredNames(specifier) {
      try {
        return Object.keys(require(specifier)).sort()
      } catch (error) {
        if (!error.message.startsWith('Vitest cannot be imported in a CommonJS module')) throw error
      }
    }
    ${tests.join('\n')}
  `
  writeFileSync(join(project, 'peer.test.js'), program)
  command(project, process.execPath, [join(project, 'node_modules/vitest/vitest.mjs'), 'run', 'peer.test.js'])
  report('vitest', `${peered.join(' ')} imported in a run, required as far as vitest lets itself be required`)
}

/** Compiles consumers in both module systems; declarations are checked too where no peer brings its own along. */
function checkTypes(): void {
  compileConsumer('plain', plain, ['mts', 'cts'], false)
  compileConsumer('peered', peered, ['mts'], true)
  report('types', 'consumers compile as ESM and as CommonJS')
}

function compileConsumer(name: string, imported: string[], extensions: string[], skipLibCheck: boolean): void {
  const program = imported
    .map((subpath, index) => `import * as m${index} from ${JSON.stringify(specifier(subpath))}\nvoid m${index}\n`)
    .join('')
  const files = extensions.map((extension) => `${name}.${extension}`)
  for (const file of files) writeFileSync(join(project, file), program)
  const compilerOptions = {
    target: 'ES2022',
    module: 'nodenext',
    lib: ['ES2022', 'DOM'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck,
  }
  writeFileSync(join(project, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files }))
  command(project, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', `tsconfig.${name}.json`])
}

function checkBin(): void {
  for (const name of Object.keys(manifest.bin)) {
    const path = join(project, 'node_modules/.bin', name)
    const help = command(project, path, ['--help'])
    expect(help.includes(`Usage: ${name}`), `${name} --help does not say how to use it:\n${help}`)
    const version = command(project, path, ['--version']).trim()
    expect(version === manifest.version, `${name} --version says ${version}, package.json ${manifest.version}`)
    const refused = spawnSync(path, ['no-such-command'], { cwd: project, encoding: 'utf8' })
    expect(refused.status === 2, `${name} no-such-command exits ${refused.status}, expected 2`)
    expect(refused.stdout === '', `${name} no-such-command writes to stdout: ${refused.stdout}`)
    report('bin', `${name} --help, --version, bad usage`)
  }
}

/** Bundles every subpath that is not for Node alone for a browser and runs it in a realm that has no Node globals. */
async function checkBrowser(names: Map<string, string[]>): Promise<void> {
  const fromTsup = createRequire(createRequire(join(root, 'package.json')).resolve('tsup'))
  const esbuild: typeof import('esbuild') = fromTsup('esbuild')
  const directory = join(project, 'browser')
  mkdirSync(directory)
  for (const subpath of portable) {
    const result = await esbuild.build({
      stdin: { contents: `export * from ${JSON.stringify(specifier(subpath))}`, resolveDir: project },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'bundled',
      target: 'es2022',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    const imports = Object.values(result.metafile.inputs).flatMap((input) => input.imports.map((found) => found.path))
    const fromNode = imports.filter((path) => path.startsWith('node:'))
    expect(fromNode.length === 0, `the browser bundle of ${subpath} imports ${fromNode.join(', ')}`)

    const realm = createContext({ TextEncoder, TextDecoder, performance, setTimeout, clearTimeout, queueMicrotask })
    runInContext(result.outputFiles[0]!.text, realm)
    const differing = symmetricDifference(
      Object.keys(runInContext('bundled', realm)),
      (names.get(subpath) ?? []).filter((name) => name !== 'module.exports'),
    )
    expect(differing.length === 0, `in a browser ${subpath} lacks or adds ${differing.join(', ')}`)
  }
  report('browser', `${portable.join(' ')} bundled and run without Node globals`)
}

function node(file: string, program: string): string {
  writeFileSync(join(project, file), program)
  return command(project, process.execPath, [file])
}

function npm(directory: string, ...args: string[]): string {
  return command(directory, 'npm', args)
}

function command(directory: string, path: string, args: string[]): string {
  try {
    return execFileSync(path, args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${[path, ...args].join(' ')} failed\n${stdout}${stderr}`)
  }
}

function symmetricDifference(a: string[], b: string[]): string[] {
  return [...a.filter((name) => !b.includes(name)), ...b.filter((name) => !a.includes(name))]
}

function expect(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

function report(check: string, what: string): void {
  console.log(`${check}: ${what}`)
}
