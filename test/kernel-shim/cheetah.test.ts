import { describe, expect, it } from 'vitest'
import {
  CTX_HWBITS,
  FLUSH_POLICIES,
  type Kernel,
  kthread_use_mm,
  loadUser,
  mm_alloc,
  mmget,
  shim,
  smp_cross_call_masked,
  smp_flush_tlb_kernel_range,
  smp_flush_tlb_mm,
  smp_flush_tlb_page,
} from '../../src/kernel-shim'
import { __flush_tlb_mm, __flush_tlb_page } from '../../src/kernel-shim/tlb-local'
import { SeededRandom } from '../../src/smp'
import { mapPage, mappedPages, mmField, runThreads, testKernel } from './harness'

const MODELS = ['cheetah', 'cheetah-plus', 'jalapeno'] as const
const VA = 0x20000n
const PAGE = 8192n
const PRIMARY = 0x08n
const SECONDARY = 0x10n

const touch = shim('cheetah_touch', function* (mm: bigint, pages: number) {
  yield* kthread_use_mm(mm)
  for (let n = 0; n < pages; n++) yield* loadUser(VA + BigInt(n) * PAGE)
})
const local_mm = shim('cheetah_local_mm', function* (context: bigint) {
  yield* __flush_tlb_mm(context)
})
const local_page = shim('cheetah_local_page', function* (context: bigint, va: bigint) {
  yield* __flush_tlb_page(context, va)
})
const flush_mm = shim('cheetah_flush_mm', function* (mm: bigint) {
  yield* smp_flush_tlb_mm(mm)
})
const flush_page = shim('cheetah_flush_page', function* (mm: bigint, va: bigint) {
  yield* smp_flush_tlb_page(mm, va)
})
const flush_kernel = shim('cheetah_flush_kernel', function* (start: bigint, end: bigint) {
  yield* smp_flush_tlb_kernel_range(start, end)
})
const storm = shim('cheetah_storm', function* (mask: bigint, times: number) {
  for (let n = 0; n < times; n++) yield* smp_cross_call_masked('xcall_flush_tlb_mm', 77n, 0n, 0n, mask)
})

/** Some pages of an mm in the data TLB of each CPU, and entries for them that the instruction TLBs were given. */
function spread(model: (typeof MODELS)[number], cpus: number, pages = 3) {
  const kernel = testKernel({ cpus, model })
  const mm = mm_alloc(kernel)
  for (let n = 0; n < pages; n++) mapPage(kernel, mm, VA + BigInt(n) * PAGE)
  runThreads(
    kernel,
    kernel.machine.cpus.map(() => touch(mm, pages)),
  )
  const context = Number(CTX_HWBITS(mmField(kernel, mm, 'context')))
  for (const mmu of kernel.machine.mmus)
    for (let n = 0; n < pages; n++) {
      mmu.storeAsi(0x50, 0x30n, (VA + BigInt(n) * PAGE) | BigInt(context))
      mmu.storeAsi(0x54, 0n, (1n << 63n) | 0x10_0000n | 0x30n)
    }
  return { kernel, mm, context }
}
const fetchable = (kernel: Kernel, cpu: number, context: number) =>
  kernel.machine.mmus[cpu]!.entries('instruction')
    .filter((entry) => entry.valid && !entry.global && entry.context === context)
    .map((entry) => entry.va)
const contexts = (kernel: Kernel) =>
  kernel.machine.mmus.map((mmu) => [PRIMARY, SECONDARY].map((va) => mmu.loadAsi(0x58, va)))

