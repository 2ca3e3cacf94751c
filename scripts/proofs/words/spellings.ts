import { disassemble, getField, INSTRUCTION_SETS, makeDecoder, makeRows, withField } from '../../../src/isa'
import { floatRegisterBits, floatRegisterNumber, parseSyntax } from '../../../src/isa/operands'

/** Texts of objdump that an assembler cannot take back to the word they are of. */
export type Ambiguity =
  /** The registers of a quad have numbers that are multiples of 4 (V9 5.1.4.1); objdump prints others, no assembler takes them. */
  | 'quad registers that do not exist'
  /** objdump prints jmpl from %g0 to a number, with %o7, as a call, which is another instruction (V9 G.3). */
  | 'jmpl printed as call'

const JMPL_PRINTED_AS_CALL = { mask: 0xfffff000 | 0, value: 0x9fc02000 | 0 } as const
const OP3_OR = 0x02
const OP3_ORCC = 0x12
const OP3_WRASR = 0x30
const OP3_TCC = 0x3a
const I = 1 << 13

const decode = makeDecoder(makeRows(INSTRUCTION_SETS))

export function ambiguityOf(word: number): Ambiguity | undefined {
  if ((word & JMPL_PRINTED_AS_CALL.mask) === JMPL_PRINTED_AS_CALL.value || isNegativeCall(word))
    return 'jmpl printed as call'
  return hasNoSuchQuad(word) ? 'quad registers that do not exist' : undefined
}

/** illtrap's 22 bits are printed sign-extended to 32, and gas takes them only as they are (V9 A.22). */
export function isIlltrapRefusedByGas(word: number): boolean {
  return word >>> 22 === 0 && word >= 0x20_0000
}

/**
 * The word that assemblers make of the text of a word: another one only where two words have one text, which is where a second
 * operand is %g0 or 0, or `mov`, `tst` and `wr` may take either register (V9 G.3).
 */
export function assembledWord(word: number, text: string): number {
  if (text.startsWith('clr %')) return withoutZero(word)
  const inRegister = withoutZero(word)
  const plain = inRegister !== word && disassemble(inRegister, 0n) === text ? inRegister : word
  const swapped = withOtherRegister(plain)
  return swapped !== plain && disassemble(swapped, 0n) === text ? swapped : plain
}

/** With rs2 = %g0 in place of an immediate of zero. */
function withoutZero(word: number): number {
  const bits = op3(word) === OP3_TCC && word >>> 30 === 2 ? 0x7ff : 0x1fff
  return word & I && (word & bits) === 0 ? (word & ~I) >>> 0 : word
}

function withOtherRegister(word: number): number {
  if (word >>> 30 !== 2 || word & I) return word
  const { rs1, rs2 } = { rs1: getField(word, 'rs1'), rs2: getField(word, 'rs2') }
  if ((op3(word) === OP3_OR || op3(word) === OP3_WRASR) && rs2 === 0)
    return withField(withField(word, 'rs1', 0), 'rs2', rs1)
  if (op3(word) === OP3_ORCC && rs1 === 0) return withField(withField(word, 'rs1', rs2), 'rs2', 0)
  return word
}

function op3(word: number): number {
  return (word >>> 19) & 0x3f
}

function isNegativeCall(word: number): boolean {
  return (word & 0xffff_f000) >>> 0 === 0x9fc0_3000
}

function hasNoSuchQuad(word: number): boolean {
  const row = decode(word)
  return (
    row !== undefined &&
    parseSyntax(row.syntax).parts.some(
      (part) =>
        typeof part !== 'string' &&
        part.form === 'float-register' &&
        part.width === 'q' &&
        floatRegisterBits(floatRegisterNumber(getField(word, part.field), 'q'), 'q') === undefined,
    )
  )
}
