import type { KernelState } from './kernel-state'
import { plainStep } from './operation'
import { MM_STRUCT, PAGE_SIZE, PTE, PTRS_PER_TABLE, TASK_SIZE } from './structures'
import { loadWord, peekWord, storeWord } from './words'

/** An address that user space does not have. */
export class AddressError extends RangeError {
  override readonly name = 'AddressError'
}

/** In place of a CPU: memory itself. */
const HOST = -1
const LEVEL_SHIFTS = [33n, 23n, 13n] as const

/** Permissions of a user page. */
export interface PageProtection {
  readonly write?: boolean
  readonly exec?: boolean
}

/** A present page-table entry for a user page: sun4u TTE format with software bits. */
export function mk_pte(pa: bigint, protection: PageProtection): bigint {
  return (
    PTE.VALID |
    (pa & PTE.PADDR) |
    PTE.CACHEABLE |
    PTE.READ |
    (protection.write ? PTE.WRITABLE : 0n) |
    (protection.exec ? PTE.EXEC : 0n)
  )
}

export const pte_present = (pte: bigint): boolean => (pte & PTE.VALID) !== 0n
export const pte_exec = (pte: bigint): boolean => (pte & PTE.EXEC) !== 0n
export const pte_page = (pte: bigint): bigint => pte & PTE.PADDR

/**
 * Physical address of the entry for a user address, or undefined where a table is missing and `allocate` is not set or memory
 * is used up. Tables are only ever added, so the walk needs no lock. @throws AddressError outside of user space
 */
export function pte_offset(
  kernel: KernelState,
  mm: bigint,
  va: bigint,
  allocate = false,
  cpu = HOST,
): bigint | undefined {
  if (va < 0n || va >= TASK_SIZE)
    throw new AddressError(`0x${va.toString(16)} is not below 0x${TASK_SIZE.toString(16)}`)
  const memory = kernel.machine.memoryOf(cpu)
  let table = peekWord(memory, mm + MM_STRUCT.pgd)
  for (const shift of LEVEL_SHIFTS.slice(0, 2)) {
    const entry = table + ((va >> shift) % PTRS_PER_TABLE) * 8n
    let next = peekWord(memory, entry)
    if (next === 0n) {
      const made = allocate ? kernel.allocator.page() : undefined
      if (made === undefined) return undefined
      next = made
      storeWord(memory, entry, next)
    }
    table = next
  }
  return table + ((va >> 13n) % PTRS_PER_TABLE) * 8n
}

/** The entry for a user address as a CPU sees it, without side effects; 0n where there is none. */
export function pte_of(kernel: KernelState, mm: bigint, va: bigint, cpu = HOST): bigint {
  const entry = pte_offset(kernel, mm, va, false, cpu)
  return entry === undefined ? 0n : peekWord(kernel.machine.memoryOf(cpu), entry)
}

/**
 * Linux changes an entry under the page-table lock, here in one operation: whoever changed it before has released the lock, so that
 * its store is visible by now. For operations that read an entry to change it.
 */
export function pte_lock(kernel: KernelState, cpu: number, mm: bigint, va: bigint): void {
  const { storeBuffers } = kernel.machine.environment
  if (storeBuffers === undefined) return
  const entry = pte_offset(kernel, mm, va)
  if (entry === undefined) return
  for (const buffer of storeBuffers.all) if (buffer.cpu !== cpu) buffer.drainThrough(Number(entry))
}

/** Writes an entry and tells the oracle; for operations and for the host. @returns the old entry, or undefined without memory for a table */
export function write_pte(kernel: KernelState, cpu: number, mm: bigint, va: bigint, pte: bigint): bigint | undefined {
  const page = va - (va % PAGE_SIZE)
  const entry = pte_offset(kernel, mm, page, pte !== 0n, cpu)
  if (entry === undefined) return pte === 0n ? 0n : undefined
  pte_lock(kernel, cpu, mm, page)
  const memory = kernel.machine.memoryOf(cpu)
  const before = loadWord(memory, entry)
  if (before !== pte) {
    storeWord(memory, entry, pte)
    kernel.events.pteWrite?.(cpu, mm, page, before, pte)
  }
  return before
}

const at = (va: bigint) => `0x${va.toString(16)}`

/** Stores an entry; gives the old one, or undefined if there was no memory for its table. */
export const set_pte_at = (mm: bigint, va: bigint, pte: bigint) =>
  plainStep(`set_pte ${at(va)}`, true, ({ kernel, cpu }) => write_pte(kernel, cpu.index, mm, va, pte))

/** Clears an entry in one operation; gives the old one. A load and a plain store in Linux, which holds the page-table lock. */
export const ptep_get_and_clear = (mm: bigint, va: bigint) =>
  plainStep(`pte_clear ${at(va)}`, true, ({ kernel, cpu }) => write_pte(kernel, cpu.index, mm, va, 0n) ?? 0n)

export const pte_get = (mm: bigint, va: bigint) =>
  plainStep(`pte ${at(va)}`, true, ({ kernel, cpu }) => pte_of(kernel, mm, va, cpu.index))

/**
 * The present entries of [start, end), in order, as user addresses. Skips missing tables at once. For the host and operations.
 */
export function* presentPages(
  kernel: KernelState,
  mm: bigint,
  start: bigint,
  end: bigint,
): Generator<{ va: bigint; pte: bigint }> {
  const { memory } = kernel.machine
  const pgd = peekWord(memory, mm + MM_STRUCT.pgd)
  const last = end < TASK_SIZE ? end : TASK_SIZE
  let va = start - (start % PAGE_SIZE)
  while (va < last) {
    const pmd = peekWord(memory, pgd + ((va >> 33n) % PTRS_PER_TABLE) * 8n)
    if (pmd === 0n) {
      va = ((va >> 33n) + 1n) << 33n
      continue
    }
    const table = peekWord(memory, pmd + ((va >> 23n) % PTRS_PER_TABLE) * 8n)
    if (table === 0n) {
      va = ((va >> 23n) + 1n) << 23n
      continue
    }
    const pte = peekWord(memory, table + ((va >> 13n) % PTRS_PER_TABLE) * 8n)
    if (pte_present(pte)) yield { va, pte }
    va += PAGE_SIZE
  }
}

/** Gives the tables of an mm back to the allocator; its pages must be gone. */
export function free_pgtables(kernel: KernelState, mm: bigint): void {
  const { memory } = kernel.machine
  const pgd = peekWord(memory, mm + MM_STRUCT.pgd)
  const entries = function* (table: bigint) {
    for (let n = 0n; n < PTRS_PER_TABLE; n++) {
      const next = peekWord(memory, table + n * 8n)
      if (next !== 0n) yield next
    }
  }
  for (const pmd of entries(pgd)) {
    for (const table of entries(pmd)) kernel.allocator.freePage(table)
    kernel.allocator.freePage(pmd)
  }
  kernel.allocator.freePage(pgd)
}
