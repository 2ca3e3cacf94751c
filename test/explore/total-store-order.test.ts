import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BoundedSearch,
  enumerate,
  explore,
  formatTimeline,
  minimise,
  parseToken,
  replay,
  type SearchResult,
  searchByPriority,
  searchRandomly,
  TokenError,
} from '../../src/explore'
import { isDrainSegment } from '../../src/explore/explorable'
import { replaySchedule } from '../../src/explore/timeline'
import { formatToken } from '../../src/explore/token'
import { BARRIER_MUTANTS, FLUSH_POLICIES } from '../../src/kernel-shim'
import { type BufferedOperation, BufferedToy } from './buffered-toy'

const SB: readonly (readonly BufferedOperation[])[] = [
  [
    { kind: 'store', variable: 'x', value: 1 },
    { kind: 'load', variable: 'y' },
  ],
  [
    { kind: 'store', variable: 'y', value: 1 },
    { kind: 'load', variable: 'x' },
  ],
]

/** Outcomes, each with the fewest preemptions that it was found with. */
function outcomes({ found }: SearchResult<{ kind: string }>): Record<string, number> {
  const least: Record<string, number> = {}
  for (const { violation, preemptions } of found)
    least[violation.kind] = Math.min(least[violation.kind] ?? Number.POSITIVE_INFINITY, preemptions)
  return least
}

describe('searches with store buffers', () => {
  const operation: fc.Arbitrary<BufferedOperation> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('store' as const),
        variable: fc.constantFrom('x', 'y'),
        value: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('load' as const), variable: fc.constantFrom('x', 'y') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('wait' as const, 'swap' as const),
        variable: fc.constantFrom('x', 'y'),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'barrier' } as const) },
  )
  const programs = (cpus: number, most: number) =>
    fc.array(fc.array(operation, { minLength: 1, maxLength: most }), { minLength: cpus, maxLength: cpus })

  it.each([
    [2, 4, 150],
    [3, 2, 100],
  ])(
    '%i CPUs: drains put off as long as they can be lose no outcome and no deadlock, and none needs a preemption more',
    (cpus, most, numRuns) => {
      fc.assert(
        fc.property(programs(cpus, most), (program) => {
          const every = enumerate(new BufferedToy(program), { all: true })
          expect(every.complete).toBe(true)
          const searched = new BoundedSearch(new BufferedToy(program), Number.POSITIVE_INFINITY, { all: true }).run()
          expect(searched.complete).toBe(true)
          expect(outcomes(searched)).toEqual(outcomes(every))
        }),
        { numRuns },
      )
    },
    120_000,
  )

  it('find the outcome of SB without a preemption, and execute far fewer schedules than there are', () => {
    const every = enumerate(new BufferedToy(SB), { all: true })
    const searched = new BoundedSearch(new BufferedToy(SB), 3, { all: true }).run()
    expect(outcomes(every)['[[0],[0]]']).toBe(0)
    expect(outcomes(searched)).toEqual(outcomes(every))
    expect(searched.schedules).toBeLessThan(every.schedules / 2)
  })

  it('at random and by priority draw drains too, and what they find is minimised and replayed', () => {
    for (const sample of [
      searchRandomly(new BufferedToy(SB), { seed: 1, schedules: 200, all: true }),
      searchByPriority(new BufferedToy(SB), { seed: 1, schedules: 400, depth: 3, all: true }),
    ]) {
      expect(new Set(sample.found.map(({ violation }) => violation.kind)).size).toBe(4)
      expect(sample.found.some(({ schedule }) => schedule.some(isDrainSegment))).toBe(true)
    }
    const toy = new BufferedToy(SB)
    const start = toy.save()
    const [found] = searchRandomly(toy, { seed: 3, schedules: 500, all: true }).found.filter(
      ({ violation, schedule }) => violation.kind === '[[0],[1]]' && schedule.length > 4,
    )
    const least = minimise(toy, start, found!.schedule, '[[0],[1]]')
    expect(least.schedule).toEqual([
      { cpu: 0, steps: 2 },
      { cpu: 0, stores: 1 },
      { cpu: 1, steps: 2 },
    ])
    expect(replaySchedule(toy, start, least.schedule).violation).toEqual({ kind: '[[0],[1]]' })
  })

  it('replay no drain of an empty buffer', () => {
    const toy = new BufferedToy(SB)
    expect(() => replaySchedule(toy, toy.save(), [{ cpu: 1, stores: 1 }])).toThrowError(/CPU 1 visible, which has none/)
  })
})

