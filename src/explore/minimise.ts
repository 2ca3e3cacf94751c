import {
  type Choice,
  choicesOf,
  compress,
  countSteps,
  type Explorable,
  expand,
  type Finding,
  isDrainChoice,
  isSameKind,
  lengthOf,
  perform,
  resized,
  type Schedule,
} from './explorable'

/** A schedule that was executed up to its violation. */
export interface Witness {
  readonly schedule: Schedule
  readonly preemptions: number
}

/** After a candidate's own steps, its last CPU may make so many more to reach the violation. */
const TAIL = 400
const MOST_EXECUTIONS = 1500

/**
 * Shortens a schedule that leads from `start` to a violation: fewer preemptions, then fewer switches, then fewer steps. Each
 * change is executed, and kept only if it ends in a violation of the same kind.
 */
export function minimise<S, V extends Finding>(
  explorable: Explorable<S, V>,
  start: S,
  schedule: Schedule,
  kind: string,
  limits: { maxExecutions?: number; stop?: () => boolean } = {},
): Witness {
  let executions = 0
  const attempt = (candidate: Schedule): Witness | undefined => {
    executions++
    return execute(explorable, start, candidate, kind)
  }
  let best = attempt(schedule)
  if (best === undefined) throw new Error(`the schedule does not end in a ${kind}`)
  for (let improved = true; improved; ) {
    improved = false
    for (const candidate of variants(best.schedule)) {
      if (executions >= (limits.maxExecutions ?? MOST_EXECUTIONS) || limits.stop?.()) return best
      const witness = attempt(candidate)
      if (witness === undefined || !isShorter(witness, best)) continue
      best = witness
      improved = true
      break
    }
  }
  return best
}

function execute<S, V extends Finding>(
  explorable: Explorable<S, V>,
  start: S,
  schedule: Schedule,
  kind: string,
): Witness | undefined {
  explorable.restore(start)
  const made: Choice[] = []
  let preemptions = 0
  let last = -1
  function* withTail() {
    yield* expand(schedule)
    for (let i = 0; i < TAIL; i++) yield last
  }
  for (const choice of withTail()) {
    const choices = choicesOf(explorable)
    if (choices.length === 0)
      return kind === 'deadlock' && !explorable.finished() ? { schedule: compress(made), preemptions } : undefined
    if (!choices.includes(choice)) {
      if (made.length >= countSteps(schedule)) return undefined
      continue
    }
    const drains = isDrainChoice(choice)
    if (!drains && last >= 0 && last !== choice && choices.includes(last)) preemptions++
    perform(explorable, choice)
    made.push(choice)
    if (!drains) last = choice
    const violation = explorable.violation()
    if (violation !== undefined) return violation.kind === kind ? { schedule: compress(made), preemptions } : undefined
  }
  return undefined
}

function isShorter(a: Witness, b: Witness): boolean {
  if (a.preemptions !== b.preemptions) return a.preemptions < b.preemptions
  if (a.schedule.length !== b.schedule.length) return a.schedule.length < b.schedule.length
  return countSteps(a.schedule) < countSteps(b.schedule)
}

/** Likely shorter schedules first: without a segment, with two segments of a CPU joined, with steps dropped or put off. */
function* variants(schedule: Schedule): Generator<Schedule> {
  for (let i = 0; i < schedule.length; i++) yield [...schedule.slice(0, i), ...schedule.slice(i + 1)]
  for (let i = 0; i < schedule.length; i++)
    for (let j = i + 2; j < schedule.length; j++) {
      const [a, b] = [schedule[i]!, schedule[j]!]
      if (!isSameKind(a, b)) continue
      const joined = resized(a, lengthOf(a) + lengthOf(b))
      const between = schedule.slice(i + 1, j)
      yield [...schedule.slice(0, i), joined, ...between, ...schedule.slice(j + 1)]
      yield [...schedule.slice(0, i), ...between, joined, ...schedule.slice(j + 1)]
    }
  for (let i = 0; i < schedule.length; i++)
    for (let drop = lengthOf(schedule[i]!) - 1; drop > 0; drop >>= 1) {
      const rest = resized(schedule[i]!, lengthOf(schedule[i]!) - drop)
      yield [...schedule.slice(0, i), rest, ...schedule.slice(i + 1)]
    }
}
