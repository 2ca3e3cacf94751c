import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedSearch } from '../../src/explore/bounded-search'
import { enumerate } from '../../src/explore/enumeration'
import { lengthOf } from '../../src/explore/explorable'
import { searchByPriority, searchRandomly } from '../../src/explore/random-search'
import { act, op, Toy, type ToyOperation, type ToyProgram } from './toy'

const search = (toy: Toy, bound: number, all = false) => new BoundedSearch(toy, bound, { all }).run()

/** n CPUs that each read the counter and write it back, one more. */
const lostUpdate = (cpus: number) => {
  const increment: ToyProgram = [
    act('read', ({ shared, own }) => {
      own.value = shared.counter!
    }),
    act('write', ({ shared, own }) => {
      shared.counter = own.value! + 1
      shared.done!++
    }),
  ]
  return new Toy(
    Array.from({ length: cpus }, () => increment),
    { counter: 0, done: 0 },
    ({ shared }) => (shared.done === cpus && shared.counter! < cpus ? 'lost-update' : undefined),
  )
}

describe('the bounded search', () => {
  it('is exhausted without preemption, finds the lost update with one, and gives its schedule', () => {
    expect(search(lostUpdate(2), 0)).toMatchObject({ verdict: 'exhausted', complete: true, preemptions: 0 })
    const result = search(lostUpdate(2), 3)
    expect(result).toMatchObject({ verdict: 'violation', preemptions: 1, complete: false })
    expect(result.found[0]).toMatchObject({ violation: { kind: 'lost-update' }, preemptions: 1 })
    expect(result.found[0]!.schedule.map(lengthOf)).toEqual([1, 2, 1])
  })

  it('finds a deadlock, which costs a preemption', () => {
    const lock = (name: string) =>
      op(`lock ${name}`, ({ shared }) => {
        if (shared[name]) return 'wait'
        shared[name] = 1
        return 'next'
      })
    const toy = () =>
      new Toy(
        [
          [lock('a'), lock('b')],
          [lock('b'), lock('a')],
        ],
        { a: 0, b: 0 },
      )
    const unlocked = search(toy(), 3)
    expect(unlocked).toMatchObject({ verdict: 'violation', preemptions: 0 })
    expect(unlocked.found[0]!.violation.kind).toBe('deadlock')
  })

  it('lets the others go on, free of charge, when a CPU spins', () => {
    const spin: ToyProgram = [op('spin', ({ shared }) => (shared.flag ? 'next' : 0))]
    const set: ToyProgram = [
      act('set', ({ shared }) => {
        shared.flag = 1
      }),
    ]
    expect(search(new Toy([spin, set], { flag: 0 }), 0)).toMatchObject({ verdict: 'exhausted', complete: true })
    const alone = search(new Toy([spin], { flag: 0 }), 0)
    expect(alone.found[0]?.violation.kind).toBe('deadlock')
  })

  it('says bounded when a limit stopped it', () => {
    expect(new BoundedSearch(lostUpdate(4), 0, { maxSteps: 3 }).run()).toMatchObject({
      verdict: 'bounded',
      complete: false,
    })
    expect(new BoundedSearch(lostUpdate(4), 0, { maxStates: 2 }).run()).toMatchObject({ verdict: 'bounded' })
  })

  it('merges nothing and claims nothing when time was read', () => {
    const toy = lostUpdate(2)
    const timed = Object.assign(Object.create(toy) as Toy, { timeRead: () => true })
    expect(new BoundedSearch(timed, 0).run()).toMatchObject({ verdict: 'bounded', complete: false })
  })
})

const VARIABLES = ['x', 'y'] as const
const variable = fc.constantFrom(...VARIABLES)
const operation: fc.Arbitrary<ToyOperation> = fc.oneof(
  fc.tuple(variable, fc.nat(2)).map(([name, value]) =>
    act(`${name} = ${value}`, ({ shared }) => {
      shared[name] = value
    }),
  ),
  variable.map((name) =>
    act(`r = ${name}`, ({ shared, own }) => {
      own.r = shared[name]!
    }),
  ),
  variable.map((name) =>
    act(`${name} = r + 1`, ({ shared, own }) => {
      shared[name] = ((own.r ?? 0) + 1) % 4
    }),
  ),
  fc
    .tuple(variable, fc.nat(2))
    .map(([name, value]) =>
      op(`until ${name} != ${value}`, ({ shared }) => (shared[name] === value ? 'wait' : 'next')),
    ),
  fc.tuple(variable, fc.nat(2)).map(([name, value]) =>
    act(`assert ${name} != ${value}`, ({ shared, own }) => {
      if (shared[name] === value) own.failed = 1
    }),
  ),
)
const programs = fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 3 })
const toyOf = (list: ToyProgram[]) => new Toy(list, { x: 0, y: 0 }, ({ own }) => (own.failed ? 'assertion' : undefined))

describe('against the plain enumeration of all schedules', () => {
  it('an unbounded search gives the same verdict and the same set of violating states', () => {
    fc.assert(
      fc.property(programs, (list) => {
        const every = enumerate(toyOf(list), { all: true })
        const searched = search(toyOf(list), Number.POSITIVE_INFINITY, true)
        expect(searched.verdict).toBe(every.verdict)
        expect(searched.complete && every.complete).toBe(true)
        expect(new Set(searched.found.map((f) => f.key))).toEqual(new Set(every.found.map((f) => f.key)))
      }),
      { numRuns: 150 },
    )
  })

  it('a search up to a bound finds exactly the violating states that need no more preemptions', () => {
    fc.assert(
      fc.property(programs, fc.nat(3), (list, bound) => {
        const every = enumerate(toyOf(list), { all: true })
        const within = every.found.filter((f) => f.preemptions <= bound)
        const searched = search(toyOf(list), bound, true)
        expect(new Set(searched.found.map((f) => f.key))).toEqual(new Set(within.map((f) => f.key)))
        const first = search(toyOf(list), bound)
        if (within.length === 0) expect(first).toMatchObject({ verdict: 'exhausted', preemptions: bound })
        else expect(first.preemptions).toBe(Math.min(...within.map((f) => f.preemptions)))
      }),
      { numRuns: 150 },
    )
  })
})

describe('sampling', () => {
  it('finds the lost update, the same way for the same seed', () => {
    for (const sample of [
      (seed: number) => searchRandomly(lostUpdate(3), { seed, schedules: 200 }),
      (seed: number) => searchByPriority(lostUpdate(3), { seed, schedules: 200, depth: 2 }),
    ]) {
      const result = sample(1)
      expect(result).toMatchObject({ verdict: 'violation', complete: false })
      expect(sample(1)).toEqual(result)
    }
  })

  it('claims nothing when it finds nothing', () => {
    expect(searchRandomly(lostUpdate(1), { seed: 1, schedules: 10 })).toMatchObject({
      verdict: 'bounded',
      schedules: 10,
    })
  })
})
