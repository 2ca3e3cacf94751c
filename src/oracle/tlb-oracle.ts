import type { FlushScope, MondoCoverage, TranslationEvents } from './events'
import { covers, hex, isExempt, isSuspect, judge, KERNEL, reaches, type TlbSideName } from './judgement'
import { isRevoked, newHistory, written } from './page-history'
import {
  type CpuState,
  cloneState,
  type Entry,
  type FinishedFlush,
  type Flush,
  type MmState,
  type OracleState,
  verdictHash,
} from './state'
import { translationOf } from './translation-value'
import type { OracleWarning, TlbViolation } from './violation'

export interface TlbOracleOptions {
  readonly cpus: number
  /** Drop the exemption of mondos that are pending, or taken and not retired. */
  readonly strict?: boolean
  /** The machine's time, for reports. */
  readonly now?: () => number
  readonly onViolation?: (violation: TlbViolation) => void
  readonly onWarning?: (warning: OracleWarning) => void
}

const CONTEXT = 0x1fffn
const GLOBAL = 1n
const PAGE = ~0x1fffn
const KEPT_WARNINGS = 100

/**
 * Judges uses of translations against what flushes promise: after a flush has returned, no CPU uses what it covered, unless
 * an accepted mondo that will remove it is still on its way. Presence of a stale entry is harmless; only its use counts.
 *
 * Versions are found by value: an entry is as old as the last page-table entry that it can have been made from, so that
 * translations read through a TSB or a walk in flight are judged without following them.
 */
export class TlbOracle implements TranslationEvents {
  /** Told which TLB entries are to report each use from now on. */
  watch: ((cpu: number, side: TlbSideName, index: number, on: boolean) => void) | undefined
  private state: OracleState
  /** Another holder has this state: it is copied before it is changed. */
  private shared = false
  private hash: bigint | undefined
  private readonly strict: boolean
  private readonly now: () => number

  constructor(private readonly options: TlbOracleOptions) {
    this.strict = options.strict ?? false
    this.now = options.now ?? (() => 0)
    const cpus: CpuState[] = []
    for (let cpu = 0; cpu < options.cpus; cpu++)
      cpus.push({ running: -1, entries: { instruction: [], data: [] }, mondos: [] })
    const kernel: MmState = { id: KERNEL, number: 0, context: 0, version: 0, flushed: 0, pages: {}, maskBitLost: {} }
    this.state = {
      clock: 1,
      nextId: 1,
      mms: { [KERNEL]: kernel },
      byNumber: { 0: KERNEL },
      byContext: { 0: KERNEL },
      cpus,
      flushes: {},
      frees: {},
      warnings: [],
    }
  }

  /** The first violation. */
  get violation(): TlbViolation | undefined {
    return this.state.violation
  }

  get warnings(): readonly OracleWarning[] {
    return this.state.warnings
  }

  /** All of the state, as plain data that will not change. */
  save(): OracleState {
    this.shared = true
    return this.state
  }

  /** The TLBs must hold what they held at {@link save}; entries to be heard are told to `watch` again. */
  restore(state: OracleState): void {
    if (state !== this.state) this.hash = undefined
    this.state = state
    this.shared = true
    for (let cpu = 0; cpu < state.cpus.length; cpu++) this.watchAll(cpu)
  }

  /** Hash of all that later verdicts depend on, without times. */
  key(): bigint {
    this.hash ??= verdictHash(this.state)
    return this.hash
  }

  mmCreated(_cpu: number, mm: number): void {
    const state = this.own()
    const id = state.nextId++
    const old = state.byNumber[mm]
    state.byNumber[mm] = id
    if (old !== undefined && !this.isOwner(old)) delete state.mms[old]
    state.mms[id] = { id, number: mm, context: 0, version: 0, flushed: 0, pages: {}, maskBitLost: {} }
  }

  contextAssigned(cpu: number, mm: number, context: number): void {
    const state = this.own()
    const owner = this.mm(mm)
    Object.assign(owner, { context, assignedBy: cpu, assignedAt: this.now() })
    if (state.byContext[context] === owner.id) return
    state.byContext[context] = owner.id
    this.watchWhere((entry) => entry.context === context)
  }

