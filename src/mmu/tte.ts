/** Fields of the data word of a translation table entry (UltraSPARC-I 6.2). */
export const TTE_V = 1n << 63n
export const TTE_SIZE_SHIFT = 61n
export const TTE_NFO = 1n << 60n
export const TTE_IE = 1n << 59n
/** Diag<0>, the used bit, where a model's TLB data shows it (UltraSPARC-I 6.2). */
export const TTE_DIAG_USED = 1n << 41n
export const TTE_L = 1n << 6n
export const TTE_CP = 1n << 5n
export const TTE_CV = 1n << 4n
export const TTE_E = 1n << 3n
export const TTE_P = 1n << 2n
export const TTE_W = 1n << 1n
export const TTE_G = 1n

/** Bytes of a page of each size code: 8K, 64K, 512K, 4M (UltraSPARC-I table 6-1). */
export const PAGE_SIZES = [0x2000, 0x10000, 0x80000, 0x400000] as const
export type PageBytes = (typeof PAGE_SIZES)[number]

/** In the upper half of a data word, as int32. */
export const HI_NFO = 1 << 28
export const HI_IE = 1 << 27
export const HI_SIZE_SHIFT = 29
/** PA<42:32>, of which a TLB keeps as many as its model has. */
export const HI_PA = 0x7ff
/** In the lower half of a data word. */
export const LO_L = 1 << 6
export const LO_CP = 1 << 5
export const LO_E = 1 << 3
export const LO_P = 1 << 2
export const LO_W = 1 << 1
export const LO_G = 1

const PAGE_OFFSET = 0x1fffn
const CONTEXT = 0x1fffn

/** Attributes of a translation; what is left out is false, except `size` (8K) and `cacheable` (true). */
export interface TteFields {
  /** Physical byte address of the page. */
  pa: bigint
  /** Bytes: 8K, 64K, 512K or 4M. */
  size?: PageBytes
  noFaultOnly?: boolean
  invertEndian?: boolean
  locked?: boolean
  cacheable?: boolean
  sideEffect?: boolean
  privileged?: boolean
  writable?: boolean
  global?: boolean
}

/**
 * The data word of a valid TTE; `cacheable` sets CP and CV.
 * @throws RangeError if the size is not a page size, or the address is not a 43-bit one aligned to it.
 */
export function encodeTte(fields: TteFields): bigint {
  const bytes = fields.size ?? 0x2000
  const size = PAGE_SIZES.indexOf(bytes)
  if (size < 0)
    throw new RangeError(`page size ${bytes}: expected 8K, 64K, 512K or 4M (${PAGE_SIZES.join(', ')} bytes)`)
  if (fields.pa < 0n || fields.pa >> 43n !== 0n || fields.pa % BigInt(bytes) !== 0n)
    throw new RangeError(`physical address 0x${fields.pa.toString(16)}: expected a multiple of ${bytes} below 2^43`)
  const flag = (on: boolean | undefined, bit: bigint) => (on ? bit : 0n)
  return (
    TTE_V |
    (BigInt(size) << TTE_SIZE_SHIFT) |
    flag(fields.noFaultOnly, TTE_NFO) |
    flag(fields.invertEndian, TTE_IE) |
    fields.pa |
    flag(fields.locked, TTE_L) |
    flag(fields.cacheable ?? true, TTE_CP | TTE_CV) |
    flag(fields.sideEffect, TTE_E) |
    flag(fields.privileged, TTE_P) |
    flag(fields.writable, TTE_W) |
    flag(fields.global, TTE_G)
  )
}

/** The tag word of a TLB entry, as Tag Access and Tag Read have it: VA<63:13>, context<12:0> (UltraSPARC-I 6.9.7). */
export function encodeTag(va: bigint, context: number): bigint {
  return BigInt.asUintN(64, (va & ~PAGE_OFFSET) | (BigInt(context) & CONTEXT))
}

/** A TLB entry as a person reads it. */
export interface DecodedEntry {
  /** Among all entries of the TLB. */
  readonly index: number
  /** Name of the array that it is in, and its number there. */
  readonly array: string
  readonly slot: number
  readonly valid: boolean
  /** Page address, unsigned. */
  readonly va: bigint
  readonly context: number
  readonly global: boolean
  readonly pa: bigint
  readonly pageBytes: PageBytes
  readonly locked: boolean
  readonly writable: boolean
  readonly privileged: boolean
  readonly cacheable: boolean
  readonly cacheableVirtually: boolean
  readonly sideEffect: boolean
  readonly invertEndian: boolean
  readonly noFaultOnly: boolean
  readonly used: boolean
  readonly observed: boolean
}

/** Reads a tag and a data word; `physicalBits` is the width of the physical address. */
export function decodeEntry(
  index: number,
  tag: bigint,
  data: bigint,
  physicalBits: number,
  state: { used: boolean; observed: boolean; array?: string; slot?: number },
): DecodedEntry {
  const pageBytes = PAGE_SIZES[Number((data >> TTE_SIZE_SHIFT) & 3n)]!
  const page = ~BigInt(pageBytes - 1)
  const has = (bit: bigint) => (data & bit) !== 0n
  return {
    index,
    array: state.array ?? '',
    slot: state.slot ?? index,
    valid: has(TTE_V),
    va: BigInt.asUintN(64, tag & page),
    context: Number(tag & CONTEXT),
    global: has(TTE_G),
    pa: BigInt.asUintN(physicalBits, data) & page,
    pageBytes,
    locked: has(TTE_L),
    writable: has(TTE_W),
    privileged: has(TTE_P),
    cacheable: has(TTE_CP),
    cacheableVirtually: has(TTE_CV),
    sideEffect: has(TTE_E),
    invertEndian: has(TTE_IE),
    noFaultOnly: has(TTE_NFO),
    used: state.used,
    observed: state.observed,
  }
}
