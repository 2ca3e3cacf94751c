import { explore, scenarioNames } from '../src/explore'
import { cpuTime } from './cpu-time'
import { type Measured, report } from './report'

/** What the explorer does in a second, on the built-in scenarios under cross-call at preemption bound 2; processor time. */

const measured: Measured[] = []
for (const scenario of scenarioNames()) {
  const { verdict, schedules, states, steps, seconds } = explore(scenario, {
    preemptions: 2,
    now: cpuTime,
  })
  if (verdict !== 'exhausted') throw new Error(`${scenario} under cross-call: ${verdict}`)
  for (const [unit, count] of [
    ['schedules/s', schedules],
    ['states/s', states],
    ['steps/s', steps],
  ] as const)
    measured.push({ name: `${scenario} (${schedules} schedules, ${states} states)`, unit, median: count / seconds })
}
report('explorer', measured)
