import fc from 'fast-check'
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
  MM_STRUCT,
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
    expect(versionOf(kernel)).toBe(CTX_FIRST_VERSION)
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

  it('a version is never 0: behind the last one comes the first', () => {
    const kernel = testKernel()
    const last = CTX_VERSION_MASK
    kernel.machine.poke(Number(kernel.globals + GLOBAL.tlb_context_cache), 8, last)
    takeAll(kernel)
    const [coming, fresh] = [mm_alloc(kernel), mm_alloc(kernel)]
    runThreads(kernel, [get_new_mmu_context(fresh)])
    expect(context(kernel, fresh)).toBe(CTX_FIRST_VERSION | 1n)
    runThreads(kernel, [destroy_context(coming)])
    expect([0n, 1n].map((n) => isTaken(kernel, n))).toEqual([false, true])
  })

  it('any may be freed and given again, and no other changes by it', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, CTX_NR_MASK), fc.bigInt(0n, CTX_NR_MASK), (number, last) => {
        const kernel = testKernel()
        takeAll(kernel)
        const cache = Number(kernel.globals + GLOBAL.tlb_context_cache)
        kernel.machine.poke(cache, 8, (3n * VERSION) | last)
        const [old, fresh] = [mm_alloc(kernel), mm_alloc(kernel)]
        setMmField(kernel, old, 'context', (3n * VERSION) | number)
        const taken = words(kernel)
        runThreads(kernel, [destroy_context(old)])
        const freed = taken.map((word, n) => (n === Number(number >> 6n) ? word & ~(1n << (number & 63n)) : word))
        expect(words(kernel)).toEqual(freed)
        runThreads(kernel, [get_new_mmu_context(fresh)])
        expect(words(kernel)).toEqual(taken)
        expect([context(kernel, fresh), kernel.machine.peek(cache, 8)]).toEqual(
          Array.from({ length: 2 }, () => (3n * VERSION) | number),
        )
      }),
      { numRuns: 20 },
    )
  })
  const words = (kernel: Kernel) =>
    Array.from({ length: 128 }, (_, n) => kernel.machine.peek(bitmap(kernel) + n * 8, 8))

  it('0 is the kernel’s and not given, whichever was the last', () => {
    const kernel = testKernel()
    takeAll(kernel)
    kernel.machine.poke(bitmap(kernel), 8, ((1n << 64n) - 1n) & ~1n)
    const fresh = mm_alloc(kernel)
    runThreads(kernel, [get_new_mmu_context(fresh)])
    expect(context(kernel, fresh)).toBe((2n * VERSION) | 1n)
  })

  it('a wrap renews the numbers of what any CPU runs, and leaves the memory behind the bitmap', () => {
    const kernel = testKernel({ cpus: 3 })
    const idle = kernel.current(0)
    const mms = [5n, 64n, 8191n].map((number) => {
      const mm = mm_alloc(kernel)
      setMmField(kernel, mm, 'context', VERSION | number)
      return mm
    })
    for (const [cpu, mm] of mms.entries()) runsOn(kernel, cpu, mm)
    takeAll(kernel)
    const behind = bitmap(kernel) + 1024
    expect(Number(idle) - behind).toBeLessThan(64)
    for (let at = behind; at < behind + 64; at += 8) kernel.machine.poke(at, 8, 0x77n)
    const fresh = mm_alloc(kernel)
    runThreads(kernel, [undefined, get_new_mmu_context(fresh)])
    expect(mms.map((mm) => context(kernel, mm))).toEqual([5n, 64n, 8191n].map((number) => (2n * VERSION) | number))
    expect(context(kernel, fresh)).toBe((2n * VERSION) | 1n)
    for (let at = behind; at < behind + 64; at += 8) expect(kernel.machine.peek(at, 8)).toBe(0x77n)
    const taken = Array.from({ length: 8192 }, (_, n) => BigInt(n)).filter((n) => isTaken(kernel, n))
    expect(taken).toEqual([1n, 5n, 64n, 8191n])
  })

  it('a CPU that has not run an mm yet renews none: not what lies at address 0', () => {
    const kernel = testKernel({ cpus: 2 })
    kernel.machine.poke(Number(MM_STRUCT.context), 8, VERSION | 9n)
    takeAll(kernel)
    runThreads(kernel, [get_new_mmu_context(mm_alloc(kernel))])
    expect(isTaken(kernel, 9n)).toBe(false)
    expect(kernel.machine.peek(Number(MM_STRUCT.context), 8)).toBe(VERSION | 9n)
  })

  it('are told to whoever listens, wraps and renewals too; the mask of a fresh mm is not written', () => {
    const kernel = testKernel({ cpus: 2 })
    const heard: unknown[] = []
    kernel.events.contextAssigned = (cpu, mm, number) => heard.push([cpu, mm, number])
    kernel.events.contextsWrapped = (cpu) => heard.push(['wrap', cpu])
    kernel.events.maskWrite = (...write) => heard.push(write)
    const [a, b] = [mm_alloc(kernel), mm_alloc(kernel)]
    runThreads(kernel, [get_new_mmu_context(a)])
    runsOn(kernel, 0, a)
    takeAll(kernel)
    runThreads(kernel, [undefined, get_new_mmu_context(b)])
    expect(heard).toEqual([
      [0, a, 1],
      ['wrap', 1],
      [1, a, 1],
      [1, b, 2],
    ])
    setMmField(kernel, a, 'mm_cpumask', 2n)
    runThreads(kernel, [get_new_mmu_context(a)])
    expect(heard.slice(4)).toEqual([
      [0, a, 2n, 0n, 'get_new_mmu_context'],
      [0, a, 3],
    ])
  })
})
