/** ASI_LSU_CONTROL_REG, VA 0 (UltraSPARC-I A.6). */
export const LSU_IC = 1n << 0n
export const LSU_DC = 1n << 1n
/** Instruction and data MMU enable. */
export const LSU_IM = 1n << 2n
export const LSU_DM = 1n << 3n
/** Watchpoint enables: virtual and physical, write and read. */
export const LSU_VW = 1n << 21n
export const LSU_VR = 1n << 22n
export const LSU_PW = 1n << 23n
export const LSU_PR = 1n << 24n
/** Watchpoint byte masks, 8 bits each. */
export const LSU_VM_SHIFT = 25n
export const LSU_PM_SHIFT = 33n
/** All but the reserved bits 63:41 and 20. */
export const LSU_WRITABLE = 0x1ff_ffef_ffffn
