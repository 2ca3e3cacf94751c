import type { Arena } from '../state/arena'
import { cpuBlock } from '../state/layout'

const INTERRUPT_DISABLE = 1n << 63n
/** The timers of a CPU: TICK_COMPARE, and STICK_COMPARE, which is off on CPUs that have none. Either is an interrupt of level 14. */
const TIMERS = [
  { compare: 'tickCompare', offset: 'tickOffset', softint: 1 },
  { compare: 'stickCompare', offset: 'stickOffset', softint: 1 << 16 },
] as const

/** Bits of SOFTINT, TICK_INT or STICK_INT, that a CPU's timers set. */
export interface TimerMatch {
  readonly cpu: number
  readonly softint: number
}

const NONE: readonly TimerMatch[] = []

/** Machine time: instructions executed by all CPUs together, plus the time in which every CPU waited. */
export class Clock {
  private readonly words: BigInt64Array
  private readonly at: number
  /** Earliest compare match, as machine time; undefined when no timer is armed; stale while `dirty`. */
  private next: bigint | undefined
  private dirty = true

  constructor(private readonly arena: Arena) {
    this.words = arena.words64
    this.at = arena.layout.clock >> 3
  }

  get now(): bigint {
    return this.words[this.at]!
  }

  /** Lets time pass, at most up to the next timer; gives the timers that match then. */
  advance(ticks: bigint): readonly TimerMatch[] {
    this.words[this.at] = this.now + ticks
    if (!this.dirty && this.now !== this.next) return NONE
    this.dirty = true
    return [...this.armed()].filter(({ match }) => match === this.now)
  }

  /** A TICK, TICK_COMPARE or the arena itself was written. */
  changed(): void {
    this.dirty = true
  }

  /** Ticks until the next timer, or undefined. */
  untilTimer(): bigint | undefined {
    if (this.dirty) {
      this.next = undefined
      for (const { match } of this.armed())
        if (match > this.now && (this.next === undefined || match < this.next)) this.next = match
      this.dirty = false
    }
    return this.next === undefined ? undefined : this.next - this.now
  }

  /** Timers with the machine time at which the counter reaches their compare register. */
  private *armed(): Generator<TimerMatch & { match: bigint }> {
    const { time, cpus } = this.arena.layout
    for (let cpu = 0; cpu < cpus; cpu++) {
      const block = cpuBlock(this.arena.layout, cpu)
      for (const { compare, offset, softint } of TIMERS) {
        const value = BigInt.asUintN(64, this.words[(block + time[compare]) >> 3]!)
        if (value & INTERRUPT_DISABLE) continue
        yield { cpu, softint, match: value - this.words[(block + time[offset]) >> 3]! }
      }
    }
  }
}
