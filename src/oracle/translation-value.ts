import { TTE_P, TTE_SIZE_SHIFT, TTE_V, TTE_W } from '../mmu/tte'

/** Software bit of a page-table entry: the page may be executed. */
export const PTE_EXEC = 0x1000n

const PAGE_OFFSET = 0x1fffn
const PHYSICAL = 0x1ff_ffff_e000n
/** NFO, IE, CP, CV, E, G: neither more nor less permission, but another translation. */
const ATTRIBUTES = (1n << 60n) | (1n << 59n) | 0x39n

/** Bytes of the page of a TTE. */
export function pageBytes(tte: bigint): bigint {
  return 0x2000n << (3n * ((tte >> TTE_SIZE_SHIFT) & 3n))
}

/**
 * What a TTE or page-table entry says about one 8 KB page: V, frame, permissions and attributes, without lock, size and
 * other software bits. 0 if it says nothing.
 */
export function translationOf(tte: bigint, va: bigint): bigint {
  if (!(tte & TTE_V)) return 0n
  const offset = pageBytes(tte) - 1n
  const frame = (tte & PHYSICAL & ~offset) | (va & offset & ~PAGE_OFFSET)
  return TTE_V | frame | (tte & (ATTRIBUTES | TTE_W | TTE_P | PTE_EXEC))
}

/** {@link translationOf} of a TLB entry: whether the page may be executed is told by the TLB that holds it. */
export function translationOfEntry(side: 'instruction' | 'data', data: bigint, va: bigint): bigint {
  const translation = translationOf(data, va) & ~PTE_EXEC
  return side === 'instruction' && translation !== 0n ? translation | PTE_EXEC : translation
}

export function frameOf(translation: bigint): number {
  return Number(translation & PHYSICAL)
}

/** Whether `allowed` permits all that `translation` permits, at the same frame. */
export function permits(allowed: bigint, translation: bigint): boolean {
  if (translation === 0n) return true
  const fixed = TTE_V | PHYSICAL | ATTRIBUTES
  if ((allowed & fixed) !== (translation & fixed)) return false
  if (translation & ~allowed & (TTE_W | PTE_EXEC)) return false
  return (translation & TTE_P) !== 0n || (allowed & TTE_P) === 0n
}

/** Whether an entry with `translation` can have been made from a page-table entry with `value`. */
export function madeFrom(value: bigint, translation: bigint): boolean {
  const apart = value ^ translation
  return (apart & ~PTE_EXEC) === 0n && (translation & ~value & PTE_EXEC) === 0n
}
