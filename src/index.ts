export type { CpuStop } from './engine/engine'
export { type CpuModel, MODELS, type ModelName } from './isa/models'
export {
  FLUSH_POLICIES,
  type FlushPolicy,
  Kernel,
  type KernelConfig,
  KernelError,
  REFILLS,
  type Refill,
  shim,
} from './kernel-shim'
export {
  EXIT_UNFINISHED,
  type FileSystem,
  memoryFiles,
  Program,
  ProgramError,
  type ProgramOptions,
  type RunOptions,
  type RunResult as ProgramResult,
  type RunStatistics,
  runProgram,
  runProgramAsync,
} from './linux-user'
export { ElfError } from './loader'
export {
  type BufferedStore,
  type DrainTurn,
  ListenerError,
  Machine,
  type MachineConfig,
  MachineError,
  type MachineEvents,
  MEMORY_MODELS,
  type MemoryModel,
  type Moment,
  RESETS,
  Recorded,
  Recorder,
  type ResetName,
  RoundRobin,
  type RunResult,
  type RunTurn,
  ScheduleError,
  type Scheduler,
  SeededRandom,
  type Snapshot,
  type StopReason,
  type Turn,
  type WatchedAccess,
  type Watchpoint,
  type WatchpointOptions,
} from './smp'
export { ArenaError } from './state/arena'
export { hex, hex64, toLong, toU64, U64Error, type U64Like } from './u64'
