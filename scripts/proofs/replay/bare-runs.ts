import type { ModelName } from '../../../src/isa/models'
import { type Machine, RoundRobin, type Scheduler, SeededRandom } from '../../../src/smp'
import { bareMachine, PROGRAM, setVector, setWindowVectors } from '../../../test/engine/bare-machine'
import { type ProgramKinds, randomProgram } from '../../../test/oracle/random-program'
import { sendingMachine } from '../../../test/smp/programs'
import type { RandomBits } from '../random-bits'
import { replayMachine } from './machine-runs'
import type { ReplayableRun } from './runs'

const MODELS: readonly ModelName[] = ['ultrasparc-i', 'ultrasparc-ii', 'cheetah', 'cheetah-plus', 'jalapeno']
const MEMORY_MODELS = ['sc', 'tso'] as const
const KINDS: readonly ProgramKinds[] = [
  { float: false, vis: false },
  { float: true, vis: false },
  { float: false, vis: true },
]
/** Trap 0x6d, by which the programs write and exit. */
const EXIT_TRAP = 0x16d
const BEGIN_AGAIN = `sethi %hi(${PROGRAM}), %g1\nwrpr %g1, 0, %tnpc\ndone`
const FOREVER = 1_000_000n

/** Turns, with the name that people see. */
export function schedulerOf(random: RandomBits): readonly [string, () => Scheduler] {
  const quantum = random.pick([1, 7, 50, 333, 1000])
  const seed = random.bits()
  return random.below(4) === 0
    ? [`round robin of ${quantum}`, () => new RoundRobin(quantum)]
    : [`random turns of ${quantum}, seed ${seed}`, () => new SeededRandom(seed, quantum)]
}

/** A random program on several CPUs at once, over the same memory, again and again. */
export function bareRun(random: RandomBits): ReplayableRun {
  const [schedule, scheduler] = schedulerOf(random)
  const kind = random.pick(KINDS)
  const program = 1 + random.below(1_000_000)
  const cpus = 1 + random.below(4)
  const model = random.pick(MODELS)
  const memoryModel = random.pick(MEMORY_MODELS)
  const source = randomProgram(program, kind)
  const machine = (turns: Scheduler): Machine => {
    const config = { ramBytes: 4 << 20, emulation: 'hardware', cpus, model, memoryModel, scheduler: turns } as const
    const bare = bareMachine(source, config)
    setWindowVectors(bare.machine)
    setVector(bare.machine, EXIT_TRAP, BEGIN_AGAIN)
    for (const { index } of bare.machine.cpus) bare.machine.start(index, PROGRAM)
    return bare.machine
  }
  const what = `random program ${program} on ${cpus} CPUs ${model} ${memoryModel}, ${schedule}`
  return replayMachine({ what, hashes: 5, scheduler, machine })
}

/** CPUs that send mondos to each other, with timers that come at odd times. */
export function mondoRun(random: RandomBits): ReplayableRun {
  const [schedule, scheduler] = schedulerOf(random)
  const cpus = 2 + random.below(4)
  const mondoDelay = random.pick([0, 0, 3, 9])
  const timers = Array.from({ length: cpus }, () => BigInt(100 + random.below(20_000)))
  const memoryModel = random.pick(MEMORY_MODELS)
  const machine = (turns: Scheduler): Machine => {
    const sending = sendingMachine({ cpus, mondoDelay, memoryModel, scheduler: turns }, FOREVER)
    for (const cpu of sending.machine.cpus)
      cpu.w64[(cpu.base + sending.machine.layout.time.tickCompare) >> 3] = timers[cpu.index]!
    sending.machine.clock.changed()
    return sending.machine
  }
  const what = `mondos of ${cpus} CPUs ${memoryModel}, delay ${mondoDelay}, ${schedule}`
  return replayMachine({ what, hashes: 5, scheduler, machine })
}
