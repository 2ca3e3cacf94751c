/** Pages that a flush or cross call covers: page addresses, or the whole context. */
export type FlushScope = readonly bigint[] | 'all'

/** What a mondo will remove from its target's TLB. */
export interface MondoCoverage {
  readonly context: number
  readonly va: bigint | 'all'
}

/**
 * What a kernel tells about translations, each call at the very operation that does it. An mm is named by a number that is
 * its own while it lives; 0 is the kernel's own mappings. Contexts are hardware numbers, addresses unsigned.
 */
export interface TranslationEvents {
  mmCreated(cpu: number, mm: number): void
  contextAssigned(cpu: number, mm: number, context: number): void
  /**
   * When it is issued: it may wait in the CPU's store buffer. A flush covers what its CPU has issued before; an entry is as old as the
   * value that it was made from, which is what memory held.
   */
  pteWrite(cpu: number, mm: number, va: bigint, before: bigint, after: bigint): void
  /** Before the flush reads or removes anything. The id is given back to {@link flushEnd}. */
  flushBegin(cpu: number, mm: number, context: number, scope: FlushScope, name: string): number
  flushEnd(cpu: number, id: number): void
  /** The read of an mm's mask that decides whom a flush calls. */
  maskRead(cpu: number, mm: number, mask: bigint, by: string): void
  maskWrite(cpu: number, mm: number, before: bigint, after: bigint, by: string): void
  mondoAccepted(sender: number, target: number, name: string, coverage?: MondoCoverage): void
  /** The target entered the handler of its oldest pending mondo, which runs at trap level `level`. */
  mondoTaken(cpu: number, level: number): void
  /** The CPU left trap level `level`: a mondo that was handled there has retired. */
  trapReturn(cpu: number, level: number): void
  frameFreed(cpu: number, pa: number): void
  /** The CPU's context register holds the mm's context from now on; 0 if no mm's. */
  running(cpu: number, mm: number): void
}
