import { ElfError } from './elf-error'

/** Big-endian fields of a file, checked against its end. */
export class ElfReader {
  private readonly view: DataView

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get length(): number {
    return this.bytes.length
  }

  /** @throws ElfError unless the `size` bytes at `offset` are in the file; `what` names them. */
  require(what: string, offset: number, size: number): void {
    if (offset + size > this.length)
      throw new ElfError(
        `${what}: ${size} bytes go beyond the end of the file`,
        offset,
        `a file of at least ${offset + size} bytes, this one has ${this.length}`,
      )
  }

  half(offset: number): number {
    return this.view.getUint16(offset)
  }

  word(offset: number): number {
    return this.view.getUint32(offset)
  }

  xword(offset: number): bigint {
    return this.view.getBigUint64(offset)
  }

  /** A 64-bit offset or size in the file as a number. @throws ElfError if it is larger than the file. */
  offset(what: string, at: number): number {
    const value = this.xword(at)
    if (value > BigInt(this.length))
      throw new ElfError(`${what} 0x${value.toString(16)}`, at, `at most the length of the file, ${this.length}`)
    return Number(value)
  }
}
