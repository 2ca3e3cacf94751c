export {
  type ElfImage,
  type ElfSegment,
  PF_R,
  PF_W,
  PF_X,
  parseElf,
  USER_ADDRESS_LIMIT,
  USER_PAGE_BYTES,
} from './elf'
export { ElfError } from './elf-error'
export { type ElfSymbol, readSymbols, SymbolTable } from './symbols'
