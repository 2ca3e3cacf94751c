import { REGISTER } from '../state/layout'
import { ReferenceWindows } from './reference-windows'

/** icc values (N Z V C) that satisfy each Bicc condition, as 16-bit masks (V9 A.7). */
const CONDITION_MASKS = (() => {
  const n = 0xff00
  const z = 0xf0f0
  const v = 0xcccc
  const c = 0xaaaa
  const base = [0, z, z | (n ^ v), n ^ v, c | z, c, n, v]
  return Int32Array.from([...base, ...base.map((mask) => ~mask)])
})()

const CCR = REGISTER.ccr >> 2
const Y = REGISTER.y >> 3

/** Integer operands and values, conditions and condition codes. Values are signed 64-bit. */
export class ReferenceInteger extends ReferenceWindows {
  // Operands
  rs1(): bigint {
    return this.w64[this.map[this.insn.rs1]]
  }
  rs2(): bigint {
    return this.w64[this.map[this.insn.rs2]]
  }
  src2(): bigint {
    const { insn } = this
    return insn.useImmediate ? insn.immediate : this.w64[this.map[insn.rs2]]
  }
  shiftCount(width: 32 | 64): bigint {
    return this.src2() & (width === 32 ? 31n : 63n)
  }
  rd(): bigint {
    return this.w64[this.map[this.insn.rd]]
  }
  setRd(value: bigint): void {
    const { rd } = this.insn
    if (rd !== 0) this.w64[this.map[rd]] = value
  }
  rdPair(): readonly [bigint, bigint] {
    const { rd } = this.insn
    return [BigInt.asUintN(32, this.w64[this.map[rd]]), BigInt.asUintN(32, this.w64[this.map[rd + 1]])]
  }
  setRdPair(even: bigint, odd: bigint): void {
    this.setPair(even, odd)
  }
  requireEvenRd(): void {
    if (this.insn.rd & 1) this.raise('illegal_instruction')
  }
  setRegister(number: number, value: bigint): void {
    this.w64[this.map[number]] = value
  }
  immediate(): bigint {
    return this.insn.immediate
  }
  pc(): bigint {
    const pc = this.w64[this.pcIndex >> 1]
    return this.addressMask ? BigInt.asUintN(32, pc) : pc
  }

  // Values
  constant(value: bigint): bigint {
    return value
  }
  add(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a + b)
  }
  sub(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a - b)
  }
  mul(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a * b)
  }
  udiv(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, BigInt.asUintN(64, a) / BigInt.asUintN(64, b))
  }
  sdiv(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a / b)
  }
  and(a: bigint, b: bigint): bigint {
    return a & b
  }
  or(a: bigint, b: bigint): bigint {
    return a | b
  }
  xor(a: bigint, b: bigint): bigint {
    return a ^ b
  }
  not(a: bigint): bigint {
    return ~a
  }
  shl(a: bigint, count: bigint): bigint {
    return BigInt.asIntN(64, a << count)
  }
  shr(a: bigint, count: bigint): bigint {
    return BigInt.asIntN(64, BigInt.asUintN(64, a) >> count)
  }
  sar(a: bigint, count: bigint): bigint {
    return a >> count
  }
  zeroExtend(a: bigint, bits: number): bigint {
    return bits === 64 ? a : BigInt.asUintN(bits, a)
  }
  signExtend(a: bigint, bits: number): bigint {
    return BigInt.asIntN(bits, a)
  }
  popcount(a: bigint): bigint {
    let count = 0n
    for (let rest = BigInt.asUintN(64, a); rest !== 0n; rest &= rest - 1n) count++
    return count
  }
  select(condition: boolean, whenTrue: bigint, whenFalse: bigint): bigint {
    return condition ? whenTrue : whenFalse
  }

  // Conditions
  equal(a: bigint, b: bigint): boolean {
    return a === b
  }
  lessUnsigned(a: bigint, b: bigint): boolean {
    return BigInt.asUintN(64, a) < BigInt.asUintN(64, b)
  }
  lessSigned(a: bigint, b: bigint): boolean {
    return a < b
  }
  both(a: boolean, b: boolean): boolean {
    return a && b
  }
  either(a: boolean, b: boolean): boolean {
    return a || b
  }
  negate(a: boolean): boolean {
    return !a
  }
  always(): boolean {
    return true
  }
  never(): boolean {
    return false
  }

  // Condition codes and Y
  setConditionCodes(kind: 'add' | 'sub' | 'logic', a: bigint, b: bigint, result: bigint): void {
    const { s32, s64 } = this
    s64[0] = a
    s64[1] = b
    s64[2] = result
    const low = s32[4]
    const high = s32[5]
    let icc = (low < 0 ? 8 : 0) | (low === 0 ? 4 : 0)
    let xcc = (high < 0 ? 8 : 0) | ((low | high) === 0 ? 4 : 0)
    if (kind === 'add') {
      icc |= addFlags(s32[0], s32[2], low)
      xcc |= addFlags(s32[1], s32[3], high)
    } else if (kind === 'sub') {
      icc |= subFlags(s32[0], s32[2], low)
      xcc |= subFlags(s32[1], s32[3], high)
    }
    this.w32[this.base32 + CCR] = (xcc << 4) | icc
  }
  ccr(): bigint {
    return BigInt(this.w32[this.base32 + CCR])
  }
  setCcr(value: bigint): void {
    this.w32[this.base32 + CCR] = Number(BigInt.asUintN(8, value))
  }
  testIntegerCondition(which: 'icc' | 'xcc', condition: number): boolean {
    const ccr = this.w32[this.base32 + CCR]
    return ((CONDITION_MASKS[condition] >> (which === 'icc' ? ccr & 15 : ccr >> 4)) & 1) !== 0
  }
  testRegisterCondition(condition: number, value: bigint): boolean {
    this.s64[0] = value
    const negative = this.s32[1] < 0
    const zero = (this.s32[0] | this.s32[1]) === 0
    const base = (condition & 3) === 1 ? zero : (condition & 3) === 2 ? zero || negative : negative
    return (condition & 4) === 0 ? base : !base
  }
  y(): bigint {
    return this.w64[this.base64 + Y]
  }
  setY(value: bigint): void {
    this.w64[this.base64 + Y] = BigInt.asUintN(32, value)
  }
}

function addFlags(a: number, b: number, result: number): number {
  const overflow = (a ^ result) & (b ^ result)
  const carry = (a & b) | ((a | b) & ~result)
  return (overflow < 0 ? 2 : 0) | (carry < 0 ? 1 : 0)
}

function subFlags(a: number, b: number, result: number): number {
  const overflow = (a ^ b) & (a ^ result)
  const borrow = (~a & b) | ((~a | b) & result)
  return (overflow < 0 ? 2 : 0) | (borrow < 0 ? 1 : 0)
}
