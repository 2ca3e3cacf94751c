import { type Alias, PRINTED_NAMES, printedAliases } from '../aliases'
import { compilePattern, type FieldName } from '../encoding'
import type { Instruction } from '../instruction'
import { type Operand, parseSyntax } from '../operands'
import { CONDITION_SYNONYMS, MNEMONIC_SYNONYMS, REGISTER_SYNONYMS } from './synonyms'
import { COMMUTATIVE, SYNTHETICS, type Synthetic } from './synthetic'

/** One way to write an instruction, ready to be matched against a statement. */
export interface Form {
  readonly suffixes: readonly Operand[]
  readonly parts: readonly (readonly string[] | OperandPart)[]
  /** Its punctuation and register names, in lower case, all of which a text has to hold; and how many commas it has. */
  readonly literals: readonly string[]
  readonly commas: number
  /** The word with all fields zero, or the instructions that a synthetic one stands for. */
  readonly makes: number | string
  /** A field that takes its value from another. */
  readonly same: readonly [FieldName, FieldName] | undefined
}

export interface OperandPart {
  /** As the syntax calls it, with its percent sign: what a synthetic instruction puts into its expansion. */
  readonly name: string
  readonly operand: Operand
}

/** The forms of each mnemonic: those of rows, tried first, and those of synthetic instructions. */
export interface FormTable {
  readonly rows: ReadonlyMap<string, readonly Form[]>
  readonly synthetics: ReadonlyMap<string, readonly Form[]>
}

interface Written {
  readonly name: string
  readonly syntax: string
}

/** Every way to write the instructions: from their patterns and syntax, and the synthetic ones of V9 G.3. */
export function makeFormTable(instructions: readonly Instruction[]): FormTable {
  const rows = new Map<string, Form[]>()
  for (const instruction of instructions) addSpellings(rows, instruction)
  const synthetics = new Map<string, Form[]>()
  const addSynthetic = ([name, syntax, expansion]: Synthetic) =>
    add(synthetics, name, { ...compileSyntax(syntax), makes: expansion, same: undefined })
  const derived = [...derivedSynthetics(instructions)]
  const isMove = ([name]: Synthetic) => name === 'mov'
  for (const synthetic of SYNTHETICS) addSynthetic(synthetic)
  for (const synthetic of derived) if (!isMove(synthetic)) addSynthetic(synthetic)
  for (const alias of printedAliases()) addSpellings(synthetics, alias)
  // Moves between registers come before those to and from state registers: they are many and cannot be mistaken.
  for (const synthetic of derived) if (isMove(synthetic)) addSynthetic(synthetic)
  return { rows, synthetics }
}

function addSpellings(table: Map<string, Form[]>, alias: Alias): void {
  for (const { name, syntax } of spellings(alias)) {
    add(table, name, { ...compileSyntax(syntax), makes: compilePattern(alias.pattern).value, same: alias.same })
  }
}

function add(table: Map<string, Form[]>, name: string, form: Form): void {
  const forms = table.get(name)
  if (forms === undefined) table.set(name, [form])
  else forms.push(form)
}

/** The names and operands under which gas knows a row. */
function* spellings(row: Alias): Iterable<Written> {
  const { name, syntax: ownSyntax } = row
  const isFloat = /%f(?:r|sr)/.test(ownSyntax)
  const names = [name]
  if (Object.hasOwn(PRINTED_NAMES, name)) names.push(PRINTED_NAMES[name]!)
  for (const group of MNEMONIC_SYNONYMS) if (group.includes(name) && !isFloat) names.push(...group)
  for (const { prefix, conditions } of CONDITION_SYNONYMS) {
    const stem = prefix.exec(name)?.[0]
    for (const [condition, other] of conditions)
      if (stem !== undefined && name === stem + condition) names.push(stem + other)
  }
  for (const spelled of new Set(names)) {
    for (const syntax of new Set(operandSpellings(row))) yield { name: spelled, syntax }
  }
}

