import { argv, stdout } from 'node:process'
import { formatTable, grouped } from '../src/cli/table'

/** One line of a bench: a median, and the spread of its samples where there are several. */
export interface Measured {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly least?: number
  readonly most?: number
  readonly samples?: number
  /** What should be reached on a desktop machine. */
  readonly goal?: string
}

/** Prints a bench as a table, or as one JSON object if the command line has --json. */
export function report(bench: string, measured: readonly Measured[], more: Record<string, unknown> = {}): void {
  if (argv.includes('--json')) {
    stdout.write(`${JSON.stringify({ bench, measured, ...more })}\n`)
    return
  }
  const number = (value: number | undefined) =>
    value === undefined ? '' : value >= 1000 ? grouped(value) : value.toPrecision(4).replace(/\.0+$/, '')
  const rows = measured.map(({ name, unit, median, least, most, goal = '' }) => [
    name,
    number(median),
    unit,
    number(least),
    number(most),
    goal,
  ])
  const right = (title: string) => ({ title, align: 'right' }) as const
  const left = (title: string) => ({ title, align: 'left' }) as const
  const columns = [left(bench), right('median'), left('unit'), right('least'), right('most'), left('goal')]
  stdout.write(`${formatTable(columns, rows).join('\n')}\n`)
  for (const [key, value] of Object.entries(more)) stdout.write(`${key}: ${JSON.stringify(value)}\n`)
  stdout.write('\n')
}

export function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function measuredOf(name: string, unit: string, samples: readonly number[]): Measured {
  return {
    name,
    unit,
    median: medianOf(samples),
    least: Math.min(...samples),
    most: Math.max(...samples),
    samples: samples.length,
  }
}
