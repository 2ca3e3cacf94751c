export { describeViolation, type MissingCall, type OracleWarning, TlbOracle, type TlbViolation } from '../oracle'
export { BoundedSearch } from './bounded-search'
export { enumerate } from './enumeration'
export type {
  Deadlock,
  DrainSegment,
  Explorable,
  Finding,
  Schedule,
  Segment,
  StepNote,
  StepSegment,
} from './explorable'
export {
  type ExploreOptions,
  type ExploreResult,
  explore,
  type ReplayResult,
  replay,
  STRATEGIES,
  type Strategy,
} from './explore'
export { type CpuFailure, KernelExplorable, type ScenarioConfig, type ScenarioViolation } from './kernel-explorable'
export { type WatchOptions, watchKernel } from './kernel-oracle'
export {
  LITMUS_TESTS,
  LitmusError,
  type LitmusOptions,
  type LitmusResult,
  type LitmusTest,
  litmusNamed,
  runLitmus,
} from './litmus'
export { minimise } from './minimise'
export { searchByPriority, searchRandomly } from './random-search'
export {
  type Scenario,
  type ScenarioDefinition,
  ScenarioError,
  type ScenarioSetup,
  scenario,
  scenarioNamed,
  scenarioNames,
} from './scenario'
export { createScenarioKernel } from './scenario-kernel'
export { mmReuse, spill, switchIn, twoFlushes } from './scenarios'
export type { Found, SearchLimits, SearchResult, Verdict } from './search-types'
export { formatTimeline, type Replay, replaySchedule, type TimelineRow } from './timeline'
export {
  formatToken,
  parseToken,
  type ReplayToken,
  type TokenConfiguration,
  TokenError,
  type TokenFault,
} from './token'
