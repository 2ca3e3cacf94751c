import {
  compress,
  type Deadlock,
  drainOf,
  type Explorable,
  type Finding,
  perform,
  type Schedule,
  type Choice as Taken,
} from './explorable'
import { Budget, DEFAULT_DEPTH, type Found, type SearchLimits, type SearchResult } from './search-types'

/** A state on the way from the start, by the step or drain that led to it. */
interface Node<S> {
  readonly parent: Node<S> | undefined
  readonly taken: Taken
  readonly depth: number
  saved: S | undefined
  /** CPUs and the drains before their steps that were tried from here. */
  drained?: Set<string>
}

/** A choice that was put off: let `cpu` step from `node`, after the oldest buffered stores of the CPUs `drains`, in order, became visible. */
interface Choice<S> {
  readonly node: Node<S>
  readonly cpu: number
  readonly drains: readonly number[]
}

const NO_DRAINS: readonly number[] = []

/** Between two saved states of a schedule there are at most so many steps, which are executed again to come back. */
const SAVE_EVERY = 4

/**
 * Searches all schedules with at most `bound` preemptions, fewest first; states that are equal, with the same CPU last
 * run, are merged. Choices that need one more preemption wait until all with fewer are done, so that a state is first reached
 * with the fewest preemptions that it needs, and merging loses nothing. A CPU that comes back to a state in which it was, and
 * nobody else stepped between, spins: leaving it costs no preemption.
 *
 * Buffered stores drain as late as they can: just before a step or drain of another CPU that meets them, or that waits for them. Each
 * other place of a drain gives the same run, since it changes nothing that was read before it. Drains are no preemptions.
 */
export class BoundedSearch<S, V extends Finding> {
  private readonly visited = new Set<bigint>()
  private readonly found: Found<V>[] = []
  private readonly budget: Budget
  private schedules = 0
  private level = 0
  private now: Choice<S>[] = []
  private later: Choice<S>[] = []
  private place: Node<S>
  private timeRead = false

  constructor(
    private readonly explorable: Explorable<S, V>,
    private readonly bound: number,
    private readonly limits: SearchLimits = {},
  ) {
    this.budget = new Budget(limits)
    this.place = { parent: undefined, taken: -1, depth: 0, saved: explorable.save() }
  }

  run(): SearchResult<V> {
    this.putOff(this.now, this.place, -1)
    if (this.now.length === 0) this.ended(this.place)
    while (this.now.length > 0) {
      for (let choice = this.now.pop(); choice !== undefined; choice = this.now.pop()) {
        this.follow(choice)
        if (this.budget.exceeded || (this.found.length > 0 && !this.limits.all)) return this.result()
      }
      if (this.level >= this.bound || this.later.length === 0) break
      this.level++
      this.now = this.later
      this.later = []
    }
    return this.result()
  }

  private result(): SearchResult<V> {
    const stopped = this.budget.exceeded || this.timeRead
    const complete = !stopped && (this.limits.all === true || this.found.length === 0)
    const best = this.found.reduce<number | undefined>(
      (least, f) => Math.min(least ?? f.preemptions, f.preemptions),
      undefined,
    )
    return {
      verdict: best !== undefined ? 'violation' : complete ? 'exhausted' : 'bounded',
      schedules: this.schedules,
      states: this.visited.size,
      steps: this.budget.steps,
      preemptions: best ?? (complete && Number.isFinite(this.bound) ? this.bound : this.level),
      complete,
      found: this.found,
    }
  }

  /** Lets one CPU run until it cannot, or comes to a known state. */
  private follow(choice: Choice<S>): void {
    const { explorable } = this
    const { node, cpu } = choice
    this.goTo(node)
    let at = node
    if (choice.drains.length > 0) {
      const drained = this.drainFor(choice)
      if (drained === undefined) return
      at = drained
      if (!explorable.runnable().includes(cpu)) {
        this.putOff(this.now, at, cpu)
        return
      }
    }
    const segment = new Map<bigint, Node<S>>()
    while (true) {
      if (!this.budget.spend(this.visited.size)) return
      const before = at
      if (this.buffers()) this.saveNear(before)
      explorable.step(cpu)
      at = this.place = { parent: before, taken: cpu, depth: before.depth + 1, saved: undefined }
      for (const met of explorable.met?.() ?? []) this.now.push({ node: before, cpu, drains: [met] })
      const violation = explorable.violation()
      if (violation !== undefined) {
        this.report(at, violation)
        return
      }
      const key = explorable.key() * 64n + BigInt(cpu)
      if (explorable.timeRead?.()) this.timeRead = true
      else if (this.visited.has(key)) {
        this.schedules++
        const first = segment.get(key)
        if (first !== undefined) this.spins(first, at, cpu)
        return
      }
      this.visited.add(key)
      segment.set(key, at)
      if (at.depth >= (this.limits.maxDepth ?? DEFAULT_DEPTH)) {
        this.budget.exceeded = true
        return
      }
      if (!explorable.runnable().includes(cpu)) {
        if (this.putOff(this.now, at, cpu) === 0) this.ended(at)
        return
      }
      if (this.level < this.bound) this.putOff(this.later, at, cpu)
    }
  }

