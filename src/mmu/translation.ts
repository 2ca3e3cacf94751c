import { highHalf, lowHalf, PAGE_MASKS, type Tlb } from './tlb'
import { HI_IE, HI_NFO, HI_PA, HI_SIZE_SHIFT, LO_CP, LO_E, LO_P, LO_W, PAGE_SIZES } from './tte'
import type { Watchpoints } from './watchpoints'

export type ContextKind = 'primary' | 'secondary' | 'nucleus'

/** `quad` is the atomic 128-bit load, `flush` the FLUSH instruction. */
export type MmuAccess = 'load' | 'store' | 'atomic' | 'fetch' | 'quad' | 'flush'

export type MmuTrap =
  | 'fast_instruction_access_MMU_miss'
  | 'fast_data_access_MMU_miss'
  | 'fast_data_access_protection'
  | 'instruction_access_exception'
  | 'data_access_exception'
  | 'mem_address_not_aligned'
  | 'VA_watchpoint'
  | 'PA_watchpoint'

/** SFSR fault types, bits of FT<6:0> (UltraSPARC-I table 6-11). */
export const FT_PRIVILEGE = 0x01
export const FT_SIDE_EFFECT = 0x02
export const FT_ATOMIC_UNCACHEABLE = 0x04
export const FT_ILLEGAL_ASI = 0x08
export const FT_NO_FAULT_ONLY = 0x10
export const FT_OUT_OF_RANGE = 0x20
export const FT_JUMP_OUT_OF_RANGE = 0x40

export interface TranslateRequest {
  /** Unsigned. */
  va: bigint
  context: ContextKind
  access: MmuAccess
  /** False for a user, and for the `AS_IF_USER` ASIs. */
  privileged: boolean
  /** For SFSR.ASI. */
  asi: number
  /** A non-faulting load: ASI 0x82, 0x83, 0x8a, 0x8b. */
  noFault?: boolean
  /** Bytes of the access, for watchpoints; 1 if left out. */
  size?: number
  /** PSTATE.AM: the upper 32 bits of `va` are ignored. */
  addressMask?: boolean
  /** PSTATE.PRIV, for SFSR.PR, where it differs from `privileged`. */
  supervisor?: boolean
}

/** What a translation gives. After a fault only `trap`, `faultType` and `sideEffect` mean something. */
export interface Outcome {
  /** Physical byte address. */
  pa: number
  /** Index of the entry; -1 if the TLB was not asked (MMU off, bypass) or had none. */
  entry: number
  pageBytes: number
  cacheable: boolean
  sideEffect: boolean
  invertEndian: boolean
  writable: boolean
  noFaultOnly: boolean
  trap: MmuTrap | undefined
  faultType: number
}

/** What translation looks at: the TLB, the enable bit and the widths of one MMU. */
export interface Translator {
  readonly tlb: Tlb
  enabled: boolean
  /** Accesses while it is not enabled are cacheable, and without side effect. */
  cacheableWhenDisabled: boolean
  readonly virtualBits: number
  readonly physicalBits: number
}

const MASK_32 = 0xffff_ffffn
const TWO_32 = 2 ** 32
/** As an index of an entry. */
const NO_ENTRY = -1

export function emptyOutcome(): Outcome {
  return {
    pa: 0,
    entry: NO_ENTRY,
    pageBytes: 0,
    cacheable: false,
    sideEffect: false,
    invertEndian: false,
    writable: false,
    noFaultOnly: false,
    trap: undefined,
    faultType: 0,
  }
}

export function isWrite(access: MmuAccess): boolean {
  return access === 'store' || access === 'atomic'
}

function isRead(access: MmuAccess): boolean {
  return access === 'load' || access === 'atomic' || access === 'quad'
}

/** The virtual address of a request as the MMU sees it, unsigned. */
export function effectiveAddress(request: TranslateRequest): bigint {
  return request.addressMask ? request.va & MASK_32 : request.va
}

/** Whether a virtual address is outside of the hole, if there is one (UltraSPARC-I 14.1.6). */
export function inRange(va: bigint, virtualBits: number): boolean {
  return BigInt.asUintN(64, BigInt.asIntN(virtualBits, va)) === va
}

/**
 * A data access with the D-MMU in an `addressSpace`, no side effects but on `out` (UltraSPARC-I 6.4, table 6-4).
 * True if there is no trap.
 */
