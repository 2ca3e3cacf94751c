import { deadlock } from './bounded-search'
import { type Choice, choicesOf, compress, type Explorable, type Finding, isDrainChoice, perform } from './explorable'
import { Budget, DEFAULT_DEPTH, type Found, type SearchLimits, type SearchResult } from './search-types'

export interface RandomOptions extends SearchLimits {
  readonly seed: number
  readonly schedules: number
}

export interface PctOptions extends RandomOptions {
  /** Depth of the bug that is looked for: one more than the priority changes of a schedule. */
  readonly depth: number
}

/** xorshift32, from a seed that may be anything. */
export class Draw {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 13) || 1
    for (let i = 0; i < 8; i++) this.below(2)
  }

  /** 0 .. bound - 1. */
  below(bound: number): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return (x >>> 0) % bound
  }
}

/** Chooses each step or drain of a schedule. */
interface Chooser {
  choose(choices: readonly Choice[], step: number): Choice
  /** The CPU came back to a state in which it was, and nobody else stepped between. */
  spins(cpu: number): void
}

/** Each step by a CPU drawn among those that can, each drain drawn as if it was a step of one more CPU. */
export function searchRandomly<S, V extends Finding>(
  explorable: Explorable<S, V>,
  options: RandomOptions,
): SearchResult<V> {
  const draw = new Draw(options.seed)
  return sample(explorable, options, () => {
    let spinning: number | undefined
    return {
      choose(all) {
        const others = all.filter((choice) => choice !== spinning)
        spinning = undefined
        const choices = others.length > 0 ? others : all
        return choices[draw.below(choices.length)]!
      },
      spins(cpu) {
        spinning = cpu
      },
    }
  })
}

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the CPU of the highest random priority steps; at
 * depth - 1 random steps, the one that runs falls below all others. A store buffer has a priority of its own, as if it was one more CPU.
 */
export function searchByPriority<S, V extends Finding>(
  explorable: Explorable<S, V>,
  options: PctOptions,
): SearchResult<V> {
  const draw = new Draw(options.seed)
  let longest = 1
  return sample(explorable, options, (last) => {
    longest = Math.max(longest, last)
    const priorities = new Map<number, number>()
    const changes = new Set(Array.from({ length: options.depth - 1 }, () => draw.below(longest)))
    let lowest = 0
    const priority = (choice: Choice) => {
      if (!priorities.has(choice)) priorities.set(choice, 1 + draw.below(1 << 30))
      return priorities.get(choice)!
    }
    const highest = (choices: readonly Choice[]) =>
      choices.reduce((best, choice) => (priority(choice) > priority(best) ? choice : best))
    return {
      choose(choices, step) {
        if (changes.has(step)) priorities.set(highest(choices), --lowest)
        return highest(choices)
      },
      spins(cpu) {
        priorities.set(cpu, --lowest)
      },
    }
  })
}

function sample<S, V extends Finding>(
  explorable: Explorable<S, V>,
  options: RandomOptions,
  chooserOf: (lengthOfLast: number) => Chooser,
): SearchResult<V> {
  const start = explorable.save()
  const budget = new Budget(options)
  const found: Found<V>[] = []
  let schedules = 0
  let length = 0
  while (schedules < options.schedules && !budget.exceeded && (found.length === 0 || options.all)) {
    explorable.restore(start)
    const one = runOnce(explorable, chooserOf(length), budget, options.maxDepth ?? DEFAULT_DEPTH)
    length = one.steps
    schedules++
    if (one.found) found.push(one.found)
  }
  return {
    verdict: found.length > 0 ? 'violation' : 'bounded',
    schedules,
    states: budget.steps,
    steps: budget.steps,
    preemptions: found[0]?.preemptions ?? 0,
    complete: false,
    found,
  }
}

function runOnce<S, V extends Finding>(
  explorable: Explorable<S, V>,
  chooser: Chooser,
  budget: Budget,
  maxDepth: number,
): { steps: number; found?: Found<V> } {
  const path: Choice[] = []
  let preemptions = 0
  let last: number | undefined
  let seen = new Set<bigint>()
  while (path.length < maxDepth) {
    const choices = choicesOf(explorable)
    const report = (violation: Found<V>['violation']) => ({
      steps: path.length,
      found: { violation, schedule: compress(path), preemptions, key: explorable.key() },
    })
    if (choices.length === 0) return explorable.finished() ? { steps: path.length } : report(deadlock(explorable))
    const choice = chooser.choose(choices, path.length)
    if (!budget.spend()) break
    if (last !== undefined && choice !== last) {
      if (!isDrainChoice(choice) && choices.includes(last)) preemptions++
      seen = new Set()
    }
    perform(explorable, choice)
    path.push(choice)
    const violation = explorable.violation()
    if (violation !== undefined) return report(violation)
    if (isDrainChoice(choice)) continue
    last = choice
    const key = explorable.key()
    if (seen.has(key)) chooser.spins(choice)
    seen.add(key)
  }
  return { steps: path.length }
}
