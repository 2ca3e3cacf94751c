import type { Execute } from './semantics'

/**
 * One instruction.
 *
 * `pattern` lists the word from bit 31 down: literal bits, reserved bits (`-`, zero when assembled), and field names of
 * encoding.ts. `i src2` stands for the i bit and the 13-bit operand it selects: `- x8 rs2` or simm13.
 * `syntax` is the assembler form after the mnemonic, with field names where operands stand.
 */
export interface Instruction {
  readonly name: string
  readonly pattern: string
  readonly syntax: string
  readonly section: string
  readonly execute: Execute
}

export function insn(name: string, pattern: string, syntax: string, section: string, execute: Execute): Instruction {
  return { name, pattern, syntax, section, execute }
}
