import type { Asi } from '../asi'
import { asisOf } from '../asi'
import type { Access } from '../isa/semantics'
import type { Mmu } from '../mmu'
import type { PhysicalMemory } from '../state/physical-memory'
import { swapBytes } from '../u64'
import type { AsiDevice } from './engine'
import type { EngineEnvironment } from './reference-core'
import { ReferenceTraps } from './reference-traps'
import type { StoreBuffer } from './store-buffer'

/** P of the reference engine: an arena offset, or this for an access described by the `special` fields. */
const SPECIAL = -1

/** What a translation gives, and loads and stores through it: RAM, devices and ASI registers. They never trap. */
export class ReferencePointers extends ReferenceTraps {
  protected readonly memory: PhysicalMemory
  /** With total store order: where accesses to RAM go. No page is then in the fast table, and each pointer to RAM is SPECIAL. */
  protected readonly storeBuffer: StoreBuffer | undefined
  /** Those of the model, by number. */
  protected readonly asis: readonly (Asi | undefined)[]
  protected readonly devices: readonly (AsiDevice | undefined)[]

  // The access behind SPECIAL
  private specialPa = 0
  private specialLittle = false
  private specialAsi = -1
  private specialVa = 0n
  /** Stores wait in the store buffer; else they are visible at once. */
  private specialWaits = false
  /** The instruction has stored something already. */
  private specialStored = false

  constructor(environment: EngineEnvironment, index: number, mmu: Mmu) {
    super(environment, index, mmu)
    this.memory = environment.memory
    this.storeBuffer = environment.storeBuffers?.all[index]
    this.asis = asisOf(environment.model.mmu)
    this.devices = Array.from(this.asis, (row, asi) =>
      row?.what.kind === 'register' ? environment.asiDevices.find((d) => d.handles(asi)) : undefined,
    )
  }

  /**
   * RAM under total store order. Atomics are done in memory once all earlier stores are; so are accesses that are not to the cacheable
   * domain or have side effects (UltraSPARC-I 5.3.3, 15.2.1).
   */
  protected buffered(pa: number, little: boolean, access: Access, waits: boolean): number {
    const pointer = this.special(pa, little)
    this.specialWaits = waits && access !== 'atomic'
    this.specialStored = false
    if (!this.specialWaits) this.storeBuffer!.drain()
    return pointer
  }

  protected special(pa: number, little: boolean): number {
    this.specialAsi = -1
    this.specialPa = pa
    this.specialLittle = little
    return SPECIAL
  }

  protected specialRegister(asi: number, va: bigint): number {
    this.specialAsi = asi
    this.specialVa = va
    return SPECIAL
  }

  /** Signed if it has 64 bits, else unsigned. */
  read(pointer: number, size: 1 | 2 | 4 | 8, offset = 0): bigint {
    if (pointer < 0) return this.readSpecial(size, offset)
    const at = pointer + offset
    if (size === 8) return this.w64[at >> 3]
    this.s32[1] = 0
    this.s32[0] =
      size === 4 ? this.w32[(at ^ 4) >> 2] : size === 2 ? this.arena.words16[(at ^ 6) >> 1] : this.arena.bytes[at ^ 7]
    return this.s64[0]
  }

  write(pointer: number, size: 1 | 2 | 4 | 8, value: bigint, offset = 0): void {
    if (pointer < 0) {
      this.writeSpecial(size, value, offset)
      return
    }
    const at = pointer + offset
    if (size === 8) {
      this.w64[at >> 3] = value
      return
    }
    this.s64[0] = value
    if (size === 4) this.w32[(at ^ 4) >> 2] = this.s32[0]
    else if (size === 2) this.arena.words16[(at ^ 6) >> 1] = this.s32[0]
    else this.arena.bytes[at ^ 7] = this.s32[0]
  }

  /** @param expected as {@link read} gives it */
  compareAndSwap(pointer: number, size: 4 | 8, expected: bigint, replacement: bigint): bigint {
    const old = this.read(pointer, size)
    if (old === expected) this.write(pointer, size, replacement)
    return old
  }

  private readSpecial(size: number, offset: number): bigint {
    if (this.specialAsi >= 0) {
      const register = this.devices[this.specialAsi]!.load(this.index, this.specialAsi, this.specialVa)
      return size === 8
        ? BigInt.asIntN(64, register)
        : BigInt.asUintN(size * 8, register >> BigInt(64 - 8 * (offset + size)))
    }
    const pa = this.specialPa + offset
    const { storeBuffer } = this
    const value = storeBuffer && this.memory.isRam(pa, size) ? storeBuffer.read(pa, size) : this.memory.load(pa, size)
    return size === 8
      ? BigInt.asIntN(64, this.specialLittle ? swapBytes(value, size) : value)
      : this.specialLittle
        ? swapBytes(value, size)
        : value
  }

  private writeSpecial(size: number, value: bigint, offset: number): void {
    const word = BigInt.asUintN(size * 8, value)
    if (this.specialAsi < 0) {
      this.storeSpecial(this.specialPa + offset, size, this.specialLittle ? swapBytes(word, size) : word)
      return
    }
    this.devices[this.specialAsi]!.store(this.index, this.specialAsi, this.specialVa, word)
    this.modeChanged()
  }

  private storeSpecial(pa: number, size: number, word: bigint): void {
    const { storeBuffer } = this
    if (storeBuffer === undefined || !this.memory.isRam(pa, size)) {
      this.memory.store(pa, size, word)
      return
    }
    if (this.specialStored) storeBuffer.writeOn(pa, size, word)
    else storeBuffer.write(pa, size, word)
    this.specialStored = this.specialWaits
    if (!this.specialWaits) storeBuffer.drain()
  }

  /** Whether values behind a pointer to memory are stored with the least significant byte first. */
  protected isLittle(pointer: number): boolean {
    return pointer < 0 && this.specialLittle
  }
}
