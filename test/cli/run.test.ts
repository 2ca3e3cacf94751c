import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { afterAll, describe, expect, test } from 'vitest'
import { runCli, spawnCli } from './run-cli'

const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
afterAll(() => rmSync(directory, { recursive: true }))

const elf = (name: string) => `test/programs/elf/${name}`
const expected = (name: string) => readFileSync(`test/programs/expected/${name}.txt`, 'utf8')

test("the guest's stdout, stderr and arguments are the command's", () => {
  const { exitCode, stdout, stderr } = spawnCli(['run', elf('hello'), 'one', 'two words', ''])
  expect(exitCode).toBe(0)
  expect(stdout).toBe(expected('hello-one-two_words-'))
  expect(stderr).toBe('this line goes to stderr\n')
})

test('options behind the program are its arguments', async () => {
  const { stdout } = await runCli(['run', elf('hello'), '--cpus', '99'])
  expect(stdout).toContain('--cpus')
})

test("the guest's exit code is the command's", async () => {
  expect((await runCli(['run', elf('ends'), 'exit-300'])).exitCode).toBe(300 % 256)
})

test('a program that a signal ends: 128 + signal, with registers and instruction', async () => {
  const { exitCode, stderr } = await runCli(['run', elf('ends'), 'null'])
  expect(exitCode).toBe(128 + 11)
  expect(stderr).toMatch(/SIGSEGV/)
  expect(stderr).toMatch(/^pc +0x[0-9a-f]+: f0004000 ld \[ %g1 \], %i0$/m)
  expect(stderr).not.toMatch(/\.ts:/)
})

test('--stats: counts of the run, the same for the same seed, others for another', async () => {
  const stats = async (seed: string) => {
    const file = join(directory, 'stats.json')
    const args = [
      'run',
      '--cpus',
      '4',
      '--seed',
      seed,
      '--policy',
      'ipi-trim',
      '--oracle',
      '--stats',
      file,
      elf('threads-4'),
    ]
    const { exitCode, stdout } = await runCli(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expected('threads-4') })
    return JSON.parse(readFileSync(file, 'utf8'))
  }
  const first = await stats('7')
  expect(first).toMatchObject({
    cpus: 4,
    model: 'ultrasparc-ii',
    policy: 'ipi-trim',
    seed: '7',
    exitCode: 0,
    reason: 'exit',
    flushes: { mm: expect.any(Number), page: expect.any(Number), pending: expect.any(Number) },
    crossCalls: { sent: expect.any(Number), nacked: expect.any(Number), taken: expect.any(Number) },
    contextSwitches: expect.any(Number),
    oracle: { violations: 0 },
    violations: [],
    seconds: expect.any(Number),
  })
  expect(first.instructions).toHaveLength(4)
  for (const count of first.instructions) expect(count).toBeGreaterThan(1000)
  expect(first.tlbMisses).toHaveLength(4)
  expect({ ...(await stats('7')), seconds: 0 }).toEqual({ ...first, seconds: 0 })
  expect((await stats('8')).instructions).not.toEqual(first.instructions)
})

test('--max-instructions stops exactly there', async () => {
  const file = join(directory, 'stopped.json')
  const { exitCode, stderr } = await runCli(['run', '--max-instructions', '12345', '--stats', file, elf('crc32')])
  expect(exitCode).toBe(125)
  expect(stderr).toMatch(/^sparc64-smp: the program did not end: max-instructions after 12345 instructions\n$/)
  expect(JSON.parse(readFileSync(file, 'utf8')).instructions).toEqual([12345])
})

test.each(['cheetah', 'cheetah-plus', 'jalapeno'])(
  '--model %s: 64 CPUs, and its name in the statistics',
  async (model) => {
    const file = join(directory, `${model}.json`)
    const { exitCode, stdout } = await runCli(['run', '--model', model, '--cpus', '64', '--stats', file, elf('hello')])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expected('hello') })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ model, cpus: 64 })
  },
)

describe('bad input: exit code 2 and one line', () => {
  test.each([
    ['no program', ['run']],
    ['no such file', ['run', '/no/such/program']],
    ['a text file', ['run', 'package.json']],
    ['too many CPUs', ['run', '--cpus', '33', elf('hello')]],
    ['too many CPUs of UltraSPARC III', ['run', '--model', 'jalapeno', '--cpus', '65', elf('hello')]],
    ['a model that is none', ['run', '--model', 'x', elf('hello')]],
    ['a seed that is none', ['run', '--seed', 'x', elf('hello')]],
    ['a directory that does not exist', ['run', '--files', '/no/such/directory', elf('hello')]],
    ['a place for statistics that does not exist', ['run', '--stats', '/no/such/directory/file', elf('hello')]],
  ])('%s', async (_, args) => {
    const { exitCode, stdout, stderr } = await runCli(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^sparc64-smp: [^\n]+\n$/)
    expect(stderr).not.toContain('internal error')
  })

  const bytes = readFileSync(elf('write-exit'))
  property.prop([fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(bytes.length)], {
    numRuns: 60,
  })('mutated and cut ELF files never give a stack trace', async (changes, cut) => {
    const mutated = Uint8Array.from(bytes)
    for (const [at, value] of changes) mutated[at] = value
    const file = join(directory, 'mutated')
    writeFileSync(file, cut % 3 === 0 ? mutated.subarray(0, cut) : mutated)
    const { exitCode, stderr } = await runCli(['run', '--max-instructions', '20000', file])
    expect(stderr).not.toMatch(/internal error|\.ts:/)
    if (exitCode === 2) expect(stderr).toMatch(/^sparc64-smp: [^\n]+\n$/)
  })
})
