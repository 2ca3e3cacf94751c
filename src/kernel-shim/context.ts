import { shim } from './frame'
import type { KernelState } from './kernel-state'
import { host } from './operation'
import { CTX_HWBITS, CTX_NR_BITS, CTX_NR_MASK, CTX_VERSION_MASK, GLOBAL, MM_STRUCT, PER_CPU } from './structures'

const CONTEXTS = 1 << Number(CTX_NR_BITS)

/** Whether a context value is of the present version (Linux sparc64 CTX_VALID). */
export function ctx_valid(kernel: KernelState, context: bigint): boolean {
  const cache = kernel.machine.memory.peek(Number(kernel.globals + GLOBAL.tlb_context_cache), 8)
  return ((context ^ cache) & CTX_VERSION_MASK) === 0n
}

/**
 * Gives an mm a context number of the present version, or of the next one if all are taken
 * (Linux arch/sparc/mm/init_64.c get_new_mmu_context). One operation: Linux holds ctx_alloc_lock over it.
 */
export const get_new_mmu_context = shim('get_new_mmu_context', function* (mm: bigint) {
  return yield* host('get_new_mmu_context', ({ kernel, cpu, memory }) => {
    const cacheAt = Number(kernel.globals + GLOBAL.tlb_context_cache)
    const first = Number(memory.load(cacheAt, 8) & CTX_NR_MASK) + 1
    let number = findFree(kernel, first, CONTEXTS) ?? findFree(kernel, 1, first)
    if (number === undefined) {
      mmu_context_wrap(kernel, cpu.index)
      number = findFree(kernel, 1, CONTEXTS)
      if (number === undefined) throw new RangeError('every context number is in use by a running CPU')
    }
    // CPUs on which it ran have entries under the old number only: none is a member under the new one
    const contextAt = Number(mm + MM_STRUCT.context)
    if (memory.load(contextAt, 8) !== 0n) writeMask(kernel, cpu.index, mm, 0n)
    setBit(kernel, number, true)
    const context = (memory.load(cacheAt, 8) & CTX_VERSION_MASK) | BigInt(number)
    memory.store(cacheAt, 8, context)
    memory.store(contextAt, 8, context)
    kernel.events.contextAssigned?.(cpu.index, mm, number)
    return context
  })
})

/** A new version: only what a CPU runs right now keeps its number (Linux arch/sparc/mm/init_64.c mmu_context_wrap). */
function mmu_context_wrap(kernel: KernelState, by: number): void {
  const { layout } = kernel.machine
  const memory = kernel.machine.memoryOf(by)
  const cacheAt = Number(kernel.globals + GLOBAL.tlb_context_cache)
  const oldVersion = memory.load(cacheAt, 8) & CTX_VERSION_MASK
  const version = (oldVersion + (1n << CTX_NR_BITS)) & CTX_VERSION_MASK
  for (let n = 0; n < CONTEXTS; n += 64) memory.store(bitmapWord(kernel, n), 8, 0n)
  memory.store(cacheAt, 8, version)
  kernel.events.contextsWrapped?.(by)
  for (let cpu = 0; cpu < layout.cpus; cpu++) {
    const mm = memory.load(Number(kernel.perCpu(cpu) + PER_CPU.per_cpu_secondary_mm), 8)
    if (mm === 0n || mm === kernel.init_mm) continue
    const contextAt = Number(mm + MM_STRUCT.context)
    const context = memory.load(contextAt, 8)
    // A CPU that is about to use an mm without a number, or with one of a version before: it takes a new one itself
    if ((context & CTX_VERSION_MASK) !== oldVersion) continue
    const number = context & CTX_NR_MASK
    memory.store(contextAt, 8, version | number)
    setBit(kernel, Number(number), true)
    kernel.events.contextAssigned?.(by, mm, Number(number))
  }
}

/** Frees an mm's number, if it has one of the present version (Linux arch/sparc/mm/tsb.c destroy_context). */
export const destroy_context = shim('destroy_context', function* (mm: bigint) {
  yield* host('destroy_context', ({ kernel, memory }) => {
    const context = memory.load(Number(mm + MM_STRUCT.context), 8)
    if (context !== 0n && ctx_valid(kernel, context)) setBit(kernel, Number(CTX_HWBITS(context)), false)
    memory.store(Number(mm + MM_STRUCT.context), 8, 0n)
  })
})

/** Writes mm_cpumask and tells the oracle. For operations. */
export function writeMask(
  kernel: KernelState,
  cpu: number,
  mm: bigint,
  after: bigint,
  by = 'get_new_mmu_context',
): bigint {
  const at = Number(mm + MM_STRUCT.mm_cpumask)
  const memory = kernel.machine.memoryOf(cpu)
  const before = memory.load(at, 8)
  if (before !== after) memory.store(at, 8, after)
  kernel.events.maskWrite?.(cpu, mm, before, after, by)
  return before
}

function findFree(kernel: KernelState, from: number, to: number): number | undefined {
  for (let n = from; n < to; n++) {
    const word = kernel.machine.memory.peek(bitmapWord(kernel, n), 8)
    if (((word >> BigInt(n & 63)) & 1n) === 0n) return n
  }
  return undefined
}

function setBit(kernel: KernelState, number: number, on: boolean): void {
  const at = bitmapWord(kernel, number)
  const bit = 1n << BigInt(number & 63)
  const word = kernel.machine.memory.load(at, 8)
  kernel.machine.memory.store(at, 8, on ? word | bit : word & ~bit)
}

function bitmapWord(kernel: KernelState, number: number): number {
  return Number(kernel.globals + GLOBAL.mmu_context_bmap) + (number >> 6) * 8
}
