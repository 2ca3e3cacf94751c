import { immediateOf, selectsImmediate } from '../../src/isa/encoding'
import type { Instruction } from '../../src/isa/instruction'
import { OperandSemantics } from './operand-semantics'

const bit = (value: bigint, at: number) => (value >> BigInt(at)) & 1n

/** Rows of integer arithmetic on operands alone, with condition codes, Y and immediates. */
export class IntegerSemantics extends OperandSemantics {
  codes = 0n
  yRegister = 0n
  immediate = () => 0n
  private second = 0n

  runWord(row: Instruction, word: number): this {
    this.second = selectsImmediate(row, word) ? BigInt.asUintN(64, immediateOf(row, word)) : this.r2
    return this.run(row)
  }

  override src2 = () => this.second
  shiftCount = (width: 32 | 64) => this.second & BigInt(width - 1)
  udiv = (a: bigint, b: bigint) => a / b
  sdiv = (a: bigint, b: bigint) => BigInt.asUintN(64, BigInt.asIntN(64, a) / BigInt.asIntN(64, b))
  popcount = (a: bigint) => BigInt([...a.toString(2)].filter((digit) => digit === '1').length)
  both = (a: boolean, b: boolean) => a && b
  either = (a: boolean, b: boolean) => a || b

  branchWithoutDelay = (taken: boolean) => this.events.push(taken ? 'taken' : 'not taken')

  ccr = () => this.codes
  setCcr = (value: bigint) => {
    this.codes = BigInt.asUintN(8, value)
  }
  y = () => this.yRegister
  setY = (value: bigint) => {
    this.yRegister = BigInt.asUintN(32, value)
  }

  override setConditionCodes = (kind: string, a: bigint, b: bigint, result: bigint) => {
    this.codes = (this.codesOf(kind, a, b, result, 64) << 4n) | this.codesOf(kind, a, b, result, 32)
  }

  override testIntegerCondition = (which: string, condition: number) => {
    const codes = which === 'icc' ? this.codes & 15n : this.codes >> 4n
    const [n, z, v, c] = [bit(codes, 3) === 1n, bit(codes, 2) === 1n, bit(codes, 1) === 1n, bit(codes, 0) === 1n]
    const positive = [false, z, z || n !== v, n !== v, c || z, c, n, v][condition & 7]!
    return condition >= 8 ? !positive : positive
  }

  override testRegisterCondition = (condition: number, value: bigint) => {
    const sign = BigInt.asIntN(64, value)
    const positive = [false, sign === 0n, sign <= 0n, sign < 0n][condition & 3]!
    return condition >= 4 ? !positive : positive
  }

  private codesOf(kind: string, a: bigint, b: bigint, result: bigint, width: 32 | 64): bigint {
    const top = width - 1
    const n = bit(result, top)
    const z = BigInt.asUintN(width, result) === 0n ? 1n : 0n
    if (kind === 'logic') return (n << 3n) | (z << 2n)
    const [p, q] = [bit(a, top), bit(b, top)]
    const v = kind === 'add' ? (p ^ n) & (q ^ n) : (p ^ q) & (p ^ n)
    const c = kind === 'add' ? (p & q) | ((p | q) & (n ^ 1n)) : ((p ^ 1n) & q) | (((p ^ 1n) | q) & n)
    return (n << 3n) | (z << 2n) | (v << 1n) | c
  }
}
