export {
  FLAG_DZ,
  FLAG_NV,
  FLAG_NX,
  FLAG_OF,
  FLAG_TINY,
  FLAG_UF,
  settleExceptions,
} from './exceptions'
export { BINARY32, BINARY64, BINARY128, type BinaryFormat, isNaNIn } from './format'
export { type Fusion, multiplyAdd } from './fused'
export { HostFloat } from './host-float'
export {
  NEAREST_EVEN,
  type RoundingMode,
  type Tininess,
  TOWARD_NEGATIVE,
  TOWARD_POSITIVE,
  TOWARD_ZERO,
} from './rounding'
export { type FloatRelation, SoftFloat } from './soft-float'
