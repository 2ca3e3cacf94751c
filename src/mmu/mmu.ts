import type { Arena } from '../state/arena'
import { cpuBlock, REGISTER, type RegisterField } from '../state/layout'
import { FastTable } from './fast-table'
import { LSU_DM, LSU_IM } from './lsu-control'
import type { MmuModel } from './model'
import {
  CONTEXT_CODES,
  type MmuRegister,
  type MmuSide,
  type RegisterPorts,
  SFSR_FV,
  type SfsrFields,
} from './registers'
import { addressSpace, contextOfSpace, sizesOfSpace, Tlb } from './tlb'
import { type DerivedTranslations, type MmuObserver, TlbSide } from './tlb-side'
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
  translateDataAccess,
  translateFetch,
  withoutTranslation,
} from './translation'
import type { DecodedEntry } from './tte'
import { Watchpoints } from './watchpoints'

/** A fault that another unit found and the MMU records: misaligned, privileged_action, illegal ASI. */
export interface RecordedFault {
  va: bigint
  asi: number
  /** `none`, the default, for an access that is not translated. */
  context?: ContextKind | 'none'
  /** PSTATE.PRIV. */
  privileged: boolean
  write: boolean
  /** FT bits, for data_access_exception only. */
  faultType?: number
  sideEffect?: boolean
  /** A non-faulting load. */
  noFault?: boolean
}

export type ProbeResult = Readonly<Outcome>