  /**
   * The drains before the step of a CPU, and more of the last kind while the CPU waits for them. Stores of others that a drain meets may
   * come before it. Undefined if they were tried already.
   */
  private drainFor({ node, cpu, drains }: Choice<S>): Node<S> | undefined {
    const { explorable } = this
    const last = drains[drains.length - 1]!
    const isHeldUp = () => explorable.heldUp?.().some((pair) => pair.cpu === cpu && pair.by === last)
    const done: number[] = []
    const others: Choice<S>[] = []
    let at = node
    for (let n = 0; n < drains.length || (!explorable.runnable().includes(cpu) && isHeldUp()); n++) {
      const by = drains[n] ?? last
      if (!explorable.buffering!().includes(by)) continue
      if (!this.budget.spend(this.visited.size)) return undefined
      explorable.drain!(by)
      at = this.place = { parent: at, taken: drainOf(by), depth: at.depth + 1, saved: undefined }
      const rest = n < drains.length ? drains.slice(n) : [last]
      for (const met of explorable.met?.() ?? []) others.push({ node, cpu, drains: [...done, met, ...rest] })
      done.push(by)
    }
    node.drained ??= new Set()
    const tried = `${cpu}:${done}`
    if (node.drained.has(tried)) return undefined
    node.drained.add(tried)
    this.now.push(...others)
    return at
  }

  private buffers(): boolean {
    return (this.explorable.buffering?.().length ?? 0) > 0
  }

  private ended(node: Node<S>): void {
    if (this.explorable.finished()) this.schedules++
    else this.report(node, deadlock(this.explorable))
  }

  /** Puts off the steps of all CPUs but one that can step, if need be after another one's drain. Gives how many. */
  private putOff(list: Choice<S>[], node: Node<S>, except: number): number {
    const { explorable } = this
    const choices: Choice<S>[] = []
    for (const cpu of explorable.runnable()) if (cpu !== except) choices.push({ node, cpu, drains: NO_DRAINS })
    if (this.buffers()) for (const { cpu, by } of explorable.heldUp?.() ?? []) choices.push({ node, cpu, drains: [by] })
    if (choices.length > 0) this.saveNear(node)
    list.push(...choices.reverse())
    return choices.length
  }

  /** The CPU went round from `first` to `last` without any effect: the others go on from anywhere in the cycle. */
  private spins(first: Node<S>, last: Node<S>, cpu: number): void {
    let others = 0
    for (let node = last; node !== first; node = node.parent!) {
      this.goTo(node)
      others += this.putOff(this.now, node, cpu)
    }
    if (others === 0) this.report(last, deadlock(this.explorable))
  }

  private report(node: Node<S>, violation: V | Deadlock): void {
    this.schedules++
    this.found.push({
      violation,
      schedule: this.scheduleTo(node),
      preemptions: this.level,
      key: this.explorable.key(),
    })
  }

  private scheduleTo(node: Node<S>): Schedule {
    const taken: Taken[] = []
    for (let at = node; at.parent !== undefined; at = at.parent) taken.push(at.taken)
    return compress(taken.reverse())
  }

  private saveNear(node: Node<S>): void {
    let near: Node<S> | undefined = node
    for (let i = 0; i < SAVE_EVERY && near !== undefined; i++, near = near.parent) if (near.saved !== undefined) return
    node.saved = this.explorable.save()
  }

  private goTo(node: Node<S>): void {
    if (this.place === node) return
    const path: Taken[] = []
    let from = node
    for (; from.saved === undefined; from = from.parent!) path.push(from.taken)
    this.explorable.restore(from.saved)
    for (let i = path.length - 1; i >= 0; i--) perform(this.explorable, path[i]!)
    this.place = node
  }
}

export function deadlock(explorable: Explorable<unknown, Finding>): Deadlock {
  return { kind: 'deadlock', waiting: [...(explorable.waiting?.() ?? [])] }
}
