import { type Instruction, insn } from '../instruction'
import type { FloatWidth, Semantics } from '../semantics'
import { binary, FLOAT_CONDITION_CODES, FLOAT_CONDITIONS, INTEGER_CONDITIONS, REGISTER_CONDITIONS } from './conditions'

/** Moves between f registers: plain, negated, absolute, and conditional ones. */
export function floatMoveRows(): Instruction[] {
  return [...moves(), ...onIntegerConditions(), ...onFloatConditions(), ...onRegisterConditions()]
}

const SIGN = { s: 0x8000_0000n, d: 0x8000_0000_0000_0000n } as const
const WIDTHS = ['s', 'd'] as const

function moves(): Instruction[] {
  return [
    ...WIDTHS.flatMap((width) => [
      move(`fmov${width}`, width === 's' ? 0x01 : 0x02, width, (_, value) => value),
      move(`fneg${width}`, width === 's' ? 0x05 : 0x06, width, (s, value) => s.xor(value, s.constant(SIGN[width]))),
      move(`fabs${width}`, width === 's' ? 0x09 : 0x0a, width, (s, value) =>
        s.and(value, s.constant(SIGN[width] - 1n)),
      ),
    ]),
    quadMove('fmovq', 0x03),
    quadMove('fnegq', 0x07),
    quadMove('fabsq', 0x0b),
  ]
}

type Change = <V, B, P>(s: Semantics<V, B, P>, value: V) => V

function move(name: string, opf: number, width: FloatWidth, change: Change): Instruction {
  return insn(name, `10 rd 110100 ----- ${binary(opf, 9)} rs2`, `%frs2${width}, %frd${width}`, 'V9 A.17', (s) => {
    s.requireFloat()
    const value = change(s, s.frs2(width))
    s.clearFloatExceptions()
    s.setFrd(width, value)
  })
}

function quadMove(name: 'fmovq' | 'fnegq' | 'fabsq', opf: number): Instruction {
  return insn(name, `10 rd 110100 ----- ${binary(opf, 9)} rs2`, '%frs2q, %frdq', 'V9 A.17', (s) => {
    s.requireFloat()
    s.quad(name)
  })
}

type Test = <V, B, P>(s: Semantics<V, B, P>) => B

/** opf_low of a conditional move, 6 bits on condition codes, 5 on a register (V9 A.33, A.34). */
const CONDITIONAL_WIDTHS = [
  ['s', 1],
  ['d', 2],
  ['q', 3],
] as const

/** opf_cc: 0 to 3 fccn, 4 icc, 6 xcc (V9 A.33). */
const INTEGER_OPF_CC = [
  ['icc', 4],
  ['xcc', 6],
] as const

function onIntegerConditions(): Instruction[] {
  return INTEGER_OPF_CC.flatMap(([codes, opfCc]) =>
    INTEGER_CONDITIONS.flatMap((suffix, condition) =>
      onConditionCodes(suffix, condition, opfCc, codes, (s) => s.testIntegerCondition(codes, condition)),
    ),
  )
}

function onFloatConditions(): Instruction[] {
  return FLOAT_CONDITION_CODES.flatMap((fcc) =>
    FLOAT_CONDITIONS.flatMap((suffix, condition) =>
      onConditionCodes(suffix, condition, fcc, `fcc${fcc}`, (s) => s.testFloatCondition(fcc, condition)),
    ),
  )
}

function onConditionCodes(suffix: string, condition: number, opfCc: number, codes: string, test: Test): Instruction[] {
  return CONDITIONAL_WIDTHS.map(([width, opfLow]) =>
    conditional(
      `fmov${width}${suffix}`,
      `10 rd 110101 0 ${binary(condition, 4)} ${binary(opfCc, 3)} ${binary(opfLow, 6)} rs2`,
      `%${codes}, %frs2${width}, %frd${width}`,
      'V9 A.33',
      width,
      test,
    ),
  )
}

function onRegisterConditions(): Instruction[] {
  return REGISTER_CONDITIONS.flatMap(([condition, suffix]) =>
    CONDITIONAL_WIDTHS.map(([width, low]) =>
      conditional(
        `fmovr${width}${suffix}`,
        `10 rd 110101 rs1 0 ${binary(condition, 3)} ${binary(low + 4, 5)} rs2`,
        `%rs1, %frs2${width}, %frd${width}`,
        'V9 A.34',
        width,
        (s) => s.testRegisterCondition(condition, s.rs1()),
      ),
    ),
  )
}

function conditional(
  name: string,
  pattern: string,
  syntax: string,
  section: string,
  width: FloatWidth | 'q',
  test: Test,
): Instruction {
  if (width === 'q') {
    return insn(name, pattern, syntax, section, (s) => {
      s.requireFloat()
      s.quad('fmovq', test(s))
    })
  }
  return insn(name, pattern, syntax, section, (s) => {
    s.requireFloat()
    const value = s.select(test(s), s.frs2(width), s.frd(width))
    s.clearFloatExceptions()
    s.setFrd(width, value)
  })
}
