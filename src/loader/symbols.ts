import { checkIdentification } from './elf'
import { ElfError } from './elf-error'
import { ElfReader } from './elf-reader'

export interface ElfSymbol {
  readonly name: string
  readonly address: bigint
  readonly size: bigint
  readonly kind: 'function' | 'object' | 'other'
}

const SECTION_HEADER_BYTES = 64
const SYMBOL_BYTES = 24
const SHT_SYMTAB = 2
const SHT_STRTAB = 3
const STT_OBJECT = 1
const STT_FUNC = 2
const STT_SECTION = 3
const STT_FILE = 4
const STT_TLS = 6
const SHN_UNDEF = 0

/** Symbols of a program by name and by address. */
export class SymbolTable {
  private readonly byName = new Map<string, ElfSymbol>()
  /** By ascending address. */
  private readonly sorted: ElfSymbol[]

  constructor(readonly symbols: readonly ElfSymbol[]) {
    for (const symbol of symbols) if (!this.byName.has(symbol.name)) this.byName.set(symbol.name, symbol)
    this.sorted = [...symbols].sort((a, b) => compare(a.address, b.address) || compare(a.size, b.size))
  }

  get(name: string): ElfSymbol | undefined {
    return this.byName.get(name)
  }

  /** The function or object that `address` lies in and the distance from its start; functions first. */
  find(address: bigint): { symbol: ElfSymbol; offset: bigint } | undefined {
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.sorted[middle].address <= address) low = middle + 1
      else high = middle
    }
    let found: ElfSymbol | undefined
    for (let i = low - 1, seen = 0; i >= 0 && seen < 64; i--, seen++) {
      const symbol = this.sorted[i]
      const size = symbol.size > 0n ? symbol.size : 1n
      if (address - symbol.address >= size) continue
      if (symbol.kind === 'function') return { symbol, offset: address - symbol.address }
      found ??= symbol
    }
    return found && { symbol: found, offset: address - found.address }
  }

  /** `name+0x10` for an address in a symbol, else undefined. */
  describe(address: bigint): string | undefined {
    const found = this.find(address)
    if (found === undefined) return undefined
    return found.offset === 0n ? found.symbol.name : `${found.symbol.name}+0x${found.offset.toString(16)}`
  }
}

/**
 * The defined symbols of an ELF file's symbol table; empty if it was stripped.
 * @throws ElfError if section headers or tables are cut off or contradict each other.
 */
export function readSymbols(bytes: Uint8Array): SymbolTable {
  const file = new ElfReader(bytes)
  checkIdentification(file)
  const sectionHeaders = file.offset('section header offset', 40)
  const count = file.half(60)
  if (sectionHeaders === 0 || count === 0) return new SymbolTable([])
  const entryBytes = file.half(58)
  if (entryBytes !== SECTION_HEADER_BYTES)
    throw new ElfError(`section headers of ${entryBytes} bytes`, 58, `${SECTION_HEADER_BYTES}`)
  file.require('section headers', sectionHeaders, count * SECTION_HEADER_BYTES)
  const symbols: ElfSymbol[] = []
  for (let i = 0; i < count; i++) {
    const header = sectionHeaders + i * SECTION_HEADER_BYTES
    if (file.word(header + 4) !== SHT_SYMTAB) continue
    const link = file.word(header + 40)
    if (link >= count) throw new ElfError(`string table in section ${link}`, header + 40, `a section below ${count}`)
    readTable(file, header, sectionHeaders + link * SECTION_HEADER_BYTES, symbols)
  }
  return new SymbolTable(symbols)
}

function readTable(file: ElfReader, header: number, stringHeader: number, into: ElfSymbol[]): void {
  if (file.word(stringHeader + 4) !== SHT_STRTAB)
    throw new ElfError(`section type ${file.word(stringHeader + 4)}`, stringHeader + 4, `${SHT_STRTAB} (string table)`)
  const [offset, size] = extent(file, header, 'symbol table')
  const [names, namesSize] = extent(file, stringHeader, 'string table')
  if (size % SYMBOL_BYTES !== 0)
    throw new ElfError(`symbol table of ${size} bytes`, header + 32, `a multiple of ${SYMBOL_BYTES}`)
  for (let at = offset + SYMBOL_BYTES; at < offset + size; at += SYMBOL_BYTES) {
    const type = file.bytes[at + 4] & 15
    if (file.half(at + 6) === SHN_UNDEF || type === STT_SECTION || type === STT_FILE || type === STT_TLS) continue
    const name = file.word(at)
    if (name >= namesSize)
      throw new ElfError(`symbol name at ${name}`, at, `below ${namesSize}, the size of the string table`)
    const text = nameAt(file.bytes, names + name, names + namesSize)
    if (text === '') continue
    into.push({
      name: text,
      address: file.xword(at + 8),
      size: file.xword(at + 16),
      kind: type === STT_FUNC ? 'function' : type === STT_OBJECT ? 'object' : 'other',
    })
  }
}

function extent(file: ElfReader, header: number, what: string): [offset: number, size: number] {
  const offset = file.offset(`${what} offset`, header + 24)
  const size = file.offset(`${what} size`, header + 32)
  file.require(what, offset, size)
  return [offset, size]
}

const MAX_NAME = 4096

function nameAt(bytes: Uint8Array, start: number, limit: number): string {
  let name = ''
  for (let i = start; i < limit && bytes[i] !== 0 && name.length < MAX_NAME; i++) name += String.fromCharCode(bytes[i])
  return name
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
