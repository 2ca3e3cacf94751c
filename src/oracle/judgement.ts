import { originOf, present } from './page-history'
import type { Entry, MmState, OracleState, PageHistory, PageValue } from './state'
import { frameOf, pageBytes, translationOf, translationOfEntry } from './translation-value'
import type { MissingCall, TlbViolation } from './violation'

export type TlbSideName = 'instruction' | 'data'
type Finding = Pick<TlbViolation, 'kind' | 'staleSince' | 'missing'>

/** Id of the owner of the kernel's own mappings: context 0 and global entries. */
export const KERNEL = 0
const GLOBAL = 1n
const PAGE_BYTES = 0x2000n

/** What is wrong with a CPU's using the entry for the 8 KB page at `page`, exemptions left aside. */
export function judge(
  state: OracleState,
  cpu: number,
  side: TlbSideName,
  entry: Entry,
  page: bigint,
): Finding | undefined {
  if (isForeign(state, entry)) return foreignContext(state, entry)
  const mm = state.mms[entry.mm]
  const history = mm?.pages[page.toString(16)]
  if (mm === undefined || history === undefined) return undefined
  const origin = originOf(history, translationOfEntry(side, entry.data, page))
  const { revokedBy } = origin
  if (revokedBy && revokedBy.version <= Math.max(mm.flushed, history.flushed))
    return {
      kind: 'stale-translation',
      staleSince: {
        cpu: revokedBy.cpu,
        when: revokedBy.when,
        what: 'a write to its page-table entry',
        before: hex(revokedBy.before),
        after: hex(revokedBy.after),
      },
      missing: missingCall(cpu, mm, history, revokedBy.version),
    }
  return freedFrame(state, origin)
}

/** Contract: the sender of a cross call waits until it is accepted, not until its handler has run. */
export function isExempt(state: OracleState, cpu: number, context: number, page: bigint): boolean {
  return state.cpus[cpu]!.mondos.some(
    ({ coverage }) =>
      coverage?.context === context && (coverage.va === 'all' || (coverage.va & ~(PAGE_BYTES - 1n)) === page),
  )
}

/** Whether a use of the entry may become a violation by what is yet to come, or is one now. */
export function isSuspect(state: OracleState, side: TlbSideName, entry: Entry): boolean {
  if (isForeign(state, entry)) return true
  const known = state.mms[entry.mm]?.pages
  if (known === undefined) return false
  const one = entry.va.toString(16)
  const keys = pageBytes(entry.data) > PAGE_BYTES ? Object.keys(known) : [one]
  for (const key of keys) {
    const va = BigInt(`0x${key}`)
    const history = known[key]
    if (history === undefined || !covers(entry, va)) continue
    const origin = originOf(history, translationOfEntry(side, entry.data, va))
    if (origin !== present(history) || freedFrame(state, origin)) return true
  }
  return false
}

/** Whether the entry translates the 8 KB page. */
export function covers(entry: Entry, page: bigint): boolean {
  const bytes = pageBytes(entry.data)
  return (entry.va & ~(bytes - 1n)) === (page & ~(bytes - 1n))
}

/** Whether the entry translates to the 8 KB frame at `pa`. */
export function reaches(entry: Entry, pa: number): boolean {
  const bytes = pageBytes(entry.data)
  const frame = frameOf(translationOf(entry.data, entry.va & ~(bytes - 1n)))
  return pa >= frame && pa < frame + Number(bytes)
}

export function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`
}

function isForeign(state: OracleState, entry: Entry): boolean {
  return !(entry.data & GLOBAL) && state.byContext[entry.context] !== entry.mm
}

function foreignContext(state: OracleState, entry: Entry): Finding {
  const owner = state.mms[state.byContext[entry.context] ?? KERNEL]
  const what = `the assignment of context ${entry.context} to the mm at ${hex(BigInt(owner?.number ?? 0))}`
  return { kind: 'foreign-context', staleSince: { cpu: owner?.assignedBy ?? -1, when: owner?.assignedAt ?? 0, what } }
}

function freedFrame(state: OracleState, origin: PageValue): Finding | undefined {
  const free = state.frees[frameOf(origin.translation)]
  if (free === undefined || free.at <= origin.writtenAt || origin.translation === 0n) return undefined
  return { kind: 'freed-frame', staleSince: { cpu: free.cpu, when: free.when, what: 'the freeing of its frame' } }
}

function missingCall(cpu: number, mm: MmState, history: PageHistory, version: number): MissingCall | undefined {
  const byPage = history.flushedBy
  const flush = byPage && byPage.version >= version ? byPage : mm.flushedBy
  if (flush === undefined) return undefined
  const { mask } = flush
  const sent = flush.sentTo.includes(cpu)
  let why: string
  if (flush.cpu === cpu) why = 'it flushed its own TLB, and the translation came back afterwards'
  else if (sent) why = 'the cross call was served, and the translation came back afterwards'
  else if (mask === undefined) why = 'it read no mask: it took the address space for its own'
  else if (mask & (1n << BigInt(cpu)))
    why = `the mask that it read, ${hex(mask)}, holds CPU ${cpu}, but it called nobody`
  else why = `the mask that it read, ${hex(mask)}, does not hold CPU ${cpu}`
  return {
    flush: flush.name,
    from: flush.cpu,
    to: cpu,
    completed: flush.when,
    sent,
    ...(mask === undefined ? {} : { mask: hex(mask) }),
    why,
    ...(mm.maskBitLost[cpu] ? { bitLost: mm.maskBitLost[cpu] } : {}),
  }
}
