import { shim } from './frame'
import type { KernelState } from './kernel-state'
import { host } from './operation'
import {
  CTX_FIRST_VERSION,
  CTX_HWBITS,
  CTX_NR_BITS,
  CTX_NR_MASK,
  CTX_VERSION_MASK,
  GLOBAL,
  MM_STRUCT,
  PER_CPU,
} from './structures'
import { loadWord, peekWord, storeWord } from './words'

const CONTEXTS = 1n << CTX_NR_BITS

/** Whether a context value is of the present version, which 0 never is (Linux arch/sparc/include/asm/mmu_64.h CTX_VALID). */
export function ctx_valid(kernel: KernelState, context: bigint): boolean {
  const cache = peekWord(kernel.machine.memory, kernel.globals + GLOBAL.tlb_context_cache)
  return ((context ^ cache) & CTX_VERSION_MASK) === 0n
}

/**
 * Gives an mm a context number of the present version, or of the next one if all are taken
 * (Linux arch/sparc/mm/init_64.c get_new_mmu_context). One operation: Linux holds ctx_alloc_lock over it.
 */
export const get_new_mmu_context = shim('get_new_mmu_context', function* (mm: bigint) {
  return yield* host('get_new_mmu_context', ({ kernel, cpu, memory }) => {
    const cache = kernel.globals + GLOBAL.tlb_context_cache
    const last = loadWord(memory, cache) & CTX_NR_MASK
    let number = findFree(kernel, last + 1n, CONTEXTS) ?? findFree(kernel, 1n, last + 1n)
    if (number === undefined) {
      mmu_context_wrap(kernel, cpu.index)
      number = findFree(kernel, 1n, CONTEXTS)
      if (number === undefined) throw new RangeError('every context number is in use by a running CPU')
    }
    // CPUs on which it ran have entries under the old number only: none is a member under the new one
    if (loadWord(memory, mm + MM_STRUCT.context) !== 0n) writeMask(kernel, cpu.index, mm, 0n)
    markTaken(kernel, number, true)
    const context = (loadWord(memory, cache) & CTX_VERSION_MASK) | number
    storeWord(memory, cache, context)
    storeWord(memory, mm + MM_STRUCT.context, context)
    kernel.events.contextAssigned?.(cpu.index, mm, Number(number))
    return context
  })
})

/** A new version, never 0: only what a CPU runs right now keeps its number (Linux arch/sparc/mm/init_64.c mmu_context_wrap). */
function mmu_context_wrap(kernel: KernelState, by: number): void {
  const { cpus } = kernel.machine
  const memory = kernel.machine.memoryOf(by)
  const cache = kernel.globals + GLOBAL.tlb_context_cache
  const oldVersion = loadWord(memory, cache) & CTX_VERSION_MASK
  const version = (oldVersion + CTX_FIRST_VERSION) & CTX_VERSION_MASK || CTX_FIRST_VERSION
  for (let n = 0n; n < CONTEXTS; n += WORD_BITS) storeWord(memory, bitmapWord(kernel, n), 0n)
  storeWord(memory, cache, version)
  kernel.events.contextsWrapped?.(by)
  for (const { index } of cpus) {
    const mm = loadWord(memory, kernel.perCpu(index) + PER_CPU.per_cpu_secondary_mm)
    if (mm === 0n) continue
    const context = loadWord(memory, mm + MM_STRUCT.context)
    // A CPU that is about to use an mm without a number, or with one of a version before: it takes a new one itself
    if ((context & CTX_VERSION_MASK) !== oldVersion) continue
    const number = context & CTX_NR_MASK
    storeWord(memory, mm + MM_STRUCT.context, version | number)
    markTaken(kernel, number, true)
    kernel.events.contextAssigned?.(by, mm, Number(number))
  }
}

/** Frees an mm's number, if it has one of the present version (Linux arch/sparc/mm/tsb.c destroy_context). */
export const destroy_context = shim('destroy_context', function* (mm: bigint) {
  yield* host('destroy_context', ({ kernel, memory }) => {
    const context = loadWord(memory, mm + MM_STRUCT.context)
    if (ctx_valid(kernel, context)) markTaken(kernel, CTX_HWBITS(context), false)
    storeWord(memory, mm + MM_STRUCT.context, 0n)
  })
})

/** Writes mm_cpumask and tells the oracle. For operations. */
export function writeMask(
  kernel: KernelState,
  cpu: number,
  mm: bigint,
  after: bigint,
  by = 'get_new_mmu_context',
): void {
  const memory = kernel.machine.memoryOf(cpu)
  const before = loadWord(memory, mm + MM_STRUCT.mm_cpumask)
  if (before !== after) storeWord(memory, mm + MM_STRUCT.mm_cpumask, after)
  kernel.events.maskWrite?.(cpu, mm, before, after, by)
}

/** The first number of [from, to) that nobody has. */
function findFree(kernel: KernelState, from: bigint, to: bigint): bigint | undefined {
  for (let n = from; n < to; n++) {
    const word = peekWord(kernel.machine.memory, bitmapWord(kernel, n))
    if ((word & bitOf(n)) === 0n) return n
  }
  return undefined
}

function markTaken(kernel: KernelState, number: bigint, taken: boolean): void {
  const { memory } = kernel.machine
  const at = bitmapWord(kernel, number)
  const others = loadWord(memory, at) & ~bitOf(number)
  storeWord(memory, at, taken ? others | bitOf(number) : others)
}

const WORD_BITS = 64n
const bitOf = (number: bigint): bigint => 1n << (number % WORD_BITS)
const bitmapWord = (kernel: KernelState, number: bigint): bigint =>
  kernel.globals + GLOBAL.mmu_context_bmap + (number / WORD_BITS) * 8n
