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
export interface Segment {
  readonly cpu: number
  readonly steps: number
}

export type Schedule = readonly Segment[]

/** The schedule with one more step. */
export function appendStep(schedule: Segment[], cpu: number): void {
  const last = schedule[schedule.length - 1]
  if (last?.cpu === cpu) schedule[schedule.length - 1] = { cpu, steps: last.steps + 1 }
  else schedule.push({ cpu, steps: 1 })
}

export function compress(cpus: Iterable<number>): Segment[] {
  const schedule: Segment[] = []
  for (const cpu of cpus) appendStep(schedule, cpu)
  return schedule
}

export function* expand(schedule: Schedule): Generator<number> {
  for (const { cpu, steps } of schedule) for (let i = 0; i < steps; i++) yield cpu
}

export function countSteps(schedule: Schedule): number {
  return schedule.reduce((sum, { steps }) => sum + steps, 0)
}
