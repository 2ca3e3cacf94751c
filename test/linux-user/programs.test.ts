import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FLUSH_POLICIES } from '../../src/kernel-shim'
import { runProgram } from '../../src/linux-user'
import { elfPath, expectedOutput, readManifest } from '../programs/manifest'

const CPU_COUNTS = [1, 2, 4, 8]
const MODELS = ['ultrasparc-ii', 'cheetah', 'cheetah-plus', 'jalapeno'] as const
const SEEDS = [1, 2]

/** Longer runs are left to benches. */
const MOST_MILLIONS = 10

const cases = readManifest().programs.flatMap((program) => {
  const elf = readFileSync(elfPath(program))
  return program.cases
    .filter(({ millions }) => millions <= MOST_MILLIONS)
    .map((programCase) => ({ title: [program.name, ...programCase.args].join(' '), program, elf, programCase }))
})

/** Threads meet every CPU count, policy and seed, and each model with each policy; a program without threads meets each of them once. */
function configurations(threads: number) {
  const all = CPU_COUNTS.flatMap((cpus, c) =>
    FLUSH_POLICIES.flatMap((policy) =>
      SEEDS.map((seed, s) => ({ cpus, policy, seed, model: MODELS[(c + s) % MODELS.length]! })),
    ),
  )
  if (threads > 1) return all
  return CPU_COUNTS.map((cpus, n) => ({
    cpus,
    policy: FLUSH_POLICIES[n % FLUSH_POLICIES.length]!,
    seed: SEEDS[n % SEEDS.length]!,
    model: MODELS[(n + 1) % MODELS.length]!,
  }))
}

// The recorded outputs are those of qemu-sparc64: test/oracle/programs.test.ts compares them live
describe('a program on our CPUs prints and exits as recorded', () => {
  it.each(cases)('$title', { timeout: 300_000 }, ({ program, elf, programCase }) => {
    for (const configuration of configurations(program.threads)) {
      const output: Uint8Array[] = []
      const result = runProgram({
        elf,
        name: program.name,
        args: programCase.args,
        quantum: 200,
        ramBytes: 128 << 20,
        ...configuration,
        oracle: true,
        onStdout: (bytes) => output.push(bytes.slice()),
      })
      const where = JSON.stringify(configuration)
      expect(Buffer.concat(output).toString('latin1'), where).toBe(expectedOutput(programCase).toString('latin1'))
      expect(result.exitCode, where).toBe(programCase.exit)
      expect(result.violations, where).toEqual([])
    }
  })
})
