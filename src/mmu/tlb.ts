import type { Arena } from '../state/arena'
import { TLB_DATA, TLB_ENTRY_BYTES, TLB_FLAGS, TLB_TAG } from '../state/layout'
import { HI_SIZE_SHIFT, LO_G, LO_L, PAGE_SIZES, TTE_V } from './tte'

/** One array of a TLB. The first array of a TLB is fully associative, the others are set-associative. */
export interface TlbArray {
  readonly name: string
  readonly entries: number
  /** Of a set-associative array only: way w of set s is its entry `w * entries / ways + s`. */
  readonly ways?: number
  /** Bits of TTE data that this array does not keep, though others of the TLB do. */
  readonly drops?: bigint
}

/** What a model's TLB is made of. */
export interface TlbShape {
  /** In the order of their indexes. */
  readonly arrays: readonly TlbArray[]
  /** Bits of TTE data that the arrays keep; the others read as zero. */
  readonly dataMask: bigint
  /** Where TTE data shows the used bit; 0 if nowhere. */
  readonly usedBit: bigint
  /**
   * The entry that Data In replaces, or -1 if it replaces none; may clear used bits, and then says so by
   * {@link Tlb.clearUsed}. `sizes` are the page-size codes of the arrays, 3 bits each.
   */
  readonly place: (tlb: Tlb, tag: bigint, data: bigint, sizes: number) => number
}

/** Where entries of one set-associative array are looked for. */
interface Sets {
  readonly first: number
  readonly end: number
  readonly sets: number
  /** Of its size code among those of an address space. */
  readonly sizeShift: number
}

const USED = 1
/** Int32 words of an entry. */
const TAG_LO = wordsIn(TLB_TAG)
const TAG_HI = TAG_LO + 1
const DATA_LO = wordsIn(TLB_DATA)
const DATA_HI = DATA_LO + 1
const FLAGS = wordsIn(TLB_FLAGS)
const ENTRY_WORDS = wordsIn(TLB_ENTRY_BYTES)
const CONTEXT = 0x1fff
const CONTEXT_WIDTH = 13
const PAGE_SHIFT = 13
const SIZE_CODE = 7
const SIZE_WIDTH = 3
/** By size code: the bits of the lower half of a VA that are the page number. */
export const PAGE_MASKS = Int32Array.from(PAGE_SIZES, (bytes) => ~(bytes - 1))
const LARGEST_PAGE_MASK = ~(4 * 1024 * 1024 - 1)

/**
 * What {@link Tlb.match} looks in: a context number, and the page-size codes of the set-associative arrays for it, in their order,
 * 3 bits each; 0 where all hold 8K pages.
 */
export function addressSpace(context: number, sizes: number): number {
  return context | (sizes << CONTEXT_WIDTH)
}

export function contextOfSpace(space: number): number {
  return space & CONTEXT
}

export function sizesOfSpace(space: number): number {
  return space >>> CONTEXT_WIDTH
}

/** The entries of one TLB, in the arena. Knows matching and replacement; registers and faults are elsewhere. */
export class Tlb {
  readonly size: number
  /** Counts how often all used bits were cleared. */
  usedClears = 0
  private readonly words: Int32Array
  private readonly words64: BigInt64Array
  private readonly base: number
  /** Entries of the fully associative array: only they have a used bit. */
  private readonly associative: number
  private readonly sets: readonly Sets[]
  private readonly drops: readonly bigint[]

  /**
   * @param offset byte offset of the first entry in the arena.
   * @param randomState byte offset of the state of {@link random}.
   */
  constructor(
    arena: Arena,
    private readonly offset: number,
    readonly shape: TlbShape,
    private readonly randomState: number,
  ) {
    this.words = arena.words32
    this.words64 = arena.words64
    this.base = wordsIn(offset)
    this.associative = shape.arrays[0]!.entries
    let first = this.associative
    this.sets = shape.arrays.slice(1).map(({ entries, ways }, number) => {
      const end = first + entries
      const sets = { first, end, sets: entries / ways!, sizeShift: number * SIZE_WIDTH }
      first = end
      return sets
    })
    this.size = first
    this.drops = shape.arrays.map((array) => array.drops ?? 0n)
  }

  /**
   * Index of the entry that translates a virtual address, given as two int32 halves, in an {@link addressSpace}; -1 if none.
   * Several matches are an error of the software (UltraSPARC-I 6.9.9); the lowest index wins here.
   */
  match(vaLo: number, vaHi: number, space: number): number {
    const { words, base } = this
    const context = space & CONTEXT
    const end = base + this.associative * ENTRY_WORDS
    for (let at = base; at < end; at += ENTRY_WORDS) {
      const tagLo = words[at + TAG_LO]!
      if ((tagLo ^ vaLo) & LARGEST_PAGE_MASK) continue
      const dataHi = words[at + DATA_HI]!
      if (dataHi >= 0 || words[at + TAG_HI] !== vaHi) continue
      if ((tagLo ^ vaLo) & PAGE_MASKS[(dataHi >>> HI_SIZE_SHIFT) & 3]!) continue
      if (words[at + DATA_LO]! & LO_G || (tagLo & CONTEXT) === context) return (at - base) / ENTRY_WORDS
    }
    return this.sets.length === 0 ? -1 : this.matchInSets(vaLo, vaHi, space)
  }

