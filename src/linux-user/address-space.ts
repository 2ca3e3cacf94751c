import {
  arch_enter_lazy_mmu_mode,
  arch_leave_lazy_mmu_mode,
  host,
  type OperationContext,
  pte_lock,
  pte_of,
  pte_page,
  pte_present,
  ptep_get_and_clear,
  set_pte_at,
  shim,
  step,
  tlb_batch_add,
  untilHost,
  WAIT,
  write_pte,
} from '../kernel-shim'
import { pte_offset } from '../kernel-shim/page-table'
import { pteFor } from './page-fault'
import { processOf } from './process'
import { coveredEnd, findVma, insertVma, protectRange, removeRange, type Vma } from './vma'

const PAGE = 8192n
/** A page table of the lowest level maps 8 MB. */
const TABLE_SPAN = 1n << 23n
const PAGES_AT_ONCE = 64

/** One system call at a time changes the ranges; page faults do not wait for it. */
export const mmap_write_lock = () =>
  untilHost<void>(
    'mmap_write_lock',
    ({ kernel }) => {
      const process = processOf(kernel)
      if (process.mmLocked) return WAIT
      process.mmLocked = true
      return undefined
    },
    ({ kernel }) => !processOf(kernel).mmLocked,
  )

export const mmap_write_unlock = () =>
  host('mmap_write_unlock', ({ kernel }) => {
    processOf(kernel).mmLocked = false
    return undefined
  })

/** Pages of [start, end) that have a frame, at most so many, and where to look for more. */
const populated_pages = (start: bigint, end: bigint) =>
  step(`pages from 0x${start.toString(16)}`, true, (cx) => populatedPages(cx, start, end))

function populatedPages(
  { kernel }: OperationContext,
  start: bigint,
  end: bigint,
): { pages: bigint[]; next: bigint | null } {
  const { mm } = processOf(kernel)
  const pages: bigint[] = []
  for (let va = start; va < end; va += PAGE) {
    if (pages.length === PAGES_AT_ONCE) return { pages, next: va }
    const entry = pte_offset(kernel, mm, va)
    if (entry === undefined) va = (va | (TABLE_SPAN - 1n)) + 1n - PAGE
    else if (kernel.machine.memory.peek(Number(entry), 8) !== 0n) pages.push(va)
  }
  return { pages, next: null }
}

/** Takes the pages of [start, end) out of the page table, flushes them, and frees their frames. */
export const zap_page_range = shim('zap_page_range', function* (mm: bigint, start: bigint, end: bigint) {
  let at: bigint | null = start
  while (at !== null) at = yield* zap_pages(mm, at, end)
})

const zap_pages = shim('zap_pages', function* (mm: bigint, start: bigint, end: bigint) {
  const { pages, next } = yield* populated_pages(start, end)
  if (pages.length > 0) {
    const frames: bigint[] = []
    yield* arch_enter_lazy_mmu_mode()
    for (const va of pages) {
      const pte = yield* ptep_get_and_clear(mm, va)
      if (pte_present(pte)) yield* tlb_batch_add(mm, va, pte)
      if (pte !== 0n) frames.push(pte_page(pte))
    }
    yield* arch_leave_lazy_mmu_mode()
    yield* free_pages(frames)
  }
  return next
})

/** After the flush: nobody can reach the frames any more. */
const free_pages = (frames: readonly bigint[]) =>
  host(`free ${frames.length} pages`, ({ kernel, cpu }) => {
    for (const frame of frames) kernel.freeUserPage(frame, cpu.index)
    return undefined
  })

/** Unmaps [start, end). */
export const unmap_region = shim('unmap_region', function* (mm: bigint, start: bigint, end: bigint) {
  const removed = yield* host('remove ranges', ({ kernel }) =>
    removeRange(processOf(kernel).vmas, start, end).map((vma) => ({ start: vma.start, end: vma.end })),
  )
  for (const piece of removed) yield* zap_page_range(mm, piece.start, piece.end)
})

/** Changes the protection of [start, end) up to the first hole; gives whether there was none. */
export const change_protection = shim(
  'change_protection',
  function* (mm: bigint, start: bigint, end: bigint, protection: number) {
    const covered = yield* host('protect ranges', ({ kernel }) => {
      const { vmas } = processOf(kernel)
      const until = coveredEnd(vmas, start, end)
      if (until > start) protectRange(vmas, start, until, protection)
      return until
    })
    let at: bigint | null = start
    while (at !== null && at < covered) at = yield* protect_pages(mm, at, covered, protection)
    return covered >= end
  },
)

const protect_pages = shim('protect_pages', function* (mm: bigint, start: bigint, end: bigint, protection: number) {
  const { pages, next } = yield* populated_pages(start, end)
  if (pages.length > 0) {
    yield* arch_enter_lazy_mmu_mode()
    for (const va of pages) {
      const before = yield* modify_pte(mm, va, protection)
      if (pte_present(before)) yield* tlb_batch_add(mm, va, before)
    }
    yield* arch_leave_lazy_mmu_mode()
  }
  return next
})

/** Writes an entry anew under a protection; gives the old one, or 0n if nothing had to change. */
const modify_pte = (mm: bigint, va: bigint, protection: number) =>
  step(`modify_pte 0x${va.toString(16)}`, true, ({ kernel, cpu }) => {
    pte_lock(kernel, cpu.index, mm, va)
    const before = pte_of(kernel, mm, va)
    if (before === 0n) return 0n
    const after = pteFor(pte_page(before), protection)
    if (after === before) return 0n
    write_pte(kernel, cpu.index, mm, va, after)
    return before
  })

/** Moves the frames of [from, from + length) to `to`, where nothing is mapped. The old translations are flushed before the new ones exist. */
export const move_page_tables = shim(
  'move_page_tables',
  function* (mm: bigint, from: bigint, to: bigint, length: bigint) {
    let at: bigint | null = from
    while (at !== null) at = yield* move_pages(mm, at, from + length, to - from)
  },
)

const move_pages = shim('move_pages', function* (mm: bigint, start: bigint, end: bigint, distance: bigint) {
  const { pages, next } = yield* populated_pages(start, end)
  const moved: { va: bigint; pte: bigint }[] = []
  if (pages.length > 0) {
    yield* arch_enter_lazy_mmu_mode()
    for (const va of pages) {
      const pte = yield* ptep_get_and_clear(mm, va)
      if (pte === 0n) continue
      if (pte_present(pte)) yield* tlb_batch_add(mm, va, pte)
      moved.push({ va: va + distance, pte })
    }
    yield* arch_leave_lazy_mmu_mode()
    for (const { va, pte } of moved) yield* set_pte_at(mm, va, pte)
  }
  return next
})

/** Adds a range where nothing is mapped. */
export const insert_vma = (vma: Vma) =>
  host('insert range', ({ kernel }) => {
    insertVma(processOf(kernel).vmas, vma)
    return undefined
  })

/** The range that holds an address, or null. */
export const find_vma = (va: bigint) =>
  host('find range', ({ kernel }) => {
    const vma = findVma(processOf(kernel).vmas, va)
    return vma === undefined ? null : { ...vma }
  })
