export { asm } from '../isa/index'
export {
  MachineFixture,
  machine,
  type RegisterName,
  SnippetError,
  type SnippetOptions,
  type SnippetResult,
  type StateName,
} from './machine'
export {
  type EntryToLoad,
  MmuFixture,
  type MmuRegisterName,
  mmu,
  type PageSize,
  type TranslateOptions,
  type Translation,
} from './mmu'
