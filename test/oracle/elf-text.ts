import { readFileSync } from 'node:fs'

export interface TextSection {
  readonly address: bigint
  readonly words: readonly number[]
}

const SHF_EXECINSTR = 4n
const SHT_NOBITS = 8

/** The sections with instructions of a 64-bit big-endian ELF file. */
export function textSections(file: string): TextSection[] {
  const bytes = readFileSync(file)
  const table = Number(bytes.readBigUInt64BE(0x28))
  const entrySize = bytes.readUInt16BE(0x3a)
  const count = bytes.readUInt16BE(0x3c)
  return Array.from({ length: count }, (_, index) => table + index * entrySize)
    .filter((at) => bytes.readBigUInt64BE(at + 8) & SHF_EXECINSTR && bytes.readUInt32BE(at + 4) !== SHT_NOBITS)
    .map((at) => {
      const offset = Number(bytes.readBigUInt64BE(at + 0x18))
      const size = Number(bytes.readBigUInt64BE(at + 0x20))
      const words = Array.from({ length: size >> 2 }, (_, index) => bytes.readUInt32BE(offset + index * 4))
      return { address: bytes.readBigUInt64BE(at + 0x10), words }
    })
}

/** A sparc64 executable or shared object: ELF64, big-endian, machine EM_SPARCV9. */
export function isSparc64Elf(file: string): boolean {
  const bytes = readFileSync(file)
  return bytes.length > 0x40 && bytes.readUInt32BE(0) === 0x7f45_4c46 && bytes.readUInt16BE(0x12) === 43
}
