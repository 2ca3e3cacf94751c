import { FLAG_NX } from './exceptions'
import { BINARY32, BINARY64, type BinaryFormat } from './format'
import { NEAREST_EVEN, type RoundingMode } from './rounding'
import { type FloatRelation, SoftFloat } from './soft-float'

/** One doubleword, seen as an integer, a double and, in its low half, a single; the host is little-endian. */
const scratchBits = new BigUint64Array(1)
const scratch = new Float64Array(scratchBits.buffer)
const scratchWords = new Uint32Array(scratchBits.buffer)
const scratchSingle = new Float32Array(scratchBits.buffer)

/** Within these magnitudes no product, quotient or residual of doubles over- or underflows. */
const DOUBLE_TINY = 2 ** -400
const DOUBLE_HUGE = 2 ** 400
/** One binade above the smallest normal single, so that a rounded quotient cannot hide a tiny one. */
const SAFE_SINGLE = 2 ** -125
/** Veltkamp's constant: splits a double into two halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1

/**
 * {@link SoftFloat} on the host's own arithmetic where that provably gives both the result and the inexact flag: rounding to
 * nearest, normal or zero results well inside the range. All else goes the exact way.
 */
export class HostFloat extends SoftFloat {
  override add(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN && this.hostSum(format, numberOf(format, a), numberOf(format, b))) return scratchBits[0]!
    return super.add(format, a, b, mode)
  }

  override sub(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN && this.hostSum(format, numberOf(format, a), -numberOf(format, b))) return scratchBits[0]!
    return super.sub(format, a, b, mode)
  }

  override mul(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN && this.hostProduct(format, numberOf(format, a), numberOf(format, b)))
      return scratchBits[0]!
    return super.mul(format, a, b, mode)
  }

  override mulWiden(from: BinaryFormat, to: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (from === BINARY32 && to === BINARY64) {
      const product = singleOf(a) * singleOf(b)
      if (Number.isFinite(product)) return bitsOfDouble(product)
    }
    return super.mulWiden(from, to, a, b, mode)
  }

  override div(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN && this.hostQuotient(format, numberOf(format, a), numberOf(format, b)))
      return scratchBits[0]!
    return super.div(format, a, b, mode)
  }

  override sqrt(format: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN && this.hostRoot(format, numberOf(format, a))) return scratchBits[0]!
    return super.sqrt(format, a, mode)
  }

  override convert(from: BinaryFormat, to: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    if (from === BINARY32 && to === BINARY64) {
      const x = singleOf(a)
      if (Number.isFinite(x)) return bitsOfDouble(x)
    } else if (from === BINARY64 && to === BINARY32 && mode === NEAREST_EVEN) {
      const x = doubleOf(a)
      if (this.settleSingle(x, true)) return scratchBits[0]!
    }
    return super.convert(from, to, a, mode)
  }

  override fromInteger(bits: 32 | 64, to: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    const value = Number(BigInt.asIntN(bits, a))
    if (Number.isSafeInteger(value)) {
      if (to === BINARY64) return bitsOfDouble(value)
      if (to === BINARY32 && mode === NEAREST_EVEN && this.settleSingle(value, true)) return scratchBits[0]!
    }
    return super.fromInteger(bits, to, a, mode)
  }

  override toInteger(from: BinaryFormat, bits: 32 | 64, a: bigint): bigint {
    const value = numberOf(from, a)
    const truncated = Math.trunc(value)
    if (Number.isFinite(truncated)) {
      const integer = BigInt(truncated)
      if (BigInt.asIntN(bits, integer) === integer) {
        if (truncated !== value) this.flags |= FLAG_NX
        return BigInt.asUintN(bits, integer)
      }
    }
    return super.toInteger(from, bits, a)
  }

  override compare(format: BinaryFormat, signaling: boolean, a: bigint, b: bigint): FloatRelation {
    const x = numberOf(format, a)
    const y = numberOf(format, b)
    if (x < y) return 1
    if (x > y) return 2
    if (x === y) return 0
    return super.compare(format, signaling, a, b)
  }

  /**
   * A sum is exact if and only if it without either operand is the other: without the greater one it is computed exactly (Dekker).
   * A sum of singles that is rounded first to a double, then to a single is the single nearest the exact sum: 53 >= 2 * 24 + 2.
   */
  private hostSum(format: BinaryFormat, x: number, y: number): boolean {
    const sum = x + y
    const exact = sum - x === y && sum - y === x
    return format === BINARY64 ? isModerate(sum) && this.settleDouble(sum, exact) : this.settleSingle(sum, exact)
  }

  /** The product of two singles is a double. */
  private hostProduct(format: BinaryFormat, x: number, y: number): boolean {
    const product = x * y
    if (format !== BINARY64) return this.settleSingle(product, true)
    return isModerate(x) && isModerate(y) && this.settleDouble(product, isProduct(product, x, y))
  }

  /** A quotient is exact if and only if it multiplies back; what is a single does so exactly in a double. */
  private hostQuotient(format: BinaryFormat, x: number, y: number): boolean {
    const quotient = x / y
    if (format !== BINARY64) return Number.isFinite(y) && this.settleSingle(quotient, Math.fround(quotient) * y === x)
    return isModerate(x) && isModerate(y) && y !== 0 && this.settleDouble(quotient, isProduct(x, quotient, y))
  }

  private hostRoot(format: BinaryFormat, x: number): boolean {
    const root = Math.sqrt(x)
    const single = Math.fround(root)
    if (format !== BINARY64) return this.settleSingle(root, single * single === x)
    return isModerate(root) && this.settleDouble(root, isProduct(x, root, root))
  }

  private settleDouble(value: number, exact: boolean): boolean {
    if (!exact) this.flags |= FLAG_NX
    scratch[0] = value
    return true
  }

  /** Leaves a double rounded to single in the scratch doubleword, unless the result may be tiny or too large. */
  private settleSingle(value: number, exact: boolean): boolean {
    const single = Math.fround(value)
    if (!Number.isFinite(single) || (Math.abs(value) < SAFE_SINGLE && value !== 0)) return false
    if (!exact || single !== value) this.flags |= FLAG_NX
    scratchSingle[0] = single
    scratchWords[1] = 0
    return true
  }
}

/** NaN if the host has no such format. */
function numberOf(format: BinaryFormat, bits: bigint): number {
  if (format === BINARY64) return doubleOf(bits)
  return format === BINARY32 ? singleOf(bits) : Number.NaN
}

function doubleOf(bits: bigint): number {
  scratchBits[0] = bits
  return scratch[0]!
}

function singleOf(bits: bigint): number {
  scratchBits[0] = bits
  return scratchSingle[0]!
}

function bitsOfDouble(value: number): bigint {
  scratch[0] = value
  return scratchBits[0]!
}

function isModerate(x: number): boolean {
  const magnitude = Math.abs(x)
  return x === 0 || (magnitude >= DOUBLE_TINY && magnitude <= DOUBLE_HUGE)
}

/** Whether x * y is the product without rounding (Dekker). */
function isProduct(product: number, x: number, y: number): boolean {
  const xUpper = upperHalf(x)
  const yUpper = upperHalf(y)
  const xLower = x - xUpper
  const yLower = y - yUpper
  const rest = product - xUpper * yUpper - xUpper * yLower - xLower * yUpper
  return x * y === product && rest === xLower * yLower
}

function upperHalf(x: number): number {
  const scaled = SPLITTER * x
  return scaled - (scaled - x)
}