  private matchInSets(vaLo: number, vaHi: number, space: number): number {
    const { words, base } = this
    const sizes = sizesOfSpace(space)
    for (const array of this.sets) {
      const code = (sizes >>> array.sizeShift) & SIZE_CODE
      if (code >= PAGE_MASKS.length) continue
      for (let index = array.first + setOf(array, vaLo, code); index < array.end; index += array.sets) {
        const at = base + index * ENTRY_WORDS
        const tagLo = words[at + TAG_LO]!
        const dataHi = words[at + DATA_HI]!
        if (dataHi >= 0 || words[at + TAG_HI] !== vaHi) continue
        if ((tagLo ^ vaLo) & PAGE_MASKS[(dataHi >>> HI_SIZE_SHIFT) & 3]!) continue
        if (words[at + DATA_LO]! & LO_G || (tagLo & CONTEXT) === (space & CONTEXT)) return index
      }
    }
    return -1
  }

  /** Indexes of all the places that set-associative arrays have for a page of a size code, in order. */
  places(vaLo: number, sizeCode: number, sizes: number): number[] {
    const places: number[] = []
    for (const array of this.sets) {
      if (((sizes >>> array.sizeShift) & SIZE_CODE) !== sizeCode) continue
      for (let index = array.first + setOf(array, vaLo, sizeCode); index < array.end; index += array.sets)
        places.push(index)
    }
    return places
  }

  /** The next number of a 16-bit shift register with feedback, whose state is in the arena: 1 .. 65535. */
  random(): number {
    const state = Number(this.words64[this.randomState >> 3]!) || 1
    const next = (state >>> 1) ^ (state & 1 ? 0xb400 : 0)
    this.words64[this.randomState >> 3] = BigInt(next)
    return next
  }

  tag(index: number): bigint {
    return BigInt.asUintN(64, this.words64[this.at64(index)]!)
  }

  /** TTE data without the used bit. */
  data(index: number): bigint {
    return BigInt.asUintN(64, this.words64[this.at64(index) + 1]!)
  }

  dataLo(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + DATA_LO]!
  }

  dataHi(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + DATA_HI]!
  }

  /** Lower half of the address of an entry's page. */
  pageLo(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + TAG_LO]! & this.pageMask(index)
  }

  pageHi(index: number): number {
    return this.words[this.base + index * ENTRY_WORDS + TAG_HI]!
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

  /** Whether a valid entry belongs to a context: global ones belong to none. */
  belongsTo(index: number, context: number): boolean {
    const at = this.base + index * ENTRY_WORDS
    return (
      this.words[at + DATA_HI]! < 0 &&
      (this.words[at + DATA_LO]! & LO_G) === 0 &&
      (this.words[at + TAG_LO]! & CONTEXT) === context
    )
  }

  isUsed(index: number): boolean {
    return (this.words[this.base + index * ENTRY_WORDS + FLAGS]! & USED) !== 0
  }

  /** Set-associative arrays have no used bits. */
  markUsed(index: number): void {
    if (index < this.associative) this.words[this.base + index * ENTRY_WORDS + FLAGS]! |= USED
  }

  clearUsed(): void {
    this.usedClears++
    for (let index = 0; index < this.associative; index++) this.words[this.base + index * ENTRY_WORDS + FLAGS]! &= ~USED
  }

  /** Writes tag, data and the used bit of an entry. */
  write(index: number, tag: bigint, data: bigint): void {
    const at = this.at64(index)
    this.words64[at] = tag
    this.words64[at + 1] = data & this.shape.dataMask & ~this.drops[this.arrayOf(index)]!
    this.words64[at + 2] = data & this.shape.usedBit ? 1n : 0n
  }

  invalidate(index: number): void {
    this.words64[this.at64(index) + 1]! &= ~TTE_V
  }

  clear(): void {
    this.words64.fill(0n, this.offset >> 3, (this.offset + this.size * TLB_ENTRY_BYTES) >> 3)
  }

  /** Which array an entry is in. */
  arrayOf(index: number): number {
    let array = 0
    while (array < this.sets.length && index >= this.sets[array]!.first) array++
    return array
  }

  /** Index of the first entry of an array. */
  firstOf(array: number): number {
    return array === 0 ? 0 : this.sets[array - 1]!.first
  }

  private at64(index: number): number {
    return (this.offset + index * TLB_ENTRY_BYTES) >> 3
  }
}

/** The lower half of an address, as int32. */
export function lowHalf(va: bigint): number {
  return Number(va & 0xffff_ffffn) | 0
}

/** The upper half of an address, as int32. */
export function highHalf(va: bigint): number {
  return Number(va >> 32n) | 0
}

/** Int32 words in some bytes. */
function wordsIn(bytes: number): number {
  return bytes >> 2
}

function setOf(array: Sets, vaLo: number, sizeCode: number): number {
  return (vaLo >>> (PAGE_SHIFT + SIZE_WIDTH * sizeCode)) & (array.sets - 1)
}

/**
 * The entry that automatic replacement takes among `first .. first + entries - 1`: the first invalid one, else the first
 * unlocked and unused one, else (all used bits cleared) the first unlocked one, else `allLocked`, the last if left out
 * (UltraSPARC-I 6.11.2, 6.2 L).
 */
export function leastRecentlyUsedByOneBit(
  tlb: Tlb,
  first: number,
  entries: number,
  allLocked = first + entries - 1,
): number {
  const end = first + entries
  for (let index = first; index < end; index++) if (!tlb.isValid(index)) return index
  for (let index = first; index < end; index++) if (!tlb.isLocked(index) && !tlb.isUsed(index)) return index
  tlb.clearUsed()
  for (let index = first; index < end; index++) if (!tlb.isLocked(index)) return index
  return allLocked
}
