import type { RegisterField } from '../state/layout'
import type { MmuSide } from './registers'
import { contextOfSpace, highHalf, lowHalf, type Tlb } from './tlb'
import type { MmuAccess, Translator } from './translation'
import { type DecodedEntry, decodeEntry, TTE_V } from './tte'

export type DemapKind = 'page' | 'context' | 'all'
export type EvictReason = 'replace' | 'demap' | 'overwrite'

/** Hears what happens to TLB entries. `use` is heard of observed entries only. Addresses are unsigned. */
export interface MmuObserver {
  fill?(side: MmuSide, index: number, tag: bigint, data: bigint): void
  evict?(side: MmuSide, index: number, tag: bigint, data: bigint, why: EvictReason): void
  use?(side: MmuSide, index: number, va: bigint, access: MmuAccess): void
  demap?(side: MmuSide, kind: DemapKind, context: number, va: bigint): void
  miss?(side: MmuSide, va: bigint, context: number): void
}

/** What is derived from a TLB and must follow it: the fast table, or the engine's instruction pages. */
export interface DerivedTranslations {
  /** An entry is about to go, or must not be cached any more; it is still whole. */
  drop(index: number): void
  /** An entry was written: it may hide another one for the same page. */
  written(index: number): void
  /** Used bits were cleared: every hit must be looked up again. */
  empty(): void
}

const PAGE_SHIFT = 13n

/** One side of an MMU: its TLB, whose entries are observed, and what its changes make stale. */
export class TlbSide implements Translator {
  enabled = false
  cacheableWhenDisabled = false
  observer: MmuObserver | undefined = undefined
  readonly observed: Uint8Array
  readonly tagAccess: RegisterField
  readonly sfsr: RegisterField
  readonly missContext: RegisterField

  constructor(
    readonly name: MmuSide,
    readonly tlb: Tlb,
    readonly virtualBits: number,
    readonly physicalBits: number,
    private readonly derived: DerivedTranslations,
  ) {
    this.observed = new Uint8Array(tlb.size)
    this.tagAccess = name === 'data' ? 'dmmuTagAccess' : 'immuTagAccess'
    this.sfsr = name === 'data' ? 'dmmuSfsr' : 'immuSfsr'
    this.missContext = name === 'data' ? 'dmmuMissContext' : 'immuMissContext'
  }

  /** Automatic replacement; gives the index that was written, -1 if none. */
  replace(tag: bigint, data: bigint, sizes: number): number {
    const clears = this.tlb.usedClears
    const index = this.tlb.shape.place(this.tlb, tag, data, sizes)
    if (this.tlb.usedClears !== clears) this.derived.empty()
    if (index >= 0) this.fill(index, tag, data, 'replace')
    return index
  }

  overwrite(index: number, tag: bigint, data: bigint): void {
    this.fill(index, tag, data, 'overwrite')
  }

  /** Removes what a look-up would find: entries of the context, and global ones (UltraSPARC-I 6.9.10, 6.2 G). */
  demapPage(space: number, va: bigint): void {
    const { tlb } = this
    this.observer?.demap?.(this.name, 'page', contextOfSpace(space), (va >> PAGE_SHIFT) << PAGE_SHIFT)
    const [vaLo, vaHi] = [lowHalf(va), highHalf(va)]
    for (let index = tlb.match(vaLo, vaHi, space); index >= 0; index = tlb.match(vaLo, vaHi, space)) this.remove(index)
  }

  /** Removes the entries of a context but for global ones, which belong to none (UltraSPARC-I 6.9.10). */
  demapContext(context: number): void {
    const { tlb } = this
    this.observer?.demap?.(this.name, 'context', context, 0n)
    for (let index = 0; index < tlb.size; index++) if (tlb.belongsTo(index, context)) this.remove(index)
  }

  /** Removes all entries but for locked ones (Linux arch/sparc/include/asm/spitfire.h cheetah_flush_dtlb_all). */
  demapAll(): void {
    const { tlb } = this
    this.observer?.demap?.(this.name, 'all', 0, 0n)
    for (let index = 0; index < tlb.size; index++) if (tlb.isValid(index) && !tlb.isLocked(index)) this.remove(index)
  }

  use(index: number, va: bigint, access: MmuAccess): void {
    this.tlb.markUsed(index)
    if (this.observed[index]) this.observer?.use?.(this.name, index, va, access)
  }

  setObserved(index: number, on: boolean): void {
    if (!(index in this.observed)) throw new RangeError(`TLB entry ${index}: expected 0 .. ${this.observed.length - 1}`)
    if (on) this.derived.drop(index)
    this.observed[index] = on ? 1 : 0
  }

  decode(index: number): DecodedEntry {
    const { tlb } = this
    const array = tlb.arrayOf(index)
    const state = {
      used: tlb.isUsed(index),
      observed: this.observed[index] === 1,
      array: tlb.shape.arrays[array]!.name,
      slot: index - tlb.firstOf(array),
    }
    return decodeEntry(index, tlb.tag(index), tlb.data(index), this.physicalBits, state)
  }

  private fill(index: number, tag: bigint, data: bigint, why: EvictReason): void {
    const { tlb } = this
    if (tlb.isValid(index)) this.evict(index, why)
    tlb.write(index, tag, data)
    if (!(data & TTE_V)) return
    this.derived.written(index)
    this.observer?.fill?.(this.name, index, tag, tlb.data(index))
  }

  private remove(index: number): void {
    this.evict(index, 'demap')
    this.tlb.invalidate(index)
  }

  private evict(index: number, why: EvictReason): void {
    this.derived.drop(index)
    this.observed[index] = 0
    this.observer?.evict?.(this.name, index, this.tlb.tag(index), this.tlb.data(index), why)
  }
}
