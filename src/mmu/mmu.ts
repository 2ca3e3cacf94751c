import type { Arena } from '../state/arena'
import { cpuBlock, REGISTER, type RegisterField } from '../state/layout'
import { FastTable } from './fast-table'
import { LSU_DM, LSU_IM } from './lsu-control'
import { type MmuRegister, type MmuSide, nextSfsr, type RegisterPorts, type SfsrFields } from './registers'
import type { MmuModel } from './spitfire'
import { Tlb } from './tlb'
import {
  type ContextKind,
  effectiveAddress,
  emptyOutcome,
  FT_ILLEGAL_ASI,
  FT_OUT_OF_RANGE,
  inRange,
  type MmuAccess,
  type MmuTrap,
  type Outcome,
  type TranslateRequest,
  type Translator,
  translateDataAccess,
  translateFetch,
  withoutTranslation,
} from './translation'
import { type DecodedEntry, decodeEntry, TTE_G, TTE_V } from './tte'
import { Watchpoints } from './watchpoints'

export type DemapKind = 'page' | 'context'
export type EvictReason = 'replace' | 'demap' | 'overwrite'

/** Hears what happens to TLB entries. `use` is heard of observed entries only. Addresses are unsigned. */
export interface MmuObserver {
  fill?(side: MmuSide, index: number, tag: bigint, data: bigint): void
  evict?(side: MmuSide, index: number, tag: bigint, data: bigint, why: EvictReason): void
  use?(side: MmuSide, index: number, va: bigint, access: MmuAccess): void
  demap?(side: MmuSide, kind: DemapKind, context: number, va: bigint): void
  miss?(side: MmuSide, va: bigint, context: number): void
}

/** A fault that another unit found and the MMU records: misaligned, privileged_action, illegal ASI. */
export interface RecordedFault {
  va: bigint
  asi: number
  /** `none` if the access is not translated; the default. */
  context?: ContextKind | 'none'
  privileged: boolean
  write: boolean
  /** FT bits, for data_access_exception only. */
  faultType?: number
  sideEffect?: boolean
}

export type ProbeResult = Readonly<Outcome>

/** What a load, store or fetch does to the used bit and the observer, for each side. */
interface Side extends Translator {
  readonly name: MmuSide
  readonly tlb: Tlb
  readonly observed: Uint8Array
  readonly tagAccess: 'immuTagAccess' | 'dmmuTagAccess'
  readonly sfsr: 'immuSfsr' | 'dmmuSfsr'
}

const VA_BITS = 44
const MASK_32 = 0xffff_ffffn
const PAGE_MASK = ~0x1fffn
const CONTEXT_MASK = 0x1fffn
const SIZE_64K = 0x10000

/** The instruction and data MMU of one CPU: registers and TLBs in the arena, and a fast table that is derived from them. */
export class Mmu implements RegisterPorts, Outcome {
  /** Of the last translation: see {@link Outcome}. */
  pa = 0
  entry = -1
  pageBytes = 0
  cacheable = false
  sideEffect = false
  invertEndian = false
  writable = false
  noFaultOnly = false
  trap: MmuTrap | undefined = undefined
  faultType = 0

  /** Subset of the data TLB for the hot path. */
  readonly data: FastTable
  /** Grows with whatever can change how an instruction address is translated, or an entry's used bit. */
  instructionGeneration = 0
  /** Grows when a {@link contextTag} may have changed. Read it before asking for the tags. */
  contextGeneration = 0
  observer: MmuObserver | undefined = undefined

  private readonly words: BigInt64Array
  private readonly block: number
  private readonly ramOffset: number
  private readonly ramBytes: number
  private readonly instructionSide: Side
  private readonly dataSide: Side
  private readonly watchpoints = new Watchpoints()
  private readonly registersByAsi = new Map<number, MmuRegister[]>()

