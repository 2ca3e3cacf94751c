import {
  choicesOf,
  cpuOf,
  type Explorable,
  expand,
  type Finding,
  isDrainChoice,
  perform,
  type Schedule,
  type StepNote,
} from './explorable'
import { TokenError } from './token'

/** A row of a timeline: one thing that one CPU did in one step of the schedule. */
export interface TimelineRow extends StepNote {
  /** Steps before this one. */
  readonly step: number
}

export interface Replay<V extends Finding> {
  readonly timeline: readonly TimelineRow[]
  readonly violation: V | undefined
  readonly deadlock: boolean
  readonly replayHash: bigint
}

/**
 * Executes a schedule exactly and tells what each CPU did.
 * @throws TokenError 'schedule-does-not-fit' if a CPU cannot step when it is to
 */
export function replaySchedule<S, V extends Finding>(
  explorable: Explorable<S, V>,
  start: S,
  schedule: Schedule,
): Replay<V> {
  explorable.restore(start)
  explorable.record?.(true)
  const timeline: TimelineRow[] = []
  let step = 0
  try {
    for (const choice of expand(schedule)) {
      const cpu = cpuOf(choice)
      if (explorable.violation() !== undefined || !choicesOf(explorable).includes(choice))
        throw new TokenError(
          'schedule-does-not-fit',
          isDrainChoice(choice)
            ? `step ${step} of the schedule makes a store of CPU ${cpu} visible, which has none then`
            : `step ${step} of the schedule is CPU ${cpu}'s, which cannot step then`,
        )
      perform(explorable, choice)
      for (const note of explorable.describeStep?.(cpu) ?? []) timeline.push({ step, ...note })
      step++
    }
  } finally {
    explorable.record?.(false)
  }
  return {
    timeline,
    violation: explorable.violation(),
    deadlock: choicesOf(explorable).length === 0 && !explorable.finished(),
    replayHash: explorable.replayHash(),
  }
}

export interface TimelineStyle {
  /** Of the whole table, in characters; default 120. */
  readonly width?: number
}

const NUMBER = 5
const GAP = 2

/** One column a CPU, one line a row; a rule where the running CPU changes. Marked rows begin with `>`. */
export function formatTimeline(rows: readonly TimelineRow[], style: TimelineStyle = {}): string {
  const cpus = [...new Set(rows.map((row) => row.cpu))].sort((a, b) => a - b)
  if (cpus.length === 0) return ''
  const column = Math.max(24, Math.floor(((style.width ?? 120) - NUMBER) / cpus.length) - GAP)
  const line = (number: string, cells: readonly string[]) =>
    (number.padStart(NUMBER) + cells.map((cell) => ' '.repeat(GAP) + cell.padEnd(column)).join('')).trimEnd()
  const lines = [
    line(
      'step',
      cpus.map((cpu) => `CPU ${cpu}`),
    ),
    line(
      '',
      cpus.map(() => '-'.repeat(column)),
    ),
  ]
  let running = rows[0]!.cpu
  let lastStep = -1
  for (const row of rows) {
    if (row.cpu !== running)
      lines.push(
        line(
          '',
          cpus.map((cpu) => (cpu === row.cpu ? '.'.repeat(column) : '')),
        ),
      )
    running = row.cpu
    wrap((row.mark ? '> ' : '  ') + row.text, column).forEach((text, index) => {
      const number = index === 0 && row.step !== lastStep ? String(row.step) : ''
      lines.push(
        line(
          number,
          cpus.map((cpu) => (cpu === row.cpu ? text : '')),
        ),
      )
    })
    lastStep = row.step
  }
  return lines.join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const cut = space > width / 2 ? space : width
    lines.push(rest.slice(0, cut))
    rest = `    ${rest.slice(cut).trimStart()}`
  }
  return [...lines, rest]
}
