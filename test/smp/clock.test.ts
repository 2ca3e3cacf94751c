import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Clock } from '../../src/smp/clock'
import { Arena } from '../../src/state/arena'
import { cpuBlock, createLayout } from '../../src/state/layout'
import { bareMachine } from '../engine/bare-machine'

const CPUS = 3
const INT_DIS = 1n << 63n
const TICK_INT = 1
const STICK_INT = 1 << 16

/** A clock, and what it is a clock of: two counters for each CPU, counted one by one. */
function bench() {
  const arena = new Arena(createLayout({ cpus: CPUS, ramBytes: 8192, itlbEntries: 1, dtlbEntries: 1 }))
  const { layout, words64 } = arena
  // What is behind the last CPU is no timer, whatever it holds
  for (let at = cpuBlock(layout, CPUS) >> 3; at < words64.length; at++) words64[at] = BigInt(at)
  const clock = new Clock(arena)
  const counters = Array.from({ length: CPUS }, (_, cpu) => [
    { cpu, names: ['tickOffset', 'tickCompare'] as const, softint: TICK_INT, count: 0n, compare: INT_DIS },
    { cpu, names: ['stickOffset', 'stickCompare'] as const, softint: STICK_INT, count: 0n, compare: INT_DIS },
  ]).flat()
  const write = (timer: number, count: bigint, compare: bigint) => {
    const counter = counters[timer]!
    Object.assign(counter, { count, compare })
    const block = cpuBlock(layout, counter.cpu)
    words64[(block + layout.time[counter.names[0]]) >> 3] = count - clock.now
    words64[(block + layout.time[counter.names[1]]) >> 3] = compare
    clock.changed()
  }
  for (const timer of counters.keys()) write(timer, 0n, INT_DIS)
  const due = (ticks: bigint) => counters.filter(({ compare, count }) => compare === count + ticks)
  return {
    clock,
    write,
    /** Ticks until the first counter comes to its compare value. */
    next: (most: bigint) => {
      for (let ticks = 1n; ticks <= most; ticks++) if (due(ticks).length > 0) return ticks
      return undefined
    },
    pass: (ticks: bigint) => {
      const matches = due(ticks).map(({ cpu, softint }) => ({ cpu, softint }))
      for (const counter of counters) counter.count += ticks
      return matches
    },
  }
}

describe('the clock', () => {
  const MOST = 30n
  const timer = fc.nat(2 * CPUS - 1)
  const count = fc.oneof(fc.bigInt(3n, 60n), fc.bigInt(3n, 1n << 62n))
  const ahead = fc.bigInt(-3n, MOST)
  const operation = fc.oneof(
    { weight: 2, arbitrary: fc.record({ timer, count, ahead, disabled: fc.constant(false) }) },
    { weight: 1, arbitrary: fc.record({ timer, count, ahead, disabled: fc.constant(true) }) },
    { weight: 4, arbitrary: fc.record({ ticks: fc.bigInt(1n, MOST), twice: fc.boolean() }) },
  )

  it('gives the timers whose counter comes to its compare value, and how long that takes (UltraSPARC-I 9.4)', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const { clock, write, next, pass } = bench()
        let now = 0n
        for (const one of operations) {
          if ('timer' in one) {
            const compare = one.count + one.ahead
            write(one.timer, one.count, one.disabled ? compare | INT_DIS : compare)
            if (one.ahead % 2n === 0n) continue
          } else {
            const until = next(MOST)
            const ticks = until !== undefined && until < one.ticks ? until : one.ticks
            now += ticks
            const found = clock.advance(ticks).map(({ cpu, softint }) => ({ cpu, softint }))
            expect(found).toEqual(pass(ticks))
            expect(clock.now).toBe(now)
            if (!one.twice) continue
          }
          expect(clock.untilTimer()).toBe(next(MOST))
        }
      }),
      { numRuns: 400 },
    )
  })

  it('is where the layout puts it: another clock of the same arena goes on with it', () => {
    const layout = createLayout({ cpus: 1, ramBytes: 8192, itlbEntries: 1, dtlbEntries: 1 })
    const arena = new Arena({ ...layout, clock: 48 })
    new Clock(arena).advance(7n)
    const clock = new Clock(arena)
    clock.advance(5n)
    expect([clock.now, arena.words64[6]]).toEqual([12n, 12n])
  })
})

describe('a timer', () => {
  const SOURCE = `
    nop; nop; nop; nop; nop
    wr %g1, 0, %tick_cmpr
    wr %g1, 0, %stick_cmpr
    spin: ba spin
    nop`

  it('is not lost where another one is written just before it matches', () => {
    for (let ticks = 4n; ticks < 10n; ticks++) {
      const { machine, at } = bareMachine(SOURCE, { model: 'cheetah', cpus: 2 })
      const [writer, other] = machine.cpus
      machine.start(1, at('spin'))
      writer!.setR(1, 1000n)
      other!.w64[(other!.base + machine.layout.time.tickCompare) >> 3] = ticks
      machine.clock.changed()
      machine.step(0, Number(ticks) - 1)
      expect([ticks, other!.get('softint')]).toEqual([ticks, 0n])
      machine.step(0)
      expect([ticks, other!.get('softint')]).toEqual([ticks, 1n])
    }
  })
})
