import { annulOf, displacementOf, getField, immediateOf, selectsImmediate } from '../isa/encoding'
import type { Instruction } from '../isa/instruction'
import type { Execute } from '../isa/semantics'
import type { DecodedOperands } from './reference-memory'

export interface DecodedInstruction extends DecodedOperands {
  readonly execute: Execute
}

const illegalInstruction: Execute = (s) => s.trap('illegal_instruction')

/** A word taken apart for its row; without a row it is an illegal instruction. */
export function decodeOperands(word: number, instruction: Instruction | undefined): DecodedInstruction {
  const useImmediate = instruction !== undefined && selectsImmediate(instruction, word)
  return {
    execute: instruction?.execute ?? illegalInstruction,
    word,
    rd: getField(word, 'rd'),
    rs1: getField(word, 'rs1'),
    rs2: getField(word, 'rs2'),
    useImmediate,
    immediate: instruction === undefined ? 0n : immediateOf(instruction, word),
    displacement: instruction === undefined ? 0 : displacementOf(instruction, word),
    annul: instruction !== undefined && annulOf(instruction, word),
    asi: getField(word, 'i') === 0 ? getField(word, 'imm_asi') : -1,
  }
}
