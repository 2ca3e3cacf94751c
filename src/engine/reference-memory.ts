import { ASI, type Asi, type AsiKind, asisOf, FIRST_UNRESTRICTED_ASI, type MemoryAsi, type PhysicalAsi } from '../asi'
import type { Access, AccessSize } from '../isa/semantics'
import { type ContextKind, FT_ILLEGAL_ASI, type Mmu, type TranslateRequest } from '../mmu'
import { PAGE_OBSERVED, PAGE_SHIFT, type PhysicalMemory } from '../state/physical-memory'
import type { AsiDevice } from './engine'
import { type EngineEnvironment, TRAP, WATCHED } from './reference-core'
import { ReferenceTraps } from './reference-traps'
import { PSTATE_CLE } from './registers'
import type { StoreBuffer } from './store-buffer'

/** P of the reference engine: an arena offset, or this for an access described by the `special` fields. */
const SPECIAL = -1
const IMPLICIT: MemoryAsi = { kind: 'memory', space: 'primary' }
const PAGE_MASK = -8192

export interface DecodedOperands {
  readonly word: number
  readonly rd: number
  readonly rs1: number
  readonly rs2: number
  readonly useImmediate: boolean
  readonly immediate: bigint
  readonly displacement: number
  readonly annul: boolean
  /** imm_asi, or -1 for %asi. */
  readonly asi: number
}

