import { describe, expect, it } from 'vitest'
import {
  CTX_HWBITS,
  FIRMWARE_PA,
  flush_tlb_page,
  type Kernel,
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  mk_pte,
  mm_alloc,
  ptep_get_and_clear,
  REFILLS,
  type Refill,
  shim,
  storeUser,
} from '../../src/kernel-shim'
import { mapPage, mappedPages, mmField, record, recorded, runThreads, settle, testKernel } from '../kernel-shim/harness'

const VA = 0x20000n
const TSB_ENTRIES = 512n
const TAG_LOCK = 1n << 47n
const TAG_INVALID = 1n << 46n

const touch = shim('test_touch', function* (mm: bigint, va: bigint) {
  yield* kthread_use_mm(mm)
  yield* record(yield* loadUser(va))
})
shim('test_touch_again', function* (va: bigint) {
  yield* record(yield* loadUser(va))
})
const write_page = shim('test_write_page', function* (mm: bigint, va: bigint) {
  yield* kthread_use_mm(mm)
  yield* record(yield* storeUser(va, 1n))
  yield* kthread_unuse_mm(mm)
})
const unmap = shim('test_unmap', function* (mm: bigint, va: bigint) {
  yield* ptep_get_and_clear(mm, va)
  yield* flush_tlb_page(mm, va)
})

const tsbSlot = (kernel: Kernel, mm: bigint, va: bigint) =>
  Number(mmField(kernel, mm, 'tsb') + ((va >> 13n) % TSB_ENTRIES) * 16n)
const tsbEntry = (kernel: Kernel, mm: bigint, va: bigint) => {
  const slot = tsbSlot(kernel, mm, va)
  return { tag: kernel.machine.peek(slot, 8), data: kernel.machine.peek(slot + 8, 8) }
}
const tagOf = (kernel: Kernel, mm: bigint, va: bigint) =>
  (CTX_HWBITS(mmField(kernel, mm, 'context')) << 48n) | (va >> 22n)
const numberOf = (kernel: Kernel, mm: bigint) => Number(CTX_HWBITS(mmField(kernel, mm, 'context')))

describe('the data TLB miss handler', () => {
  it.each([VA, 0x123_4567_8000n, (1n << 43n) - 8192n])(
    'walks three levels and fills TSB and TLB for 0x%s',
    (address) => {
      const va = address - (address % 8192n)
      for (const refill of REFILLS) {
        const kernel = testKernel({ refill })
        const mm = mm_alloc(kernel)
        const page = mapPage(kernel, mm, va)
        kernel.machine.poke(Number(page), 8, 123n)
        runThreads(kernel, [touch(mm, va)])
        expect(recorded(kernel)).toEqual([123n])
        expect(tsbEntry(kernel, mm, va)).toEqual({ tag: tagOf(kernel, mm, va), data: mk_pte(page, { write: true }) })
        expect(mappedPages(kernel, 0, numberOf(kernel, mm))).toEqual([va])
      }
    },
  )

  it('takes a matching TSB entry without a walk', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    const page = mapPage(kernel, mm, VA)
    runThreads(kernel, [touch(mm, VA)])
    const other = kernel.allocator.page()!
    kernel.machine.poke(Number(other), 8, 55n)
    kernel.machine.poke(tsbSlot(kernel, mm, VA) + 8, 8, mk_pte(other, {}))
    kernel.machine.cpus[0]!.mmu.storeAsi(0x5f, VA, 0n)
    kernel.currentTask(0).frames.push({ function: 'test_touch_again', args: [VA], results: [] })
    kernel.machine.wake()
    settle(kernel)
    expect(recorded(kernel)).toEqual([0n, 55n])
    expect(page).not.toBe(other)
  })

  it.each([
    ['a locked tag', TAG_LOCK],
    ['another context', 1n << 48n],
    ['another address', 1n],
    ['an invalid tag', TAG_INVALID],
  ])('does not take a TSB entry with %s', (what, bits) => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA)
    runThreads(kernel, [touch(mm, VA)])
    const slot = tsbSlot(kernel, mm, VA)
    const tag = kernel.machine.peek(slot, 8)
    kernel.machine.poke(slot, 8, tag ^ bits)
    kernel.machine.poke(slot + 8, 8, mk_pte(kernel.allocator.page()!, {}))
    kernel.machine.cpus[0]!.mmu.storeAsi(0x5f, VA, 0n)
    kernel.currentTask(0).frames.push({ function: 'test_touch_again', args: [VA], results: [] })
    kernel.machine.wake()
    if (what === 'a locked tag') {
      expect(kernel.machine.run(2000).reason).toBe('budget')
      kernel.machine.poke(slot, 8, tag)
      kernel.machine.poke(slot + 8, 8, mk_pte(kernel.allocator.page()!, {}))
      settle(kernel)
    } else {
      settle(kernel)
      expect(tsbEntry(kernel, mm, VA).tag).toBe(tag)
    }
    expect(recorded(kernel)).toHaveLength(2)
  })

  it('without an entry, or above user space, asks the kernel', () => {
    for (const va of [VA, 1n << 43n, 0xffff_ffff_0000_0000n]) {
      const kernel = testKernel()
      const mm = mm_alloc(kernel)
      mapPage(kernel, mm, VA + 8192n)
      runThreads(kernel, [touch(mm, va)])
      expect(recorded(kernel)).toEqual(['EFAULT'])
    }
  })

  it('an entry that is not present leaves the TSB unlocked', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA)
    runThreads(kernel, [touch(mm, VA)])
    runThreads(kernel, [unmap(mm, VA)])
    expect(tsbEntry(kernel, mm, VA).tag).toBe(TAG_INVALID)
    kernel.spawn(0, touch(mm, VA))
    settle(kernel)
    expect([recorded(kernel).at(-1), tsbEntry(kernel, mm, VA).tag & TAG_LOCK]).toEqual(['EFAULT', 0n])
  })

  it('a store to a page without W asks the kernel', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA, {})
    runThreads(kernel, [write_page(mm, VA)])
    expect(recorded(kernel)).toEqual(['EFAULT'])
  })
})

