import { ASI, ASIS, FIRST_UNRESTRICTED_ASI, type MemoryAsi, type PhysicalAsi } from '../asi'
import type { Access, AccessSize } from '../isa/semantics'
import { FT_ILLEGAL_ASI, type Mmu, type TranslateRequest } from '../mmu'
import { PAGE_OBSERVED, PAGE_SHIFT, type PhysicalMemory } from '../state/physical-memory'
import type { AsiDevice } from './engine'
import { type EngineEnvironment, ReferenceCore, TRAP, WATCHED } from './reference-core'
import { PSTATE_CLE } from './registers'

/** P of the reference engine: an arena offset, or this for an access described by the `special` fields. */
const SPECIAL = -1
const IMPLICIT = ASIS[ASI.ASI_PRIMARY]!.what as MemoryAsi
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
export class ReferenceMemory extends ReferenceCore {
  insn!: DecodedOperands
  protected readonly memory: PhysicalMemory
  private readonly fast: Int32Array
  private readonly pageFlags: Uint8Array
  private readonly ramOffset: number
  private tagGeneration = -1
  private readonly devices: readonly (AsiDevice | undefined)[]
  private readonly request: { -readonly [K in keyof TranslateRequest]: TranslateRequest[K] }

  // The access behind SPECIAL
  private specialPa = 0
  private specialLittle = false
  private specialAsi = -1
  private specialVa = 0n

  constructor(environment: EngineEnvironment, index: number, mmu: Mmu) {
    super(environment, index, mmu)
    this.memory = environment.memory
    this.fast = mmu.data.words
    this.pageFlags = environment.memory.pageFlags
    this.ramOffset = environment.memory.ramOffset
    this.devices = ASIS.map((_, asi) => environment.asiDevices.find((d) => d.handles(asi)))
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
    const space = this.space()
    const asi = space === 'nucleus' ? ASI.ASI_NUCLEUS : ASI.ASI_PRIMARY
    return this.translateSlow(
      this.mask(address),
      size,
      access,
      space,
      this.supervisor,
      asi | (little ? 8 : 0),
      IMPLICIT,
      little,
    )
  }

  /** The ASI of the current alternate-space instruction. */
  protected currentAsi(): number {
    return this.insn.asi >= 0 ? this.insn.asi : this.small('asi')
  }

  translateAlternate(address: bigint, size: AccessSize, access: Access): number {
    const asi = this.currentAsi()
    if (asi < FIRST_UNRESTRICTED_ASI && !this.supervisor) {
      this.requireAligned(this.mask(address), size, asi, access)
      this.recordFault(this.mask(address), asi, access)
      this.raise('privileged_action')
    }
    const what = ASIS[asi]?.what
    if (what?.kind === 'memory' && (what.transfer === undefined || size === 16 || size === 64)) {
      if (what.noFault && access !== 'load') this.refuse(address, asi, access)
      return this.translateAs(address, size, access, asi, what)
    }
    if (what?.kind === 'physical') return this.bypass(this.mask(address), size, access, asi, what)
    if (what?.kind === 'register' && size === 8 && access !== 'atomic') return this.register(address, asi, access)
    return this.refuse(address, asi, access)
  }

  /** Translation in an ASI's space, whatever transfer the ASI names. */
  protected translateAs(address: bigint, size: AccessSize, access: Access, asi: number, what: MemoryAsi): number {
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
    this.requireAligned(va, size, asi, access)
    request.va = va
    request.context = space
    request.access = size === 16 ? 'quad' : access
    request.privileged = privileged
    request.asi = asi
    request.noFault = what.noFault === true
    request.size = size
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
    if (isLittle || flags & PAGE_OBSERVED) return this.special(pa, isLittle)
    if (access !== 'load' && flags !== 0) this.memory.touched(pa, size)
    return this.ramOffset + pa
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
    this.requireAligned(va, size, asi, access)
    request.va = va
    request.access = access
    request.privileged = true
    request.asi = asi
    request.noFault = false
    request.size = size
    request.supervisor = this.supervisor
    if (!mmu.translateBypass(request, what.cacheable)) this.raise(mmu.trap!)
    const little = what.little === true
    if (this.environment.watched.active) this.watch(va, mmu.pa, size, access)
    if (!this.memory.isRam(mmu.pa, size)) return this.device(mmu.pa, little)
    if (this.environment.exploring) this.sawSharedMemory()
    return this.special(mmu.pa, little)
  }

