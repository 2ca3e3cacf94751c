import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WatchedRanges, type Watchpoint } from '../../src/engine/watched-ranges'

const PAGE = 8192n

const near = fc.oneof(
  fc.bigInt(0n, 40n),
  fc.bigInt(PAGE - 20n, PAGE + 20n),
  fc.bigInt(2n * PAGE - 20n, 2n * PAGE + 20n),
)
const watchpoint: fc.Arbitrary<Watchpoint> = fc.record({
  space: fc.constantFrom('virtual' as const, 'physical' as const),
  address: near,
  length: fc.bigInt(1n, 16n),
  access: fc.constantFrom('load' as const, 'store' as const, 'any' as const),
})

/** The bytes of a range, one by one. */
const bytes = (start: bigint, length: bigint) => Array.from({ length: Number(length) }, (_, n) => start + BigInt(n))
const share = (some: readonly bigint[], others: readonly bigint[]) => some.some((byte) => others.includes(byte))

describe('watched ranges', () => {
  it('find the first watchpoint that has a byte of an access, in its space and for its kind of access', () => {
    const access = fc.record({
      va: fc.option(near, { nil: undefined }),
      pa: near.map(Number),
      size: fc.constantFrom(1, 2, 4, 8, 16, 64),
      kind: fc.constantFrom('load' as const, 'store' as const, 'atomic' as const),
    })
    fc.assert(
      fc.property(
        fc.array(watchpoint, { maxLength: 4 }),
        fc.array(access, { maxLength: 8 }),
        (watchpoints, accesses) => {
          const ranges = new WatchedRanges()
          for (const one of watchpoints) ranges.add(one)
          let last: unknown
          for (const { va, pa, size, kind } of accesses) {
            const found = watchpoints.find(({ space, address, length, access }) => {
              const start = space === 'virtual' ? va : BigInt(pa)
              const meant = access === 'any' || kind === 'atomic' || access === kind
              return meant && start !== undefined && share(bytes(address, length), bytes(start, BigInt(size)))
            })
            expect(ranges.hit(va, pa, size, kind)).toBe(found !== undefined)
            // An atomic is told as the load only to whoever watches loads
            const told = kind === 'atomic' ? (found?.access === 'load' ? 'load' : 'store') : kind
            if (found) last = { watchpoint: found, access: told, va, pa: BigInt(pa), size }
            expect(ranges.last).toEqual(last)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('touch the 8 KB pages that have a byte of theirs, of either address', () => {
    fc.assert(
      fc.property(fc.array(watchpoint, { maxLength: 3 }), near, near, (watchpoints, va, pa) => {
        const ranges = new WatchedRanges()
        for (const one of watchpoints) ranges.add(one)
        const touched = watchpoints.some(({ space, address, length }) => {
          const page = (space === 'virtual' ? va : pa) / PAGE
          return bytes(address, length).some((byte) => byte / PAGE === page)
        })
        expect(ranges.touchesPage(va, Number(pa))).toBe(touched)
      }),
      { numRuns: 200 },
    )
  })

  it('are those that were added and not removed, each by itself', () => {
    const ranges = new WatchedRanges()
    const make = (address: bigint): Watchpoint => ({ space: 'virtual', address, length: 8n, access: 'any' })
    const [one, same, other] = [make(0n), make(0n), make(64n)]
    expect([ranges.active, ranges.all]).toEqual([false, []])
    for (const watchpoint of [one, same, other]) ranges.add(watchpoint)
    expect([ranges.active, ranges.remove(make(0n)), ranges.remove(same)]).toEqual([true, false, true])
    expect(ranges.all).toHaveLength(2)
    expect([ranges.all[0] === one, ranges.all[1] === other]).toEqual([true, true])
    expect([ranges.remove(same), ranges.remove(one), ranges.active]).toEqual([false, true, true])
    expect([ranges.remove(other), ranges.active, ranges.all]).toEqual([true, false, []])
  })
})
