import { describe, expect, it } from 'vitest'
import { BINARY32, BINARY64, BINARY128, isNaNIn } from '../../../src/isa/softfloat'

describe.each([
  ['binary32', BINARY32, 32, 8, 24],
  ['binary64', BINARY64, 64, 11, 53],
  ['binary128', BINARY128, 128, 15, 113],
] as const)('%s', (_, format, bits, exponentBits, precision) => {
  const ones = (count: number) => (1n << BigInt(count)) - 1n

  it('has a sign, an exponent and a fraction in this order (IEEE 754 table 3.5)', () => {
    expect(format).toEqual({
      bits,
      fractionBits: precision - 1,
      precision,
      bias: 2 ** (exponentBits - 1) - 1,
      minimumExponent: 2 - 2 ** (exponentBits - 1),
      specialExponent: 2 ** exponentBits - 1,
      sign: 1n << BigInt(bits - 1),
      magnitudeMask: ones(bits - 1),
      fractionMask: ones(precision - 1),
      hiddenBit: 1n << BigInt(precision - 1),
      quietBit: 1n << BigInt(precision - 2),
      infinity: ones(exponentBits) << BigInt(precision - 1),
      defaultNaN: ones(bits - 1),
    })
  })

  it('has NaNs beyond its infinities, of either sign', () => {
    for (const sign of [0n, format.sign]) {
      expect(isNaNIn(format, format.infinity | sign)).toBe(false)
      expect(isNaNIn(format, (format.infinity - 1n) | sign)).toBe(false)
      expect(isNaNIn(format, (format.infinity + 1n) | sign)).toBe(true)
      expect(isNaNIn(format, format.defaultNaN | sign)).toBe(true)
    }
  })
})
