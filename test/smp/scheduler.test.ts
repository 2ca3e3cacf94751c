import { describe, expect, it } from 'vitest'
import {
  isDrain,
  Recorded,
  Recorder,
  RoundRobin,
  ScheduleError,
  type Scheduler,
  SeededRandom,
  type Turn,
} from '../../src/smp'

describe('a seeded schedule', () => {
  it.each<[number | bigint, number, [number, number][]]>([
    [
      0,
      1000,
      [
        [0, 1994],
        [1, 1950],
        [1, 323],
        [0, 1004],
        [0, 126],
        [1, 1105],
      ],
    ],
    [
      1,
      10,
      [
        [0, 6],
        [2, 10],
        [1, 13],
        [0, 5],
        [1, 14],
        [2, 15],
      ],
    ],
    [
      -1n,
      7,
      [
        [1, 5],
        [2, 5],
        [0, 13],
        [2, 4],
        [0, 2],
        [1, 11],
      ],
    ],
    [
      0x1234_5678_9abc_def0n,
      50,
      [
        [0, 58],
        [0, 51],
        [1, 22],
        [3, 3],
        [3, 12],
        [3, 5],
      ],
    ],
  ])('of seed %s and quantum %i is that of earlier versions: people note seeds down', (seed, quantum, turns) => {
    const scheduler = new SeededRandom(seed, quantum)
    const found = turns.map(() => scheduler.next([0, 1, 2, 3, 5]))
    expect(found).toEqual(turns.map(([cpu, instructions]) => ({ cpu, instructions })))
  })

  it.each<[number | bigint, number, (readonly [number, number] | readonly [number, 'drains', number])[]]>([
    [
      0,
      1000,
      [
        [1, 'drains', 3],
        [1, 323],
        [1, 'drains', 2],
        [5, 586],
        [4, 'drains', 1],
        [1, 1100],
        [3, 1759],
        [3, 1097],
      ],
    ],
    [
      1n << 63n,
      7,
      [
        [4, 'drains', 1],
        [2, 13],
        [2, 3],
        [1, 13],
        [1, 'drains', 1],
        [2, 6],
        [4, 'drains', 1],
        [1, 8],
      ],
    ],
    [
      -1,
      50,
      [
        [0, 54],
        [0, 8],
        [1, 'drains', 2],
        [2, 80],
        [2, 15],
        [2, 'drains', 1],
        [3, 26],
        [5, 99],
      ],
    ],
  ])('of seed %s and quantum %i with stores in buffers as well', (seed, quantum, turns) => {
    const scheduler = new SeededRandom(seed, quantum)
    const found = turns.map((_, n) => scheduler.next([0, 1, 2, 3, 5], n % 4 === 3 ? [] : [1, 2, 4]))
    const expected = turns.map(([cpu, what, stores]) =>
      what === 'drains' ? { cpu, stores } : { cpu, instructions: what },
    )
    expect(found).toEqual(expected)
  })

  it.each([[[3]], [[3, 6]]])('lets stores of CPUs %o drain in about every other turn', (buffering) => {
    const scheduler = new SeededRandom(8)
    const drains = Array.from({ length: 200 }, () => scheduler.next([0, 1], buffering)).filter(isDrain)
    expect(drains.length).toBeGreaterThan(70)
    expect(drains.length).toBeLessThan(130)
    expect(new Set(drains.map(({ cpu }) => cpu))).toEqual(new Set(buffering))
  })

  it('lets stores drain if nothing else can be done', () => {
    const scheduler = new SeededRandom(2)
    const turns = Array.from({ length: 200 }, () => scheduler.next([], [3, 6]) as { cpu: number; stores: number })
    expect(new Set(turns.map(({ cpu, stores }) => `${cpu}: ${stores}`))).toEqual(
      new Set([3, 6].flatMap((cpu) => [1, 2, 3, 4].map((stores) => `${cpu}: ${stores}`))),
    )
  })

  it.each<[number, bigint, bigint]>([
    [1234567, 6457827717110365317n, 3203168211198807973n],
    [0, 0xe220_a839_7b1d_cdafn, 0x6e78_9e6a_a1b9_65f4n],
  ])('begins with the first two words of splitmix64, the second one odd: seed %i', (seed, first, second) => {
    const halves = [first, first >> 32n, second | 1n, second >> 32n]
    expect(new SeededRandom(seed).save()).toEqual(halves.map((half) => Number(BigInt.asIntN(32, half))))
  })

  it.each([1, 2, 9])('has turns of 1 to twice the quantum less 1, all of them at some time: %i', (quantum) => {
    const scheduler = new SeededRandom(3, quantum)
    const turns = Array.from({ length: 1000 }, () => scheduler.next([0]) as { instructions: number })
    const lengths = new Set(turns.map(({ instructions }) => instructions))
    expect([...lengths].sort((a, b) => a - b)).toEqual(Array.from({ length: 2 * quantum - 1 }, (_, n) => n + 1))
  })

  it('goes on from where it was saved', () => {
    const scheduler = new SeededRandom(5, 100)
    const draw = () => Array.from({ length: 5 }, () => scheduler.next([0, 1, 2]))
    draw()
    const state = scheduler.save()
    const after = draw()
    scheduler.restore(state)
    expect(draw()).toEqual(after)
  })
})

