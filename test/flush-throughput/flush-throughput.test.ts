import { describe, expect, test } from 'vitest'
import { FLUSH_KINDS, FlushWorkload, MM_USES, measureFlushes } from '../../src/flush-throughput'
import { FLUSH_POLICIES, type FlushPolicy, Kernel } from '../../src/kernel-shim'

const RAM_BYTES = 8 << 20
const CPUS = 4

function workload(policy: FlushPolicy, use: (typeof MM_USES)[number], cpus = CPUS): FlushWorkload {
  return new FlushWorkload(new Kernel({ cpus, policy, ramBytes: RAM_BYTES }), use, 3)
}

/** CPUs whose TLB translates the workload's page. */
function holders({ kernel: { machine }, va }: FlushWorkload, page: number): number[] {
  return machine.cpus
    .map(({ index }) => index)
    .filter((cpu) => machine.translate(cpu, va + BigInt(page) * 8192n) !== undefined)
}

const ALL = [0, 1, 2, 3]

describe.each(FLUSH_KINDS)('flush of kind %s', (kind) => {
  const flushed = kind === 'page' ? [0] : [0, 1, 2]

  test.each(FLUSH_POLICIES)('%s takes the pages out of the TLBs of a shared mm', (policy) => {
    const work = workload(policy, 'shared')
    work.populate()
    for (const page of [0, 1, 2]) expect(holders(work, page)).toEqual(ALL)
    work.flush(kind)
    for (const page of [0, 1, 2]) expect(holders(work, page)).toEqual(flushed.includes(page) ? [] : ALL)
  })

  test.each(['cross-call', 'ipi-trim'] as const)('%s takes them out everywhere for a single-threaded mm', (policy) => {
    const work = workload(policy, 'single-threaded')
    work.populate()
    work.flush(kind)
    for (const page of flushed) expect(holders(work, page)).toEqual([])
  })

  test('local-trim leaves them to CPUs that have to flush when they come back', () => {
    const work = workload('local-trim', 'single-threaded')
    work.populate()
    expect(work.flush(kind).crossCalls).toBe(0)
    for (const page of flushed) expect(holders(work, page)).toEqual([1, 2, 3])
  })

  test('cross calls: one a CPU, and none once the members have left', () => {
    const calls = (policy: FlushPolicy, use: (typeof MM_USES)[number]) => {
      const work = workload(policy, use)
      work.populate()
      const [first, second] = [work.flush(kind), work.flush(kind)]
      work.populate()
      return [first, second, work.flush(kind)].map((cost) => cost.crossCalls)
    }
    expect(calls('cross-call', 'single-threaded')).toEqual([3, 3, 3])
    expect(calls('ipi-trim', 'single-threaded')).toEqual([3, 0, 3])
    expect(calls('local-trim', 'single-threaded')).toEqual([0, 0, 0])
    for (const policy of FLUSH_POLICIES) expect(calls(policy, 'shared')).toEqual([3, 3, 3])
  })
})

test('instructions and calls are the same in each run, whatever is measured before', () => {
  let time = 0
  const options = { cpus: [1, 3], milliseconds: 0, now: () => time++ }
  const all = measureFlushes(options)
  expect(measureFlushes(options)).toEqual(all)
  expect(all).toHaveLength(FLUSH_POLICIES.length * 2 * FLUSH_KINDS.length * MM_USES.length)
  const alone = measureFlushes({ ...options, cpus: [3], policies: ['ipi-trim'], kinds: ['pending'], mms: ['shared'] })
  const same = all.filter((m) => m.cpus === 3 && m.policy === 'ipi-trim' && m.kind === 'pending' && m.mm === 'shared')
  expect(alone.map(({ first, steady, repopulated }) => ({ first, steady, repopulated }))).toEqual(
    same.map(({ first, steady, repopulated }) => ({ first, steady, repopulated })),
  )
})

test('a mean over flushes counts the ones that call', () => {
  const [line] = measureFlushes({
    cpus: [4],
    policies: ['ipi-trim'],
    kinds: ['mm'],
    mms: ['single-threaded'],
    repopulateEvery: 6,
    milliseconds: 0,
    now: () => 0,
  })
  expect(line!.repopulated.crossCalls).toBe(3 / 6)
  expect(line!.repopulated.flusher).toBeCloseTo((line!.first.flusher + 5 * line!.steady.flusher) / 6, 10)
})

test('more CPUs than the machine can have are refused', () => {
  expect(() => measureFlushes({ cpus: [33], now: () => 0 })).toThrow(/33/)
})
