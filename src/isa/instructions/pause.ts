import { type Instruction, insn } from '../instruction'

/** A write to %asr27 lets the other strands of a core run for some cycles; nothing that software can see changes. */
export function pauseRows(): Instruction[] {
  return [
    insn('wr', '10 11011 110000 rs1 i src2', '%rs1, src2, %asr27', 'Oracle SPARC Architecture 2015 PAUSE', () => {}),
  ]
}