  /** @throws RangeError if the arena's layout has other TLB sizes than the model. */
  constructor(
    arena: Arena,
    cpu: number,
    readonly model: MmuModel,
  ) {
    const { layout } = arena
    const at = cpuBlock(layout, cpu)
    this.words = arena.words64
    this.block = at
    this.ramOffset = layout.ram
    this.ramBytes = layout.ramBytes
    const side = (name: MmuSide, tlb: Tlb): Side => ({
      name,
      tlb,
      enabled: false,
      virtualBits: model.virtualBits,
      physicalBits: model.physicalBits,
      observed: new Uint8Array(tlb.size),
      tagAccess: name === 'data' ? 'dmmuTagAccess' : 'immuTagAccess',
      sfsr: name === 'data' ? 'dmmuSfsr' : 'immuSfsr',
    })
    this.instructionSide = side('instruction', new Tlb(arena, at + layout.itlb, model.instructionTlb))
    this.dataSide = side('data', new Tlb(arena, at + layout.dtlb, model.dataTlb))
    if (this.instructionSide.tlb.size !== layout.itlbEntries || this.dataSide.tlb.size !== layout.dtlbEntries)
      throw new RangeError(
        `layout has TLBs of ${layout.itlbEntries} and ${layout.dtlbEntries} entries, ${model.name} has ` +
          `${this.instructionSide.tlb.size} and ${this.dataSide.tlb.size}`,
      )
    this.data = new FastTable(() => this.contextGeneration++)
    for (const register of model.registers) {
      const rows = this.registersByAsi.get(register.asi)
      if (rows) rows.push(register)
      else this.registersByAsi.set(register.asi, [register])
    }
    this.restored()
  }

  /** Data word of the entry that the last translation used; 0 if none. */
  get tte(): bigint {
    return this.entry < 0
      ? 0n
      : (this.trap?.includes('instruction') ? this.instructionSide : this.dataSide).tlb.data(this.entry)
  }

  /**
   * Translates a data access. True: the fields of {@link Outcome} tell the result, and the entry is marked as used.
   * False: `trap` names the trap, and SFSR, SFAR and tag access are as it leaves them (UltraSPARC-I table 6-3).
   */
  translateData(request: TranslateRequest): boolean {
    const context = this.contextNumber(request.context)
    if (translateDataAccess(this.dataSide, this.watchpoints, request, context, this)) {
      if (this.entry >= 0) this.use(this.dataSide, request)
      return true
    }
    this.recordTranslationFault(this.dataSide, request, context)
    return false
  }

  /** Translates an instruction fetch, as {@link translateData}. */
  translateInstruction(request: TranslateRequest): boolean {
    const context = this.contextNumber(request.context)
    if (translateFetch(this.instructionSide, request, context, this)) {
      if (this.entry >= 0) this.use(this.instructionSide, request)
      return true
    }
    this.recordTranslationFault(this.instructionSide, request, context)
    return false
  }

  /** An access through a bypass ASI: the physical address is the virtual one (UltraSPARC-I 6.10). */
  translateBypass(request: TranslateRequest, cacheable: boolean): boolean {
    if (withoutTranslation(this.dataSide, this.watchpoints, request, cacheable, this)) return true
    this.recordData(request, 'none')
    return false
  }

  /** What a translation would give, without any side effect. */
  probe(request: TranslateRequest): ProbeResult {
    const out = emptyOutcome()
    const context = this.contextNumber(request.context)
    if (request.access === 'fetch') translateFetch(this.instructionSide, request, context, out)
    else translateDataAccess(this.dataSide, this.watchpoints, request, context, out)
    return out
  }

  /** Whether a virtual address is outside of the model's hole. */
  inRange(va: bigint): boolean {
    return inRange(va, this.model.virtualBits)
  }

  /** The number in a context register; nucleus is 0 (UltraSPARC-I 6.9.3). */
  contextNumber(kind: ContextKind): number {
    if (kind === 'nucleus') return 0
    const register = kind === 'primary' ? 'dmmuPrimaryContext' : 'dmmuSecondaryContext'
    return Number(this.words[(this.block + REGISTER[register]) >> 3]! & CONTEXT_MASK)
  }

  /** SFSR and SFAR after a data fault found elsewhere (UltraSPARC-I table 6-3). */
  recordDataFault(fault: RecordedFault): void {
    this.record(this.dataSide, { sideEffect: false, faultType: 0, context: 'none', ...fault })
    this.write('dmmuSfar', BigInt.asUintN(64, BigInt.asIntN(VA_BITS, fault.va)))
  }

