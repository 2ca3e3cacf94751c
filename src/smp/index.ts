export type { WatchedAccess, Watchpoint } from '../engine/watched-ranges'
export type { MachineEvents, Moment } from './events'
export {
  Machine,
  type MachineConfig,
  type RunResult,
  type Snapshot,
  type StopReason,
} from './machine'
export { ListenerError, MachineError } from './machine-error'
export { Recorded, Recorder, RoundRobin, ScheduleError, type Scheduler, SeededRandom, type Turn } from './scheduler'
export type { WatchpointOptions } from './watchpoint-options'
