/** A binary interchange format of IEEE 754: sign, biased exponent, fraction, packed into one integer of `bits` bits. */
export interface BinaryFormat {
  readonly bits: number
  readonly fractionBits: number
  /** Bits of a normal significand, the hidden one included. */
  readonly precision: number
  readonly bias: number
  /** Exponent of the smallest normal number. */
  readonly minimumExponent: number
  /** The biased exponent of infinities and NaNs. */
  readonly specialExponent: number
  readonly sign: bigint
  readonly magnitudeMask: bigint
  readonly fractionMask: bigint
  readonly hiddenBit: bigint
  /** Set in a quiet NaN, clear in a signaling one. */
  readonly quietBit: bigint
  readonly infinity: bigint
  /** The result of an invalid operation on numbers: positive, quiet, all fraction bits ones (V9 B.2.2). */
  readonly defaultNaN: bigint
}

function binaryFormat(bits: number, fractionBits: number): BinaryFormat {
  const specialExponent = (1 << (bits - fractionBits - 1)) - 1
  const bias = specialExponent >> 1
  const hiddenBit = 1n << BigInt(fractionBits)
  const sign = 1n << BigInt(bits - 1)
  return {
    bits,
    fractionBits,
    precision: fractionBits + 1,
    bias,
    minimumExponent: 1 - bias,
    specialExponent,
    sign,
    magnitudeMask: sign - 1n,
    fractionMask: hiddenBit - 1n,
    hiddenBit,
    quietBit: hiddenBit >> 1n,
    infinity: BigInt(specialExponent) << BigInt(fractionBits),
    defaultNaN: sign - 1n,
  }
}

export const BINARY32 = binaryFormat(32, 23)
export const BINARY64 = binaryFormat(64, 52)
export const BINARY128 = binaryFormat(128, 112)

/** True for a quiet or signaling NaN. */
export function isNaNIn(format: BinaryFormat, a: bigint): boolean {
  return (a & format.magnitudeMask) > format.infinity
}

export function isSignalingNaN(format: BinaryFormat, a: bigint): boolean {
  return isNaNIn(format, a) && (a & format.quietBit) === 0n
}

/** A finite number as (-1)^negative * significand * 2^exponent; the significand is 0 for a zero. */
export interface Unpacked {
  readonly negative: boolean
  readonly exponent: number
  readonly significand: bigint
}

/** Takes a finite number apart. An infinity or a NaN comes out as a number that is beyond all finite ones. */
export function unpack(format: BinaryFormat, a: bigint): Unpacked {
  const magnitude = a & format.magnitudeMask
  const biased = Number(magnitude >> BigInt(format.fractionBits))
  const fraction = magnitude & format.fractionMask
  return {
    negative: (a & format.sign) !== 0n,
    exponent: Math.max(biased, 1) - format.bias - format.fractionBits,
    significand: biased === 0 ? fraction : fraction | format.hiddenBit,
  }
}

/** The exact sum of two finite numbers over the lesser of their exponents; its sign is of no use if it is zero. */
export function exactSum(x: Unpacked, y: Unpacked): Unpacked {
  const exponent = Math.min(x.exponent, y.exponent)
  const [left, right] = [x, y].map((number) => {
    const magnitude = number.significand << BigInt(number.exponent - exponent)
    return number.negative ? -magnitude : magnitude
  })
  return { exponent, ...signAndMagnitude(left! + right!) }
}

/** Takes a signed integer apart. */
export function signAndMagnitude(value: bigint): Pick<Unpacked, 'negative' | 'significand'> {
  const negative = value < 0n
  return { negative, significand: negative ? -value : value }
}

/** Number of bits of a positive integer. */
export function bitLength(a: bigint): number {
  return a.toString(2).length
}
