import { FLAG_DZ, FLAG_NV, FLAG_NX } from './exceptions'
import { type BinaryFormat, bitLength, exactSum, isNaNIn, isSignalingNaN, signAndMagnitude, unpack } from './format'
import { type RoundingMode, roundAndPack, roundAt, type Tininess, TOWARD_NEGATIVE, TOWARD_ZERO } from './rounding'

/** Result of a comparison as FSR.fccn holds it: equal, less, greater, unordered (V9 5.1.7). */
export type FloatRelation = 0 | 1 | 2 | 3

/**
 * IEEE 754 arithmetic on packed bit patterns, exactly rounded, with V9's NaN rules (V9 B.2).
 *
 * Operands and results are unsigned integers of the width of their format. Each operation ORs the exceptions it raises into
 * {@link flags}; the caller clears them. Subnormal operands and results are computed, as a kernel does for a CPU that raises
 * unfinished_FPop.
 */
export class SoftFloat {
  /** FLAG_NV, FLAG_OF, FLAG_UF, FLAG_DZ, FLAG_NX and FLAG_TINY raised since it was last cleared. */
  flags = 0

  constructor(private readonly tininess: Tininess = 'before') {}

  add(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    return this.sum(format, a, b, 0n, mode)
  }

  sub(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    return this.sum(format, a, b, format.sign, mode)
  }

  mul(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (isNaNIn(format, a) || isNaNIn(format, b)) return this.propagate(a, b, format)
    return this.product(a, b, mode, format)
  }

  /** The product of two numbers in a wider format, where it is exact: fsmuld, fdmulq (V9 A.18). */
  mulWiden(from: BinaryFormat, to: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (isNaNIn(from, a) || isNaNIn(from, b)) return this.propagate(a, b, from, to)
    return this.product(a, b, mode, from, to)
  }

  div(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (isNaNIn(format, a) || isNaNIn(format, b)) return this.propagate(a, b, format)
    const sign = (a ^ b) & format.sign
    const dividend = a & format.magnitudeMask
    const divisor = b & format.magnitudeMask
    if (dividend === format.infinity) return divisor === format.infinity ? this.invalid(format) : sign | format.infinity
    if (divisor === format.infinity) return sign
    if (divisor === 0n) {
      if (dividend === 0n) return this.invalid(format)
      this.flags |= FLAG_DZ
      return sign | format.infinity
    }
    if (dividend === 0n) return sign
    const x = unpack(format, dividend)
    const y = unpack(format, divisor)
    const shift = format.precision + bitLength(y.significand)
    const scaled = x.significand << BigInt(shift)
    const quotient = scaled / y.significand
    const sticky = quotient * y.significand !== scaled
    return this.pack(format, sign !== 0n, x.exponent - y.exponent - shift, quotient, sticky, mode)
  }

  sqrt(format: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    if (isNaNIn(format, a)) return this.quieted(a, format, format)
    if ((a & format.magnitudeMask) === 0n) return a
    if ((a & format.sign) !== 0n) return this.invalid(format)
    if (a === format.infinity) return a
    const x = unpack(format, a)
    const shift = 2 * format.precision + (x.exponent & 1)
    const scaled = x.significand << BigInt(shift)
    const root = integerSquareRoot(scaled)
    return this.pack(format, false, (x.exponent - shift) / 2, root, root * root !== scaled, mode)
  }

  /** From one format to another; a NaN keeps its sign and the high bits of its fraction (V9 B.2.1). */
  convert(from: BinaryFormat, to: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    if (isNaNIn(from, a)) return this.quieted(a, from, to)
    const negative = (a & from.sign) !== 0n
    const sign = negative ? to.sign : 0n
    if ((a & from.magnitudeMask) === from.infinity) return sign | to.infinity
    const { exponent, significand } = unpack(from, a)
    return significand === 0n ? sign : this.pack(to, negative, exponent, significand, false, mode)
  }

  /** A signed integer, given as its `bits`-bit pattern, rounded into a format. */
  fromInteger(bits: 32 | 64, to: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    const { negative, significand } = signAndMagnitude(BigInt.asIntN(bits, a))
    return significand === 0n ? 0n : this.pack(to, negative, 0, significand, false, mode)
  }

  /**
   * Rounded toward zero to a signed integer, whatever FSR.RD says (V9 A.14), as its `bits`-bit pattern. NaN, infinity and what
   * does not fit raise NV and give the greatest or least integer by the operand's sign (V9 B.5).
   */
  toInteger(from: BinaryFormat, bits: 32 | 64, a: bigint): bigint {
    const negative = (a & from.sign) !== 0n
    const limit = 1n << BigInt(bits - 1)
    const { exponent, significand } = unpack(from, a)
    const { kept, inexact } = roundAt(significand, -exponent, false, negative, TOWARD_ZERO)
    if (kept > (negative ? limit : limit - 1n)) return this.outOfRange(negative, limit)
    if (inexact) this.flags |= FLAG_NX
    return BigInt.asUintN(bits, negative ? -kept : kept)
  }

