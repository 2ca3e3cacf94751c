import type { FloatWidth } from '../../src/isa/semantics'
import { OperandSemantics } from './operand-semantics'

interface Translated {
  readonly address: bigint
  readonly access: string
}

/** Rows of loads and stores on operands alone; memory is one doubleword, big-endian, at any multiple of 8. */
export class MemorySemantics extends OperandSemantics {
  /** Low 32 bits of r[rd] and r[rd + 1]. */
  pair: readonly bigint[] = [0n, 0n]
  private readonly view = new DataView(new ArrayBuffer(8))

  /** The doubleword in memory. */
  get doubleword(): bigint {
    return this.view.getBigUint64(0)
  }
  set doubleword(value: bigint) {
    this.view.setBigUint64(0, value)
  }

  requireEvenRd = () => this.events.push('even rd')
  rdPair = () => this.pair
  setRdPair = (...pair: bigint[]) => {
    this.pair = pair
  }

  override frd = (width: FloatWidth) => {
    this.events.push(`f[rd], width ${width}`)
    return this.fd
  }
  override setFrd = (width: FloatWidth, value: bigint) => {
    this.events.push(`to f[rd], width ${width}`)
    this.fd = value
  }

  override translate = (address: bigint, size: number, access: string) => this.translated('', address, size, access)
  translateAlternate = (address: bigint, size: number, access: string) =>
    this.translated('alternate ', address, size, access)

  override read = (pointer: unknown, size: number, offset = 0) => {
    const { address, access } = pointer as Translated
    this.events.push(`read for ${access}`)
    return this.bytesAt(address, offset, size)
  }
  override write = (pointer: unknown, size: number, value: bigint, offset = 0) => {
    const { address, access } = pointer as Translated
    this.events.push(`write for ${access}`)
    this.setBytesAt(address, offset, size, value)
  }
  compareAndSwap = (pointer: unknown, size: number, expected: bigint, replacement: bigint) => {
    const { address } = pointer as Translated
    const old = this.bytesAt(address, 0, size)
    if (old === expected) this.setBytesAt(address, 0, size, replacement)
    return old
  }

  loadTwinAlternate = (address: bigint) => this.events.push(`twin load at ${address}`)
  storeTwinAlternate = (address: bigint) => this.events.push(`twin store at ${address}`)

  private translated(space: string, address: bigint, size: number, access: string): never {
    this.events.push(`${space}${access} ${size} at ${address}`)
    return { address, access } satisfies Translated as never
  }
  private bytesAt(address: bigint, offset: number, size: number): bigint {
    let value = 0n
    for (let n = 0; n < size; n++) value = (value << 8n) | BigInt(this.view.getUint8(Number(address & 7n) + offset + n))
    return value
  }
  private setBytesAt(address: bigint, offset: number, size: number, value: bigint): void {
    for (let n = 0; n < size; n++)
      this.view.setUint8(Number(address & 7n) + offset + n, Number((value >> BigInt(8 * (size - 1 - n))) & 0xffn))
  }
}
