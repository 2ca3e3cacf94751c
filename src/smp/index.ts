export type { MachineEvents, Moment } from './events'
export {
  ListenerError,
  Machine,
  type MachineConfig,
  MachineError,
  type RunResult,
  type Snapshot,
  type StopReason,
} from './machine'
export { Recorded, Recorder, RoundRobin, ScheduleError, type Scheduler, SeededRandom, type Turn } from './scheduler'