  /** I-SFSR after an instruction fault found elsewhere: a jump into the hole is FT 0x40 (UltraSPARC-I 14.1.6). */
  recordInstructionFault(fault: Omit<RecordedFault, 'va' | 'write' | 'sideEffect'>): void {
    this.record(this.instructionSide, { faultType: 0, context: 'primary', ...fault, sideEffect: false, write: false })
  }

  // ---- registers as ASIs see them

  /** Whether an ASI belongs to this MMU. */
  handles(asi: number): boolean {
    return this.registersByAsi.has(asi)
  }

  /**
   * The trap that a privileged access to a register takes, with SFSR and SFAR set as it leaves them; undefined if it may go on.
   * Only 8-byte loads and stores reach registers (UltraSPARC-I 6.5, 6.9.1).
   */
  checkAsi(asi: number, va: bigint, access: MmuAccess, size = 8): MmuTrap | undefined {
    const write = access === 'store' || access === 'atomic'
    const recorded = { va, asi, context: 'none', privileged: true, write } as const
    if (size === 8 && va & 7n) {
      this.recordDataFault(recorded)
      return 'mem_address_not_aligned'
    }
    const register = this.register(asi, va)
    const usable = size === 8 && (access === 'store' ? register?.write : access === 'load' ? register?.read : undefined)
    const faultType = !usable ? FT_ILLEGAL_ASI : register?.rangeChecked && !this.inRange(va) ? FT_OUT_OF_RANGE : 0
    if (faultType === 0) return undefined
    this.recordDataFault({ ...recorded, faultType })
    return 'data_access_exception'
  }

  /** @throws RangeError if {@link checkAsi} refuses the load. */
  loadAsi(asi: number, va: bigint): bigint {
    const read = this.register(asi, va)?.read
    if (!read) throw new RangeError(`no readable MMU register at ASI 0x${asi.toString(16)}, VA 0x${va.toString(16)}`)
    return read(this, va)
  }

  /** @throws RangeError if {@link checkAsi} refuses the store. */
  storeAsi(asi: number, va: bigint, value: bigint): void {
    const write = this.register(asi, va)?.write
    if (!write) throw new RangeError(`no writable MMU register at ASI 0x${asi.toString(16)}, VA 0x${va.toString(16)}`)
    write(this, va, value)
  }

  private register(asi: number, va: bigint): MmuRegister | undefined {
    return this.registersByAsi.get(asi)?.find((row) => (va & ~(row.operand ?? 0n)) === row.va)
  }

  // ---- RegisterPorts

  read(field: RegisterField): bigint {
    return BigInt.asUintN(64, this.words[(this.block + REGISTER[field]) >> 3]!)
  }

  write(field: RegisterField, value: bigint): void {
    const at = (this.block + REGISTER[field]) >> 3
    const changed = BigInt.asUintN(64, this.words[at]!) !== value
    this.words[at] = value
    if (!changed) return
    if (field === 'dmmuPrimaryContext' || field === 'dmmuSecondaryContext') {
      this.contextGeneration++
      if (field === 'dmmuPrimaryContext') this.instructionGeneration++
    } else if (field === 'lsuControl' || field === 'virtualWatchpoint' || field === 'physicalWatchpoint') {
      this.controlChanged()
    }
  }

  dataIn(side: MmuSide, data: bigint): void {
    const { tlb, tagAccess } = this.side(side)
    const tag = this.read(tagAccess)
    const clears = tlb.usedClears
    const index = tlb.shape.place(tlb, tag, data)
    if (tlb.usedClears !== clears) this.forget(side)
    this.fill(side, index, tag, data, 'replace')
  }

  writeEntry(side: MmuSide, index: number, data: bigint): void {
    this.fill(side, index, this.read(this.side(side).tagAccess), data, 'overwrite')
  }

  readEntryData(side: MmuSide, index: number): bigint {
    const { tlb } = this.side(side)
    return tlb.data(index) | (tlb.isUsed(index) ? tlb.shape.usedBit : 0n)
  }

  readEntryTag(side: MmuSide, index: number): bigint {
    return this.side(side).tlb.tag(index)
  }

