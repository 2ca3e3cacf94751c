import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runProgram } from '../../src/linux-user'
import { elfPath, expectedOutput, readManifest } from '../programs/manifest'

/** Programs with threads, and short. */
const cases = readManifest().programs.flatMap((program) =>
  program.threads > 1
    ? program.cases
        .filter(({ millions }) => millions <= 1)
        .map((programCase) => ({ title: [program.name, ...programCase.args].join(' '), program, programCase }))
    : [],
)

it.each(cases)(
  '$title prints and exits under total store order as recorded',
  ({ program, programCase }) => {
    for (const seed of [undefined, 1, 2]) {
      const output: Uint8Array[] = []
      const result = runProgram({
        elf: readFileSync(elfPath(program)),
        name: program.name,
        args: programCase.args,
        cpus: 4,
        seed,
        quantum: 100,
        ramBytes: 128 << 20,
        memoryModel: 'tso',
        oracle: true,
        onStdout: (bytes) => output.push(bytes.slice()),
      })
      expect(Buffer.concat(output).toString('latin1')).toBe(expectedOutput(programCase).toString('latin1'))
      expect(result.exitCode).toBe(programCase.exit)
      expect(result.violations).toEqual([])
    }
  },
  120_000,
)

it('there are such programs', () => {
  expect(cases.length).toBeGreaterThan(0)
})