describe('round robin', () => {
  it('gives each CPU that can run its turn, in order', () => {
    const scheduler = new RoundRobin(17)
    const cpus = [[0, 1, 3], [0, 1, 3], [0, 3], [0, 1, 3], [1]].map((runnable) => scheduler.next(runnable))
    expect(cpus).toEqual([0, 1, 3, 0, 1].map((cpu) => ({ cpu, instructions: 17 })))
  })

  it('lets all that is buffered drain between two turns, and no CPU loses its turn by that', () => {
    const scheduler = new RoundRobin(17)
    scheduler.next([0, 1, 2], [])
    for (const buffering of [[2, 3], [3]]) {
      const drain = scheduler.next([0, 1, 2], buffering) as { cpu: number; stores: number }
      expect(drain.cpu).toBe(buffering[0])
      expect(drain.stores).toBeGreaterThanOrEqual(64)
    }
    expect(scheduler.next([0, 1, 2], [])).toEqual({ cpu: 1, instructions: 17 })
  })

  it('goes on from where it was saved', () => {
    const scheduler = new RoundRobin(5)
    const draw = () => Array.from({ length: 4 }, () => scheduler.next([0, 1, 2]).cpu)
    scheduler.next([0, 1, 2])
    const state = scheduler.save()
    expect(draw()).toEqual([1, 2, 0, 1])
    scheduler.restore(state)
    expect(draw()).toEqual([1, 2, 0, 1])
  })
})

describe('a recorded schedule', () => {
  const TURNS: Turn[] = [
    { cpu: 2, instructions: 5 },
    { cpu: 1, stores: 2 },
    { cpu: 0, instructions: 1 },
  ]
  const play = (scheduler: Scheduler, turns: number) =>
    Array.from({ length: turns }, () => scheduler.next([0, 2], [1, 3]))

  it('gives its turns in order, and then no more', () => {
    const scheduler = new Recorded(TURNS)
    expect(play(scheduler, 3)).toEqual(TURNS)
    expect(() => scheduler.next([0, 2], [1])).toThrow(new ScheduleError('the recorded schedule ends after 3 turns'))
  })

  it('refuses a turn of a CPU that cannot run or has nothing to drain, and stays there', () => {
    const scheduler = new Recorded(TURNS)
    const impossible = "turn 0 is CPU 2's, but only 0, 1 can run"
    for (let n = 0; n < 2; n++) expect(() => scheduler.next([0, 1], [2])).toThrow(new ScheduleError(impossible))
    expect(scheduler.next([2], [])).toEqual(TURNS[0])
    const empty = 'turn 1 drains CPU 1, which has nothing buffered'
    for (let n = 0; n < 2; n++) expect(() => scheduler.next([1], [0])).toThrow(new ScheduleError(empty))
    expect(() => scheduler.next([1])).toThrow(new ScheduleError(empty))
    expect(scheduler.next([], [1])).toEqual(TURNS[1])
  })

  it('goes on from where it was saved', () => {
    const scheduler = new Recorded(TURNS)
    play(scheduler, 1)
    const state = scheduler.save()
    play(scheduler, 2)
    scheduler.restore(state)
    expect(play(scheduler, 2)).toEqual(TURNS.slice(1))
  })

  it('is what a recorder has heard since it was made or since what it was put back to', () => {
    const recorder = new Recorder(new SeededRandom(4, 20))
    const turns = play(recorder, 6)
    expect(turns).toEqual(play(new SeededRandom(4, 20), 6))
    expect(recorder.turns).toEqual(turns)
    const state = recorder.save()
    const after = play(recorder, 5)
    recorder.restore(state)
    expect(recorder.turns).toEqual(turns)
    expect(play(recorder, 5)).toEqual(after)
    expect(recorder.turns).toEqual([...turns, ...after])
    recorder.restore(state)
    expect(recorder.turns).toEqual(turns)
  })
})

it('a quantum that is left out is 1000 instructions', () => {
  expect([new RoundRobin().quantum, new SeededRandom(1).quantum]).toEqual([1000, 1000])
})

it.each([0, -1, 1.5, Number.NaN])('a quantum of %s instructions is refused', (quantum) => {
  expect(() => new RoundRobin(quantum)).toThrow(RangeError)
  expect(() => new SeededRandom(1, quantum)).toThrow(RangeError)
})
