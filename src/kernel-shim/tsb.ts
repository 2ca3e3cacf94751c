import { flush_mb } from './barrier'
import { shim } from './frame'
import type { KernelState } from './kernel-state'
import { cas, loadPrivate, until } from './operation'
import { CTX_HWBITS, MM_STRUCT, TSB_ENTRY_BYTES, TSB_TAG_INVALID, TSB_TAG_LOCK } from './structures'
import { storeWord } from './words'

/** Entries of a TSB: 512, one 8 KB page (size code 0 of the TSB register). */
export const TSB_ENTRIES = 512n
export const TSB_BYTES = Number(TSB_ENTRIES * TSB_ENTRY_BYTES)

/** A TSB in which nothing matches. */
export function tsb_init(kernel: KernelState, tsb: bigint): void {
  for (let n = 0n; n < TSB_ENTRIES; n++) storeWord(kernel.machine.memory, tsb + n * TSB_ENTRY_BYTES, TSB_TAG_INVALID)
}

/** The tag of a page in a context, as the hardware's tag target register forms it (UltraSPARC-I 6.9.2). */
export const tsb_tag = (context: bigint, va: bigint): bigint => (CTX_HWBITS(context) << 48n) | (va >> 22n)

/** Physical address of a page's entry, as the 8 KB pointer register forms it (UltraSPARC-I 6.9.6). */
export const tsb_entry = (tsb: bigint, va: bigint): bigint => tsb + ((va >> 13n) % TSB_ENTRIES) * TSB_ENTRY_BYTES

/**
 * Invalidates an entry if it holds `tag`. Waits while a TLB miss handler has it locked: what that handler writes is of the
 * page table as it was before, and must be gone when the flush returns (Linux arch/sparc/kernel/tsb.S tsb_flush).
 */
export const tsb_flush = shim('tsb_flush', function* (entry: bigint, tag: bigint) {
  while (true) {
    const found = yield* until(entry, 'tsb entry unlocked', (word) => (word & TSB_TAG_LOCK) === 0n)
    if (found !== tag) return
    if ((yield* cas(entry, tag, TSB_TAG_INVALID)) === tag) return
  }
})

/** Linux arch/sparc/mm/tsb.c flush_tsb_user_page, whose barrier is the atomic that takes the context lock. */
export const flush_tsb_user_page = shim('flush_tsb_user_page', function* (mm: bigint, va: bigint) {
  const tsb = yield* loadPrivate(mm + MM_STRUCT.tsb)
  const context = yield* loadPrivate(mm + MM_STRUCT.context)
  yield* flush_mb('tsb')
  yield* tsb_flush(tsb_entry(tsb, va), tsb_tag(context, va))
})
