import { type OperationContext, pte_of, pte_page, pte_present } from '../kernel-shim'
import { processOf } from './process'

const PAGE_MASK = 8191n
const USER_END = 1n << 43n

/** Physical address of a user address whose page is present, for the host; undefined otherwise. */
export function userPhysical({ kernel }: OperationContext, va: bigint): number | undefined {
  if (va < 0n || va >= USER_END) return undefined
  const pte = pte_of(kernel, processOf(kernel).mm, va)
  return pte_present(pte) ? Number(pte_page(pte) | (va & PAGE_MASK)) : undefined
}

/** The instruction word at a user address, read through the page table. */
export function userWord(cx: OperationContext, va: bigint): number | undefined {
  const pa = userPhysical(cx, va & ~3n)
  return pa === undefined ? undefined : Number(cx.machine.memory.peek(pa, 4))
}
