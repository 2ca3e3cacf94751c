/** A 64-bit hash as two 32-bit lanes; fast in a JavaScript engine, not cryptographic. */
export class Hash64 {
  private a: number
  private b: number

  constructor(seed = 0) {
    this.a = 0x9e3779b9 ^ seed
    this.b = 0x85ebca6b ^ Math.imul(seed, 0xc2b2ae35)
  }

  word(value: number): this {
    this.a = Math.imul(this.a ^ value, 0x01000193)
    this.a ^= this.a >>> 15
    this.b = Math.imul((this.b + value) | 0, 0x5bd1e995)
    this.b ^= this.b >>> 13
    return this
  }

  words(words: Int32Array, start = 0, end = words.length): this {
    let { a, b } = this
    for (let i = start; i < end; i++) {
      const value = words[i]
      a = Math.imul(a ^ value, 0x01000193)
      a ^= a >>> 15
      b = Math.imul((b + value) | 0, 0x5bd1e995)
      b ^= b >>> 13
    }
    this.a = a
    this.b = b
    return this
  }

  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i))
    return this.word(text.length)
  }

  /** A tree of plain data: bigint, number, string, boolean, null, undefined, arrays, plain objects (by sorted key). */
  data(value: unknown): this {
    switch (typeof value) {
      case 'bigint':
        return this.word(1).text(value.toString(36))
      case 'number':
        return (value | 0) === value ? this.word(2).word(value) : this.word(3).text(String(value))
      case 'string':
        return this.word(4).text(value)
      case 'boolean':
        return this.word(value ? 5 : 6)
      case 'undefined':
        return this.word(7)
      case 'object':
        if (value === null) return this.word(8)
        if (Array.isArray(value)) {
          this.word(9).word(value.length)
          for (const item of value) this.data(item)
          return this
        }
        this.word(10)
        for (const key of Object.keys(value).sort()) this.text(key).data((value as Record<string, unknown>)[key])
        return this.word(11)
      default:
        throw new TypeError(`state must be plain data, found a ${typeof value}`)
    }
  }

  /** 64 bits. */
  digest(): bigint {
    const a = avalanche(this.a ^ Math.imul(this.b, 0x27d4eb2f))
    const b = avalanche(this.b ^ Math.imul(this.a, 0x165667b1))
    return (BigInt(a >>> 0) << 32n) | BigInt(b >>> 0)
  }
}

function avalanche(x: number): number {
  let h = x
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
