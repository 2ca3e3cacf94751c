/** One exception or interrupt, or a run of them with consecutive types. */
export interface Trap {
  /** Its type, or the lowest of its types. */
  readonly tt: number
  /** How many types it has; default 1. */
  readonly types?: number
  /** 0 is the highest. */
  readonly priority: number
  /** Which comes first among those of one priority that can hold at once; default 0, the first. */
  readonly order?: number
}

/**
 * Trap types and priorities: V9 tables 7-1 and 7-2; names, types and priorities of 0x60 to 0x6f and the order within a priority,
 * UltraSPARC-I table 8-6 and its notes 1 to 5.
 */
export const TRAPS = {
  power_on_reset: { tt: 0x001, priority: 0 },
  watchdog_reset: { tt: 0x002, priority: 1, order: 1 },
  externally_initiated_reset: { tt: 0x003, priority: 1, order: 0 },
  software_initiated_reset: { tt: 0x004, priority: 1, order: 2 },
  RED_state_exception: { tt: 0x005, priority: 1, order: 3 },
  instruction_access_exception: { tt: 0x008, priority: 5 },
  instruction_access_error: { tt: 0x00a, priority: 3 },
  illegal_instruction: { tt: 0x010, priority: 7 },
  privileged_opcode: { tt: 0x011, priority: 6 },
  fp_disabled: { tt: 0x020, priority: 8 },
  fp_exception_ieee_754: { tt: 0x021, priority: 11 },
  fp_exception_other: { tt: 0x022, priority: 11 },
  tag_overflow: { tt: 0x023, priority: 14 },
  clean_window: { tt: 0x024, types: 4, priority: 10 },
  division_by_zero: { tt: 0x028, priority: 15 },
  data_access_exception: { tt: 0x030, priority: 12, order: 0 },
  data_access_error: { tt: 0x032, priority: 12, order: 3 },
  mem_address_not_aligned: { tt: 0x034, priority: 10, order: 1 },
  LDDF_mem_address_not_aligned: { tt: 0x035, priority: 10, order: 0 },
  STDF_mem_address_not_aligned: { tt: 0x036, priority: 10, order: 0 },
  LDQF_mem_address_not_aligned: { tt: 0x038, priority: 10, order: 0 },
  STQF_mem_address_not_aligned: { tt: 0x039, priority: 10, order: 0 },
  privileged_action: { tt: 0x037, priority: 11, order: 0 },
  /** Level n has type 0x40 + n and priority 32 - n; the priority here is that of level 1. */
  interrupt_level_1: { tt: 0x041, types: 15, priority: 31 },
  interrupt_vector: { tt: 0x060, priority: 16, order: 1 },
  PA_watchpoint: { tt: 0x061, priority: 12, order: 2 },
  VA_watchpoint: { tt: 0x062, priority: 11, order: 1 },
  corrected_ECC_error: { tt: 0x063, priority: 33 },
  fast_instruction_access_MMU_miss: { tt: 0x064, types: 4, priority: 2 },
  fast_data_access_MMU_miss: { tt: 0x068, types: 4, priority: 12, order: 1 },
  fast_data_access_protection: { tt: 0x06c, types: 4, priority: 12, order: 1 },
  window_spill: { tt: 0x080, types: 64, priority: 9 },
  window_fill: { tt: 0x0c0, types: 64, priority: 9 },
  trap_instruction: { tt: 0x100, types: 128, priority: 16, order: 0 },
} as const satisfies Record<string, Trap>

export type TrapName = keyof typeof TRAPS

/**
 * Types that CPUs define and that no model here raises: those of V9 that UltraSPARC replaced or left out, async_data_error
 * (SPARC64 V JPS1 supplement, impl. dep. #35), and the errors of UltraSPARC III (Linux arch/sparc/kernel/ttable_64.S tl0_fecc,
 * tl0_dcpe, tl0_icpe). There are no errors in memory or caches.
 */
const NEVER_RAISED: Readonly<Record<string, number>> = {
  instruction_access_MMU_miss: 0x009,
  unimplemented_LDD: 0x012,
  unimplemented_STD: 0x013,
  internal_processor_error: 0x029,
  data_access_MMU_miss: 0x031,
  data_access_protection: 0x033,
  async_data_error: 0x040,
  fast_ECC_error: 0x070,
  dcache_parity_error: 0x071,
  icache_parity_error: 0x072,
}

/** Offset into the trap table: TBA | (TL > 0 ? 0x4000 : 0) | tt << 5 (V9 5.2.8). */
export const TRAP_TABLE_TL_OFFSET = 0x4000
export const TRAP_ENTRY_BYTES = 32

const TYPES = 512
const NAMES = new Array<string | undefined>(TYPES).fill(undefined)
/** By type: priority and order in one number, so that the lower one comes first. */
const RANKS = new Float64Array(TYPES).fill(Number.POSITIVE_INFINITY)
const ORDERS = 8

for (const [name, trap] of Object.entries<Trap>(TRAPS)) {
  const { tt, types = 1, priority, order = 0 } = trap
  const isLevel = name === 'interrupt_level_1'
  for (let n = 0; n < types; n++) {
    NAMES[tt + n] = name
    RANKS[tt + n] = (priority - (isLevel ? n : 0)) * ORDERS + order
  }
}
for (const [name, tt] of Object.entries(NEVER_RAISED)) NAMES[tt] = name

/** Whether the first of two trap types is taken when both could be. Types that are never raised come last. */
export function comesBefore(tt: number, other: number): boolean {
  return RANKS[tt]! < RANKS[other]!
}

/** The manual's name of a trap type, with the level, number or window class spelled out where a range shares one name. */
export function trapTypeName(tt: number): string {
  switch (NAMES[tt]) {
    case undefined:
      return `reserved_0x${tt.toString(16)}`
    case 'interrupt_level_1':
      return `interrupt_level_${tt - 0x40}`
    case 'window_spill':
      return `spill_${windowClass(tt)}`
    case 'window_fill':
      return `fill_${windowClass(tt)}`
    case 'trap_instruction':
      return `trap_instruction_0x${(tt - TRAPS.trap_instruction.tt).toString(16)}`
    default:
      return NAMES[tt]!
  }
}

function windowClass(tt: number): string {
  return `${(tt >> 2) & 7}_${tt & 0x20 ? 'other' : 'normal'}`
}