  /** `signaling` (fcmpe) raises NV on any NaN, else only a signaling NaN does (V9 A.13). */
  compare(format: BinaryFormat, signaling: boolean, a: bigint, b: bigint): FloatRelation {
    if (isNaNIn(format, a) || isNaNIn(format, b)) {
      if (signaling || isSignalingNaN(format, a) || isSignalingNaN(format, b)) this.flags |= FLAG_NV
      return 3
    }
    const x = signedMagnitude(format, a)
    const y = signedMagnitude(format, b)
    return x < y ? 1 : x > y ? 2 : 0
  }

  private sum(format: BinaryFormat, a: bigint, b: bigint, flip: bigint, mode: RoundingMode): bigint {
    if (isNaNIn(format, a) || isNaNIn(format, b)) return this.propagate(a, b, format)
    const addend = b ^ flip
    const aInfinite = (a & format.magnitudeMask) === format.infinity
    const bInfinite = (addend & format.magnitudeMask) === format.infinity
    if (aInfinite) return bInfinite && a !== addend ? this.invalid(format) : a
    if (bInfinite) return addend
    const x = unpack(format, a)
    const y = unpack(format, addend)
    const { exponent, negative, significand } = exactSum(x, y)
    if (significand === 0n) return zeroOfSum(format, x.negative, y.negative, mode)
    return this.pack(format, negative, exponent, significand, false, mode)
  }

  private product(a: bigint, b: bigint, mode: RoundingMode, from: BinaryFormat, to = from): bigint {
    const negative = ((a ^ b) & from.sign) !== 0n
    const sign = negative ? to.sign : 0n
    const aMagnitude = a & from.magnitudeMask
    const bMagnitude = b & from.magnitudeMask
    if (aMagnitude === from.infinity || bMagnitude === from.infinity) {
      return aMagnitude === 0n || bMagnitude === 0n ? this.invalid(to) : sign | to.infinity
    }
    if (aMagnitude === 0n || bMagnitude === 0n) return sign
    const x = unpack(from, a)
    const y = unpack(from, b)
    return this.pack(to, negative, x.exponent + y.exponent, x.significand * y.significand, false, mode)
  }

  /** The NaN that an operation on NaNs delivers: a signaling one before a quiet one, rs2 before rs1 (V9 B.2.2). */
  private propagate(rs1: bigint, rs2: bigint, from: BinaryFormat, to = from): bigint {
    const isSecond = isSignalingNaN(from, rs2) || (!isSignalingNaN(from, rs1) && isNaNIn(from, rs2))
    return this.quieted(isSecond ? rs2 : rs1, from, to)
  }

  private quieted(nan: bigint, from: BinaryFormat, to: BinaryFormat): bigint {
    if (isSignalingNaN(from, nan)) this.flags |= FLAG_NV
    const fraction = (nan & from.fractionMask) | from.quietBit
    const moved = fraction << BigInt(to.fractionBits - from.fractionBits)
    return ((nan & from.sign) === 0n ? 0n : to.sign) | to.infinity | moved
  }

  private invalid(format: BinaryFormat): bigint {
    this.flags |= FLAG_NV
    return format.defaultNaN
  }

  private outOfRange(negative: boolean, limit: bigint): bigint {
    this.flags |= FLAG_NV
    return negative ? limit : limit - 1n
  }

  private pack(
    format: BinaryFormat,
    negative: boolean,
    exponent: number,
    significand: bigint,
    sticky: boolean,
    mode: RoundingMode,
  ): bigint {
    const { bits, flags } = roundAndPack(format, negative, exponent, significand, sticky, mode, this.tininess)
    this.flags |= flags
    return bits
  }
}

function zeroOfSum(format: BinaryFormat, aNegative: boolean, bNegative: boolean, mode: RoundingMode): bigint {
  const negative = aNegative === bNegative ? aNegative : mode === TOWARD_NEGATIVE
  return negative ? format.sign : 0n
}

function signedMagnitude(format: BinaryFormat, a: bigint): bigint {
  const magnitude = a & format.magnitudeMask
  return (a & format.sign) === 0n ? magnitude : -magnitude
}

/** Newton's iteration from above; a > 0. */
function integerSquareRoot(a: bigint): bigint {
  let root = 1n << BigInt((bitLength(a) + 1) >> 1)
  for (;;) {
    const next = (root + a / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
