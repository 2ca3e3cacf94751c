/** Something that happened in a step, for timelines. */
export interface StepNote {
  readonly cpu: number
  readonly text: string
  /** What the timeline points out: what made the translation stale, the missing call, the stale use. */
  readonly mark?: 'stale-write' | 'lost-bit' | 'mask-read' | 'missing-call' | 'violation'
}

/** Anything that a search found: plain data with a kind. */
export interface Finding {
  readonly kind: string
}

/**
 * A few CPUs whose interleavings can be searched. A step runs one CPU until it has performed one visible operation. Steps
 * are deterministic: the same steps from the same state give the same states and keys.
 */
export interface Explorable<S = unknown, V extends Finding = Finding> {
  /** CPUs that can step, ascending; a CPU that waits, idles or has finished cannot. */
  runnable(): readonly number[]
  /** @throws if the CPU cannot step */
  step(cpu: number): void
  save(): S
  restore(state: S): void
  /** Equal keys: the same futures. */
  key(): bigint
  /** What is wrong in this state. */
  violation(): V | undefined
  /** Every CPU has done what it was to do. */
  finished(): boolean
  /** CPUs that have stores in their store buffers, ascending. Left out, like the three below, where stores are visible at once. */
  buffering?(): readonly number[]
  /** Makes the oldest buffered store of a CPU visible to the others. @throws if there is none */
  drain?(cpu: number): void
  /**
   * CPUs whose buffered stores the last step or drain would have met in memory: had they drained before it, the outcome might have been
   * another. All other drains could come after it as well.
   */
  met?(): readonly number[]
  /** Which CPU waits for what another one has stored and not made visible. */
  heldUp?(): readonly { readonly cpu: number; readonly by: number }[]
  /** CPUs that wait for something, for reports of deadlocks. */
  waiting?(): readonly number[]
  /** Whether time was read on the way here: then states are not merged. */
  timeRead?(): boolean
  /** What the last step did; asked only in replays. */
  describeStep?(cpu: number): readonly StepNote[]
  /** Whether {@link describeStep} will be asked. */
  record?(on: boolean): void
  /** Hash of everything, for replays. */
  replayHash(): bigint
}

/** No CPU can step and not all have finished. */
export interface Deadlock extends Finding {
  readonly kind: 'deadlock'
  readonly waiting: readonly number[]
}

/** Steps of one CPU in a row. */
export interface StepSegment {
  readonly cpu: number
  readonly steps: number
}

/** Oldest buffered stores of one CPU that become visible one after the other. */
export interface DrainSegment {
  readonly cpu: number
  readonly stores: number
}

export type Segment = StepSegment | DrainSegment
export type Schedule = readonly Segment[]

/** What is chosen: a CPU, which steps, or {@link drainOf} one. */
export type Choice = number

/** The choice that the oldest buffered store of a CPU becomes visible. */
export function drainOf(cpu: number): Choice {
  return -1 - cpu
}

export function isDrainChoice(choice: Choice): boolean {
  return choice < 0
}

export function cpuOf(choice: Choice): number {
  return choice < 0 ? -1 - choice : choice
}

/** Every choice that there is. */
export function choicesOf(explorable: Explorable): Choice[] {
  return [...explorable.runnable(), ...(explorable.buffering?.() ?? []).map(drainOf)]
}

export function perform(explorable: Explorable, choice: Choice): void {
  if (isDrainChoice(choice)) explorable.drain!(cpuOf(choice))
  else explorable.step(choice)
}

export function isDrainSegment(segment: Segment): segment is DrainSegment {
  return 'stores' in segment
}

function choiceOf(segment: Segment): Choice {
  return isDrainSegment(segment) ? drainOf(segment.cpu) : segment.cpu
}

/** Steps or drains of a segment. */
export function lengthOf(segment: Segment): number {
  return isDrainSegment(segment) ? segment.stores : segment.steps
}

/** The segment with another number of steps or drains. */
export function resized(segment: Segment, length: number): Segment {
  return isDrainSegment(segment) ? { cpu: segment.cpu, stores: length } : { cpu: segment.cpu, steps: length }
}

/** Whether two segments could be one. */
export function isSameKind(a: Segment, b: Segment): boolean {
  return choiceOf(a) === choiceOf(b)
}

export function compress(choices: Iterable<Choice>): Segment[] {
  const schedule: Segment[] = []
  for (const choice of choices) {
    const last = schedule[schedule.length - 1]
    if (last !== undefined && choiceOf(last) === choice)
      schedule[schedule.length - 1] = resized(last, lengthOf(last) + 1)
    else schedule.push(isDrainChoice(choice) ? { cpu: cpuOf(choice), stores: 1 } : { cpu: choice, steps: 1 })
  }
  return schedule
}

export function* expand(schedule: Schedule): Generator<Choice> {
  for (const segment of schedule) for (let i = 0; i < lengthOf(segment); i++) yield choiceOf(segment)
}

/** Steps and drains of a schedule. */
export function countSteps(schedule: Schedule): number {
  return schedule.reduce((sum, segment) => sum + lengthOf(segment), 0)
}
