import { ASI } from '../isa/index'
import { type ContextKind, LSU_PM_SHIFT, LSU_PR, LSU_PW, LSU_VM_SHIFT, LSU_VR, LSU_VW } from '../mmu/index'
import { hex, toU64, type U64Like } from '../u64'

/** The registers that tests ask for, by name: [ASI, address]. */
export const REGISTER_ADDRESSES = {
  lsuControl: [ASI.ASI_LSU_CONTROL_REG, 0x00],
  primaryContext: [ASI.ASI_DMMU, 0x08],
  secondaryContext: [ASI.ASI_DMMU, 0x10],
  dataTagTarget: [ASI.ASI_DMMU, 0x00],
  dataSfsr: [ASI.ASI_DMMU, 0x18],
  dataSfar: [ASI.ASI_DMMU, 0x20],
  dataTsb: [ASI.ASI_DMMU, 0x28],
  dataTagAccess: [ASI.ASI_DMMU, 0x30],
  virtualWatchpoint: [ASI.ASI_DMMU, 0x38],
  physicalWatchpoint: [ASI.ASI_DMMU, 0x40],
  dataTsbPointer8K: [ASI.ASI_DMMU_TSB_8KB_PTR_REG, 0x00],
  dataTsbPointer64K: [ASI.ASI_DMMU_TSB_64KB_PTR_REG, 0x00],
  dataTsbDirectPointer: [ASI.ASI_DMMU_TSB_DIRECT_PTR_REG, 0x00],
  instructionTagTarget: [ASI.ASI_IMMU, 0x00],
  instructionSfsr: [ASI.ASI_IMMU, 0x18],
  instructionTsb: [ASI.ASI_IMMU, 0x28],
  instructionTagAccess: [ASI.ASI_IMMU, 0x30],
  instructionTsbPointer8K: [ASI.ASI_IMMU_TSB_8KB_PTR_REG, 0x00],
  instructionTsbPointer64K: [ASI.ASI_IMMU_TSB_64KB_PTR_REG, 0x00],
  // Of UltraSPARC III and later
  dcuControl: [ASI.ASI_LSU_CONTROL_REG, 0x00],
  dataTsbPrimaryExtension: [ASI.ASI_DMMU, 0x48],
  dataTsbSecondaryExtension: [ASI.ASI_DMMU, 0x50],
  dataTsbNucleusExtension: [ASI.ASI_DMMU, 0x58],
  dataTagAccessExtension: [ASI.ASI_DMMU, 0x60],
  instructionTsbPrimaryExtension: [ASI.ASI_IMMU, 0x48],
  instructionTsbNucleusExtension: [ASI.ASI_IMMU, 0x58],
} as const satisfies Record<string, readonly [asi: number, va: number]>

export type MmuRegisterName = keyof typeof REGISTER_ADDRESSES

const DEMAP_CONTEXTS: Record<ContextKind, bigint> = { primary: 0x00n, secondary: 0x10n, nucleus: 0x20n }

/** What is demapped: a page in the context that a register holds, that context, or all that is not locked. */
export type Demap =
  | { readonly kind: 'page'; readonly va: U64Like; readonly context: ContextKind }
  | { readonly kind: 'context'; readonly context: ContextKind }
  | { readonly kind: 'all' }

/** The address of a store to the demap ASI (UltraSPARC-I 6.9.10). */
export function demapAddress(demap: Demap): bigint {
  if (demap.kind === 'all') return 0x80n
  if (demap.kind === 'context') return 0x40n | DEMAP_CONTEXTS[demap.context]
  return (toU64(demap.va, 'va') & ~0x1fffn) | DEMAP_CONTEXTS[demap.context]
}

/** A TSB register: a table of 512 << `size` entries from `base` on, and with `split` as many for 64K pages behind it. */
export interface TsbFields {
  readonly base: U64Like
  /** 0 to 7; default 0. */
  readonly size?: number
  readonly split?: boolean
}

/** The value of a TSB register (UltraSPARC-I 6.9.6). @throws RangeError if the base is not aligned to 8K, or the size not 0 to 7 */
export function tsbRegister({ base, size = 0, split = false }: TsbFields): bigint {
  const address = toU64(base, 'base')
  if (address & 0x1fffn) throw new RangeError(`base: expected a multiple of 8192, got ${hex(address)}`)
  if (!Number.isInteger(size) || size < 0 || size > 7) throw new RangeError(`size: expected 0 to 7, got ${size}`)
  return address | (split ? 0x1000n : 0n) | BigInt(size)
}

/** A data watchpoint: which bytes of a doubleword, and on what. */
export interface WatchpointFields {
  /** Of the doubleword, virtual or physical. */
  readonly at: U64Like
  /** Bit n for byte n; default all eight. */
  readonly bytes?: number
  /** Default true. */
  readonly read?: boolean
  /** Default true. */
  readonly write?: boolean
}

/** The bits of the LSU or DCU control register that arm a watchpoint; the others are those of `control` (UltraSPARC-I A.6). */
export function armWatchpoint(control: bigint, kind: 'virtual' | 'physical', fields: WatchpointFields): bigint {
  const { bytes = 0xff, read = true, write = true } = fields
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > 0xff)
    throw new RangeError(`bytes: expected 0 to 255, got ${bytes}`)
  const [shift, onRead, onWrite] = kind === 'virtual' ? [LSU_VM_SHIFT, LSU_VR, LSU_VW] : [LSU_PM_SHIFT, LSU_PR, LSU_PW]
  const others = control & ~((0xffn << shift) | onRead | onWrite)
  return others | (BigInt(bytes) << shift) | (read ? onRead : 0n) | (write ? onWrite : 0n)
}
