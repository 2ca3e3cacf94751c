import { expect, test } from 'vitest'
import { jsonOf, runCli } from './run-cli'

const ARGS = ['bench', 'flush', '--cpus', '1,2', '--policy', 'cross-call,ipi-trim', '--time', '0']

/** Without what is measured on the host. */
function deterministic(json: Record<string, unknown>): unknown {
  const flushes = json.flushes as Record<string, unknown>[]
  return flushes.map(({ flushesPerSecond: _, ...rest }) => rest)
}

test('--json: one object, the same guest counts each time', async () => {
  const result = await runCli([...ARGS, '--json'])
  expect(result.exitCode).toBe(0)
  const json = jsonOf(result)
  expect(json).toMatchObject({
    bench: 'flush',
    cpus: [1, 2],
    policies: ['cross-call', 'ipi-trim'],
    every: 16,
    pages: 8,
  })
  expect(json.flushes).toHaveLength(2 * 2 * 3 * 2)
  for (const flush of json.flushes as { flushesPerSecond: number }[]) expect(flush.flushesPerSecond).toBeGreaterThan(0)
  expect(deterministic(jsonOf(await runCli([...ARGS, '--json'])))).toEqual(deterministic(json))
})

test('the tables line up: a block for each kind and use', async () => {
  const { stdout } = await runCli(ARGS)
  const blocks = stdout.split('\n\n').slice(0, 6)
  expect(blocks.map((block) => block.split('\n')[0]!.split(/[:,]/)[0])).toEqual([
    'smp_flush_tlb_mm',
    'smp_flush_tlb_mm',
    'smp_flush_tlb_page',
    'smp_flush_tlb_page',
    'smp_flush_tlb_pending',
    'smp_flush_tlb_pending',
  ])
  for (const block of blocks) {
    const [, , titles, ...rows] = block.split('\n')
    expect(rows).toHaveLength(4)
    for (const row of rows) expect(row.length).toBe(titles!.length)
  }
  expect(stdout).toContain('cross-call makes 1 cross calls')
})

test('--model: 64 CPUs of UltraSPARC III', async () => {
  const args = [
    'bench',
    'flush',
    '--model',
    'cheetah',
    '--cpus',
    '64',
    '--policy',
    'cross-call',
    '--time',
    '0',
    '--json',
  ]
  const json = jsonOf(await runCli(args))
  expect(json).toMatchObject({ model: 'cheetah', cpus: [64] })
  for (const { steady } of json.flushes as { steady: { crossCalls: number } }[]) expect(steady.crossCalls).toBe(63)
})
