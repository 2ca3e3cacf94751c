import { describe, expect, test } from 'vitest'
import { runCli } from './run-cli'

const BARE = { exitCode: 0, stderr: '' }

describe('litmus', () => {
  test('without names: a table of all tests', async () => {
    const { stdout, ...rest } = await runCli(['litmus'])
    expect(rest).toMatchObject(BARE)
    expect(stdout).toMatch(/^test +CPUs +outcomes +states +weak outcome +which is\n/)
    expect(stdout).toMatch(/^SB +2 +4 +\d+ +reachable +0:%o0=0 & 1:%o0=0$/m)
    expect(stdout).toMatch(/^SB\+membars +2 +3 +\d+ +not reachable /m)
    expect(stdout).toMatch(/^IRIW +4 +15 +\d+ +not reachable /m)
  })

  test('with names: the threads side by side, every outcome, and the verdict', async () => {
    const { stdout, ...rest } = await runCli(['litmus', 'SB', 'n6'])
    expect(rest).toMatchObject(BARE)
    expect(stdout).toMatch(/ {2}stw %l1, \[x\] +stw %l1, \[y\]\n {2}lduw \[y\], %o0 +lduw \[x\], %o0\n/)
    expect(stdout.match(/ {2}0:%o0=\d {2}1:%o0=\d/g)).toHaveLength(4)
    expect(stdout).toMatch(/0:%o0=0 & 1:%o0=0 is reachable under tso/)
    expect(stdout).toContain('n6: ')
  })

  test('--memory-model sc: what TSO adds is gone', async () => {
    const { stdout } = await runCli(['litmus', '--memory-model', 'sc', '--json'])
    const { memoryModel, tests } = JSON.parse(stdout)
    expect(memoryModel).toBe('sc')
    expect(tests.length).toBeGreaterThan(30)
    for (const { weakReachable } of tests) expect(weakReachable).toBe(false)
  })

  test('--json: one object with every outcome', async () => {
    const { stdout } = await runCli(['litmus', 'R', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      memoryModel: 'tso',
      tests: [
        {
          name: 'R',
          memoryModel: 'tso',
          cpus: 2,
          outcomes: [
            { '1:%o0': '0', y: '1' },
            { '1:%o0': '0', y: '2' },
            { '1:%o0': '1', y: '1' },
            { '1:%o0': '1', y: '2' },
          ],
          weakReachable: true,
          states: expect.any(Number),
        },
      ],
    })
  })

  test.each([
    [['litmus', 'nonsense']],
    [['litmus', '--memory-model', 'pso']],
    [['litmus', '--store-buffer-entries', '0']],
  ])('%j: exit 2 and one line', async (args) => {
    const { exitCode, stdout, stderr } = await runCli(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^sparc64-smp: [^\n]+\n$/)
    expect(stderr).not.toContain('internal error')
  })
})

describe('race --memory-model tso', () => {
  test('finds the flush without a barrier, and replay shows it again', async () => {
    const race = await runCli(['race', '--memory-model', 'tso', '--mutant', 'missing-barrier', '--json'])
    expect(race.exitCode).toBe(1)
    const { token, verdict, memoryModel } = JSON.parse(race.stdout)
    expect({ verdict, memoryModel }).toEqual({ verdict: 'violation', memoryModel: 'tso' })
    const replay = await runCli(['replay', token])
    expect(replay.exitCode).toBe(1)
    expect(replay.stdout).toContain('memoryModel tso')
    expect(replay.stdout).toContain('USES 0x12000')
  }, 60_000)

  test('finds nothing wrong with the barrier', async () => {
    const { exitCode, stdout } = await runCli(['race', '--memory-model', 'tso', '--scenario', 'spill'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('spill under cross-call and TSO: no violation in any schedule of up to 3 preemptions')
  }, 60_000)
})
