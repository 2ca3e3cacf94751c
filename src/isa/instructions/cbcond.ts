import { type Instruction, insn } from '../instruction'
import type { Semantics } from '../semantics'
import { ALWAYS, binary, INTEGER_CONDITIONS, NEVER } from './conditions'

const WIDTHS = [
  ['w', 32, '0'],
  ['x', 64, '1'],
] as const

/**
 * Compare and branch, without a delay slot and without changing the condition codes. The condition is that of BPcc after
 * subcc of the operands; its high bit stands where BPr has its annul bit.
 */
export function cbcondRows(): Instruction[] {
  return WIDTHS.flatMap(([letter, width, bit]) =>
    INTEGER_CONDITIONS.flatMap((name, condition) => {
      if (condition === ALWAYS || condition === NEVER) return []
      const bits = binary(condition, 4)
      return insn(
        `c${letter}b${name}`,
        `00 ${bits[0]} 1 ${bits.slice(1)} 011 ${bit} d10hi rs1 i d10lo src2_5`,
        '%rs1, src2_5, disp10',
        'Oracle SPARC Architecture 2015 CBcond',
        (s) => s.branchWithoutDelay(holds(s, condition, width)),
      )
    }),
  )
}

function holds<V, B, P>(s: Semantics<V, B, P>, condition: number, width: 32 | 64): B {
  const a = s.signExtend(s.rs1(), width)
  const b = s.signExtend(s.src2(), width)
  const base = baseCondition(s, condition & 7, a, b, width)
  return condition < ALWAYS ? base : s.negate(base)
}

/** e, le, l, leu, cs, neg or vs; both operands sign-extended, which keeps their unsigned order as well. */
function baseCondition<V, B, P>(s: Semantics<V, B, P>, condition: number, a: V, b: V, width: 32 | 64): B {
  const negative = () => s.lessSigned(s.signExtend(s.sub(a, b), width), s.constant(0n))
  switch (INTEGER_CONDITIONS[condition]) {
    case 'e':
      return s.equal(a, b)
    case 'le':
      return s.negate(s.lessSigned(b, a))
    case 'l':
      return s.lessSigned(a, b)
    case 'leu':
      return s.negate(s.lessUnsigned(b, a))
    case 'cs':
      return s.lessUnsigned(a, b)
    case 'neg':
      return negative()
    default: {
      const less = s.lessSigned(a, b)
      return s.either(s.both(less, s.negate(negative())), s.both(s.negate(less), negative()))
    }
  }
}
