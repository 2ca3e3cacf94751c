import type { RegisterField } from '../state/layout'

export type MmuSide = 'instruction' | 'data'

/** What a register row may do to its MMU. */
export interface RegisterPorts {
  /** Unsigned value of a stored register. */
  read(field: RegisterField): bigint
  write(field: RegisterField, value: bigint): void
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

/** A register that keeps the bits of `mask`; with `signBit`, reads sign-extend from there. */
export function storedRegister(
  name: string,
  asi: number,
  va: bigint,
  field: RegisterField,
  keep: (value: bigint) => bigint,
): MmuRegister {
  return {
    name,
    asi,
    va,
    read: (ports) => ports.read(field),
    write: (ports, _, value) => ports.write(field, keep(value)),
  }
}

export function masked(mask: bigint): (value: bigint) => bigint {
  return (value) => value & mask
}

/** Keeps the bits of `mask`, with bits 63:44 copies of bit 43 (UltraSPARC-I 6.9.1). */
export function signExtended(mask: bigint): (value: bigint) => bigint {
  return (value) => BigInt.asUintN(64, BigInt.asIntN(44, value)) & mask
}

/** Tag target from tag access: context in 60:48, VA<63:22> in 41:0 (UltraSPARC-I 6.9.2). */
export function tagTarget(tagAccess: bigint): bigint {
  return ((tagAccess & 0x1fffn) << 48n) | (BigInt.asUintN(64, tagAccess) >> 22n)
}

/** The address of the TSB entry for a missing address, from the TSB register (UltraSPARC-I 6.11.3, code example 6-1). */
export function tsbPointer(tagAccess: bigint, tsb: bigint, page: '8K' | '64K'): bigint {
  const size = tsb & 7n
  const split = (tsb & 0x1000n) !== 0n
  const entryBits = 13n + size + (split ? 1n : 0n)
  const half = 1n << (13n + size)
  let offset = (tagAccess >> (page === '8K' ? 9n : 12n)) & ~0xfn
  if (split) offset = page === '8K' ? offset & ~half : offset | half
  const within = (1n << entryBits) - 1n
  const base = tsb & ~0x1fffn & ~within
  return BigInt.asUintN(64, BigInt.asIntN(44, base | (offset & within)))
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
}

export const SFSR_FV = 1n
export const SFSR_OW = 2n
const CONTEXT_CODES = { primary: 0, secondary: 1, nucleus: 2, none: 3 } as const

/** The SFSR after a fault; OW tells that `before` was still valid. */
export function nextSfsr(before: bigint, fault: SfsrFields): bigint {
  const low =
    (fault.sideEffect ? 1 << 6 : 0) |
    (CONTEXT_CODES[fault.context] << 4) |
    (fault.privileged ? 1 << 3 : 0) |
    (fault.write ? 1 << 2 : 0)
  const value = BigInt((fault.asi << 16) | (fault.faultType << 7) | low)
  return value | (before & SFSR_FV ? SFSR_OW : 0n) | SFSR_FV
}

/** An SFSR in words, for printing and tests. */
export function decodeSfsr(sfsr: bigint): SfsrFields & { valid: boolean; overwritten: boolean } {
  const context = (['primary', 'secondary', 'nucleus', 'none'] as const)[Number((sfsr >> 4n) & 3n)]!
  return {
    asi: Number((sfsr >> 16n) & 0xffn),
    faultType: Number((sfsr >> 7n) & 0x7fn),
    sideEffect: (sfsr & 0x40n) !== 0n,
    context,
    privileged: (sfsr & 8n) !== 0n,
    write: (sfsr & 4n) !== 0n,
    overwritten: (sfsr & SFSR_OW) !== 0n,
    valid: (sfsr & SFSR_FV) !== 0n,
  }
}
