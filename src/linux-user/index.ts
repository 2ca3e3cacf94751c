export { seededEntropy } from './entropy'
export {
  FileError,
  type FileStatus,
  type FileSystem,
  memoryFiles,
  noFiles,
  type OpenFile,
  type OpenOptions,
} from './file-system'
export type { ProcessEnd } from './process'
export {
  EXIT_UNFINISHED,
  Program,
  type ProgramOptions,
  type RunOptions,
  type RunReason,
  type RunResult,
  runProgram,
  runProgramAsync,
} from './run-program'
export type { RunStatistics } from './run-statistics'
export { ProgramError } from './start-program'
export { SYSTEM_CALLS } from './system-calls'