describe('race scenarios under total store order, at preemption bound 3', () => {
  const VIOLATED: Readonly<Record<string, number>> = { 'local-trim two-flushes': 2, 'local-trim mm-reuse': 3 }
  for (const policy of FLUSH_POLICIES)
    for (const name of ['two-flushes', 'mm-reuse', 'switch-in', 'spill']) {
      const preemptions = VIOLATED[`${policy} ${name}`]
      it(`${policy} is ${preemptions === undefined ? 'exhausted without violation' : 'violated'} in ${name}, as under sequential consistency`, () => {
        const result = explore(name, { policy, preemptions: 3, memoryModel: 'tso' })
        expect(result).toMatchObject(
          preemptions === undefined
            ? { verdict: 'exhausted', complete: true, preemptions: 3, memoryModel: 'tso' }
            : { verdict: 'violation', preemptions },
        )
      }, 120_000)
    }
})

describe.each(BARRIER_MUTANTS)('a flush with %s', (mutant) => {
  it.each(['cross-call', 'ipi-trim'] as const)(
    'is caught under total store order with %s',
    (policy) => {
      const result = explore('two-flushes', { policy, mutant, memoryModel: 'tso', preemptions: 3 })
      expect(result).toMatchObject({ verdict: 'violation', violation: { kind: 'stale-translation', cpu: 1 } })
      expect(result.preemptions).toBeLessThanOrEqual(2)
    },
    60_000,
  )

  it('does no harm under sequential consistency', () => {
    for (const name of ['two-flushes', 'mm-reuse'])
      expect(explore(name, { policy: 'cross-call', mutant, preemptions: 3 })).toMatchObject({
        verdict: 'exhausted',
        complete: true,
      })
  }, 60_000)
})

describe('the violation without the barrier', () => {
  const result = explore('two-flushes', { policy: 'cross-call', mutant: 'missing-barrier', memoryModel: 'tso' })

  it('is that of a page-table write which the walk of the other CPU did not see', () => {
    const text = formatTimeline(result.timeline!)
    const at = (pattern: RegExp) => result.timeline!.findIndex((row) => pattern.test(row.text))
    expect(at(/page table: 0x12000 .* -> none/)).toBeGreaterThan(0)
    expect(at(/fills its data TLB: 0x12000/)).toBeGreaterThan(at(/page table: 0x12000/))
    expect(text).toContain('USES 0x12000 through a stale data TLB entry')
  })

  it('is replayed from its token, which is of the same format as ever', () => {
    const again = replay(result.token!)
    expect(again).toMatchObject({
      verdict: 'violation',
      configuration: { memoryModel: 'tso', mutant: 'missing-barrier' },
    })
    expect(again.timeline).toEqual(result.timeline)
    expect(replay(result.token!)).toEqual(again)
  })

  it('is found by a random walk, whose schedule has drains, which the timeline shows', () => {
    const walk = explore('two-flushes', {
      policy: 'cross-call',
      mutant: 'missing-barrier',
      memoryModel: 'tso',
      strategy: 'pct',
      depth: 3,
      schedules: 3000,
      keepSchedule: true,
    })
    expect(walk.verdict).toBe('violation')
    const { schedule } = parseToken(walk.token!)
    expect(schedule.some(isDrainSegment)).toBe(true)
    expect(formatTimeline(walk.timeline!)).toMatch(/the store of 0x[\da-f]+ to\s+0x[\da-f]+\s+becomes visible/)
    expect(replay(walk.token!).verdict).toBe('violation')
  }, 120_000)

  it('has a token that fits no other memory model', () => {
    const parsed = parseToken(result.token!)
    const { memoryModel: _, ...configuration } = parsed.configuration
    expect(() => replay(formatToken({ ...parsed, configuration }))).toThrowError(TokenError)
    expect(() =>
      replay(formatToken({ ...parsed, configuration: { ...configuration, memoryModel: 'pso' } })),
    ).toThrowError(/expected one of sc, tso/)
    expect(() => replay(formatToken({ ...parsed, schedule: [{ cpu: 0, stores: 1 }] }))).toThrowError(/has none then/)
  })
})
