import { type Instruction, insn } from '../instruction'
import type { Semantics } from '../semantics'
import {
  ALWAYS,
  binary,
  FLOAT_CONDITION_CODES,
  FLOAT_CONDITIONS,
  INTEGER_CONDITION_CODES,
  INTEGER_CONDITIONS,
  NEVER,
  REGISTER_CONDITIONS,
} from './conditions'

export function branchRows(): Instruction[] {
  return [
    ...onIntegerConditions(),
    ...onFloatConditions(),
    ...onRegisterConditions(),
    ...callsAndReturns(),
    ...trapsOnConditions(),
    ...softwareErrors(),
  ]
}

function onIntegerConditions(): Instruction[] {
  return INTEGER_CONDITIONS.flatMap((name, condition) => [
    insn(`b${name}`, `00 a ${binary(condition, 4)} 010 disp22`, ',a disp22', 'V9 A.6', (s) =>
      branchOnInteger(s, 'icc', condition),
    ),
    ...INTEGER_CONDITION_CODES.map(([codes, bits]) =>
      insn(`b${name}`, `00 a ${binary(condition, 4)} 001 ${bits} p disp19`, `,a,p %${codes}, disp19`, 'V9 A.7', (s) =>
        branchOnInteger(s, codes, condition),
      ),
    ),
  ])
}

function branchOnInteger<V, B, P>(s: Semantics<V, B, P>, codes: 'icc' | 'xcc', condition: number): void {
  if (condition === ALWAYS) s.branchAlways()
  else if (condition === NEVER) s.branch(s.never())
  else s.branch(s.testIntegerCondition(codes, condition))
}

function onFloatConditions(): Instruction[] {
  return FLOAT_CONDITIONS.flatMap((name, condition) => [
    insn(`fb${name}`, `00 a ${binary(condition, 4)} 110 disp22`, ',a disp22', 'V9 A.4', (s) =>
      branchOnFloat(s, 0, condition),
    ),
    ...FLOAT_CONDITION_CODES.map((fcc) =>
      insn(
        `fb${name}`,
        `00 a ${binary(condition, 4)} 101 ${binary(fcc, 2)} p disp19`,
        `,a,p %fcc${fcc}, disp19`,
        'V9 A.5',
        (s) => branchOnFloat(s, fcc, condition),
      ),
    ),
  ])
}

function branchOnFloat<V, B, P>(s: Semantics<V, B, P>, fcc: number, condition: number): void {
  s.requireFloat()
  if (condition === ALWAYS) s.branchAlways()
  else if (condition === NEVER) s.branch(s.never())
  else s.branch(s.testFloatCondition(fcc, condition))
}

function onRegisterConditions(): Instruction[] {
  return REGISTER_CONDITIONS.map(([condition, name]) =>
    insn(`br${name}`, `00 a 0 ${binary(condition, 3)} 011 d16hi p rs1 d16lo`, ',a,p %rs1, disp16', 'V9 A.3', (s) =>
      s.branch(s.testRegisterCondition(condition, s.rs1())),
    ),
  )
}

function callsAndReturns(): Instruction[] {
  return [
    insn('call', '01 disp30', 'disp30', 'V9 A.8', (s) => {
      s.setRegister(15, s.pc())
      s.branchAlways()
    }),
    insn('jmpl', '10 rd 111000 rs1 i src2', 'address, %rd', 'V9 A.24', (s) => {
      const target = s.add(s.rs1(), s.src2())
      s.requireTarget(target)
      s.setRd(s.pc())
      s.jump(target)
    }),
    insn('return', '10 ----- 111001 rs1 i src2', 'address', 'V9 A.45', (s) => {
      const target = s.add(s.rs1(), s.src2())
      s.requireRestorable()
      s.requireTarget(target)
      s.restoreWindow()
      s.jump(target)
    }),
  ]
}

function trapsOnConditions(): Instruction[] {
  return INTEGER_CONDITION_CODES.flatMap(([codes, bits]) =>
    INTEGER_CONDITIONS.map((name, condition) =>
      insn(
        `t${name}`,
        `10 - ${binary(condition, 4)} 111010 rs1 i ${bits} src2_trap`,
        `%${codes}, software_trap`,
        'V9 A.61',
        (s) => {
          const number = s.add(s.rs1(), s.src2())
          if (condition === ALWAYS) s.softwareTrap(s.always(), number)
          else if (condition !== NEVER) s.softwareTrap(s.testIntegerCondition(codes, condition), number)
        },
      ),
    ),
  )
}

function softwareErrors(): Instruction[] {
  return [
    insn('illtrap', '00 ----- 000 const22', 'const22', 'V9 A.22', (s) => s.trap('illegal_instruction')),
    insn('sir', '10 01111 110000 00000 1 simm13', 'simm13', 'V9 A.50', (s) =>
      s.trapIf(s.privileged(), 'software_initiated_reset'),
    ),
  ]
}
