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
  entries: PlainEntry[] = Array.from({ length: 64 }, () => ({ ...EMPTY }))

  find(va: bigint, context: number): PlainEntry | undefined {
    return this.entries.find((e) => e.valid && va / e.bytes === e.va / e.bytes && (e.global || e.context === context))
  }

  translate(request: TranslateRequest, context: number): { pa: bigint } | { trap: string } {
    const e = this.find(request.va, context)
    if (!e) return { trap: 'fast_data_access_MMU_miss' }
    const writes = request.access === 'store' || request.access === 'atomic'
    const exception =
      (e.privileged && !request.privileged) ||
      (e.noFaultOnly && !request.noFault) ||
      (e.sideEffect && request.noFault) ||
      (request.access === 'atomic' && !e.cacheable)
    if (exception) return { trap: 'data_access_exception' }
    if (writes && !e.writable) return { trap: 'fast_data_access_protection' }
    e.used = true
    return { pa: e.pa + (request.va % e.bytes) }
  }

  insert(entry: PlainEntry): void {
    let index = this.entries.findIndex((e) => !e.valid)
    if (index < 0) index = this.entries.findIndex((e) => !e.locked && !e.used)
    if (index < 0) {
      for (const e of this.entries) e.used = false
      index = this.entries.findIndex((e) => !e.locked)
    }
    this.entries[index < 0 ? 63 : index] = { ...entry }
  }

  demapPage(va: bigint, context: number): void {
    for (let e = this.find(va, context); e; e = this.find(va, context)) e.valid = false
  }

  demapContext(context: number): void {
    for (const e of this.entries) if (e.valid && !e.global && e.context === context) e.valid = false
  }
}
