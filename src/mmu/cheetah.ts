import { ASI } from '../asi'
import { commonRegisters, dataOnlyRegisters, EVERY_BIT, type RegisterSet } from './common-registers'
import { DCU_CP, DCU_WRITABLE } from './dcu-control'
import type { MmuModel, MmuRules } from './model'
import {
  extendedTsbPointer,
  type MmuRegister,
  type MmuSide,
  masked,
  nextSfsrWithMisses,
  type RegisterPorts,
  storedRegister,
} from './registers'
import { leastRecentlyUsedByOneBit, lowHalf, type Tlb, type TlbArray, type TlbShape } from './tlb'
import { FT_ATOMIC_UNCACHEABLE } from './translation'
import { TTE_CV, TTE_E, TTE_IE, TTE_L, TTE_NFO, TTE_SIZE_SHIFT, TTE_W } from './tte'

const VIRTUAL_BITS = 64
const PHYSICAL_BITS = 43
/** V, size, NFO, IE, PA<42:13>, L, CP, CV, E, P, W, G (illumos usr/src/uts/sun4u/sys/cheetahregs.h PN_TLB_DATA_PARITY_DATA_MASK). */
const DATA_BITS = 0xf800_07ff_ffff_e07fn
/** As UltraSPARC-I 6.2 has it; no manual of UltraSPARC-III was found. */
const DATA_SIDE_ONLY = TTE_NFO | TTE_IE | TTE_CV | TTE_E | TTE_W
const SIZE_BITS = 3n << TTE_SIZE_SHIFT
const SIZE_CODE = 3n

/** NF, ASI, TM, FT, E, CT, PR, W, OW, FV; the I-MMU's without NF, E and W (SPARC64 V JPS1 supplement F.10.9). */
const SFSR_BITS = 0x1ff_bfffn
const ISFSR_BITS = 0xff_bfbbn
const CONTEXT_BITS = 0x1fffn
/** Nucleus page sizes in 63:58, primary or secondary ones in 21:16 (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*). */
const NUCLEUS_SIZES = 0x3fn << 58n
const PAGE_SIZES = 0x3fn << 16n
const WATCHPOINT_BITS = ~7n
const PHYSICAL_WATCHPOINT_BITS = 0x7ff_ffff_fff8n

const T16_ENTRIES = 16
/** The lock bit is kept by the fully associative array alone (SPARC64 V JPS1 supplement, impl. dep. #242). */
const T16: TlbArray = { name: 'T16', entries: T16_ENTRIES }
const IT128: TlbArray = { name: 'T128', entries: 128, ways: 2, drops: TTE_L | SIZE_BITS }
const DT512: TlbArray = { name: 'T512', entries: 512, ways: 2, drops: TTE_L | SIZE_BITS }
const DT512_0: TlbArray = { name: 'T512_0', entries: 512, ways: 2, drops: TTE_L }
const DT512_1: TlbArray = { name: 'T512_1', entries: 512, ways: 2, drops: TTE_L }

/**
 * Unlocked pages of a size that set-associative arrays hold go there: into an invalid way, else into any; all others go into
 * the fully associative array, unless all of it is locked (SPARC64 V JPS1 supplement F.11.10, whose steps these are but for
 * the choice among valid ways, of which no manual was found: here a generator chooses).
 */
function place(tlb: Tlb, tag: bigint, data: bigint, sizes: number): number {
  const code = Number((data >> TTE_SIZE_SHIFT) & SIZE_CODE)
  const ways = data & TTE_L ? [] : tlb.places(lowHalf(tag), code, sizes)
  if (ways.length === 0) return leastRecentlyUsedByOneBit(tlb, 0, T16_ENTRIES, -1)
  const free = ways.find((index) => !tlb.isValid(index))
  return free ?? ways[tlb.random() & (ways.length - 1)]!
}

function shape(arrays: readonly TlbArray[], dataMask: bigint): TlbShape {
  return { arrays, dataMask, usedBit: 0n, place }
}

function tsbPointerOf(side: MmuSide): (ports: RegisterPorts, page: '8K' | '64K') => bigint {
  const [tagAccess, tsb, extension, context] =
    side === 'data'
      ? (['dmmuTagAccess', 'dmmuTsb', 'dmmuTsbExtension', 'dmmuMissContext'] as const)
      : (['immuTagAccess', 'immuTsb', 'immuTsbExtension', 'immuMissContext'] as const)
  return (ports, page) =>
    extendedTsbPointer(ports.read(tagAccess), ports.read(tsb), ports.read(extension, Number(ports.read(context))), page)
}

