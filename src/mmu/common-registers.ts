import { ASI } from '../asi'
import {
  type MmuRegister,
  type MmuSide,
  masked,
  type RegisterPorts,
  signExtended,
  storedRegister,
  tagTarget,
} from './registers'
import type { TlbShape } from './tlb'

export const EVERY_BIT = -1n
/** Base in 63:13, split in 12, size in 2:0 (UltraSPARC-I 6.9.6). */
const TSB_BITS = ~0xff8n
const ENTRY_SHIFT = 3n
const ARRAY_SHIFT = 16n

/** What distinguishes the registers of one side of one model. */
export interface RegisterSet {
  readonly side: MmuSide
  readonly virtualBits: number
  readonly sfsrBits: bigint
  readonly tlb: TlbShape
  /** By array of the TLB: its number in bits 17:16 of Data Access and Tag Read addresses. */
  readonly arrayNumbers: readonly number[]
  /** Bits that Data Access shows besides those of the TTE. */
  readonly diagnostics: (data: bigint) => bigint
  readonly tsbPointer: (ports: RegisterPorts, page: '8K' | '64K') => bigint
}

/** The registers and operations that all MMUs have on both sides, at ASIs 0x50 .. 0x57 and 0x58 .. 0x5f (UltraSPARC-I table 6-10). */
export function commonRegisters(set: RegisterSet): MmuRegister[] {
  const { side, virtualBits, tsbPointer } = set
  const [letter, base, sfsr, tsb, tagAccess] =
    side === 'data'
      ? (['D', ASI.ASI_DMMU, 'dmmuSfsr', 'dmmuTsb', 'dmmuTagAccess'] as const)
      : (['I', ASI.ASI_IMMU, 'immuSfsr', 'immuTsb', 'immuTagAccess'] as const)
  return [
    { name: `${letter}-TSB Tag Target`, asi: base, va: 0n, read: (ports) => tagTarget(ports.read(tagAccess)) },
    storedRegister(`${letter}-SFSR`, base, 0x18n, sfsr, masked(set.sfsrBits)),
    storedRegister(`${letter}-TSB`, base, 0x28n, tsb, signExtended(TSB_BITS, virtualBits)),
    storedRegister(`${letter}-TLB Tag Access`, base, 0x30n, tagAccess, signExtended(EVERY_BIT, virtualBits)),
    { name: `${letter}-TSB 8K Pointer`, asi: base + 1, va: 0n, read: (ports) => tsbPointer(ports, '8K') },
    { name: `${letter}-TSB 64K Pointer`, asi: base + 2, va: 0n, read: (ports) => tsbPointer(ports, '64K') },
    { name: `${letter}-TLB Data In`, asi: base + 4, va: 0n, write: (ports, _, value) => ports.dataIn(side, value) },
    ...entryRegisters(set, letter, base),
    {
      name: `${letter}-MMU Demap`,
      asi: base + 7,
      va: 0n,
      operand: ~0xfn,
      rangeChecked: true,
      write: (ports, va) => ports.demap(side, va),
    },
  ]
}

/** Data Access and Tag Read of each array: its number in VA<17:16>, the entry's in VA<11:3>. */
function entryRegisters(set: RegisterSet, letter: string, base: number): MmuRegister[] {
  const { side } = set
  let next = 0
  return set.tlb.arrays.flatMap(({ name, entries }, array) => {
    const first = next
    next += entries
    const operand = BigInt(entries - 1) << ENTRY_SHIFT
    const index = (va: bigint) => first + Number((va & operand) >> ENTRY_SHIFT)
    const place = { va: BigInt(set.arrayNumbers[array]!) << ARRAY_SHIFT, operand }
    return [
      {
        name: `${letter}-TLB Data Access, ${name}`,
        asi: base + 5,
        ...place,
        read: (ports, va) => {
          const data = ports.readEntryData(side, index(va))
          return data | set.diagnostics(data)
        },
        write: (ports, va, value) => ports.writeEntry(side, index(va), value),
      },
      {
        name: `${letter}-TLB Tag Read, ${name}`,
        asi: base + 6,
        ...place,
        read: (ports, va) => ports.readEntryTag(side, index(va)),
      },
    ] satisfies MmuRegister[]
  })
}

/** D-SFAR and D-TSB Direct Pointer, which only the D-MMU has (UltraSPARC-I table 6-10). */
export function dataOnlyRegisters({ tsbPointer }: RegisterSet): MmuRegister[] {
  return [
    { name: 'D-SFAR', asi: ASI.ASI_DMMU, va: 0x20n, read: (ports) => ports.read('dmmuSfar') },
    {
      name: 'D-TSB Direct Pointer',
      asi: ASI.ASI_DMMU_TSB_DIRECT_PTR_REG,
      va: 0n,
      read: (ports) => tsbPointer(ports, ports.read('dmmuDirectPointer') ? '64K' : '8K'),
    },
  ]
}
