import type { TranslateRequest } from '../../src/mmu/index'

/** A data TLB written from the manual's words, with objects and bigints: what the property tests compare with. */
export interface PlainEntry {
  valid: boolean
  va: bigint
  bytes: bigint
  context: number
  pa: bigint
  global: boolean
  locked: boolean
  used: boolean
  privileged: boolean
  writable: boolean
  cacheable: boolean
  sideEffect: boolean
  invertEndian: boolean
  noFaultOnly: boolean
}

/** Bytes of the pages that each two-way array holds; 0 for a size that no page has. */
export type PlainSizes = readonly bigint[]

/** Entries of the fully associative array, and how many two-way arrays of 512 entries there are. */
export interface PlainShape {
  associative: number
  twoWay: number
}

/** A watched doubleword. */
export interface PlainWatchpoint {
  readonly address: bigint
  readonly onRead: boolean
  readonly onWrite: boolean
}

const WAY = 256
const EMPTY: PlainEntry = {
  valid: false,
  va: 0n,
  bytes: 0x2000n,
  context: 0,
  pa: 0n,
  global: false,
  locked: false,
  used: false,
  privileged: false,
  writable: false,
  cacheable: false,
  sideEffect: false,
  invertEndian: false,
  noFaultOnly: false,
}

export class PlainTlb {
  entries: PlainEntry[]

  constructor(private readonly shape: PlainShape = { associative: 64, twoWay: 0 }) {
    this.entries = Array.from({ length: shape.associative + shape.twoWay * 2 * WAY }, () => ({ ...EMPTY }))
  }

  /** Where a page may be in the two-way arrays. */
  private ways(va: bigint, sizes: PlainSizes, wanted?: bigint): number[] {
    return sizes.flatMap((bytes, array) => {
      if (bytes === 0n || (wanted !== undefined && bytes !== wanted)) return []
      const first = this.shape.associative + array * 2 * WAY + Number((va / bytes) % BigInt(WAY))
      return [first, first + WAY]
    })
  }

  find(va: bigint, context: number, sizes: PlainSizes = []): PlainEntry | undefined {
    return this.entries[this.place(va, context, sizes)]
  }

  private place(va: bigint, context: number, sizes: PlainSizes): number {
    const matches = (place: number) => {
      const e = this.entries[place]!
      return e.valid && (e.global || e.context === context) && va / e.bytes === e.va / e.bytes
    }
    for (let place = 0; place < this.shape.associative; place++) if (matches(place)) return place
    return this.ways(va, sizes).find(matches) ?? -1
  }

  translate(
    request: TranslateRequest,
    context: number,
    sizes: PlainSizes = [],
    watched: { readonly virtual?: PlainWatchpoint; readonly physical?: PlainWatchpoint } = {},
  ): { pa: bigint; used: boolean } | { trap: string } {
    if (isWatched(watched.virtual, request.va, request)) return { trap: 'VA_watchpoint' }
    const place = this.place(request.va, context, sizes)
    const e = this.entries[place]
    if (!e) return { trap: 'fast_data_access_MMU_miss' }
    const writes = request.access === 'store' || request.access === 'atomic'
    const exception =
      (e.privileged && !request.privileged) ||
      (e.noFaultOnly && !request.noFault) ||
      (e.sideEffect && request.noFault) ||
      (request.access === 'atomic' && !e.cacheable)
    if (exception) return { trap: 'data_access_exception' }
    if (writes && !e.writable) return { trap: 'fast_data_access_protection' }
    const pa = e.pa + (request.va % e.bytes)
    if (isWatched(watched.physical, pa, request)) return { trap: 'PA_watchpoint' }
    const associative = place < this.shape.associative
    const used = e.used || !associative
    e.used = associative
    return { pa, used }
  }

  copy(): PlainTlb {
    const copy = new PlainTlb(this.shape)
    copy.entries = this.entries.map((entry) => ({ ...entry }))
    return copy
  }

  /** The places that replacement may choose; none if it replaces nothing. Clears used bits where it must. */
  candidates(entry: PlainEntry, sizes: PlainSizes = []): number[] {
    const ways = entry.locked ? [] : this.ways(entry.va, sizes, entry.bytes)
    const free = ways.find((place) => !this.entries[place]!.valid)
    if (free !== undefined) return [free]
    if (ways.length > 0) return ways
    const associative = this.entries.slice(0, this.shape.associative)
    let index = associative.findIndex((e) => !e.valid)
    if (index < 0) index = associative.findIndex((e) => !e.locked && !e.used)
    if (index < 0) {
      for (const e of associative) e.used = false
      index = associative.findIndex((e) => !e.locked)
    }
    if (index < 0 && this.shape.twoWay === 0) index = associative.length - 1
    return index < 0 ? [] : [index]
  }

  /** A two-way array has no lock. */
  put(index: number, entry: PlainEntry): void {
    this.entries[index] = { ...entry, locked: entry.locked && index < this.shape.associative }
  }

  demapPage(va: bigint, context: number, sizes: PlainSizes = []): void {
    for (let e = this.find(va, context, sizes); e; e = this.find(va, context, sizes)) e.valid = false
  }

  demapContext(context: number): void {
    for (const e of this.entries) if (e.valid && !e.global && e.context === context) e.valid = false
  }

  demapAll(): void {
    for (const e of this.entries) if (e.valid && !e.locked) e.valid = false
  }
}

/** Whether an aligned access of 8 bytes traps. */
function isWatched(watchpoint: PlainWatchpoint | undefined, address: bigint, { access }: TranslateRequest): boolean {
  if (watchpoint?.address !== address) return false
  return (watchpoint.onRead && access !== 'store') || (watchpoint.onWrite && access !== 'load')
}
