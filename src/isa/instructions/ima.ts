import { type Instruction, insn } from '../instruction'
import { binary } from './conditions'
import { highProduct } from './wide-product'

const SECTION = 'Oracle SPARC Architecture 2015 FPMADDX'
const SYNTAX = '%frs1d, %frs2d, %frs3d, %frdd'

/** Integer multiply and add on f registers: either half of rs1 * rs2 + rs3, all unsigned. */
export function imaRows(): Instruction[] {
  return [
    insn('fpmaddx', fusedPattern(0x0), SYNTAX, SECTION, (s) => {
      s.requireFloat()
      s.setFrd('d', s.add(s.mul(s.frs1('d'), s.frs2('d')), s.frs3('d')))
    }),
    insn('fpmaddxhi', fusedPattern(0x4), SYNTAX, SECTION, (s) => {
      s.requireFloat()
      const a = s.frs1('d')
      const b = s.frs2('d')
      const addend = s.frs3('d')
      const carry = s.lessUnsigned(s.add(s.mul(a, b), addend), addend)
      s.setFrd('d', s.add(highProduct(s, a, b), s.select(carry, s.constant(1n), s.constant(0n))))
    }),
  ]
}

/** A word of IMPDEP2 with three source registers. */
export function fusedPattern(opf: number): string {
  return `10 rd 110111 rs1 rs3 ${binary(opf, 4)} rs2`
}
