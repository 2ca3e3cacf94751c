import { describe, expect, it } from 'vitest'
import {
  arch_enter_lazy_mmu_mode,
  arch_leave_lazy_mmu_mode,
  CTX_HWBITS,
  FLUSH_POLICIES,
  type FlushPolicy,
  flush_tlb_page,
  type Kernel,
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  local_irq_restore,
  local_irq_save,
  mk_pte,
  mm_alloc,
  note,
  PER_CPU,
  ptep_get_and_clear,
  shim,
  smp_flush_tlb_kernel_range,
  smp_flush_tlb_mm,
  smp_flush_tlb_page,
  TLB_BATCH_NR,
  tlb_batch_add,
} from '../../src/kernel-shim'
import { SeededRandom } from '../../src/smp'
import { mapPage, mappedPages, mmField, record, recorded, runThreads, setMmField, testKernel } from './harness'

const VA = 0x20000n
const PAGE = 8192n
const CPUS = 4
const ALL = (1n << BigInt(CPUS)) - 1n

const use_and_touch = shim('test_use_and_touch', function* (mm: bigint, pages: number) {
  yield* kthread_use_mm(mm)
  for (let n = 0; n < pages; n++) yield* loadUser(VA + BigInt(n) * PAGE)
})
const touch_and_leave = shim('test_touch_and_leave', function* (mm: bigint, pages: number) {
  yield* use_and_touch(mm, pages)
  yield* kthread_unuse_mm(mm)
})
const unmap_page = shim('test_unmap_page', function* (mm: bigint, va: bigint) {
  const pte = yield* ptep_get_and_clear(mm, va)
  if (pte !== 0n) yield* tlb_batch_add(mm, va, pte)
})
const unmap_batched = shim('test_unmap_batched', function* (mm: bigint, pages: number) {
  yield* arch_enter_lazy_mmu_mode()
  for (let n = 0; n < pages; n++) yield* unmap_page(mm, VA + BigInt(n) * PAGE)
  yield* arch_leave_lazy_mmu_mode()
})
shim('test_flush_irqs_off', function* (mm: bigint) {
  const flags = yield* local_irq_save()
  yield* smp_flush_tlb_page(mm, VA)
  yield* local_irq_restore(flags)
})

/** An mm that all CPUs run, with pages that all have in their TLBs; CPU 0 has it as its own. */
function spread(
  policy: FlushPolicy,
  users: bigint,
  pages = 2,
  leave = false,
  config = {},
): { kernel: Kernel; mm: bigint; number: number } {
  const kernel = testKernel({ cpus: CPUS, policy, ...config })
  const mm = mm_alloc(kernel)
  for (let n = 0; n < pages; n++) mapPage(kernel, mm, VA + BigInt(n) * PAGE)
  runThreads(kernel, [
    use_and_touch(mm, pages),
    ...Array.from({ length: CPUS - 1 }, () => (leave ? touch_and_leave : use_and_touch)(mm, pages)),
  ])
  setMmField(kernel, mm, 'mm_users', users)
  expect(mmField(kernel, mm, 'mm_cpumask')).toBe(ALL)
  return { kernel, mm, number: Number(CTX_HWBITS(mmField(kernel, mm, 'context'))) }
}
const push = (kernel: Kernel, cpu: number, name: string, args: (bigint | number)[]) => {
  kernel.currentTask(cpu).frames.push({ function: name, args, results: [] })
  kernel.machine.wake()
  runThreads(kernel, [])
}
const holders = (kernel: Kernel, number: number, va = VA) =>
  kernel.machine.cpus.filter(({ index }) => mappedPages(kernel, index, number).includes(va)).map(({ index }) => index)

