import type { CpuStop, Gate } from '../engine/engine'
import type { WatchedAccess } from '../engine/watched-ranges'
import type { ModelName } from '../isa/models'
import type { ArenaImage } from '../state/snapshot'
import type { U64Like } from '../u64'
import type { Scheduler, Turn } from './scheduler'

/** Sequential consistency, or total store order: stores wait in a buffer of each CPU until a scheduler lets them drain. */
export const MEMORY_MODELS = ['sc', 'tso'] as const
export type MemoryModel = (typeof MEMORY_MODELS)[number]

export interface MachineConfig {
  /** 1 to the model's `maxCpus`: 32, or 64 of UltraSPARC III; default 1. */
  cpus?: number
  /** Bytes, a multiple of 8192; default 16 MiB. */
  ramBytes?: number
  /** Default 'ultrasparc-ii'. */
  model?: ModelName
  /**
   * Who does what the model's CPU leaves to a kernel: quad operations, some subnormal numbers, popc. 'software' (default): they
   * trap; 'hardware': they are executed.
   */
  emulation?: 'software' | 'hardware'
  /** Default 'sc'. */
  memoryModel?: MemoryModel
  /** Stores that a CPU's store buffer holds under 'tso', 1 to 64; default 8. */
  storeBufferEntries?: number
  /** Default round robin, 1000 instructions a turn. */
  scheduler?: Scheduler
  /** Instructions that a CPU still executes between accepting a mondo and taking it; default 0. */
  mondoDelay?: number
  /**
   * What a trap at MAXTL does: 'stop' (default) leaves the CPU in error_state and stops the machine; 'watchdog' resets the CPU,
   * which then runs from the watchdog entry of the RED_state trap table.
   */
  errorState?: 'stop' | 'watchdog'
  /**
   * RSTVaddr, the RED_state trap table, a multiple of 256: resets and traps in RED_state go to its entries at 0x20 to 0xa0, fetched
   * physically. Default 0xffff_ffff_f000_0000, where the machine has no memory.
   */
  resetVector?: U64Like
  /** What the gate instruction does; without one it is illegal. */
  gate?: Gate
  /** Plain data beside the arena that is saved, restored and hashed with the machine. */
  companion?: Companion
}

/** State of a part outside of the arena, as plain data. */
export interface Companion {
  save(): unknown
  restore(state: unknown): void
}

export type StopReason =
  | Exclude<CpuStop, 'waiting' | 'visible'>
  /** Every CPU waits and no timer is armed. */
  | 'deadlock'

export interface RunResult {
  readonly reason: StopReason
  /** The CPU that stopped the run; undefined for budget and deadlock. */
  readonly cpu?: number
  /** Executed in this run by all CPUs. */
  readonly instructions: number
  /** With reason 'watchpoint': what the machine stopped at. */
  readonly watched?: WatchedAccess
}

export interface Snapshot {
  readonly arena: ArenaImage
  readonly companion: unknown
  readonly scheduler: unknown
  readonly turn: Turn | undefined
  readonly storeBufferEntries: number | undefined
  readonly waiting: readonly boolean[]
}
