import { ASI } from '../asi'
import { mk_pte, type OperationContext, PTE, pte_lock, pte_of, pte_page, pte_present, write_pte } from '../kernel-shim'
import { PROT_EXEC, PROT_WRITE, SEGV_ACCERR, SEGV_MAPERR } from './constants'
import type { ProcessState } from './process'
import { findVma, type Vma } from './vma'

export type FaultAccess = 'load' | 'store' | 'fetch'

/** What became of a page fault. */
export type FaultOutcome = { readonly fixed: true } | { readonly fixed: false; readonly code: number }

const FIXED: FaultOutcome = { fixed: true }
const DEMAP_PAGE_PRIMARY = 0n
const PAGE = 8192n

/** Raised when there is no page left: the program is killed as by Linux's out-of-memory killer. */
export class NoMemory extends Error {
  override readonly name = 'NoMemory'
}

/**
 * Makes a user page present, if its range allows the access: one atomic operation on ranges and page table.
 * @throws NoMemory
 */
export function faultIn(cx: OperationContext, process: ProcessState, va: bigint, access: FaultAccess): FaultOutcome {
  const { kernel, cpu } = cx
  const vma = findVma(process.vmas, va)
  if (vma === undefined) return { fixed: false, code: SEGV_MAPERR }
  if (!allows(vma.protection, access)) return { fixed: false, code: SEGV_ACCERR }
  const page = va - (va % PAGE)
  pte_lock(kernel, cpu.index, process.mm, page)
  const pte = pte_of(kernel, process.mm, page)
  if (!pte_present(pte)) populate(cx, process, vma, page, pte)
  // The TLB may hold the entry as it was before it became writable: the trap leaves it there (UltraSPARC-I 6.6)
  if (access === 'store') cpu.mmu.storeAsi(ASI.ASI_DMMU_DEMAP, page | DEMAP_PAGE_PRIMARY, 0n)
  return FIXED
}

function populate(cx: OperationContext, process: ProcessState, vma: Vma, page: bigint, pte: bigint): void {
  const { kernel, cpu } = cx
  const frame = pte === 0n ? kernel.allocator.page(cpu.index) : pte_page(pte)
  if (frame === undefined) throw new NoMemory(`no page left for address 0x${page.toString(16)}`)
  if (write_pte(kernel, cpu.index, process.mm, page, pteFor(frame, vma.protection)) === undefined) {
    if (pte === 0n) kernel.freeUserPage(frame, cpu.index)
    throw new NoMemory(`no page left for the page table of address 0x${page.toString(16)}`)
  }
}

/** The page-table entry of a frame under a protection; without any, the frame is kept but not present. */
export function pteFor(frame: bigint, protection: number): bigint {
  const pte = mk_pte(frame, { write: (protection & PROT_WRITE) !== 0, exec: (protection & PROT_EXEC) !== 0 })
  return protection === 0 ? pte & ~PTE.VALID : pte
}

/** Writing and executing imply reading, as in Linux on SPARC. */
function allows(protection: number, access: FaultAccess): boolean {
  if (access === 'store') return (protection & PROT_WRITE) !== 0
  if (access === 'fetch') return (protection & PROT_EXEC) !== 0
  return protection !== 0
}
