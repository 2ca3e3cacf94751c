import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { machine } from '../../src/testing'

const DATA = 0x2_0000
const word = fc.bigInt(0n, (1n << 64n) - 1n)

describe.each([
  ['casa [%o0] 0x80, %o1, %o2', 4],
  ['casa [%o0] 0x88, %o1, %o2', 4],
  ['casxa [%o0] 0x80, %o1, %o2', 8],
  ['casxa [%o0] 0x88, %o1, %o2', 8],
] as const)('%s', (source, bytes) => {
  const bits = bytes * 8
  const fixture = machine()
  const atomic = (memory: bigint, compare: bigint, swap: bigint) => {
    fixture.poke(DATA, memory, bytes)
    const registers = { '%o0': DATA, '%o1': compare, '%o2': swap }
    const got = fixture.run(source, { registers }).register('%o2')
    return { got, after: fixture.peek(DATA, bytes) }
  }
  const ordered = (value: bigint) => {
    if (!source.includes('0x88')) return value
    const digits = value.toString(16).padStart(bits / 4, '0')
    return BigInt(`0x${digits.match(/../g)!.reverse().join('')}`)
  }

  it(`compares and swaps ${bits} bits, whatever is above them in the registers (V9 A.9)`, () => {
    fc.assert(
      fc.property(word, word, word, (value, above, swap) => {
        const low = BigInt.asUintN(bits, value)
        const compare = bits === 32 ? low | ((above >> 32n) << 32n) : low
        const { got, after } = atomic(ordered(low), compare, swap)
        expect([got, ordered(after)]).toEqual([low, BigInt.asUintN(bits, swap)])
      }),
      { numRuns: 15 },
    )
  })

  it('a difference in any bit leaves memory as it was', () => {
    for (const value of [0n, 0x8123_4567_89ab_cdefn])
      for (let bit = 0n; bit < bits; bit++) {
        const low = BigInt.asUintN(bits, value)
        const { got, after } = atomic(ordered(low), low ^ (1n << bit), ~value & 0xffn)
        expect([bit, got, ordered(after)]).toEqual([bit, low, low])
      }
  })
})
