import { expect, test } from 'vitest'
import { runCli, spawnCli } from './run-cli'

const MINUTE = 60_000

test('demo: the race, programs on four CPUs and the flush table, in under a minute', { timeout: 3 * MINUTE }, () => {
  const { exitCode, stdout } = spawnCli(['demo'])
  expect(exitCode).toBe(0)
  expect(stdout.match(/^== /gm)).toHaveLength(3)
  expect(stdout).toMatch(/^two-flushes under local-trim: violation with 2 preemptions/m)
  expect(stdout).toMatch(/^two-flushes under cross-call: no violation in any schedule of up to 3 preemptions/m)
  expect(stdout).toMatch(/^two-flushes under ipi-trim: no violation in any schedule of up to 3 preemptions/m)
  expect(stdout).toContain('never sent a cross call to CPU 1')
  expect(stdout).toContain("mutex 2000, atomic 5000, spin 2000, once 1, destructors 10, main's own 7")
  expect(stdout).toContain('the oracle saw no stale use')
  expect(stdout.match(/^(local-trim|cross-call|ipi-trim) +32 /gm)).toHaveLength(6)
  expect(stdout).not.toContain('\u001b')
})

test('without the programs of the repository it says so and goes on', { timeout: 3 * MINUTE }, async () => {
  const { exitCode, stdout } = await runCli(['demo'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('not in the npm package')
  expect(stdout.match(/^== /gm)).toHaveLength(3)
})
