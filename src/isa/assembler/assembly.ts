import { Conditionals } from './conditionals'
import { AssemblyError, type SourcePosition } from './error'
import { evaluate, fold, positionOf, undefinedSymbol, type Value } from './evaluate'
import { type Expression, type Names, type Place, parseExpression } from './expression'
import type { Macro } from './macros'
import type { Scanner } from './scanner'
import { Section } from './section'
import type { SourceReader } from './source-reader'
import { displayName, SymbolTable } from './symbol-table'

/** Bytes of all sections together; more is refused. */
const MAX_BYTES = 256 * 1024 * 1024

/** Everything that is known while a source is assembled. */
export class Assembly implements Names {
  readonly symbols = new SymbolTable()
  readonly sections = new Map<string, Section>()
  readonly conditionals = new Conditionals()
  readonly macros = new Map<string, Macro>()
  macrosRun = 0
  section: Section
  previous: Section
  readonly stack: { section: Section; previous: Section }[] = []
  ended = false

  constructor(readonly reader: SourceReader) {
    this.section = this.enter('.text', 'ax')
    this.previous = this.section
  }

  /** Makes a section the current one, creating it if it is new. Flags are gas's: a, w, x. */
  enter(name: string, flags: string, empty = false): Section {
    let section = this.sections.get(name)
    if (section === undefined) {
      section = new Section(name, flags.includes('x'), flags.includes('w'), empty)
      this.sections.set(name, section)
    }
    this.previous = this.section
    this.section = section
    return section
  }

  here(): Place {
    return { section: this.section, offset: BigInt(this.section.size), run: this.section.run }
  }

  backward(label: string): Place | undefined {
    return this.symbols.backward(label)
  }

  forward(label: string): string {
    return this.symbols.forward(label)
  }

  /** Reads an expression; its variables have the values of this moment. */
  expression(scanner: Scanner): Expression {
    return fold(parseExpression(scanner, this), this.symbols.lookup)
  }

  /** The value of an expression if everything in it is known. */
  value(expression: Expression): Value | undefined {
    return evaluate(expression, this.symbols.lookup)
  }

  /** Reads an expression that must be a number by now, for what decides the layout. */
  constant(scanner: Scanner, what: string): bigint {
    scanner.skipBlanks()
    const position = scanner.position()
    const expression = this.expression(scanner)
    const value = this.value(expression)
    if (value === undefined || value.section !== undefined) {
      throw new AssemblyError(position, `expected ${what} that is known here${this.missing(expression)}`)
    }
    return value.value
  }

  /** Like {@link constant}, within bounds. */
  count(scanner: Scanner, what: string, max = MAX_BYTES): number {
    scanner.skipBlanks()
    const position = scanner.position()
    const value = this.constant(scanner, what)
    if (value < 0n || value > BigInt(max)) {
      throw new AssemblyError(position, `expected ${what} from 0 to ${max}, found ${value}`)
    }
    return Number(value)
  }

  private missing(expression: Expression): string {
    const symbol = undefinedSymbol(expression, this.symbols.lookup)
    return symbol === undefined ? '' : `; '${displayName(symbol.name)}' is not defined yet`
  }

  /** Room for bytes at the end of the current section. @returns their offset */
  reserve(length: number, position: SourcePosition): number {
    let total = length
    for (const section of this.sections.values()) total += section.size
    if (total > MAX_BYTES) throw new AssemblyError(position, `expected at most ${MAX_BYTES} bytes of output`)
    return this.section.extend(length)
  }

  /** Room for bytes that the image holds: not in .bss. */
  reserveContents(length: number, position: SourcePosition): number {
    if (this.section.empty) {
      throw new AssemblyError(position, `section ${this.section.name} holds no contents: expected .skip or .space`)
    }
    return this.reserve(length, position)
  }

  /** An integer of some bytes at the end of the section, now or when its symbols are known. */
  emitInteger(length: number, expression: Expression, position: SourcePosition): void {
    const section = this.section
    const offset = this.reserveContents(length, position)
    const least = -(1n << BigInt(length * 8 - 1))
    const most = (1n << BigInt(length * 8)) - 1n
    this.whenKnown(section, offset, expression, position, (value) => {
      if (value < least || value > most) {
        throw new AssemblyError(position, `expected a value of ${length * 8} bits, found ${value}`)
      }
      section.put(offset, length, value)
    })
  }

  /** Runs `write` with the value of the expression, at the latest when all addresses are known. */
  whenKnown(
    section: Section,
    offset: number,
    expression: Expression,
    position: SourcePosition,
    write: (value: bigint, address: bigint) => void,
  ): void {
    section.patches.push({ offset, expression, position: positionOf(expression) ?? position, write })
  }

  /** Gives every patch its value. Sections must have their addresses. */
  applyPatches(): void {
    const { lookup } = this.symbols
    for (const section of this.sections.values()) {
      for (const { offset, expression, position, write } of section.patches) {
        const address = section.address! + BigInt(offset)
        const value = evaluate(expression, lookup, address)
        if (value === undefined) {
          const symbol = undefinedSymbol(expression, lookup)
          if (symbol === undefined) throw new AssemblyError(position, 'expected an expression that has a value')
          throw new AssemblyError(symbol.position, `symbol '${displayName(symbol.name)}' is not defined`)
        }
        write(value.value, address)
      }
    }
  }
}