  pteWrite(cpu: number, mm: number, va: bigint, before: bigint, after: bigint): void {
    const state = this.own()
    const owner = this.mm(mm)
    const page = BigInt.asUintN(64, va & PAGE)
    const key = page.toString(16)
    const history = owner.pages[key] ?? newHistory(translationOf(before, page), state.clock)
    const translation = translationOf(after, page)
    if (isRevoked(history, translation)) owner.version++
    const revocation = { version: owner.version, cpu, when: this.now(), before, after }
    owner.pages[key] = written(history, translation, ++state.clock, revocation)
    this.watchWhere((entry) => entry.mm === owner.id && covers(entry, page))
  }

  flushBegin(cpu: number, mm: number, _context: number, scope: FlushScope, name: string): number {
    const state = this.own()
    const owner = this.mm(mm)
    let id = 1
    while (state.flushes[id] !== undefined) id++
    state.flushes[id] = { cpu, mm: owner.id, name, scope, version: owner.version, sentTo: [] }
    return id
  }

  flushEnd(_cpu: number, id: number): void {
    const flush = this.state.flushes[id]
    if (flush === undefined) return
    const state = this.own()
    delete state.flushes[id]
    const mm = state.mms[flush.mm]
    if (mm === undefined) return
    const finished: FinishedFlush = { ...flush, when: this.now() }
    if (flush.scope === 'all') {
      if (flush.version > mm.flushed) Object.assign(mm, { flushed: flush.version, flushedBy: finished })
      return
    }
    for (const va of flush.scope) {
      const key = BigInt.asUintN(64, va & PAGE).toString(16)
      const page = mm.pages[key]
      if (page && flush.version > page.flushed) mm.pages[key] = { ...page, flushed: flush.version, flushedBy: finished }
    }
  }

  maskRead(cpu: number, mm: number, mask: bigint, _by: string): void {
    const owner = this.mm(mm)
    this.updateFlights(cpu, (flush) => (flush.mm === owner.id ? { ...flush, mask } : flush))
  }

  maskWrite(cpu: number, mm: number, before: bigint, after: bigint, by: string): void {
    const state = this.own()
    const owner = this.mm(mm)
    for (let member = 0; member < state.cpus.length; member++) {
      const bit = 1n << BigInt(member)
      if (after & bit) delete owner.maskBitLost[member]
      else if (before & bit) owner.maskBitLost[member] = { cpu, when: this.now(), by }
      if (before & bit && !(after & bit) && state.cpus[member]!.running === owner.id)
        this.warn(state, owner, member, cpu, by)
    }
  }

  mondoAccepted(sender: number, target: number, name: string, coverage?: MondoCoverage): void {
    const state = this.own()
    const receiver = state.cpus[target]!
    receiver.mondos = [...receiver.mondos, { sender, name, coverage }]
    this.updateFlights(sender, (flush) => ({ ...flush, sentTo: [...flush.sentTo, target] }))
  }

  mondoTaken(cpu: number, level: number): void {
    const { mondos } = this.state.cpus[cpu]!
    const oldest = mondos.findIndex((mondo) => mondo.level === undefined)
    if (oldest < 0) return
    this.own().cpus[cpu]!.mondos = mondos.map((mondo, index) => (index === oldest ? { ...mondo, level } : mondo))
  }

  trapReturn(cpu: number, level: number): void {
    const { mondos } = this.state.cpus[cpu]!
    if (mondos.some((mondo) => mondo.level === level))
      this.own().cpus[cpu]!.mondos = mondos.filter((mondo) => mondo.level !== level)
  }

  frameFreed(cpu: number, pa: number): void {
    const state = this.own()
    state.frees[pa] = { at: ++state.clock, cpu, when: this.now() }
    this.watchWhere((entry) => reaches(entry, pa))
  }

  running(cpu: number, mm: number): void {
    const id = mm === 0 ? -1 : this.mm(mm).id
    if (this.state.cpus[cpu]!.running !== id) this.own().cpus[cpu]!.running = id
  }

