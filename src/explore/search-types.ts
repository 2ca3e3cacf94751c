import type { Deadlock, Finding, Schedule } from './explorable'

/** Limits of a search; what is left out has none. */
export interface SearchLimits {
  /** Steps in all. */
  readonly maxSteps?: number
  /** Steps of one schedule; default 100,000. */
  readonly maxDepth?: number
  /** Distinct states, for searches that merge. */
  readonly maxStates?: number
  /** Asked now and then, with the steps and states so far; true ends the search as 'bounded'. */
  readonly stop?: (steps: number, states: number) => boolean
  /** Go on after a violation and collect all of them. */
  readonly all?: boolean
}

export type Verdict = 'violation' | 'exhausted' | 'bounded'

/** A schedule that ends in something wrong. */
export interface Found<V extends Finding> {
  readonly violation: V | Deadlock
  readonly schedule: Schedule
  /** Switches away from a CPU that could have gone on. */
  readonly preemptions: number
  /** Of the state in which it was found. */
  readonly key: bigint
}

export interface SearchResult<V extends Finding> {
  readonly verdict: Verdict
  /** Executions: each ended by itself, in a state that was known, or in a violation. */
  readonly schedules: number
  /** Distinct states; of searches that do not merge, states passed. */
  readonly states: number
  readonly steps: number
  /** Of the violation, or up to which the search is complete. */
  readonly preemptions: number
  /** Every schedule within the bound was covered. */
  readonly complete: boolean
  readonly found: readonly Found<V>[]
}

export const DEFAULT_DEPTH = 100_000

/** Counts steps and says when a limit is reached. */
export class Budget {
  steps = 0
  exceeded = false

  constructor(private readonly limits: SearchLimits) {}

  /** True if another step may be made. */
  spend(states = 0): boolean {
    this.steps++
    const { maxSteps, maxStates, stop } = this.limits
    if (
      (maxSteps !== undefined && this.steps > maxSteps) ||
      (maxStates !== undefined && states > maxStates) ||
      ((this.steps & 63) === 0 && stop?.(this.steps, states))
    )
      this.exceeded = true
    return !this.exceeded
  }
}
