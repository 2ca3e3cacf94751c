import { type Machine, Recorded, Recorder, type Scheduler, type Snapshot } from '../../../src/smp'
import { firstDifference, type MadeRun, type ReplayableRun } from './runs'

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

/** A run that is made in a machine and repeated in three others. */
export function replayMachine(run: MachineRun): ReplayableRun {
  return { what: run.what, make: () => makeRun(run) }
}

function makeRun({ hashes, machine, scheduler }: MachineRun): MadeRun {
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
  const instructions = Number(first.instructions())
  const end = endOf(first)
  first.dispose()

  const again = (): string | undefined => {
    const other = machine(new Recorder(scheduler()))
    const rest = INSTRUCTIONS_PER_HASH - UNEVEN.reduce((a, b) => a + b)
    const found = hashesOf(other, wanted.length - 1, [...UNEVEN, rest])
    other.dispose()
    return firstDifference('again', 'of 10,000 instructions', found, wanted)
  }
  const resumed = (from: Snapshot): string | undefined => {
    const other = machine(new Recorder(scheduler()))
    other.restore(from)
    const found = hashesOf(other, wanted.length - 1 - middle, [INSTRUCTIONS_PER_HASH])
    other.dispose()
    return firstDifference('resumed', 'of 10,000 instructions', found, wanted.slice(middle))
  }
  const recorded = (): string | undefined => {
    const other = machine(new Recorded(recorder.turns))
    for (let left = instructions; left > 0; left = instructions - Number(other.instructions()))
      if (!advance(other, [left])) break
    const found = endOf(other)
    other.dispose()
    return firstDifference('by the recorded schedule', 'at the end', [found], [end])
  }
  return {
    instructions,
    hashes: wanted,
    repeat: () => ({
      compared: wanted.length + (snapshot === undefined ? 0 : wanted.length - middle) + 1,
      difference: again() ?? (snapshot && resumed(snapshot)) ?? recorded(),
    }),
  }
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
