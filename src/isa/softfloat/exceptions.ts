/** The five IEEE exceptions as FSR.cexc, FSR.aexc and FSR.TEM number them (V9 5.1.7). */
export const FLAG_NV = 16
export const FLAG_OF = 8
export const FLAG_UF = 4
export const FLAG_DZ = 2
export const FLAG_NX = 1
/**
 * Beyond the five: the exact result was below the smallest normal number, whether or not it was rounded. It is an underflow
 * only if underflow traps are enabled (V9 B.3), else only if the result is inexact as well (V9 B.4).
 */
export const FLAG_TINY = 32

/**
 * The field FSR.cexc after an operation, and whether it traps.
 *
 * @param raised flags that the operation raised, FLAG_TINY included; with FLAG_UF that is raised, too
 * @param enabled FSR.TEM
 * @returns cexc, 5 bits; when the trap is taken exactly one bit is set (V9 5.1.7)
 */
export function settleExceptions(raised: number, enabled: number): { cexc: number; traps: boolean } {
  const cexc = (raised & 31) | (raised & FLAG_TINY && enabled & FLAG_UF)
  for (const flag of TRAP_ORDER) {
    if (cexc & enabled & flag) return { cexc: flag, traps: true }
  }
  return { cexc, traps: false }
}

/** Overflow and underflow go before the inexact that accompanies them (V9 5.1.7). */
const TRAP_ORDER = [FLAG_NV, FLAG_DZ, FLAG_OF, FLAG_UF, FLAG_NX]
