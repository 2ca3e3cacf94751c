import { ASI } from '../asi'
import type { Mmu } from '../mmu'
import { type OperationContext, step } from './operation'
import { CTX_PGSZ_NUC_MASK, PAGE_SIZE } from './structures'
import { loadWord, nthWord } from './words'

const PRIMARY_CONTEXT = 0x08n
const SECONDARY_CONTEXT = 0x10n
/** Demap operations: bit 6 context, bits 5:4 which context register (UltraSPARC-I 6.9.10). */
const DEMAP_CONTEXT = 1n << 6n
const DEMAP_PRIMARY = 0n
const DEMAP_SECONDARY = 1n << 4n
const DEMAP_NUCLEUS = 1n << 5n

/**
 * Where a local flush puts the context that it demaps: the secondary context register, or, as the I-MMU of UltraSPARC III demaps
 * nothing in the secondary context, the primary one, at TL 1 and with the page sizes of the nucleus kept (Linux
 * arch/sparc/mm/ultra.S __flush_tlb_mm, __cheetah_flush_tlb_mm).
 */
const SPITFIRE = { register: SECONDARY_CONTEXT, demap: DEMAP_SECONDARY, kept: 0n }
const CHEETAH = { register: PRIMARY_CONTEXT, demap: DEMAP_PRIMARY, kept: CTX_PGSZ_NUC_MASK }

/** The local flushes of Linux's arch/sparc/mm/ultra.S. Each runs with PSTATE.IE off there, so it is one operation. */
export const __flush_tlb_mm = (context: bigint) =>
  step(`__flush_tlb_mm ctx ${context}`, true, (cx) =>
    inContext(cx, context, (mmu, where) => {
      mmu.storeAsi(ASI.ASI_DMMU_DEMAP, DEMAP_CONTEXT | where, 0n)
      mmu.storeAsi(ASI.ASI_IMMU_DEMAP, DEMAP_CONTEXT | where, 0n)
    }),
  )

/** `vaddr` with bit 0 set if instructions may be mapped there. */
export const __flush_tlb_page = (context: bigint, vaddr: bigint) =>
  step(`__flush_tlb_page ctx ${context} 0x${(vaddr & ~1n).toString(16)}`, true, (cx) =>
    inContext(cx, context, (mmu, where) => demapPage(mmu, where, vaddr)),
  )

/** `nr` addresses, as in {@link __flush_tlb_page}, from an array in memory. */
export const __flush_tlb_pending = (context: bigint, nr: number, vaddrs: bigint) =>
  step(`__flush_tlb_pending ctx ${context} ${nr} pages`, true, (cx) =>
    inContext(cx, context, (mmu, where) => {
      for (let n = nr - 1; n >= 0; n--) demapPage(mmu, where, loadWord(cx.memory, nthWord(vaddrs, n)))
    }),
  )

/** Kernel pages of [start, end) in the nucleus context. */
export const __flush_tlb_kernel_range = (start: bigint, end: bigint) =>
  step(`__flush_tlb_kernel_range 0x${start.toString(16)}`, true, ({ cpu }) => {
    for (let va = start - (start % PAGE_SIZE); va < end; va += PAGE_SIZE) {
      cpu.mmu.storeAsi(ASI.ASI_IMMU_DEMAP, va | DEMAP_NUCLEUS, 0n)
      cpu.mmu.storeAsi(ASI.ASI_DMMU_DEMAP, va | DEMAP_NUCLEUS, 0n)
    }
  })

function demapPage(mmu: Mmu, where: bigint, vaddr: bigint): void {
  const va = vaddr & ~1n
  if (vaddr & 1n) mmu.storeAsi(ASI.ASI_IMMU_DEMAP, va | where, 0n)
  mmu.storeAsi(ASI.ASI_DMMU_DEMAP, va | where, 0n)
}

/** Demaps with the context in the register that the model demaps by; `where` is what its demap operations have in bits 5:4. */
function inContext({ cpu }: OperationContext, context: bigint, demap: (mmu: Mmu, where: bigint) => void): void {
  const { mmu } = cpu
  const { register, demap: where, kept } = mmu.model.rules.instructionSecondary ? SPITFIRE : CHEETAH
  const old = mmu.loadAsi(ASI.ASI_DMMU, register)
  mmu.storeAsi(ASI.ASI_DMMU, register, (old & kept) | context)
  demap(mmu, where)
  mmu.storeAsi(ASI.ASI_DMMU, register, old)
}