describe('smp_flush_tlb_mm, _page and _pending', () => {
  const shared = [
    ['test_flush_mm', 'mm'],
    ['test_flush_page', 'page'],
    ['test_unmap_batched', 'pending'],
  ] as const
  shim('test_flush_mm', function* (mm: bigint) {
    yield* smp_flush_tlb_mm(mm)
  })
  shim('test_flush_page', function* (mm: bigint) {
    yield* flush_tlb_page(mm, VA)
  })

  it.each(FLUSH_POLICIES.flatMap((policy) => shared.map(([name, kind]) => [policy, kind, name] as const)))(
    '%s, %s, mm of several threads: every member is called, the mask stays',
    (policy, kind, name) => {
      const { kernel, mm, number } = spread(policy, 4n)
      push(kernel, 0, name, [mm, 2])
      expect(kernel.tree.counters.crossCalls.sent - kernel.tree.counters.crossCalls.nacked).toBe(CPUS - 1)
      expect(kernel.tree.counters.flushes[kind]).toBe(1)
      expect(mmField(kernel, mm, 'mm_cpumask')).toBe(ALL)
      expect(holders(kernel, number)).toEqual([])
    },
  )

  it('keep other pages and other address spaces, and leave the registers of the called CPUs as they were', () => {
    const { kernel, mm, number } = spread('cross-call', 4n)
    const before = kernel.machine.cpus.map(({ mmu }) => [mmu.loadAsi(0x58, 8n), mmu.loadAsi(0x58, 16n)])
    push(kernel, 0, 'test_flush_page', [mm])
    expect([holders(kernel, number), holders(kernel, number, VA + PAGE)]).toEqual([[], [0, 1, 2, 3]])
    expect(kernel.machine.cpus.map(({ mmu }) => [mmu.loadAsi(0x58, 8n), mmu.loadAsi(0x58, 16n)])).toEqual(before)
  })

  it('cross-call, mm of one thread: calls them all each time', () => {
    const { kernel, mm } = spread('cross-call', 1n)
    for (let n = 1; n <= 3; n++) {
      push(kernel, 0, 'test_flush_page', [mm])
      expect(kernel.tree.counters.crossCalls.sent).toBe(n * (CPUS - 1))
    }
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(ALL)
  })

  it('local-trim, mm of one thread: calls nobody and makes itself the only member', () => {
    const { kernel, mm, number } = spread('local-trim', 1n)
    push(kernel, 0, 'test_flush_page', [mm])
    expect(kernel.tree.counters.crossCalls.sent).toBe(0)
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(1n)
    expect(holders(kernel, number)).toEqual([1, 2, 3])
  })

  it('local-trim, one thread: page and pending call all if the mm is not the caller’s own, mm does not', () => {
    for (const [name, sent] of [
      ['test_flush_page', 3],
      ['test_flush_mm', 0],
    ] as const) {
      const { kernel, mm } = spread('local-trim', 1n)
      const task = kernel.current(0)
      kernel.machine.poke(Number(task), 8, 0n)
      push(kernel, 0, name, [mm])
      expect([name, kernel.tree.counters.crossCalls.sent]).toEqual([name, sent])
    }
  })

  it('ipi-trim, one thread: asks all once, they flush and leave, and then there is nobody to ask', () => {
    const { kernel, mm, number } = spread('ipi-trim', 1n, 2, true)
    push(kernel, 0, 'test_flush_page', [mm])
    expect(kernel.tree.counters.crossCalls.sent).toBe(CPUS - 1)
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(1n)
    expect(holders(kernel, number)).toEqual([])
    push(kernel, 0, 'test_flush_page', [mm])
    expect(kernel.tree.counters.crossCalls.sent).toBe(CPUS - 1)
  })

  it('ipi-trim: each clears its own bit and no other, and who runs the mm stays', () => {
    const { kernel, mm } = spread('ipi-trim', 1n, 2, true)
    push(kernel, 2, 'kthread_use_mm', [mm])
    const writes: [number, bigint][] = []
    kernel.events.maskWrite = (cpu, written, before, after) => {
      if (written === mm) writes.push([cpu, before ^ after])
    }
    push(kernel, 0, 'test_flush_page', [mm])
    expect(writes.map(([cpu]) => cpu).sort()).toEqual([1, 3])
    for (const [cpu, changed] of writes) expect(changed).toBe(1n << BigInt(cpu))
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(0b101n)
  })

  it('ipi-trim with interrupts off falls back to cross-call', () => {
    const { kernel, mm, number } = spread('ipi-trim', 1n, 2, true)
    push(kernel, 0, 'test_flush_irqs_off', [mm])
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(ALL)
    expect(holders(kernel, number)).toEqual([])
    expect(kernel.machine.cpus[0]!.get('pil')).toBe(0n)
  })

  it.each(['cross-call', 'ipi-trim'] as const)(
    '%s: a page that returned from its flush is read nowhere, under any schedule',
    (policy) => {
      for (let seed = 1; seed <= 25; seed++) {
        const kernel = testKernel({ cpus: CPUS, policy, scheduler: new SeededRandom(seed, 3) })
        const mm = mm_alloc(kernel)
        const page = mapPage(kernel, mm, VA)
        kernel.machine.poke(Number(page), 8, 5n)
        runThreads(kernel, [owner(mm), reader(mm), reader(mm), reader(mm)])
        const at = recorded(kernel).indexOf('flushed')
        const late = recorded(kernel)
          .slice(at + 1)
          .filter((value) => value === 5n)
        expect([seed, late]).toEqual([seed, []])
        expect(recorded(kernel).filter((value) => value === 'EFAULT').length).toBeGreaterThan(0)
      }
    },
  )
  const owner = shim('test_owner', function* (mm: bigint) {
    yield* kthread_use_mm(mm)
    yield* unmap_batched(mm, 1)
    yield* record('flushed')
  })
  const reader = shim('test_reader', function* (mm: bigint) {
    for (let n = 0; n < 6; n++) {
      yield* kthread_use_mm(mm)
      yield* record(yield* loadUser(VA))
      yield* kthread_unuse_mm(mm)
    }
  })
})

