import type { Random } from '../../scripts/proofs/random'
import { type Instruction, withField } from '../../src/isa'
import { compilePattern } from '../../src/isa/encoding'
import { parseSyntax } from '../../src/isa/operands'

/**
 * Programs that execute single instructions on chosen operands: the same registers for all, loaded before and stored after each.
 */

/** The doublewords of a case: operands, then what the instruction leaves. */
export const INPUTS = ['rs1', 'rs2', 'rd', 'frs1', 'frs2', 'frs3', 'frd', 'fsr', 'gsr', 'ccr'] as const
export const OUTPUTS = ['rd', 'frd', 'fsr', 'gsr', 'ccr'] as const
export const CASE_BYTES = 8 * (INPUTS.length + OUTPUTS.length)

export type Operands = Readonly<Record<(typeof INPUTS)[number], bigint>>

const INTEGER_REGISTERS = { rs1: 1, rs2: 2, rd: 3 } as const
/** %f2, %f4, %f6, %f8; the singles of these numbers are the upper halves of the doubles. */
const FLOAT_REGISTERS = { rs1: 2, rs2: 4, rs3: 6, rd: 8 } as const

/** The word of a row on the registers of the cases; undefined if it has other operands than registers. */
export function wordOnRegisters(row: Instruction): number | undefined {
  let { value: word } = compilePattern(row.pattern)
  for (const part of parseSyntax(row.syntax).parts) {
    if (typeof part === 'string') continue
    if (part.form === 'register') word = withField(word, part.field, INTEGER_REGISTERS[part.field])
    else if (part.form === 'float-register') word = withField(word, part.field, FLOAT_REGISTERS[part.field])
    else if (part.form === 'register-or-immediate') word = withField(word, 'rs2', INTEGER_REGISTERS.rs2)
    else return undefined
  }
  return word
}

const FSR_ROUNDING_SHIFT = 30n
const INTERESTING_INTEGERS = [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 1n << 63n]

/** Random operands: any bits, special numbers, equal lanes; every rounding mode. */
export function randomOperands(random: Random): Operands {
  return {
    rs1: integer(random),
    rs2: integer(random),
    rd: integer(random),
    frs1: float(random),
    frs2: float(random),
    frs3: float(random),
    frd: float(random),
    fsr: BigInt(random.below(4)) << FSR_ROUNDING_SHIFT,
    gsr: (BigInt(random.next()) << 32n) | BigInt(random.below(256)),
    ccr: BigInt(random.below(256)),
  }
}

function integer(random: Random): bigint {
  const any = bits64(random)
  switch (random.below(4)) {
    case 0:
      return random.pick(INTERESTING_INTEGERS)
    case 1:
      return BigInt.asUintN(64, -random.pick(INTERESTING_INTEGERS))
    case 2:
      return any >> BigInt(random.below(64))
    default:
      return any
  }
}

function bits64(random: Random): bigint {
  return (BigInt(random.next()) << 32n) | BigInt(random.next())
}

/** Doubles, pairs of singles, or lanes. */
function float(random: Random): bigint {
  const any = bits64(random)
  switch (random.below(5)) {
    case 0:
      return any
    case 1:
      return double(random)
    case 2:
      return (BigInt(single(random)) << 32n) | BigInt(single(random))
    case 3:
      return BigInt(random.below(256)) * 0x0101_0101_0101_0101n
    default:
      return (
        (BigInt(random.pick([0x7fff, 0x8000, 0, 1, 0xffff, random.below(65536)])) << 48n) | (any & 0xffff_ffff_ffffn)
      )
  }
}

const DOUBLE_EXPONENTS = [0, 1, 2, 1, 1022, 1023, 1024, 2046, 2047]
const SINGLE_EXPONENTS = [0, 1, 2, 1, 126, 127, 128, 254, 255]

function double(random: Random): bigint {
  const exponent = random.chance(50) ? random.pick(DOUBLE_EXPONENTS) : 1023 - 60 + random.below(120)
  const fraction = random.pick([0n, 1n, (1n << 52n) - 1n, 1n << 51n, bits64(random) & ((1n << 52n) - 1n)])
  return (BigInt(random.below(2)) << 63n) | (BigInt(exponent) << 52n) | fraction
}

function single(random: Random): number {
  const exponent = random.chance(50) ? random.pick(SINGLE_EXPONENTS) : 127 - 30 + random.below(60)
  const fraction = random.pick([0, 1, 0x7f_ffff, 0x40_0000, random.below(1 << 23)])
  return ((random.below(2) << 31) | (exponent << 23) | fraction) >>> 0
}

/**
 * gas source of a program that executes the instruction on `count` cases, whose memory lies at its end, from the label `cases`
 * on. It passes the label `finish`, then does write(1, cases) and exit(0).
 */
export function programOf(word: number, count: number): string {
  const offset = (n: number) => `[%g7 + ${8 * n}]`
  const output = (n: number) => offset(INPUTS.length + n)
  return `
  .register %g2, #scratch
  .register %g3, #scratch
  .register %g6, #scratch
  .register %g7, #scratch
  wr %g0, 4, %fprs
  set cases, %g7
  set ${count}, %g6
next:
  ldx ${offset(0)}, %g1
  ldx ${offset(1)}, %g2
  ldx ${offset(2)}, %g3
  ldd ${offset(3)}, %f2
  ldd ${offset(4)}, %f4
  ldd ${offset(5)}, %f6
  ldd ${offset(6)}, %f8
  ldx ${offset(7)}, %fsr
  ldx ${offset(8)}, %g4
  wr %g4, 0, %gsr
  ldx ${offset(9)}, %g4
  wr %g4, 0, %ccr
  .word ${word}
  stx %g3, ${output(0)}
  std %f8, ${output(1)}
  stx %fsr, ${output(2)}
  rd %gsr, %g4
  stx %g4, ${output(3)}
  rd %ccr, %g4
  stx %g4, ${output(4)}
  sub %g6, 1, %g6
  brnz %g6, next
  add %g7, ${CASE_BYTES}, %g7
finish:
  set cases, %o1
  set ${CASE_BYTES * count}, %o2
  mov 1, %o0
  mov 4, %g1
  ta 0x6d
  clr %o0
  mov 1, %g1
  ta 0x6d
  .align 8
cases:
  .skip ${CASE_BYTES * count}
`
}

/** The memory of the cases before the run. */
export function memoryOf(cases: readonly Operands[]): Uint8Array {
  const bytes = new Uint8Array(CASE_BYTES * cases.length)
  const view = new DataView(bytes.buffer)
  for (const [n, operands] of cases.entries())
    for (const [k, name] of INPUTS.entries()) view.setBigUint64(n * CASE_BYTES + 8 * k, operands[name])
  return bytes
}

const FSR_COMPARED = 0x3f_c000_0fffn

/** One register that an instruction may leave, as it is compared: of FSR what every CPU has, RD, fcc, aexc and cexc. */
export type Left = Readonly<Record<(typeof OUTPUTS)[number], bigint>>

/** What the run left in the memory of the cases. */
export function leftBy(bytes: Uint8Array): Left[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / CASE_BYTES }, (_, n) => {
    const at = n * CASE_BYTES + 8 * INPUTS.length
    const entries = OUTPUTS.map((name, k) => {
      const value = view.getBigUint64(at + 8 * k)
      return [name, name === 'fsr' ? value & FSR_COMPARED : value] as const
    })
    return Object.fromEntries(entries) as Left
  })
}
