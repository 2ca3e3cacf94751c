import { type Instruction, insn } from '../instruction'
import type { Execute, Semantics } from '../semantics'

function arithmetic(name: string, op3: string, section: string, execute: Execute): Instruction {
  return insn(name, `10 rd ${op3} rs1 i src2`, '%rs1, src2, %rd', section, execute)
}

export function multiplyDivideRows(): Instruction[] {
  return [...multiplyDivide64(), ...multiply32(), ...divide32(), multiplyStep(), ...tagged()]
}

function multiplyDivide64(): Instruction[] {
  return [
    arithmetic('mulx', '001001', 'V9 A.37', (s) => s.setRd(s.mul(s.rs1(), s.src2()))),
    arithmetic('sdivx', '101101', 'V9 A.37', (s) => {
      const divisor = s.src2()
      s.trapIf(s.equal(divisor, s.constant(0n)), 'division_by_zero')
      s.setRd(s.sdiv(s.rs1(), divisor))
    }),
    arithmetic('udivx', '001101', 'V9 A.37', (s) => {
      const divisor = s.src2()
      s.trapIf(s.equal(divisor, s.constant(0n)), 'division_by_zero')
      s.setRd(s.udiv(s.rs1(), divisor))
    }),
  ]
}

function multiply32(): Instruction[] {
  return [
    arithmetic('umul', '001010', 'V9 A.38', (s) => setProduct(s, unsignedProduct(s))),
    arithmetic('smul', '001011', 'V9 A.38', (s) => setProduct(s, signedProduct(s))),
    arithmetic('umulcc', '011010', 'V9 A.38', (s) => {
      const product = unsignedProduct(s)
      s.setConditionCodes('logic', product, product, product)
      setProduct(s, product)
    }),
    arithmetic('smulcc', '011011', 'V9 A.38', (s) => {
      const product = signedProduct(s)
      s.setConditionCodes('logic', product, product, product)
      setProduct(s, product)
    }),
  ]
}

function unsignedProduct<V, B, P>(s: Semantics<V, B, P>): V {
  return s.mul(s.zeroExtend(s.rs1(), 32), s.zeroExtend(s.src2(), 32))
}

function signedProduct<V, B, P>(s: Semantics<V, B, P>): V {
  return s.mul(s.signExtend(s.rs1(), 32), s.signExtend(s.src2(), 32))
}

function setProduct<V, B, P>(s: Semantics<V, B, P>, product: V): void {
  s.setY(s.shr(product, s.constant(32n)))
  s.setRd(product)
}

function divide32(): Instruction[] {
  return [
    arithmetic('udiv', '001110', 'V9 A.10', (s) => s.setRd(unsignedQuotient(s).quotient)),
    arithmetic('sdiv', '001111', 'V9 A.10', (s) => s.setRd(signedQuotient(s).quotient)),
    arithmetic('udivcc', '011110', 'V9 A.10', (s) => setQuotient(s, unsignedQuotient(s))),
    arithmetic('sdivcc', '011111', 'V9 A.10', (s) => setQuotient(s, signedQuotient(s))),
  ]
}

interface Quotient<V, B> {
  readonly quotient: V
  readonly overflow: B
}

function dividend<V, B, P>(s: Semantics<V, B, P>): V {
  return s.or(s.shl(s.y(), s.constant(32n)), s.zeroExtend(s.rs1(), 32))
}

function unsignedQuotient<V, B, P>(s: Semantics<V, B, P>): Quotient<V, B> {
  const divisor = s.zeroExtend(s.src2(), 32)
  s.trapIf(s.equal(divisor, s.constant(0n)), 'division_by_zero')
  const exact = s.udiv(dividend(s), divisor)
  const largest = s.constant(0xffff_ffffn)
  const overflow = s.lessUnsigned(largest, exact)
  return { quotient: s.select(overflow, largest, exact), overflow }
}

