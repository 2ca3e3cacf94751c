import { deadlock } from './bounded-search'
import { type Choice, choicesOf, compress, type Explorable, type Finding, isDrainChoice, perform } from './explorable'
import { Budget, DEFAULT_DEPTH, type Found, type SearchLimits, type SearchResult } from './search-types'

/**
 * Executes every schedule, merging nothing: what searches are checked against. Only a CPU that spins is not let spin on.
 * The count is of schedules in which no CPU spins.
 */
export function enumerate<S, V extends Finding>(
  explorable: Explorable<S, V>,
  limits: SearchLimits = {},
): SearchResult<V> {
  const budget = new Budget(limits)
  const found: Found<V>[] = []
  const path: Choice[] = []
  let schedules = 0
  let states = 0
  let timeRead = false

  const report = (violation: Found<V>['violation'], preemptions: number) =>
    found.push({ violation, schedule: compress(path), preemptions, key: explorable.key() })

  /** `passed`: states since the last switch, in which the last CPU need not be let step again. */
  function visit(last: number, preemptions: number, passed: ReadonlySet<bigint>): void {
    const runnable = explorable.runnable()
    const spinning = last >= 0 && passed.has(explorable.key())
    const choices = choicesOf(explorable).filter((choice) => !spinning || choice !== last)
    if (choices.length === 0) {
      schedules++
      if (!explorable.finished()) report(deadlock(explorable), preemptions)
      return
    }
    if (path.length >= (limits.maxDepth ?? DEFAULT_DEPTH)) {
      budget.exceeded = true
      return
    }
    const here = explorable.save()
    const known = spinning || last < 0 ? passed : new Set(passed).add(explorable.key())
    const free = spinning || !runnable.includes(last)
    for (const choice of choices) {
      if (!budget.spend()) return
      perform(explorable, choice)
      states++
      if (explorable.timeRead?.()) timeRead = true
      path.push(choice)
      const drains = isDrainChoice(choice)
      const cost = preemptions + (drains || choice === last || free || last < 0 ? 0 : 1)
      const violation = explorable.violation()
      if (violation !== undefined) {
        schedules++
        report(violation, cost)
      } else if (drains) visit(last, cost, known)
      else visit(choice, cost, choice === last ? known : NOTHING)
      path.pop()
      if (budget.exceeded || (found.length > 0 && !limits.all)) return
      explorable.restore(here)
    }
  }

  visit(-1, 0, NOTHING)
  const complete = !budget.exceeded && !timeRead && (limits.all === true || found.length === 0)
  return {
    verdict: found.length > 0 ? 'violation' : complete ? 'exhausted' : 'bounded',
    schedules,
    states,
    steps: budget.steps,
    preemptions: found.reduce((least, f) => Math.min(least, f.preemptions), found[0]?.preemptions ?? 0),
    complete,
    found,
  }
}

const NOTHING: ReadonlySet<bigint> = new Set()
