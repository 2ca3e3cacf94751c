import { ASI } from '../asi'
import type { Mmu } from '../mmu'
import { type OperationContext, step } from './operation'
import { PAGE_SIZE } from './structures'

const SECONDARY_CONTEXT = 0x10n
/** Demap operations: bit 6 context, bits 5:4 which context register (UltraSPARC-I 6.9.10). */
const DEMAP_PAGE_SECONDARY = 0x10n
const DEMAP_CONTEXT_SECONDARY = 0x50n
const DEMAP_PAGE_NUCLEUS = 0x20n

/** The local flushes of Linux's arch/sparc/mm/ultra.S. Each runs with PSTATE.IE off there, so it is one operation. */
export const __flush_tlb_mm = (context: bigint) =>
  step(`__flush_tlb_mm ctx ${context}`, true, (cx) =>
    inSecondary(cx, context, (mmu) => {
      mmu.storeAsi(ASI.ASI_DMMU_DEMAP, DEMAP_CONTEXT_SECONDARY, 0n)
      mmu.storeAsi(ASI.ASI_IMMU_DEMAP, DEMAP_CONTEXT_SECONDARY, 0n)
    }),
  )

/** `vaddr` with bit 0 set if instructions may be mapped there. */
export const __flush_tlb_page = (context: bigint, vaddr: bigint) =>
  step(`__flush_tlb_page ctx ${context} 0x${(vaddr & ~1n).toString(16)}`, true, (cx) =>
    inSecondary(cx, context, (mmu) => demapPage(mmu, vaddr)),
  )

/** `nr` addresses, as in {@link __flush_tlb_page}, from an array in memory. */
export const __flush_tlb_pending = (context: bigint, nr: number, vaddrs: bigint) =>
  step(`__flush_tlb_pending ctx ${context} ${nr} pages`, true, (cx) =>
    inSecondary(cx, context, (mmu) => {
      for (let n = nr - 1; n >= 0; n--) demapPage(mmu, cx.memory.load(Number(vaddrs) + n * 8, 8))
    }),
  )

/** Kernel pages of [start, end) in the nucleus context. */
export const __flush_tlb_kernel_range = (start: bigint, end: bigint) =>
  step(`__flush_tlb_kernel_range 0x${start.toString(16)}`, true, ({ cpu }) => {
    for (let va = start - (start % PAGE_SIZE); va < end; va += PAGE_SIZE) {
      cpu.mmu.storeAsi(ASI.ASI_IMMU_DEMAP, va | DEMAP_PAGE_NUCLEUS, 0n)
      cpu.mmu.storeAsi(ASI.ASI_DMMU_DEMAP, va | DEMAP_PAGE_NUCLEUS, 0n)
    }
    cpu.modeChanged()
  })

function demapPage(mmu: Mmu, vaddr: bigint): void {
  const va = vaddr & ~1n
  if (vaddr & 1n) mmu.storeAsi(ASI.ASI_IMMU_DEMAP, va | DEMAP_PAGE_SECONDARY, 0n)
  mmu.storeAsi(ASI.ASI_DMMU_DEMAP, va | DEMAP_PAGE_SECONDARY, 0n)
}

function inSecondary({ cpu }: OperationContext, context: bigint, demap: (mmu: Mmu) => void): void {
  const { mmu } = cpu
  const old = mmu.loadAsi(ASI.ASI_DMMU, SECONDARY_CONTEXT)
  mmu.storeAsi(ASI.ASI_DMMU, SECONDARY_CONTEXT, context)
  demap(mmu)
  mmu.storeAsi(ASI.ASI_DMMU, SECONDARY_CONTEXT, old)
  cpu.modeChanged()
}
