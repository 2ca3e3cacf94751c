import { FLAG_NV } from './exceptions'
import { type BinaryFormat, exactSum, isNaNIn, isSignalingNaN, unpack } from './format'
import { type Rounded, type RoundingMode, roundAndPack, TOWARD_NEGATIVE } from './rounding'

/** What becomes of a * b + c: signs turned before the sum, the sum's sign turned before it is rounded, the sum halved. */
export interface Fusion {
  readonly negateAddend?: boolean
  readonly negateSum?: boolean
  readonly halve?: boolean
}

/**
 * a * b + c as `fusion` has it, exactly computed and rounded once. Of NaNs, a signaling one goes before a quiet one, c before b
 * before a; their signs stay. Infinity times zero is NV even if c is a quiet NaN.
 */
export function multiplyAdd(
  format: BinaryFormat,
  a: bigint,
  b: bigint,
  c: bigint,
  fusion: Fusion,
  mode: RoundingMode,
): Rounded {
  const { negateAddend = false, negateSum = false, halve = false } = fusion
  const invalidProduct = isInfinity(format, a) ? isZero(format, b) : isInfinity(format, b) && isZero(format, a)
  const nan = chosenNaN(format, [c, b, a])
  if (nan !== undefined) {
    const invalid = invalidProduct || isSignalingNaN(format, nan)
    return { bits: nan | format.quietBit, flags: invalid ? FLAG_NV : 0 }
  }
  const productNegative = (((a ^ b) & format.sign) !== 0n) !== negateSum
  const addendNegative = ((c & format.sign) !== 0n) !== (negateAddend !== negateSum)
  const productInfinite = isInfinity(format, a) || isInfinity(format, b)
  const addendInfinite = isInfinity(format, c)
  if (invalidProduct || (productInfinite && addendInfinite && productNegative !== addendNegative)) {
    return { bits: format.defaultNaN, flags: FLAG_NV }
  }
  const signed = (negative: boolean, magnitude: bigint) => (negative ? format.sign : 0n) | magnitude
  if (productInfinite) return { bits: signed(productNegative, format.infinity), flags: 0 }
  if (addendInfinite) return { bits: signed(addendNegative, format.infinity), flags: 0 }
  const x = unpack(format, a)
  const y = unpack(format, b)
  const product = {
    exponent: x.exponent + y.exponent,
    significand: x.significand * y.significand,
    negative: productNegative,
  }
  const { exponent, negative, significand } = exactSum(product, { ...unpack(format, c), negative: addendNegative })
  if (significand === 0n) {
    const toNegative = (mode === TOWARD_NEGATIVE) !== negateSum
    return { bits: signed(productNegative === addendNegative ? productNegative : toNegative, 0n), flags: 0 }
  }
  return roundAndPack(format, negative, halve ? exponent - 1 : exponent, significand, false, mode)
}

function isInfinity(format: BinaryFormat, a: bigint): boolean {
  return (a & format.magnitudeMask) === format.infinity
}

function isZero(format: BinaryFormat, a: bigint): boolean {
  return (a & format.magnitudeMask) === 0n
}

function chosenNaN(format: BinaryFormat, candidates: readonly bigint[]): bigint | undefined {
  return candidates.find((a) => isSignalingNaN(format, a)) ?? candidates.find((a) => isNaNIn(format, a))
}
