/**
 * What the floating-point unit of UltraSPARC I and II leaves to software: some subnormal operands and results
 * (UltraSPARC-I 14.3.1).
 */

/** Operations that the tables tell apart. */
export type LimitedOperation = 'toInteger' | 'convert' | 'sqrt' | 'sum' | 'wideProduct' | 'product' | 'quotient'

/** A binary format as its fields: widest exponent, bias, and the lowest E_R that traps less one. */
export interface ExponentRange {
  readonly bias: number
  readonly special: number
  readonly below: number
}

export const SINGLE_RANGE: ExponentRange = { bias: 127, special: 255, below: -25 }
export const DOUBLE_RANGE: ExponentRange = { bias: 1023, special: 2047, below: -54 }

/** An operand by its biased exponent; a zero is told from a subnormal number by the flag. */
export interface OperandClass {
  readonly exponent: number
  readonly isZero: boolean
}

/** UltraSPARC-I table 14-4: whether subnormal operands are left to software. */
export function leavesOperands(
  operation: LimitedOperation,
  range: ExponentRange,
  a: OperandClass,
  b: OperandClass | undefined,
): boolean {
  const aSubnormal = isSubnormal(a)
  if (b === undefined) return aSubnormal
  const bSubnormal = isSubnormal(b)
  if (!aSubnormal && !bSubnormal) return false
  if ((operation !== 'product' && operation !== 'quotient') || (aSubnormal && bSubnormal)) return true
  const other = aSubnormal ? b : a
  if (other.isZero || other.exponent === range.special) return false
  const exponent = predictedExponent(operation, range, a, b)
  return exponent > range.below && exponent < range.special
}

/** UltraSPARC-I table 14-5: whether the result of normal operands is left to software, as far as their exponents tell. */
export function leavesResult(
  operation: 'product' | 'quotient',
  range: ExponentRange,
  a: OperandClass,
  b: OperandClass,
): boolean {
  if (!isNormal(a, range) || !isNormal(b, range)) return false
  const exponent = predictedExponent(operation, range, a, b)
  return exponent > range.below && (operation === 'product' ? exponent < 1 : exponent <= 1)
}

/** E_R: for a product the biased sum of the exponents plus one, for a quotient their biased difference. */
function predictedExponent(
  operation: 'product' | 'quotient',
  { bias }: ExponentRange,
  a: OperandClass,
  b: OperandClass,
): number {
  return operation === 'product' ? a.exponent + b.exponent - bias + 1 : a.exponent - b.exponent + bias
}

export function isSubnormal({ exponent, isZero }: OperandClass): boolean {
  return exponent === 0 && !isZero
}

function isNormal({ exponent }: OperandClass, { special }: ExponentRange): boolean {
  return exponent !== 0 && exponent !== special
}
