import { describe, expect, it } from 'vitest'
import { RoundRobin, SeededRandom } from '../../src/smp'

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
})

it('a quantum that is left out is 1000 instructions', () => {
  expect([new RoundRobin().quantum, new SeededRandom(1).quantum]).toEqual([1000, 1000])
})

it.each([0, -1, 1.5, Number.NaN])('a quantum of %s instructions is refused', (quantum) => {
  expect(() => new RoundRobin(quantum)).toThrow(RangeError)
  expect(() => new SeededRandom(1, quantum)).toThrow(RangeError)
})
