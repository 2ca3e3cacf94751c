import Long from 'long'

/** A 64-bit value from a user: a bigint in -2^63 .. 2^64 - 1, a non-negative safe integer, or a `Long`. */
export type U64Like = bigint | number | Long

const MINIMUM = -(1n << 63n)
const MAXIMUM = (1n << 64n) - 1n

/** A value that cannot be a 64-bit word. */
export class U64Error extends TypeError {
  override readonly name = 'U64Error'
}

/**
 * The unsigned 64-bit value of `value`, 0 .. 2^64 - 1. Negative bigints wrap as two's complement.
 * @throws U64Error if `value` is a negative, fractional or unsafe number, or a bigint outside of 64 bits; `what` names it.
 */
export function toU64(value: U64Like, what = 'value'): bigint {
  if (typeof value === 'bigint') {
    if (value < MINIMUM || value > MAXIMUM) throw new U64Error(`${what}: ${value} does not fit in 64 bits`)
    return BigInt.asUintN(64, value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new U64Error(`${what}: expected a non-negative safe integer or a bigint, got ${value}`)
    return BigInt(value)
  }
  if (Long.isLong(value)) {
    return (BigInt(value.getHighBitsUnsigned()) << 32n) | BigInt(value.getLowBitsUnsigned())
  }
  throw new U64Error(`${what}: expected a bigint, a number or a Long, got ${typeof value}`)
}

/** `value` as an unsigned `Long`. */
export function toLong(value: U64Like): Long {
  const word = toU64(value)
  return Long.fromBits(Number(word & 0xffffffffn), Number(word >> 32n), true)
}

/** `0x` and 16 lower-case digits. */
export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`
}

/** `0x` and as few digits as the unsigned value needs. */
export function hex(value: bigint | number): string {
  return `0x${(typeof value === 'bigint' ? BigInt.asUintN(64, value) : value).toString(16)}`
}

/** The low `size` bytes of a value in the other order. */
export function swapBytes(value: bigint, size: number): bigint {
  let swapped = 0n
  for (let i = 0; i < size; i++) swapped = (swapped << 8n) | ((value >> BigInt(8 * i)) & 0xffn)
  return swapped
}
