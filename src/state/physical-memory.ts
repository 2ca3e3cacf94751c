import type { Arena } from './arena'

export const PAGE_SHIFT = 13
export const PAGE_BYTES = 1 << PAGE_SHIFT

/** Why a store to a page needs more than the store. 0: nothing. */
export const PAGE_HAS_CODE = 1
/** Not written since the last snapshot mark. */
export const PAGE_CLEAN = 2
/** A {@link MemoryObserver} sees loads and stores; never in a fast table. */
export const PAGE_OBSERVED = 4

export interface MemoryObserver {
  load(cpu: number, pa: number, size: number): void
  store(cpu: number, pa: number, size: number, before: bigint, after: bigint): void
}

/** A memory-mapped device. Addresses are offsets from its base; sizes 1, 2, 4, 8. */
export interface Device {
  readonly name: string
  readonly base: number
  readonly bytes: number
  load(offset: number, size: number): bigint
  store(offset: number, size: number, value: bigint): void
}

/** A physical address that is neither RAM nor a device. */
export class PhysicalAddressError extends RangeError {
  override readonly name = 'PhysicalAddressError'
}

/**
 * RAM from physical address 0 and devices above it.
 *
 * RAM is kept as little-endian 64-bit words; a big-endian access of 1, 2, 4 or 8 bytes is at its address XOR 7, 6, 4 or 0.
 */
export class PhysicalMemory {
  /** By arena offset >> 13. Zero means that a store is only a store. */
  readonly pageFlags: Uint8Array
  readonly ramOffset: number
  readonly ramBytes: number
  /** The CPU on whose behalf accesses are made, for the observer; -1 is the host. */
  accessor = -1
  observer: MemoryObserver | undefined
  /** Told of each {@link load} and {@link store} of RAM, while set. */
  accessed: ((pa: number, size: number, access: 'load' | 'store') => void) | undefined
  /** Called before a store into a page that holds decoded instructions. */
  onCodeStore: (pa: number, size: number) => void = () => {}
  private readonly devices: Device[] = []
  private dirty: number[] = []

  constructor(readonly arena: Arena) {
    this.ramOffset = arena.layout.ram
    this.ramBytes = arena.layout.ramBytes
    this.pageFlags = new Uint8Array(arena.layout.totalBytes >>> PAGE_SHIFT)
    this.pageFlags.fill(PAGE_CLEAN, this.ramOffset >>> PAGE_SHIFT)
  }

  isRam(pa: number, size = 1): boolean {
    return pa >= 0 && pa + size <= this.ramBytes
  }

  /** @throws RangeError if the device overlaps RAM or another device. */
  addDevice(device: Device): void {
    const clash =
      device.base < this.ramBytes
        ? 'RAM'
        : this.devices.find((d) => device.base < d.base + d.bytes && d.base < device.base + device.bytes)?.name
    if (clash !== undefined) throw new RangeError(`device ${device.name} overlaps ${clash}`)
    this.devices.push(device)
  }

  deviceAt(pa: number): Device | undefined {
    return this.devices.find((d) => pa >= d.base && pa < d.base + d.bytes)
  }

  /** Big-endian value of `size` (1, 2, 4, 8) bytes, unsigned; `pa` is aligned. */
  load(pa: number, size: number): bigint {
    if (!this.isRam(pa, size)) return this.device(pa).load(pa - this.device(pa).base, size)
    this.accessed?.(pa, size, 'load')
    return this.loadRam(pa, size)
  }

  /** {@link load} of RAM that {@link accessed} is not told of. */
  loadRam(pa: number, size: number): bigint {
    if (this.pageFlags[(this.ramOffset + pa) >>> PAGE_SHIFT] & PAGE_OBSERVED)
      this.observer?.load(this.accessor, pa, size)
    return this.peek(pa, size)
  }

  store(pa: number, size: number, value: bigint): void {
    if (!this.isRam(pa, size)) {
      this.device(pa).store(pa - this.device(pa).base, size, value)
      return
    }
    this.accessed?.(pa, size, 'store')
    this.storeRam(pa, size, value)
  }

  /** {@link store} to RAM that {@link accessed} is not told of. */
  storeRam(pa: number, size: number, value: bigint): void {
    const flags = this.pageFlags[(this.ramOffset + pa) >>> PAGE_SHIFT]
    if (flags === 0) {
      this.poke(pa, size, value)
      return
    }
    if (flags & PAGE_OBSERVED && this.observer) {
      const doubleword = pa & ~7
      const before = this.doublewordAt(doubleword)
      this.touched(pa, size)
      this.poke(pa, size, value)
      this.observer.store(this.accessor, doubleword, 8, before, this.doublewordAt(doubleword))
      return
    }
    this.touched(pa, size)
    this.poke(pa, size, value)
  }

