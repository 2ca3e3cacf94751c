import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Machine,
  MachineError,
  Recorded,
  Recorder,
  RoundRobin,
  ScheduleError,
  type Scheduler,
  SeededRandom,
} from '../../src/smp'
import { bareMachine } from '../engine/bare-machine'
import { COUNT_BY_CASX, sendingMachine, startAll } from './programs'

const RUNS = { numRuns: 25, seed: 7 }

/** 4 CPUs that send mondos, with timers that come at odd times. */
function busyMachine(scheduler: Scheduler, mondoDelay = 0): Machine {
  const { machine } = sendingMachine({ cpus: 4, scheduler, mondoDelay }, 40n)
  for (const cpu of machine.cpus)
    cpu.w64[(cpu.base + machine.layout.time.tickCompare) >> 3] = BigInt(333 + 77 * cpu.index)
  machine.clock.changed()
  return machine
}

describe('run', () => {
  it('executes exactly its budget, and any split of it gives the same machine', () => {
    const split = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 8 })
    const schedulers = fc.constantFrom(
      () => new RoundRobin(17),
      () => new SeededRandom(3, 13),
      () => new SeededRandom(4, 200),
    )
    fc.assert(
      fc.property(split, schedulers, fc.constantFrom(0, 1, 9), (parts, scheduler, delay) => {
        const whole = busyMachine(scheduler(), delay)
        const total = parts.reduce((a, b) => a + b)
        expect(whole.run(total)).toEqual({ reason: 'budget', instructions: total })
        expect(whole.instructions()).toBe(BigInt(total))
        const divided = busyMachine(scheduler(), delay)
        for (const part of parts) expect(divided.run(part).instructions).toBe(part)
        expect(divided.replayHash()).toBe(whole.replayHash())
      }),
      RUNS,
    )
  })

  it('of no instructions changes nothing', () => {
    const machine = busyMachine(new SeededRandom(1))
    machine.run(100)
    const hash = machine.replayHash()
    expect(machine.run(0)).toEqual({ reason: 'budget', instructions: 0 })
    expect(machine.replayHash()).toBe(hash)
  })

  it('with one seed gives one run, with another another', () => {
    const hashes = [1, 1, 2].map((seed) => {
      const machine = busyMachine(new SeededRandom(seed, 20))
      machine.run(5000)
      return machine.replayHash()
    })
    expect(hashes[0]).toBe(hashes[1])
    expect(hashes[0]).not.toBe(hashes[2])
  })

  it('in slices by runAsync gives the same run, and can be aborted between two', async () => {
    const whole = busyMachine(new SeededRandom(6, 50))
    whole.run(6000)
    const sliced = busyMachine(new SeededRandom(6, 50))
    const progress: number[] = []
    const result = await sliced.runAsync(6000, { slice: 777, onProgress: (done) => progress.push(done) })
    expect(result).toEqual({ reason: 'budget', instructions: 6000 })
    expect(sliced.replayHash()).toBe(whole.replayHash())
    expect(progress.at(-1)).toBe(6000)
    const aborted = busyMachine(new SeededRandom(6, 50))
    const controller = new AbortController()
    const stop = () => controller.abort(new Error('enough'))
    await expect(aborted.runAsync(6000, { slice: 1000, signal: controller.signal, onProgress: stop })).rejects.toThrow(
      'enough',
    )
    expect(aborted.instructions()).toBe(1000n)
  })
})

describe('a recorded schedule', () => {
  it('replays to the same hash', () => {
    const recorder = new Recorder(new SeededRandom(11, 9))
    const first = busyMachine(recorder)
    first.run(4000)
    const second = busyMachine(new Recorded(recorder.turns))
    second.run(4000)
    expect(machineState(second)).toEqual(machineState(first))
  })

  it('that ends early or names a CPU that cannot run is refused by name', () => {
    const early = busyMachine(new Recorded([{ cpu: 0, instructions: 10 }]))
    expect(() => early.run(11)).toThrow(ScheduleError)
    expect(early.instructions()).toBe(10n)
    const halted = busyMachine(new Recorded([{ cpu: 2, instructions: 10 }]))
    halted.halt(2)
    expect(() => halted.run(11)).toThrow(/turn 0 is CPU 2's/)
  })
})

describe('snapshots', () => {
  it('restored at any point, a machine goes on as it did', () => {
    const points = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0, 6), (runs, seed, delay) => {
        const machine = busyMachine(new SeededRandom(seed, 30), delay)
        for (const length of runs) {
          machine.run(length)
          const snapshot = machine.snapshot()
          const hash = machine.replayHash()
          machine.run(500)
          const end = machine.replayHash()
          machine.restore(snapshot)
          expect(machine.replayHash()).toBe(hash)
          machine.run(500)
          expect(machine.replayHash()).toBe(end)
          machine.restore(snapshot)
        }
      }),
      RUNS,
    )
  })

  it('can be restored in another machine of the same configuration', () => {
    const first = busyMachine(new SeededRandom(5, 30))
    first.run(777)
    const second = busyMachine(new SeededRandom(99, 30))
    second.run(50)
    second.restore(first.snapshot())
    for (const machine of [first, second]) machine.run(1234)
    expect(second.replayHash()).toBe(first.replayHash())
  })

  it('of another shape are refused, and nothing changes', () => {
    const small = new Machine({ cpus: 1, ramBytes: 1 << 20 })
    const hash = small.replayHash()
    for (const config of [
      { cpus: 2, ramBytes: 1 << 20 },
      { cpus: 1, ramBytes: 2 << 20 },
    ])
      expect(() => small.restore(new Machine(config).snapshot())).toThrow(MachineError)
    expect(small.replayHash()).toBe(hash)
  })

  it('share pages: a snapshot after a small change does not copy RAM', () => {
    const machine = new Machine({ ramBytes: 4 << 20 })
    const before = machine.snapshot()
    machine.poke(0x10_0000, 8, 1n)
    const after = machine.snapshot()
    const changed = after.arena.pages.filter((page, n) => page !== before.arena.pages[n])
    expect(changed).toHaveLength(1)
  })
})

describe('atomics', () => {
  it.each([1, 2, 3, 4, 5, 6])('casx loops of 8 CPUs sum up under the random schedule %i', (seed) => {
    const EACH = 60n
    const bare = bareMachine(COUNT_BY_CASX, { cpus: 8, scheduler: new SeededRandom(seed, 4) })
    const machine = startAll(bare, 'count', EACH)
    machine.run(60_000)
    expect(machine.peek(Number(bare.at('counter')), 8)).toBe(8n * EACH)
  })
})

function machineState(machine: Machine): unknown {
  return [
    machine.explorationHash().digest(),
    machine.clock.now,
    machine.cpus.map((_, cpu) => machine.instructions(cpu)),
  ]
}
