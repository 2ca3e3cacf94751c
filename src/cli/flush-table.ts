import { FLUSH_KINDS, type FlushCost, type FlushMeasurement, MM_USES, type MmUse } from '../flush-throughput'
import { type Column, formatTable, grouped } from './table'

export interface FlushBlock {
  readonly heading: string
  readonly titles: readonly string[]
  readonly lines: readonly string[]
}

const USES: Readonly<Record<MmUse, string>> = {
  'single-threaded': 'single-threaded mm (mm_users = 1) that has run on every CPU',
  shared: 'mm shared by a thread on every CPU',
}

const COST: readonly Column[] = [
  { title: 'flusher', align: 'right', gap: 4 },
  { title: 'all CPUs', align: 'right' },
  { title: 'calls', align: 'right' },
]
const COLUMNS: readonly Column[] = [
  { title: 'policy', align: 'left' },
  { title: 'CPUs', align: 'right' },
  ...COST,
  ...COST,
  ...COST,
  { title: 'flushes/s', align: 'right', gap: 4 },
]

/** A table for each kind of flush and use of the address space. */
export function flushBlocks(flushes: readonly FlushMeasurement[]): FlushBlock[] {
  const blocks: FlushBlock[] = []
  for (const kind of FLUSH_KINDS)
    for (const mm of MM_USES) {
      const rows = flushes.filter((m) => m.kind === kind && m.mm === mm)
      const sample = rows[0]
      if (sample === undefined) continue
      const [titles, ...lines] = formatTable(COLUMNS, rows.map(cells))
      const batch = kind === 'pending' ? `, ${sample.pages} pages` : ''
      blocks.push({
        heading: `smp_flush_tlb_${kind}${batch}: ${USES[mm]}`,
        titles: [groupTitles(titles!, sample.repopulated.every), titles!],
        lines,
      })
    }
  return blocks
}

function cells(m: FlushMeasurement): string[] {
  const { policy, cpus, first, steady, repopulated, flushesPerSecond } = m
  return [policy, `${cpus}`, ...[first, steady, repopulated].flatMap(costCells), grouped(flushesPerSecond)]
}

function costCells({ flusher, all, crossCalls }: FlushCost): string[] {
  return [flusher, all, crossCalls].map((count) => (Number.isInteger(count) ? grouped(count) : count.toFixed(1)))
}

/** The line above the titles: what each group of three columns is about, and what is on the host. */
function groupTitles(titles: string, every: number): string {
  const groups = ['first flush', 'steady state', `mask full every ${every} flushes`]
  let line = ''
  let from = 0
  for (const group of groups) {
    const start = titles.indexOf('flusher', from)
    const end = titles.indexOf('calls', start) + 'calls'.length
    line = line.padEnd(end - Math.max(group.length, 0)) + group
    from = end
  }
  return `${line.padEnd(titles.length - 'on the host'.length)}on the host`
}

/** What the tables show, in numbers of the most CPUs that were measured. */
export function flushSummary(flushes: readonly FlushMeasurement[]): string[] {
  const most = Math.max(...flushes.map((m) => m.cpus))
  const find = (policy: string, mm: MmUse) =>
    flushes.find((m) => m.policy === policy && m.mm === mm && m.cpus === most && m.kind === 'mm')
  const calling = find('cross-call', 'single-threaded')
  const trimming = find('ipi-trim', 'single-threaded')
  const lines = [
    'flusher: instructions of the CPU that flushes; all CPUs: with the handlers of the others; calls: mondos sent.',
    'An operation of the kernel shim counts as one instruction.',
  ]
  if (calling === undefined || trimming === undefined || most === 1) return lines
  const saved = (calling.steady.all / trimming.steady.all).toFixed(0)
  return [
    ...lines,
    `Single-threaded mm, ${most} CPUs, steady state: cross-call makes ${calling.steady.crossCalls} cross calls and ` +
      `${calling.steady.all} instructions a flush,`,
    `ipi-trim ${trimming.steady.crossCalls} and ${trimming.steady.all}: ${saved} times fewer, for a first flush of ` +
      `${trimming.first.all} instead of ${calling.first.all}.`,
    'local-trim calls nobody and is wrong: sparc64-smp race --policy local-trim.',
  ]
}
