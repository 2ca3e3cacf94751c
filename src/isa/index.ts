export { ASI, ASIS, type Asi, type AsiKind, type AsiModel, asisOf } from '../asi'
export { type AsmTag, type AsmValue, asm } from './asm'
export { type Assembled, type AssembledSection, type AssembleOptions, AssemblyError, assemble } from './assemble'
export { type Decoder, makeDecoder } from './decode'
export { disassemble } from './disassemble'
export {
  annulOf,
  compilePattern,
  displacementOf,
  type Field,
  type FieldName,
  getField,
  immediateOf,
  type Pattern,
  type Patterned,
  reservedBitsSet,
  selectsImmediate,
  withField,
} from './encoding'
export type { Instruction } from './instruction'
export { INSTRUCTION_SETS, type InstructionSet } from './instruction-set'
export { makeRows } from './instructions'
export {
  CHEETAH_INSTRUCTIONS,
  type CpuModel,
  type InstructionSupport,
  MODELS,
  type ModelName,
  withoutEmulation,
} from './models'
export type { Access, AccessSize, Execute, PrivilegedRegister, Semantics } from './semantics'
export {
  comesBefore,
  TRAP_ENTRY_BYTES,
  TRAP_TABLE_TL_OFFSET,
  TRAPS,
  type Trap,
  type TrapName,
  trapTypeName,
} from './traps'
