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
