import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lengthOf } from '../../src/explore/explorable'
import { minimise } from '../../src/explore/minimise'
import { searchRandomly } from '../../src/explore/random-search'
import { formatTimeline, replaySchedule } from '../../src/explore/timeline'
import { act, Toy, type ToyProgram } from './toy'

const idle = (count: number) => Array.from({ length: count }, (_, n) => act(`idle ${n}`, ({ own }) => void (own.n = n)))
const increment: ToyProgram = [
  ...idle(5),
  act('read', ({ shared, own }) => {
    own.value = shared.counter!
  }),
  act('write', ({ shared, own }) => {
    shared.counter = own.value! + 1
    shared.done!++
  }),
]
const toy = () =>
  new Toy([increment, increment, idle(9)], { counter: 0, done: 0 }, ({ shared }) =>
    shared.done === 2 && shared.counter === 1 ? 'lost-update' : undefined,
  )

it('a schedule found at random becomes the shortest one', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const explorable = toy()
      const start = explorable.save()
      const found = searchRandomly(explorable, { seed, schedules: 1000 }).found[0]!
      const least = minimise(explorable, start, found.schedule, 'lost-update')
      expect(least.preemptions).toBe(1)
      expect(least.schedule.map(lengthOf)).toEqual([6, 7, 1])
      expect(replaySchedule(explorable, start, least.schedule).violation).toEqual({ kind: 'lost-update' })
    }),
    { numRuns: 20 },
  )
})

it('a replay is the same every time, and a schedule that does not fit is refused', () => {
  const explorable = toy()
  const start = explorable.save()
  const schedule = [
    { cpu: 0, steps: 6 },
    { cpu: 1, steps: 7 },
    { cpu: 0, steps: 1 },
  ]
  const replay = replaySchedule(explorable, start, schedule)
  expect(replaySchedule(explorable, start, schedule)).toEqual(replay)
  expect(replay.timeline).toHaveLength(14)
  expect(() => replaySchedule(explorable, start, [{ cpu: 2, steps: 10 }])).toThrowError(/step 9 .* CPU 2/)
})

it('a timeline has a column a CPU, and shows marks and long texts', () => {
  const text = formatTimeline(
    [
      { step: 0, cpu: 0, text: 'clears the page-table entry', mark: 'stale-write' },
      { step: 1, cpu: 1, text: 'load x' },
    ],
    { width: 60 },
  )
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    ' step  CPU 0                      CPU 1',
    '       -------------------------  -------------------------',
    '    0  > clears the page-table',
    '           entry',
    '                                  .........................',
    '    1                               load x',
  ])
})
