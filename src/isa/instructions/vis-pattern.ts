import { binary } from './conditions'

/** A word of IMPDEP1, the opcode space of VIS: fields by name, `-----` if unused (UltraSPARC-I 13.5). */
export function visPattern(rd: string, rs1: string, opf: number, rs2: string): string {
  return `10 ${rd} 110110 ${rs1} ${binary(opf, 9)} ${rs2}`
}