function signedQuotient<V, B, P>(s: Semantics<V, B, P>): Quotient<V, B> {
  const divisor = s.signExtend(s.src2(), 32)
  s.trapIf(s.equal(divisor, s.constant(0n)), 'division_by_zero')
  const numerator = dividend(s)
  const exact = s.sdiv(numerator, divisor)
  const largest = s.constant(0x7fff_ffffn)
  const smallest = s.constant(-0x8000_0000n)
  const wrapped = s.both(s.equal(numerator, s.constant(-0x8000_0000_0000_0000n)), s.equal(divisor, s.constant(-1n)))
  const above = s.either(s.lessSigned(largest, exact), wrapped)
  const below = s.lessSigned(exact, smallest)
  return {
    quotient: s.select(above, largest, s.select(below, smallest, exact)),
    overflow: s.either(above, below),
  }
}

function setQuotient<V, B, P>(s: Semantics<V, B, P>, { quotient, overflow }: Quotient<V, B>): void {
  s.setConditionCodes('logic', quotient, quotient, quotient)
  raiseIccOverflow(s, overflow)
  s.setRd(quotient)
}

function raiseIccOverflow<V, B, P>(s: Semantics<V, B, P>, overflow: B): void {
  s.setCcr(s.or(s.ccr(), s.select(overflow, s.constant(2n), s.constant(0n))))
}

function multiplyStep(): Instruction {
  return arithmetic('mulscc', '100100', 'V9 A.39', (s) => {
    const multiplier = s.zeroExtend(s.rs1(), 32)
    const codes = s.ccr()
    const one = s.constant(1n)
    const signOfPartial = s.and(s.xor(s.shr(codes, s.constant(3n)), s.shr(codes, one)), one)
    const partial = s.or(s.shl(signOfPartial, s.constant(31n)), s.shr(multiplier, one))
    const y = s.y()
    const addend = s.select(s.equal(s.and(y, one), one), s.zeroExtend(s.src2(), 32), s.constant(0n))
    const sum = s.add(partial, addend)
    s.setConditionCodes('add', partial, addend, sum)
    s.setY(s.or(s.shl(s.and(multiplier, one), s.constant(31n)), s.shr(y, one)))
    s.setRd(sum)
  })
}

function tagged(): Instruction[] {
  return [
    arithmetic('taddcc', '100000', 'V9 A.59', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const sum = s.add(a, b)
      s.setConditionCodes('add', a, b, sum)
      raiseIccOverflow(s, hasTag(s, a, b))
      s.setRd(sum)
    }),
    arithmetic('taddcctv', '100010', 'V9 A.59', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const sum = s.add(a, b)
      const exact = s.add(s.signExtend(a, 32), s.signExtend(b, 32))
      s.trapIf(s.either(hasTag(s, a, b), exceedsInt32(s, exact)), 'tag_overflow')
      s.setConditionCodes('add', a, b, sum)
      s.setRd(sum)
    }),
    arithmetic('tsubcc', '100001', 'V9 A.60', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const difference = s.sub(a, b)
      s.setConditionCodes('sub', a, b, difference)
      raiseIccOverflow(s, hasTag(s, a, b))
      s.setRd(difference)
    }),
    arithmetic('tsubcctv', '100011', 'V9 A.60', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const difference = s.sub(a, b)
      const exact = s.sub(s.signExtend(a, 32), s.signExtend(b, 32))
      s.trapIf(s.either(hasTag(s, a, b), exceedsInt32(s, exact)), 'tag_overflow')
      s.setConditionCodes('sub', a, b, difference)
      s.setRd(difference)
    }),
  ]
}

function hasTag<V, B, P>(s: Semantics<V, B, P>, a: V, b: V): B {
  return s.negate(s.equal(s.and(s.or(a, b), s.constant(3n)), s.constant(0n)))
}

function exceedsInt32<V, B, P>(s: Semantics<V, B, P>, value: V): B {
  return s.negate(s.equal(value, s.signExtend(value, 32)))
}
