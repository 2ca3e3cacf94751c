import { assemble } from '../../src/isa'

const ORIGIN = 0x10_0000n
const HEADERS = 64 + 56
const EM_SPARCV9 = 43
const LOAD_RWX = [1, 7] as const

/** A static executable of one segment that starts at the first instruction of `source`. */
export function assembledProgram(source: string): Uint8Array {
  const { bytes } = assemble(source, { origin: ORIGIN + BigInt(HEADERS) })
  const elf = Buffer.alloc(HEADERS + bytes.length)
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1])
  elf.writeUInt16BE(2, 16)
  elf.writeUInt16BE(EM_SPARCV9, 18)
  elf.writeUInt32BE(1, 20)
  elf.writeBigUInt64BE(ORIGIN + BigInt(HEADERS), 24)
  elf.writeBigUInt64BE(64n, 32)
  elf.writeUInt16BE(64, 52)
  elf.writeUInt16BE(56, 54)
  elf.writeUInt16BE(1, 56)
  elf.writeUInt32BE(LOAD_RWX[0], 64)
  elf.writeUInt32BE(LOAD_RWX[1], 68)
  for (const at of [80, 88]) elf.writeBigUInt64BE(ORIGIN, at)
  for (const at of [96, 104]) elf.writeBigUInt64BE(BigInt(elf.length), at)
  elf.writeBigUInt64BE(0x2000n, 112)
  elf.set(bytes, HEADERS)
  return elf
}
