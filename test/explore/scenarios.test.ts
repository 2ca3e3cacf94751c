import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BoundedSearch,
  enumerate,
  explore,
  formatTimeline,
  KernelExplorable,
  replay,
  scenario,
  type TlbViolation,
  TokenError,
} from '../../src/explore'
import { formatToken, parseToken } from '../../src/explore/token'
import {
  FLUSH_POLICIES,
  flush_tlb_page,
  loadUser,
  ptep_get_and_clear,
  store,
  TRIM_MUTANTS,
  until,
} from '../../src/kernel-shim'

const SCENARIOS = ['two-flushes', 'mm-reuse', 'switch-in', 'spill'] as const
const VIOLATED = ['local-trim two-flushes', 'local-trim mm-reuse']

describe('at preemption bound 3', () => {
  for (const policy of FLUSH_POLICIES)
    for (const name of SCENARIOS) {
      const violated = VIOLATED.includes(`${policy} ${name}`)
      it(`${policy} is ${violated ? 'violated' : 'exhausted without violation'} in ${name}`, () => {
        const result = explore(name, { policy, preemptions: 3 })
        if (violated) {
          expect(result).toMatchObject({ verdict: 'violation', complete: false })
          expect(result.preemptions).toBe(name === 'two-flushes' ? 2 : 3)
        } else expect(result).toMatchObject({ verdict: 'exhausted', complete: true, preemptions: 3 })
      }, 60_000)
    }
})

describe('with UltraSPARC III, at preemption bound 3', () => {
  const MODELS = ['cheetah', 'cheetah-plus', 'jalapeno'] as const
  const table = SCENARIOS.flatMap((name, s) =>
    FLUSH_POLICIES.map((policy, p) => [MODELS[(s + p) % MODELS.length]!, policy, name] as const),
  )
  it.each(table)(
    '%s, %s, %s has the verdict of UltraSPARC II',
    (model, policy, name) => {
      const result = explore(name, { model, policy, preemptions: 3 })
      const violated = VIOLATED.includes(`${policy} ${name}`)
      expect(result).toMatchObject({ verdict: violated ? 'violation' : 'exhausted', complete: !violated })
      if (violated) expect(replay(result.token!).violation).toEqual(result.violation)
    },
    120_000,
  )
})

describe('wrong ways', () => {
  const caughtIn = { 'raw-mondo': 'switch-in', 'sender-clears': 'two-flushes', 'late-tsk-mm': 'two-flushes' } as const
  for (const mutant of TRIM_MUTANTS)
    it(`ipi-trim with ${mutant} is caught in ${caughtIn[mutant]}`, () => {
      const result = explore(caughtIn[mutant], { policy: 'ipi-trim', mutant })
      expect(result.violation?.kind).toBe('stale-translation')
    }, 60_000)

  it("Linux's order of refilling the TSB is caught under cross-call, with a call that was served too early", () => {
    const result = explore('two-flushes', { policy: 'cross-call', refill: 'linux' })
    expect(result).toMatchObject({ verdict: 'violation', preemptions: 2 })
    expect(result.violation).toMatchObject({ kind: 'stale-translation', missing: { sent: true } })
  })
})

describe('strict mode', () => {
  it('differs from the contract where PSTATE.IE = 0 keeps the mondo out: in a window spill', () => {
    const strict = explore('spill', { policy: 'cross-call', strict: true })
    expect(strict).toMatchObject({ verdict: 'violation', violation: { missing: { sent: true, to: 1 } } })
  })

  it('differs where a mondo is taken with a delay', () => {
    expect(explore('mm-reuse', { mondoDelay: 20 }).verdict).toBe('exhausted')
    expect(explore('mm-reuse', { mondoDelay: 20, strict: true }).verdict).toBe('violation')
  })
})

