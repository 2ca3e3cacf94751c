/**
 * Address space identifiers: one row each (V9 and UltraSPARC-I chapter 8).
 *
 * `memory` ASIs translate an address in the context of a space and access memory; `physical` ASIs bypass the MMU; all
 * others are registers of the MMU, the interrupt unit or the caches.
 */
export interface MemoryAsi {
  readonly kind: 'memory'
  readonly space: 'primary' | 'secondary' | 'nucleus'
  /** As if user: checked as an unprivileged access. */
  readonly user?: boolean
  readonly little?: boolean
  readonly noFault?: boolean
  readonly transfer?: 'quad' | 'block' | 'block-commit' | 'short8' | 'short16' | 'partial8' | 'partial16' | 'partial32'
}
export interface PhysicalAsi {
  readonly kind: 'physical'
  readonly cacheable: boolean
  readonly little?: boolean
}
export interface RegisterAsi {
  readonly kind: 'register'
  readonly unit: 'mmu' | 'interrupt' | 'system' | 'cache'
}
export type AsiKind = MemoryAsi | PhysicalAsi | RegisterAsi
export interface Asi {
  readonly number: number
  readonly name: string
  readonly what: AsiKind
}

/** ASIs below this need PSTATE.PRIV (V9 8.3). */
export const FIRST_UNRESTRICTED_ASI = 0x80

const primary = { kind: 'memory', space: 'primary' } as const
const secondary = { kind: 'memory', space: 'secondary' } as const
const nucleus = { kind: 'memory', space: 'nucleus' } as const
const asUser = { user: true } as const
const little = { little: true } as const
const mmu = { kind: 'register', unit: 'mmu' } as const
const interrupt = { kind: 'register', unit: 'interrupt' } as const
const system = { kind: 'register', unit: 'system' } as const
const cache = { kind: 'register', unit: 'cache' } as const

