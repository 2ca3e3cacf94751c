import { Command } from 'commander'
import { FLUSH_CPUS, FLUSH_KINDS, type FlushMeasurement, MM_USES, measureFlushes } from '../flush-throughput'
import type { ModelName } from '../isa/models'
import { FLUSH_POLICIES, type FlushPolicy } from '../kernel-shim'
import { integer, jsonOption, list, MOST_CPUS, modelOption, name, requireCpus } from './arguments'
import type { CommandContext } from './command-context'
import { flushBlocks, flushSummary } from './flush-table'
import { toJson } from './json'
import type { Terminal } from './terminal'

const MOST_PAGES = 192

interface BenchOptions {
  cpus: number[]
  model: ModelName
  policy: FlushPolicy[]
  pages: number
  every: number
  time: number
  json?: true
}

export function benchCommand({ terminal }: CommandContext): Command {
  const flush = new Command('flush')
    .description('TLB flushes by policy, number of CPUs and kind: guest instructions, cross calls, flushes per second')
    .option('--cpus <list>', 'numbers of CPUs', list(integer(1, MOST_CPUS)), [...FLUSH_CPUS])
    .addOption(modelOption())
    .option('--policy <list>', `flush policies: ${FLUSH_POLICIES.join(', ')}`, list(name(FLUSH_POLICIES)), [
      ...FLUSH_POLICIES,
    ])
    .option('--pages <n>', 'pages of a pending flush', integer(2, MOST_PAGES), 8)
    .option('--every <k>', 'flushes until every CPU comes into the mask again', integer(1, 1000), 16)
    .option('--time <ms>', 'time on the host for each line', integer(0, 60_000), 50)
    .addOption(jsonOption())
    .action((options: BenchOptions) => {
      requireCpus(options.model, Math.max(...options.cpus))
      const flushes = measure(terminal, options)
      if (options.json) {
        const { cpus, model, policy: policies, pages, every } = options
        terminal.print(
          toJson({ bench: 'flush', model, policies, cpus, kinds: FLUSH_KINDS, mms: MM_USES, pages, every, flushes }),
        )
      } else printFlushes(terminal, flushes)
    })
  return new Command('bench').description('measurements').addCommand(flush)
}

function measure(terminal: Terminal, { cpus, model, policy, pages, every, time }: BenchOptions): FlushMeasurement[] {
  return measureFlushes({
    cpus,
    model,
    policies: policy,
    pages,
    repopulateEvery: every,
    milliseconds: time,
    now: terminal.now,
    onProgress: (done, of) => terminal.progress(`measuring flushes: ${done} of ${of}`),
  })
}

export function printFlushes(terminal: Terminal, flushes: readonly FlushMeasurement[]): void {
  const { colors } = terminal
  for (const { heading, titles, lines } of flushBlocks(flushes)) {
    terminal.print(colors.bold(heading))
    for (const title of titles) terminal.print(colors.dim(title))
    for (const line of lines) terminal.print(line)
    terminal.print()
  }
  for (const line of flushSummary(flushes)) terminal.print(line)
}
