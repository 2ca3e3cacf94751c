import { type Instruction, insn } from '../instruction'
import type { Execute, Semantics } from '../semantics'

const OPERANDS = '%rs1, src2, %rd'

function arithmetic(name: string, op3: string, section: string, execute: Execute): Instruction {
  return insn(name, `10 rd ${op3} rs1 i src2`, OPERANDS, section, execute)
}

function carry<V, B, P>(s: Semantics<V, B, P>): V {
  return s.and(s.ccr(), s.constant(1n))
}

export function integerRows(): Instruction[] {
  return [...additions(), ...subtractions(), ...logicals(), ...constants()]
}

function additions(): Instruction[] {
  return [
    arithmetic('add', '000000', 'V9 A.2', (s) => s.setRd(s.add(s.rs1(), s.src2()))),
    arithmetic('addcc', '010000', 'V9 A.2', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const sum = s.add(a, b)
      s.setConditionCodes('add', a, b, sum)
      s.setRd(sum)
    }),
    arithmetic('addc', '001000', 'V9 A.2', (s) => s.setRd(s.add(s.add(s.rs1(), s.src2()), carry(s)))),
    arithmetic('addccc', '011000', 'V9 A.2', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const sum = s.add(s.add(a, b), carry(s))
      s.setConditionCodes('add', a, b, sum)
      s.setRd(sum)
    }),
  ]
}

function subtractions(): Instruction[] {
  return [
    arithmetic('sub', '000100', 'V9 A.56', (s) => s.setRd(s.sub(s.rs1(), s.src2()))),
    arithmetic('subcc', '010100', 'V9 A.56', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const difference = s.sub(a, b)
      s.setConditionCodes('sub', a, b, difference)
      s.setRd(difference)
    }),
    arithmetic('subc', '001100', 'V9 A.56', (s) => s.setRd(s.sub(s.sub(s.rs1(), s.src2()), carry(s)))),
    arithmetic('subccc', '011100', 'V9 A.56', (s) => {
      const a = s.rs1()
      const b = s.src2()
      const difference = s.sub(s.sub(a, b), carry(s))
      s.setConditionCodes('sub', a, b, difference)
      s.setRd(difference)
    }),
  ]
}

function logicals(): Instruction[] {
  return [
    arithmetic('and', '000001', 'V9 A.31', (s) => s.setRd(s.and(s.rs1(), s.src2()))),
    arithmetic('or', '000010', 'V9 A.31', (s) => s.setRd(s.or(s.rs1(), s.src2()))),
    arithmetic('xor', '000011', 'V9 A.31', (s) => s.setRd(s.xor(s.rs1(), s.src2()))),
    arithmetic('andn', '000101', 'V9 A.31', (s) => s.setRd(s.and(s.rs1(), s.not(s.src2())))),
    arithmetic('orn', '000110', 'V9 A.31', (s) => s.setRd(s.or(s.rs1(), s.not(s.src2())))),
    arithmetic('xnor', '000111', 'V9 A.31', (s) => s.setRd(s.not(s.xor(s.rs1(), s.src2())))),
    arithmetic('andcc', '010001', 'V9 A.31', (s) => {
      const a = s.rs1()
      const b = s.src2()
      setLogic(s, a, b, s.and(a, b))
    }),
    arithmetic('orcc', '010010', 'V9 A.31', (s) => {
      const a = s.rs1()
      const b = s.src2()
      setLogic(s, a, b, s.or(a, b))
    }),
    arithmetic('xorcc', '010011', 'V9 A.31', (s) => {
      const a = s.rs1()
      const b = s.src2()
      setLogic(s, a, b, s.xor(a, b))
    }),
    arithmetic('andncc', '010101', 'V9 A.31', (s) => {
      const a = s.rs1()
      const b = s.src2()
      setLogic(s, a, b, s.and(a, s.not(b)))
    }),
    arithmetic('orncc', '010110', 'V9 A.31', (s) => {
      const a = s.rs1()
      const b = s.src2()
      setLogic(s, a, b, s.or(a, s.not(b)))
    }),
    arithmetic('xnorcc', '010111', 'V9 A.31', (s) => {
      const a = s.rs1()
      const b = s.src2()
      setLogic(s, a, b, s.not(s.xor(a, b)))
    }),
  ]
}

function setLogic<V, B, P>(s: Semantics<V, B, P>, a: V, b: V, result: V): void {
  s.setConditionCodes('logic', a, b, result)
  s.setRd(result)
}

function constants(): Instruction[] {
  return [insn('sethi', '00 rd 100 imm22', 'imm22, %rd', 'V9 A.48', (s) => s.setRd(s.immediate()))]
}
