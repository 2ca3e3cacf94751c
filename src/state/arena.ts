import type { Layout } from './layout'

/** A machine that does not fit in memory, or a host that cannot hold one. */
export class ArenaError extends RangeError {
  override readonly name = 'ArenaError'
}

const WASM_PAGE = 65536
/** Offsets are int32 in the engines. */
const LIMIT = 2 ** 31 - WASM_PAGE

/** The one WebAssembly.Memory of a machine, and typed views of it. Never grown: growing detaches views. */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly bytes: Uint8Array
  readonly words16: Uint16Array
  readonly words32: Int32Array
  readonly words64: BigInt64Array

  /** @throws ArenaError if the layout exceeds 2 GiB, the host refuses the memory, or is big-endian. */
  constructor(readonly layout: Layout) {
    if (new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1)
      throw new ArenaError('expected a little-endian host, this one is big-endian')
    if (layout.totalBytes > LIMIT)
      throw new ArenaError(
        `machine needs ${layout.totalBytes} bytes, expected at most ${LIMIT} (registers, TLBs and RAM)`,
      )
    const pages = Math.ceil(layout.totalBytes / WASM_PAGE)
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    } catch (cause) {
      throw new ArenaError(`the host has no ${layout.totalBytes} bytes for this machine`, { cause })
    }
    const buffer = this.memory.buffer
    this.bytes = new Uint8Array(buffer)
    this.words16 = new Uint16Array(buffer)
    this.words32 = new Int32Array(buffer)
    this.words64 = new BigInt64Array(buffer)
  }
}
