/** What the kernel tells an oracle: heard inside of the operation that does it. Addresses are physical; `mm` is that of the mm_struct. */
export interface KernelEvents {
  contextAssigned?(cpu: number, mm: bigint, context: number): void
  contextsWrapped?(cpu: number): void
  pteWrite?(cpu: number, mm: bigint, va: bigint, before: bigint, after: bigint): void
  /** Sampled before the flush reads anything; gives an id for {@link flushEnd}. */
  flushBegin?(cpu: number, mm: bigint, context: number, vas: readonly bigint[] | 'all', name: string): number
  flushEnd?(cpu: number, id: number): void
  maskRead?(cpu: number, mm: bigint, mask: bigint, by: string): void
  usersRead?(cpu: number, mm: bigint, value: bigint, by: string): void
  maskWrite?(cpu: number, mm: bigint, before: bigint, after: bigint, by: string): void
  mondoAccepted?(sender: number, target: number, name: string, coverage?: { context: number; va: bigint | 'all' }): void
  mondoTaken?(cpu: number): void
  /** A trap level was left: a handler that was entered at it has retired. */
  trapReturn?(cpu: number, level: number): void
  frameAllocated?(cpu: number, pa: number): void
  frameFreed?(cpu: number, pa: number): void
  /** The CPU's context registers now hold the mm's context; 0n is none. */
  running?(cpu: number, mm: bigint, by: string): void
  note?(cpu: number, text: string): void
}