const MASK_32 = 0xffff_ffffn
const PAGE_MASK = ~0x1fffn
const CONTEXT_MASK = 0x1fffn
const PAGE_BYTES = 0x2000
const SIZE_64K = 0x10000
const ASI_NUCLEUS = 0x04
const ASI_PRIMARY = 0x80
/** Page-size codes of the two set-associative data arrays, array 0 in the lower three bits. */
const PAGE_SIZE_BITS = 0x3fn
const PAGE_SIZE_SHIFT = 16n
const NUCLEUS_PAGE_SIZE_0 = 61n
const NUCLEUS_PAGE_SIZE_1 = 58n
/** Words of the registers that have several. */
const WORDS: Partial<Record<RegisterField, number>> = { immuTsbExtension: 3, dmmuTsbExtension: 3 }

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
  /** Grows with whatever can change how an instruction address is translated, or when its used bit must be set again. */
  instructionGeneration = 0
  /** Grows when a {@link contextTag} may have changed. Read it before asking for the tags. */
  contextGeneration = 0

  private readonly words: BigInt64Array
  private readonly block: number
  private readonly ramOffset: number
  private readonly ramBytes: number
  private readonly instructionSide: TlbSide
  private readonly dataSide: TlbSide
  /** Of the last translation. */
  private lastSide: TlbSide
  private readonly watchpoints: Watchpoints
  private readonly registersByAsi = new Map<number, MmuRegister[]>()

  /** @throws RangeError if the arena's layout has other TLB sizes than the model. */
  constructor(
    arena: Arena,
    cpu: number,
    readonly model: MmuModel,
  ) {
    const { layout } = arena
    this.words = arena.words64
    this.block = cpuBlock(layout, cpu)
    this.ramOffset = layout.ram
    this.ramBytes = layout.ramBytes
    this.watchpoints = new Watchpoints(model.physicalBits)
    const tlb = (offset: number, shape: MmuModel['dataTlb'], state: RegisterField) =>
      new Tlb(arena, this.block + offset, shape, this.block + REGISTER[state])
    const itlb = tlb(layout.itlb, model.instructionTlb, 'immuReplacement')
    const dtlb = tlb(layout.dtlb, model.dataTlb, 'dmmuReplacement')
    if (itlb.size !== layout.itlbEntries || dtlb.size !== layout.dtlbEntries)
      throw new RangeError(
        `layout has TLBs of ${layout.itlbEntries} and ${layout.dtlbEntries} entries, ${model.name} has ${itlb.size} and ${dtlb.size}`,
      )
    const table = new FastTable(() => this.contextGeneration++)
    const nextGeneration = () => {
      this.instructionGeneration++
    }
    const pages: DerivedTranslations = { drop: nextGeneration, written: nextGeneration, empty: nextGeneration }
    const fast: DerivedTranslations = {
      drop: (index) => table.evictSource(index, dtlb.pageLo(index), dtlb.pageMask(index)),
      written: (index) => table.evictPage(dtlb.pageLo(index), dtlb.pageHi(index), dtlb.pageMask(index)),
      empty: () => table.empty(),
    }
    this.data = table
    this.instructionSide = new TlbSide('instruction', itlb, model.virtualBits, model.physicalBits, pages)
    this.dataSide = new TlbSide('data', dtlb, model.virtualBits, model.physicalBits, fast)
    this.lastSide = this.dataSide
    for (const register of model.registers) {
      const rows = this.registersByAsi.get(register.asi)
      if (rows) rows.push(register)
      else this.registersByAsi.set(register.asi, [register])
    }
    this.restored()
  }

  get observer(): MmuObserver | undefined {
    return this.dataSide.observer
  }

  set observer(observer: MmuObserver | undefined) {
    this.dataSide.observer = observer
    this.instructionSide.observer = observer
  }

  /** Data word of the entry that the last translation found; 0 if none. */
  get tte(): bigint {
    return this.entry < 0 ? 0n : this.lastSide.tlb.data(this.entry)
  }

  /**
   * Translates a data access. True: the fields of {@link Outcome} tell the result, and the entry is marked as used.
   * False: `trap` names the trap, and SFSR, SFAR and tag access are as it leaves them (UltraSPARC-I table 6-3).
   */
  translateData(request: TranslateRequest): boolean {
    const space = this.dataSpace(request.context)
    this.lastSide = this.dataSide
    if (this.dataAccess(request, space, this)) {
      if (this.entry >= 0) this.dataSide.use(this.entry, effectiveAddress(request), request.access)
      return true
    }
    this.recordTranslationFault(this.dataSide, request, space)
    return false
  }

  /** Translates an instruction fetch, as {@link translateData}. */
  translateInstruction(request: TranslateRequest): boolean {
    const context = this.contextNumber(request.context)
    this.lastSide = this.instructionSide
    if (translateFetch(this.instructionSide, request, context, this)) {
      if (this.entry >= 0) this.instructionSide.use(this.entry, effectiveAddress(request), 'fetch')
      return true
    }
    this.recordTranslationFault(this.instructionSide, request, context)
    return false
  }

  /** An access through a bypass ASI: the physical address is the truncated virtual one (UltraSPARC-I 6.10). */
  translateBypass(request: TranslateRequest, cacheable: boolean): boolean {
    if (withoutTranslation(this.dataSide, this.watchpoints, request, cacheable, this)) return true
    this.recordData(request, 'none')
    return false
  }

  /** What a translation would give, without any side effect. */
  probe(request: TranslateRequest): ProbeResult {
    const out = emptyOutcome()
    if (request.access === 'fetch')
      translateFetch(this.instructionSide, request, this.contextNumber(request.context), out)
    else this.dataAccess(request, this.dataSpace(request.context), out)
    return out
  }

  /** Whether a virtual address is outside of the model's hole (UltraSPARC-I 14.1.6). */
  inRange(va: bigint): boolean {
    return inRange(va, this.model.virtualBits)
  }

  /** The number in a context register; nucleus is 0 (UltraSPARC-I 6.9.3). */
  contextNumber(kind: ContextKind): number {
    if (kind === 'nucleus') return 0
    const register = kind === 'primary' ? 'dmmuPrimaryContext' : 'dmmuSecondaryContext'
    return Number(this.words[(this.block + REGISTER[register]) >> 3]! & CONTEXT_MASK)
  }

  /**
   * Size codes of the pages that the set-associative data arrays hold for a context: array 0 in bits 2:0, array 1 in 5:3
   * (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*; illumos usr/src/uts/sun4u/sys/mmu.h). 0 where a model has no such choice.
   */
  pageSizes(kind: ContextKind): number {
    if (!this.model.rules.contextPageSizes) return 0
    const register = this.read(kind === 'secondary' ? 'dmmuSecondaryContext' : 'dmmuPrimaryContext')
    if (kind !== 'nucleus') return Number((register >> PAGE_SIZE_SHIFT) & PAGE_SIZE_BITS)
    return Number(((register >> NUCLEUS_PAGE_SIZE_0) & 7n) | (((register >> NUCLEUS_PAGE_SIZE_1) & 7n) << 3n))
  }

  /** Sets SFSR and SFAR for a data fault found elsewhere (UltraSPARC-I table 6-3). */
  recordDataFault(fault: RecordedFault): void {
    this.record(this.dataSide, { sideEffect: false, faultType: 0, context: 'none', ...fault })
    this.write('dmmuSfar', this.canonical(fault.va))
  }

  /** Sets I-SFSR for an instruction fault found elsewhere: a jump into the hole has FT 0x40 (UltraSPARC-I 14.1.6). */
  recordInstructionFault(fault: {
    context: ContextKind
    privileged: boolean
    faultType: number
    miss?: boolean
  }): void {
    const asi = fault.context === 'nucleus' ? ASI_NUCLEUS : ASI_PRIMARY
    this.record(this.instructionSide, { ...fault, asi, sideEffect: false, write: false })
  }

  /** Whether an ASI belongs to this MMU. */
  handles(asi: number): boolean {
    return this.registersByAsi.has(asi)
  }

  /**
   * The trap that a privileged access to a register takes, with SFSR and SFAR set as it leaves them; undefined if it may
   * go on. Only 8-byte loads and stores reach registers (UltraSPARC-I 6.5, 6.9.1).
   */
  checkAsi(asi: number, va: bigint, access: MmuAccess, size = 8): MmuTrap | undefined {
    const recorded = { va, asi, privileged: true, write: access === 'store' || access === 'atomic' }
    if (size === 8 && va & 7n) {
      this.recordDataFault(recorded)
      return 'mem_address_not_aligned'
    }
    const register = this.register(asi, va)
    const reached = access === 'store' ? register?.write : access === 'load' ? register?.read : undefined
    let faultType = 0
    if (access === 'atomic') faultType = this.model.rules.atomicRegisterFault
    else if (size !== 8 || reached === undefined) faultType = FT_ILLEGAL_ASI
    else if (register?.rangeChecked && !this.inRange(va)) faultType = FT_OUT_OF_RANGE
    if (faultType === 0) return undefined
    this.recordDataFault({ ...recorded, faultType })
    return 'data_access_exception'
  }

  /** @throws RangeError if {@link checkAsi} would refuse the load. */
  loadAsi(asi: number, va: bigint): bigint {
    const read = this.register(asi, va)?.read
    if (!read) throw new RangeError(`no readable MMU register at ASI 0x${asi.toString(16)}, VA 0x${va.toString(16)}`)
    return read(this, va)
  }

  /** @throws RangeError if {@link checkAsi} would refuse the store. */
  storeAsi(asi: number, va: bigint, value: bigint): void {
    const write = this.register(asi, va)?.write
    if (!write) throw new RangeError(`no writable MMU register at ASI 0x${asi.toString(16)}, VA 0x${va.toString(16)}`)
    write(this, va, BigInt.asUintN(64, value))
  }

  read(field: RegisterField, word = 0): bigint {
    return BigInt.asUintN(64, this.words[((this.block + REGISTER[field]) >> 3) + word]!)
  }

  write(field: RegisterField, value: bigint, word = 0): void {
    if (this.read(field, word) === value) return
    this.words[((this.block + REGISTER[field]) >> 3) + word] = value
    if (field === 'dmmuPrimaryContext' || field === 'dmmuSecondaryContext') {
      this.contextGeneration++
      if (field === 'dmmuPrimaryContext') this.instructionGeneration++
    } else if (field === 'lsuControl' || field === 'virtualWatchpoint' || field === 'physicalWatchpoint') {
      this.controlChanged()
    }
  }

  /** Writes the entry that replacement chooses, with the tag in tag access; gives its index, -1 if all are locked. */
  dataIn(side: MmuSide, data: bigint): number {
    const sizes =
      side === 'data' ? Number((this.read('dmmuTagAccessExtension') >> PAGE_SIZE_SHIFT) & PAGE_SIZE_BITS) : 0
    return this.side(side).replace(this.read(this.side(side).tagAccess), data, sizes)
  }

  writeEntry(side: MmuSide, index: number, data: bigint): void {
    this.side(side).overwrite(index, this.read(this.side(side).tagAccess), data)
  }

  readEntryData(side: MmuSide, index: number): bigint {
    const { tlb } = this.side(side)
    return tlb.data(index) | (tlb.isUsed(index) ? tlb.shape.usedBit : 0n)
  }

  readEntryTag(side: MmuSide, index: number): bigint {
    return this.side(side).tlb.tag(index)
  }

  /**
   * Type in bits 7:6, context register in bits 5:4 (UltraSPARC-I 6.9.10; Linux arch/sparc/mm/ultra.S: UltraSPARC-III's I-MMU
   * knows no secondary context). Page and context take locked entries as well.
   */
  demap(side: MmuSide, operation: bigint): void {
    const { demapsAll, instructionSecondary } = this.model.rules
    const tlb = this.side(side)
    if (demapsAll && operation & 0x80n) {
      if (!(operation & 0x40n)) tlb.demapAll()
      return
    }
    const kind = (['primary', 'secondary', 'nucleus', undefined] as const)[Number((operation >> 4n) & 3n)]
    if (kind === undefined || (kind === 'secondary' && side === 'instruction' && !instructionSecondary)) return
    if (operation & 0x40n) tlb.demapContext(this.contextNumber(kind))
    else tlb.demapPage(side === 'data' ? this.dataSpace(kind) : this.contextNumber(kind), operation)
  }

  /** The tag of (context number, its page sizes, privileged) in {@link data}; good until {@link contextGeneration} grows. */
  contextTag(kind: ContextKind, privileged: boolean): number {
    return this.data.contextTag(this.dataSpace(kind), privileged)
  }

  /**
   * Puts the page that {@link translateData} has just found into the fast table, if it may be there: RAM, no side effect,
   * no inverted endianness, not no-fault-only, not watched, not observed. Stores and atomics hit only if `allowWrite` and
   * the page is writable and cacheable. `va` is the effective address of that translation, `privileged` as it had it.
   */
  fillFast(va: bigint, kind: ContextKind, privileged: boolean, allowWrite = true): void {
    const { entry, pa } = this
    if (!this.data.enabled || entry < 0 || this.trap !== undefined || this.lastSide !== this.dataSide) return
    if (this.sideEffect || this.invertEndian || this.noFaultOnly || this.dataSide.observed[entry]) return
    if (pa - (pa % PAGE_BYTES) + PAGE_BYTES > this.ramBytes) return
    if (this.watchpoints.armed && this.watchpoints.touchPage(va, BigInt(pa))) return
    const vaLo = Number(va & MASK_32) | 0
    const addend = (this.ramOffset + pa - vaLo) | 0
    const writable = allowWrite && this.writable && this.cacheable
    this.data.put(vaLo, Number(va >> 32n) | 0, this.contextTag(kind, privileged), entry, addend, writable)
  }

  /** An observed entry is never in a fast table or page cache, and each use of it is heard. @throws RangeError */
  setObserved(side: MmuSide, index: number, on: boolean): void {
    this.side(side).setObserved(index, on)
  }

  isObserved(side: MmuSide, index: number): boolean {
    return this.side(side).observed[index] === 1
  }

  entries(side: MmuSide): DecodedEntry[] {
    const { tlb } = this.side(side)
    return Array.from({ length: tlb.size }, (_, index) => this.side(side).decode(index))
  }

  /** One of {@link entries}. @throws RangeError if there is no such entry. */
  entryAt(side: MmuSide, index: number): DecodedEntry {
    const { tlb } = this.side(side)
    if (!(index >= 0 && index < tlb.size)) throw new RangeError(`TLB entry ${index}: expected 0 .. ${tlb.size - 1}`)
    return this.side(side).decode(index)
  }

  /** Power-on: MMUs off, registers and TLBs zero, which the chip leaves undefined (UltraSPARC-I 6.7). */
  reset(): void {
    for (const field of Object.keys(REGISTER) as RegisterField[])
      if (/^([id]mmu[A-Z]|lsuControl$|(virtual|physical)Watchpoint$)/.test(field))
        for (let word = 0; word < (WORDS[field] ?? 1); word++)
          this.words[((this.block + REGISTER[field]) >> 3) + word] = 0n
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
    const cacheable = this.model.rules.cacheableWhenDisabled(lsu)
    this.instructionSide.cacheableWhenDisabled = cacheable
    this.dataSide.cacheableWhenDisabled = cacheable
    this.watchpoints.update(lsu, this.read('virtualWatchpoint'), this.read('physicalWatchpoint'))
    this.instructionGeneration++
    this.data.empty()
  }

  private side(side: MmuSide): TlbSide {
    return side === 'data' ? this.dataSide : this.instructionSide
  }

  private dataSpace(kind: ContextKind): number {
    return addressSpace(this.contextNumber(kind), this.pageSizes(kind))
  }

  private dataAccess(request: TranslateRequest, space: number, out: Outcome): boolean {
    if (request.access === 'flush' && !this.model.rules.flushTranslates)
      return withoutTranslation(this.dataSide, this.watchpoints, request, true, out)
    return translateDataAccess(this.dataSide, this.watchpoints, request, space, out)
  }

  private register(asi: number, va: bigint): MmuRegister | undefined {
    return this.registersByAsi.get(asi)?.find((row) => (va & ~(row.operand ?? 0n)) === row.va)
  }

  private recordTranslationFault(side: TlbSide, request: TranslateRequest, space: number): void {
    const { trap } = this
    const { recordsMisses, contextPageSizes } = this.model.rules
    const va = effectiveAddress(request)
    const missed = trap === 'fast_data_access_MMU_miss' || trap === 'fast_instruction_access_MMU_miss'
    if (trap !== 'VA_watchpoint' && trap !== 'PA_watchpoint') {
      this.write(side.tagAccess, (this.canonical(va) & PAGE_MASK) | BigInt(contextOfSpace(space)))
      if (recordsMisses) this.write(side.missContext, BigInt(CONTEXT_CODES[request.context]))
      if (contextPageSizes && side === this.dataSide)
        this.write('dmmuTagAccessExtension', BigInt(sizesOfSpace(space)) << PAGE_SIZE_SHIFT)
    }
    if (trap === 'fast_data_access_protection') this.write('dmmuDirectPointer', this.pageBytes === SIZE_64K ? 1n : 0n)
    if (missed) side.observer?.miss?.(side.name, va, contextOfSpace(space))
    if (missed && !recordsMisses) return
    if (side === this.dataSide) this.recordData(request, request.context, missed)
    else {
      const privileged = request.supervisor ?? request.privileged
      this.recordInstructionFault({ context: request.context, privileged, faultType: this.faultType, miss: missed })
    }
  }

  private recordData(request: TranslateRequest, context: ContextKind | 'none', miss = false): void {
    const { access, asi, noFault = false } = request
    const write = access === 'store' || access === 'atomic'
    const privileged = request.supervisor ?? request.privileged
    const { faultType } = this
    const sideEffect = !miss && this.sideEffect
    const before = this.read('dmmuSfsr')
    this.record(this.dataSide, { asi, context, privileged, write, faultType, sideEffect, noFault, miss })
    if (!miss || !(before & SFSR_FV)) this.write('dmmuSfar', this.canonical(effectiveAddress(request)))
  }

  private record(side: TlbSide, fault: SfsrFields): void {
    this.write(side.sfsr, this.model.rules.nextSfsr(this.read(side.sfsr), fault))
  }

  /** Sign-extended from the model's highest address bit, as registers read (UltraSPARC-I 14.1.6). */
  private canonical(va: bigint): bigint {
    return BigInt.asUintN(64, BigInt.asIntN(this.model.virtualBits, va))
  }
}
