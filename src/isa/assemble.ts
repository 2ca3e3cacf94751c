import { Assembly } from './assembler/assembly'
import { CONDITIONAL_DIRECTIVES, CONTROL_DIRECTIVES, expandMacro } from './assembler/control-directives'
import { DATA_DIRECTIVES, type Directive } from './assembler/data-directives'
import type { SourcePosition } from './assembler/error'
import { type FormTable, makeFormTable } from './assembler/instruction-forms'
import { assembleInstruction } from './assembler/instruction-statement'
import { Scanner } from './assembler/scanner'
import type { Section } from './assembler/section'
import { SECTION_DIRECTIVES } from './assembler/section-directives'
import { SourceReader } from './assembler/source-reader'
import { type Statement, splitStatements } from './assembler/statements'
import { SYMBOL_DIRECTIVES } from './assembler/symbol-directives'
import { makeRows } from './instructions'

export { AssemblyError } from './assembler/error'

export interface AssembleOptions {
  /** Address of .text; 0 if not given. */
  readonly origin?: bigint
  /** Numbers that the source may use by name, known from its first line on. */
  readonly symbols?: Readonly<Record<string, bigint>>
  /** Name of the source in error messages. */
  readonly file?: string
}

export interface AssembledSection {
  readonly name: string
  readonly address: bigint
  /** In bytes; more than `bytes.length` only for .bss. */
  readonly size: number
  readonly bytes: Uint8Array
}

export interface Assembled {
  /** All sections from the origin on, without .bss at the end. */
  readonly bytes: Uint8Array
  readonly origin: bigint
  /** Labels and variables that have a value, as unsigned 64-bit numbers; local labels (`1:`) are left out. */
  readonly symbols: ReadonlyMap<string, bigint>
  /** In the order of their addresses. */
  readonly sections: readonly AssembledSection[]
}

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  ...DATA_DIRECTIVES,
  ...SYMBOL_DIRECTIVES,
  ...SECTION_DIRECTIVES,
  ...CONTROL_DIRECTIVES,
}

const LABEL = /\s*([A-Za-z_.$][\w.$]*|\d+)\s*:/y
const ASSIGNMENT = /\s*([A-Za-z_.$][\w.$]*)\s*==?(?!=)/y

let forms: FormTable | undefined

/**
 * Assembles a source in the syntax of GNU as for SPARC V9.
 *
 * Sections follow each other from the origin on: code, read-only data, data, .bss; each at its own alignment.
 *
 * @throws AssemblyError with the file, line and column of the first thing that is not right
 */
export function assemble(source: string, options: AssembleOptions = {}): Assembled {
  forms ??= makeFormTable(makeRows())
  const { origin = 0n, symbols = {}, file = '<source>' } = options
  const assembly = new Assembly(new SourceReader(splitStatements(source, file)))
  const start: SourcePosition = { file, line: 1, column: 1 }
  for (const [name, value] of Object.entries(symbols)) {
    assembly.symbols.defineVariable(name, { kind: 'number', value }, start)
  }
  for (let statement = assembly.reader.next(); statement !== undefined; statement = assembly.reader.next()) {
    assembleStatement(assembly, forms, statement)
    if (assembly.ended) break
  }
  assembly.conditionals.expectNone()
  const sections = layOut([...assembly.sections.values()], BigInt.asUintN(64, origin))
  assembly.applyPatches()
  return image(assembly, sections, BigInt.asUintN(64, origin))
}

function assembleStatement(assembly: Assembly, table: FormTable, { text, position }: Statement): void {
  const scanner = new Scanner(text, position)
  const { active } = assembly.conditionals
  for (let label = scanner.match(LABEL); label !== undefined; label = scanner.match(LABEL)) {
    if (active) defineLabel(assembly, label[1]!, position)
  }
  if (scanner.done) return
  const start = scanner.at
  const assignment = active ? scanner.match(ASSIGNMENT)?.[1] : undefined
  if (assignment === undefined) assembleNamed(assembly, table, scanner)
  else assign(assembly, assignment, scanner, start)
}