  private device(pa: number, little: boolean): number {
    if (this.memory.deviceAt(pa) === undefined) this.raise('data_access_error')
    if (this.environment.exploring) this.sawSharedMemory()
    return this.special(pa, little)
  }

  private special(pa: number, little: boolean): number {
    this.specialAsi = -1
    this.specialPa = pa
    this.specialLittle = little
    return SPECIAL
  }

  private register(address: bigint, asi: number, access: Access): number {
    const va = this.mask(address)
    const device = this.devices[asi]
    if (Number(va & 7n) !== 0) this.raise('mem_address_not_aligned')
    if (device === undefined) return this.refuse(address, asi, access)
    const trap = device.check(this.index, asi, va, access === 'load' ? 'load' : 'store', 8)
    if (trap !== undefined) this.raise(trap)
    this.specialAsi = asi
    this.specialVa = va
    if (this.environment.exploring && !isOwnMmu(asi)) this.sawSharedMemory()
    return SPECIAL
  }

  /** An ASI that does not exist, or not for this size or access (UltraSPARC-I 6.9.4, fault type 8). */
  protected refuse(address: bigint, asi: number, access: Access): never {
    this.recordFault(this.mask(address), asi, access, FT_ILLEGAL_ASI)
    this.raise('data_access_exception')
  }

  private recordFault(va: bigint, asi: number, access: Access, faultType = 0): void {
    this.mmu.recordDataFault({ va, asi, privileged: this.supervisor, write: access !== 'load', faultType })
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
      return BigInt.asIntN(64, this.devices[this.specialAsi]!.load(this.index, this.specialAsi, this.specialVa))
    }
    const value = this.memory.load(this.specialPa + offset, size)
    return size === 8
      ? BigInt.asIntN(64, this.specialLittle ? swapBytes(value, size) : value)
      : this.specialLittle
        ? swapBytes(value, size)
        : value
  }

  private writeSpecial(size: number, value: bigint, offset: number): void {
    const word = BigInt.asUintN(size * 8, value)
    if (this.specialAsi < 0) {
      this.memory.store(this.specialPa + offset, size, this.specialLittle ? swapBytes(word, size) : word)
      return
    }
    this.devices[this.specialAsi]!.store(this.index, this.specialAsi, this.specialVa, word)
    if (ASIS[this.specialAsi]!.what.kind === 'register') this.modeChanged()
  }

  /** For hosts and the gate: the same translation as an instruction would get, or undefined with the trap pending. */
  tryTranslate(address: bigint, size: AccessSize, access: Access, asi: number): number | undefined {
    try {
      const what = ASIS[asi]?.what
      if (what?.kind === 'memory') return this.translateAs(address, size, access, asi, what)
      if (what?.kind === 'physical') return this.bypass(this.mask(address), size, access, asi, what)
      return this.register(address, asi, access)
    } catch (thrown) {
      if (thrown !== TRAP) throw thrown
      return undefined
    }
  }
}

/** Registers of this CPU's MMU: no other CPU can tell when they are accessed. */
function isOwnMmu(asi: number): boolean {
  const what = ASIS[asi]?.what
  return what?.kind === 'register' && what.unit === 'mmu'
}

function swapBytes(value: bigint, size: number): bigint {
  let swapped = 0n
  for (let i = 0; i < size; i++) swapped = (swapped << 8n) | ((value >> BigInt(8 * i)) & 0xffn)
  return swapped
}
