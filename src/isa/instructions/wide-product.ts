import type { Semantics } from '../semantics'

/** Bits 127:64 of the unsigned product of two 64-bit values. */
export function highProduct<V, B, P>(s: Semantics<V, B, P>, a: V, b: V): V {
  const half = s.constant(32n)
  const aHigh = s.shr(a, half)
  const aLow = s.zeroExtend(a, 32)
  const bHigh = s.shr(b, half)
  const bLow = s.zeroExtend(b, 32)
  const middle = s.add(s.mul(aHigh, bLow), s.shr(s.mul(aLow, bLow), half))
  const other = s.add(s.mul(aLow, bHigh), s.zeroExtend(middle, 32))
  return s.add(s.mul(aHigh, bHigh), s.add(s.shr(middle, half), s.shr(other, half)))
}

/** The product of two 64-bit polynomials over GF(2): bits 63:0 and bits 127:64. */
export function carrylessProduct<V, B, P>(s: Semantics<V, B, P>, a: V, b: V): { low: V; high: V } {
  const zero = s.constant(0n)
  const one = s.constant(1n)
  let low = zero
  let high = zero
  for (let bit = 0; bit < 64; bit++) {
    const set = s.equal(s.and(s.shr(b, s.constant(BigInt(bit))), one), one)
    low = s.xor(low, s.select(set, s.shl(a, s.constant(BigInt(bit))), zero))
    if (bit > 0) high = s.xor(high, s.select(set, s.shr(a, s.constant(BigInt(64 - bit))), zero))
  }
  return { low, high }
}
