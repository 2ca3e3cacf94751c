export { asm } from '../isa/index'
export type { EntryToLoad, PageSize } from './entry-to-load'
export {
  MachineFixture,
  machine,
  type RegisterName,
  SnippetError,
  type SnippetOptions,
  type SnippetResult,
  type StateName,
} from './machine'
export { machineDriver } from './machine-driver'
export { MmuFixture, mmu, type TranslateOptions, type Translation } from './mmu'
export {
  type Access,
  type AccessOptions,
  type AccessReport,
  type AccessSize,
  DriverError,
  type FaultRegisterValues,
  type MmuDriver,
  type MmuFeature,
} from './mmu-driver'
export type { Demap, MmuRegisterName, TsbFields, WatchpointFields } from './mmu-registers'
export { MonitorDriver, type MonitorHost } from './monitor-driver'