  /** Type in bit 6, context register in bits 5:4 (UltraSPARC-I 6.9.10). Locked entries go as others do. */
  demap(side: MmuSide, operation: bigint): void {
    const kind = (['primary', 'secondary', 'nucleus', undefined] as const)[Number((operation >> 4n) & 3n)]
    if (kind === undefined) return
    const context = this.contextNumber(kind)
    const va = operation & PAGE_MASK
    if (operation & 0x40n) this.demapContext(side, context, va)
    else this.demapPage(side, context, va)
  }

  private demapPage(side: MmuSide, context: number, va: bigint): void {
    this.observer?.demap?.(side, 'page', context, va)
    const { tlb } = this.side(side)
    const vaLo = Number(va & MASK_32) | 0
    const vaHi = Number(va >> 32n) | 0
    for (let index = tlb.match(vaLo, vaHi, context); index >= 0; index = tlb.match(vaLo, vaHi, context)) {
      this.evict(side, index, 'demap')
      tlb.invalidate(index)
    }
  }

  private demapContext(side: MmuSide, context: number, va: bigint): void {
    this.observer?.demap?.(side, 'context', context, va)
    const { tlb } = this.side(side)
    for (let index = 0; index < tlb.size; index++) {
      if (!tlb.isValid(index) || tlb.data(index) & TTE_G || Number(tlb.tag(index) & CONTEXT_MASK) !== context) continue
      this.evict(side, index, 'demap')
      tlb.invalidate(index)
    }
  }

  private fill(side: MmuSide, index: number, tag: bigint, data: bigint, why: EvictReason): void {
    const { tlb } = this.side(side)
    if (tlb.isValid(index)) this.evict(side, index, why)
    tlb.write(index, tag, data)
    if (side === 'instruction') this.instructionGeneration++
    if (data & TTE_V) this.observer?.fill?.(side, index, tag, tlb.data(index))
  }

  /** To be called while the entry is still whole. */
  private evict(side: MmuSide, index: number, why: EvictReason): void {
    const { tlb, observed } = this.side(side)
    this.evictFast(side, index)
    observed[index] = 0
    this.observer?.evict?.(side, index, tlb.tag(index), tlb.data(index), why)
  }

  // ---- the fast table

  /** The tag of (context number, privileged) in {@link data}; good until {@link contextGeneration} grows. */
  contextTag(kind: ContextKind, privileged: boolean): number {
    return this.data.contextTag(this.contextNumber(kind), privileged)
  }

  /**
   * Puts the page that {@link translateData} has just found into the fast table, if it may be there: RAM, no side effect,
   * no inverted endianness, not no-fault-only, not watched, not observed. Stores hit only if `allowWrite`.
   * `va` is the effective address of that translation, `privileged` as it had it.
   */
  fillFast(va: bigint, kind: ContextKind, privileged: boolean, allowWrite = true): void {
    const { entry, pa } = this
    if (!this.data.enabled || entry < 0 || this.trap !== undefined) return
    if (this.sideEffect || this.invertEndian || this.noFaultOnly || this.dataSide.observed[entry]) return
    const pagePa = pa - (pa % 0x2000)
    if (pagePa + 0x2000 > this.ramBytes) return
    if (this.watchpoints.armed && this.watchpoints.touchPage(va, BigInt(pa))) return
    const vaLo = Number(va & MASK_32) | 0
    const addend = (this.ramOffset + pa - vaLo) | 0
    const writable = allowWrite && this.writable && this.cacheable
    this.data.put(vaLo, Number(va >> 32n) | 0, this.contextTag(kind, privileged), entry, addend, writable)
  }

  private evictFast(side: MmuSide, index: number): void {
    if (side === 'instruction') {
      this.instructionGeneration++
      return
    }
    const { tlb } = this.dataSide
    const { va, pageBytes } = this.decode(this.dataSide, index)
    if (tlb.isValid(index)) this.data.evict(index, Number(va & MASK_32) | 0, pageBytes)
  }

  /** Used bits were cleared, or anything may have changed: hits must be looked up again. */
  private forget(side: MmuSide): void {
    if (side === 'instruction') this.instructionGeneration++
    else this.data.empty()
  }

  // ---- observation and state

