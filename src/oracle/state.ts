import { Hash64 } from '../state/hash'
import type { FlushScope, MondoCoverage } from './events'
import type { OracleWarning, TlbViolation } from './violation'

/** Everything here is plain data, and nothing below the containers that {@link cloneState} copies is ever changed. */
export interface OracleState {
  /** Counts events: orders writes against frees. */
  clock: number
  nextId: number
  mms: Record<number, MmState>
  /** Id in {@link mms} by the kernel's number of the mm, and by context. */
  byNumber: Record<number, number>
  byContext: Record<number, number>
  cpus: CpuState[]
  flushes: Record<number, Flush>
  frees: Record<number, FrameFree>
  violation?: TlbViolation
  warnings: OracleWarning[]
}

export interface MmState {
  id: number
  number: number
  context: number
  assignedBy?: number
  assignedAt?: number
  /** Revoking writes so far. */
  version: number
  /** What a completed flush of the whole context covered: revoking writes up to this one. */
  flushed: number
  flushedBy?: FinishedFlush
  /** By page address in hexadecimal. */
  pages: Record<string, PageHistory>
  maskBitLost: Record<number, MaskBitLost>
}

export interface PageHistory {
  readonly flushed: number
  readonly flushedBy?: FinishedFlush
  /** Distinct translations that the page has had; the last one is the present one. */
  readonly values: readonly PageValue[]
}

export interface PageValue {
  readonly translation: bigint
  /** Clock of the last write of it. */
  readonly writtenAt: number
  /** The write since which the page table does not permit it. */
  readonly revokedBy?: Revocation
}

export interface Revocation {
  readonly version: number
  readonly cpu: number
  readonly when: number
  readonly before: bigint
  readonly after: bigint
}

export interface FrameFree {
  readonly at: number
  readonly cpu: number
  readonly when: number
}

export interface Flush {
  readonly cpu: number
  readonly mm: number
  readonly name: string
  readonly scope: FlushScope
  /** Version of the mm when it began. */
  readonly version: number
  readonly mask?: bigint
  readonly sentTo: readonly number[]
}

export interface FinishedFlush extends Flush {
  readonly when: number
}

export interface MaskBitLost {
  readonly cpu: number
  readonly when: number
  readonly by: string
}

export interface CpuState {
  /** Id of the mm whose context it runs under; -1 if none. */
  running: number
  entries: { instruction: (Entry | undefined)[]; data: (Entry | undefined)[] }
  mondos: readonly Mondo[]
}

export interface Entry {
  /** Id of the mm that owned the context when the entry was filled. */
  readonly mm: number
  readonly context: number
  /** Of the page that the tag names. */
  readonly va: bigint
  readonly data: bigint
}

export interface Mondo {
  readonly sender: number
  readonly name: string
  readonly coverage?: MondoCoverage
  /** Trap level of its handler, once it was taken. */
  readonly level?: number
}

export function cloneState(state: OracleState): OracleState {
  const mms: Record<number, MmState> = {}
  for (const id in state.mms) {
    const mm = state.mms[id]!
    mms[id] = { ...mm, pages: { ...mm.pages }, maskBitLost: { ...mm.maskBitLost } }
  }
  return {
    ...state,
    mms,
    byNumber: { ...state.byNumber },
    byContext: { ...state.byContext },
    cpus: state.cpus.map((cpu) => ({
      ...cpu,
      entries: { instruction: cpu.entries.instruction.slice(), data: cpu.entries.data.slice() },
    })),
    flushes: { ...state.flushes },
    frees: { ...state.frees },
    warnings: state.warnings.slice(),
  }
}

/**
 * Hash of what later verdicts depend on. Times and the count of writes are left out: only the order of writes and flushes
 * of an mm counts.
 */
export function verdictHash(state: OracleState): bigint {
  const hash = new Hash64(3)
  for (const id in state.mms) hashMm(hash, state, state.mms[id]!)
  hash.data(state.byContext)
  for (const cpu of state.cpus) {
    hash.word(cpu.running)
    for (const side of [cpu.entries.instruction, cpu.entries.data])
      for (let index = 0; index < side.length; index++) if (side[index]) hash.word(index).word(side[index]!.mm)
    for (const mondo of cpu.mondos) hash.data([mondo.coverage?.context, mondo.coverage?.va, mondo.level])
  }
  return hash.digest()
}

function hashMm(hash: Hash64, state: OracleState, mm: MmState): void {
  const flights = Object.values(state.flushes).filter((flush) => flush.mm === mm.id)
  const versions = new Set([mm.flushed, ...flights.map((flush) => flush.version)])
  for (const page of Object.values(mm.pages)) {
    versions.add(page.flushed)
    for (const value of page.values) if (value.revokedBy) versions.add(value.revokedBy.version)
  }
  const rank = new Map([...versions].sort((a, b) => a - b).map((version, index) => [version, index]))
  hash.word(mm.number).word(mm.context).word(rank.get(mm.flushed)!)
  for (const va of Object.keys(mm.pages).sort()) {
    const page = mm.pages[va]!
    hash.text(va).word(rank.get(page.flushed)!)
    for (const value of page.values) {
      const free = state.frees[Number(value.translation & 0x1ff_ffff_e000n)]
      hash.data(value.translation).word(value.revokedBy ? rank.get(value.revokedBy.version)! : -1)
      hash.word(free && free.at > value.writtenAt ? 1 : 0)
    }
  }
  for (const flush of flights) {
    hash.word(flush.cpu).word(rank.get(flush.version)!)
    hash.data(flush.scope === 'all' ? 'all' : [...flush.scope])
  }
}
