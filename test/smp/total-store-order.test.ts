import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isDrain,
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

/** Each CPU stores its count to a doubleword of its own, reads its neighbour's, and adds it to %g7. */
const STORES = `
  go:
    set cells, %g1
    sllx %o1, 3, %g2
    add %g1, %g2, %g2
    add %o1, 1, %g3
    and %g3, 3, %g3
    sllx %g3, 3, %g3
    add %g1, %g3, %g3
  1: inc %g4
    stx %g4, [%g2]
    ldx [%g3], %g5
    add %g7, %g5, %g7
    deccc %o0
    bne,pt %xcc, 1b
    nop
  done: ba done
    nop
    .align 8
  cells: .xword 0, 0, 0, 0
`

function storingMachine(scheduler: Scheduler, storeBufferEntries = 8): Machine {
  return startAll(bareMachine(STORES, { cpus: 4, memoryModel: 'tso', storeBufferEntries, scheduler }), 'go', 400n)
}

/** CPU 0 stores 1 and spins; CPU 1 waits for the store. */
const HANDOVER = `
  hand: set cell, %g1; mov 1, %g2; stx %g2, [%g1]
  end: ba end; nop
  wait: set cell, %g1
  1: ldx [%g1], %g2; brz %g2, 1b; nop
  over: ba over; nop
  .align 8
  cell: .xword 0
`

describe('the machine', () => {
  it.each([
    [{ memoryModel: 'pso' }, /memoryModel: expected one of sc, tso, got pso/],
    [{ memoryModel: 'tso', storeBufferEntries: 0 }, /storeBufferEntries: expected an integer from 1 to 64, got 0/],
    [{ storeBufferEntries: 65 }, /storeBufferEntries/],
    [{ storeBufferEntries: 1.5 }, /storeBufferEntries/],
  ])('%j is refused', (config, message) => {
    expect(() => new Machine(config as never)).toThrowError(MachineError)
    expect(() => new Machine(config as never)).toThrowError(message)
  })

  it('does not take a snapshot of another memory model', () => {
    const [sc, tso] = [new Machine({ ramBytes: 65536 }), new Machine({ ramBytes: 65536, memoryModel: 'tso' })]
    expect(() => tso.restore(sc.snapshot())).toThrowError(/memory model/)
    expect(() => sc.restore(tso.snapshot())).toThrowError(/memory model/)
    expect(() => sc.drain(1)).toThrowError(MachineError)
    expect([sc.drain(0), sc.bufferedStores(0)]).toEqual([[], []])
  })

  it('shows a store to a CPU that is stepped by hand only after its drain', () => {
    const { machine, at } = bareMachine(HANDOVER, { cpus: 2, memoryModel: 'tso' })
    machine.start(0, at('hand'))
    machine.start(1, at('wait'))
    for (const label of ['end', 'over']) machine.addBreakpoint(at(label))
    expect(machine.step(0, 100)).toBe('breakpoint')
    expect(machine.step(1, 1000)).toBe('budget')
    expect(machine.drain(0)).toEqual([{ pa: Number(at('cell')), bytes: 0xff, value: 1n }])
    expect(machine.step(1, 1000)).toBe('breakpoint')
  })

  it('lets stores of halted CPUs drain before it says that all have halted', () => {
    const { machine, at } = bareMachine(HANDOVER, { memoryModel: 'tso' })
    machine.start(0, at('hand'))
    machine.step(0, 5)
    machine.halt(0)
    expect(machine.bufferedStores(0)).toHaveLength(1)
    expect(machine.run(100)).toEqual({ reason: 'halted', instructions: 0 })
    expect(machine.peek(Number(at('cell')), 8)).toBe(1n)
  })

  it('keeps buffered stores in snapshots and in both hashes', () => {
    const machine = storingMachine(new RoundRobin(20))
    machine.run(95)
    const cpu = machine.cpus.findIndex(({ index }) => machine.bufferedStores(index).length > 0)
    const before = machine.snapshot()
    const hashes = () => [machine.replayHash(), machine.explorationHash().digest()]
    const held = hashes()
    const stores = machine.bufferedStores(cpu)
    expect(stores.length).toBeGreaterThan(0)
    machine.drain(cpu)
    expect(hashes()[0]).not.toBe(held[0])
    expect(hashes()[1]).not.toBe(held[1])
    machine.restore(before)
    expect(hashes()).toEqual(held)
    expect(machine.bufferedStores(cpu)).toEqual(stores)
  })
})

