import type { Arena } from '../state/arena'
import { BUFFERED_STORE_BYTES, cpuBlock } from '../state/layout'
import { PAGE_HAS_CODE, type PhysicalMemory } from '../state/physical-memory'

/** Memory as one CPU sees it: physical addresses, sizes 1, 2, 4, 8, big-endian unsigned values. */
export interface CpuMemory {
  load(pa: number, size: number): bigint
  store(pa: number, size: number, value: bigint): void
  /** {@link load} without any side effect. */
  peek(pa: number, size: number): bigint
}

/** A store that its CPU has performed and no other CPU can see yet. */
export interface BufferedStore {
  /** Of the doubleword that it is in. */
  readonly pa: number
  /** Which bytes of the doubleword it stores: bit 7 is the first one. */
  readonly bytes: number
  /** The doubleword; zero in bytes that are not stored. */
  readonly value: bigint
}

/** The bits of a doubleword by the bits of a byte mask. */
const BITS = Array.from({ length: 256 }, (_, bytes) => {
  let bits = 0n
  for (let n = 0; bytes >> n; n++) if ((bytes >> n) & 1) bits |= 0xffn << BigInt(8 * n)
  return bits
})

function bytesOf(pa: number, size: number): number {
  return ((1 << size) - 1) << (8 - (pa & 7) - size)
}

/**
 * Stores of one CPU on their way to memory, first in first out: the store order of TSO (UltraSPARC-I 5.5, 15.2.1). Its own
 * loads find the youngest store of each byte here; others find it once it has drained.
 *
 * All of it is in the arena, in one form for one content, so that hashes and snapshots have it.
 */
export class StoreBuffer implements CpuMemory {
  private readonly countAt: number
  private readonly first: number
  private readonly capacity: number
  private readonly words: BigInt64Array
  private immediate = false

  constructor(
    private readonly buffers: StoreBuffers,
    private readonly memory: PhysicalMemory,
    arena: Arena,
    readonly cpu: number,
  ) {
    const { layout } = arena
    this.words = arena.words64
    this.capacity = layout.storeBufferEntries!
    this.countAt = (cpuBlock(layout, cpu) + layout.storeBuffer) >> 3
    this.first = this.countAt + 1
  }

  /** Stores that are not visible yet. */
  get length(): number {
    return Number(this.words[this.countAt])
  }