/** Primary, secondary (D-MMU only), nucleus at VA 0x48, 0x50, 0x58 (Linux arch/sparc/include/asm/spitfire.h TSB_EXTENSION_P). */
function tsbExtensions(side: MmuSide): MmuRegister[] {
  const [letter, asi, field] =
    side === 'data'
      ? (['D', ASI.ASI_DMMU, 'dmmuTsbExtension'] as const)
      : (['I', ASI.ASI_IMMU, 'immuTsbExtension'] as const)
  const row = (name: string, va: bigint, word: number) =>
    storedRegister(`${letter}-TSB ${name} Extension`, asi, va, field, masked(EVERY_BIT), word)
  return [row('Primary', 0x48n, 0), ...(side === 'data' ? [row('Secondary', 0x50n, 1)] : []), row('Nucleus', 0x58n, 2)]
}

function ultraSparc3(name: string, dataArrays: readonly TlbArray[], arrayNumbers: readonly number[]): MmuModel {
  const contextPageSizes = !dataArrays.includes(DT512)
  const contextBits = (sizes: bigint) => (contextPageSizes ? CONTEXT_BITS | sizes : CONTEXT_BITS)
  const rules: MmuRules = {
    demapsAll: true,
    instructionSecondary: false,
    contextPageSizes,
    flushTranslates: false,
    recordsMisses: true,
    nextSfsr: nextSfsrWithMisses,
    atomicRegisterFault: FT_ATOMIC_UNCACHEABLE,
    cacheableWhenDisabled: (control) => (control & DCU_CP) !== 0n,
  }
  const common = { virtualBits: VIRTUAL_BITS, diagnostics: () => 0n }
  const instruction: RegisterSet = {
    ...common,
    side: 'instruction',
    sfsrBits: ISFSR_BITS,
    tlb: shape([T16, IT128], DATA_BITS & ~DATA_SIDE_ONLY),
    arrayNumbers: [0, 2],
    tsbPointer: tsbPointerOf('instruction'),
  }
  const data: RegisterSet = {
    ...common,
    side: 'data',
    sfsrBits: SFSR_BITS,
    tlb: shape(dataArrays, DATA_BITS),
    arrayNumbers,
    tsbPointer: tsbPointerOf('data'),
  }
  return {
    name,
    virtualBits: VIRTUAL_BITS,
    physicalBits: PHYSICAL_BITS,
    instructionTlb: instruction.tlb,
    dataTlb: data.tlb,
    rules,
    registers: [
      storedRegister('DCU Control', ASI.ASI_LSU_CONTROL_REG, 0n, 'lsuControl', masked(DCU_WRITABLE)),
      ...commonRegisters(instruction),
      ...tsbExtensions('instruction'),
      ...commonRegisters(data),
      ...dataOnlyRegisters(data),
      ...tsbExtensions('data'),
      storedRegister(
        'Primary Context',
        ASI.ASI_DMMU,
        0x08n,
        'dmmuPrimaryContext',
        masked(contextBits(PAGE_SIZES | NUCLEUS_SIZES)),
      ),
      storedRegister('Secondary Context', ASI.ASI_DMMU, 0x10n, 'dmmuSecondaryContext', masked(contextBits(PAGE_SIZES))),
      storedRegister('VA Watchpoint', ASI.ASI_DMMU, 0x38n, 'virtualWatchpoint', masked(WATCHPOINT_BITS)),
      storedRegister('PA Watchpoint', ASI.ASI_DMMU, 0x40n, 'physicalWatchpoint', masked(PHYSICAL_WATCHPOINT_BITS)),
      ...(contextPageSizes
        ? [
            storedRegister(
              'D-TLB Tag Access Extension',
              ASI.ASI_DMMU,
              0x60n,
              'dmmuTagAccessExtension',
              masked(PAGE_SIZES),
            ),
          ]
        : []),
    ],
  }
}

/** UltraSPARC III: one data array for unlocked 8K pages (Linux arch/sparc/include/asm/spitfire.h cheetah_get_ldtlb_data). */
export const cheetah = ultraSparc3('cheetah', [T16, DT512], [0, 2])

/** UltraSPARC III Cu (III+): two data arrays of page sizes that context registers choose (FreeBSD sys/sparc64/include/tlb.h). */
export const cheetahPlus = ultraSparc3('cheetah-plus', [T16, DT512_0, DT512_1], [0, 2, 3])

/** UltraSPARC IIIi: the TLBs of III Cu (FreeBSD sys/sparc64/include/tlb.h TLB_DAR_*). */
export const jalapeno = ultraSparc3('jalapeno', [T16, DT512_0, DT512_1], [0, 2, 3])
