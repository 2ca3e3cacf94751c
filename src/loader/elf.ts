import { ElfError } from './elf-error'
import { ElfReader } from './elf-reader'

export const USER_PAGE_BYTES = 8192
/** User addresses of the shim: the part of the 44-bit address space below the hole (UltraSPARC-I 6.2). */
export const USER_ADDRESS_LIMIT = 1n << 43n

export const PF_X = 1
export const PF_W = 2
export const PF_R = 4

const HEADER_BYTES = 64
const PROGRAM_HEADER_BYTES = 56
const MAX_PROGRAM_HEADERS = 1024
const ET_EXEC = 2
const EM_SPARCV9 = 43
const PT_LOAD = 1
const PT_INTERP = 3
const PT_TLS = 7
const PT_GNU_STACK = 0x6474e551

/** One PT_LOAD: `contents` at `va`, then zeros up to `memoryBytes`. */
export interface ElfSegment {
  readonly va: bigint
  readonly contents: Uint8Array
  readonly memoryBytes: bigint
  readonly read: boolean
  readonly write: boolean
  readonly execute: boolean
}

export interface ElfImage {
  readonly entry: bigint
  /** Ascending, on disjoint pages. */
  readonly segments: readonly ElfSegment[]
  /** Where the program headers are in memory, 0 if no segment holds them. */
  readonly programHeaders: { readonly va: bigint; readonly count: number; readonly entryBytes: number }
  readonly executableStack: boolean
  /** First address behind the last segment. */
  readonly end: bigint
}

/**
 * Reads a static 64-bit big-endian SPARC executable. The segments' contents are views of `bytes`.
 * @throws ElfError on anything else: other formats, shared objects, dynamically linked programs, headers or segments
 * that are cut off, overlap, or do not fit in the user address space.
 */
export function parseElf(bytes: Uint8Array): ElfImage {
  const file = new ElfReader(bytes)
  checkIdentification(file)
  const table = programHeaderTable(file)
  const segments: ElfSegment[] = []
  let executableStack = true
  let programHeadersVa = 0n
  for (let i = 0; i < table.count; i++) {
    const at = table.offset + i * PROGRAM_HEADER_BYTES
    switch (file.word(at)) {
      case PT_INTERP:
        throw new ElfError(
          'the program needs a dynamic linker (PT_INTERP)',
          at,
          'a static executable (link with -static)',
        )
      case PT_GNU_STACK:
        executableStack = (file.word(at + 4) & PF_X) !== 0
        break
      case PT_TLS:
        checkTls(file, at)
        break
      case PT_LOAD: {
        const segment = loadSegment(file, at)
        if (segment.memoryBytes === 0n) break
        checkOrder(segments.at(-1), segment, at)
        segments.push(segment)
        const offset = file.offset('p_offset', at + 8)
        if (
          offset <= table.offset &&
          table.offset + table.count * PROGRAM_HEADER_BYTES <= offset + segment.contents.length
        )
          programHeadersVa = segment.va + BigInt(table.offset - offset)
      }
    }
  }
  const last = segments.at(-1)
  if (last === undefined) throw new ElfError('no segment to load', table.offset, 'at least one PT_LOAD')
  const entry = file.xword(24)
  checkEntry(entry, segments)
  return {
    entry,
    segments,
    programHeaders: { va: programHeadersVa, count: table.count, entryBytes: PROGRAM_HEADER_BYTES },
    executableStack,
    end: last.va + last.memoryBytes,
  }
}

/** @throws ElfError unless the file starts as an ELF file for 64-bit big-endian SPARC V9. */
export function checkIdentification(file: ElfReader): void {
  const { bytes } = file
  const magic = [0x7f, 0x45, 0x4c, 0x46]
  for (let i = 0; i < 4; i++)
    if (bytes[i] !== magic[i])
      throw new ElfError(`not an ELF file: ${byteText(bytes[i])}`, i, `${byteText(magic[i])} (0x7f 'E' 'L' 'F')`)
  file.require('ELF header', 0, HEADER_BYTES)
  if (bytes[4] !== 2) throw new ElfError(`class ${bytes[4]}`, 4, '2 (ELFCLASS64)')
  if (bytes[5] !== 2) throw new ElfError(`data encoding ${bytes[5]}`, 5, '2 (big-endian)')
  if (bytes[6] !== 1) throw new ElfError(`ELF version ${bytes[6]}`, 6, '1')
  if (file.half(18) !== EM_SPARCV9) throw new ElfError(`machine ${file.half(18)}`, 18, `${EM_SPARCV9} (SPARC V9)`)
}