describe('schedulers', () => {
  it('round robin lets all of a CPU drain when its turn ends', () => {
    const { machine, at } = bareMachine(HANDOVER, { cpus: 2, memoryModel: 'tso', scheduler: new RoundRobin(50) })
    machine.start(0, at('hand'))
    machine.start(1, at('wait'))
    machine.run(49)
    expect(machine.bufferedStores(0)).toHaveLength(1)
    machine.run(2)
    expect(machine.bufferedStores(0)).toEqual([])
    machine.addBreakpoint(at('over'))
    expect(machine.run(100)).toMatchObject({ reason: 'breakpoint', cpu: 1 })
  })

  it('a seeded one draws under sequential consistency as if there were no drains', () => {
    const [old, now] = [new SeededRandom(5), new SeededRandom(5)]
    for (let n = 0; n < 100; n++) expect(now.next([0, 1, 2], [])).toEqual(old.next([0, 1, 2], undefined as never))
  })

  it('a seeded one drains now and then, some stores at a time, of CPUs that have some', () => {
    const recorder = new Recorder(new SeededRandom(9, 6))
    storingMachine(recorder).run(3000)
    const drains = recorder.turns.filter(isDrain)
    expect(new Set(drains.map(({ cpu }) => cpu))).toEqual(new Set([0, 1, 2, 3]))
    expect(new Set(drains.map(({ stores }) => stores))).toEqual(new Set([1, 2, 3, 4]))
    expect(drains.length).toBeLessThan(recorder.turns.length - drains.length)
  })

  it('what was recorded plays back, drains with it', () => {
    const recorder = new Recorder(new SeededRandom(11, 7))
    const machine = storingMachine(recorder)
    machine.run(4000)
    const again = storingMachine(new Recorded(recorder.turns))
    again.run(4000)
    expect(again.explorationHash().digest()).toBe(machine.explorationHash().digest())
    expect(again.cpus.map((cpu) => cpu.r(7))).toEqual(machine.cpus.map((cpu) => cpu.r(7)))
  })

  it('a drain of nothing is a schedule error', () => {
    expect(() => storingMachine(new Recorded([{ cpu: 0, stores: 1 }])).run(10)).toThrowError(ScheduleError)
    const drainsOnly: Scheduler = { next: () => ({ cpu: 0, stores: 1 }), save: () => 0, restore: () => {} }
    expect(() => storingMachine(drainsOnly).run(10)).toThrowError(ScheduleError)
  })

  it('stores are seen later than under sequential consistency, and by luck', () => {
    const seen = (memoryModel: 'sc' | 'tso', seed: number) => {
      const { machine } = {
        machine: startAll(
          bareMachine(STORES, { cpus: 4, memoryModel, scheduler: new SeededRandom(seed, 3) }),
          'go',
          400n,
        ),
      }
      machine.run(9000)
      return machine.cpus.map((cpu) => cpu.r(7)).join()
    }
    expect(seen('tso', 1)).not.toBe(seen('sc', 1))
    expect(seen('tso', 1)).not.toBe(seen('tso', 2))
    expect(seen('tso', 1)).toBe(seen('tso', 1))
  })
})

describe('runs under total store order are deterministic', () => {
  const schedulers = fc.constantFrom(
    () => new RoundRobin(17),
    () => new SeededRandom(3, 5),
    () => new SeededRandom(4, 60),
  )
  const machines = fc.constantFrom(
    (scheduler: Scheduler) => storingMachine(scheduler),
    (scheduler: Scheduler) => storingMachine(scheduler, 1),
    (scheduler: Scheduler) => sendingMachine({ cpus: 4, memoryModel: 'tso', scheduler }, 40n).machine,
    (scheduler: Scheduler) =>
      startAll(bareMachine(COUNT_BY_CASX, { cpus: 4, memoryModel: 'tso', scheduler }), 'count', 50n),
  )

  it('however a run is divided', () => {
    const split = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(split, schedulers, machines, (parts, scheduler, make) => {
        const whole = make(scheduler())
        const total = parts.reduce((a, b) => a + b)
        expect(whole.run(total).instructions).toBe(total)
        const divided = make(scheduler())
        for (const part of parts) expect(divided.run(part).instructions).toBe(part)
        expect(divided.replayHash()).toBe(whole.replayHash())
      }),
      RUNS,
    )
  })

  it('and after a restore', () => {
    fc.assert(
      fc.property(fc.nat(900), fc.nat(900), schedulers, machines, (before, after, scheduler, make) => {
        const machine = make(scheduler())
        machine.run(before)
        const snapshot = machine.snapshot()
        machine.run(after)
        const hash = machine.replayHash()
        machine.restore(snapshot)
        machine.run(after)
        expect(machine.replayHash()).toBe(hash)
        const other = make(scheduler())
        other.restore(snapshot)
        other.run(after)
        expect(other.replayHash()).toBe(hash)
      }),
      RUNS,
    )
  })

  it('atomics lose no count', () => {
    for (const seed of [1, 2, 3]) {
      const scheduler = new SeededRandom(seed, 4)
      const bare = bareMachine(COUNT_BY_CASX, { cpus: 4, memoryModel: 'tso', scheduler })
      const machine = startAll(bare, 'count', 50n)
      machine.run(20_000)
      expect(machine.peek(Number(bare.at('counter')), 8)).toBe(200n)
    }
  })
})
