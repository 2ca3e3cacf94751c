import { describe, expect, it } from 'vitest'
import {
  arch_enter_lazy_mmu_mode,
  arch_leave_lazy_mmu_mode,
  flush_tlb_pending,
  type Kernel,
  kthread_use_mm,
  mk_pte,
  mm_alloc,
  shim,
  TLB_BATCH_NR,
  TSB_TAG_INVALID,
  tlb_batch_add,
} from '../../src/kernel-shim'
import { tsb_entry, tsb_tag } from '../../src/kernel-shim/tsb'
import { mmField, runThreads, setMmField, testKernel } from './harness'

const VA = 0x20_0000n
const PAGE = 8192n
const [DATA, CODE] = [mk_pte(0n, { write: true }), mk_pte(0n, { exec: true })]

const use = shim('test_batch_use', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
})
/** Pages as [mm, address, entry], with or without a batch around them. */
const unmap = shim('test_batch_unmap', function* (lazy: boolean, pages: [bigint, bigint, bigint][]) {
  if (lazy) yield* arch_enter_lazy_mmu_mode()
  for (const page of pages) yield* add(...page)
  if (lazy) yield* arch_leave_lazy_mmu_mode()
})
const add = shim('test_batch_add', function* (mm: bigint, va: bigint, pte: bigint) {
  yield* tlb_batch_add(mm, va, pte)
})

/** The flushes of a run: by what function, of what mm, of what pages. */
function flushes(kernel: Kernel, run: () => void) {
  const begun: [string, bigint, readonly bigint[] | 'all'][] = []
  kernel.events.flushBegin = (_cpu, mm, _context, vas, name) => {
    begun.push([name, mm, vas])
    return 1
  }
  run()
  return begun
}
function kernelWith(count: number): { kernel: Kernel; mms: bigint[] } {
  const kernel = testKernel({ cpus: 2 })
  const mms = Array.from({ length: count }, () => mm_alloc(kernel))
  for (const mm of mms) runThreads(kernel, [use(mm), use(mm)])
  return { kernel, mms }
}

