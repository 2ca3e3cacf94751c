import { encodeTag, encodeTte, type MmuSide, type PageBytes } from '../mmu/index'
import { toU64, type U64Like } from '../u64'

export type PageSize = '8K' | '64K' | '512K' | '4M'

const PAGE_BYTES: Record<PageSize, PageBytes> = { '8K': 0x2000, '64K': 0x10000, '512K': 0x80000, '4M': 0x400000 }

/** A TLB entry to load. What is left out is false, except `size` (8K), `context` (0) and `cacheable` (true). */
export interface EntryToLoad {
  va: U64Like
  pa: U64Like
  /** A context number, 0 .. 8191. */
  context?: number
  size?: PageSize
  writable?: boolean
  privileged?: boolean
  locked?: boolean
  global?: boolean
  cacheable?: boolean
  sideEffect?: boolean
  invertEndian?: boolean
  noFaultOnly?: boolean
  /** Default `data`. */
  side?: MmuSide
  /** The entry to write, among all of the TLB; left out, automatic replacement chooses. */
  index?: number
}

/** The tag and data words of an entry. @throws RangeError if it cannot be encoded */
export function encodeEntry(entry: EntryToLoad): { tag: bigint; data: bigint } {
  const { context = 0 } = entry
  if (!Number.isInteger(context) || context < 0 || context > 0x1fff)
    throw new RangeError(`context: expected 0 to 8191, got ${context}`)
  return {
    data: encodeTte({ ...entry, pa: toU64(entry.pa, 'pa'), size: PAGE_BYTES[entry.size ?? '8K'] }),
    tag: encodeTag(toU64(entry.va, 'va'), context),
  }
}