describe('smp_flush_tlb_kernel_range', () => {
  const load_kernel_page = shim('test_kernel_range', function* (start: bigint, end: bigint) {
    yield* smp_flush_tlb_kernel_range(start, end)
  })

  it('drops the range of the nucleus context on every CPU, and nothing else', () => {
    const kernel = testKernel({ cpus: CPUS })
    const pages = [0x8000_0000n, 0x8000_2000n, 0x8000_4000n, 0x8000_6000n]
    for (const { mmu } of kernel.machine.cpus) {
      for (const va of pages) {
        mmu.storeAsi(0x58, 0x30n, va)
        mmu.storeAsi(0x5c, 0n, (1n << 63n) | 0x36n)
      }
    }
    runThreads(kernel, [undefined, load_kernel_page(pages[1]!, pages[3]!)])
    for (const { index } of kernel.machine.cpus) expect(mappedPages(kernel, index, 0)).toEqual([pages[0], pages[3]])
    expect(kernel.tree.counters.crossCalls.sent).toBe(CPUS - 1)
    runThreads(kernel, [undefined, load_kernel_page(pages[3]!, pages[3]!)])
    expect(kernel.tree.counters.crossCalls.sent).toBe(CPUS - 1)
  })
})

describe('batching (Linux arch/sparc/mm/tlb.c)', () => {
  const batchCount = (kernel: Kernel) => kernel.machine.peek(Number(kernel.perCpu(0) + PER_CPU.tlb_batch_nr), 8)

  it('gathers pages and flushes them at the end: one page as a page, more as pending', () => {
    for (const [pages, kind] of [
      [1, 'page'],
      [2, 'pending'],
      [5, 'pending'],
    ] as const) {
      const { kernel, mm, number } = spread('cross-call', 4n, 5)
      push(kernel, 0, 'test_unmap_batched', [mm, pages])
      expect([pages, kernel.tree.counters.flushes[kind]]).toEqual([pages, 1])
      for (let n = 0n; n < 5n; n++)
        expect(holders(kernel, number, VA + n * PAGE)).toEqual(n < pages ? [] : [0, 1, 2, 3])
      expect(batchCount(kernel)).toBe(0n)
    }
  })

  it('flushes when it is full', () => {
    const pages = TLB_BATCH_NR + 3
    const kernel = testKernel({ cpus: 2, ramBytes: 16 << 20 })
    const mm = mm_alloc(kernel)
    for (let n = 0; n < pages; n++) mapPage(kernel, mm, VA + BigInt(n) * PAGE)
    runThreads(kernel, [use_and_touch(mm, 4), use_and_touch(mm, 4)])
    push(kernel, 0, 'test_unmap_batched', [mm, pages])
    expect(kernel.tree.counters.flushes.pending).toBe(2)
    const number = Number(CTX_HWBITS(mmField(kernel, mm, 'context')))
    expect([0, 1].map((cpu) => mappedPages(kernel, cpu, number))).toEqual([[], []])
  })

  it('flushes at once when it is not active, and before it changes to another mm', () => {
    const { kernel, mm } = spread('cross-call', 4n)
    push(kernel, 0, 'test_unmap_page', [mm, VA])
    expect(kernel.tree.counters.flushes).toMatchObject({ page: 1, pending: 0 })
    const other = mm_alloc(kernel)
    mapPage(kernel, other, VA)
    push(kernel, 0, 'test_two_mms', [mm, other])
    expect(recorded(kernel)).toEqual([1, 1, 2])
  })
  shim('test_two_mms', function* (mm: bigint, other: bigint) {
    yield* arch_enter_lazy_mmu_mode()
    yield* unmap_page(mm, VA + PAGE)
    yield* record_page_flushes()
    yield* arch_enter_lazy_mmu_mode()
    yield* record_page_flushes()
    yield* unmap_page(other, VA)
    yield* record_page_flushes()
    yield* arch_leave_lazy_mmu_mode()
  })
  const record_page_flushes = shim('test_record_page_flushes', function* () {
    yield* record(yield* note('page flushes', ({ kernel }) => kernel.tree.counters.flushes.page))
  })

  it('gathers an address within a page as that page', () => {
    const { kernel, mm } = spread('cross-call', 4n)
    push(kernel, 0, 'test_batch_within_page', [mm])
    expect(recorded(kernel)).toEqual([VA])
  })
  shim('test_batch_within_page', function* (mm: bigint) {
    yield* arch_enter_lazy_mmu_mode()
    yield* tlb_batch_add(mm, VA + PAGE - 1n, mk_pte(0n, { write: true }))
    const gathered = note('gathered', ({ kernel }) =>
      kernel.machine.peek(Number(kernel.perCpu(0) + PER_CPU.tlb_batch_vaddrs), 8),
    )
    yield* record(yield* gathered)
    yield* arch_leave_lazy_mmu_mode()
  })

  it('does nothing to TLBs for an mm that has no context number, but clears its TSB', () => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    for (let n = 0n; n < 3n; n++) mapPage(kernel, mm, VA + n * PAGE)
    runThreads(kernel, [unmap_batched(mm, 3)])
    expect(kernel.tree.counters.flushes).toMatchObject({ page: 0, pending: 0 })
  })
})
