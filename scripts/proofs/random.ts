/** Random numbers that depend on the seed alone: xorshift32. */
export class Random {
  private state: number
  constructor(seed: number) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1
    for (let n = 0; n < 8; n++) this.next()
  }
  /** 1 to 2^32 - 1. */
  next(): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return this.state >>> 0
  }
  below(limit: number): number {
    return this.next() % limit
  }
  chance(percent: number): boolean {
    return this.below(100) < percent
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}
