/** Random 32-bit numbers from a seed (xoshiro128**): the same on every host, with streams that do not overlap in practice. */
export class RandomBits {
  private a: number
  private b: number
  private c: number
  private d: number

  /** @param seeds any integers; each list of them is a stream of its own */
  constructor(...seeds: readonly number[]) {
    let state = 0x9e37_79b9
    const next = (seed: number): number => {
      state = (state + seed + 0x9e37_79b9) | 0
      let z = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2_ae35)
      state ^= z
      return (z ^ (z >>> 16)) >>> 0
    }
    for (const seed of seeds) {
      next(seed | 0)
      next(Math.floor(seed / 2 ** 32))
    }
    this.a = next(1)
    this.b = next(2)
    this.c = next(3)
    this.d = next(4) | 1
  }

  /** 32 bits, unsigned. */
  bits(): number {
    const scrambled = Math.imul(rotate(Math.imul(this.b, 5), 7), 9) >>> 0
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = rotate(this.d, 11)
    return scrambled
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }
}

function rotate(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by))
}
