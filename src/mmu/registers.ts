import type { RegisterField } from '../state/layout'

export type MmuSide = 'instruction' | 'data'

/** What a register row may do to its MMU. */
export interface RegisterPorts {
  /** Unsigned value of a stored register; `word` of one that has several. */
  read(field: RegisterField, word?: number): bigint
  write(field: RegisterField, value: bigint, word?: number): void
  dataIn(side: MmuSide, data: bigint): void
  writeEntry(side: MmuSide, index: number, data: bigint): void
  readEntryData(side: MmuSide, index: number): bigint
  readEntryTag(side: MmuSide, index: number): bigint
  demap(side: MmuSide, operation: bigint): void
}

/** One register or operation as ASI loads and stores see it: without `read` it is write-only, without `write` read-only. */
export interface MmuRegister {
  readonly name: string
  readonly asi: number
  readonly va: bigint
  /** Bits of the virtual address that are an operand, such as an entry number; the others must be those of `va`. */
  readonly operand?: bigint
  /** The virtual address must be in range (UltraSPARC-I 6.9.10). */
  readonly rangeChecked?: boolean
  readonly read?: (ports: RegisterPorts, va: bigint) => bigint
  readonly write?: (ports: RegisterPorts, va: bigint, value: bigint) => void
}

/** A register that reads as it was written, but for what `keep` makes of it. */
export function storedRegister(
  name: string,
  asi: number,
  va: bigint,
  field: RegisterField,
  keep: (value: bigint) => bigint,
  word = 0,
): MmuRegister {
  return {
    name,
    asi,
    va,
    read: (ports) => ports.read(field, word),
    write: (ports, _, value) => ports.write(field, keep(value), word),
  }
}

export function masked(mask: bigint): (value: bigint) => bigint {
  return (value) => value & mask
}

/** Keeps the bits of `mask`, with those above a virtual address copies of its highest one (UltraSPARC-I 6.9.1). */
export function signExtended(mask: bigint, virtualBits: number): (value: bigint) => bigint {
  return (value) => BigInt.asUintN(64, BigInt.asIntN(virtualBits, value)) & mask
}

/** Tag target from tag access, unsigned: context in 60:48, VA<63:22> in 41:0 (UltraSPARC-I 6.9.2). */
export function tagTarget(tagAccess: bigint): bigint {
  return ((tagAccess & 0x1fffn) << 48n) | (tagAccess >> 22n)
}

/** The address of the TSB entry for a missing address, from the TSB register (UltraSPARC-I 6.11.3, code example 6-1). */
export function tsbPointer(tagAccess: bigint, tsb: bigint, page: '8K' | '64K'): bigint {
  return pointer(tagAccess, tsb, tsb, 0n, page)
}

/**
 * The same with a TSB extension register: its base is XORed into the base, and its hash, bits 11:3, into the lowest 9
 * bits of the entry number; size and split are those of the TSB register (SPARC64 V JPS1 supplement F.4.2, F.10.7 and
 * impl. dep. #228, #229, which name both ways of each choice; that UltraSPARC-III XORs is why kernels clear these
 * registers: Linux arch/sparc/kernel/trampoline_64.S).
 */
export function extendedTsbPointer(tagAccess: bigint, tsb: bigint, extension: bigint, page: '8K' | '64K'): bigint {
  return pointer(tagAccess, tsb, tsb ^ extension, (extension >> 3n) & 0x1ffn, page)
}

function pointer(tagAccess: bigint, tsb: bigint, bases: bigint, hash: bigint, page: '8K' | '64K'): bigint {
  const size = tsb & 7n
  const split = (tsb >> 12n) & 1n
  const halfShift = 13n + size
  const baseShift = halfShift + split
  const half = page === '8K' ? 0n : split << halfShift
  const number = BigInt.asUintN(9 + Number(size), (tagAccess >> (page === '8K' ? 13n : 16n)) ^ hash)
  return ((bases >> baseShift) << baseShift) | half | (number << 4n)
}

/** What an SFSR records of a fault; FT is 0 but for access exceptions (UltraSPARC-I 6.9.4). */
export interface SfsrFields {
  asi: number
  faultType: number
  sideEffect: boolean
  /** CT: `none` for an access without translation. */
  context: 'primary' | 'secondary' | 'nucleus' | 'none'
  privileged: boolean
  write: boolean
  /** A non-faulting load, where the SFSR tells. */
  noFault?: boolean
  /** A miss, where the SFSR tells. */
  miss?: boolean
}

export const SFSR_FV = 1n
export const SFSR_OW = 2n
/** Translation miss, and non-faulting load (SPARC64 V JPS1 supplement F.10.9). */
export const SFSR_TM = 1n << 15n
export const SFSR_NF = 1n << 24n
const FT_SHIFT = 7n
const FT_BITS = 0x7fn << FT_SHIFT
const CONTEXT_NAMES = ['primary', 'secondary', 'nucleus', 'none'] as const
/** As SFSR.CT and demap addresses have them. */
export const CONTEXT_CODES = { primary: 0, secondary: 1, nucleus: 2, none: 3 } as const

/** The SFSR after a fault; OW tells that `before` was still valid. */
export function nextSfsr(before: bigint, fault: SfsrFields): bigint {
  return fieldsOf(fault) | (BigInt(fault.faultType) << FT_SHIFT) | overwritten(before) | SFSR_FV
}

/**
 * The SFSR after a fault or miss in JPS1. A miss sets TM, never FV. A fault that has no type keeps the type of an earlier
 * one, and TM tells that there was a miss before (SPARC64 V JPS1 supplement F.10.9, table F-10; what a miss after a fault
 * leaves is not on the pages at hand: here all stays, and TM is set).
 */
export function nextSfsrWithMisses(before: bigint, fault: SfsrFields): bigint {
  if (fault.miss) return before & SFSR_FV ? before | SFSR_TM : fieldsOf(fault) | SFSR_TM
  const recorded = before & (SFSR_FV | SFSR_TM)
  const type = fault.faultType === 0 && recorded ? before & FT_BITS : BigInt(fault.faultType) << FT_SHIFT
  return fieldsOf(fault) | type | (before & (SFSR_TM | SFSR_OW)) | overwritten(before) | SFSR_FV
}

/** OW if FV is set, which is the bit below it. */
function overwritten(before: bigint): bigint {
  return (before & SFSR_FV) << 1n
}

function fieldsOf(fault: SfsrFields): bigint {
  const low =
    (fault.asi << 16) |
    (fault.sideEffect ? 0x40 : 0) |
    (CONTEXT_CODES[fault.context] << 4) |
    (fault.privileged ? 8 : 0) |
    (fault.write ? 4 : 0)
  return BigInt(low) | (fault.noFault ? SFSR_NF : 0n)
}

/** An SFSR in words, for printing and tests. */
export function decodeSfsr(
  sfsr: bigint,
): SfsrFields & { noFault: boolean; miss: boolean; valid: boolean; overwritten: boolean } {
  const context = CONTEXT_NAMES[Number((sfsr >> 4n) & 3n)]!
  return {
    asi: Number((sfsr >> 16n) & 0xffn),
    faultType: Number((sfsr & FT_BITS) >> FT_SHIFT),
    sideEffect: (sfsr & 0x40n) !== 0n,
    context,
    privileged: (sfsr & 8n) !== 0n,
    write: (sfsr & 4n) !== 0n,
    noFault: (sfsr & SFSR_NF) !== 0n,
    miss: (sfsr & SFSR_TM) !== 0n,
    overwritten: (sfsr & SFSR_OW) !== 0n,
    valid: (sfsr & SFSR_FV) !== 0n,
  }
}