const ROWS = {
  ASI_NUCLEUS: [0x04, nucleus],
  ASI_NUCLEUS_LITTLE: [0x0c, { ...nucleus, ...little }],
  ASI_AS_IF_USER_PRIMARY: [0x10, { ...primary, ...asUser }],
  ASI_AS_IF_USER_SECONDARY: [0x11, { ...secondary, ...asUser }],
  ASI_PHYS_USE_EC: [0x14, { kind: 'physical', cacheable: true }],
  ASI_PHYS_BYPASS_EC_WITH_EBIT: [0x15, { kind: 'physical', cacheable: false }],
  ASI_AS_IF_USER_PRIMARY_LITTLE: [0x18, { ...primary, ...asUser, ...little }],
  ASI_AS_IF_USER_SECONDARY_LITTLE: [0x19, { ...secondary, ...asUser, ...little }],
  ASI_PHYS_USE_EC_LITTLE: [0x1c, { kind: 'physical', cacheable: true, ...little }],
  ASI_PHYS_BYPASS_EC_WITH_EBIT_LITTLE: [0x1d, { kind: 'physical', cacheable: false, ...little }],
  ASI_NUCLEUS_QUAD_LDD: [0x24, { ...nucleus, transfer: 'quad' }],
  ASI_NUCLEUS_QUAD_LDD_LITTLE: [0x2c, { ...nucleus, ...little, transfer: 'quad' }],
  ASI_LSU_CONTROL_REG: [0x45, mmu],
  ASI_DCACHE_DATA: [0x46, cache],
  ASI_DCACHE_TAG: [0x47, cache],
  ASI_INTR_DISPATCH_STATUS: [0x48, interrupt],
  ASI_INTR_RECEIVE: [0x49, interrupt],
  ASI_UPA_CONFIG_REG: [0x4a, system],
  ASI_ESTATE_ERROR_EN_REG: [0x4b, system],
  ASI_ASYNC_FAULT_STATUS: [0x4c, system],
  ASI_ASYNC_FAULT_ADDRESS: [0x4d, system],
  ASI_ECACHE_TAG_DATA: [0x4e, cache],
  ASI_IMMU: [0x50, mmu],
  ASI_IMMU_TSB_8KB_PTR_REG: [0x51, mmu],
  ASI_IMMU_TSB_64KB_PTR_REG: [0x52, mmu],
  ASI_ITLB_DATA_IN_REG: [0x54, mmu],
  ASI_ITLB_DATA_ACCESS_REG: [0x55, mmu],
  ASI_ITLB_TAG_READ_REG: [0x56, mmu],
  ASI_IMMU_DEMAP: [0x57, mmu],
  ASI_DMMU: [0x58, mmu],
  ASI_DMMU_TSB_8KB_PTR_REG: [0x59, mmu],
  ASI_DMMU_TSB_64KB_PTR_REG: [0x5a, mmu],
  ASI_DMMU_TSB_DIRECT_PTR_REG: [0x5b, mmu],
  ASI_DTLB_DATA_IN_REG: [0x5c, mmu],
  ASI_DTLB_DATA_ACCESS_REG: [0x5d, mmu],
  ASI_DTLB_TAG_READ_REG: [0x5e, mmu],
  ASI_DMMU_DEMAP: [0x5f, mmu],
  ASI_ICACHE_INSTR: [0x66, cache],
  ASI_ICACHE_TAG: [0x67, cache],
  ASI_ICACHE_PRE_DECODE: [0x6e, cache],
  ASI_ICACHE_NEXT_FIELD: [0x6f, cache],
  ASI_BLOCK_AS_IF_USER_PRIMARY: [0x70, { ...primary, ...asUser, transfer: 'block' }],
  ASI_BLOCK_AS_IF_USER_SECONDARY: [0x71, { ...secondary, ...asUser, transfer: 'block' }],
  ASI_ECACHE_W: [0x76, cache],
  ASI_INTR_W: [0x77, interrupt],
  ASI_BLOCK_AS_IF_USER_PRIMARY_LITTLE: [0x78, { ...primary, ...asUser, ...little, transfer: 'block' }],
  ASI_BLOCK_AS_IF_USER_SECONDARY_LITTLE: [0x79, { ...secondary, ...asUser, ...little, transfer: 'block' }],
  ASI_ECACHE_R: [0x7e, cache],
  ASI_INTR_R: [0x7f, interrupt],
  ASI_PRIMARY: [0x80, primary],
  ASI_SECONDARY: [0x81, secondary],
  ASI_PRIMARY_NO_FAULT: [0x82, { ...primary, noFault: true }],
  ASI_SECONDARY_NO_FAULT: [0x83, { ...secondary, noFault: true }],
  ASI_PRIMARY_LITTLE: [0x88, { ...primary, ...little }],
  ASI_SECONDARY_LITTLE: [0x89, { ...secondary, ...little }],
  ASI_PRIMARY_NO_FAULT_LITTLE: [0x8a, { ...primary, noFault: true, ...little }],
  ASI_SECONDARY_NO_FAULT_LITTLE: [0x8b, { ...secondary, noFault: true, ...little }],
  ASI_PST8_PRIMARY: [0xc0, { ...primary, transfer: 'partial8' }],
  ASI_PST8_SECONDARY: [0xc1, { ...secondary, transfer: 'partial8' }],
  ASI_PST16_PRIMARY: [0xc2, { ...primary, transfer: 'partial16' }],
  ASI_PST16_SECONDARY: [0xc3, { ...secondary, transfer: 'partial16' }],
  ASI_PST32_PRIMARY: [0xc4, { ...primary, transfer: 'partial32' }],
  ASI_PST32_SECONDARY: [0xc5, { ...secondary, transfer: 'partial32' }],
  ASI_PST8_PRIMARY_LITTLE: [0xc8, { ...primary, ...little, transfer: 'partial8' }],
  ASI_PST8_SECONDARY_LITTLE: [0xc9, { ...secondary, ...little, transfer: 'partial8' }],
  ASI_PST16_PRIMARY_LITTLE: [0xca, { ...primary, ...little, transfer: 'partial16' }],
  ASI_PST16_SECONDARY_LITTLE: [0xcb, { ...secondary, ...little, transfer: 'partial16' }],
  ASI_PST32_PRIMARY_LITTLE: [0xcc, { ...primary, ...little, transfer: 'partial32' }],
  ASI_PST32_SECONDARY_LITTLE: [0xcd, { ...secondary, ...little, transfer: 'partial32' }],
  ASI_FL8_PRIMARY: [0xd0, { ...primary, transfer: 'short8' }],
  ASI_FL8_SECONDARY: [0xd1, { ...secondary, transfer: 'short8' }],
  ASI_FL16_PRIMARY: [0xd2, { ...primary, transfer: 'short16' }],
  ASI_FL16_SECONDARY: [0xd3, { ...secondary, transfer: 'short16' }],
  ASI_FL8_PRIMARY_LITTLE: [0xd8, { ...primary, ...little, transfer: 'short8' }],
  ASI_FL8_SECONDARY_LITTLE: [0xd9, { ...secondary, ...little, transfer: 'short8' }],
  ASI_FL16_PRIMARY_LITTLE: [0xda, { ...primary, ...little, transfer: 'short16' }],
  ASI_FL16_SECONDARY_LITTLE: [0xdb, { ...secondary, ...little, transfer: 'short16' }],
  ASI_BLOCK_COMMIT_PRIMARY: [0xe0, { ...primary, transfer: 'block-commit' }],
  ASI_BLOCK_COMMIT_SECONDARY: [0xe1, { ...secondary, transfer: 'block-commit' }],
  ASI_BLOCK_PRIMARY: [0xf0, { ...primary, transfer: 'block' }],
  ASI_BLOCK_SECONDARY: [0xf1, { ...secondary, transfer: 'block' }],
  ASI_BLOCK_PRIMARY_LITTLE: [0xf8, { ...primary, ...little, transfer: 'block' }],
  ASI_BLOCK_SECONDARY_LITTLE: [0xf9, { ...secondary, ...little, transfer: 'block' }],
} as const satisfies Record<string, readonly [number, AsiKind]>

/** Numbers by name. */
export const ASI = Object.fromEntries(Object.entries(ROWS).map(([name, [number]]) => [name, number])) as {
  readonly [Name in keyof typeof ROWS]: (typeof ROWS)[Name][0]
}

/** By number; undefined where UltraSPARC I/II define no ASI. */
export const ASIS: readonly (Asi | undefined)[] = (() => {
  const table: (Asi | undefined)[] = new Array(256).fill(undefined)
  for (const [name, [number, what]] of Object.entries(ROWS)) table[number] = { number, name, what }
  return table
})()
