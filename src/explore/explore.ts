import type { MemoryModel } from '../smp'
import { BoundedSearch } from './bounded-search'
import { enumerate } from './enumeration'
import { countSteps, type Deadlock, type Schedule } from './explorable'
import {
  KernelExplorable,
  type KernelExplorationState,
  type ScenarioConfig,
  type ScenarioViolation,
} from './kernel-explorable'
import { markTimeline } from './marks'
import { minimise } from './minimise'
import { searchByPriority, searchRandomly } from './random-search'
import { type Scenario, scenarioNamed, scenarioNames } from './scenario'
import type { Found, SearchLimits, SearchResult, Verdict } from './search-types'
import { replaySchedule, type TimelineRow } from './timeline'
import { formatToken, parseToken, type ReplayToken, type TokenConfiguration, TokenError } from './token'
import './scenarios'

export const STRATEGIES = ['bounded', 'enumerate', 'random', 'pct'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** Grows when the same schedule would mean another run. */
const SEMANTICS = 1

export interface ExploreOptions extends ScenarioConfig {
  /** Default 'bounded'. */
  readonly strategy?: Strategy
  /** Preemption bound of 'bounded'; default 3. */
  readonly preemptions?: number
  /** Of 'random' and 'pct'; default 1. */
  readonly seed?: number
  /** Schedules of 'random' and 'pct'; default 1000. */
  readonly schedules?: number
  /** Depth of the bug that 'pct' looks for; default 3. */
  readonly depth?: number
  readonly maxSteps?: number
  readonly maxStates?: number
  /** Leave the schedule of a violation as it was found. */
  readonly keepSchedule?: boolean
  /** Milliseconds; for `seconds` and nothing else. */
  readonly now?: () => number
  /** Asked now and then, with the steps and states so far; true ends the search as 'bounded'. */
  readonly stop?: (steps: number, states: number) => boolean
}

/** Plain data: prints as JSON. */
export interface ExploreResult {
  readonly policy: string
  readonly memoryModel: MemoryModel
  readonly scenario: string
  readonly verdict: Verdict
  readonly schedules: number
  readonly states: number
  readonly steps: number
  /** Of the violation, or up to which the search is complete. */
  readonly preemptions: number
  readonly complete: boolean
  readonly seconds: number
  readonly token?: string
  readonly violation?: ScenarioViolation | Deadlock
  readonly timeline?: readonly TimelineRow[]
}

/**
 * Searches the schedules of a scenario for uses of stale translations.
 * @throws ScenarioError for an unknown name; KernelError, MachineError for an impossible configuration; RangeError for an impossible
 *   bound, seed, depth or limit
 */
export function explore(scenario: Scenario | string, options: ExploreOptions = {}): ExploreResult {
  const { now = () => 0 } = options
  requireIntegers(options)
  const began = now()
  const chosen = typeof scenario === 'string' ? scenarioNamed(scenario) : scenario
  const config = configOf(options)
  const explorable = new KernelExplorable(chosen, config)
  const start = explorable.save()
  const semantics = semanticsOf(explorable)
  const result = search(explorable, options)
  const common = {
    policy: explorable.kernel.policy,
    memoryModel: explorable.kernel.machine.memoryModel,
    scenario: chosen.name,
    verdict: result.verdict,
    schedules: result.schedules,
    states: result.states,
    steps: result.steps,
    preemptions: result.preemptions,
    complete: result.complete,
  }
  const found = result.found[0]
  if (found === undefined) return { ...common, seconds: (now() - began) / 1000 }
  const schedule = options.keepSchedule ? found.schedule : shorten(explorable, start, found)
  const replay = replaySchedule(explorable, start, schedule)
  const token = formatToken({
    semantics,
    scenario: chosen.name,
    configuration: tokenConfiguration(config),
    schedule,
    replayHash: replay.replayHash,
  })
  return {
    ...common,
    seconds: (now() - began) / 1000,
    token,
    violation: replay.violation ?? found.violation,
    timeline: markTimeline(replay.timeline, replay.violation),
  }
}

/** What a replay shows; plain data but for the hash. */
export interface ReplayResult {
  readonly policy: string
  readonly scenario: string
  readonly configuration: TokenConfiguration
  readonly verdict: 'violation' | 'no-violation'
  readonly steps: number
  readonly violation?: ScenarioViolation | Deadlock
  readonly timeline: readonly TimelineRow[]
  /** Hash of the machine at the end, 16 hexadecimal digits. */
  readonly replayHash: string
}

/**
 * Executes the schedule of a token again.
 * @throws TokenError if the token is damaged, of other semantics, of an unknown scenario, or its schedule does not fit
 */
export function replay(token: string): ReplayResult {
  const parsed = parseToken(token)
  const explorable = explorableOf(parsed)
  const start = explorable.save()
  const semantics = semanticsOf(explorable)
  if (parsed.semantics !== semantics)
    throw new TokenError('other-semantics', `replay token of semantics ${parsed.semantics}, expected ${semantics}`)
  const replayed = replaySchedule(explorable, start, parsed.schedule)
  if (replayed.replayHash !== parsed.replayHash)
    throw new TokenError('other-semantics', 'the schedule ends in another state here: the token is of other semantics')
  const violation =
    replayed.violation ??
    (replayed.deadlock ? ({ kind: 'deadlock', waiting: explorable.waiting() } as const) : undefined)
  return {
    policy: explorable.kernel.policy,
    scenario: parsed.scenario,
    configuration: parsed.configuration,
    verdict: violation === undefined ? 'no-violation' : 'violation',
    steps: countSteps(parsed.schedule),
    ...(violation === undefined ? {} : { violation }),
    timeline: markTimeline(replayed.timeline, replayed.violation),
    replayHash: replayed.replayHash.toString(16).padStart(16, '0'),
  }
}

function search(explorable: KernelExplorable, options: ExploreOptions): SearchResult<ScenarioViolation> {
  const { strategy = 'bounded', preemptions = 3, seed = 1, schedules = 1000, depth = 3 } = options
  const limits: SearchLimits = { maxSteps: options.maxSteps, maxStates: options.maxStates, stop: options.stop }
  switch (strategy) {
    case 'bounded':
      return new BoundedSearch(explorable, preemptions, limits).run()
    case 'enumerate':
      return enumerate(explorable, limits)
    case 'random':
      return searchRandomly(explorable, { ...limits, seed, schedules })
    case 'pct':
      return searchByPriority(explorable, { ...limits, seed, schedules, depth })
    default:
      throw new RangeError(`strategy: expected one of ${STRATEGIES.join(', ')}, got ${String(strategy)}`)
  }
}

/** Least values of the numeric options. */
const LEAST = { preemptions: 0, seed: 0, schedules: 1, depth: 1, maxSteps: 1, maxStates: 1 } as const

function requireIntegers(options: ExploreOptions): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof typeof LEAST]
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) continue
    if (name === 'preemptions' && value === Number.POSITIVE_INFINITY) continue
    throw new RangeError(`${name}: expected an integer of at least ${least}, got ${value}`)
  }
}

