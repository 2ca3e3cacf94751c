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
import { firstDifference, type MadeRun, type ReplayableRun } from './runs'

const MOST_STEPS = 400
const STEPS_PER_HASH = 10

/** A race scenario by a random schedule: such runs are short, so that states are compared every ten steps. */
export function scenarioRun(random: RandomBits): ReplayableRun {
  const name = random.pick(scenarioNames())
  const config: ScenarioConfig = {
    policy: random.pick(FLUSH_POLICIES),
    refill: random.pick(['reread', 'linux'] as const),
    memoryModel: random.pick(['sc', 'tso'] as const),
    mondoDelay: random.pick([0, 0, 5]),
  }
  const { memoryModel, mondoDelay, policy, refill } = config
  return {
    what: `scenario ${name}, ${policy}, ${refill}, ${memoryModel}, mondo delay ${mondoDelay}, random steps`,
    make: () => makeRun(() => new KernelExplorable(scenarioNamed(name), config), random),
  }
}

function makeRun(start: () => KernelExplorable, random: RandomBits): MadeRun {
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

  const again = (): string | undefined => {
    const other = start()
    const found = [stateOf(other), ...follow(other, choices)]
    return firstDifference('by the recorded schedule', 'of ten steps', found, wanted)
  }
  const resumed = ({ state, steps }: NonNullable<typeof middle>): string | undefined => {
    const other = start()
    other.restore(state)
    const rest = wanted.slice(1 + steps / STEPS_PER_HASH)
    return firstDifference('resumed', 'of ten steps', follow(other, choices.slice(steps)), rest)
  }
  return {
    instructions: Number(first.kernel.machine.instructions()),
    hashes: wanted,
    repeat: () => ({
      compared: wanted.length + (middle ? wanted.length - 1 - middle.steps / STEPS_PER_HASH : 0),
      difference: again() ?? (middle && resumed(middle)),
    }),
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
