import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addWaiter,
  decodeWakeOperation,
  type FutexTable,
  moveWaiters,
  removeWaiter,
  takeWaiters,
} from '../../src/linux-user/futex-table'

const A = 0x1000n
const B = 0x2000n

function table(...waiters: [tid: number, address: bigint, bitset?: number][]): FutexTable {
  const result: FutexTable = []
  for (const waiter of waiters) addWaiter(result, ...waiter)
  return result
}

describe('waking', () => {
  it('takes who waited longest, at that address only, at most as many as asked for', () => {
    const waiters = table([1, A], [2, B], [3, A], [4, A])
    expect(takeWaiters(waiters, A, 2)).toEqual([1, 3])
    expect(takeWaiters(waiters, A, 9)).toEqual([4])
    expect(takeWaiters(waiters, A, 9)).toEqual([])
    expect(waiters.map(({ tid }) => tid)).toEqual([2])
    expect(takeWaiters(waiters, B, 0)).toEqual([])
  })

  it('looks at the bitset', () => {
    const waiters = table([1, A, 1], [2, A, 2], [3, A, 3], [4, A])
    expect(takeWaiters(waiters, A, 9, 2)).toEqual([2, 3, 4])
    expect(takeWaiters(waiters, A, 9, 0x80000000)).toEqual([])
    expect(takeWaiters(waiters, A, 9, 0xffffffff)).toEqual([1])
  })

  it('tells a thread that timed out from one that was woken', () => {
    const waiters = table([1, A])
    expect(removeWaiter(waiters, 1)).toBe(true)
    expect(removeWaiter(waiters, 1)).toBe(false)
  })
})

describe('requeueing', () => {
  it('moves who waited longest behind those at the other address', () => {
    const waiters = table([1, A], [2, A], [3, B], [4, A])
    expect(moveWaiters(waiters, A, B, 2)).toBe(2)
    expect(takeWaiters(waiters, B, 9)).toEqual([3, 1, 2])
    expect(takeWaiters(waiters, A, 9)).toEqual([4])
  })

  it('neither loses nor doubles a thread', () => {
    const address = fc.constantFrom(A, B, 0x3000n)
    const action = fc.tuple(fc.constantFrom('take', 'move'), address, address, fc.nat({ max: 5 }))
    fc.assert(
      fc.property(fc.array(address, { maxLength: 20 }), fc.array(action, { maxLength: 20 }), (places, actions) => {
        const waiters = table(...places.map((place, tid): [number, bigint] => [tid, place]))
        const woken: number[] = []
        for (const [kind, from, to, count] of actions)
          if (kind === 'take') woken.push(...takeWaiters(waiters, from, count))
          else moveWaiters(waiters, from, to, count)
        const all = [...woken, ...waiters.map(({ tid }) => tid)].sort((a, b) => a - b)
        expect(all).toEqual(places.map((_, tid) => tid))
      }),
    )
  })
})

describe('the operation of FUTEX_WAKE_OP', () => {
  const encode = (operation: number, comparison: number, operand: number, compared: number) =>
    ((operation << 28) | (comparison << 24) | ((operand & 0xfff) << 12) | (compared & 0xfff)) >>> 0

  it('computes as encoded', () => {
    const results = [0, 1, 2, 3, 4].map((operation) => decodeWakeOperation(encode(operation, 0, 6, 0))?.apply(12))
    expect(results).toEqual([6, 18, 14, 8, 10])
    expect(decodeWakeOperation(encode(1, 0, -1, 0))?.apply(5)).toBe(4)
    expect(decodeWakeOperation(encode(2 | 8, 0, 5, 0))?.apply(1)).toBe(33)
  })

  it('compares as encoded', () => {
    const results = [0, 1, 2, 3, 4, 5].map((comparison) =>
      [-3, -2, 7].map((old) => decodeWakeOperation(encode(0, comparison, 0, -2))?.wakes(old)),
    )
    expect(results).toEqual([
      [false, true, false],
      [true, false, true],
      [true, false, false],
      [true, true, false],
      [false, false, true],
      [false, true, true],
    ])
  })

  it('is refused when there is none of that number', () => {
    expect(decodeWakeOperation(encode(5, 0, 0, 0))).toBeUndefined()
    expect(decodeWakeOperation(encode(0, 6, 0, 0))).toBeUndefined()
  })
})
