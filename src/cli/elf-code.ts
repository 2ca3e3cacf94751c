import { parseElf, readSymbols, type SymbolTable } from '../loader'
import { checkIdentification } from '../loader/elf'
import { ElfError } from '../loader/elf-error'
import { ElfReader } from '../loader/elf-reader'

/** A run of instruction words. */
export interface CodeSection {
  readonly name: string
  readonly address: bigint
  /** Big-endian instruction words. */
  readonly bytes: Uint8Array
}

const SECTION_HEADER_BYTES = 64
const SHT_PROGBITS = 1
const SHF_ALLOC = 2n
const SHF_EXECINSTR = 4n

export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46
}

/**
 * The code of a 64-bit SPARC ELF file: its executable sections, or its executable segments if it has no section headers.
 * @throws ElfError
 */
export function readCode(bytes: Uint8Array): { sections: CodeSection[]; symbols: SymbolTable } {
  const file = new ElfReader(bytes)
  checkIdentification(file)
  const symbols = readSymbols(bytes)
  const sections = executableSections(file)
  return { sections: sections.length > 0 ? sections : executableSegments(bytes), symbols }
}

function executableSections(file: ElfReader): CodeSection[] {
  const table = file.offset('section header offset', 40)
  const count = file.half(60)
  if (table === 0 || count === 0) return []
  file.require('section headers', table, count * SECTION_HEADER_BYTES)
  const nameSection = file.half(62)
  if (nameSection >= count)
    throw new ElfError(`section names in section ${nameSection}`, 62, `a section below ${count}`)
  const names = file.offset('section name offset', table + nameSection * SECTION_HEADER_BYTES + 24)
  const sections: CodeSection[] = []
  for (let n = 0; n < count; n++) {
    const header = table + n * SECTION_HEADER_BYTES
    const flags = file.xword(header + 8)
    const isCode = (flags & (SHF_ALLOC | SHF_EXECINSTR)) === (SHF_ALLOC | SHF_EXECINSTR)
    if (file.word(header + 4) !== SHT_PROGBITS || !isCode) continue
    const offset = file.offset('section offset', header + 24)
    const size = file.offset('section size', header + 32)
    file.require('section', offset, size)
    sections.push({
      name: nameAt(file.bytes, names + file.word(header)),
      address: file.xword(header + 16),
      bytes: file.bytes.subarray(offset, offset + size),
    })
  }
  return sections
}

function executableSegments(bytes: Uint8Array): CodeSection[] {
  return parseElf(bytes)
    .segments.filter((segment) => segment.execute)
    .map(({ va, contents }, n) => ({ name: `segment ${n}`, address: va, bytes: contents }))
}

const MAX_NAME = 256

function nameAt(bytes: Uint8Array, start: number): string {
  let name = ''
  for (let n = start; n < bytes.length && bytes[n] !== 0 && name.length < MAX_NAME; n++)
    name += String.fromCharCode(bytes[n]!)
  return name
}
