/** The parts of our code that are mutated, and the tests that a mutant of each must not pass. */
export interface MutationRoom {
  readonly name: string
  /** Directories and files, relative to the package. */
  readonly sources: readonly string[]
  /** Directories and files; those of a file's own name run first, then the quick ones. */
  readonly tests: readonly string[]
}

export const MUTATION_ROOMS: readonly MutationRoom[] = [
  {
    name: 'instructions',
    sources: ['src/isa/instructions'],
    tests: ['test/isa', 'test/engine', 'test/oracle/integer-rows.test.ts', 'test/oracle/disassemble.test.ts'],
  },
  {
    name: 'softfloat',
    sources: ['src/isa/softfloat'],
    tests: ['test/isa/softfloat', 'test/isa/instructions', 'test/engine/subnormal-numbers.test.ts'],
  },
  {
    name: 'engine',
    sources: ['src/engine'],
    tests: [
      'test/engine',
      'test/isa/instructions',
      'test/smp',
      'test/firmware',
      'test/oracle/quad.test.ts',
      'test/oracle/engine-qemu.test.ts',
    ],
  },
  {
    name: 'mmu',
    sources: ['src/mmu'],
    tests: [
      'test/mmu',
      'test/testing/machine.test.ts',
      'test/testing/matchers.test.ts',
      'test/engine/trap-causes.test.ts',
    ],
  },
  {
    name: 'smp',
    sources: ['src/smp'],
    tests: [
      'test/smp',
      'test/engine/gate.test.ts',
      'test/engine/resets.test.ts',
      'test/engine/trap-entry.test.ts',
      'test/kernel-shim/xcall.test.ts',
      'test/testing/machine.test.ts',
    ],
  },
  {
    name: 'state',
    sources: ['src/state'],
    tests: [
      'test/state',
      'test/smp/code-stores.test.ts',
      'test/smp/determinism.test.ts',
      'test/mmu/state.test.ts',
      'test/engine/trap-entry.test.ts',
      'test/kernel-shim/frames.test.ts',
    ],
  },
  {
    name: 'kernel-shim',
    sources: [
      'asi-device',
      'barrier',
      'context',
      'cpumask',
      'flush',
      'flush-report',
      'spinlock',
      'switch-mm',
      'tlb-batch',
      'tlb-local',
      'tsb',
      'words',
      'xcall',
    ].map((name) => `src/kernel-shim/${name}.ts`),
    tests: ['test/kernel-shim', 'test/firmware', 'test/explore/direct-flush.test.ts', 'test/explore/scenarios.test.ts'],
  },
]

/** Too slow to run for every mutant, and about nothing that the others leave out. */
export const LEFT_OUT: readonly string[] = ['test/isa/assemble-errors.test.ts', 'test/isa/assemble.test.ts']

/** Makes tests with outside tools small enough to run for every mutant. */
export const MUTATION_ENVIRONMENT = { SPARC64_SMP_RANDOM_PROGRAMS: '4', SPARC64_SMP_WORDS_OF_A_ROW: '20' }
