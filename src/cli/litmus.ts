import { Argument, Command } from 'commander'
import { LITMUS_TESTS, type LitmusResult, type LitmusTest, litmusNamed, runLitmus } from '../explore'
import { MEMORY_MODELS, type MemoryModel } from '../smp'
import { choice, integer, jsonOption } from './arguments'
import type { CommandContext } from './command-context'
import { toJson } from './json'
import { formatTable, grouped } from './table'
import type { Terminal } from './terminal'

interface Options {
  memoryModel: MemoryModel
  storeBufferEntries?: number
  json?: true
}

export function litmusCommand({ terminal }: CommandContext): Command {
  return new Command('litmus')
    .description('run memory-model litmus tests in every interleaving and show which outcomes can be reached')
    .addArgument(new Argument('[name...]', 'tests by name; all if left out'))
    .addOption(choice('--memory-model <model>', 'sequential consistency, or total store order', MEMORY_MODELS, 'tso'))
    .option('--store-buffer-entries <n>', "stores that a CPU's store buffer holds", integer(1, 64))
    .addOption(jsonOption())
    .action((names: string[], { memoryModel, storeBufferEntries, json }: Options) => {
      const tests = names.length === 0 ? LITMUS_TESTS : [...new Set(names)].map(litmusNamed)
      const results = tests.map((test) => runLitmus(test, { memoryModel, storeBufferEntries }))
      if (json) terminal.print(toJson({ memoryModel, tests: results }))
      else if (names.length === 0) printOverview(terminal, tests, results)
      else for (const [n, test] of tests.entries()) printTest(terminal, test, results[n]!, n > 0)
    })
}

function printOverview(terminal: Terminal, tests: readonly LitmusTest[], results: readonly LitmusResult[]): void {
  const rows = tests.map((test, n) => {
    const { cpus, outcomes, states, weakReachable } = results[n]!
    const reachable = weakReachable ? 'reachable' : 'not reachable'
    return [test.name, String(cpus), String(outcomes.length), grouped(states), reachable, conditionOf(test.weak)]
  })
  const lines = formatTable(
    [
      { title: 'test', align: 'left' },
      { title: 'CPUs', align: 'right' },
      { title: 'outcomes', align: 'right' },
      { title: 'states', align: 'right' },
      { title: 'weak outcome', align: 'left', gap: 3 },
      { title: 'which is', align: 'left' },
    ],
    rows,
  )
  for (const line of lines) terminal.print(line)
}

/** The threads side by side, and the outcomes below them. */
function printTest(terminal: Terminal, test: LitmusTest, result: LitmusResult, follows: boolean): void {
  if (follows) terminal.print()
  const { weakReachable, outcomes, memoryModel, states } = result
  terminal.print(`${test.name}: ${test.summary}`)
  terminal.print()
  const lines = test.threads.map((source) => source.split(/[;\n]/).flatMap((line) => line.trim() || []))
  const columns = test.threads.map((_, cpu) => ({ title: `CPU ${cpu}`, align: 'left', gap: 4 }) as const)
  const longest = Math.max(...lines.map((thread) => thread.length))
  const rows = Array.from({ length: longest }, (_, n) => lines.map((thread) => thread[n] ?? ''))
  for (const line of formatTable(columns, rows)) terminal.print(`  ${line}`)
  terminal.print()
  const { green, yellow } = terminal.colors
  const isWeak = (outcome: Readonly<Record<string, string>>) =>
    Object.entries(test.weak).every(([name, value]) => BigInt(outcome[name]!) === value)
  for (const outcome of outcomes) {
    const text = Object.entries(outcome)
      .map(([name, value]) => `${name}=${value}`)
      .join('  ')
    terminal.print(isWeak(outcome) ? yellow(`  ${text}  <- weak`) : `  ${text}`)
  }
  const verdict = weakReachable ? yellow('reachable') : green('not reachable')
  terminal.print(`${conditionOf(test.weak)} is ${verdict} under ${memoryModel} (${grouped(states)} states)`)
}

function conditionOf(weak: LitmusTest['weak']): string {
  return Object.entries(weak)
    .map(([name, value]) => `${name}=${value > 9n ? `0x${value.toString(16)}` : value}`)
    .join(' & ')
}
