/**
 * Address space identifiers: one row for each that UltraSPARC I to III document.
 *
 * `memory` ASIs translate an address in the context of a space and access memory; `physical` ASIs bypass the MMU; all
 * others are registers of the MMU, the interrupt unit, the system interface or the caches. The sections are those of the UltraSPARC-I
 * User's Manual. UltraSPARC III has the same ASIs (SPARC64 V JPS1 supplement L.3 refers to JPS1 for them); those that only it has
 * are named with the header or the kernel code that uses them, because no manual of it was found.
 *
 * What is not in the table is refused with data_access_exception of fault type 8. So are addresses at which an ASI has nothing, which
 * UltraSPARC-I 8.3 leaves open.
 */
export interface MemoryAsi {
  readonly kind: 'memory'
  readonly space: 'primary' | 'secondary' | 'nucleus'
  /** As if user: checked as an unprivileged access. */
  readonly user?: boolean
  readonly little?: boolean
  /** For loads only. */
  readonly noFault?: boolean
  /** Which instructions alone may use it: see {@link Transfer}. */
  readonly transfer?: Transfer
}
export interface PhysicalAsi {
  readonly kind: 'physical'
  readonly cacheable: boolean
  readonly little?: boolean
  readonly transfer?: 'quad'
}
/** Reached by 64-bit loads and stores alone: ldxa, lddfa, stxa and stdfa (UltraSPARC-I 6.5). */
export interface RegisterAsi {
  readonly kind: 'register'
  readonly unit: 'mmu' | 'interrupt' | 'system'
}
/** An array of a cache, reached as registers are. */
export interface CacheAsi {
  readonly kind: 'register'
  readonly unit: 'cache'
  readonly access: 'r' | 'w' | 'rw'
  /** Bits of an address that select a part of the array; the others are to be 0. */
  readonly index: bigint
  /** Loads are ldda alone (UltraSPARC-I 6.5). */
  readonly twinLoads: boolean
}
/**
 * `quad`: ldda of 16 bytes; `block`: lddfa and stdfa of 64 bytes; `block-commit`: stdfa of 64 bytes; `short`: lddfa and stdfa of 1 or 2
 * bytes; `partial`: stdfa with a mask (UltraSPARC-I chapter 13).
 */
export type Transfer = 'quad' | 'block' | 'block-commit' | 'short8' | 'short16' | 'partial8' | 'partial16' | 'partial32'
export type AsiKind = MemoryAsi | PhysicalAsi | RegisterAsi | CacheAsi
/** UltraSPARC I and II; III; III Cu; IIIi: what models are named after that have their MMU. */
export type AsiModel = 'spitfire' | 'cheetah' | 'cheetah-plus' | 'jalapeno'
export interface Asi {
  readonly number: number
  readonly name: string
  readonly what: AsiKind
  readonly models: readonly AsiModel[]
  /** Where it is documented. */
  readonly section: string
}

/** ASIs below this need PSTATE.PRIV (UltraSPARC-I 8.3). */
export const FIRST_UNRESTRICTED_ASI = 0x80

const primary = { kind: 'memory', space: 'primary' } as const
const secondary = { kind: 'memory', space: 'secondary' } as const
const nucleus = { kind: 'memory', space: 'nucleus' } as const
const asUser = { user: true } as const
const little = { little: true } as const
const mmu = { kind: 'register', unit: 'mmu' } as const
const interrupt = { kind: 'register', unit: 'interrupt' } as const
const system = { kind: 'register', unit: 'system' } as const

/** Any doubleword: where no document was found that says which bits of an address are used. */
const ANY_DOUBLEWORD = ~7n & ((1n << 64n) - 1n)
/** Data or tag in 40:39, 16 MB of cache (UltraSPARC-I table 7-3; illumos usr/src/uts/sun4u/cpu/spitfire_asm.S get_ecache_dtag). */
const ECACHE_ADDRESS = (3n << 39n) | 0xff_fff8n