describe('the order of refill and flush', () => {
  /** What is left of a page's translation when it was unmapped and flushed after `lead` instructions of a miss for it. */
  function leftovers(refill: Refill, lead: number): { tsb: boolean; tlb: boolean; steps: boolean } {
    const kernel = testKernel({ cpus: 2, refill })
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA)
    mapPage(kernel, mm, VA + 8192n)
    runThreads(kernel, [touch(mm, VA + 8192n), touch(mm, VA + 8192n)])
    kernel.currentTask(1).frames.push({ function: 'test_touch_again', args: [VA], results: [] })
    kernel.machine.wake()
    kernel.machine.step(1, lead)
    const done = kernel.currentTask(1).frames.length === 0
    kernel.currentTask(0).frames.push({ function: 'test_unmap', args: [mm, VA], results: [] })
    for (let n = 0; n < 2000 && kernel.currentTask(0).frames.length > 0; n++)
      if (kernel.machine.step(0) === 'waiting') kernel.machine.step(1)
    settle(kernel)
    const { tag } = tsbEntry(kernel, mm, VA)
    return {
      tsb: tag === tagOf(kernel, mm, VA),
      tlb: mappedPages(kernel, 1, numberOf(kernel, mm)).includes(VA),
      steps: done,
    }
  }

  const leads = Array.from({ length: 48 }, (_, n) => n)

  it('re-reading under the lock leaves nothing behind, wherever the flush comes', () => {
    const results = leads.map((lead) => leftovers('reread', lead))
    expect(results.some(({ steps }) => steps)).toBe(true)
    expect(results.filter(({ tsb, tlb }) => tsb || tlb)).toEqual([])
  })

  it('Linux 6.1’s order leaves a stale TSB entry when the flush comes between the read of the entry and the lock', () => {
    const results = leads.map((lead) => leftovers('linux', lead))
    expect(results.filter(({ tsb }) => tsb).length).toBeGreaterThan(0)
    expect(results[0]).toMatchObject({ tsb: false, tlb: false })
    expect(results.at(-1)).toMatchObject({ tsb: false, tlb: false })
  })
})

describe('the cross-call handlers', () => {
  const HANDLERS = [
    'xcall_flush_tlb_mm',
    'xcall_flush_tlb_page',
    'xcall_flush_tlb_kernel_range',
    'xcall_call_function',
    'xcall_receive_signal',
  ]

  it.each(HANDLERS)('%s touches no register of the interrupted program, and leaves the trap level', (handler) => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA)
    runThreads(kernel, [undefined, touch(mm, VA)])
    const cpu = kernel.machine.cpus[1]!
    const fields = [
      'windows',
      'globals',
      'ccr',
      'asi',
      'y',
      'cwp',
      'pstate',
      'tl',
      'pil',
      'dmmuPrimaryContext',
      'dmmuSecondaryContext',
    ] as const
    for (let n = 1; n < 8; n++) cpu.setR(n, BigInt(n * 1111))
    cpu.set('ccr', 0x5an)
    const state = () =>
      fields.map((field) =>
        Array.from({ length: field === 'windows' ? 128 : 8 }, (_, n) =>
          field === 'windows' || field === 'globals' || n === 0 ? cpu.get(field, n) : 0n,
        ),
      )
    const before = state()
    cpu.set('mondoIn', (BigInt(numberOf(kernel, mm)) << 32n) | kernel.symbol(handler), 0)
    cpu.set('mondoIn', VA | 1n, 1)
    cpu.set('mondoIn', VA + 8192n, 2)
    cpu.set('mondoReceive', 0x20n)
    kernel.machine.wake()
    const pending = kernel.tree.counters.crossCalls.taken
    settle(kernel)
    expect(kernel.tree.counters.crossCalls.taken).toBe(pending + 1)
    expect(state()).toEqual(before)
    expect(cpu.get('mondoReceive') & 0x20n).toBe(0n)
    const flushes = handler === 'xcall_flush_tlb_mm' || handler === 'xcall_flush_tlb_page'
    expect(mappedPages(kernel, 1, numberOf(kernel, mm))).toEqual(flushes ? [] : [VA])
  })

  it('lie in the kernel’s locked page', () => {
    const kernel = testKernel()
    for (const handler of HANDLERS) {
      expect(kernel.symbol(handler)).toBeGreaterThanOrEqual(0xf000_0000n + BigInt(FIRMWARE_PA))
      expect(kernel.symbol(handler)).toBeLessThan(0xf040_0000n)
    }
    expect(() => kernel.symbol('xcall_absent')).toThrow(/no symbol xcall_absent/)
  })
})
