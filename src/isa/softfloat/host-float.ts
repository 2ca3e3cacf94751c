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
const SUM_HUGE = 2 ** 1000
const SMALLEST_NORMAL_DOUBLE = 2 ** -1022
/** One binade above the smallest normal single, so that a rounded quotient cannot hide a tiny one. */
const SAFE_SINGLE = 2 ** -125
const LARGEST_SINGLE = 2 ** 128 - 2 ** 104
/** Veltkamp's constant: splits a double into two halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1
const EXACT_INTEGER = 1n << 53n

/**
 * {@link SoftFloat} on the host's own arithmetic where that provably gives both the result and the inexact flag: rounding to
 * nearest, normal or zero results well inside the range. All else goes the exact way.
 */
export class HostFloat extends SoftFloat {
  override add(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN) {
      if (format === BINARY64 && this.sumDouble(doubleOf(a), doubleOf(b))) return scratchBits[0]!
      if (format === BINARY32 && this.sumSingle(singleOf(a), singleOf(b))) return scratchBits[0]!
    }
    return super.add(format, a, b, mode)
  }

  override sub(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN) {
      if (format === BINARY64 && this.sumDouble(doubleOf(a), -doubleOf(b))) return scratchBits[0]!
      if (format === BINARY32 && this.sumSingle(singleOf(a), -singleOf(b))) return scratchBits[0]!
    }
    return super.sub(format, a, b, mode)
  }

  override mul(format: BinaryFormat, a: bigint, b: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN) {
      if (format === BINARY64 && this.productDouble(doubleOf(a), doubleOf(b))) return scratchBits[0]!
      if (format === BINARY32 && this.productSingle(singleOf(a), singleOf(b))) return scratchBits[0]!
    }
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
    if (mode === NEAREST_EVEN) {
      if (format === BINARY64 && this.quotientDouble(doubleOf(a), doubleOf(b))) return scratchBits[0]!
      if (format === BINARY32 && this.quotientSingle(singleOf(a), singleOf(b))) return scratchBits[0]!
    }
    return super.div(format, a, b, mode)
  }

  override sqrt(format: BinaryFormat, a: bigint, mode: RoundingMode): bigint {
    if (mode === NEAREST_EVEN) {
      if (format === BINARY64 && this.rootDouble(doubleOf(a))) return scratchBits[0]!
      if (format === BINARY32 && this.rootSingle(singleOf(a))) return scratchBits[0]!
    }
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
    const value = BigInt.asIntN(bits, a)
    if (value <= EXACT_INTEGER && value >= -EXACT_INTEGER) {
      if (to === BINARY64) return bitsOfDouble(Number(value))
      if (to === BINARY32 && mode === NEAREST_EVEN && this.settleSingle(Number(value), true)) return scratchBits[0]!
    }
    return super.fromInteger(bits, to, a, mode)
  }

  override toInteger(from: BinaryFormat, bits: 32 | 64, a: bigint): bigint {
    if (from === BINARY64 || from === BINARY32) {
      const x = from === BINARY64 ? doubleOf(a) : singleOf(a)
      const truncated = Math.trunc(x)
      if (Math.abs(truncated) < (bits === 32 ? 2 ** 31 : 2 ** 63)) {
        if (truncated !== x) this.flags |= FLAG_NX
        return BigInt.asUintN(bits, BigInt(truncated))
      }
    }
    return super.toInteger(from, bits, a)
  }

  override compare(format: BinaryFormat, signaling: boolean, a: bigint, b: bigint): FloatRelation {
    if (format === BINARY64 || format === BINARY32) {
      const x = format === BINARY64 ? doubleOf(a) : singleOf(a)
      const y = format === BINARY64 ? doubleOf(b) : singleOf(b)
      if (x === y) return 0
      if (x < y) return 1
      if (x > y) return 2
    }
    return super.compare(format, signaling, a, b)
  }

  /** The rounding error of a sum of doubles is a double, found by Knuth's TwoSum. */
  private sumDouble(x: number, y: number): boolean {
    if (!(Math.abs(x) < SUM_HUGE && Math.abs(y) < SUM_HUGE)) return false
    const sum = x + y
    if (Math.abs(sum) < SMALLEST_NORMAL_DOUBLE && sum !== 0) return false
    if (errorOfSum(x, y, sum) !== 0) this.flags |= FLAG_NX
    scratch[0] = sum
    return true
  }

  /** Rounding first to a double, then to a single gives the single nearest the exact sum: 53 >= 2 * 24 + 2. */
  private sumSingle(x: number, y: number): boolean {
    const sum = x + y
    return Number.isFinite(sum) && this.settleSingle(sum, errorOfSum(x, y, sum) === 0)
  }

  private productDouble(x: number, y: number): boolean {
    if (!isModerate(x) || !isModerate(y)) return this.settleZero(x * y, x, y)
    const product = x * y
    if (errorOfProduct(x, y, product) !== 0) this.flags |= FLAG_NX
    scratch[0] = product
    return true
  }

  /** The product of two singles is a double. */
  private productSingle(x: number, y: number): boolean {
    return this.settleSingle(x * y, true)
  }

  private quotientDouble(x: number, y: number): boolean {
    if (!isModerate(x) || !isModerate(y)) return y !== 0 && this.settleZero(x / y, x, y)
    const quotient = x / y
    const back = quotient * y
    if (back !== x || errorOfProduct(quotient, y, back) !== 0) this.flags |= FLAG_NX
    scratch[0] = quotient
    return true
  }

  /** The quotient is exact if and only if it is a single and multiplies back, which a double does exactly. */
  private quotientSingle(x: number, y: number): boolean {
    if (y === 0 || !Number.isFinite(y)) return false
    const quotient = x / y
    return this.settleSingle(quotient, Math.fround(quotient) * y === x)
  }

  private rootDouble(x: number): boolean {
    if (!(x >= DOUBLE_TINY && x <= DOUBLE_HUGE)) return false
    const root = Math.sqrt(x)
    const square = root * root
    if (square !== x || errorOfProduct(root, root, square) !== 0) this.flags |= FLAG_NX
    scratch[0] = root
    return true
  }

  private rootSingle(x: number): boolean {
    if (!(x > 0)) return false
    const root = Math.sqrt(x)
    const single = Math.fround(root)
    return this.settleSingle(root, single * single === x)
  }

  /** Leaves a double rounded to single in the scratch doubleword, unless the result may be tiny or too large. */
  private settleSingle(value: number, exact: boolean): boolean {
    const magnitude = Math.abs(value)
    if (!(magnitude <= LARGEST_SINGLE && (magnitude >= SAFE_SINGLE || value === 0))) return false
    const single = Math.fround(value)
    if (!exact || single !== value) this.flags |= FLAG_NX
    scratchSingle[0] = single
    scratchWords[1] = 0
    return true
  }

  private settleZero(result: number, x: number, y: number): boolean {
    if (!(x === 0 && isModerate(y)) && !(y === 0 && isModerate(x))) return false
    scratch[0] = result
    return true
  }
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
  return magnitude >= DOUBLE_TINY && magnitude <= DOUBLE_HUGE
}

function errorOfSum(x: number, y: number, sum: number): number {
  const yRounded = sum - x
  return x - (sum - yRounded) + (y - yRounded)
}

/** Dekker: what rounding took from x * y. */
function errorOfProduct(x: number, y: number, product: number): number {
  const xScaled = SPLITTER * x
  const xHigh = xScaled - (xScaled - x)
  const xLow = x - xHigh
  const yScaled = SPLITTER * y
  const yHigh = yScaled - (yScaled - y)
  const yLow = y - yHigh
  return xHigh * yHigh - product + xHigh * yLow + xLow * yHigh + xLow * yLow
}
