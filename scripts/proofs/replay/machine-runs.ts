import { type Machine, Recorded, Recorder, type Scheduler, type Snapshot } from '../../../src/smp'
import { firstDifference, type ReplayedRun } from './runs'

const INSTRUCTIONS_PER_HASH = 10_000
/** Another division of a run than one run for each hash. */
const UNEVEN = [1, 777, 2222]

/** How a run is made: the same machine every time but for its scheduler, which must be a new one. */
export interface MachineRun {
  readonly what: string
  readonly hashes: number
  readonly scheduler: () => Scheduler
  readonly machine: (scheduler: Scheduler) => Machine
}

/** Makes the run and repeats it in three new machines. */
export function replayMachine({ hashes, machine, scheduler, what }: MachineRun): ReplayedRun {
  const recorder = new Recorder(scheduler())
  const first = machine(recorder)
  const middle = Math.floor(hashes / 2)
  const wanted: bigint[] = []
  let snapshot: Snapshot | undefined
  while (wanted.length < hashes && advance(first, [INSTRUCTIONS_PER_HASH])) {
    wanted.push(first.replayHash())
    if (wanted.length === middle) snapshot = first.snapshot()
  }
  wanted.push(first.replayHash())

  const again = machine(new Recorder(scheduler()))
  const rest = INSTRUCTIONS_PER_HASH - UNEVEN.reduce((a, b) => a + b)
  const found = hashesOf(again, wanted.length - 1, [...UNEVEN, rest])
  let difference = firstDifference('again', 'of 10,000 instructions', found, wanted)

  if (snapshot !== undefined) {
    const resumed = machine(new Recorder(scheduler()))
    resumed.restore(snapshot)
    const later = hashesOf(resumed, wanted.length - 1 - middle, [INSTRUCTIONS_PER_HASH])
    difference ??= firstDifference('resumed', 'of 10,000 instructions', later, wanted.slice(middle))
  }

  const recorded = machine(new Recorded(recorder.turns))
  while (Number(recorded.instructions()) < Number(first.instructions()))
    if (!advance(recorded, [Number(first.instructions()) - Number(recorded.instructions())])) break
  difference ??= firstDifference('by the recorded schedule', 'at the end', [endOf(recorded)], [endOf(first)])
  const instructions = Number(first.instructions())
  for (const used of [first, again, recorded]) used.dispose()
  return { what, instructions, hashes: 2 * wanted.length + (wanted.length - middle) + 1, difference }
}

function hashesOf(machine: Machine, most: number, parts: readonly number[]): bigint[] {
  const hashes: bigint[] = []
  while (hashes.length < most && advance(machine, parts)) hashes.push(machine.replayHash())
  return [...hashes, machine.replayHash()]
}

/** Returns whether all was executed. */
function advance(machine: Machine, parts: readonly number[]): boolean {
  return parts.every((part) => machine.run(part).reason === 'budget')
}

/** Hash of a machine without its scheduler, which is another one where a schedule is played back. */
function endOf(machine: Machine): bigint {
  const hash = machine.explorationHash().data(machine.clock.now)
  for (const { index } of machine.cpus) hash.data(machine.instructions(index))
  return hash.digest()
}
