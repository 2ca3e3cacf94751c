import { describe, expect, it } from 'vitest'
import { RandomBits } from '../../scripts/proofs/random-bits'
import { schedulerOf } from '../../scripts/proofs/replay/bare-runs'
import { replayMachine } from '../../scripts/proofs/replay/machine-runs'
import { otherProcess } from '../../scripts/proofs/replay/other-process'
import { replayRuns, runOf } from '../../scripts/proofs/replay/runs'
import { SeededRandom } from '../../src/smp'
import { sendingMachine } from '../smp/programs'

const CHUNK = { seed: 3, number: 3, count: 1 }
const HASHES = 3

interface Odd {
  /** Ticks until the timers of a machine, by how many machines were made before it. */
  readonly timer?: (made: number) => number
  /** Steps from a mondo's dispatch to its acceptance. */
  readonly mondoDelay?: (made: number) => number
  /** What random turns start from, by how many schedulers were made before. */
  readonly turns?: (made: number) => number
}

/** CPUs that send mondos to each other, in machines that may depend on what happened in this process before. */
function oddRun({ mondoDelay = () => 3, timer = () => 20_000, turns = () => 1 }: Odd) {
  let machines = 0
  let schedulers = 0
  const run = replayMachine({
    what: 'mondos',
    hashes: HASHES,
    scheduler: () => new SeededRandom(turns(schedulers++), 50),
    machine: (scheduler) => {
      const made = machines++
      const { machine } = sendingMachine({ cpus: 2, mondoDelay: mondoDelay(made), scheduler }, 1_000_000n)
      for (const cpu of machine.cpus) cpu.w64[(cpu.base + machine.layout.time.tickCompare) >> 3] = BigInt(timer(made))
      machine.clock.changed()
      return machine
    },
  })
  return run.make()
}

describe('the replay proof', () => {
  it('finds nothing different in a run that depends on nothing but its input', () => {
    const { hashes, repeat } = oddRun({})
    expect(new Set(hashes).size).toBe(HASHES)
    expect(repeat().difference).toBeUndefined()
  })

  it('finds a timer that comes at another time in each machine', () => {
    expect(oddRun({ timer: (made) => 15_000 + made }).repeat().difference).toMatch(/^again, hash 0 /)
  })

  it('finds turns that are others every time', () => {
    expect(oddRun({ turns: (made) => made }).repeat().difference).toMatch(/^again, hash 0 /)
  })

  it('finds a machine that goes on otherwise from the snapshot', () => {
    expect(oddRun({ mondoDelay: (made) => (made === 2 ? 9 : 3) }).repeat().difference).toMatch(/^resumed, hash /)
  })

  it('finds a machine that goes otherwise by the recorded schedule', () => {
    expect(oddRun({ mondoDelay: (made) => (made === 3 ? 9 : 3) }).repeat().difference).toMatch(
      /^by the recorded schedule/,
    )
  })

  it('compares with the same run in another process, and tells when that one differs', async () => {
    const { close, elsewhere } = otherProcess()
    try {
      expect((await replayRuns(CHUNK, elsewhere)).differences).toEqual([])
      const hashes = await elsewhere(CHUNK.seed, CHUNK.number)
      expect(hashes).toEqual(runOf(CHUNK.seed, CHUNK.number).make().hashes)
      const { differences } = await replayRuns(CHUNK, async () => [...hashes.slice(0, -1), 0n])
      expect(differences).toEqual([{ text: expect.stringContaining('in another process'), repeat: '--seed 3 --run 3' }])
    } finally {
      close()
    }
  })

  it('has runs that the seed and the number choose', () => {
    const names = Array.from({ length: 8 }, (_, number) => runOf(1, number).what)
    expect(new Set(names).size).toBe(names.length)
    expect(Array.from({ length: 8 }, (_, number) => runOf(1, number).what)).toEqual(names)
    expect(schedulerOf(new RandomBits(1, 2))[0]).toBe(schedulerOf(new RandomBits(1, 2))[0])
  })
})
