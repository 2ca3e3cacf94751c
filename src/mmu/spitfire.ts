import { ASI_LSU_CONTROL, LSU_WRITABLE } from './lsu-control'
import {
  type MmuRegister,
  type MmuSide,
  masked,
  signExtended,
  storedRegister,
  tagTarget,
  tsbPointer,
} from './registers'
import { leastRecentlyUsedByOneBit, type TlbShape } from './tlb'
import { TTE_CV, TTE_DIAG_USED, TTE_E, TTE_IE, TTE_NFO, TTE_W } from './tte'

/** What a processor's MMU is made of. */
export interface MmuModel {
  readonly name: string
  /** Width of virtual addresses; those in the hole fault. */
  readonly virtualBits: number
  readonly physicalBits: number
  readonly instructionTlb: TlbShape
  readonly dataTlb: TlbShape
  readonly registers: readonly MmuRegister[]
}

const ENTRIES = 64
/** V, size, NFO, IE, PA<40:13>, L, CP, CV, E, P, W, G; Soft and Soft2 read as zero (UltraSPARC-I 6.2). */
const DATA_BITS = 0xf800_01ff_ffff_e07fn
/** These read as zero in the I-MMU (UltraSPARC-I 6.2). */
const DATA_SIDE_ONLY = TTE_NFO | TTE_IE | TTE_CV | TTE_E | TTE_W

const CONTEXT_BITS = 0x1fffn
const ALL_BITS = (1n << 64n) - 1n
const TSB_BITS = ~0xff8n & ALL_BITS
const SFSR_BITS = 0xff_3fffn
const ISFSR_BITS = 0xff_3fbbn
const ENTRY_NUMBER = 0x1f8n
const ENTRY_SHIFT = 3n
const DIAG_SIZE_CODES = [0n, 1n, 3n, 7n] as const

function tlb(dataMask: bigint): TlbShape {
  return {
    arrays: [{ name: 'fully associative', entries: ENTRIES }],
    dataMask,
    usedBit: TTE_DIAG_USED,
    place: (entries) => leastRecentlyUsedByOneBit(entries, 0, ENTRIES),
  }
}

/** Diag<6:1>: the page size in RAM and in CAM encoding (UltraSPARC-I 6.2). */
function sizeDiagnostics(data: bigint): bigint {
  const code = DIAG_SIZE_CODES[Number((data >> 61n) & 3n)]!
  return (code << 42n) | (code << 45n)
}

/** The registers and operations that both MMUs have, at ASIs `base` .. `base + 7` (UltraSPARC-I table 6-10). */
function commonRegisters(side: MmuSide, base: number): MmuRegister[] {
  const [sfsr, tsb, tagAccess] =
    side === 'data'
      ? (['dmmuSfsr', 'dmmuTsb', 'dmmuTagAccess'] as const)
      : (['immuSfsr', 'immuTsb', 'immuTagAccess'] as const)
  const letter = side === 'data' ? 'D' : 'I'
  const index = (va: bigint) => Number((va & ENTRY_NUMBER) >> ENTRY_SHIFT)
  return [
    { name: `${letter}-TSB Tag Target`, asi: base, va: 0n, read: (ports) => tagTarget(ports.read(tagAccess)) },
    storedRegister(`${letter}-SFSR`, base, 0x18n, sfsr, masked(side === 'data' ? SFSR_BITS : ISFSR_BITS)),
    storedRegister(`${letter}-TSB`, base, 0x28n, tsb, signExtended(TSB_BITS)),
    storedRegister(`${letter}-TLB Tag Access`, base, 0x30n, tagAccess, signExtended(ALL_BITS)),
    {
      name: `${letter}-TSB 8K Pointer`,
      asi: base + 1,
      va: 0n,
      read: (ports) => tsbPointer(ports.read(tagAccess), ports.read(tsb), '8K'),
    },
    {
      name: `${letter}-TSB 64K Pointer`,
      asi: base + 2,
      va: 0n,
      read: (ports) => tsbPointer(ports.read(tagAccess), ports.read(tsb), '64K'),
    },
    { name: `${letter}-TLB Data In`, asi: base + 4, va: 0n, write: (ports, _, value) => ports.dataIn(side, value) },
    {
      name: `${letter}-TLB Data Access`,
      asi: base + 5,
      va: 0n,
      operand: ENTRY_NUMBER,
      read: (ports, va) => {
        const data = ports.readEntryData(side, index(va))
        return data | sizeDiagnostics(data)
      },
      write: (ports, va, value) => ports.writeEntry(side, index(va), value),
    },
    {
      name: `${letter}-TLB Tag Read`,
      asi: base + 6,
      va: 0n,
      operand: ENTRY_NUMBER,
      read: (ports, va) => ports.readEntryTag(side, index(va)),
    },
    {
      name: `${letter}-MMU Demap`,
      asi: base + 7,
      va: 0n,
      operand: ~0xfn & ALL_BITS,
      rangeChecked: true,
      write: (ports, va) => ports.demap(side, va),
    },
  ]
}

/** UltraSPARC I and II (UltraSPARC-I chapters 4 and 6). */
export const spitfire: MmuModel = {
  name: 'spitfire',
  virtualBits: 44,
  physicalBits: 41,
  instructionTlb: tlb(DATA_BITS & ~DATA_SIDE_ONLY),
  dataTlb: tlb(DATA_BITS),
  registers: [
    storedRegister('LSU Control', ASI_LSU_CONTROL, 0n, 'lsuControl', masked(LSU_WRITABLE)),
    ...commonRegisters('instruction', 0x50),
    ...commonRegisters('data', 0x58),
    storedRegister('Primary Context', 0x58, 0x08n, 'dmmuPrimaryContext', masked(CONTEXT_BITS)),
    storedRegister('Secondary Context', 0x58, 0x10n, 'dmmuSecondaryContext', masked(CONTEXT_BITS)),
    { name: 'D-SFAR', asi: 0x58, va: 0x20n, read: (ports) => ports.read('dmmuSfar') },
    storedRegister('VA Watchpoint', 0x58, 0x38n, 'virtualWatchpoint', signExtended(~7n & ALL_BITS)),
    storedRegister('PA Watchpoint', 0x58, 0x40n, 'physicalWatchpoint', signExtended(~7n & ALL_BITS)),
    {
      name: 'D-TSB Direct Pointer',
      asi: 0x5b,
      va: 0n,
      read: (ports) =>
        tsbPointer(ports.read('dmmuTagAccess'), ports.read('dmmuTsb'), ports.read('dmmuDirectPointer') ? '64K' : '8K'),
    },
  ],
}
