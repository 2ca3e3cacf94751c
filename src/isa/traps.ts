/**
 * Trap types and priorities (0 is the highest): V9 table 7-1 and 7-2; names and types 0x60 to 0x6c, UltraSPARC-I table 8-6.
 */
export const TRAPS = {
  power_on_reset: { tt: 0x001, priority: 0 },
  watchdog_reset: { tt: 0x002, priority: 1 },
  externally_initiated_reset: { tt: 0x003, priority: 1 },
  software_initiated_reset: { tt: 0x004, priority: 1 },
  RED_state_exception: { tt: 0x005, priority: 1 },
  instruction_access_exception: { tt: 0x008, priority: 5 },
  instruction_access_error: { tt: 0x00a, priority: 3 },
  illegal_instruction: { tt: 0x010, priority: 7 },
  privileged_opcode: { tt: 0x011, priority: 6 },
  fp_disabled: { tt: 0x020, priority: 8 },
  fp_exception_ieee_754: { tt: 0x021, priority: 11 },
  fp_exception_other: { tt: 0x022, priority: 11 },
  tag_overflow: { tt: 0x023, priority: 14 },
  clean_window: { tt: 0x024, priority: 10 },
  division_by_zero: { tt: 0x028, priority: 15 },
  data_access_exception: { tt: 0x030, priority: 12 },
  data_access_error: { tt: 0x032, priority: 12 },
  mem_address_not_aligned: { tt: 0x034, priority: 10 },
  LDDF_mem_address_not_aligned: { tt: 0x035, priority: 10 },
  STDF_mem_address_not_aligned: { tt: 0x036, priority: 10 },
  LDQF_mem_address_not_aligned: { tt: 0x038, priority: 10 },
  STQF_mem_address_not_aligned: { tt: 0x039, priority: 10 },
  privileged_action: { tt: 0x037, priority: 11 },
  interrupt_level_1: { tt: 0x041, priority: 31 },
  interrupt_vector: { tt: 0x060, priority: 16 },
  PA_watchpoint: { tt: 0x061, priority: 12 },
  VA_watchpoint: { tt: 0x062, priority: 11 },
  corrected_ECC_error: { tt: 0x063, priority: 33 },
  fast_instruction_access_MMU_miss: { tt: 0x064, priority: 2 },
  fast_data_access_MMU_miss: { tt: 0x068, priority: 12 },
  fast_data_access_protection: { tt: 0x06c, priority: 12 },
  window_spill: { tt: 0x080, priority: 9 },
  window_fill: { tt: 0x0c0, priority: 9 },
  trap_instruction: { tt: 0x100, priority: 16 },
} as const

export type TrapName = keyof typeof TRAPS

/** Offset into the trap table: TBA | (TL > 0 ? 0x4000 : 0) | tt << 5 (V9 5.2.8). */
export const TRAP_TABLE_TL_OFFSET = 0x4000
export const TRAP_ENTRY_BYTES = 32

const NAMES_BY_TYPE = new Map<number, TrapName>(Object.entries(TRAPS).map(([name, { tt }]) => [tt, name as TrapName]))

/** The manual's name of a trap type, with the level, number or window class spelled out where a range shares one name. */
export function trapTypeName(tt: number): string {
  const exact = NAMES_BY_TYPE.get(tt)
  if (exact !== undefined && !(tt >= 0x80 && tt < 0x180)) return exact
  if (tt >= 0x41 && tt <= 0x4f) return `interrupt_level_${tt - 0x40}`
  if (tt >= 0x64 && tt <= 0x67) return 'fast_instruction_access_MMU_miss'
  if (tt >= 0x68 && tt <= 0x6b) return 'fast_data_access_MMU_miss'
  if (tt >= 0x6c && tt <= 0x6f) return 'fast_data_access_protection'
  if (tt >= 0x80 && tt <= 0xff) {
    const kind = tt < 0xc0 ? 'spill' : 'fill'
    return `${kind}_${(tt >> 2) & 7}_${tt & 0x20 ? 'other' : 'normal'}`
  }
  if (tt >= 0x100 && tt <= 0x17f) return `trap_instruction_0x${(tt - 0x100).toString(16)}`
  return `reserved_0x${tt.toString(16)}`
}
