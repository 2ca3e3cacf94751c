import { type Instruction, insn } from '../instruction'
import type { FusedOperation } from '../semantics'
import { fusedPattern } from './ima'

/** Multiply and add with one rounding, in the opcode space IMPDEP2 (SPARC64 V A.24.1). */
export function fmafRows(): Instruction[] {
  return [...rows('madd', 0x0), ...rows('msub', 0x4), ...rows('nmsub', 0x8), ...rows('nmadd', 0xc)]
}

/** Bits 8:7 are the operation, bits 6:5 the width: 1 single, 2 double. */
function rows(operation: FusedOperation, opf: number): Instruction[] {
  return (['s', 'd'] as const).map((width) => {
    const syntax = `%frs1${width}, %frs2${width}, %frs3${width}, %frd${width}`
    const pattern = fusedPattern(opf + (width === 's' ? 1 : 2))
    return insn(`f${operation}${width}`, pattern, syntax, 'SPARC64 V A.24.1', (s) => {
      s.requireFloat()
      s.setFrd(width, s.floatFused(operation, width, s.frs1(width), s.frs2(width), s.frs3(width)))
    })
  })
}
