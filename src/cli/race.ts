import { Command, Option } from 'commander'
import { describeViolation, type ExploreResult, explore, formatTimeline, scenarioNames } from '../explore'
import type { ModelName } from '../isa/models'
import { FLUSH_POLICIES, type FlushPolicy, MUTANTS, type Mutant, REFILLS, type Refill } from '../kernel-shim'
import { MEMORY_MODELS, type MemoryModel } from '../smp'
import { choice, integer, jsonOption, modelOption } from './arguments'
import type { CommandContext } from './command-context'
import { toJson } from './json'
import { grouped } from './table'
import type { Terminal } from './terminal'

const EXIT_VIOLATION = 1

interface Options {
  policy: FlushPolicy
  model?: ModelName
  scenario: string
  preemptions: number
  refill: Refill
  mondoDelay: number
  mutant?: Mutant
  memoryModel?: MemoryModel
  strict?: true
  seconds?: number
  json?: true
}

export function raceCommand({ terminal, exitWith }: CommandContext): Command {
  return new Command('race')
    .description('search the schedules of a scenario for uses of stale TLB entries; exit code 1 if there are any')
    .addOption(choice('--policy <policy>', 'who is called by TLB flushes', FLUSH_POLICIES, 'cross-call'))
    .addOption(choice('--scenario <name>', 'what the CPUs do', scenarioNames(), 'two-flushes'))
    .addOption(modelOption())
    .option('--preemptions <bound>', 'preemptions a schedule may have', integer(0, 100), 3)
    .option('--strict', 'a use is stale as soon as the flush has returned, even before the accepted call is taken')
    .addOption(choice('--refill <how>', 'how the TLB miss handler refills the TSB', REFILLS, 'reread'))
    .option('--mondo-delay <n>', 'instructions between accepting a cross call and taking it', integer(0, 1_000_000), 0)
    .addOption(
      choice('--memory-model <model>', 'sequential consistency (the default), or total store order', MEMORY_MODELS),
    )
    .addOption(choice('--mutant <name>', 'a wrong fix to search instead of the right one', MUTANTS))
    .addOption(new Option('--seconds <s>', 'give up after this time, with verdict "bounded"').argParser(integer(1)))
    .addOption(jsonOption())
    .action((options: Options) => {
      const result = search(terminal, options)
      if (options.json) terminal.print(toJson(result))
      else printRace(terminal, result)
      if (result.verdict === 'violation') exitWith(EXIT_VIOLATION)
    })
}

/** {@link explore} with its progress on the terminal. */
export function search(terminal: Terminal, options: Omit<Options, 'json'>): ExploreResult {
  const { policy, model, scenario, preemptions, refill, mondoDelay, mutant, memoryModel, strict, seconds } = options
  const began = terminal.now()
  return explore(scenario, {
    policy,
    model,
    preemptions,
    refill,
    mondoDelay,
    mutant,
    memoryModel,
    strict,
    now: terminal.now,
    stop: (_steps, states) => {
      const elapsed = (terminal.now() - began) / 1000
      terminal.progress(`searching ${scenario} under ${policy}: ${grouped(states)} states, ${elapsed.toFixed(1)} s`)
      return seconds !== undefined && elapsed >= seconds
    },
  })
}

export function printRace(terminal: Terminal, result: ExploreResult): void {
  const { colors } = terminal
  terminal.print(summaryOf(result, colors))
  if (result.violation === undefined) return
  terminal.print()
  printTimeline(terminal, result)
  terminal.print()
  terminal.print(`replay: sparc64-smp replay ${result.token}`)
}

/** One line: the verdict and how it was come by. */
export function summaryOf(result: ExploreResult, { red, green, yellow }: Terminal['colors']): string {
  const { verdict, scenario, policy, memoryModel, preemptions, schedules, states, seconds } = result
  const under = memoryModel === 'sc' ? policy : `${policy} and ${memoryModel.toUpperCase()}`
  const means = {
    violation: red('violation'),
    exhausted: green('no violation'),
    bounded: yellow('no violation so far'),
  }[verdict]
  const bound =
    verdict === 'violation'
      ? `with ${preemptions} preemptions`
      : verdict === 'exhausted'
        ? `in any schedule of up to ${preemptions} preemptions`
        : 'when the search gave up'
  return (
    `${scenario} under ${under}: ${means} ${bound} ` +
    `(${grouped(schedules)} schedules, ${grouped(states)} states, ${seconds.toFixed(1)} s)`
  )
}

/** What each CPU did, with what matters in colour, and the violation in words. */
export function printTimeline(
  terminal: Terminal,
  { timeline = [], violation }: Pick<ExploreResult, 'timeline' | 'violation'>,
): void {
  const { colors } = terminal
  for (const line of formatTimeline(timeline).split('\n')) terminal.print(/ > /.test(line) ? colors.yellow(line) : line)
  if (violation === undefined) return
  terminal.print()
  terminal.print(colors.red(violationText(violation)))
}

function violationText(violation: NonNullable<ExploreResult['violation']>): string {
  switch (violation.kind) {
    case 'deadlock':
      return `deadlock: CPUs ${violation.waiting.join(', ')} wait for each other`
    case 'cpu-failure':
      return `CPU ${violation.cpu} at ${violation.pc}: ${violation.reason}`
    default:
      return describeViolation(violation)
  }
}
