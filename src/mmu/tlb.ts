import type { Arena } from '../state/arena'
import { TLB_DATA, TLB_ENTRY_BYTES, TLB_FLAGS, TLB_TAG } from '../state/layout'
import { HI_SIZE_SHIFT, LO_G, LO_L, PAGE_SIZES, TTE_V } from './tte'

/** What a model's TLB is made of. */
export interface TlbShape {
  /** Entries of each array, in the order of their indexes. */
  readonly arrays: readonly { readonly name: string; readonly entries: number }[]
  /** Bits of TTE data that the arrays keep; the others read as zero. */
  readonly dataMask: bigint
  /** Where TTE data shows the used bit; 0 if nowhere. */
  readonly usedBit: bigint
  /** The entry that Data In replaces; may clear used bits, and then says so by {@link Tlb.clearUsed}. */
  readonly place: (tlb: Tlb, tag: bigint, data: bigint) => number
}

const USED = 1
const TAG_WORD = TLB_TAG >> 2
const DATA_WORD = TLB_DATA >> 2
const FLAGS_WORD = TLB_FLAGS >> 2
const ENTRY_WORDS = TLB_ENTRY_BYTES >> 2
/** By size code: the bits of the lower half of a VA that are the page number. */
export const PAGE_MASKS = Int32Array.from(PAGE_SIZES, (bytes) => ~(bytes - 1))
const LARGEST_PAGE_MASK = ~(4 * 1024 * 1024 - 1)

/** The entries of one TLB, in the arena. Knows matching and replacement; registers and faults are elsewhere. */
export class Tlb {
  readonly size: number
  /** Counts how often all used bits were cleared. */
  usedClears = 0
  private readonly words: Int32Array
  private readonly words64: BigInt64Array
  private readonly base: number

  /** @param offset byte offset of the first entry in the arena. */
  constructor(
    arena: Arena,
    private readonly offset: number,
    readonly shape: TlbShape,
  ) {
    this.words = arena.words32
    this.words64 = arena.words64
    this.base = offset >> 2
    this.size = shape.arrays.reduce((sum, { entries }) => sum + entries, 0)
  }

  /**
   * Index of the entry that translates a virtual address, given as two int32 halves, in a context; -1 if none.
   * Several matches are an error of the software (UltraSPARC-I 6.9.9); the lowest index wins here.
   */
  match(vaLo: number, vaHi: number, context: number): number {
    const { words, base } = this
    const end = base + this.size * ENTRY_WORDS
    for (let at = base; at < end; at += ENTRY_WORDS) {
      const tagLo = words[at + TAG_WORD]!
      if ((tagLo ^ vaLo) & LARGEST_PAGE_MASK) continue
      const dataHi = words[at + DATA_WORD + 1]!
      if (dataHi >= 0 || words[at + TAG_WORD + 1] !== vaHi) continue
      if ((tagLo ^ vaLo) & PAGE_MASKS[(dataHi >>> HI_SIZE_SHIFT) & 3]!) continue
      if (words[at + DATA_WORD]! & LO_G || (tagLo & 0x1fff) === context) return (at - base) / ENTRY_WORDS
    }
    return -1
  }

  tag(index: number): bigint {
    return BigInt.asUintN(64, this.words64[this.at64(index)]!)
  }

  /** TTE data without the used bit. */
  data(index: number): bigint {
    return BigInt.asUintN(64, this.words64[this.at64(index) + 1]!)
  }

  dataLo(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + DATA_WORD]!
  }

  dataHi(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + DATA_WORD + 1]!
  }

  /** Lower half of the address of an entry's page. */
  pageLo(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + TAG_WORD]! & this.pageMask(index)
  }

  pageHi(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + TAG_WORD + 1]!
  }

  /** Bits of the lower half of an address that are an entry's page number. */
  pageMask(index: number): number {
    return PAGE_MASKS[(this.dataHi(index) >>> HI_SIZE_SHIFT) & 3]!
  }

  isValid(index: number): boolean {
    return this.dataHi(index) < 0
  }

  isLocked(index: number): boolean {
    return (this.dataLo(index) & LO_L) !== 0
  }

  isUsed(index: number): boolean {
    return (this.words[this.base + index * ENTRY_WORDS + FLAGS_WORD]! & USED) !== 0
  }

  markUsed(index: number): void {
    this.words[this.base + index * ENTRY_WORDS + FLAGS_WORD]! |= USED
  }

  clearUsed(): void {
    this.usedClears++
    for (let index = 0; index < this.size; index++) this.words[this.base + index * ENTRY_WORDS + FLAGS_WORD]! &= ~USED
  }

  /** Writes tag, data and the used bit of an entry. */
  write(index: number, tag: bigint, data: bigint): void {
    const at = this.at64(index)
    this.words64[at] = tag
    this.words64[at + 1] = data & this.shape.dataMask
    this.words64[at + 2] = data & this.shape.usedBit ? 1n : 0n
  }

  invalidate(index: number): void {
    this.words64[this.at64(index) + 1]! &= ~TTE_V
  }

  clear(): void {
    this.words64.fill(0n, this.offset >> 3, (this.offset + this.size * TLB_ENTRY_BYTES) >> 3)
  }

  private at64(index: number): number {
    return (this.offset + index * TLB_ENTRY_BYTES) >> 3
  }
}

/**
 * The entry that automatic replacement takes among `first .. first + entries - 1`: the first invalid one, else the first
 * unlocked and unused one, else (all used bits cleared) the first unlocked one, else the last (UltraSPARC-I 6.11.2, 6.2 L).
 */
export function leastRecentlyUsedByOneBit(tlb: Tlb, first: number, entries: number): number {
  const end = first + entries
  for (let index = first; index < end; index++) if (!tlb.isValid(index)) return index
  for (let index = first; index < end; index++) if (!tlb.isLocked(index) && !tlb.isUsed(index)) return index
  tlb.clearUsed()
  for (let index = first; index < end; index++) if (!tlb.isLocked(index)) return index
  return end - 1
}
