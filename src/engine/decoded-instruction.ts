import { annulOf, displacementOf, getField, immediateOf, selectsImmediate } from '../isa/encoding'
import { type Instruction, insn } from '../isa/instruction'
import type { Execute } from '../isa/semantics'
import type { DecodedOperands } from './reference-memory'

export interface DecodedInstruction extends DecodedOperands {
  readonly execute: Execute
}

const ILLEGAL = insn('illegal', '-'.repeat(32), '', 'V9 6.2', (s) => s.trap('illegal_instruction'))

/** A word taken apart for its row; without a row it is an illegal instruction. */
export function decodeOperands(word: number, instruction: Instruction = ILLEGAL): DecodedInstruction {
  return {
    execute: instruction.execute,
    word,
    rd: getField(word, 'rd'),
    rs1: getField(word, 'rs1'),
    rs2: getField(word, 'rs2'),
    useImmediate: selectsImmediate(instruction, word),
    immediate: immediateOf(instruction, word),
    displacement: displacementOf(instruction, word),
    annul: annulOf(instruction, word),
    asi: getField(word, 'i') === 0 ? getField(word, 'imm_asi') : -1,
  }
}