describe('a batch of unmapped pages (Linux arch/sparc/mm/tlb.c)', () => {
  it('is flushed when it is full, and the rest at the end', () => {
    const { kernel, mms } = kernelWith(1)
    for (const [pages, sizes] of [
      [TLB_BATCH_NR - 1, [TLB_BATCH_NR - 1]],
      [TLB_BATCH_NR, [TLB_BATCH_NR]],
      [TLB_BATCH_NR + 1, [TLB_BATCH_NR, 1]],
    ] as const) {
      const list = Array.from(
        { length: pages },
        (_, n) => [mms[0]!, VA + BigInt(n) * PAGE, DATA] as [bigint, bigint, bigint],
      )
      const begun = flushes(kernel, () => runThreads(kernel, [unmap(true, list)]))
      expect(begun.map(([, , vas]) => vas.length)).toEqual(sizes)
      expect(begun.flatMap(([, , vas]) => [...vas])).toEqual(list.map(([, va]) => va))
    }
  })

  it('is of one mm: another one’s page has it flushed first, and the next batch begins', () => {
    const { kernel, mms } = kernelWith(2)
    const [a, b] = [mms[0]!, mms[1]!]
    const pages: [bigint, bigint, bigint][] = [
      [a, VA, DATA],
      [a, VA + PAGE, CODE],
      [b, VA + 2n * PAGE, DATA],
      [b, VA + 3n * PAGE, DATA],
      [a, VA + 4n * PAGE, DATA],
    ]
    expect(flushes(kernel, () => runThreads(kernel, [unmap(true, pages)]))).toEqual([
      ['flush_tlb_pending', a, [VA, VA + PAGE]],
      ['flush_tlb_pending', b, [VA + 2n * PAGE, VA + 3n * PAGE]],
      ['flush_tlb_pending', a, [VA + 4n * PAGE]],
    ])
  })

  it('is not made outside of lazy mode: each page is flushed at once', () => {
    const { kernel, mms } = kernelWith(2)
    const pages: [bigint, bigint, bigint][] = [
      [mms[0]!, VA + 0x18n, DATA],
      [mms[1]!, VA + PAGE - 1n, CODE],
    ]
    const expected = [
      ['flush_tlb_page', mms[0], [VA]],
      ['flush_tlb_page', mms[1], [VA]],
    ]
    for (const _ of ['first', 'after a batch']) {
      expect(flushes(kernel, () => runThreads(kernel, [unmap(false, pages)]))).toEqual(expected)
      runThreads(kernel, [unmap(true, pages)])
    }
  })

  it('of nothing flushes nothing', () => {
    const { kernel } = kernelWith(1)
    expect(flushes(kernel, () => runThreads(kernel, [unmap(true, []), flush_nothing()]))).toEqual([])
    expect(kernel.tree.counters.flushes).toEqual({ mm: 0, page: 0, pending: 0, kernel_range: 0 })
  })
  const flush_nothing = shim('test_batch_flush_nothing', function* () {
    yield* flush_tlb_pending()
  })

  it.each([1, 2, 5])('takes its pages out of the TSB: %i of them', (count) => {
    const { kernel, mms } = kernelWith(1)
    const mm = mms[0]!
    const tsb = mmField(kernel, mm, 'tsb')
    const context = mmField(kernel, mm, 'context')
    const pages = Array.from({ length: 7 }, (_, n) => VA + BigInt(n) * PAGE)
    for (const va of pages) kernel.machine.poke(Number(tsb_entry(tsb, va)), 8, tsb_tag(context, va))
    runThreads(kernel, [
      unmap(
        true,
        pages.slice(1, 1 + count).map((va) => [mm, va + 0x10n, CODE]),
      ),
    ])
    const left = pages.filter((va) => kernel.machine.peek(Number(tsb_entry(tsb, va)), 8) !== TSB_TAG_INVALID)
    expect(left).toEqual(pages.filter((_, n) => n < 1 || n > count))
  })

  it('demaps data pages of the data side only, code pages of both', () => {
    const { kernel, mms } = kernelWith(1)
    const context = mmField(kernel, mms[0]!, 'context') & 0x1fffn
    const pages = [VA, VA + PAGE, VA + 2n * PAGE]
    for (const mmu of kernel.machine.mmus)
      for (const [tagAccess, dataIn] of [
        [0x50, 0x54],
        [0x58, 0x5c],
      ] as const)
        for (const va of pages) {
          mmu.storeAsi(tagAccess, 0x30n, va | context)
          mmu.storeAsi(dataIn, 0n, (1n << 63n) | 0x30n)
        }
    runThreads(kernel, [
      unmap(true, [
        [mms[0]!, VA, DATA],
        [mms[0]!, VA + PAGE, CODE],
      ]),
    ])
    const held = (cpu: number, side: 'instruction' | 'data') =>
      kernel.machine.mmus[cpu]!.entries(side)
        .filter((entry) => entry.valid && BigInt(entry.context) === context)
        .map(({ va }) => va)
    for (const cpu of [0, 1]) {
      expect(held(cpu, 'instruction')).toEqual([VA, VA + 2n * PAGE])
      expect(held(cpu, 'data')).toEqual([VA + 2n * PAGE])
    }
  })

  it('does not flush TLBs of an mm whose number is of a version before', () => {
    const { kernel, mms } = kernelWith(1)
    setMmField(kernel, mms[0]!, 'context', mmField(kernel, mms[0]!, 'context') + (1n << 13n))
    for (const count of [1, 2])
      runThreads(kernel, [
        unmap(
          true,
          Array.from({ length: count }, (_, n) => [mms[0]!, VA + BigInt(n) * PAGE, DATA] as [bigint, bigint, bigint]),
        ),
      ])
    expect(kernel.tree.counters.flushes).toEqual({ mm: 0, page: 0, pending: 0, kernel_range: 0 })
    expect(kernel.tree.cpus.map(({ flushDepth }) => flushDepth)).toEqual([0, 0])
  })
})
