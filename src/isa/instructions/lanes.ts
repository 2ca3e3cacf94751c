import type { Semantics } from '../semantics'

/** Values of several lanes packed into one, the first lane in the highest bits (UltraSPARC-I 13.3). */

/** Unsigned lane `index`, counted from the high end of a value of `count` lanes. */
export function lane<V, B, P>(s: Semantics<V, B, P>, value: V, index: number, count: number, bits: number): V {
  return s.zeroExtend(shifted(s, value, (count - 1 - index) * bits), bits)
}

export function signedLane<V, B, P>(s: Semantics<V, B, P>, value: V, index: number, count: number, bits: number): V {
  return s.signExtend(shifted(s, value, (count - 1 - index) * bits), bits)
}

function shifted<V, B, P>(s: Semantics<V, B, P>, value: V, count: number): V {
  return s.shr(value, s.constant(BigInt(count)))
}

/** Packs the low `bits` bits of each of `count` lanes, computed in order. */
export function pack<V, B, P>(s: Semantics<V, B, P>, count: number, bits: number, laneAt: (index: number) => V): V {
  let packed = s.zeroExtend(laneAt(0), bits)
  for (let index = 1; index < count; index++) {
    packed = s.or(s.shl(packed, s.constant(BigInt(bits))), s.zeroExtend(laneAt(index), bits))
  }
  return packed
}

/** The value, or the nearer end of low..high if it lies outside. */
export function clip<V, B, P>(s: Semantics<V, B, P>, value: V, low: bigint, high: bigint): V {
  const least = s.constant(low)
  const greatest = s.constant(high)
  return s.select(s.lessSigned(value, least), least, s.select(s.lessSigned(greatest, value), greatest, value))
}

export function shiftRight<V, B, P>(s: Semantics<V, B, P>, value: V, count: number): V {
  return s.sar(value, s.constant(BigInt(count)))
}