describe.each(MODELS)('flushes on %s (Linux arch/sparc/mm/ultra.S __cheetah_flush_tlb_*)', (model) => {
  it('local: the context goes from both sides, other contexts stay, context registers are as before', () => {
    const { kernel, context } = spread(model, 1)
    const before = contexts(kernel)
    const other = context + 1
    kernel.machine.mmus[0]!.storeAsi(0x50, 0x30n, VA | BigInt(other))
    kernel.machine.mmus[0]!.storeAsi(0x54, 0n, (1n << 63n) | 0x10_0000n | 0x30n)
    runThreads(kernel, [local_mm(BigInt(context))])
    expect([mappedPages(kernel, 0, context), fetchable(kernel, 0, context)]).toEqual([[], []])
    expect(fetchable(kernel, 0, other)).toEqual([VA])
    expect(contexts(kernel)).toEqual(before)
  })

  it('local, of a page: bit 0 of the address tells whether the I-MMU has it', () => {
    const { kernel, context } = spread(model, 1)
    runThreads(kernel, [local_page(BigInt(context), VA)])
    expect([mappedPages(kernel, 0, context).length, fetchable(kernel, 0, context).length]).toEqual([2, 3])
    runThreads(kernel, [local_page(BigInt(context), (VA + PAGE) | 1n)])
    expect(mappedPages(kernel, 0, context)).toEqual([VA + 2n * PAGE])
    expect(fetchable(kernel, 0, context).sort()).toEqual([VA, VA + 2n * PAGE])
  })

  it('by cross call: the firmware flushes both sides of every other CPU and puts the contexts back', () => {
    const { kernel, mm, context } = spread(model, 4)
    const before = contexts(kernel)
    runThreads(kernel, [flush_page(mm, VA | 1n)])
    for (let cpu = 0; cpu < 4; cpu++) {
      expect(mappedPages(kernel, cpu, context).sort()).toEqual([VA + PAGE, VA + 2n * PAGE])
      expect(fetchable(kernel, cpu, context).sort()).toEqual([VA + PAGE, VA + 2n * PAGE])
    }
    runThreads(kernel, [flush_mm(mm)])
    for (let cpu = 0; cpu < 4; cpu++)
      expect([mappedPages(kernel, cpu, context), fetchable(kernel, cpu, context)]).toEqual([[], []])
    expect(contexts(kernel)).toEqual(before)
  })

  it('of kernel pages: in the nucleus context of every CPU; the locked kernel page stays', () => {
    const { kernel } = spread(model, 2)
    const KERNEL_VA = 0x1_0000_0000n
    for (const mmu of kernel.machine.mmus)
      for (const [tag, dataIn] of [
        [0x50, 0x54],
        [0x58, 0x5c],
      ] as const) {
        mmu.storeAsi(tag, 0x30n, KERNEL_VA)
        mmu.storeAsi(dataIn, 0n, (1n << 63n) | 0x10_0000n | 0x34n)
      }
    runThreads(kernel, [flush_kernel(KERNEL_VA, KERNEL_VA + PAGE)])
    for (const mmu of kernel.machine.mmus)
      for (const side of ['instruction', 'data'] as const) {
        const nucleus = mmu.entries(side).filter((entry) => entry.valid && entry.context === 0)
        expect(nucleus).toMatchObject([{ locked: true, array: 'T16' }])
      }
  })
})

describe('page sizes of the nucleus (Linux CTX_CHEETAH_PLUS_NUC)', () => {
  const NUCLEUS = (3n << 61n) | (0n << 58n)

  it.each(MODELS)('are kept in the primary context register by switches and flushes: %s', (model) => {
    const { kernel, mm, context } = spread(model, 2)
    runThreads(kernel, [flush_mm(mm)])
    const expected = model === 'cheetah' ? 0n : NUCLEUS
    for (const mmu of kernel.machine.mmus) expect(mmu.loadAsi(0x58, PRIMARY)).toBe(expected | BigInt(context))
  })

  it('are kept also while another context is the primary one, by local flushes and by cross calls', () => {
    const { kernel, mm } = spread('cheetah-plus', 2)
    const written = kernel.machine.mmus.map((mmu) => {
      const values: bigint[] = []
      const store = mmu.storeAsi.bind(mmu)
      mmu.storeAsi = (asi, va, value) => {
        if (asi === 0x58 && va === PRIMARY) values.push(BigInt.asUintN(64, value))
        store(asi, va, value)
      }
      return values
    })
    runThreads(kernel, [flush_mm(mm)])
    for (const values of written) {
      expect(values).toHaveLength(2)
      for (const value of values) expect(value & (0x3fn << 58n)).toBe(NUCLEUS)
    }
  })
})

