import { ASI } from '../isa/index'
import type { ContextKind } from '../mmu/index'

const ASIS: Record<ContextKind, number> = {
  primary: ASI.ASI_PRIMARY,
  secondary: ASI.ASI_SECONDARY,
  nucleus: ASI.ASI_NUCLEUS,
}
const NO_FAULT_ASIS: Record<ContextKind, number> = {
  primary: ASI.ASI_PRIMARY_NO_FAULT,
  secondary: ASI.ASI_SECONDARY_NO_FAULT,
  nucleus: ASI.ASI_NUCLEUS,
}

/** The ASI of an access in a context. The nucleus has no non-faulting one. */
export function asiOf(context: ContextKind, noFault: boolean): number {
  return (noFault ? NO_FAULT_ASIS : ASIS)[context]
}