function shorten(
  explorable: KernelExplorable,
  start: KernelExplorationState,
  found: Found<ScenarioViolation>,
): Schedule {
  return minimise(explorable, start, found.schedule, found.violation.kind).schedule
}

function configOf(options: ExploreOptions): ScenarioConfig {
  const { policy, refill, mutant, mondoDelay, model, strict, memoryModel } = options
  return { policy, refill, mutant, mondoDelay, model, strict, memoryModel }
}

const CONFIGURATION_NAMES = ['policy', 'refill', 'mutant', 'mondoDelay', 'model', 'strict', 'memoryModel'] as const

function tokenConfiguration(config: ScenarioConfig): TokenConfiguration {
  const configuration: Record<string, string | number | boolean> = {}
  for (const name of CONFIGURATION_NAMES) if (config[name] !== undefined) configuration[name] = config[name]!
  return configuration
}

function explorableOf(token: ReplayToken): KernelExplorable {
  const { configuration } = token
  const unknown = Object.keys(configuration).find((name) => !CONFIGURATION_NAMES.includes(name as 'policy'))
  if (unknown !== undefined)
    throw new TokenError('unknown-scenario', `replay token with the unknown setting ${unknown}`)
  if (!scenarioNames().includes(token.scenario))
    throw new TokenError('unknown-scenario', `replay token of the scenario ${token.scenario}, which is not known here`)
  try {
    return new KernelExplorable(scenarioNamed(token.scenario), configuration as ScenarioConfig)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TokenError('unknown-scenario', `replay token with an impossible configuration: ${why}`)
  }
}

/** The version, and a hash of the machine at the start: firmware, layout, configuration and setup. */
function semanticsOf(explorable: KernelExplorable): string {
  return `${SEMANTICS}-${explorable.replayHash().toString(16).padStart(16, '0')}`
}
