/**
 * Address space identifiers: one row each (V9 table 8-1; UltraSPARC-I 8.3).
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

const ROWS: readonly (readonly [number, string, AsiKind])[] = [
  [0x04, 'ASI_NUCLEUS', nucleus],
  [0x0c, 'ASI_NUCLEUS_LITTLE', { ...nucleus, ...little }],
  [0x10, 'ASI_AS_IF_USER_PRIMARY', { ...primary, ...asUser }],
  [0x11, 'ASI_AS_IF_USER_SECONDARY', { ...secondary, ...asUser }],
  [0x14, 'ASI_PHYS_USE_EC', { kind: 'physical', cacheable: true }],
  [0x15, 'ASI_PHYS_BYPASS_EC_WITH_EBIT', { kind: 'physical', cacheable: false }],
  [0x18, 'ASI_AS_IF_USER_PRIMARY_LITTLE', { ...primary, ...asUser, ...little }],
  [0x19, 'ASI_AS_IF_USER_SECONDARY_LITTLE', { ...secondary, ...asUser, ...little }],
  [0x1c, 'ASI_PHYS_USE_EC_LITTLE', { kind: 'physical', cacheable: true, ...little }],
  [0x1d, 'ASI_PHYS_BYPASS_EC_WITH_EBIT_LITTLE', { kind: 'physical', cacheable: false, ...little }],
  [0x24, 'ASI_NUCLEUS_QUAD_LDD', { ...nucleus, transfer: 'quad' }],
  [0x2c, 'ASI_NUCLEUS_QUAD_LDD_LITTLE', { ...nucleus, ...little, transfer: 'quad' }],
  [0x45, 'ASI_LSU_CONTROL_REG', mmu],
  [0x46, 'ASI_DCACHE_DATA', cache],
  [0x47, 'ASI_DCACHE_TAG', cache],
  [0x48, 'ASI_INTR_DISPATCH_STATUS', interrupt],
  [0x49, 'ASI_INTR_RECEIVE', interrupt],
  [0x4a, 'ASI_UPA_CONFIG_REG', system],
  [0x4b, 'ASI_ESTATE_ERROR_EN_REG', system],
  [0x4c, 'ASI_ASYNC_FAULT_STATUS', system],
  [0x4d, 'ASI_ASYNC_FAULT_ADDRESS', system],
  [0x4e, 'ASI_ECACHE_TAG_DATA', cache],
  [0x50, 'ASI_IMMU', mmu],
  [0x51, 'ASI_IMMU_TSB_8KB_PTR_REG', mmu],
  [0x52, 'ASI_IMMU_TSB_64KB_PTR_REG', mmu],
  [0x54, 'ASI_ITLB_DATA_IN_REG', mmu],
  [0x55, 'ASI_ITLB_DATA_ACCESS_REG', mmu],
  [0x56, 'ASI_ITLB_TAG_READ_REG', mmu],
  [0x57, 'ASI_IMMU_DEMAP', mmu],
  [0x58, 'ASI_DMMU', mmu],
  [0x59, 'ASI_DMMU_TSB_8KB_PTR_REG', mmu],
  [0x5a, 'ASI_DMMU_TSB_64KB_PTR_REG', mmu],
  [0x5b, 'ASI_DMMU_TSB_DIRECT_PTR_REG', mmu],
  [0x5c, 'ASI_DTLB_DATA_IN_REG', mmu],
  [0x5d, 'ASI_DTLB_DATA_ACCESS_REG', mmu],
  [0x5e, 'ASI_DTLB_TAG_READ_REG', mmu],
  [0x5f, 'ASI_DMMU_DEMAP', mmu],
  [0x66, 'ASI_ICACHE_INSTR', cache],
  [0x67, 'ASI_ICACHE_TAG', cache],
  [0x6e, 'ASI_ICACHE_PRE_DECODE', cache],
  [0x6f, 'ASI_ICACHE_NEXT_FIELD', cache],
  [0x70, 'ASI_BLOCK_AS_IF_USER_PRIMARY', { ...primary, ...asUser, transfer: 'block' }],
  [0x71, 'ASI_BLOCK_AS_IF_USER_SECONDARY', { ...secondary, ...asUser, transfer: 'block' }],
  [0x76, 'ASI_ECACHE_W', cache],
  [0x77, 'ASI_INTR_W', interrupt],
  [0x78, 'ASI_BLOCK_AS_IF_USER_PRIMARY_LITTLE', { ...primary, ...asUser, ...little, transfer: 'block' }],
  [0x79, 'ASI_BLOCK_AS_IF_USER_SECONDARY_LITTLE', { ...secondary, ...asUser, ...little, transfer: 'block' }],
  [0x7e, 'ASI_ECACHE_R', cache],
  [0x7f, 'ASI_INTR_R', interrupt],
  [0x80, 'ASI_PRIMARY', primary],
  [0x81, 'ASI_SECONDARY', secondary],
  [0x82, 'ASI_PRIMARY_NO_FAULT', { ...primary, noFault: true }],
  [0x83, 'ASI_SECONDARY_NO_FAULT', { ...secondary, noFault: true }],
  [0x88, 'ASI_PRIMARY_LITTLE', { ...primary, ...little }],
  [0x89, 'ASI_SECONDARY_LITTLE', { ...secondary, ...little }],
  [0x8a, 'ASI_PRIMARY_NO_FAULT_LITTLE', { ...primary, noFault: true, ...little }],
  [0x8b, 'ASI_SECONDARY_NO_FAULT_LITTLE', { ...secondary, noFault: true, ...little }],
  ...paired(0xc0, 'ASI_PST8', 'partial8'),
  ...paired(0xc2, 'ASI_PST16', 'partial16'),
  ...paired(0xc4, 'ASI_PST32', 'partial32'),
  ...paired(0xd0, 'ASI_FL8', 'short8'),
  ...paired(0xd2, 'ASI_FL16', 'short16'),
  [0xe0, 'ASI_BLOCK_COMMIT_PRIMARY', { ...primary, transfer: 'block-commit' }],
  [0xe1, 'ASI_BLOCK_COMMIT_SECONDARY', { ...secondary, transfer: 'block-commit' }],
  ...paired(0xf0, 'ASI_BLOCK', 'block', 'PRIMARY', 'SECONDARY'),
]

/** The four ASIs of a transfer: primary and secondary, and both little-endian eight above. */
function paired(
  first: number,
  name: string,
  transfer: NonNullable<MemoryAsi['transfer']>,
  p = 'PRIMARY',
  s = 'SECONDARY',
): (readonly [number, string, AsiKind])[] {
  return [
    [first, `${name}_${p}`, { ...primary, transfer }],
    [first + 1, `${name}_${s}`, { ...secondary, transfer }],
    [first + 8, `${name}_${p}_LITTLE`, { ...primary, ...little, transfer }],
    [first + 9, `${name}_${s}_LITTLE`, { ...secondary, ...little, transfer }],
  ]
}

/** By number; undefined where UltraSPARC I/II define no ASI. */
export const ASIS: readonly (Asi | undefined)[] = (() => {
  const table: (Asi | undefined)[] = new Array(256).fill(undefined)
  for (const [number, name, what] of ROWS) table[number] = { number, name, what }
  return table
})()

/** Number of a named ASI. @throws RangeError if there is none of this name. */
export function asiNumber(name: string): number {
  const row = ROWS.find(([, n]) => n === name)
  if (row === undefined) throw new RangeError(`no ASI is named ${name}`)
  return row[0]
}