/** Loads and stores: the fast table, then the MMU, then RAM, devices and ASI registers. */
export class ReferenceMemory extends ReferenceTraps {
  insn!: DecodedOperands
  protected readonly memory: PhysicalMemory
  /** With total store order: where accesses to RAM go. No page is then in the fast table, and each pointer to RAM is SPECIAL. */
  protected readonly storeBuffer: StoreBuffer | undefined
  private readonly fast: Int32Array
  private readonly pageFlags: Uint8Array
  private readonly ramOffset: number
  private tagGeneration = -1
  protected readonly asis: readonly (Asi | undefined)[]
  private readonly devices: readonly (AsiDevice | undefined)[]
  private readonly request: { -readonly [K in keyof TranslateRequest]: TranslateRequest[K] }

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
    this.fast = mmu.data.words
    this.pageFlags = environment.memory.pageFlags
    this.ramOffset = environment.memory.ramOffset
    this.asis = asisOf(environment.model.mmu)
    this.devices = Array.from(this.asis, (row, asi) =>
      row?.what.kind === 'register' ? environment.asiDevices.find((d) => d.handles(asi)) : undefined,
    )
    this.request = {
      va: 0n,
      context: 'primary',
      access: 'load',
      privileged: true,
      asi: ASI.ASI_PRIMARY,
      noFault: false,
    }
  }

  /** The context of implicit data accesses and its fast tag moved, because contexts were renumbered or written. */
  private refreshTag(): void {
    const { mmu } = this
    if (mmu.contextGeneration === this.tagGeneration) return
    this.tagGeneration = mmu.contextGeneration
    this.dataTag = mmu.contextTag(this.space(), this.supervisor)
  }

  translate(address: bigint, size: AccessSize, access: Access): number {
    this.s64[0] = address
    const low = this.s32[0]
    const high = this.addressMask ? 0 : this.s32[1]
    const at = ((low >>> 13) & 255) << 3
    const tag = (low & (PAGE_MASK | (size - 1))) | this.dataTag
    const { fast } = this
    if (access === 'load') {
      if (fast[at] === tag && fast[at + 1] === high) return (low + fast[at + 4]) | 0
    } else if (fast[at + 2] === tag && fast[at + 3] === high) {
      const pointer = (low + fast[at + 4]) | 0
      if (this.pageFlags[pointer >>> PAGE_SHIFT] !== 0) this.memory.touched(pointer - this.ramOffset, size)
      return pointer
    }
    const little = (this.small('pstate') & PSTATE_CLE) !== 0
    const asi = this.implicitAsi()
    const va = this.mask(address)
    this.requireAligned(va, size, asi, access)
    return this.translateSlow(va, size, access, this.space(), this.supervisor, asi, IMPLICIT, little)
  }

  /** The ASI of implicit data accesses. */
  protected implicitAsi(): number {
    const little = (this.small('pstate') & PSTATE_CLE) !== 0
    return (this.space() === 'nucleus' ? ASI.ASI_NUCLEUS : ASI.ASI_PRIMARY) | (little ? 8 : 0)
  }

  /** The ASI of the current alternate-space instruction. */
  protected currentAsi(): number {
    return this.insn.asi >= 0 ? this.insn.asi : this.small('asi')
  }

  /**
   * An access of its own size through an ASI that any instruction may use. Faults are found in the order of their priority:
   * alignment, privilege, the ASI, then what the translation finds (UltraSPARC-I table 8-6).
   */
  translateAlternate(address: bigint, size: AccessSize, access: Access, twin = false): number {
    const asi = this.currentAsi()
    const what = this.admitted(address, size, access, asi)
    if (what?.kind === 'register') {
      const twinOnly = what.unit === 'cache' && what.twinLoads && access === 'load'
      return size === 8 && twin === twinOnly
        ? this.register(address, asi, access)
        : this.refuseRegister(address, asi, access)
    }
    if (what === undefined || what.transfer !== undefined) return this.refuse(address, asi, access)
    return this.translateAs(address, size, access, asi, what)
  }

  /** The transfer of `size` bytes that an ASI names, by an instruction that may make it. */
  protected translateTransfer(address: bigint, size: AccessSize, access: Access, asi: number): number {
    const what = this.admitted(address, size, access, asi)
    if (what === undefined || what.kind === 'register') return this.refuse(address, asi, access)
    return this.translateAs(address, size, access, asi, what)
  }

  /** The current alternate-space instruction's ASI, once its address is aligned and its privilege is enough. */
  private admitted(address: bigint, size: AccessSize, access: Access, asi: number): AsiKind | undefined {
    this.requireAligned(this.mask(address), size, asi, access)
    if (asi < FIRST_UNRESTRICTED_ASI && !this.supervisor) {
      this.recordFault(this.mask(address), asi, access)
      this.raise('privileged_action')
    }
    return this.asis[asi]?.what
  }

  /** Translation in an ASI's space, or of its physical address, whatever transfer it names. */
  private translateAs(
    address: bigint,
    size: AccessSize,
    access: Access,
    asi: number,
    what: MemoryAsi | PhysicalAsi,
  ): number {
    if (what.kind === 'physical') return this.bypass(this.mask(address), size, access, asi, what)
    // UltraSPARC-I 5.3.3, 5.3.4
    if (what.noFault && access !== 'load') return this.refuse(address, asi, access)
    const privileged = this.supervisor && what.user !== true
    // The explicit primary ASIs name the primary context at any trap level; only implicit accesses use the nucleus.
    return this.translateSlow(this.mask(address), size, access, what.space, privileged, asi, what, what.little === true)
  }

  private translateSlow(
    va: bigint,
    size: AccessSize,
    access: Access,
    space: 'primary' | 'secondary' | 'nucleus',
    privileged: boolean,
    asi: number,
    what: MemoryAsi,
    little: boolean,
  ): number {
    const { request, mmu } = this
    request.va = va
    request.context = space
    request.access = what.transfer === 'quad' ? 'quad' : access
    request.privileged = privileged
    request.asi = asi
    request.noFault = what.noFault === true
    request.size = watchedBytes(size)
    request.supervisor = this.supervisor
    if (!mmu.translateData(request)) this.raise(mmu.trap!)
    const pa = mmu.pa
    const isLittle = little !== mmu.invertEndian
    const { watched } = this.environment
    if (watched.active) this.watch(va, pa, size, access)
    if (!this.memory.isRam(pa, size)) return this.device(pa, isLittle)
    const flags = this.pageFlags[(this.ramOffset + pa) >>> PAGE_SHIFT]
    if (this.environment.exploring) this.sawSharedMemory()
    else if (!(flags & PAGE_OBSERVED) && !isLittle && !(watched.active && watched.touchesPage(va, pa))) {
      mmu.fillFast(va, space, privileged)
      this.refreshTag()
    }
    if (this.storeBuffer) return this.buffered(pa, isLittle, access, mmu.cacheable && !mmu.sideEffect)
    if (isLittle || flags & PAGE_OBSERVED) return this.special(pa, isLittle)
    if (access !== 'load' && flags !== 0) this.memory.touched(pa, size)
    return this.ramOffset + pa
  }

  /** FLUSH, checked as an access (UltraSPARC-I table 6-4). */
  protected translateFlush(address: bigint): void {
    const { request, mmu } = this
    const little = (this.small('pstate') & PSTATE_CLE) !== 0
    request.va = this.mask(address)
    request.context = this.space()
    request.access = 'flush'
    request.privileged = this.supervisor
    request.asi = (request.context === 'nucleus' ? ASI.ASI_NUCLEUS : ASI.ASI_PRIMARY) | (little ? 8 : 0)
    request.noFault = false
    request.size = 8
    request.supervisor = this.supervisor
    if (!mmu.translateData(request)) this.raise(mmu.trap!)
  }

  /** Leaves the row before a watched access, unless the CPU has stopped at it. */
  private watch(va: bigint, pa: number, size: number, access: Access): void {
    if (!this.passing && this.environment.watched.hit(va, pa, size, access)) throw WATCHED
  }

  /** An access that other CPUs can see was made. */
  protected sawSharedMemory(): void {
    this.stopWith('visible')
  }

  /** Comes before privileged_action and all of the MMU's traps (UltraSPARC-I table 8-6). */
  private requireAligned(va: bigint, size: AccessSize, asi: number, access: Access): void {
    if (Number(va & BigInt(size - 1)) === 0) return
    this.recordFault(va, asi, access)
    this.raise('mem_address_not_aligned')
  }

  private bypass(va: bigint, size: AccessSize, access: Access, asi: number, what: PhysicalAsi): number {
    const { mmu, request } = this
    request.va = va
    request.access = what.transfer === 'quad' ? 'quad' : access
    request.privileged = true
    request.asi = asi
    request.noFault = false
    request.size = watchedBytes(size)
    request.supervisor = this.supervisor
    if (!mmu.translateBypass(request, what.cacheable)) this.raise(mmu.trap!)
    const little = what.little === true
    if (this.environment.watched.active) this.watch(va, mmu.pa, size, access)
    if (!this.memory.isRam(mmu.pa, size)) return this.device(mmu.pa, little)
    if (this.environment.exploring) this.sawSharedMemory()
    if (this.storeBuffer) return this.buffered(mmu.pa, little, access, mmu.cacheable && !mmu.sideEffect)
    return this.special(mmu.pa, little)
  }

  private device(pa: number, little: boolean): number {
    if (this.memory.deviceAt(pa) === undefined) this.raise('data_access_error')
    if (this.environment.exploring) this.sawSharedMemory()
    this.storeBuffer?.drain()
    return this.special(pa, little)
  }

  /**
   * RAM under total store order. Atomics are done in memory once all earlier stores are; so are accesses that are not to the cacheable
   * domain or have side effects (UltraSPARC-I 5.3.3, 15.2.1).
   */
  private buffered(pa: number, little: boolean, access: Access, waits: boolean): number {
    const pointer = this.special(pa, little)
    this.specialWaits = waits && access !== 'atomic'
    this.specialStored = false
    if (!this.specialWaits) this.storeBuffer!.drain()
    return pointer
  }

  private special(pa: number, little: boolean): number {
    this.specialAsi = -1
    this.specialPa = pa
    this.specialLittle = little
    return SPECIAL
  }

  /** A 64-bit access to a register or an array of a cache. */
  private register(address: bigint, asi: number, access: Access): number {
    if (access === 'atomic') return this.refuseRegister(address, asi, access)
    const va = this.mask(address)
    const faultType = this.devices[asi]?.refusal(this.index, asi, va, access) ?? FT_ILLEGAL_ASI
    if (faultType !== 0) this.refuse(address, asi, access, faultType)
    this.specialAsi = asi
    this.specialVa = va
    if (this.environment.exploring && !this.isOwnMmu(asi)) this.sawSharedMemory()
    return SPECIAL
  }

  /** Registers of this CPU's MMU: no other CPU can tell when they are accessed. */
  private isOwnMmu(asi: number): boolean {
    const what = this.asis[asi]?.what
    return what?.kind === 'register' && what.unit === 'mmu'
  }

  /** An instruction that no register may be reached by. */
  private refuseRegister(address: bigint, asi: number, access: Access): never {
    const atomic = access === 'atomic'
    this.refuse(address, asi, access, atomic ? this.mmu.atomicRefusal(asi, this.mask(address)) : FT_ILLEGAL_ASI)
  }

  /** An ASI that does not exist, or not for this size or access (UltraSPARC-I 6.9.4, fault type 8). */
  protected refuse(address: bigint, asi: number, access: Access, faultType = FT_ILLEGAL_ASI): never {
    this.recordFault(this.mask(address), asi, access, faultType)
    this.raise('data_access_exception')
  }

  /** A fault found before the translation; its context is that of the ASI (UltraSPARC-I 6.9.4 CT). */
  protected recordFault(va: bigint, asi: number, access: Access, faultType = 0): void {
    const what = this.asis[asi]?.what
    const context: ContextKind | 'none' = what?.kind === 'memory' ? what.space : 'none'
    this.mmu.recordDataFault({ va, asi, context, privileged: this.supervisor, write: access !== 'load', faultType })
  }

  protected mask(address: bigint): bigint {
    return BigInt.asUintN(this.addressMask ? 32 : 64, address)
  }

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

  compareAndSwap(pointer: number, size: 4 | 8, expected: bigint, replacement: bigint): bigint {
    const old = this.read(pointer, size)
    const same = BigInt.asUintN(size * 8, old) === BigInt.asUintN(size * 8, expected)
    if (same) this.write(pointer, size, replacement)
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

  /** For hosts and the gate: the same translation as an instruction would get, or undefined with the trap pending. */
  tryTranslate(address: bigint, size: AccessSize, access: Access, asi: number): number | undefined {
    try {
      this.requireAligned(this.mask(address), size, asi, access)
      const what = this.asis[asi]?.what
      if (what === undefined || what.kind === 'register') return this.register(address, asi, access)
      return this.translateAs(address, size, access, asi, what)
    } catch (thrown) {
      if (thrown !== TRAP) throw thrown
      return undefined
    }
  }

  /** Whether values behind a pointer are stored with the least significant byte first. */
  protected isLittle(pointer: number): boolean {
    return pointer < 0 && this.specialAsi < 0 && this.specialLittle
  }
}

/** Data watchpoints look at the first doubleword of a transfer (SPARC64 V JPS1 supplement A.30). */
function watchedBytes(size: number): number {
  return size > 8 ? 8 : size
}

function swapBytes(value: bigint, size: number): bigint {
  let swapped = 0n
  for (let i = 0; i < size; i++) swapped = (swapped << 8n) | ((value >> BigInt(8 * i)) & 0xffn)
  return swapped
}
