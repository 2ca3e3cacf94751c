import { argv, stdout } from 'node:process'
import { type ExploreOptions, type ExploreResult, explore, scenarioNames } from '../src/explore'
import { BARRIER_MUTANTS, FLUSH_POLICIES, TRIM_MUTANTS } from '../src/kernel-shim'

/** What the search finds in every built-in scenario: the policies, Linux's TSB refill, strict judgement, the wrong fixes, and total store order. */

const PREEMPTIONS = 3
const CONFIGURATIONS: readonly { readonly title: string; readonly options: ExploreOptions }[] = [
  ...FLUSH_POLICIES.map((policy) => ({ title: `\`${policy}\``, options: { policy } })),
  { title: '`cross-call`, `--refill linux`', options: { policy: 'cross-call', refill: 'linux' } },
  { title: '`cross-call`, `--strict`', options: { policy: 'cross-call', strict: true } },
  ...TRIM_MUTANTS.map((mutant) => ({
    title: `\`ipi-trim\`, \`--mutant ${mutant}\``,
    options: { policy: 'ipi-trim', mutant } as const,
  })),
  ...FLUSH_POLICIES.map((policy) => ({
    title: `\`${policy}\`, \`--memory-model tso\``,
    options: { policy, memoryModel: 'tso' } as const,
  })),
  ...BARRIER_MUTANTS.map((mutant) => ({
    title: `\`cross-call\`, \`--memory-model tso --mutant ${mutant}\``,
    options: { policy: 'cross-call', memoryModel: 'tso', mutant } as const,
  })),
]

function cell({ verdict, preemptions, schedules, states }: ExploreResult): string {
  const counts = `${schedules.toLocaleString('en-US')} / ${states.toLocaleString('en-US')}`
  return verdict === 'violation' ? `**violation** at ${preemptions}: ${counts}` : `${verdict}: ${counts}`
}

const scenarios = scenarioNames()
const results = CONFIGURATIONS.map(({ title, options }) => ({
  title,
  results: scenarios.map((name) =>
    explore(name, { ...options, preemptions: PREEMPTIONS, keepSchedule: true, now: () => performance.now() }),
  ),
}))
if (argv.includes('--json')) {
  const rows = results.flatMap(({ title, results }) =>
    results.map(({ timeline: _, token: __, violation: ___, ...rest }) => ({ configuration: title, ...rest })),
  )
  stdout.write(`${JSON.stringify({ bench: 'races', preemptions: PREEMPTIONS, rows })}\n`)
} else {
  stdout.write(`| | ${scenarios.map((name) => `\`${name}\``).join(' | ')} |\n|---|${'---|'.repeat(scenarios.length)}\n`)
  for (const { title, results: row } of results) stdout.write(`| ${title} | ${row.map(cell).join(' | ')} |\n`)
}