  /** A TLB entry was written. */
  fill(cpu: number, side: TlbSideName, index: number, tag: bigint, data: bigint): void {
    const context = Number(tag & CONTEXT)
    const owner = data & GLOBAL ? KERNEL : this.state.byContext[context]
    const entry = owner === undefined ? undefined : { mm: owner, context, va: BigInt.asUintN(64, tag & PAGE), data }
    const entries = this.state.cpus[cpu]!.entries[side]
    if (entries[index] !== entry) this.own().cpus[cpu]!.entries[side][index] = entry
    this.watch?.(cpu, side, index, entry !== undefined && isSuspect(this.state, side, entry))
  }

  /** A TLB entry was removed. */
  evict(cpu: number, side: TlbSideName, index: number): void {
    if (this.state.cpus[cpu]!.entries[side][index] !== undefined) this.own().cpus[cpu]!.entries[side][index] = undefined
  }

  /** A watched TLB entry translated an access to `va`. Gives the violation, if it is one. */
  use(cpu: number, side: TlbSideName, index: number, va: bigint): TlbViolation | undefined {
    const entry = this.state.cpus[cpu]!.entries[side][index]
    if (entry === undefined) return undefined
    const page = BigInt.asUintN(64, va & PAGE)
    const found = judge(this.state, cpu, side, entry, page)
    if (found === undefined || (!this.strict && isExempt(this.state, cpu, entry.context, page))) return undefined
    const violation: TlbViolation = {
      ...found,
      cpu,
      when: this.now(),
      side,
      va: hex(BigInt.asUintN(64, va)),
      context: entry.context,
      tte: hex(entry.data),
    }
    if (this.state.violation === undefined) this.own().violation = violation
    this.options.onViolation?.(violation)
    return violation
  }

  private watchAll(cpu: number): void {
    for (const side of ['instruction', 'data'] as const)
      this.state.cpus[cpu]!.entries[side].forEach((entry, index) => {
        if (entry) this.watch?.(cpu, side, index, isSuspect(this.state, side, entry))
      })
  }

  private watchWhere(concerned: (entry: Entry) => boolean): void {
    if (this.watch === undefined) return
    for (let cpu = 0; cpu < this.state.cpus.length; cpu++)
      for (const side of ['instruction', 'data'] as const) {
        const entries = this.state.cpus[cpu]!.entries[side]
        for (let index = 0; index < entries.length; index++) {
          const entry = entries[index]
          if (entry && concerned(entry)) this.watch(cpu, side, index, isSuspect(this.state, side, entry))
        }
      }
  }

  private warn(state: OracleState, mm: MmState, member: number, cpu: number, by: string): void {
    const { instruction, data } = state.cpus[member]!.entries
    const entries = [...instruction, ...data].filter((entry) => entry?.mm === mm.id).length
    if (entries === 0) return
    const warning = {
      kind: 'not-in-mask',
      cpu: member,
      context: mm.context,
      entries,
      clearedBy: cpu,
      by,
      when: this.now(),
    } as const
    if (state.warnings.length < KEPT_WARNINGS) state.warnings.push(warning)
    this.options.onWarning?.(warning)
  }

  private updateFlights(cpu: number, change: (flush: Flush) => Flush): void {
    for (const id in this.state.flushes)
      if (this.state.flushes[id]!.cpu === cpu) {
        const state = this.own()
        state.flushes[id] = change(state.flushes[id]!)
      }
  }

  private isOwner(id: number): boolean {
    return Object.values(this.state.byContext).includes(id)
  }

  private mm(number: number): MmState {
    const id = this.state.byNumber[number]
    if (id !== undefined) return this.state.mms[id]!
    this.mmCreated(-1, number)
    return this.state.mms[this.state.byNumber[number]!]!
  }

  /** The state, to be changed. */
  private own(): OracleState {
    this.hash = undefined
    if (this.shared) {
      this.state = cloneState(this.state)
      this.shared = false
    }
    return this.state
  }
}
