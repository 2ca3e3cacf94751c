import { destroy_context } from './context'
import { shim } from './frame'
import type { KernelState } from './kernel-state'
import { atomic, atomicAdd, host } from './operation'
import { free_pgtables, presentPages, pte_page, write_pte } from './page-table'
import { MM_STRUCT, MM_STRUCT_BYTES, TASK_SIZE } from './structures'
import { TSB_BYTES, TSB_ENTRIES, tsb_init } from './tsb'
import { peekWord, storeWord } from './words'

/** A new address space with one user and one reference, no context and no pages. For the host and operations. */
export function mm_alloc(kernel: KernelState): bigint {
  const { allocator, machine } = kernel
  const mm = allocator.heap(MM_STRUCT_BYTES)
  const tsb = allocator.aligned(TSB_BYTES, TSB_BYTES)
  tsb_init(kernel, tsb)
  const pgd = allocator.page()
  if (pgd === undefined) throw new RangeError('no page left for a page directory')
  const set = (field: keyof typeof MM_STRUCT, value: bigint) => storeWord(machine.memory, mm + MM_STRUCT[field], value)
  set('mm_users', 1n)
  set('mm_count', 1n)
  set('pgd', pgd)
  set('tsb', tsb)
  set('tsb_entries', TSB_ENTRIES)
  return mm
}

/** A caller that has a user reference takes another one. */
export const mmget = (mm: bigint) => atomicAdd(mm + MM_STRUCT.mm_users, 1n)

/** Takes a user reference unless the address space is already exiting (Linux include/linux/sched/mm.h). */
export const mmget_not_zero = shim('mmget_not_zero', function* (mm: bigint) {
  return (yield* atomic('inc_not_zero', mm + MM_STRUCT.mm_users, (users) => (users === 0n ? 0n : users + 1n))) !== 0n
})

/** Drops a user reference; the last one unmaps everything and drops the structure's reference. */
export const mmput = shim('mmput', function* (mm: bigint) {
  if ((yield* atomicAdd(mm + MM_STRUCT.mm_users, -1n)) !== 1n) return
  yield* exit_mmap(mm)
  yield* mmdrop(mm)
})

export const mmgrab = (mm: bigint) => atomicAdd(mm + MM_STRUCT.mm_count, 1n)

/** Drops a reference to the structure; the last one frees it. */
export const mmdrop = shim('mmdrop', function* (mm: bigint) {
  if ((yield* atomicAdd(mm + MM_STRUCT.mm_count, -1n)) !== 1n) return
  yield* destroy_context(mm)
  yield* host('free_mm', ({ kernel }) => {
    const { memory } = kernel.machine
    const tsb = peekWord(memory, mm + MM_STRUCT.tsb)
    free_pgtables(kernel, mm)
    kernel.allocator.freeKernel(tsb, TSB_BYTES)
    kernel.allocator.freeKernel(mm, MM_STRUCT_BYTES)
  })
})

/**
 * Unmaps and frees every page. It flushes nothing: the context number is retired with the mm, and whoever gets the number
 * next flushes it on each CPU that it comes to.
 */
export const exit_mmap = shim('exit_mmap', function* (mm: bigint) {
  yield* host('exit_mmap', ({ kernel, cpu }) => {
    for (const { va, pte } of [...presentPages(kernel, mm, 0n, TASK_SIZE)]) {
      write_pte(kernel, cpu.index, mm, va, 0n)
      kernel.freeUserPage(pte_page(pte), cpu.index)
    }
  })
})