/** Ancillary state registers have a number, and some have two names. */
function* operandSpellings({ name, pattern, syntax }: Alias): Iterable<string> {
  yield syntax
  const ancillary = /%([a-z_]+)(?=, %rd$|$)/.exec(syntax)?.[1]
  if ((name !== 'rd' && name !== 'wr') || ancillary === undefined) return
  const { value } = compilePattern(pattern)
  yield syntax.replace(`%${ancillary}`, `%asr${fixedField(value, name === 'rd' ? 'rs1' : 'rd')}`)
  for (const group of REGISTER_SYNONYMS) {
    if (!group.includes(ancillary)) continue
    for (const other of group) yield syntax.replace(`%${ancillary}`, `%${other}`)
  }
}

function fixedField(value: number, field: 'rs1' | 'rd'): number {
  return (value >>> (field === 'rs1' ? 14 : 25)) & 31
}

/** Short forms that go with each register of `wr` and `wrpr`, and immediates written first. */
function* derivedSynthetics(instructions: readonly Instruction[]): Iterable<Synthetic> {
  for (const instruction of instructions) {
    const { name } = instruction
    for (const syntax of operandSpellings(instruction)) {
      const register = /^%rs1, src2, (%\w+)$/.exec(syntax)?.[1]
      const readFrom = /^(%(?:y|asr\d+)), %rd$/.exec(syntax)?.[1]
      if (name === 'wr' && register !== undefined) {
        yield ['wr', `src2, ${register}`, `wr %g0, src2, ${register}`]
        if (/^%(?:y|asr\d+)$/.test(register)) yield ['mov', `src2, ${register}`, `wr %g0, src2, ${register}`]
      }
      if (name === 'wrpr' && register !== undefined) {
        yield ['wrpr', `simm13, %rs1, ${register}`, `wrpr %rs1, simm13, ${register}`]
      }
      if (name === 'rd' && readFrom !== undefined) yield ['mov', syntax, `rd ${readFrom}, %rd`]
    }
    if (COMMUTATIVE.has(name)) {
      for (const { name: spelled } of spellings(instruction)) {
        yield [spelled, 'simm13, %rs1, %rd', `${spelled} %rs1, simm13, %rd`]
      }
    }
  }
}

function compileSyntax(syntax: string): Pick<Form, 'suffixes' | 'parts' | 'literals' | 'commas'> {
  const { suffixes, parts: plain } = parseSyntax(syntax)
  const names = operandNames(syntax)
  const parts: (string | OperandPart)[] = []
  for (const part of plain) {
    if (typeof part !== 'string') parts.push({ name: names.shift()!, operand: part })
    else parts.push(part)
  }
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index]!
    if (typeof part === 'string' || part.operand.form !== 'high-immediate') continue
    parts[index - 1] = withoutText(parts[index - 1], /%hi\($/)
    parts[index + 1] = withoutText(parts[index + 1], /^\)/)
  }
  const tokens = parts.flatMap((part) => (typeof part === 'string' ? tokensOf(part) : []))
  return {
    suffixes,
    parts: parts.map((part) => (typeof part === 'string' ? tokensOf(part) : part)),
    literals: [...new Set(tokens.map((token) => token.toLowerCase()))].filter((token) => token !== ','),
    commas: tokens.filter((token) => token === ',').length,
  }
}

/** Punctuation, numbers and names of registers. */
function tokensOf(text: string): string[] {
  return text.match(/%\w+|\w+|\S/g) ?? []
}

function withoutText(part: string | OperandPart | undefined, text: RegExp): string {
  return typeof part === 'string' ? part.replace(text, '') : ''
}

/** The operands of a syntax by name, in order; parseSyntax tells which names are operands. */
export function operandNames(syntax: string): string[] {
  const words = syntax.replace(/^(?:,[a-z]+)+/, '').match(/%?\w+/g) ?? []
  return words.filter((word) => typeof parseSyntax(word).parts[0] === 'object')
}
