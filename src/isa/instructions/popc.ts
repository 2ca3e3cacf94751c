import { type Instruction, insn } from '../instruction'

/** Illegal on UltraSPARC I to IIIi and T1, where the kernel emulates it (Linux arch/sparc/kernel/unaligned_64.c handle_popc). */
export function popcRows(): Instruction[] {
  return [insn('popc', '10 rd 101110 00000 i src2', 'src2, %rd', 'V9 A.41', (s) => s.setRd(s.popcount(s.src2())))]
}