  /** An observed entry is never in a fast table or page cache, and each use of it is heard. @throws RangeError */
  setObserved(side: MmuSide, index: number, on: boolean): void {
    const { observed } = this.side(side)
    if (!(index in observed)) throw new RangeError(`TLB entry ${index}: expected 0 .. ${observed.length - 1}`)
    observed[index] = on ? 1 : 0
    if (on) this.evictFast(side, index)
  }

  isObserved(side: MmuSide, index: number): boolean {
    return this.side(side).observed[index] === 1
  }

  entries(side: MmuSide): DecodedEntry[] {
    const part = this.side(side)
    return Array.from({ length: part.tlb.size }, (_, index) => this.decode(part, index))
  }

  /** Power-on: MMUs off, registers and TLBs zero (undefined on the chip, UltraSPARC-I 6.7). */
  reset(): void {
    for (const field of Object.keys(REGISTER) as RegisterField[])
      if (/^(immu|dmmu|virtualW|physicalW|lsuC)/.test(field)) this.words[(this.block + REGISTER[field]) >> 3] = 0n
    this.instructionSide.tlb.clear()
    this.dataSide.tlb.clear()
    this.restored()
  }

  /** Entering RED_state turns both MMUs off (UltraSPARC-I 6.7). */
  enterRedState(): void {
    this.write('lsuControl', this.read('lsuControl') & ~(LSU_IM | LSU_DM))
  }

  /** The arena's contents were replaced: drops all derived state. Nothing is observed afterwards. */
  restored(): void {
    this.instructionSide.observed.fill(0)
    this.dataSide.observed.fill(0)
    this.contextGeneration++
    this.controlChanged()
  }

  private controlChanged(): void {
    const lsu = this.read('lsuControl')
    this.instructionSide.enabled = (lsu & LSU_IM) !== 0n
    this.dataSide.enabled = (lsu & LSU_DM) !== 0n
    this.watchpoints.update(lsu, this.read('virtualWatchpoint'), this.read('physicalWatchpoint'))
    this.instructionGeneration++
    this.data.empty()
  }

  private side(side: MmuSide): Side {
    return side === 'data' ? this.dataSide : this.instructionSide
  }

  private decode(side: Side, index: number): DecodedEntry {
    const { tlb, observed } = side
    const state = { used: tlb.isUsed(index), observed: observed[index] === 1 }
    return decodeEntry(index, tlb.tag(index), tlb.data(index), this.model.physicalBits, state)
  }

  // ---- what a translation leaves behind

  private use(side: Side, request: TranslateRequest): void {
    side.tlb.markUsed(this.entry)
    if (side.observed[this.entry])
      this.observer?.use?.(side.name, this.entry, effectiveAddress(request), request.access)
  }

  private recordTranslationFault(side: Side, request: TranslateRequest, context: number): void {
    const { trap } = this
    const va = effectiveAddress(request)
    const miss = trap === 'fast_data_access_MMU_miss' || trap === 'fast_instruction_access_MMU_miss'
    const watchpoint = trap === 'VA_watchpoint' || trap === 'PA_watchpoint'
    if (!watchpoint) {
      const page = BigInt.asUintN(64, BigInt.asIntN(VA_BITS, va & PAGE_MASK))
      this.write(side.tagAccess, page | BigInt(context))
    }
    if (miss) this.observer?.miss?.(side.name, va, context)
    else if (side.name === 'data') this.recordData(request, request.context)
    else
      this.recordInstructionFault({
        ...request,
        privileged: request.supervisor ?? request.privileged,
        faultType: this.faultType,
      })
    if (trap === 'fast_data_access_protection') this.write('dmmuDirectPointer', this.pageBytes === SIZE_64K ? 1n : 0n)
  }

  private recordData(request: TranslateRequest, context: ContextKind | 'none'): void {
    const { access, asi } = request
    this.recordDataFault({
      va: effectiveAddress(request),
      asi,
      context,
      privileged: request.supervisor ?? request.privileged,
      write: access === 'store' || access === 'atomic',
      faultType: this.faultType,
      sideEffect: this.sideEffect,
    })
  }

  private record(side: Side, fault: SfsrFields): void {
    this.write(side.sfsr, nextSfsr(this.read(side.sfsr), fault))
  }
}
