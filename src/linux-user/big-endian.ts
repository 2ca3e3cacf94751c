/** A structure in the byte order of the guest, written field by field. */
export class Structure {
  readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  byte(offset: number, value: number): this {
    this.view.setUint8(offset, value)
    return this
  }

  half(offset: number, value: number): this {
    this.view.setUint16(offset, value)
    return this
  }

  word(offset: number, value: number): this {
    this.view.setUint32(offset, value)
    return this
  }

  xword(offset: number, value: bigint): this {
    this.view.setBigUint64(offset, BigInt.asUintN(64, value))
    return this
  }

  /** ASCII, cut to `length` - 1 bytes and ended by a zero. */
  text(offset: number, length: number, text: string): this {
    for (let i = 0; i < Math.min(text.length, length - 1); i++)
      this.view.setUint8(offset + i, text.charCodeAt(i) & 0x7f)
    return this
  }

  toArray(): number[] {
    return Array.from(this.bytes)
  }
}

/** The unsigned 64-bit word at `offset` of bytes that came from the guest. */
export function xwordAt(bytes: readonly number[], offset: number): bigint {
  let value = 0n
  for (let i = 0; i < 8; i++) value = (value << 8n) | BigInt(bytes[offset + i])
  return value
}

/** The unsigned 32-bit word at `offset`. */
export function wordAt(bytes: readonly number[], offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0
}
