import { type Instruction, insn } from '../instruction'
import type { FusedOperation } from '../semantics'
import { binary, FLOAT_CONDITION_CODES } from './conditions'
import { visPattern } from './vis-pattern'

const WIDTHS = ['s', 'd'] as const
const section = (name: string) => `Oracle SPARC Architecture 2015 ${name}`

/** VIS 3 on floating-point numbers: negated and halved sums and products, lexicographic comparison. */
export function vis3FloatRows(): Instruction[] {
  return [
    ...rows('nadd', 0x51, 'FNADD'),
    ...rows('nmul', 0x59, 'FNMUL'),
    ...rows('hadd', 0x61, 'FHADD'),
    ...rows('hsub', 0x65, 'FHSUB'),
    ...rows('nhadd', 0x71, 'FNHADD'),
    insn('fnsmuld', floatPattern(0x79), '%frs1s, %frs2s, %frdd', section('FNsMULd'), (s) => {
      s.requireFloat()
      s.setFrd('d', s.floatMultiplyWidenNegated(s.frs1('s'), s.frs2('s')))
    }),
    ...lexicographicComparisons(),
  ]
}

/** The single form and, one opf above, the double form. */
function rows(operation: FusedOperation, opf: number, manual: string): Instruction[] {
  return WIDTHS.map((width, n) =>
    insn(
      `f${operation}${width}`,
      floatPattern(opf + n),
      `%frs1${width}, %frs2${width}, %frd${width}`,
      section(manual),
      (s) => {
        s.requireFloat()
        s.setFrd(width, s.floatFused(operation, width, s.frs1(width), s.frs2(width)))
      },
    ),
  )
}

function floatPattern(opf: number): string {
  return `10 rd 110100 rs1 ${binary(opf, 9)} rs2`
}

function lexicographicComparisons(): Instruction[] {
  return FLOAT_CONDITION_CODES.flatMap((fcc) =>
    WIDTHS.map((width, n) =>
      insn(
        `flcmp${width}`,
        visPattern(`000${binary(fcc, 2)}`, 'rs1', 0x151 + n, 'rs2'),
        `%fcc${fcc}, %frs1${width}, %frs2${width}`,
        section('FLCMP'),
        (s) => {
          s.requireFloat()
          s.floatLexicalCompare(width, fcc, s.frs1(width), s.frs2(width))
        },
      ),
    ),
  )
}
