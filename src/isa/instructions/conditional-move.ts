import { type Instruction, insn } from '../instruction'
import {
  binary,
  FLOAT_CONDITION_CODES,
  FLOAT_CONDITIONS,
  INTEGER_CONDITION_CODES,
  INTEGER_CONDITIONS,
  REGISTER_CONDITIONS,
} from './conditions'

export function conditionalMoveRows(): Instruction[] {
  return [...onIntegerConditions(), ...onFloatConditions(), ...onRegisterConditions()]
}

function onIntegerConditions(): Instruction[] {
  return INTEGER_CONDITION_CODES.flatMap(([codes, bits]) =>
    INTEGER_CONDITIONS.map((name, condition) =>
      insn(
        `mov${name}`,
        `10 rd 101100 1 ${binary(condition, 4)} i ${bits} src2_11`,
        `%${codes}, src2_11, %rd`,
        'V9 A.35',
        (s) => s.setRd(s.select(s.testIntegerCondition(codes, condition), s.src2(), s.rd())),
      ),
    ),
  )
}

function onFloatConditions(): Instruction[] {
  return FLOAT_CONDITION_CODES.flatMap((fcc) =>
    FLOAT_CONDITIONS.map((name, condition) =>
      insn(
        `mov${name}`,
        `10 rd 101100 0 ${binary(condition, 4)} i ${binary(fcc, 2)} src2_11`,
        `%fcc${fcc}, src2_11, %rd`,
        'V9 A.35',
        (s) => {
          s.requireFloat()
          s.setRd(s.select(s.testFloatCondition(fcc, condition), s.src2(), s.rd()))
        },
      ),
    ),
  )
}

function onRegisterConditions(): Instruction[] {
  return REGISTER_CONDITIONS.map(([condition, name]) =>
    insn(`movr${name}`, `10 rd 101111 rs1 i ${binary(condition, 3)} src2_10`, '%rs1, src2_10, %rd', 'V9 A.36', (s) =>
      s.setRd(s.select(s.testRegisterCondition(condition, s.rs1()), s.src2(), s.rd())),
    ),
  )
}
