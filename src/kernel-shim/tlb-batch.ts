import { ctx_valid } from './context'
import { smp_flush_tlb_page, smp_flush_tlb_pending } from './flush'
import { beginFlush, endFlush } from './flush-report'
import { shim } from './frame'
import { load, loadPrivate, note, storePrivate } from './operation'
import { pte_exec } from './page-table'
import { MM_STRUCT, PER_CPU, TLB_BATCH_NR } from './structures'
import { flush_tsb_user_page } from './tsb'
import { nthWord, peekWord } from './words'

const PAGE_MASK = ~0x1fffn

const batch = () =>
  note('tlb_batch', ({ kernel, cpu }) => {
    const base = kernel.perCpu(cpu.index)
    return {
      active: base + PER_CPU.tlb_batch_active,
      mm: base + PER_CPU.tlb_batch_mm,
      nr: base + PER_CPU.tlb_batch_nr,
      vaddrs: base + PER_CPU.tlb_batch_vaddrs,
    }
  })

/** From here to {@link arch_leave_lazy_mmu_mode} cleared entries are gathered; the task must not move to another CPU. */
export const arch_enter_lazy_mmu_mode = shim('arch_enter_lazy_mmu_mode', function* () {
  yield* storePrivate((yield* batch()).active, 1n)
})

/** Flushes what was gathered. */
export const arch_leave_lazy_mmu_mode = shim('arch_leave_lazy_mmu_mode', function* () {
  const { active, nr } = yield* batch()
  if ((yield* loadPrivate(nr)) !== 0n) yield* flush_tlb_pending()
  yield* storePrivate(active, 0n)
})

/** An entry, given as it was, is no longer in the page table: its flush is due (Linux arch/sparc/mm/tlb.c tlb_batch_add). */
export const tlb_batch_add = shim('tlb_batch_add', function* (mm: bigint, va: bigint, orig: bigint) {
  const { active, mm: batchMm, nr, vaddrs } = yield* batch()
  const vaddr = (va & PAGE_MASK) | (pte_exec(orig) ? 1n : 0n)
  let count = yield* loadPrivate(nr)
  if (count !== 0n && (yield* loadPrivate(batchMm)) !== mm) {
    yield* flush_tlb_pending()
    count = 0n
  }
  if ((yield* loadPrivate(active)) === 0n) {
    yield* flush_tlb_page(mm, vaddr)
    return
  }
  if (count === 0n) yield* storePrivate(batchMm, mm)
  yield* storePrivate(vaddrs + count * 8n, vaddr)
  yield* storePrivate(nr, count + 1n)
  if (count + 1n >= BigInt(TLB_BATCH_NR)) yield* flush_tlb_pending()
})

/** Flushes the gathered pages from the TSB and from every TLB, and empties the batch. */
export const flush_tlb_pending = shim('flush_tlb_pending', function* () {
  const { mm: batchMm, nr, vaddrs } = yield* batch()
  const count = Number(yield* loadPrivate(nr))
  if (count === 0) return
  const mm = yield* loadPrivate(batchMm)
  const id = yield* note('flush begins', (cx) => {
    const addresses = Array.from({ length: count }, (_, n) => peekWord(cx.memory, nthWord(vaddrs, n)) & PAGE_MASK)
    return beginFlush(cx, 'flush_tlb_pending', mm, addresses)
  })
  for (let n = 0; n < count; n++) yield* flush_tsb_slot(mm, nthWord(vaddrs, n))
  const context = yield* load(mm + MM_STRUCT.context)
  if (yield* note('CTX_VALID', ({ kernel }) => ctx_valid(kernel, context))) {
    if (count === 1) yield* smp_flush_tlb_page(mm, yield* loadPrivate(vaddrs))
    else yield* smp_flush_tlb_pending(mm, count, vaddrs)
  }
  yield* storePrivate(nr, 0n)
  yield* flush_ends(id)
})

const flush_tsb_slot = shim('flush_tsb_slot', function* (mm: bigint, slot: bigint) {
  yield* flush_tsb_user_page(mm, (yield* loadPrivate(slot)) & PAGE_MASK)
})

/** Flushes one page from the TSB and from every TLB. Bit 0 of `vaddr` set if instructions may be mapped there. */
export const flush_tlb_page = shim('flush_tlb_page', function* (mm: bigint, vaddr: bigint) {
  const id = yield* note('flush begins', (cx) => beginFlush(cx, 'flush_tlb_page', mm, [vaddr & PAGE_MASK]))
  yield* flush_tsb_user_page(mm, vaddr & PAGE_MASK)
  yield* smp_flush_tlb_page(mm, vaddr)
  yield* flush_ends(id)
})

const flush_ends = (id: number | undefined) => note('flush ends', (cx) => endFlush(cx, id))
