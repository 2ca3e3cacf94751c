import { deadlock } from './bounded-search'
import { compress, type Explorable, type Finding } from './explorable'
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

/** Chooses the CPU of each step of a schedule. */
interface Chooser {
  choose(runnable: readonly number[], step: number): number
  /** The CPU came back to a state in which it was, and nobody else stepped between. */
  spins(cpu: number): void
}

/** Each step by a CPU drawn among those that can. */
export function searchRandomly<S, V extends Finding>(
  explorable: Explorable<S, V>,
  options: RandomOptions,
): SearchResult<V> {
  const draw = new Draw(options.seed)
  return sample(explorable, options, () => {
    let spinning = -1
    return {
      choose(runnable) {
        const others = runnable.filter((cpu) => cpu !== spinning)
        spinning = -1
        const choices = others.length > 0 ? others : runnable
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
 * depth - 1 random steps, the one that runs falls below all others.
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
    const priority = (cpu: number) => {
      if (!priorities.has(cpu)) priorities.set(cpu, 1 + draw.below(1 << 30))
      return priorities.get(cpu)!
    }
    const highest = (cpus: readonly number[]) =>
      cpus.reduce((best, cpu) => (priority(cpu) > priority(best) ? cpu : best))
    return {
      choose(runnable, step) {
        if (changes.has(step)) priorities.set(highest(runnable), --lowest)
        return highest(runnable)
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
  const path: number[] = []
  let preemptions = 0
  let seen = new Set<bigint>()
  while (path.length < maxDepth) {
    const runnable = explorable.runnable()
    const last = path[path.length - 1]
    const report = (violation: Found<V>['violation']) => ({
      steps: path.length,
      found: { violation, schedule: compress(path), preemptions, key: explorable.key() },
    })
    if (runnable.length === 0) return explorable.finished() ? { steps: path.length } : report(deadlock(explorable))
    const cpu = chooser.choose(runnable, path.length)
    if (!budget.spend()) break
    if (last !== undefined && cpu !== last) {
      if (runnable.includes(last)) preemptions++
      seen = new Set()
    }
    explorable.step(cpu)
    path.push(cpu)
    const violation = explorable.violation()
    if (violation !== undefined) return report(violation)
    const key = explorable.key()
    if (seen.has(key)) chooser.spins(cpu)
    seen.add(key)
  }
  return { steps: path.length }
}
