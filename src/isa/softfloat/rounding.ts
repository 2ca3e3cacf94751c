import { FLAG_NX, FLAG_OF, FLAG_TINY, FLAG_UF } from './exceptions'
import { type BinaryFormat, bitLength } from './format'

/** FSR.RD (V9 5.1.7): to nearest even, toward zero, toward +infinity, toward -infinity. */
export type RoundingMode = 0 | 1 | 2 | 3
export const NEAREST_EVEN = 0
export const TOWARD_ZERO = 1
export const TOWARD_POSITIVE = 2
export const TOWARD_NEGATIVE = 3

/**
 * When a result counts as tiny: by its exact value, as V9 B.3, B.4 and UltraSPARC-I 14.3.2 have it, or by its value rounded
 * as if the exponent were unbounded.
 */
export type Tininess = 'before' | 'after'

/** A packed result and the flags that rounding raised. */
export interface Rounded {
  readonly bits: bigint
  readonly flags: number
}

/**
 * Rounds (-1)^negative * significand * 2^exponent into a format.
 *
 * @param significand not 0
 * @param sticky something smaller than the significand's last bit was lost; the significand then has more bits than the
 *   precision of the format
 */
export function roundAndPack(
  format: BinaryFormat,
  negative: boolean,
  exponent: number,
  significand: bigint,
  sticky: boolean,
  mode: RoundingMode,
  tininess: Tininess = 'before',
): Rounded {
  const leading = exponent + bitLength(significand) - 1
  const below = leading < format.minimumExponent
  const lastBit = Math.max(leading, format.minimumExponent) - format.fractionBits
  const { kept, inexact } = roundAt(significand, lastBit - exponent, sticky, negative, mode)
  const magnitude = (BigInt(lastBit + format.fractionBits + format.bias - 1) << BigInt(format.fractionBits)) + kept
  const sign = negative ? format.sign : 0n
  if (magnitude >= format.infinity) {
    return { bits: sign | overflowed(format, negative, mode), flags: FLAG_OF | FLAG_NX }
  }
  const tiny =
    below && (tininess === 'before' || !roundsUpToNormal(format, negative, exponent, significand, sticky, mode))
  const flags = (inexact ? FLAG_NX : 0) | (tiny ? FLAG_TINY : 0) | (inexact && tiny ? FLAG_UF : 0)
  return { bits: sign | magnitude, flags }
}

/** Divides by 2^shift and rounds to an integer; a negative shift multiplies, exactly. */
export function roundAt(
  significand: bigint,
  shift: number,
  sticky: boolean,
  negative: boolean,
  mode: RoundingMode,
): { kept: bigint; inexact: boolean } {
  const distance = BigInt(shift)
  const kept = significand >> distance
  const lost = significand - (kept << distance)
  const inexact = sticky || lost !== 0n
  if (!inexact) return { kept, inexact }
  const half = 1n << (distance - 1n)
  const toNearest = lost > half || (lost === half && (sticky || (kept & 1n) === 1n))
  const up = mode === NEAREST_EVEN ? toNearest : isAwayFromZero(mode, negative)
  return { kept: up ? kept + 1n : kept, inexact }
}

function overflowed(format: BinaryFormat, negative: boolean, mode: RoundingMode): bigint {
  return mode === NEAREST_EVEN || isAwayFromZero(mode, negative) ? format.infinity : format.infinity - 1n
}

/** Of the directed modes. */
function isAwayFromZero(mode: RoundingMode, negative: boolean): boolean {
  return mode === (negative ? TOWARD_NEGATIVE : TOWARD_POSITIVE)
}

function roundsUpToNormal(
  format: BinaryFormat,
  negative: boolean,
  exponent: number,
  significand: bigint,
  sticky: boolean,
  mode: RoundingMode,
): boolean {
  const length = bitLength(significand)
  if (exponent + length !== format.minimumExponent) return false
  const { kept } = roundAt(significand, length - format.precision, sticky, negative, mode)
  return bitLength(kept) > format.precision
}
