/** Entries of a fast table, each {@link FAST_ENTRY_WORDS} int32: read tag (low, high), write tag (low, high), addend, source. */
export const FAST_ENTRIES = 256
export const FAST_ENTRY_WORDS = 8
export const FAST_READ_TAG = 0
export const FAST_WRITE_TAG = 2
export const FAST_ADDEND = 4
/** TLB index + 1 of the entry that this one was made from; 0 if empty. */
const SOURCE = 5

const PAGE_SHIFT = 13
const PAGE_BITS = -1 << PAGE_SHIFT
const SLOT_SHIFT = PAGE_SHIFT - Math.log2(FAST_ENTRY_WORDS)
const SLOT_MASK = (FAST_ENTRIES - 1) * FAST_ENTRY_WORDS
const LAST_ID = 127
const ID_SHIFT = 6

/**
 * A direct-mapped cache of the data TLB: a subset of it, never more. For `size` bytes at virtual address (lo, hi):
 * the entry is `words[((lo >>> 13) & 255) * 8 + ...]`, it hits if `((lo & (~8191 | (size - 1))) | contextTag) === tagLo && hi === tagHi`,
 * which also checks alignment up to 64 bytes, and the arena byte offset is `(lo + addend) | 0`.
 *
 * A context tag is an interned (context number, privileged) pair, 1 .. 127, in bits 12:6: no tag is 0, so 0 never matches.
 */
export class FastTable {
  readonly words = new Int32Array(FAST_ENTRIES * FAST_ENTRY_WORDS)
  /** False: nothing is ever put in. */
  enabled = true
  private readonly ids = new Map<number, number>()

  /** @param onIdsRestart called when context tags run out: all tags given before are void. */
  constructor(private readonly onIdsRestart: () => void) {}

  contextTag(context: number, privileged: boolean): number {
    const key = context * 2 + (privileged ? 1 : 0)
    let id = this.ids.get(key)
    if (id === undefined) {
      if (this.ids.size === LAST_ID) {
        this.ids.clear()
        this.empty()
        this.onIdsRestart()
      }
      id = this.ids.size + 1
      this.ids.set(key, id)
    }
    return id << ID_SHIFT
  }

  /** Puts in the 8K page that holds the virtual address; `addend` as above. */
  put(vaLo: number, vaHi: number, contextTag: number, source: number, addend: number, writable: boolean): void {
    const { words } = this
    const at = slot(vaLo)
    const tag = (vaLo & PAGE_BITS) | contextTag
    words[at + FAST_READ_TAG] = tag
    words[at + FAST_READ_TAG + 1] = vaHi
    words[at + FAST_WRITE_TAG] = writable ? tag : 0
    words[at + FAST_WRITE_TAG + 1] = vaHi
    words[at + FAST_ADDEND] = addend
    words[at + SOURCE] = source + 1
  }

  /** Arena byte offset of an aligned access, or -1. Engines inline this. */
  lookup(vaLo: number, vaHi: number, contextTag: number, size: number, write: boolean): number {
    const { words } = this
    const at = slot(vaLo)
    const tag = at + (write ? FAST_WRITE_TAG : FAST_READ_TAG)
    const wanted = (vaLo & (PAGE_BITS | (size - 1))) | contextTag
    const differs = (words[tag]! ^ wanted) | (words[tag + 1]! ^ vaHi)
    return differs === 0 ? (vaLo + words[at + FAST_ADDEND]!) | 0 : -1
  }

  /** Drops what was made from a TLB entry, whose page starts at `vaLo` and has number bits `pageMask`. */
  evictSource(source: number, vaLo: number, pageMask: number): void {
    const { words } = this
    for (let left = slotsOf(pageMask), page = vaLo; left > 0; left--, page += 1 << PAGE_SHIFT) {
      const at = slot(page)
      if (words[at + SOURCE] === source + 1) words.fill(0, at, at + FAST_ENTRY_WORDS)
    }
  }

  /** Drops all within a page, whatever it was made from. */
  evictPage(vaLo: number, vaHi: number, pageMask: number): void {
    const { words } = this
    for (let left = slotsOf(pageMask), page = vaLo; left > 0; left--, page += 1 << PAGE_SHIFT) {
      const at = slot(page)
      if (words[at + FAST_READ_TAG + 1] === vaHi && ((words[at]! ^ vaLo) & pageMask) === 0)
        words.fill(0, at, at + FAST_ENTRY_WORDS)
    }
  }

  empty(): void {
    this.words.fill(0)
  }
}

function slot(vaLo: number): number {
  return (vaLo >>> SLOT_SHIFT) & SLOT_MASK
}

function slotsOf(pageMask: number): number {
  return Math.min(-pageMask >>> PAGE_SHIFT, FAST_ENTRIES)
}
