import { describe, expect, it } from 'vitest'
import {
  CTX_FIRST_VERSION,
  CTX_HWBITS,
  CTX_NR_BITS,
  CTX_NR_MASK,
  CTX_VERSION_MASK,
  destroy_context,
  GLOBAL,
  get_new_mmu_context,
  type Kernel,
  kthread_use_mm,
  mm_alloc,
  PER_CPU,
} from '../../src/kernel-shim'
import { mmField, runThreads, setMmField, testKernel } from './harness'

const VERSION = 1n << CTX_NR_BITS
const bitmap = (kernel: Kernel) => Number(kernel.globals + GLOBAL.mmu_context_bmap)
const isTaken = (kernel: Kernel, number: bigint) =>
  ((kernel.machine.peek(bitmap(kernel) + Number(number >> 6n) * 8, 8) >> (number & 63n)) & 1n) === 1n
const versionOf = (kernel: Kernel) =>
  kernel.machine.peek(Number(kernel.globals + GLOBAL.tlb_context_cache), 8) & CTX_VERSION_MASK
const context = (kernel: Kernel, mm: bigint) => mmField(kernel, mm, 'context')

/** As if every number were given out. */
function takeAll(kernel: Kernel): void {
  for (let word = 0; word < 1 << 13; word += 64) kernel.machine.poke(bitmap(kernel) + word / 8, 8, (1n << 64n) - 1n)
}
const runsOn = (kernel: Kernel, cpu: number, mm: bigint) =>
  kernel.machine.poke(Number(kernel.perCpu(cpu) + PER_CPU.per_cpu_secondary_mm), 8, mm)

describe('context numbers (Linux arch/sparc/mm/init_64.c get_new_mmu_context)', () => {
  it('are of the first version, ascending, never 0, and marked as taken', () => {
    const kernel = testKernel()
    const mms = [mm_alloc(kernel), mm_alloc(kernel), mm_alloc(kernel)]
    for (const mm of mms) runThreads(kernel, [get_new_mmu_context(mm)])
    const contexts = mms.map((mm) => context(kernel, mm))
    expect(contexts.map((c) => c & CTX_VERSION_MASK)).toEqual([VERSION, VERSION, VERSION])
    expect(contexts.map(CTX_HWBITS)).toEqual([1n, 2n, 3n])
    expect(contexts[0]).toBe(CTX_FIRST_VERSION)
    for (const c of contexts) expect(isTaken(kernel, CTX_HWBITS(c))).toBe(true)
  })

  it('go on behind the last one given, and come back to freed ones at the end', () => {
    const kernel = testKernel()
    const [a, b, c] = [mm_alloc(kernel), mm_alloc(kernel), mm_alloc(kernel)]
    runThreads(kernel, [get_new_mmu_context(a)])
    runThreads(kernel, [destroy_context(a)])
    expect([context(kernel, a), isTaken(kernel, 1n)]).toEqual([0n, false])
    runThreads(kernel, [get_new_mmu_context(b)])
    expect(CTX_HWBITS(context(kernel, b))).toBe(2n)
    takeAll(kernel)
    kernel.machine.poke(bitmap(kernel), 8, ((1n << 64n) - 1n) & ~2n)
    runThreads(kernel, [get_new_mmu_context(c)])
    expect(context(kernel, c)).toBe(VERSION | 1n)
  })

  it('wrap into a new version when all are taken: only running mms keep theirs', () => {
    const kernel = testKernel({ cpus: 2 })
    const [running, idle, fresh] = [mm_alloc(kernel), mm_alloc(kernel), mm_alloc(kernel)]
    for (const mm of [running, idle]) runThreads(kernel, [get_new_mmu_context(mm)])
    runsOn(kernel, 1, running)
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(fresh)])
    expect(versionOf(kernel)).toBe(2n * VERSION)
    expect(context(kernel, running)).toBe((2n * VERSION) | 1n)
    expect(context(kernel, idle)).toBe(VERSION | 2n)
    expect(context(kernel, fresh)).toBe((2n * VERSION) | 2n)
    expect([1n, 2n, 3n].map((n) => isTaken(kernel, n))).toEqual([true, true, false])
  })

  it('of a version before are not freed in the new bitmap', () => {
    const kernel = testKernel({ cpus: 2 })
    const [old, fresh] = [mm_alloc(kernel), mm_alloc(kernel)]
    runThreads(kernel, [get_new_mmu_context(old)])
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(fresh)])
    expect(CTX_HWBITS(context(kernel, fresh))).toBe(1n)
    runThreads(kernel, [destroy_context(old)])
    expect(isTaken(kernel, 1n)).toBe(true)
  })

  it('an mm on its way to a number, on another CPU, is not given 0 by a wrap', () => {
    const kernel = testKernel({ cpus: 2 })
    const [coming, fresh] = [mm_alloc(kernel), mm_alloc(kernel)]
    runsOn(kernel, 1, coming)
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(fresh)])
    expect(context(kernel, coming)).toBe(0n)
    expect(isTaken(kernel, 0n)).toBe(false)
  })

  it('a number of a version before, which another mm has by now, is not renewed by a wrap', () => {
    const kernel = testKernel({ cpus: 3 })
    const [stale, current, fresh] = [mm_alloc(kernel), mm_alloc(kernel), mm_alloc(kernel)]
    runThreads(kernel, [get_new_mmu_context(stale)])
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(current)])
    expect(CTX_HWBITS(context(kernel, current))).toBe(CTX_HWBITS(context(kernel, stale)))
    runsOn(kernel, 1, stale)
    runsOn(kernel, 2, current)
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(fresh)])
    const numbers = [stale, current, fresh]
      .map((mm) => context(kernel, mm))
      .filter((c) => (c & CTX_VERSION_MASK) === versionOf(kernel))
      .map((c) => c & CTX_NR_MASK)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers).toHaveLength(2)
  })

  it('a renumbered mm is on no CPU: its mask is cleared, and each CPU that comes to it flushes', () => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    runThreads(kernel, [kthread_use_mm(mm)])
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(1n)
    setMmField(kernel, mm, 'mm_cpumask', 3n)
    runsOn(kernel, 0, 0n)
    takeAll(kernel)
    runThreads(kernel, [undefined, get_new_mmu_context(mm_alloc(kernel))])
    const masks: bigint[] = []
    kernel.events.maskWrite = (_cpu, written, _before, after) => {
      if (written === mm) masks.push(after)
    }
    runThreads(kernel, [undefined, kthread_use_mm(mm)])
    expect(masks).toEqual([0n, 2n])
    expect(context(kernel, mm) & CTX_VERSION_MASK).toBe(2n * VERSION)
  })

  it('are told to whoever listens, wraps too', () => {
    const kernel = testKernel()
    const heard: unknown[] = []
    kernel.events.contextAssigned = (cpu, mm, number) => heard.push([cpu, mm, number])
    kernel.events.contextsWrapped = () => heard.push('wrap')
    const [a, b] = [mm_alloc(kernel), mm_alloc(kernel)]
    runThreads(kernel, [get_new_mmu_context(a)])
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(b)])
    expect(heard).toEqual([[0, a, 1], 'wrap', [0, b, 1]])
  })
})