  /** Oldest first. */
  get stores(): readonly BufferedStore[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index))
  }

  load(pa: number, size: number): bigint {
    if (!this.memory.isRam(pa, size)) return this.memory.load(pa, size)
    this.memory.accessed?.(pa, size, 'load')
    return this.read(pa, size)
  }

  store(pa: number, size: number, value: bigint): void {
    if (!this.memory.isRam(pa, size)) {
      this.memory.store(pa, size, value)
      return
    }
    this.memory.accessed?.(pa, size, 'store')
    this.write(pa, size, value)
    if (this.immediate) this.drain()
  }

  /** Runs `act` with all earlier stores visible; what it stores is visible at once. */
  inOrder<T>(act: () => T): T {
    this.drain()
    this.immediate = true
    try {
      return act()
    } finally {
      this.immediate = false
      this.drain()
    }
  }

  peek(pa: number, size: number): bigint {
    this.buffers.meet(this.cpu, pa, bytesOf(pa, size))
    return this.overlay(pa, size, this.memory.peek(pa, size))
  }

  /** Loads from RAM; host watch hooks are not told. */
  read(pa: number, size: number): bigint {
    this.buffers.meet(this.cpu, pa, bytesOf(pa, size))
    return this.overlay(pa, size, this.memory.loadRam(pa, size))
  }

  /** Stores to RAM; host watch hooks are not told. A full buffer first drains its oldest store. */
  write(pa: number, size: number, value: bigint): void {
    if (this.length === this.capacity) this.drainOldest()
    const index = this.length
    this.words[this.countAt] = BigInt(index + 1)
    this.put(index, pa & ~7, 0, 0n)
    this.merge(index, pa, size, value)
  }

  /** {@link write} by the instruction that stored last: bytes of one doubleword stay together. */
  writeOn(pa: number, size: number, value: bigint): void {
    const last = this.length - 1
    if (last >= 0 && this.at(last).pa === (pa & ~7)) this.merge(last, pa, size, value)
    else this.write(pa, size, value)
  }

  /** Makes the oldest store visible to all; gives it, or undefined if there is none. */
  drainOldest(): BufferedStore | undefined {
    const { length } = this
    if (length === 0) return undefined
    const oldest = this.at(0)
    const { first, words } = this
    const wordsOfStore = BUFFERED_STORE_BYTES >> 3
    words.copyWithin(first, first + wordsOfStore, first + length * wordsOfStore)
    words.fill(0n, first + (length - 1) * wordsOfStore, first + length * wordsOfStore)
    words[this.countAt] = BigInt(length - 1)
    this.commit(oldest)
    return oldest
  }

  /** Makes every store visible, oldest first. */
  drain(): void {
    while (this.length > 0) this.drainOldest()
  }

  /** Makes the stores up to the last one to a doubleword visible. */
  drainThrough(pa: number): void {
    while (this.holds(pa, 0xff)) this.drainOldest()
  }

  /** Whether a store to any of these bytes of a doubleword is here. */
  holds(pa: number, bytes: number): boolean {
    for (let index = 0; index < this.length; index++) {
      const store = this.at(index)
      if (store.pa === (pa & ~7) && store.bytes & bytes) return true
    }
    return false
  }

  /** Whether a store into decoded instructions is here. */
  holdsCode(): boolean {
    return this.stores.some(({ pa }) => this.memory.hasPageFlag(pa, PAGE_HAS_CODE))
  }

  private commit({ pa, bytes, value }: BufferedStore): void {
    const { memory } = this
    this.buffers.meet(this.cpu, pa, bytes)
    const bits = BITS[bytes]!
    const accessor = memory.accessor
    memory.accessor = this.cpu
    memory.storeRam(pa, 8, (memory.peek(pa, 8) & ~bits) | value)
    memory.accessor = accessor
    this.buffers.drained(this.cpu)
  }

  private overlay(pa: number, size: number, inMemory: bigint): bigint {
    const { length } = this
    if (length === 0) return inMemory
    const shift = BigInt(8 * (8 - (pa & 7) - size))
    let doubleword = inMemory << shift
    for (let index = 0; index < length; index++) {
      const { pa: of, bytes, value } = this.at(index)
      if (of === (pa & ~7)) doubleword = (doubleword & ~BITS[bytes]!) | value
    }
    return BigInt.asUintN(8 * size, doubleword >> shift)
  }

  private at(index: number): BufferedStore {
    const word = this.first + index * (BUFFERED_STORE_BYTES >> 3)
    const place = Number(this.words[word])
    const bytes = place % 256
    return { pa: (place - bytes) / 256, bytes, value: BigInt.asUintN(64, this.words[word + 1]!) }
  }

  private put(index: number, pa: number, bytes: number, value: bigint): void {
    const word = this.first + index * (BUFFERED_STORE_BYTES >> 3)
    this.words[word] = BigInt(pa * 256 + bytes)
    this.words[word + 1] = value
  }

  private merge(index: number, pa: number, size: number, value: bigint): void {
    const old = this.at(index)
    const bytes = bytesOf(pa, size)
    const placed = BigInt.asUintN(8 * size, value) << BigInt(8 * (8 - (pa & 7) - size))
    this.put(index, old.pa, old.bytes | bytes, (old.value & ~BITS[bytes]!) | placed)
  }
}

/** The store buffers of a machine's CPUs. */
export class StoreBuffers {
  readonly all: readonly StoreBuffer[]
  /** Told after a store of a CPU became visible. */
  onDrain: (cpu: number) => void = () => {}
  private met: Set<number> | undefined

  constructor(memory: PhysicalMemory, arena: Arena) {
    this.all = Array.from({ length: arena.layout.cpus }, (_, cpu) => new StoreBuffer(this, memory, arena, cpu))
  }

  /** CPUs that hold stores, ascending. */
  buffering(): number[] {
    return this.all.filter((buffer) => buffer.length > 0).map((buffer) => buffer.cpu)
  }

  /**
   * Runs `act`, which lets a CPU step or look, and tells whose buffered stores it has met: CPUs, ascending, that held a store to a byte
   * that it loaded or made visible, or to code. A store that was not met could have drained before or after `act` alike.
   */
  metDuring(cpu: number, act: () => void): number[] {
    const met = new Set<number>()
    for (const buffer of this.all) if (buffer.cpu !== cpu && buffer.holdsCode()) met.add(buffer.cpu)
    this.met = met
    try {
      act()
    } finally {
      this.met = undefined
    }
    return [...met].sort((a, b) => a - b)
  }

  /** CPUs that hold a store to a byte that a store of another CPU stores, ascending. */
  metBy(cpu: number, { pa, bytes }: BufferedStore): number[] {
    return this.all.filter((buffer) => buffer.cpu !== cpu && buffer.holds(pa, bytes)).map((buffer) => buffer.cpu)
  }

  meet(cpu: number, pa: number, bytes: number): void {
    if (this.met === undefined) return
    for (const buffer of this.all) if (buffer.cpu !== cpu && buffer.holds(pa, bytes)) this.met.add(buffer.cpu)
  }

  drained(cpu: number): void {
    this.onDrain(cpu)
  }
}
