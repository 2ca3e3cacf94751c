import { ASI } from '../asi'
import { commonRegisters, dataOnlyRegisters, type RegisterSet } from './common-registers'
import { LSU_WRITABLE } from './lsu-control'
import type { MmuModel, MmuRules } from './model'
import { masked, nextSfsr, signExtended, storedRegister, tsbPointer } from './registers'
import { leastRecentlyUsedByOneBit, type TlbShape } from './tlb'
import { FT_ILLEGAL_ASI } from './translation'
import { TTE_CV, TTE_DIAG_USED, TTE_E, TTE_IE, TTE_NFO, TTE_W } from './tte'

const ENTRIES = 64
const VIRTUAL_BITS = 44
/** V, size, NFO, IE, PA<40:13>, L, CP, CV, E, P, W, G; Soft and Soft2 read as zero (UltraSPARC-I 6.2). */
const DATA_BITS = 0xf800_01ff_ffff_e07fn
/** These read as zero in the I-MMU (UltraSPARC-I 6.2). */
const DATA_SIDE_ONLY = TTE_NFO | TTE_IE | TTE_CV | TTE_E | TTE_W

const CONTEXT_BITS = 0x1fffn
const WATCHPOINT_BITS = ~7n
const SFSR_BITS = 0xff_3fffn
const ISFSR_BITS = 0xff_3fbbn
const DIAG_SIZE_CODES = [0n, 1n, 3n, 7n] as const

/** UltraSPARC-I 6.4, 6.7, 6.9.4, 6.9.10. */
const RULES: MmuRules = {
  demapsAll: false,
  instructionSecondary: true,
  contextPageSizes: false,
  flushTranslates: true,
  recordsMisses: false,
  nextSfsr,
  atomicRegisterFault: FT_ILLEGAL_ASI,
  cacheableWhenDisabled: () => false,
}

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

const common = { virtualBits: VIRTUAL_BITS, arrayNumbers: [0], diagnostics: sizeDiagnostics }

const instruction: RegisterSet = {
  ...common,
  side: 'instruction',
  sfsrBits: ISFSR_BITS,
  tlb: tlb(DATA_BITS & ~DATA_SIDE_ONLY),
  tsbPointer: (ports, page) => tsbPointer(ports.read('immuTagAccess'), ports.read('immuTsb'), page),
}

const data: RegisterSet = {
  ...common,
  side: 'data',
  sfsrBits: SFSR_BITS,
  tlb: tlb(DATA_BITS),
  tsbPointer: (ports, page) => tsbPointer(ports.read('dmmuTagAccess'), ports.read('dmmuTsb'), page),
}

/** UltraSPARC I and II (UltraSPARC-I chapters 4 and 6). */
export const spitfire: MmuModel = {
  name: 'spitfire',
  virtualBits: VIRTUAL_BITS,
  physicalBits: 41,
  instructionTlb: instruction.tlb,
  dataTlb: data.tlb,
  rules: RULES,
  registers: [
    storedRegister('LSU Control', ASI.ASI_LSU_CONTROL_REG, 0n, 'lsuControl', masked(LSU_WRITABLE)),
    ...commonRegisters(instruction),
    ...commonRegisters(data),
    ...dataOnlyRegisters(data),
    storedRegister('Primary Context', ASI.ASI_DMMU, 0x08n, 'dmmuPrimaryContext', masked(CONTEXT_BITS)),
    storedRegister('Secondary Context', ASI.ASI_DMMU, 0x10n, 'dmmuSecondaryContext', masked(CONTEXT_BITS)),
    storedRegister(
      'VA Watchpoint',
      ASI.ASI_DMMU,
      0x38n,
      'virtualWatchpoint',
      signExtended(WATCHPOINT_BITS, VIRTUAL_BITS),
    ),
    storedRegister(
      'PA Watchpoint',
      ASI.ASI_DMMU,
      0x40n,
      'physicalWatchpoint',
      signExtended(WATCHPOINT_BITS, VIRTUAL_BITS),
    ),
  ],
}
