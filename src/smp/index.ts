export { RESETS, type ResetName } from '../engine/reference-traps'
export type { BufferedStore, CpuMemory } from '../engine/store-buffer'
export type { WatchedAccess, Watchpoint } from '../engine/watched-ranges'
export type { MachineEvents, Moment } from './events'
export { Machine } from './machine'
export {
  type MachineConfig,
  MEMORY_MODELS,
  type MemoryModel,
  type RunResult,
  type Snapshot,
  type StopReason,
} from './machine-config'
export { ListenerError, MachineError } from './machine-error'
export {
  type DrainTurn,
  isDrain,
  Recorded,
  Recorder,
  RoundRobin,
  type RunTurn,
  ScheduleError,
  type Scheduler,
  SeededRandom,
  type Turn,
} from './scheduler'
export type { WatchpointOptions } from './watchpoint-options'
