import type { TrapName } from '../isa/traps'
import type { DemapKind, EvictReason } from '../mmu'

/** Where and when: the CPU and the number of instructions that it had executed. */
export interface Moment {
  readonly cpu: number
  readonly instructions: bigint
}
type Side = 'instruction' | 'data'

/**
 * Events of a machine, by name. Nobody listening costs nothing. `tag` and `data` are those of a TLB entry, as Tag Read and Data Access
 * give them.
 */
export interface MachineEvents {
  trap: (event: Moment & { type: number; name: TrapName | string; level: number; pc: bigint }) => void
  'tlb-miss': (event: Moment & { side: Side; va: bigint; context: number }) => void
  'tlb-fill': (event: Moment & { side: Side; index: number; tag: bigint; data: bigint }) => void
  'tlb-evict': (event: Moment & { side: Side; index: number; tag: bigint; data: bigint; why: EvictReason }) => void
  'tlb-demap': (event: Moment & { side: Side; kind: DemapKind; context: number; va: bigint }) => void
  'mondo-sent': (event: Moment & { target: number; words: readonly bigint[] }) => void
  'mondo-accepted': (event: Moment & { target: number; words: readonly bigint[] }) => void
  'mondo-nacked': (event: Moment & { target: number; words: readonly bigint[] }) => void
  'mondo-taken': (event: Moment & { words: readonly bigint[] }) => void
  'flush-begin': (event: Moment & { kind: string; context: number; va?: bigint }) => void
  'flush-end': (event: Moment & { kind: string; context: number; va?: bigint }) => void
  'context-switch': (event: Moment & { from: number; to: number }) => void
}

/** What an event tells beside where and when it was. */
export type EventDetails<E extends keyof MachineEvents> = Omit<Parameters<MachineEvents[E]>[0], keyof Moment>
