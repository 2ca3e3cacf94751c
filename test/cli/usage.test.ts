import { readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { runCli, spawnCli } from './run-cli'

const BAD_USAGE: readonly (readonly string[])[] = [
  [],
  ['frobnicate'],
  ['--frobnicate'],
  ['bench'],
  ['bench', 'frobnicate'],
  ['bench', 'flush', '--cpus', '0'],
  ['bench', 'flush', '--cpus', '33'],
  ['bench', 'flush', '--model', 'cheetah', '--cpus', '65'],
  ['bench', 'flush', '--model', 'ultrasparc-iii'],
  ['race', '--model', 'pentium'],
  ['bench', 'flush', '--cpus', '1,,2'],
  ['bench', 'flush', '--policy', 'ipi_trim'],
  ['bench', 'flush', '--time', '-1'],
  ['bench', 'flush', '--pages', '1e2'],
  ['bench', 'flush', 'extra'],
  ['disassemble'],
  ['disassemble', 'one', 'two'],
  ['disassemble', '--address', '0x1ffffffffffffffff', 'file'],
  ['disassemble', '--address'],
  ['disassemble', '/no/such/file'],
  ['disassemble', '/'],
  ['assemble', '/no/such/file'],
]

/** One line that names the program, and no trace of where in the program it comes from. */
const ONE_LINE = /^sparc64-smp: [^\n]+\n$/

describe('bad usage', () => {
  test.each(BAD_USAGE.map((args) => [args.join(' '), args] as const))('"%s": exit 2 and one line', async (_, args) => {
    const { exitCode, stdout, stderr } = await runCli(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).not.toMatch(/internal error|\.ts:/)
  })

  test('a process says the same', () => {
    const { exitCode, stdout, stderr } = spawnCli(['bench', 'flush', '--policy', 'none'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toContain('local-trim, cross-call, ipi-trim')
  })

  property.prop([
    fc.constantFrom(
      ['disassemble'],
      ['assemble'],
      ['bench', 'flush', '--time', '0', '--policy', 'local-trim', '--cpus', '1'],
    ),
    fc.array(
      fc.oneof(
        fc.constantFrom('--json', '--cpus', '--policy', '--address', '--pages', '--every', '--', '-', '--output'),
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.integer({ min: -3, max: 40 }).map(String),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  ])('arguments of any kind never give a stack trace', async (command, rest) => {
    const harmless = rest.map((arg) => (arg === '-' || arg === '--output' || arg.startsWith('-o') ? 'x' : arg))
    const { exitCode, stdout, stderr } = await runCli([...command, ...harmless])
    expect([0, 2]).toContain(exitCode)
    if (exitCode === 2) {
      expect(stdout).toBe('')
      expect(stderr).toMatch(ONE_LINE)
    }
  })
})

test('--version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(spawnCli(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' })
})

test('--help goes to stdout, for the program and for each command', async () => {
  const { exitCode, stdout, stderr } = await runCli(['--help'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: sparc64-smp/)
  const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!).filter((name) => name !== 'help')
  expect(names).toEqual(expect.arrayContaining(['bench', 'disassemble', 'assemble']))
  for (const name of names) {
    const help = await runCli([name, '--help'])
    expect(help.exitCode).toBe(0)
    expect(help.stdout).toContain(`Usage: sparc64-smp ${name}`)
  }
})
