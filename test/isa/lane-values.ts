import fc from 'fast-check'

/** Lanes of a 64-bit value from the high end, unsigned. */
export function lanesOf(value: bigint, bits: number, total = 64): number[] {
  return Array.from({ length: total / bits }, (_, i) =>
    Number(BigInt.asUintN(bits, value >> BigInt(total - bits * (i + 1)))),
  )
}

export function fromLanes(lanes: readonly number[], bits: number): bigint {
  return lanes.reduce((value, lane) => (value << BigInt(bits)) | BigInt.asUintN(bits, BigInt(lane)), 0n)
}

export const int16 = (lane: number) => (lane << 16) >> 16
export const int8 = (lane: number) => (lane << 24) >> 24
export const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

const corners = fc
  .array(fc.constantFrom(0x0000, 0x0001, 0x7fff, 0x8000, 0xffff, 0x0080, 0x00ff, 0xff80), {
    minLength: 4,
    maxLength: 4,
  })
  .map((lanes) => fromLanes(lanes, 16))

/** Any 64 bits, and often lanes at the ends of their range. */
export const laneWord = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), corners)
