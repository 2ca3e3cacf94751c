import { fc, test as property } from '@fast-check/vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseToken } from '../../src/explore/token'
import { jsonOf, runCli, spawnCli } from './run-cli'

interface RaceJson {
  verdict: string
  token: string
  violation: { cpu: number; va: string; context: number; staleSince: object; missing: { to: number; sent: boolean } }
  timeline: { cpu: number; step: number; text: string; mark?: string }[]
}

let race: { exitCode: number | null; stdout: string; stderr: string }
let json: RaceJson

beforeAll(async () => {
  race = await runCli(['race', '--policy', 'local-trim', '--json'])
  json = JSON.parse(race.stdout)
})

describe('race under local-trim', () => {
  test('exit code 1 and one JSON object with every field', () => {
    expect(race.exitCode).toBe(1)
    expect(race.stdout.trim().split('\n')).toHaveLength(1)
    expect(json).toMatchObject({
      policy: 'local-trim',
      scenario: 'two-flushes',
      verdict: 'violation',
      schedules: expect.any(Number),
      states: expect.any(Number),
      preemptions: 2,
      complete: expect.any(Boolean),
      seconds: expect.any(Number),
      token: expect.stringMatching(/^smp[\w-]+$/),
      violation: {
        cpu: 1,
        va: '0x12000',
        context: 1,
        staleSince: { cpu: 0 },
        missing: { from: 0, to: 1, sent: false },
      },
    })
  })

  test('the timeline marks the write, the lost bit and the use, in this order', () => {
    const marks = json.timeline.map((row) => row.mark).filter((mark) => mark !== undefined)
    expect(marks.indexOf('lost-bit')).toBeGreaterThanOrEqual(0)
    expect(marks.indexOf('stale-write')).toBeGreaterThanOrEqual(0)
    expect(marks.at(-1)).toBe('violation')
  })

  test('the text says what happened on which CPU, and how to see it again', async () => {
    const { stdout, exitCode } = await runCli(['race', '--policy', 'local-trim'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('two-flushes under local-trim: violation with 2 preemptions')
    expect(stdout).toMatch(/step {2}CPU 0 +CPU 1/)
    expect(stdout).toContain('never sent a cross call to CPU 1')
    expect(stdout).toContain('sparc64-smp replay smp')
  })

  test('again: the same but for the time', async () => {
    const again = jsonOf(await runCli(['race', '--policy', 'local-trim', '--json']))
    expect({ ...again, seconds: 0 }).toEqual({ ...json, seconds: 0 })
  })
})

test('replay shows the same violation and the same hash each time', () => {
  const first = spawnCli(['replay', json.token, '--json'])
  expect(first).toMatchObject({ exitCode: 1, stderr: '' })
  expect(jsonOf(first)).toMatchObject({ verdict: 'violation', violation: json.violation, timeline: json.timeline })
  expect(jsonOf(first).replayHash).toMatch(/^[\da-f]{16}$/)
  expect(spawnCli(['replay', json.token, '--json']).stdout).toBe(first.stdout)
})

describe('a token that is not good', () => {
  test.each(['', 'x', 'smp', 'smp!!!!', 'smpAAAAAAAAAAAAAAAAAAAAAAAA'])('%j', async (token) => {
    const { exitCode, stdout, stderr } = await runCli(['replay', token])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^sparc64-smp: damaged replay token: [^\n]+\n$/)
  })

  property.prop([fc.nat(), fc.string({ minLength: 1, maxLength: 2 })], { numRuns: 40 })(
    'one place of it changed',
    async (place, text) => {
      const at = place % json.token.length
      const token = json.token.slice(0, at) + text + json.token.slice(at + text.length)
      if (token === json.token) return
      const { exitCode, stdout, stderr } = await runCli(['replay', '--', token])
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr).toMatch(/^sparc64-smp: [^\n]*replay token[^\n]*\n$/)
    },
  )
})

test('cross-call at bound 1 is exhausted: exit code 0 and no token', async () => {
  const result = await runCli(['race', '--preemptions', '1', '--json'])
  expect(result.exitCode).toBe(0)
  const json = jsonOf(result)
  expect(json).toMatchObject({ policy: 'cross-call', verdict: 'exhausted', complete: true, preemptions: 1 })
  expect(json).not.toHaveProperty('token')
  expect(json).not.toHaveProperty('violation')
})

test.each([
  ['--scenario', 'none'],
  ['--policy', 'none'],
  ['--refill', 'none'],
  ['--mutant', 'none'],
  ['--preemptions', '-1'],
  ['--preemptions', 'x'],
  ['--mondo-delay', '1.5'],
])('race %s %s is refused', async (...args) => {
  const { exitCode, stdout, stderr } = await runCli(['race', ...args])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toMatch(/^sparc64-smp: [^\n]+\n$/)
})

test('--model: another machine, named in the token that replays on it', async () => {
  const args = ['race', '--policy', 'local-trim', '--model', 'cheetah-plus', '--json']
  const found = jsonOf(await runCli(args)) as unknown as RaceJson
  expect(found).toMatchObject({ verdict: 'violation', violation: { cpu: 1, va: '0x12000' } })
  expect(parseToken(found.token).configuration).toMatchObject({ model: 'cheetah-plus' })
  const replayed = await runCli(['replay', found.token])
  expect(replayed.exitCode).toBe(1)
})
