/**
 * UltraSPARC-III's Data Cache Unit Control Register, ASI 0x45 at VA 0. MMU enables, watchpoint enables and masks are where
 * the LSU control register of UltraSPARC I has them (illumos usr/src/uts/sun4u/sys/cheetahregs.h DCU_*).
 */

/** Cacheability of accesses while the MMU is disabled: virtual and physical. */
export const DCU_CV = 1n << 48n
export const DCU_CP = 1n << 49n
/** All but the reserved bits 63:50 and 20:4. */
export const DCU_WRITABLE = 0x3_ffff_ffe0_000fn
