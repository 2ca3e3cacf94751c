import type { BufferedStore } from '../../src/engine/store-buffer'

const PAGE = 8192
const HOST = -1

/** Bytes as a big-endian number. */
export function wordOf(bytes: ArrayLike<number>, pa: number, size: number): bigint {
  return Array.from({ length: size }, (_, n) => bytes[pa + n]!).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function bytesOf(value: bigint, size: number): number[] {
  return Array.from({ length: size }, (_, n) => Number((value >> BigInt(8 * (size - 1 - n))) & 0xffn))
}

/** A store: bytes by their place in a doubleword. */
interface Waiting {
  readonly pa: number
  readonly bytes: Map<number, number>
}

const covers = ({ bytes }: Waiting, mask: number) => [...bytes.keys()].some((at) => mask & (0x80 >> at))

/** Store buffers as lists of bytes. */
export class ModelBuffers {
  readonly all: readonly ModelBuffer[]
  /** What is told of accesses, in order. */
  readonly log: unknown[][] = []
  met: Set<number> | undefined

  constructor(
    cpus: number,
    readonly entries: number,
    readonly memory: Uint8Array,
    readonly pages: { readonly observed: number; readonly code: number },
  ) {
    this.all = Array.from({ length: cpus }, (_, cpu) => new ModelBuffer(this, cpu))
  }

  inMemory(pa: number, size: number): bigint {
    return wordOf(this.memory, pa, size)
  }

  buffering(): number[] {
    return this.all.filter(({ waiting }) => waiting.length > 0).map(({ cpu }) => cpu)
  }

  others(cpu: number, pa: number, mask: number): number[] {
    return this.all.filter((other) => other.cpu !== cpu && other.holds(pa, mask)).map((other) => other.cpu)
  }

  metBy(cpu: number, { pa, bytes }: BufferedStore): number[] {
    return this.others(cpu, pa, bytes)
  }

  metDuring(cpu: number, act: () => void): number[] {
    const inCode = ({ pa }: Waiting) => pa - (pa % PAGE) === this.pages.code
    this.met = new Set(this.all.filter((one) => one.cpu !== cpu && one.waiting.some(inCode)).map((one) => one.cpu))
    act()
    const met = [...this.met]
    this.met = undefined
    return met.sort()
  }
}

class ModelBuffer {
  waiting: Waiting[] = []
  private immediate = false

  constructor(
    private readonly buffers: ModelBuffers,
    readonly cpu: number,
  ) {}

  get length(): number {
    return this.waiting.length
  }

  get stores(): BufferedStore[] {
    return this.waiting.map(({ pa, bytes }) => ({
      pa,
      bytes: [...bytes.keys()].reduce((mask, at) => mask | (0x80 >> at), 0),
      value: wordOf(
        Array.from({ length: 8 }, (_, at) => bytes.get(at) ?? 0),
        0,
        8,
      ),
    }))
  }

  holds(pa: number, mask: number): boolean {
    return this.waiting.some((store) => store.pa === pa - (pa % 8) && covers(store, mask))
  }

  load(pa: number, size: number): bigint {
    this.buffers.log.push(['load', pa, size])
    return this.read(pa, size)
  }

  read(pa: number, size: number): bigint {
    if (pa - (pa % PAGE) === this.buffers.pages.observed) this.buffers.log.push(['observed load', HOST, pa, size])
    return this.peek(pa, size)
  }

  peek(pa: number, size: number): bigint {
    const first = pa % 8
    const mask = Array.from({ length: size }, (_, n) => 0x80 >> (first + n)).reduce((a, b) => a | b)
    this.meet(pa, mask)
    const bytes = bytesOf(this.buffers.inMemory(pa - first, 8), 8)
    for (const store of this.waiting)
      if (store.pa === pa - first) for (const [at, byte] of store.bytes) bytes[at] = byte
    return wordOf(bytes, first, size)
  }

  store(pa: number, size: number, value: bigint): void {
    this.buffers.log.push(['store', pa, size])
    this.write(pa, size, value)
    if (this.immediate) this.drain()
  }

  write(pa: number, size: number, value: bigint): void {
    if (this.waiting.length === this.buffers.entries) this.drainOldest()
    this.waiting.push({ pa: pa - (pa % 8), bytes: new Map() })
    this.writeOn(pa, size, value)
  }

  writeOn(pa: number, size: number, value: bigint): void {
    const last = this.waiting.at(-1)
    if (last?.pa !== pa - (pa % 8)) this.write(pa, size, value)
    else for (const [n, byte] of bytesOf(value, size).entries()) last.bytes.set((pa % 8) + n, byte)
  }

  drainOldest(): BufferedStore | undefined {
    const [store] = this.stores
    const oldest = this.waiting.shift()
    if (store === undefined || oldest === undefined) return undefined
    const { memory, log, pages } = this.buffers
    const { pa, bytes } = oldest
    this.meet(pa, store.bytes)
    const before = this.buffers.inMemory(pa, 8)
    for (const [at, byte] of bytes) memory[pa + at] = byte
    const page = pa - (pa % PAGE)
    if (page === pages.code) log.push(['code', pa, 8])
    if (page === pages.observed) log.push(['observed store', this.cpu, pa, 8, before, this.buffers.inMemory(pa, 8)])
    log.push(['drained', this.cpu])
    return store
  }

  drain(): void {
    while (this.waiting.length > 0) this.drainOldest()
  }

  drainThrough(pa: number): void {
    while (this.waiting.some((store) => store.pa === pa - (pa % 8))) this.drainOldest()
  }

  inOrder<T>(act: () => T): T {
    this.drain()
    this.immediate = true
    const result = act()
    this.immediate = false
    this.drain()
    return result
  }

  private meet(pa: number, mask: number): void {
    for (const cpu of this.buffers.others(this.cpu, pa, mask)) this.buffers.met?.add(cpu)
  }
}
