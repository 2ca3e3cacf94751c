import { ASI, type MemoryAsi, type PhysicalAsi } from '../asi'
import type { Access, AccessSize } from '../isa/semantics'
import type { ContextKind, Mmu, TranslateRequest } from '../mmu'
import { PAGE_OBSERVED, PAGE_SHIFT } from '../state/physical-memory'
import { type EngineEnvironment, WATCHED } from './reference-core'
import { ReferencePointers } from './reference-pointers'
import { PSTATE_CLE } from './registers'

/** In the number of an ASI: little-endian. */
const LITTLE = 8
/** Thrown in a trial where an instruction would make its first change. */
export const COMMITS = Object.freeze({ commits: true })
const IMPLICIT: Exceptional = {}
const PAGE_MASK = -8192

/** What sets accesses through some memory ASIs apart. */
type Exceptional = Pick<MemoryAsi, 'noFault' | 'transfer'>

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

/** Translation of data accesses: the fast table, then the MMU. */
export class ReferenceMemory extends ReferencePointers {
  insn!: DecodedOperands
  /** The instruction is not to be executed, only to raise what it would raise. */
  trying = false
  private readonly fast: Int32Array
  private readonly pageFlags: Uint8Array
  private readonly ramOffset: number
  private readonly request: { -readonly [K in keyof TranslateRequest]: TranslateRequest[K] }

  constructor(environment: EngineEnvironment, index: number, mmu: Mmu) {
    super(environment, index, mmu)
    this.fast = mmu.data.words
    this.pageFlags = environment.memory.pageFlags
    this.ramOffset = environment.memory.ramOffset
    this.request = {
      va: 0n,
      context: 'primary',
      access: 'load',
      privileged: true,
      asi: ASI.ASI_PRIMARY,
      noFault: false,
    }
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
    return this.translateImplicit(address, size, access)
  }

  /** {@link translate} without the fast table. */
  translateImplicit(address: bigint, size: AccessSize, access: Access): number {
    const asi = this.implicitAsi()
    const va = this.mask(address)
    this.requireAligned(va, size, asi, access)
    return this.translateSlow(va, size, access, this.space(), this.supervisor, asi, IMPLICIT, (asi & LITTLE) !== 0)
  }

  /** The ASI of accesses that name none (UltraSPARC-I table 6-7). */
  protected implicitAsi(): number {
    const asi = this.trapLevel > 0 ? ASI.ASI_NUCLEUS : ASI.ASI_PRIMARY
    return this.small('pstate') & PSTATE_CLE ? asi | LITTLE : asi
  }

  protected translateSlow(
    va: bigint,
    size: AccessSize,
    access: Access,
    space: 'primary' | 'secondary' | 'nucleus',
    privileged: boolean,
    asi: number,
    what: Exceptional,
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
    if (this.trying) this.tryTranslation(request)
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
      // It may have numbered the contexts anew
      this.refreshDataTag()
    }
    if (this.storeBuffer) return this.buffered(pa, isLittle, access, mmu.cacheable && !mmu.sideEffect)
    if (isLittle || flags & PAGE_OBSERVED) return this.special(pa, isLittle)
    if (access !== 'load' && flags !== 0) this.memory.touched(pa, size)
    return this.ramOffset + pa
  }

  /** FLUSH, checked as an access (UltraSPARC-I table 6-4). */
  protected translateFlush(address: bigint): void {
    const { request, mmu } = this
    request.va = this.mask(address)
    request.context = this.space()
    request.access = 'flush'
    request.privileged = this.supervisor
    request.asi = this.implicitAsi()
    request.noFault = false
    request.size = 8
    request.supervisor = this.supervisor
    if (this.trying) this.tryTranslation(request)
    if (!mmu.translateData(request)) this.raise(mmu.trap!)
  }

  /** In a trial: leaves the row if the access would not fault. */
  private tryTranslation(request: TranslateRequest): void {
    const { trap, pa } = this.mmu.probe(request)
    if (trap !== undefined) return
    if (request.access === 'flush') throw COMMITS
    this.endTrial(pa)
  }

  private endTrial(pa: number): never {
    if (!this.memory.isRam(pa) && this.memory.deviceAt(pa) === undefined) this.raise('data_access_error')
    throw COMMITS
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
  protected requireAligned(va: bigint, size: AccessSize, asi: number, access: Access): void {
    if (Number(va & BigInt(size - 1)) === 0) return
    this.recordFault(va, asi, access)
    this.raise('mem_address_not_aligned')
  }

  protected bypass(va: bigint, size: AccessSize, access: Access, asi: number, what: PhysicalAsi): number {
    const { mmu, request } = this
    request.va = va
    request.access = what.transfer === 'quad' ? 'quad' : access
    request.privileged = true
    request.asi = asi
    request.noFault = false
    request.size = watchedBytes(size)
    request.supervisor = this.supervisor
    if (!mmu.translateBypass(request, what.cacheable)) this.raise(mmu.trap!)
    if (this.trying) this.endTrial(mmu.pa)
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

  /** A fault found before the translation; its context is that of the ASI (UltraSPARC-I 6.9.4 CT). */
  protected recordFault(va: bigint, asi: number, access: Access, faultType = 0): void {
    const what = this.asis[asi]?.what
    const context: ContextKind | 'none' = what?.kind === 'memory' ? what.space : 'none'
    this.mmu.recordDataFault({ va, asi, context, privileged: this.supervisor, write: access !== 'load', faultType })
  }
}

/** Data watchpoints look at the first doubleword of a 128-bit load (SPARC64 V JPS1 supplement A.30), and here of a block too. */
function watchedBytes(size: number): number {
  return Math.min(size, 8)
}
