import { describe, expect, it } from 'vitest'
import type { ModelName } from '../../src/isa/models'
import { type Kernel, shim, type Yieldable } from '../../src/kernel-shim'
import {
  __flush_tlb_kernel_range,
  __flush_tlb_mm,
  __flush_tlb_page,
  __flush_tlb_pending,
} from '../../src/kernel-shim/tlb-local'
import { runThreads, testKernel } from './harness'

const MODELS: readonly ModelName[] = ['ultrasparc-i', 'ultrasparc-ii', 'cheetah', 'cheetah-plus', 'jalapeno']
const VA = 0x2_0000n
const PAGE = 8192n
const PAGES = Array.from({ length: 6 }, (_, n) => VA + BigInt(n) * PAGE)
const CONTEXT = 0x154n
const [PRIMARY_CONTEXT, SECONDARY_CONTEXT] = [0x08n, 0x10n]
/** What the context registers hold meanwhile: other contexts, with bits that the flushed one lacks. */
const [PRIMARY, SECONDARY] = [0x0abn, 0x1fffn]
const OTHERS = [0n, PRIMARY, SECONDARY] as const
/** Of the nucleus, in the register of UltraSPARC III+ only. */
const PAGE_SIZES = 0x3fn << 58n

/** Of the tag access extension: 4M in array 0, 8K in array 1. */
const NUCLEUS_SIZES = 3n << 16n

const SIDES = [
  { side: 'instruction', tagAccess: 0x50, dataIn: 0x54 },
  { side: 'data', tagAccess: 0x58, dataIn: 0x5c },
] as const
type Side = (typeof SIDES)[number]['side']
type Entry = readonly [Side, bigint, bigint]

const flush_mm = shim('test_local_mm', function* (context: bigint) {
  yield* __flush_tlb_mm(context)
})
const flush_page = shim('test_local_page', function* (context: bigint, vaddr: bigint) {
  yield* __flush_tlb_page(context, vaddr)
})
const flush_pending = shim('test_local_pending', function* (context: bigint, nr: number, vaddrs: bigint) {
  yield* __flush_tlb_pending(context, nr, vaddrs)
})
const flush_kernel = shim('test_local_kernel', function* (start: bigint, end: bigint) {
  yield* __flush_tlb_kernel_range(start, end)
})

/** A kernel whose CPU holds, on both sides, each page of CONTEXT and of one of the others: as many as a set has ways. */
function filled(model: ModelName): Kernel {
  const kernel = testKernel({ model })
  const mmu = kernel.machine.mmus[0]!
  for (const { tagAccess, dataIn } of SIDES)
    for (const [n, va] of PAGES.entries())
      for (const context of [CONTEXT, OTHERS[n % 3]!]) {
        mmu.storeAsi(tagAccess, 0x30n, va | context)
        if (mmu.model.rules.contextPageSizes) mmu.storeAsi(0x58, 0x60n, context === 0n ? NUCLEUS_SIZES : 0n)
        mmu.storeAsi(dataIn, 0n, (1n << 63n) | 0x10_0000n | 0x30n)
      }
  mmu.storeAsi(0x58, PRIMARY_CONTEXT, (mmu.loadAsi(0x58, PRIMARY_CONTEXT) & PAGE_SIZES) | PRIMARY)
  mmu.storeAsi(0x58, SECONDARY_CONTEXT, SECONDARY)
  expect(held(kernel)).toHaveLength(2 * 2 * PAGES.length)
  return kernel
}
const held = (kernel: Kernel): Entry[] =>
  SIDES.flatMap(({ side }) =>
    kernel.machine.mmus[0]!.entries(side)
      .filter((entry) => entry.valid && !entry.global)
      .map(({ va, context }) => [side, BigInt(context), va] as const),
  ).sort()
const registers = (kernel: Kernel) =>
  [PRIMARY_CONTEXT, SECONDARY_CONTEXT].map((va) => kernel.machine.mmus[0]!.loadAsi(0x58, va))

/** Flushes, and expects to be gone what `flushed` says and nothing else. */
function expectFlush(kernel: Kernel, call: Yieldable<unknown>, flushed: (entry: Entry) => boolean): void {
  const before = held(kernel)
  const contexts = registers(kernel)
  runThreads(kernel, [call])
  expect(held(kernel)).toEqual(before.filter((entry) => !flushed(entry)))
  expect(registers(kernel)).toEqual(contexts)
}

describe.each(MODELS)('a CPU flushes its own TLBs (Linux arch/sparc/mm/ultra.S): %s', (model) => {
  it('of a context: all of its pages, on both sides', () => {
    expectFlush(filled(model), flush_mm(CONTEXT), ([, context]) => context === CONTEXT)
  })

  it('of a page: from the data side, and from the other one if bit 0 of the address is set', () => {
    for (const exec of [0n, 1n]) {
      const flushed = ([side, context, va]: Entry) =>
        context === CONTEXT && va === PAGES[2] && (side === 'data' || exec === 1n)
      expectFlush(filled(model), flush_page(CONTEXT, PAGES[2]! | exec), flushed)
    }
  })

  it('of as many pages of an array as it is told, each with a bit 0 of its own', () => {
    for (let nr = 0; nr <= 4; nr++) {
      const kernel = filled(model)
      const array = kernel.allocator.heap(128)
      const listed = [PAGES[4]!, PAGES[0]! | 1n, PAGES[3]!, PAGES[5]! | 1n]
      for (const [n, vaddr] of [PAGES[1]!, ...listed, PAGES[2]!].entries())
        kernel.machine.poke(Number(array) + n * 8, 8, vaddr)
      const flushed = ([side, context, va]: Entry) =>
        context === CONTEXT &&
        listed.slice(0, nr).some((vaddr) => (vaddr & ~1n) === va && (side === 'data' || (vaddr & 1n) === 1n))
      expectFlush(kernel, flush_pending(CONTEXT, nr, array + 8n), flushed)
    }
  })

  it.each([
    ['whole pages', PAGES[1]!, PAGES[4]!],
    ['from within a page to within a page', PAGES[1]! + 0x18n, PAGES[3]! + 8n],
    ['less than a page', PAGES[3]! + 8n, PAGES[3]! + 16n],
    ['nothing', PAGES[3]!, PAGES[3]!],
  ])('of the kernel: the pages of the nucleus context that the range touches: %s', (_, start, end) => {
    const flushed = ([, context, va]: Entry) => context === 0n && va + PAGE > start && va < end
    expectFlush(filled(model), flush_kernel(start, end), flushed)
  })
})

it('a flush of the own TLBs is named by what it flushes', () => {
  const kernel = testKernel()
  const names: string[] = []
  for (const call of [
    flush_mm(5n),
    flush_page(5n, 0x2_6001n),
    flush_pending(5n, 0, 0x1000n),
    flush_kernel(0xa000n, 0xc000n),
  ]) {
    kernel.spawn(0, call)
    while (kernel.currentTask(0).frames.length > 0) kernel.machine.step(0)
    names.push((kernel.gate.last as { operation: string } | undefined)!.operation)
  }
  expect(names).toEqual([
    '__flush_tlb_mm ctx 5',
    '__flush_tlb_page ctx 5 0x26000',
    '__flush_tlb_pending ctx 5 0 pages',
    '__flush_tlb_kernel_range 0xa000',
  ])
})
