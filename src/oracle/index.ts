export { attachOracle, kernelListener, type OracleHost } from './attach'
export type { FlushScope, MondoCoverage, TranslationEvents } from './events'
export { TlbOracle, type TlbOracleOptions } from './tlb-oracle'
export {
  describeViolation,
  type MissingCall,
  type OracleWarning,
  type TlbViolation,
  type ViolationKind,
} from './violation'
