import '../../../src/explore/scenarios'
import { type Choice, choicesOf, perform } from '../../../src/explore/explorable'
import {
  KernelExplorable,
  type KernelExplorationState,
  type ScenarioConfig,
} from '../../../src/explore/kernel-explorable'
import { scenarioNamed, scenarioNames } from '../../../src/explore/scenario'
import { FLUSH_POLICIES } from '../../../src/kernel-shim'
import type { RandomBits } from '../random-bits'
import { firstDifference, type ReplayedRun } from './runs'

const MOST_STEPS = 400
const STEPS_PER_HASH = 10

/** A race scenario by a random schedule: such runs are short, so that states are compared every ten steps. */
export function scenarioRun(random: RandomBits): ReplayedRun {
  const name = random.pick(scenarioNames())
  const config: ScenarioConfig = {
    policy: random.pick(FLUSH_POLICIES),
    refill: random.pick(['reread', 'linux'] as const),
    memoryModel: random.pick(['sc', 'tso'] as const),
    mondoDelay: random.pick([0, 0, 5]),
  }
  const start = (): KernelExplorable => new KernelExplorable(scenarioNamed(name), config)

  const first = start()
  const choices: Choice[] = []
  const wanted: bigint[] = [stateOf(first)]
  let middle: { readonly steps: number; readonly state: KernelExplorationState } | undefined
  while (choices.length < MOST_STEPS && first.violation() === undefined) {
    const possible = choicesOf(first)
    if (possible.length === 0) break
    const choice = random.pick(possible)
    perform(first, choice)
    choices.push(choice)
    if (choices.length % STEPS_PER_HASH === 0) wanted.push(stateOf(first))
    if (choices.length === 5 * STEPS_PER_HASH) middle = { steps: choices.length, state: first.save() }
  }
  wanted.push(stateOf(first))

  const again = start()
  const found = [stateOf(again), ...follow(again, choices)]
  let difference = firstDifference('by the recorded schedule', 'of ten steps', found, wanted)
  let compared = wanted.length
  if (middle !== undefined) {
    const resumed = start()
    resumed.restore(middle.state)
    const later = follow(resumed, choices.slice(middle.steps))
    const rest = wanted.slice(1 + middle.steps / STEPS_PER_HASH)
    compared += later.length
    difference ??= firstDifference('resumed', 'of ten steps', later, rest)
  }
  const { memoryModel, mondoDelay, policy, refill } = config
  return {
    what: `scenario ${name}, ${policy}, ${refill}, ${memoryModel}, mondo delay ${mondoDelay}, ${choices.length} random steps`,
    instructions: Number(first.kernel.machine.instructions()),
    hashes: compared,
    difference,
  }
}

/** The states that a recorded schedule leads through. */
function follow(explorable: KernelExplorable, choices: readonly Choice[]): bigint[] {
  const states: bigint[] = []
  choices.forEach((choice, step) => {
    perform(explorable, choice)
    if ((step + 1) % STEPS_PER_HASH === 0) states.push(stateOf(explorable))
  })
  return [...states, stateOf(explorable)]
}

function stateOf(explorable: KernelExplorable): bigint {
  return explorable.replayHash() ^ explorable.key()
}