/** A directive, a macro or an instruction. */
function assembleNamed(assembly: Assembly, table: FormTable, scanner: Scanner): void {
  const { active } = assembly.conditionals
  scanner.skipBlanks()
  const start = scanner.at
  const name = scanner.name()
  if (name === undefined) {
    if (!active) return
    throw scanner.unexpected('a label, a directive or an instruction')
  }
  const at = scanner.position(start)
  const directive = name.toLowerCase()
  const conditional = own(CONDITIONAL_DIRECTIVES, directive)
  if (conditional === undefined && (!active || expandMacro(assembly, name, scanner, at))) return
  const known = conditional ?? own(DIRECTIVES, directive)
  if (known !== undefined) runDirective(known, assembly, scanner, at)
  else if (name.startsWith('.')) throw scanner.error(`no directive is called '${name}'`, start)
  else assembleInstruction(assembly, table, directive, scanner, at)
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function runDirective(directive: Directive, assembly: Assembly, scanner: Scanner, position: SourcePosition): void {
  const { active } = assembly.conditionals
  directive(assembly, scanner, position)
  if (active && assembly.conditionals.active) scanner.expectEnd()
}

function defineLabel(assembly: Assembly, label: string, position: SourcePosition): void {
  if (/^\d/.test(label)) assembly.symbols.defineLocal(String(Number(label)), assembly.here())
  else assembly.symbols.defineLabel(label, assembly.here(), position)
}

/** `name = value`; `. = value` moves the location counter as `.org` does. */
function assign(assembly: Assembly, name: string, scanner: Scanner, start: number): void {
  const position = scanner.position(start)
  if (name === '.') {
    DIRECTIVES['.org']!(assembly, scanner, position)
  } else {
    assembly.symbols.defineVariable(name, assembly.expression(scanner), position)
  }
  scanner.expectEnd()
}

/** Gives each section its address; code is padded to its alignment as gas does. */
function layOut(sections: readonly Section[], origin: bigint): readonly Section[] {
  const order = ({ name, executable, writable, empty }: Section) =>
    name === '.text' ? 0 : executable ? 1 : empty ? 4 : writable ? 3 : 2
  const sorted = [...sections].sort((a, b) => order(a) - order(b))
  let address = origin
  for (const section of sorted) {
    const alignment = BigInt(section.alignment)
    if (section.executable && !section.empty) {
      const end = section.size
      const padded = Math.ceil(end / section.alignment) * section.alignment
      section.extend(padded - end)
      section.fillWithCode(end, padded)
    }
    if (section.size > 0 && section !== sorted[0]) address = ((address + alignment - 1n) / alignment) * alignment
    section.address = address
    address += BigInt(section.size)
  }
  return sorted
}

function image(assembly: Assembly, sections: readonly Section[], origin: bigint): Assembled {
  const assembled = sections
    .filter((section) => section.size > 0 || section.name === '.text')
    .map((section) => ({
      name: section.name,
      address: section.address!,
      size: section.size,
      bytes: section.contents(),
    }))
  const end = assembled.reduce((most, { address, bytes }) => {
    const sectionEnd = Number(address - origin) + bytes.length
    return bytes.length > 0 && sectionEnd > most ? sectionEnd : most
  }, 0)
  const bytes = new Uint8Array(end)
  for (const { address, bytes: contents } of assembled) {
    if (contents.length > 0) bytes.set(contents, Number(address - origin))
  }
  const symbols = new Map<string, bigint>()
  for (const [name] of assembly.symbols.named()) {
    const value = assembly.value({ kind: 'symbol', name, position: { file: '', line: 0, column: 0 } })
    if (value !== undefined) symbols.set(name, BigInt.asUintN(64, value.value))
  }
  return { bytes, origin, symbols, sections: assembled }
}
