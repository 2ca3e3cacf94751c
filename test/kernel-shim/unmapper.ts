import { flush_tlb_page, kthread_use_mm, ptep_get_and_clear, set_pte_at, shim } from '../../src/kernel-shim'

const PAGE = 8192n

const unmap_and_map_again = shim('test_unmap_and_map_again', function* (mm: bigint, va: bigint) {
  const pte = yield* ptep_get_and_clear(mm, va)
  yield* flush_tlb_page(mm, va)
  yield* set_pte_at(mm, va, pte)
})

/** Takes an mm and, page by page, unmaps it, flushes and maps it again. */
shim('test_unmapper', function* (mm: bigint, va: bigint, pages: number) {
  yield* kthread_use_mm(mm)
  for (let n = 0; n < pages; n++) yield* unmap_and_map_again(mm, va + BigInt(n) * PAGE)
})
