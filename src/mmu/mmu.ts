import { ASI } from '../asi'
import type { Arena } from '../state/arena'
import { cpuBlock, REGISTER, type RegisterField } from '../state/layout'
import { contextNumber, contextPageSizes, pageSizesAt16 } from './context-registers'
import { FastTable } from './fast-table'
import { FaultRegisters, type RecordedFault, type RecordedInstructionFault } from './fault-registers'
import { LSU_DM, LSU_IM } from './lsu-control'
import type { MmuModel } from './model'
import { RegisterMap } from './register-map'
import type { MmuSide, RegisterPorts } from './registers'
import { addressSpace, highHalf, lowHalf, Tlb } from './tlb'
import { type DerivedTranslations, type MmuObserver, TlbSide } from './tlb-side'
import {
  type ContextKind,
  effectiveAddress,
  emptyOutcome,
  FT_ATOMIC_UNCACHEABLE,
  FT_ILLEGAL_ASI,
  FT_OUT_OF_RANGE,
  inRange,
  isWrite,
  type MmuAccess,
  type MmuTrap,
  type Outcome,
  type TranslateRequest,
  translateDataAccess,
  translateFetch,
  withoutTranslation,
} from './translation'
import { type DecodedEntry, TTE_CP } from './tte'
import { Watchpoints } from './watchpoints'

export type ProbeResult = Readonly<Outcome>

/** Types of demap; 0 is that of a page, 3 is reserved. */
const DEMAP_CONTEXT = 1n
const DEMAP_ALL = 2n
const DEMAP_TYPE_SHIFT = 6n
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

  private red = false
  private readonly words: BigInt64Array
  private readonly block: number
  private readonly ramOffset: number
  private readonly ramBytes: number
  private readonly instructionSide: TlbSide
  private readonly dataSide: TlbSide
  /** Of the last translation. */
  private lastSide: TlbSide
  private readonly watchpoints: Watchpoints
  private readonly registers: RegisterMap
  private readonly faults: FaultRegisters

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
    this.registers = new RegisterMap(model.registers)
    this.faults = new FaultRegisters(this, model, this.dataSide, this.instructionSide)
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
    this.faults.translation(this.dataSide, request, space, this)
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
    this.faults.translation(this.instructionSide, request, context, this)
    return false
  }

  /** An access through a bypass ASI: the physical address is the truncated virtual one (UltraSPARC-I 6.10). */
  translateBypass(request: TranslateRequest, cacheable: boolean): boolean {
    if (withoutTranslation(this.dataSide, this.watchpoints, request, cacheable, this)) return true
    this.faults.access(request, 'none', this)
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
    return contextNumber(this, kind)
  }

  /**
   * Size codes of the pages that the set-associative data arrays hold for a context: array 0 in bits 2:0, array 1 in 5:3;
   * 0 where a model has no such choice.
   */
  pageSizes(kind: ContextKind): number {
    return this.model.rules.contextPageSizes ? contextPageSizes(this, kind) : 0
  }

  /** Sets SFSR and SFAR for a data fault found elsewhere (UltraSPARC-I table 6-3). */
  recordDataFault(fault: RecordedFault): void {
    this.faults.data(fault)
  }

  /** Sets I-SFSR for an instruction fault found elsewhere: a jump into the hole has FT 0x40 (UltraSPARC-I 14.1.6). */
  recordInstructionFault(fault: RecordedInstructionFault): void {
    this.faults.instruction(fault)
  }

  /** Whether an ASI belongs to this MMU. */
  handles(asi: number): boolean {
    return this.registers.handles(asi)
  }

  /**
   * The trap that a privileged access to a register takes, with SFSR and SFAR set as it leaves them; undefined if it may
   * go on. Only 8-byte loads and stores reach registers (UltraSPARC-I 6.5, 6.9.1).
   */
  checkAsi(asi: number, va: bigint, access: MmuAccess, size = 8): MmuTrap | undefined {
    const recorded = { va, asi, privileged: true, write: isWrite(access) }
    if (size === 8 && va & 7n) {
      this.recordDataFault(recorded)
      return 'mem_address_not_aligned'
    }
    const plain = size === 8 && (access === 'load' || access === 'store')
    const faultType =
      access === 'atomic' ? this.atomicRefusal(asi, va) : plain ? this.refusal(asi, va, access) : FT_ILLEGAL_ASI
    if (faultType === 0) return undefined
    this.recordDataFault({ ...recorded, faultType })
    return 'data_access_exception'
  }

  /** The SFSR fault type with which an aligned 8-byte access to a register is refused; 0 if it is not. */
  refusal(asi: number, va: bigint, access: 'load' | 'store'): number {
    const register = this.registers.find(asi, va)
    if ((access === 'load' ? register?.read : register?.write) === undefined) return FT_ILLEGAL_ASI
    return register?.rangeChecked && !this.inRange(va) ? FT_OUT_OF_RANGE : 0
  }

  /**
   * The SFSR fault type with which an atomic access to a register of any unit is refused. At D-TLB Data Access it tells if the
   * page of the entry is uncacheable (UltraSPARC-I table 6-11).
   */
  atomicRefusal(asi: number, va: bigint): number {
    const entry = asi === ASI.ASI_DTLB_DATA_ACCESS_REG ? this.registers.find(asi, va)?.read?.(this, va) : undefined
    return entry !== undefined && !(entry & TTE_CP) ? FT_ATOMIC_UNCACHEABLE : this.model.rules.atomicRegisterFault
  }

  /** @throws RangeError if {@link checkAsi} would refuse the load. */
  loadAsi(asi: number, va: bigint): bigint {
    return this.registers.load(this, asi, va)
  }

  /** @throws RangeError if {@link checkAsi} would refuse the store. */
  storeAsi(asi: number, va: bigint, value: bigint): void {
    this.registers.store(this, asi, va, value)
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
    const sizes = side === 'data' ? pageSizesAt16(this.read('dmmuTagAccessExtension')) : 0
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
    const type = (operation >> DEMAP_TYPE_SHIFT) & (demapsAll ? 3n : 1n)
    if (type === DEMAP_ALL) tlb.demapAll()
    if (type >= DEMAP_ALL) return
    const kind = (['primary', 'secondary', 'nucleus', undefined] as const)[Number((operation >> 4n) & 3n)]
    if (kind === undefined || (kind === 'secondary' && side === 'instruction' && !instructionSecondary)) return
    if (type === DEMAP_CONTEXT) tlb.demapContext(this.contextNumber(kind))
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
    if (pa >= this.ramBytes) return
    if (this.watchpoints.armed && this.watchpoints.touchPage(va, BigInt(pa))) return
    const vaLo = lowHalf(va)
    const addend = (this.ramOffset + pa - vaLo) | 0
    const writable = allowWrite && this.writable && this.cacheable
    this.data.put(vaLo, highHalf(va), this.contextTag(kind, privileged), entry, addend, writable)
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

  /** PSTATE.RED: the I-MMU is off while it is set, whatever its enable bit says (UltraSPARC-I 6.7). */
  get redState(): boolean {
    return this.red
  }

  set redState(red: boolean) {
    if (this.red === red) return
    this.red = red
    this.controlChanged()
  }

  /** Whether instruction addresses are translated. */
  get translatesInstructions(): boolean {
    return this.instructionSide.enabled
  }

  /** Turns both MMUs off, as resets and traps to RED_state do (UltraSPARC-I 6.7). */
  disable(): void {
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
    this.instructionSide.enabled = (lsu & LSU_IM) !== 0n && !this.red
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
}
