import type { SourcePosition } from './error'
import type { Expression, SectionBase } from './expression'

/** Something in a section that waits for the value of an expression. */
export interface Patch {
  readonly offset: number
  readonly expression: Expression
  readonly position: SourcePosition
  /** Puts the value into the section. Throws AssemblyError if it does not fit. */
  readonly write: (value: bigint, address: bigint) => void
}

const NOP = 0x01000000
const BRANCH_ALWAYS_ANNULLED = 0x30680000
const LONGEST_NOP_FILL = 8

/** One section: its bytes so far and the patches that wait for symbols. */
export class Section implements SectionBase {
  address: bigint | undefined
  alignment = 1
  size = 0
  /** Counts the places where gas would not know a distance yet. */
  run = 0
  readonly patches: Patch[] = []
  private bytes = new Uint8Array(256)

  constructor(
    readonly name: string,
    readonly executable: boolean,
    readonly writable: boolean,
    /** Takes no bytes in the image: .bss. */
    readonly empty: boolean,
  ) {}

  contents(): Uint8Array {
    return this.empty ? new Uint8Array(0) : this.bytes.slice(0, this.size)
  }

  /** Makes room for `length` zero bytes at the end and returns where they begin. */
  extend(length: number): number {
    const start = this.size
    this.size += length
    if (!this.empty && this.size > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.size, this.bytes.length * 2))
      larger.set(this.bytes)
      this.bytes = larger
    }
    return start
  }

  append(bytes: Uint8Array): void {
    const start = this.extend(bytes.length)
    this.bytes.set(bytes, start)
  }

  /** Writes the low `length` bytes of a value, most significant first. */
  put(offset: number, length: number, value: bigint): void {
    let rest = value
    for (let at = offset + length - 1; at >= offset; at -= 1) {
      this.bytes[at] = Number(rest & 0xffn)
      rest >>= 8n
    }
  }

  word(offset: number): number {
    const view = new DataView(this.bytes.buffer)
    return view.getUint32(offset)
  }

  putWord(offset: number, word: number): void {
    new DataView(this.bytes.buffer).setUint32(offset, word)
  }

  fillBytes(start: number, end: number, value: number): void {
    if (!this.empty) this.bytes.fill(value & 0xff, start, end)
  }

  /** Fills as gas pads code: zero bytes up to a word, then nops, behind a branch if there are more than two. */
  fillWithCode(start: number, end: number): void {
    const first = end - ((end - start) & ~3)
    this.fillBytes(start, first, 0)
    for (let at = first; at < end; at += 4) this.putWord(at, NOP)
    if (end - first > LONGEST_NOP_FILL) this.putWord(first, BRANCH_ALWAYS_ANNULLED | ((end - first) >> 2))
  }
}