export function translateDataAccess(
  mmu: Translator,
  watchpoints: Watchpoints,
  request: TranslateRequest,
  space: number,
  out: Outcome,
): boolean {
  const va = effectiveAddress(request)
  const { access } = request
  const writes = isWrite(access)
  const reads = isRead(access)
  if (!mmu.enabled) return withoutTranslation(mmu, watchpoints, request, mmu.cacheableWhenDisabled, out)
  out.entry = NO_ENTRY
  out.sideEffect = false
  if (watchpoints.armed && watchpoints.hitsVirtual(va, request.size ?? 1, reads, writes))
    return fault(out, 'VA_watchpoint', 0)
  let faultType = request.noFault && access !== 'load' ? FT_ILLEGAL_ASI : 0
  if (!inRange(va, mmu.virtualBits)) faultType |= FT_OUT_OF_RANGE
  if (faultType !== 0) return fault(out, 'data_access_exception', faultType)
  if (!lookUp(mmu, va, space, out)) return fault(out, 'fast_data_access_MMU_miss', 0)
  const dataLo = mmu.tlb.dataLo(out.entry)
  if (dataLo & LO_P && !request.privileged) faultType |= FT_PRIVILEGE
  if (out.sideEffect && (request.noFault || access === 'flush')) faultType |= FT_SIDE_EFFECT
  if (!out.cacheable && (access === 'atomic' || access === 'quad')) faultType |= FT_ATOMIC_UNCACHEABLE
  if (out.noFaultOnly && !request.noFault) faultType |= FT_NO_FAULT_ONLY
  if (faultType !== 0) return fault(out, 'data_access_exception', faultType)
  if (writes && !out.writable) return fault(out, 'fast_data_access_protection', 0)
  if (watchpoints.armed && watchpoints.hitsPhysical(BigInt(out.pa), request.size ?? 1, reads, writes))
    return fault(out, 'PA_watchpoint', 0)
  return true
}

/**
 * The physical address is the truncated virtual one: a disabled D-MMU, or a bypass ASI
 * (UltraSPARC-I 6.7, 6.10, table A-1). A disabled D-MMU is uncacheable with side effects.
 */
export function withoutTranslation(
  mmu: Translator,
  watchpoints: Watchpoints,
  request: TranslateRequest,
  cacheable: boolean,
  out: Outcome,
): boolean {
  const { access } = request
  const writes = isWrite(access)
  const reads = isRead(access)
  untranslated(mmu, effectiveAddress(request), cacheable, out)
  let faultType = request.noFault && access !== 'load' ? FT_ILLEGAL_ASI : 0
  if (out.sideEffect && (request.noFault || access === 'flush')) faultType |= FT_SIDE_EFFECT
  if (!cacheable && (access === 'atomic' || access === 'quad')) faultType |= FT_ATOMIC_UNCACHEABLE
  if (faultType !== 0) return fault(out, 'data_access_exception', faultType)
  if (watchpoints.armed && watchpoints.hitsPhysical(BigInt(out.pa), request.size ?? 1, reads, writes))
    return fault(out, 'PA_watchpoint', 0)
  return true
}

/** An instruction fetch with the I-MMU (UltraSPARC-I 6.4.1, 6.4.2, table 6-5, 6.7). */
export function translateFetch(mmu: Translator, request: TranslateRequest, space: number, out: Outcome): boolean {
  const va = effectiveAddress(request)
  if (!mmu.enabled) {
    untranslated(mmu, va, mmu.cacheableWhenDisabled, out)
    return true
  }
  out.entry = NO_ENTRY
  if (!inRange(va, mmu.virtualBits)) return fault(out, 'instruction_access_exception', FT_OUT_OF_RANGE)
  if (!lookUp(mmu, va, space, out)) return fault(out, 'fast_instruction_access_MMU_miss', 0)
  if (mmu.tlb.dataLo(out.entry) & LO_P && !request.privileged)
    return fault(out, 'instruction_access_exception', FT_PRIVILEGE)
  return true
}

function lookUp(mmu: Translator, va: bigint, space: number, out: Outcome): boolean {
  const { tlb } = mmu
  const vaLo = lowHalf(va)
  const entry = tlb.match(vaLo, highHalf(va), space)
  out.entry = entry
  if (entry < 0) return false
  const dataLo = tlb.dataLo(entry)
  const dataHi = tlb.dataHi(entry)
  const sizeCode = (dataHi >>> HI_SIZE_SHIFT) & 3
  const pageMask = PAGE_MASKS[sizeCode]!
  out.pa = (dataHi & HI_PA) * TWO_32 + (((dataLo & pageMask) | (vaLo & ~pageMask)) >>> 0)
  out.pageBytes = PAGE_SIZES[sizeCode]!
  out.cacheable = (dataLo & LO_CP) !== 0
  out.sideEffect = (dataLo & LO_E) !== 0
  out.invertEndian = (dataHi & HI_IE) !== 0
  out.writable = (dataLo & LO_W) !== 0
  out.noFaultOnly = (dataHi & HI_NFO) !== 0
  out.trap = undefined
  out.faultType = 0
  return true
}

function untranslated(mmu: Translator, va: bigint, cacheable: boolean, out: Outcome): void {
  out.pa = Number(BigInt.asUintN(mmu.physicalBits, va))
  out.entry = NO_ENTRY
  out.pageBytes = 0x2000
  out.cacheable = cacheable
  out.sideEffect = !cacheable
  out.invertEndian = false
  out.writable = true
  out.noFaultOnly = false
  out.trap = undefined
  out.faultType = 0
}

function fault(out: Outcome, trap: MmuTrap, faultType: number): false {
  out.trap = trap
  out.faultType = faultType
  return false
}
