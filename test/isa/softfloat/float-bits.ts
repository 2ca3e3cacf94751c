import fc from 'fast-check'
import type { BinaryFormat } from '../../../src/isa/softfloat'

/**
 * Bit patterns where float arithmetic is interesting: specials, exponents near the ends and near the middle, fractions with few
 * ones or few zeros, and plain random words.
 */
export function floatBits(format: BinaryFormat): fc.Arbitrary<bigint> {
  const fraction = fc.oneof(
    fc.constantFrom(0n, 1n, format.quietBit, format.quietBit - 1n, format.fractionMask, format.fractionMask - 1n),
    fc.bigInt({ min: 0n, max: format.fractionMask }),
    fc.integer({ min: 0, max: format.fractionBits - 1 }).map((bit) => 1n << BigInt(bit)),
    fc.integer({ min: 0, max: format.fractionBits }).map((bit) => format.fractionMask & ~((1n << BigInt(bit)) - 1n)),
  )
  const top = format.specialExponent
  const exponent = fc.oneof(
    fc.constantFrom(0, 1, 2, top, top - 1, top - 2, format.bias, format.bias - 1, format.bias + 31, format.bias + 63),
    fc.integer({ min: format.bias - format.precision - 3, max: format.bias + format.precision + 3 }),
    fc.integer({ min: 0, max: Math.min(top, 2 * format.precision + 6) }),
    fc.integer({ min: 0, max: top }),
  )
  return fc
    .tuple(fc.boolean(), exponent, fraction)
    .map(([negative, e, f]) => (negative ? format.sign : 0n) | (BigInt(e) << BigInt(format.fractionBits)) | f)
}

/** Pairs, often of close magnitude, so that sums cancel and quotients come out exact. */
export function floatPairs(format: BinaryFormat): fc.Arbitrary<[bigint, bigint]> {
  const any = floatBits(format)
  const near = fc
    .tuple(any, fc.bigInt({ min: -4n, max: 4n }), fc.boolean())
    .map(([a, step, flip]): [bigint, bigint] => {
      const b = BigInt.asUintN(format.bits, a + step)
      return [a, flip ? b ^ format.sign : b]
    })
  return fc.oneof(fc.tuple(any, any), near)
}

/** Pairs whose product or quotient, and often sum, is near the least or the greatest number, near 1, or somewhat beyond. */
export function pairsAtTheEnds(format: BinaryFormat): fc.Arbitrary<[bigint, bigint]> {
  const { bias, fractionBits, fractionMask } = format
  const top = 2 * bias
  const target = fc.oneof(
    fc.integer({ min: -fractionBits - 3, max: 3 }),
    fc.integer({ min: top - 1, max: top + 2 }),
    fc.integer({ min: bias - 2, max: bias + 2 }),
  )
  const fraction = fc.oneof(
    fc.constantFrom(0n, 1n, fractionMask, fractionMask - 1n, fractionMask >> 1n),
    fc.bigInt({ min: 0n, max: fractionMask }),
  )
  const clamp = (exponent: number) => BigInt(Math.min(Math.max(exponent, 0), top)) << BigInt(fractionBits)
  return fc
    .tuple(target, fc.integer({ min: 0, max: top }), fraction, fraction, fc.boolean(), fc.boolean())
    .map(([wanted, first, f, g, ofProduct, negative]): [bigint, bigint] => {
      const second = ofProduct ? wanted + bias - first : first - wanted + bias
      return [clamp(first) | f | (negative ? format.sign : 0n), clamp(second) | g]
    })
}

export function bitsOf(value: number, format: BinaryFormat): bigint {
  const view = new DataView(new ArrayBuffer(8))
  if (format.bits === 32) {
    view.setFloat32(0, value)
    return BigInt(view.getUint32(0))
  }
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

export function numberOf(bits: bigint, format: BinaryFormat): number {
  const view = new DataView(new ArrayBuffer(8))
  if (format.bits === 32) {
    view.setUint32(0, Number(bits))
    return view.getFloat32(0)
  }
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}
