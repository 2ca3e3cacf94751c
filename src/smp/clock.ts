import type { Arena } from '../state/arena'
import { cpuBlock } from '../state/layout'

const INTERRUPT_DISABLE = 1n << 63n
const COUNTER_BITS = 63
/** SOFTINT.TICK_INT: an interrupt of level 14. */
export const SOFTINT_TICK = 1

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

  advance(ticks: bigint): void {
    this.words[this.at] = this.now + ticks
  }

  /** A TICK, TICK_COMPARE or the arena itself was written. */
  changed(): void {
    this.dirty = true
  }

  /** Ticks until the next timer, or undefined. */
  untilTimer(): bigint | undefined {
    if (this.dirty) {
      this.next = undefined
      for (let cpu = 0; cpu < this.arena.layout.cpus; cpu++) {
        const due = this.due(cpu)
        if (due !== undefined && (this.next === undefined || due < this.next)) this.next = due
      }
      this.dirty = false
    }
    return this.next === undefined ? undefined : this.next - this.now
  }

  /** CPUs whose compare register matches now; the timers behind are looked up again. */
  matching(): number[] {
    this.dirty = true
    const matches: number[] = []
    for (let cpu = 0; cpu < this.arena.layout.cpus; cpu++) if (this.match(cpu) === this.now) matches.push(cpu)
    return matches
  }

  private due(cpu: number): bigint | undefined {
    const match = this.match(cpu)
    return match !== undefined && match > this.now ? match : undefined
  }

  /** Machine time at which %tick reaches TICK_COMPARE. */
  private match(cpu: number): bigint | undefined {
    const { time } = this.arena.layout
    const block = cpuBlock(this.arena.layout, cpu)
    const compare = BigInt.asUintN(64, this.words[(block + time.tickCompare) >> 3]!)
    if (compare & INTERRUPT_DISABLE) return undefined
    return BigInt.asUintN(COUNTER_BITS, compare) - this.words[(block + time.tickOffset) >> 3]!
  }
}