function array(access: CacheAsi['access'] = 'rw', index = ANY_DOUBLEWORD): CacheAsi {
  return { kind: 'register', unit: 'cache', access, index, twinLoads: false }
}

function twinArray(index: bigint): CacheAsi {
  return { ...array('rw', index), twinLoads: true }
}

const I_II = ['spitfire'] as const
const SAFARI = ['cheetah', 'cheetah-plus'] as const
const JBUS = ['jalapeno'] as const
const III = [...SAFARI, ...JBUS] as const
const III_PLUS = ['cheetah-plus', 'jalapeno'] as const
const ALL = [...I_II, ...III] as const

const V9 = 'UltraSPARC-I 8.3.1'
const EXT = 'UltraSPARC-I 8.3.2'
const BYPASS = 'UltraSPARC-I 6.10'
const QUAD = 'UltraSPARC-I 13.6.3'
const VIS = 'UltraSPARC-I chapter 13'
const MMU = 'UltraSPARC-I table 6-10'
const LINUX = 'Linux arch/sparc/include/uapi/asm/asi.h'
const LOG = 'Linux arch/sparc/kernel/cherrs.S __cheetah_log_error'

const ROWS = {
  ASI_NUCLEUS: [0x04, nucleus, ALL, V9],
  ASI_NUCLEUS_LITTLE: [0x0c, { ...nucleus, ...little }, ALL, V9],
  ASI_AS_IF_USER_PRIMARY: [0x10, { ...primary, ...asUser }, ALL, V9],
  ASI_AS_IF_USER_SECONDARY: [0x11, { ...secondary, ...asUser }, ALL, V9],
  ASI_PHYS_USE_EC: [0x14, { kind: 'physical', cacheable: true }, ALL, BYPASS],
  ASI_PHYS_BYPASS_EC_WITH_EBIT: [0x15, { kind: 'physical', cacheable: false }, ALL, BYPASS],
  ASI_AS_IF_USER_PRIMARY_LITTLE: [0x18, { ...primary, ...asUser, ...little }, ALL, V9],
  ASI_AS_IF_USER_SECONDARY_LITTLE: [0x19, { ...secondary, ...asUser, ...little }, ALL, V9],
  ASI_PHYS_USE_EC_LITTLE: [0x1c, { kind: 'physical', cacheable: true, ...little }, ALL, BYPASS],
  ASI_PHYS_BYPASS_EC_WITH_EBIT_LITTLE: [0x1d, { kind: 'physical', cacheable: false, ...little }, ALL, BYPASS],
  ASI_NUCLEUS_QUAD_LDD: [0x24, { ...nucleus, transfer: 'quad' }, ALL, QUAD],
  ASI_NUCLEUS_QUAD_LDD_LITTLE: [0x2c, { ...nucleus, ...little, transfer: 'quad' }, ALL, QUAD],
  ASI_PCACHE_DATA_STATUS: [0x30, array(), III, LINUX],
  ASI_PCACHE_DATA: [0x31, array(), III, LINUX],
  ASI_PCACHE_TAG: [0x32, array(), III, LINUX],
  ASI_PCACHE_SNOOP_TAG: [0x33, array(), III, LINUX],
  ASI_QUAD_LDD_PHYS: [
    0x34,
    { kind: 'physical', cacheable: true, transfer: 'quad' },
    III_PLUS,
    'SPARC64 V JPS1 supplement A.30',
  ],
  ASI_WCACHE_VALID_BITS: [0x38, array(), III, LINUX],
  ASI_WCACHE_DATA: [0x39, array(), III, LINUX],
  ASI_WCACHE_TAG: [0x3a, array(), III, LINUX],
  ASI_WCACHE_SNOOP_TAG: [0x3b, array(), III, LINUX],
  ASI_QUAD_LDD_PHYS_LITTLE: [
    0x3c,
    { kind: 'physical', cacheable: true, ...little, transfer: 'quad' },
    III_PLUS,
    'SPARC64 V JPS1 supplement A.30',
  ],
  ASI_SRAM_FAST_INIT: [0x40, array('w'), III_PLUS, LINUX],
  ASI_DCACHE_INVALIDATE: [0x42, array('w'), III, 'Linux arch/sparc/mm/ultra.S __cheetah_flush_dcache_page'],
  ASI_DCACHE_UTAG: [0x43, array('rw', 0xffe0n), III, LOG],
  ASI_DCACHE_SNOOP_TAG: [0x44, array('rw', 0xffe0n), III, LOG],
  ASI_LSU_CONTROL_REG: [0x45, mmu, I_II, 'UltraSPARC-I A.6'],
  ASI_DCU_CONTROL_REG: [0x45, mmu, III, LINUX],
  ASI_DCACHE_DATA: [0x46, array('rw', 0x3ff8n), I_II, EXT],
  ASI_DC_DATA: [0x46, array('rw', 0xfff8n), III, LOG],
  ASI_DCACHE_TAG: [0x47, array('rw', 0x3fe0n), I_II, EXT],
  ASI_DC_TAG: [0x47, array('rw', 0xffe0n), III, LOG],
  ASI_INTR_DISPATCH_STATUS: [0x48, interrupt, ALL, 'UltraSPARC-I 9.3.3'],
  ASI_INTR_RECEIVE: [0x49, interrupt, ALL, 'UltraSPARC-I 9.3.5'],
  ASI_UPA_CONFIG_REG: [0x4a, system, I_II, 'UltraSPARC-I 8.3.3.2'],
  ASI_SAFARI_CONFIG: [0x4a, system, SAFARI, LINUX],
  ASI_JBUS_CONFIG: [0x4a, system, JBUS, LINUX],
  ASI_ESTATE_ERROR_EN_REG: [0x4b, system, ALL, 'UltraSPARC-I 11.3.1'],
  ASI_ASYNC_FAULT_STATUS: [0x4c, system, ALL, 'UltraSPARC-I table 11-2'],
  ASI_ASYNC_FAULT_ADDRESS: [0x4d, system, ALL, 'UltraSPARC-I table 11-5'],
  ASI_ECACHE_TAG_DATA: [0x4e, array('rw', 0n), I_II, EXT],
  ASI_EC_TAG_DATA: [0x4e, array(), III, LOG],
  ASI_IMMU: [0x50, mmu, ALL, MMU],
  ASI_IMMU_TSB_8KB_PTR_REG: [0x51, mmu, ALL, MMU],
  ASI_IMMU_TSB_64KB_PTR_REG: [0x52, mmu, ALL, MMU],
  ASI_SERIAL_ID: [0x53, system, III, 'FreeBSD sys/sparc64/include/asi.h'],
  ASI_ITLB_DATA_IN_REG: [0x54, mmu, ALL, MMU],
  ASI_ITLB_DATA_ACCESS_REG: [0x55, mmu, ALL, MMU],
  ASI_ITLB_TAG_READ_REG: [0x56, mmu, ALL, MMU],
  ASI_IMMU_DEMAP: [0x57, mmu, ALL, MMU],
  ASI_DMMU: [0x58, mmu, ALL, MMU],
  ASI_DMMU_TSB_8KB_PTR_REG: [0x59, mmu, ALL, MMU],
  ASI_DMMU_TSB_64KB_PTR_REG: [0x5a, mmu, ALL, MMU],
  ASI_DMMU_TSB_DIRECT_PTR_REG: [0x5b, mmu, ALL, MMU],
  ASI_DTLB_DATA_IN_REG: [0x5c, mmu, ALL, MMU],
  ASI_DTLB_DATA_ACCESS_REG: [0x5d, mmu, ALL, MMU],
  ASI_DTLB_TAG_READ_REG: [0x5e, mmu, ALL, MMU],
  ASI_DMMU_DEMAP: [0x5f, mmu, ALL, MMU],
  ASI_IIU_INST_TRAP: [0x60, system, III, LINUX],
  ASI_ICACHE_INSTR: [0x66, twinArray(0x3ff8n), I_II, 'UltraSPARC-I 6.5, A.7'],
  ASI_IC_INSTR: [0x66, array(), III, LOG],
  ASI_ICACHE_TAG: [0x67, twinArray(0x3fe0n), I_II, 'UltraSPARC-I 6.5, A.7'],
  ASI_IC_TAG: [0x67, array('rw', 0xfff8n), III, LOG],
  ASI_IC_STAG: [0x68, array('rw', 0xfff8n), III, LOG],
  ASI_ICACHE_PRE_DECODE: [0x6e, twinArray(0x3ff8n), I_II, 'UltraSPARC-I 6.5, A.7'],
  ASI_ICACHE_NEXT_FIELD: [0x6f, twinArray(0x3ff8n), I_II, 'UltraSPARC-I 6.5, A.7'],
  ASI_BRPRED_ARRAY: [0x6f, array(), III, LINUX],
  ASI_BLOCK_AS_IF_USER_PRIMARY: [0x70, { ...primary, ...asUser, transfer: 'block' }, ALL, VIS],
  ASI_BLOCK_AS_IF_USER_SECONDARY: [0x71, { ...secondary, ...asUser, transfer: 'block' }, ALL, VIS],
  ASI_MCU_CTRL_REG: [0x72, system, III, LINUX],
  ASI_EC_DATA: [0x74, array('rw', 0x38n), III, LOG],
  ASI_EC_CTRL: [0x75, system, III, LINUX],
  ASI_ECACHE_W: [0x76, array('w', ECACHE_ADDRESS), I_II, EXT],
  ASI_EC_W: [0x76, array('w'), III, LINUX],
  ASI_INTR_W: [0x77, interrupt, ALL, 'UltraSPARC-I 9.3.1, 9.3.2, 11.4'],
  ASI_BLOCK_AS_IF_USER_PRIMARY_LITTLE: [0x78, { ...primary, ...asUser, ...little, transfer: 'block' }, ALL, VIS],
  ASI_BLOCK_AS_IF_USER_SECONDARY_LITTLE: [0x79, { ...secondary, ...asUser, ...little, transfer: 'block' }, ALL, VIS],
  ASI_ECACHE_R: [0x7e, array('r', ECACHE_ADDRESS), I_II, EXT],
  ASI_EC_R: [0x7e, array('r'), III, LOG],
  ASI_INTR_R: [0x7f, interrupt, ALL, 'UltraSPARC-I 9.3.4, 11.4'],
  ASI_PRIMARY: [0x80, primary, ALL, V9],
  ASI_SECONDARY: [0x81, secondary, ALL, V9],
  ASI_PRIMARY_NO_FAULT: [0x82, { ...primary, noFault: true }, ALL, V9],
  ASI_SECONDARY_NO_FAULT: [0x83, { ...secondary, noFault: true }, ALL, V9],
  ASI_PRIMARY_LITTLE: [0x88, { ...primary, ...little }, ALL, V9],
  ASI_SECONDARY_LITTLE: [0x89, { ...secondary, ...little }, ALL, V9],
  ASI_PRIMARY_NO_FAULT_LITTLE: [0x8a, { ...primary, noFault: true, ...little }, ALL, V9],
  ASI_SECONDARY_NO_FAULT_LITTLE: [0x8b, { ...secondary, noFault: true, ...little }, ALL, V9],
  ASI_PST8_PRIMARY: [0xc0, { ...primary, transfer: 'partial8' }, ALL, VIS],
  ASI_PST8_SECONDARY: [0xc1, { ...secondary, transfer: 'partial8' }, ALL, VIS],
  ASI_PST16_PRIMARY: [0xc2, { ...primary, transfer: 'partial16' }, ALL, VIS],
  ASI_PST16_SECONDARY: [0xc3, { ...secondary, transfer: 'partial16' }, ALL, VIS],
  ASI_PST32_PRIMARY: [0xc4, { ...primary, transfer: 'partial32' }, ALL, VIS],
  ASI_PST32_SECONDARY: [0xc5, { ...secondary, transfer: 'partial32' }, ALL, VIS],
  ASI_PST8_PRIMARY_LITTLE: [0xc8, { ...primary, ...little, transfer: 'partial8' }, ALL, VIS],
  ASI_PST8_SECONDARY_LITTLE: [0xc9, { ...secondary, ...little, transfer: 'partial8' }, ALL, VIS],
  ASI_PST16_PRIMARY_LITTLE: [0xca, { ...primary, ...little, transfer: 'partial16' }, ALL, VIS],
  ASI_PST16_SECONDARY_LITTLE: [0xcb, { ...secondary, ...little, transfer: 'partial16' }, ALL, VIS],
  ASI_PST32_PRIMARY_LITTLE: [0xcc, { ...primary, ...little, transfer: 'partial32' }, ALL, VIS],
  ASI_PST32_SECONDARY_LITTLE: [0xcd, { ...secondary, ...little, transfer: 'partial32' }, ALL, VIS],
  ASI_FL8_PRIMARY: [0xd0, { ...primary, transfer: 'short8' }, ALL, VIS],
  ASI_FL8_SECONDARY: [0xd1, { ...secondary, transfer: 'short8' }, ALL, VIS],
  ASI_FL16_PRIMARY: [0xd2, { ...primary, transfer: 'short16' }, ALL, VIS],
  ASI_FL16_SECONDARY: [0xd3, { ...secondary, transfer: 'short16' }, ALL, VIS],
  ASI_FL8_PRIMARY_LITTLE: [0xd8, { ...primary, ...little, transfer: 'short8' }, ALL, VIS],
  ASI_FL8_SECONDARY_LITTLE: [0xd9, { ...secondary, ...little, transfer: 'short8' }, ALL, VIS],
  ASI_FL16_PRIMARY_LITTLE: [0xda, { ...primary, ...little, transfer: 'short16' }, ALL, VIS],
  ASI_FL16_SECONDARY_LITTLE: [0xdb, { ...secondary, ...little, transfer: 'short16' }, ALL, VIS],
  ASI_BLOCK_COMMIT_PRIMARY: [0xe0, { ...primary, transfer: 'block-commit' }, ALL, VIS],
  ASI_BLOCK_COMMIT_SECONDARY: [0xe1, { ...secondary, transfer: 'block-commit' }, ALL, VIS],
  ASI_BLOCK_PRIMARY: [0xf0, { ...primary, transfer: 'block' }, ALL, VIS],
  ASI_BLOCK_SECONDARY: [0xf1, { ...secondary, transfer: 'block' }, ALL, VIS],
  ASI_BLOCK_PRIMARY_LITTLE: [0xf8, { ...primary, ...little, transfer: 'block' }, ALL, VIS],
  ASI_BLOCK_SECONDARY_LITTLE: [0xf9, { ...secondary, ...little, transfer: 'block' }, ALL, VIS],
} as const satisfies Record<string, readonly [number, AsiKind, readonly AsiModel[], string]>

/** Numbers by name. */
export const ASI = Object.fromEntries(Object.entries(ROWS).map(([name, [number]]) => [name, number])) as {
  readonly [Name in keyof typeof ROWS]: (typeof ROWS)[Name][0]
}

/** All rows, in the order of their numbers. */
export const ASIS: readonly Asi[] = Object.entries(ROWS).map(([name, [number, what, models, section]]) => ({
  number,
  name,
  what,
  models,
  section,
}))

/** The ASIs of a model by number; undefined where it has none. */
export function asisOf(model: AsiModel): readonly (Asi | undefined)[] {
  const table: (Asi | undefined)[] = new Array(256).fill(undefined)
  for (const asi of ASIS) if (asi.models.includes(model)) table[asi.number] = asi
  return table
}
