import { type Alias, PRINTED_NAMES, printedAliases } from './aliases'
import { asiName, MEMBAR_NAMES, PREFETCH_NAMES, registerName } from './assembler-names'
import { makeDecoder } from './decode'
import { compilePattern, type FieldName, fieldWidth, getField, reservedBitsSet } from './encoding'
import { makeRows } from './instructions'
import { floatRegisterNumber, type Operand, parseSyntax } from './operands'

/** What prints: a row or an alias. */
interface Form {
  readonly name: string
  readonly pattern: string
  readonly syntax: string
}

const UNKNOWN = 'unknown'

let decodeForm: ((word: number) => Form | undefined) | undefined

/**
 * The text objdump prints for an instruction word, with one blank after the mnemonic: `add %g1, 4, %g2`. Where the manual
 * does not bear objdump out, it is another (test/oracle/known-faults.md).
 *
 * @param word 32 bits, signed or unsigned
 * @param address of the word; branch targets are printed as 64-bit addresses
 * @returns `unknown` for a word that is no instruction or sets bits that its instruction reserves
 */
export function disassemble(word: number, address: bigint | number): string {
  decodeForm ??= makeFormDecoder()
  const form = decodeForm(word)
  if (form === undefined) return UNKNOWN
  const { suffixes, parts } = parseSyntax(form.syntax)
  const at = BigInt(address)
  const mnemonic = (PRINTED_NAMES[form.name] ?? form.name) + suffixes.map((suffix) => print(suffix, word, at)).join('')
  const operands = parts.map((part) => (typeof part === 'string' ? printText(part) : print(part, word, at))).join('')
  return operands === '' ? mnemonic : `${mnemonic} ${operands}`
}

/** objdump knows nothing of the gate. */
const UNPRINTED_ROWS = new Set(['gate'])

function makeFormDecoder(): (word: number) => Form | undefined {
  const rows = makeRows().filter(({ name }) => !UNPRINTED_ROWS.has(name))
  const decodeRow = makeDecoder(rows)
  const aliases = new Map<Form, Alias[]>(rows.map((row) => [row, []]))
  for (const alias of printedAliases()) {
    const row = decodeRow(compilePattern(alias.pattern).value)
    if (row === undefined) throw new RangeError(`alias ${alias.name} ${alias.pattern}: no row matches`)
    aliases.get(row)?.push(alias)
  }
  return (word) => {
    const row = decodeRow(word)
    if (row === undefined || reservedBitsSet(row, word) !== 0) return undefined
    return aliases.get(row)?.find((alias) => matches(alias, word)) ?? row
  }
}

function matches({ pattern, same }: Alias, word: number): boolean {
  const { mask, value } = compilePattern(pattern)
  return (word & mask) >>> 0 === value && (same === undefined || getField(word, same[0]) === getField(word, same[1]))
}

function printText(text: string): string {
  return text.replace('[', '[ ').replace(']', ' ]')
}

function print(operand: Operand, word: number, address: bigint): string {
  switch (operand.form) {
    case 'register':
      return registerName(getField(word, operand.field))
    case 'float-register':
      return `%f${floatRegisterNumber(getField(word, operand.field), operand.width)}`
    case 'register-or-immediate':
      return printSecondOperand(word, operand.immediate)
    case 'immediate':
      return printNumber(immediate(word, operand.field))
    case 'illegal-constant':
      return printIllegalConstant(getField(word, operand.field))
    case 'high-immediate':
      return `%hi(${printHex(BigInt(getField(word, operand.field)) << 10n)})`
    case 'address':
      return printAddress(word, selectsImmediate(operand, word))
    case 'trap-number':
      return printTrapNumber(word)
    case 'displacement':
      return `0x${BigInt.asUintN(64, address + BigInt(displacement(word, operand.fields))).toString(16)}`
    case 'asi': {
      const name = asiName(getField(word, 'imm_asi'))
      return name === undefined ? `(${getField(word, 'imm_asi')})` : `#${name}`
    }
    case 'membar-mask':
      return printMembarMask(word & 0x7f)
    case 'prefetch-function': {
      const fcn = getField(word, 'fcn')
      const name = PREFETCH_NAMES.find(([, number]) => number === fcn)?.[0]
      return name === undefined ? `${fcn}` : `#${name}`
    }
    case 'annul':
      return getField(word, 'a') === 1 ? ',a' : ''
    case 'prediction':
      return getField(word, 'p') === 1 ? '' : ',pn'
  }
}

function selectsImmediate(operand: Operand & { form: 'address' }, word: number): boolean {
  if (operand.offset === 'register-or-immediate') return getField(word, 'i') === 1
  return operand.offset === 'immediate'
}

function printSecondOperand(word: number, field: FieldName): string {
  return getField(word, 'i') === 1 ? printNumber(immediate(word, field)) : registerName(getField(word, 'rs2'))
}

function printAddress(word: number, withImmediate: boolean): string {
  const rs1 = getField(word, 'rs1')
  if (withImmediate) {
    const offset = immediate(word, 'simm13')
    if (offset === 0) return registerName(rs1)
    return rs1 === 0 ? printNumber(offset) : `${registerName(rs1)} + ${printNumber(offset)}`
  }
  const rs2 = getField(word, 'rs2')
  return rs2 === 0 ? registerName(rs1) : `${registerName(rs1)} + ${registerName(rs2)}`
}

/** The 7 bits of the number for icc; for xcc objdump takes the condition-code field as part of a simm13. */
function printTrapNumber(word: number): string {
  if (getField(word, 'i') === 0) return printAddress(word, false)
  const number = word & 0x1000 ? immediate(word, 'simm13') : getField(word, 'trap7')
  const rs1 = getField(word, 'rs1')
  return rs1 === 0 ? printNumber(number) : `${registerName(rs1)} + ${printNumber(number)}`
}

/** Sign-extended to 32 bits, as objdump does. */
function printIllegalConstant(bits: number): string {
  return bits === 0 ? '0' : `0x${(signed(bits, 22) >>> 0).toString(16)}`
}

function printMembarMask(mask: number): string {
  const names = MEMBAR_NAMES.filter(([, bit]) => mask & bit).map(([name]) => `#${name}`)
  return names.length === 0 ? '0' : names.join('|')
}

function immediate(word: number, field: FieldName): number {
  return signed(getField(word, field), field.startsWith('simm') ? fieldWidth(field) : 0)
}

function displacement(word: number, fields: readonly FieldName[]): number {
  const bits = fields.reduce((value, field) => value * 2 ** fieldWidth(field) + getField(word, field), 0)
  return (
    signed(
      bits,
      fields.reduce((width, field) => width + fieldWidth(field), 0),
    ) * 4
  )
}

function signed(bits: number, width: number): number {
  return width > 0 && bits >= 2 ** (width - 1) ? bits - 2 ** width : bits
}

function printNumber(value: number): string {
  return value <= 9 ? `${value}` : `0x${value.toString(16)}`
}

function printHex(value: bigint): string {
  return value <= 9n ? `${value}` : `0x${value.toString(16)}`
}
