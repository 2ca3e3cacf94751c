import { describe, expect, it } from 'vitest'
import { load, shim, spin_lock, spin_trylock, spin_unlock, store } from '../../src/kernel-shim'
import { SeededRandom } from '../../src/smp'
import { record, recorded, runThreads, testKernel } from './harness'

const add_locked = shim('test_lock_add', function* (lock: bigint) {
  yield* spin_lock(lock)
  yield* store(lock + 8n, (yield* load(lock + 8n)) + 1n)
  yield* spin_unlock(lock)
})
const add_often = shim('test_lock_add_often', function* (lock: bigint, times: number) {
  for (let n = 0; n < times; n++) yield* add_locked(lock)
})
const try_twice = shim('test_lock_try', function* (lock: bigint) {
  yield* record(yield* spin_trylock(lock))
  yield* record(yield* load(lock))
  yield* record(yield* spin_trylock(lock))
  yield* spin_unlock(lock)
  yield* record(yield* spin_trylock(lock))
})
const hold = shim('test_lock_hold', function* (lock: bigint) {
  yield* spin_lock(lock)
  yield* record('held')
})

describe('a spin lock', () => {
  it.each([1, 2, 3, 4])('lets one CPU in at a time, schedule %i', (seed) => {
    const kernel = testKernel({ cpus: 4, scheduler: new SeededRandom(seed, 2) })
    const lock = kernel.allocator.heap(64)
    runThreads(
      kernel,
      kernel.machine.cpus.map(() => add_often(lock, 10)),
    )
    expect([kernel.machine.peek(Number(lock), 8), kernel.machine.peek(Number(lock + 8n), 8)]).toEqual([0n, 40n])
  })

  it('that is tried is taken if it was free, and left alone if not', () => {
    const kernel = testKernel()
    const lock = kernel.allocator.heap(64)
    runThreads(kernel, [try_twice(lock)])
    expect(recorded(kernel)).toEqual([true, 1n, false, true])
  })

  it('blocks a CPU that wants it: nothing runs until it is free', () => {
    const kernel = testKernel({ cpus: 2 })
    const lock = kernel.allocator.heap(64)
    kernel.machine.poke(Number(lock), 8, 1n)
    kernel.spawn(0, hold(lock))
    expect(kernel.machine.run(10_000).reason).toBe('deadlock')
    expect(recorded(kernel)).toEqual([])
    kernel.machine.poke(Number(lock), 8, 0n)
    runThreads(kernel, [])
    expect([recorded(kernel), kernel.machine.peek(Number(lock), 8)]).toEqual([['held'], 1n])
  })
})