describe('the violation of two-flushes', () => {
  const result = explore('two-flushes', { policy: 'local-trim' })
  const violation = result.violation as TlbViolation

  it('names who used what, what made it stale, and the call that was never sent', () => {
    expect(violation).toMatchObject({
      kind: 'stale-translation',
      cpu: 1,
      context: 1,
      staleSince: { cpu: 0, after: '0x0' },
    })
    expect(BigInt(violation.va) & ~0x1fffn).toBe(0x12000n)
    expect(violation.missing).toMatchObject({ from: 0, to: 1, sent: false, mask: '0x1', bitLost: { cpu: 0 } })
  })

  it('has a timeline with the write, the lost bit, the mask that was read, the missing call and the use', () => {
    const marks = result.timeline!.filter((row) => row.mark).map((row) => `${row.cpu} ${row.mark}`)
    expect(marks).toEqual(['0 lost-bit', '0 stale-write', '0 mask-read', '0 missing-call', '1 violation'])
    expect(formatTimeline(result.timeline!)).toContain('never sent a cross call to CPU')
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  it('is replayed from its token: the same violation, timeline and replay hash every time', () => {
    const first = replay(result.token!)
    expect(first).toMatchObject({ verdict: 'violation', policy: 'local-trim', scenario: 'two-flushes' })
    expect(first.violation).toEqual(violation)
    expect(first.timeline).toEqual(result.timeline)
    expect(replay(result.token!)).toEqual(first)
    expect(BigInt(`0x${first.replayHash}`)).toBe(parseToken(result.token!).replayHash)
  })

  it('has a token in which any other schedule is refused', () => {
    const segment = fc.record({ cpu: fc.nat(2), steps: fc.integer({ min: 1, max: 60 }) })
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (schedule) => {
        expect(() => replay(formatToken({ ...parseToken(result.token!), schedule }))).toThrowError(TokenError)
      }),
      { numRuns: 40 },
    )
  })

  it('is found the same way every time', () => {
    expect(explore('two-flushes', { policy: 'local-trim' })).toEqual(result)
  })

  it('is found by PCT and by a random walk too, given luck', () => {
    expect(explore('two-flushes', { policy: 'local-trim', strategy: 'pct', depth: 3, schedules: 2000 }).verdict).toBe(
      'violation',
    )
    expect(explore('two-flushes', { policy: 'local-trim', strategy: 'random', schedules: 3 })).toMatchObject({
      complete: false,
    })
  })

  it('is not searched for with an impossible option', () => {
    for (const option of [{ preemptions: -1 }, { preemptions: 1.5 }, { maxSteps: 0 }, { seed: Number.NaN }])
      expect(() => explore('two-flushes', option)).toThrowError(/expected an integer/)
    expect(() => explore('two-flushes', { policy: 'none' as never })).toThrowError(/local-trim/)
    expect(() => explore('two-flushes', { strategy: 'none' as never })).toThrowError(/bounded/)
  })

  it('is not claimed to be absent when the search was cut short', () => {
    expect(explore('two-flushes', { policy: 'cross-call', maxSteps: 50 })).toMatchObject({
      verdict: 'bounded',
      complete: false,
    })
  })

  it('has a token that is refused when its semantics, scenario, configuration or schedule are not those of this version', () => {
    const parsed = parseToken(result.token!)
    const fault = (change: Partial<typeof parsed>) => {
      try {
        replay(formatToken({ ...parsed, ...change }))
      } catch (error) {
        return error instanceof TokenError ? error.fault : error
      }
    }
    expect(fault({ semantics: '0' })).toBe('other-semantics')
    expect(fault({ replayHash: 1n })).toBe('other-semantics')
    expect(fault({ scenario: 'no-such' })).toBe('unknown-scenario')
    expect(fault({ configuration: { policy: 'none' } })).toBe('unknown-scenario')
    expect(fault({ configuration: { wish: 1 } })).toBe('unknown-scenario')
    expect(fault({ configuration: { policy: 'cross-call', mondoDelay: 3 } })).toBe('other-semantics')
    expect(fault({ schedule: [{ cpu: 7, steps: 1 }] })).toBe('schedule-does-not-fit')
    expect(fault({ schedule: [{ cpu: 0, steps: 1e6 }] })).toBe('schedule-does-not-fit')
  })
})

const X = 0x10000n

const Y = 0x12000n

/** CPU 1 has two pages in its TLB and reads one. Small enough for a plain enumeration of all schedules. */
const lastSteps = (name: string, read: bigint) =>
  scenario({
    name,
    summary: 'CPU 0 unmaps a page that CPU 1 has in its TLB',
    setup(s) {
      const mm = s.mm()
      for (const va of [X, Y]) s.map(mm, va)
      for (const cpu of [0, 1]) s.uses(cpu, mm)
      s.perform(1, function* () {
        yield* loadUser(read)
      })
      return { mm }
    },
    cpu: [
      function* ({ mm }) {
        yield* ptep_get_and_clear(mm, X)
        yield* flush_tlb_page(mm, X)
      },
      function* () {
        yield* loadUser(read)
        yield* loadUser(read)
      },
    ],
  })

describe('on small scenarios the search agrees with the plain enumeration, in verdict and in the violating states', () => {
  for (const [made, verdict] of [
    [lastSteps('test/the-page', X), 'violation'],
    [lastSteps('test/the-other-page', Y), 'exhausted'],
  ] as const)
    it(`${made.name}: ${verdict}`, () => {
      const explorable = () => new KernelExplorable(made, { policy: 'local-trim' })
      const every = enumerate(explorable(), { all: true })
      const searched = new BoundedSearch(explorable(), Number.POSITIVE_INFINITY, { all: true }).run()
      expect([every.complete, every.verdict]).toEqual([true, verdict])
      expect([searched.complete, searched.verdict]).toEqual([true, verdict])
      expect(new Set(searched.found.map((f) => f.key))).toEqual(new Set(every.found.map((f) => f.key)))
      expect(searched.schedules).toBeLessThan(every.schedules)
    }, 120_000)
})

describe("a user's scenario", () => {
  const lost = scenario({
    name: 'test/deadlock',
    summary: 'Each CPU waits for the other one',
    setup: (s) => ({ word: s.kernel.allocator.heap(64) }),
    cpu: [
      function* ({ word }) {
        yield* until(word, 'set by CPU 1', (value) => value !== 0n)
      },
      function* ({ word }) {
        yield* until(word + 8n, 'set by CPU 0', (value) => value !== 0n)
        yield* store(word, 1n)
      },
    ],
  })

  it('that cannot go on is a finding of its own, and is replayed', () => {
    const result = explore(lost)
    expect(result).toMatchObject({ verdict: 'violation', violation: { kind: 'deadlock', waiting: [0, 1] } })
    expect(replay(result.token!).violation).toEqual({ kind: 'deadlock', waiting: [0, 1] })
  })

  it('needs a name of its own, and one that is known', () => {
    expect(() => scenario({ name: 'spill', summary: '', setup: () => ({}), cpu: [] })).toThrowError(
      /already named spill/,
    )
    expect(() => explore('no-such')).toThrowError(/expected one of .*two-flushes/)
  })
})
