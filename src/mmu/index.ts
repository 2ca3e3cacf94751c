export { cheetah, cheetahPlus, jalapeno } from './cheetah'
export { DCU_CP, DCU_CV, DCU_WRITABLE } from './dcu-control'
export { entryAddress } from './entry-address'
export { FAST_ADDEND, FAST_ENTRIES, FAST_ENTRY_WORDS, FAST_READ_TAG, FAST_WRITE_TAG, FastTable } from './fast-table'
export type { RecordedFault } from './fault-registers'
export {
  LSU_DC,
  LSU_DM,
  LSU_IC,
  LSU_IM,
  LSU_PM_SHIFT,
  LSU_PR,
  LSU_PW,
  LSU_VM_SHIFT,
  LSU_VR,
  LSU_VW,
} from './lsu-control'
export { Mmu, type ProbeResult } from './mmu'
export { type MmuModel, type MmuRules, tlbEntries } from './model'
export { MMU_MODELS, type MmuModelName } from './models'
export {
  attributeLetters,
  attributeNames,
  faultTypeNames,
  formatSfsr,
  formatTlb,
  pageSizeName,
  type TlbTableOptions,
} from './print'
export {
  decodeSfsr,
  extendedTsbPointer,
  type MmuRegister,
  type MmuSide,
  type RegisterPorts,
  type SfsrFields,
  tagTarget,
  tsbPointer,
} from './registers'
export { spitfire } from './spitfire'
export { createMmu } from './standalone'
export { addressSpace, leastRecentlyUsedByOneBit, Tlb, type TlbArray, type TlbShape } from './tlb'
export type { DemapKind, EvictReason, MmuObserver } from './tlb-side'
export {
  type ContextKind,
  FT_ATOMIC_UNCACHEABLE,
  FT_ILLEGAL_ASI,
  FT_JUMP_OUT_OF_RANGE,
  FT_NO_FAULT_ONLY,
  FT_OUT_OF_RANGE,
  FT_PRIVILEGE,
  FT_SIDE_EFFECT,
  type MmuAccess,
  type MmuTrap,
  type Outcome,
  type TranslateRequest,
} from './translation'
export { type DecodedEntry, decodeEntry, encodeTag, encodeTte, PAGE_SIZES, type PageBytes, type TteFields } from './tte'
