import { Bench } from 'tinybench'
import {
  encodeTag,
  encodeTte,
  FAST_ADDEND,
  FAST_ENTRIES,
  FAST_ENTRY_WORDS,
  LSU_DM,
  Mmu,
  spitfire,
  Tlb,
} from '../src/mmu'
import { Arena } from '../src/state/arena'
import { cpuBlock, createLayout, REGISTER } from '../src/state/layout'
import { type Measured, report } from './report'

/** Look-ups of random addresses in pages that the data TLB holds: what each way costs. */

const ENTRIES = 64
const PAGES = 60
const PAGE_BYTES = 8192
const LOOKUPS = 4096
const CONTEXT = 5
const FIRST_VA = 0x1_2340_0000n
const ASI_LSU_CONTROL = 0x45
const ASI_DMMU = 0x58
const PRIMARY_CONTEXT = 0x08n

const layout = createLayout({ cpus: 1, ramBytes: 1 << 20, itlbEntries: ENTRIES, dtlbEntries: ENTRIES })
const arena = new Arena(layout)
const mmu = new Mmu(arena, 0, spitfire)
mmu.storeAsi(ASI_LSU_CONTROL, 0n, BigInt(LSU_DM))
mmu.storeAsi(ASI_DMMU, PRIMARY_CONTEXT, BigInt(CONTEXT))
for (let page = 0; page < PAGES; page++) {
  const va = FIRST_VA + BigInt(page * PAGE_BYTES)
  mmu.write('dmmuTagAccess', encodeTag(va, CONTEXT))
  mmu.writeEntry(
    'data',
    page,
    encodeTte({ pa: BigInt(page * PAGE_BYTES), size: PAGE_BYTES, writable: true, cacheable: true }),
  )
}
const block = cpuBlock(layout, 0)
const tlb = new Tlb(arena, block + layout.dtlb, spitfire.dataTlb, block + REGISTER.dmmuReplacement)

const addresses: bigint[] = []
const low = new Int32Array(LOOKUPS)
const high = new Int32Array(LOOKUPS)
let random = 12345
for (let n = 0; n < LOOKUPS; n++) {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0
  const va = FIRST_VA + BigInt((random % (PAGES * PAGE_BYTES)) & ~7)
  addresses.push(va)
  low[n] = Number(va & 0xffff_ffffn)
  high[n] = Number(va >> 32n)
}
const requests = addresses.map((va) => ({
  va,
  context: 'primary' as const,
  access: 'load' as const,
  privileged: false,
  asi: 0x80,
  size: 8,
}))
for (const request of requests) {
  if (!mmu.translateData(request)) throw new Error(`no entry for ${request.va}`)
  mmu.fillFast(request.va, 'primary', false)
}
const tag = mmu.contextTag('primary', false)

/** Kept, so that no look-up is left out. */
let sum = 0

const table = mmu.data
const { words } = table
const SLOT_MASK = (FAST_ENTRIES - 1) * FAST_ENTRY_WORDS
const PAGE_AND_ALIGNMENT = -PAGE_BYTES | 7
const ADDEND = FAST_ADDEND

function fastTable(): void {
  let total = 0
  for (let n = 0; n < LOOKUPS; n++) total ^= table.lookup(low[n]!, high[n]!, tag, 8, false)
  sum += total
}

/** As engines have it: the same compare, at the place of the access. */
function fastTableInlined(): void {
  let total = 0
  for (let n = 0; n < LOOKUPS; n++) {
    const va = low[n]!
    const at = (va >>> 10) & SLOT_MASK
    const differs = (words[at]! ^ ((va & PAGE_AND_ALIGNMENT) | tag)) | (words[at + 1]! ^ high[n]!)
    total ^= differs === 0 ? (va + words[at + ADDEND]!) | 0 : -1
  }
  sum += total
}

function linearScan(context: number): void {
  let total = 0
  for (let n = 0; n < LOOKUPS; n++) total ^= tlb.match(low[n]!, high[n]!, context)
  sum += total
}

function architectural(): void {
  for (const request of requests) if (mmu.translateData(request)) sum += mmu.pa
}

const bench = new Bench({ time: 500, warmupTime: 200 })
bench.add('fast table inlined, hit', fastTableInlined)
bench.add('fast table lookup(), hit', fastTable)
bench.add('linear scan of the TLB, hit', () => linearScan(CONTEXT))
bench.add('linear scan of the TLB, miss', () => linearScan(CONTEXT + 1))
bench.add('architectural look-up, hit', architectural)
await bench.run()

const GOALS: Readonly<Record<string, string>> = { 'fast table inlined, hit': '<= 1.5' }
const NS_PER_MS = 1e6
const measured = bench.tasks.map((task): Measured => {
  const { result } = task
  if (result.state !== 'completed') throw new Error(`${task.name}: ${result.state}`)
  const each = (ms: number) => (ms * NS_PER_MS) / LOOKUPS
  const { p50, min, p99, samplesCount } = result.latency
  const goal = GOALS[task.name]
  return {
    name: task.name,
    unit: 'ns/look-up',
    median: each(p50),
    least: each(min),
    most: each(p99),
    samples: samplesCount,
    ...(goal === undefined ? {} : { goal }),
  }
})
for (let n = 0; n < LOOKUPS; n++)
  if (table.lookup(low[n]!, high[n]!, tag, 8, false) - layout.ram !== Number(addresses[n]! - FIRST_VA))
    throw new Error(`the fast table has ${addresses[n]} wrong`)
if (!Number.isFinite(sum)) throw new Error('the look-ups gave no numbers')
report('tlb-lookup', measured, { pages: PAGES, lookupsPerSample: LOOKUPS })