  /** To be called before a store that goes around {@link store}: keeps decoded code and snapshots honest. */
  touched(pa: number, size: number): void {
    const page = (this.ramOffset + pa) >>> PAGE_SHIFT
    const flags = this.pageFlags[page]
    if (flags & PAGE_HAS_CODE) this.onCodeStore(pa, size)
    if (flags & PAGE_CLEAN) {
      this.pageFlags[page] = flags & ~PAGE_CLEAN
      this.dirty.push(page)
    }
  }

  /** The value in RAM without any side effect. */
  peek(pa: number, size: number): bigint {
    const at = this.ramOffset + pa
    switch (size) {
      case 1:
        return BigInt(this.arena.bytes[at ^ 7])
      case 2:
        return BigInt(this.arena.words16[(at >> 1) ^ 3])
      case 4:
        return BigInt(this.arena.words32[(at >> 2) ^ 1] >>> 0)
      default:
        return this.doublewordAt(pa)
    }
  }

  private doublewordAt(pa: number): bigint {
    return BigInt.asUintN(64, this.arena.words64[(this.ramOffset + pa) >> 3])
  }

  private poke(pa: number, size: number, value: bigint): void {
    const at = this.ramOffset + pa
    switch (size) {
      case 1:
        this.arena.bytes[at ^ 7] = Number(value & 0xffn)
        break
      case 2:
        this.arena.words16[(at >> 1) ^ 3] = Number(value & 0xffffn)
        break
      case 4:
        this.arena.words32[(at >> 2) ^ 1] = Number(value & 0xffffffffn)
        break
      default:
        this.arena.words64[at >> 3] = value
    }
  }

  /** Bytes as the guest sees them, in big-endian order. @throws PhysicalAddressError outside of RAM. */
  readBytes(pa: number, length: number): Uint8Array {
    this.requireRam(pa, length)
    const { arena, ramOffset } = this
    return new Uint8Array(length).map((_, i) => arena.bytes[(ramOffset + pa + i) ^ 7])
  }

  /** Stores bytes in big-endian order; code caches and snapshots are kept honest. @throws PhysicalAddressError outside of RAM. */
  writeBytes(pa: number, bytes: Uint8Array): void {
    this.requireRam(pa, bytes.length)
    this.rangeTouched(pa, bytes.length)
    const { arena, ramOffset } = this
    for (let i = 0; i < bytes.length; i++) arena.bytes[(ramOffset + pa + i) ^ 7] = bytes[i]
  }

  /** Zeroes a range of RAM that is a multiple of 8 bytes. */
  clear(pa: number, length: number): void {
    this.requireRam(pa, length)
    this.rangeTouched(pa, length)
    this.arena.words64.fill(0n, (this.ramOffset + pa) >> 3, (this.ramOffset + pa + length) >> 3)
  }

  setPageFlag(pa: number, flag: number, on: boolean): void {
    const page = (this.ramOffset + pa) >>> PAGE_SHIFT
    this.pageFlags[page] = on ? this.pageFlags[page] | flag : this.pageFlags[page] & ~flag
  }

  hasPageFlag(pa: number, flag: number): boolean {
    return (this.pageFlags[(this.ramOffset + pa) >>> PAGE_SHIFT] & flag) !== 0
  }

  /** RAM pages (arena offset >> 13) written since the last call, or ever; they become clean again. */
  takeDirty(): readonly number[] {
    const pages = this.dirty
    this.dirty = []
    for (const page of pages) this.pageFlags[page] |= PAGE_CLEAN
    return pages
  }

  private rangeTouched(pa: number, length: number): void {
    for (let page = pa & ~(PAGE_BYTES - 1); page < pa + length; page += PAGE_BYTES) this.touched(page, PAGE_BYTES)
  }

  private requireRam(pa: number, length: number): void {
    if (!this.isRam(pa, length))
      throw new PhysicalAddressError(
        `0x${pa.toString(16)}..+0x${length.toString(16)} is not RAM, which is 0..0x${this.ramBytes.toString(16)}`,
      )
  }

  private device(pa: number): Device {
    const device = this.deviceAt(pa)
    if (device === undefined) throw new PhysicalAddressError(`nothing at physical address 0x${pa.toString(16)}`)
    return device
  }
}