function programHeaderTable(file: ElfReader): { offset: number; count: number } {
  const type = file.half(16)
  if (type !== ET_EXEC)
    throw new ElfError(
      `file type ${type}${type === 3 ? ' (shared object or position-independent executable)' : ''}`,
      16,
      `${ET_EXEC} (a static executable; link with -static -no-pie)`,
    )
  const entryBytes = file.half(54)
  const count = file.half(56)
  if (count === 0) throw new ElfError('no program headers', 56, 'at least one')
  if (count > MAX_PROGRAM_HEADERS) throw new ElfError(`${count} program headers`, 56, `at most ${MAX_PROGRAM_HEADERS}`)
  if (entryBytes !== PROGRAM_HEADER_BYTES)
    throw new ElfError(`program headers of ${entryBytes} bytes`, 54, `${PROGRAM_HEADER_BYTES}`)
  const offset = file.offset('program header offset', 32)
  file.require('program headers', offset, count * PROGRAM_HEADER_BYTES)
  return { offset, count }
}

function loadSegment(file: ElfReader, at: number): ElfSegment {
  const flags = file.word(at + 4)
  const va = file.xword(at + 16)
  const memoryBytes = file.xword(at + 40)
  const offset = file.offset('p_offset', at + 8)
  const fileBytes = file.offset('p_filesz', at + 32)
  file.require('segment', offset, fileBytes)
  if (BigInt(fileBytes) > memoryBytes)
    throw new ElfError(
      `segment of ${fileBytes} bytes in the file and ${memoryBytes} in memory`,
      at + 40,
      'p_filesz <= p_memsz',
    )
  if (va < BigInt(USER_PAGE_BYTES) || va >= USER_ADDRESS_LIMIT || memoryBytes > USER_ADDRESS_LIMIT - va)
    throw new ElfError(
      `segment of 0x${memoryBytes.toString(16)} bytes at address 0x${va.toString(16)}`,
      at + 16,
      `addresses from 0x${USER_PAGE_BYTES.toString(16)} up to 0x${USER_ADDRESS_LIMIT.toString(16)}`,
    )
  if ((va - BigInt(offset)) % BigInt(USER_PAGE_BYTES) !== 0n)
    throw new ElfError(
      `segment at address 0x${va.toString(16)} and file offset 0x${offset.toString(16)}`,
      at + 8,
      `the same place within a page of ${USER_PAGE_BYTES} bytes`,
    )
  return {
    va,
    contents: file.bytes.subarray(offset, offset + fileBytes),
    memoryBytes,
    read: (flags & PF_R) !== 0,
    write: (flags & PF_W) !== 0,
    execute: (flags & PF_X) !== 0,
  }
}

function checkOrder(before: ElfSegment | undefined, segment: ElfSegment, at: number): void {
  if (before === undefined) return
  const free = pageAfter(before.va + before.memoryBytes)
  if (segment.va < free)
    throw new ElfError(
      `segment at address 0x${segment.va.toString(16)} overlaps the one before`,
      at + 16,
      `0x${free.toString(16)} or above`,
    )
}

function checkTls(file: ElfReader, at: number): void {
  const fileBytes = file.xword(at + 32)
  const memoryBytes = file.xword(at + 40)
  if (fileBytes > memoryBytes)
    throw new ElfError(
      `TLS image of ${fileBytes} bytes in the file and ${memoryBytes} in memory`,
      at + 40,
      'p_filesz <= p_memsz',
    )
}

function checkEntry(entry: bigint, segments: readonly ElfSegment[]): void {
  if ((entry & 3n) !== 0n) throw new ElfError(`entry point 0x${entry.toString(16)}`, 24, 'a multiple of 4')
  const inside = segments.some((s) => s.execute && entry >= s.va && entry < s.va + BigInt(s.contents.length))
  if (!inside) throw new ElfError(`entry point 0x${entry.toString(16)}`, 24, 'an address in an executable segment')
}

function pageAfter(va: bigint): bigint {
  const mask = BigInt(USER_PAGE_BYTES - 1)
  return (va + mask) & ~mask
}

function byteText(byte: number | undefined): string {
  return byte === undefined ? 'end of file' : `0x${byte.toString(16).padStart(2, '0')}`
}
