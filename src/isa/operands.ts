import type { FieldName } from './encoding'

/**
 * What an operand of an instruction's syntax is: which fields hold it, and so how it prints and what may stand for it in
 * a source. Ranges are inclusive; `scale` bytes are one unit of a displacement.
 */
export type Operand =
  | { readonly form: 'register'; readonly field: 'rs1' | 'rs2' | 'rd' }
  | {
      readonly form: 'float-register'
      readonly field: 'rs1' | 'rs2' | 'rs3' | 'rd'
      readonly width: FloatRegisterWidth
    }
  | { readonly form: 'register-or-immediate'; readonly immediate: FieldName }
  | { readonly form: 'immediate'; readonly field: FieldName }
  | { readonly form: 'illegal-constant'; readonly field: 'const22' }
  | { readonly form: 'high-immediate'; readonly field: 'imm22' }
  | { readonly form: 'address'; readonly offset: 'register-or-immediate' | 'register' | 'immediate' }
  | { readonly form: 'trap-number' }
  | { readonly form: 'displacement'; readonly fields: readonly FieldName[] }
  | { readonly form: 'asi' }
  | { readonly form: 'membar-mask' }
  | { readonly form: 'prefetch-function' }
  | { readonly form: 'annul' }
  | { readonly form: 'prediction' }

export type FloatRegisterWidth = 's' | 'd' | 'q'

export interface ImmediateRange {
  readonly minimum: number
  readonly maximum: number
}

/** By the name that stands in a syntax. */
export const OPERANDS: Readonly<Record<string, Operand>> = {
  rs1: { form: 'register', field: 'rs1' },
  rs2: { form: 'register', field: 'rs2' },
  rd: { form: 'register', field: 'rd' },
  ...floatRegisters('rs1'),
  ...floatRegisters('rs2'),
  ...floatRegisters('rs3'),
  ...floatRegisters('rd'),
  src2: { form: 'register-or-immediate', immediate: 'simm13' },
  src2_11: { form: 'register-or-immediate', immediate: 'simm11' },
  src2_10: { form: 'register-or-immediate', immediate: 'simm10' },
  src2_5: { form: 'register-or-immediate', immediate: 'imm5' },
  src2_shift32: { form: 'register-or-immediate', immediate: 'shcnt32' },
  src2_shift64: { form: 'register-or-immediate', immediate: 'shcnt64' },
  simm13: { form: 'immediate', field: 'simm13' },
  gate_entry: { form: 'immediate', field: 'gate_entry' },
  const22: { form: 'illegal-constant', field: 'const22' },
  imm22: { form: 'high-immediate', field: 'imm22' },
  address: { form: 'address', offset: 'register-or-immediate' },
  address_register: { form: 'address', offset: 'register' },
  address_immediate: { form: 'address', offset: 'immediate' },
  software_trap: { form: 'trap-number' },
  disp30: { form: 'displacement', fields: ['disp30'] },
  disp22: { form: 'displacement', fields: ['disp22'] },
  disp19: { form: 'displacement', fields: ['disp19'] },
  disp16: { form: 'displacement', fields: ['d16hi', 'd16lo'] },
  disp10: { form: 'displacement', fields: ['d10hi', 'd10lo'] },
  imm_asi: { form: 'asi' },
  membar_mask: { form: 'membar-mask' },
  prefetch_fcn: { form: 'prefetch-function' },
}

/** Suffixes of the mnemonic, written `,a` and `,p` at the start of a syntax. */
export const SUFFIXES: Readonly<Record<string, Operand>> = {
  a: { form: 'annul' },
  p: { form: 'prediction' },
}

function floatRegisters(field: 'rs1' | 'rs2' | 'rs3' | 'rd'): Record<string, Operand> {
  return Object.fromEntries(
    (['s', 'd', 'q'] as const).map((width): [string, Operand] => [
      `f${field}${width}`,
      { form: 'float-register', field, width },
    ]),
  )
}

/** Values that an immediate field can hold; fields called simm are signed, and imm5 takes either way to write its bits. */
export function immediateRange(field: FieldName, width: number): ImmediateRange {
  if (field === 'imm5') return { minimum: -16, maximum: 31 }
  return field.startsWith('simm')
    ? { minimum: -(2 ** (width - 1)), maximum: 2 ** (width - 1) - 1 }
    : { minimum: 0, maximum: 2 ** width - 1 }
}

export interface Syntax {
  readonly suffixes: readonly Operand[]
  /** In order: text that stands as it is, with a blank only where one must stand, and operands. */
  readonly parts: readonly (string | Operand)[]
}

const parsed = new Map<string, Syntax>()

/** The parts of an instruction's syntax (see {@link Instruction.syntax}). Throws RangeError at an unknown suffix. */
export function parseSyntax(syntax: string): Syntax {
  const known = parsed.get(syntax)
  if (known !== undefined) return known
  const made = parse(syntax)
  parsed.set(syntax, made)
  return made
}

function parse(syntax: string): Syntax {
  const suffixText = /^(?:,[a-z]+)+/.exec(syntax)?.[0] ?? ''
  const suffixes = suffixText
    .split(',')
    .slice(1)
    .map((name) => {
      const suffix = SUFFIXES[name]
      if (suffix === undefined) throw new RangeError(`syntax '${syntax}': no suffix is called '${name}'`)
      return suffix
    })
  const parts: (string | Operand)[] = []
  for (const [token, percent, name] of syntax
    .slice(suffixText.length)
    .trim()
    .matchAll(/(%?)(\w+)|\W/g)) {
    const operand = name === undefined ? undefined : OPERANDS[name]
    if (operand !== undefined) parts.push(operand)
    else if (typeof parts.at(-1) === 'string') parts.push(`${parts.pop()}${percent ?? ''}${name ?? token}`)
    else parts.push(`${percent ?? ''}${name ?? token}`)
  }
  return { suffixes, parts }
}

/** f register number, 0 to 63, of a register field (V9 5.1.4.1): bit 5 of doubles and quads lies in bit 0 of the field. */
export function floatRegisterNumber(bits: number, width: FloatRegisterWidth): number {
  return width === 's' ? bits : (bits & 0x1e) | ((bits & 1) << 5)
}

/** Register field of an f register number; undefined if no register of that width starts there. */
export function floatRegisterBits(number: number, width: FloatRegisterWidth): number | undefined {
  if (width === 's') return number >= 0 && number < 32 ? number : undefined
  if (number < 0 || number > 63 || number % (width === 'd' ? 2 : 4) !== 0) return undefined
  return (number & 0x1e) | (number >> 5)
}
