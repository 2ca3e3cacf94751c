import fc from 'fast-check'
import Long from 'long'
import { describe, expect, it } from 'vitest'
import { hex, hex64, toLong, toU64, U64Error } from '../src/u64'

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })

describe('toU64', () => {
  it('keeps 64-bit words, wraps negative ones', () => {
    fc.assert(fc.property(word, (value) => toU64(value) === value && toU64(BigInt.asIntN(64, value)) === value))
  })

  it('takes safe non-negative integers', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => toU64(value) === BigInt(value)))
  })

  it('goes through Long and back, signed or unsigned', () => {
    fc.assert(
      fc.property(word, (value) => {
        const long = toLong(value)
        return (
          long.unsigned &&
          toU64(long) === value &&
          toU64(long.toSigned()) === value &&
          BigInt(long.toString()) === value
        )
      }),
    )
  })

  it.each([
    1n << 64n,
    -(1n << 63n) - 1n,
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    '1' as unknown as number,
    null as unknown as number,
    undefined as unknown as number,
    {} as unknown as number,
  ])('refuses %s, naming what it was for', (value) => {
    expect(() => toU64(value, 'address')).toThrow(U64Error)
    expect(() => toU64(value, 'address')).toThrow(/^address: /)
  })

  it('takes the ends of its range', () => {
    expect([toU64((1n << 64n) - 1n), toU64(-(1n << 63n)), toU64(Number.MAX_SAFE_INTEGER), toU64(Long.UZERO)]).toEqual([
      (1n << 64n) - 1n,
      1n << 63n,
      BigInt(Number.MAX_SAFE_INTEGER),
      0n,
    ])
  })
})

describe('hex', () => {
  it('is unsigned, with 16 digits or as many as needed', () => {
    expect([hex64(-1n), hex64(10n), hex(-1n), hex(255n), hex(16)]).toEqual([
      '0xffffffffffffffff',
      '0x000000000000000a',
      '0xffffffffffffffff',
      '0xff',
      '0x10',
    ])
  })
})
