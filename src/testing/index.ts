export {
  type EntryToLoad,
  MmuFixture,
  type MmuRegisterName,
  mmu,
  type PageSize,
  type TranslateOptions,
  type Translation,
} from './mmu'