describe('cross calls (Linux arch/sparc/kernel/smp_64.c cheetah_xcall_deliver)', () => {
  /** The BUSY/NACK pairs of the dispatches to CPUs, in the order they were sent in. */
  function traced(model: (typeof MODELS)[number], cpus: number, mask: bigint, busy: readonly number[] = []) {
    const kernel = testKernel({ cpus, model })
    const sent: number[] = []
    const nacked: number[] = []
    kernel.machine.events.on('mondo-sent', ({ target }) => void sent.push(target))
    kernel.machine.events.on('mondo-nacked', ({ target }) => void nacked.push(target))
    for (const cpu of busy) {
      kernel.machine.cpus[cpu]!.set('mondoIn', kernel.symbol('xcall_flush_tlb_mm'), 0)
      kernel.machine.cpus[cpu]!.set('mondoReceive', 0x20n)
      kernel.machine.cpus[cpu]!.modeChanged()
    }
    runThreads(kernel, [storm(mask, 1)])
    return { kernel, sent, nacked }
  }
  const ALL = (1n << 64n) - 1n

  it.each(['cheetah', 'cheetah-plus'] as const)('%s sends to 63 CPUs, 32 with one look at the status', (model) => {
    const { kernel, sent, nacked } = traced(model, 64, ALL)
    expect(sent).toEqual(Array.from({ length: 63 }, (_, n) => n + 1))
    expect([nacked, kernel.tree.counters.crossCalls]).toEqual([[], { sent: 63, nacked: 0, taken: 63 }])
  })

  it('cheetah sends again to those that refused, and to no others', () => {
    const { kernel, sent, nacked } = traced('cheetah', 8, 0xffn, [2, 6])
    expect(sent.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(new Set(nacked)).toEqual(new Set([2, 6]))
    const again = sent.slice(7)
    expect(again.every((cpu) => cpu === 2 || cpu === 6)).toBe(true)
    expect(again.length).toBe(nacked.length)
    expect(kernel.tree.counters.crossCalls.taken).toBe(7 + 2)
  })

  it('jalapeno has four CPUs at a time, none with the pair of another', () => {
    const { kernel, sent } = traced('jalapeno', 12, 0xfffn)
    expect([...sent].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    for (let n = 0; n < sent.length; n += 4) {
      const pairs = sent.slice(n, n + 4).map((cpu) => cpu & 3)
      expect(new Set(pairs).size).toBe(pairs.length)
    }
    expect(kernel.tree.counters.crossCalls).toEqual({ sent: 11, nacked: 0, taken: 11 })
  })

  it.each(MODELS)('of all CPUs at once all arrive, with refusals on the way: %s', (model) => {
    const kernel = testKernel({ cpus: 12, model, scheduler: new SeededRandom(5, 2) })
    runThreads(
      kernel,
      kernel.machine.cpus.map(() => storm(0xfffn, 6)),
    )
    const { sent, nacked, taken } = kernel.tree.counters.crossCalls
    expect(taken).toBe(12 * 11 * 6)
    expect(sent - nacked).toBe(taken)
    expect(nacked).toBeGreaterThan(0)
  })
})

describe('64 CPUs', () => {
  it.each(FLUSH_POLICIES)('are all in the mask of an mm, and a flush under %s reaches each', (policy) => {
    const kernel = testKernel({ cpus: 64, model: 'cheetah-plus', policy })
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA)
    const join = shim(`cheetah_join_${policy}`, function* (mm: bigint) {
      yield* mmget(mm)
      yield* touch(mm, 1)
    })
    runThreads(
      kernel,
      kernel.machine.cpus.map(() => join(mm)),
    )
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe((1n << 64n) - 1n)
    const context = Number(CTX_HWBITS(mmField(kernel, mm, 'context')))
    runThreads(kernel, [undefined, flush_mm(mm)])
    for (const cpu of kernel.machine.cpus) expect(mappedPages(kernel, cpu.index, context)).toEqual([])
  })
})
