import { describe, expect, it } from 'vitest'
import {
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  mm_alloc,
  mmdrop,
  mmget,
  mmget_not_zero,
  mmgrab,
  mmput,
  shim,
} from '../../src/kernel-shim'
import { SeededRandom } from '../../src/smp'
import { mapPage, mmField, record, recorded, runThreads, setMmField, taskField, testKernel } from './harness'

const VA = 0x20000n

const try_get = shim('test_try_get', function* (mm: bigint) {
  yield* record(yield* mmget_not_zero(mm))
})

const use_and_read = shim('test_use_and_read', function* (mm: bigint, va: bigint) {
  if (!(yield* mmget_not_zero(mm))) {
    yield* record('gone')
    return
  }
  yield* kthread_use_mm(mm)
  yield* record(yield* loadUser(va))
  yield* kthread_unuse_mm(mm)
  yield* mmput(mm)
})

const borrow_often = shim('test_borrow_often', function* (mm: bigint, times: number) {
  for (let n = 0; n < times; n++) yield* use_and_read(mm, VA)
})

const get_and_put = shim('test_get_and_put', function* (mm: bigint) {
  yield* mmget(mm)
  yield* mmgrab(mm)
  yield* mmput(mm)
  yield* mmdrop(mm)
})

const hold_and_put = shim('test_hold_and_put', function* (mm: bigint) {
  yield* mmgrab(mm)
  yield* mmput(mm)
})

describe('references of an address space', () => {
  it('begin at one user and one holder', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    expect([mmField(kernel, mm, 'mm_users'), mmField(kernel, mm, 'mm_count')]).toEqual([1n, 1n])
    runThreads(kernel, [get_and_put(mm)])
    expect([mmField(kernel, mm, 'mm_users'), mmField(kernel, mm, 'mm_count')]).toEqual([1n, 1n])
  })

  it('mmget_not_zero takes none of an mm that exits', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    setMmField(kernel, mm, 'mm_users', 0n)
    runThreads(kernel, [try_get(mm)])
    expect([recorded(kernel), mmField(kernel, mm, 'mm_users')]).toEqual([[false], 0n])
    setMmField(kernel, mm, 'mm_users', 3n)
    runThreads(kernel, [try_get(mm)])
    expect([recorded(kernel), mmField(kernel, mm, 'mm_users')]).toEqual([[false, true], 4n])
  })

  it('the last user unmaps every page, the last holder frees tables, TSB and structure', () => {
    const kernel = testKernel()
    const free = kernel.allocator.freePages
    const mm = mm_alloc(kernel)
    for (const va of [VA, 0x4_0000_0000n, (1n << 43n) - 8192n]) mapPage(kernel, mm, va)
    runThreads(kernel, [hold_and_put(mm)])
    expect(mmField(kernel, mm, 'mm_users')).toBe(0n)
    expect(mmField(kernel, mm, 'mm_count')).toBe(1n)
    const tables = 1 + 2 * 3
    expect(free - kernel.allocator.freePages).toBe(tables)
    runThreads(kernel, [mmdrop(mm)])
    expect(kernel.allocator.freePages).toBe(free)
    expect(mm_alloc(kernel)).toBe(mm)
  })

  it('kthread_use_mm makes it the task’s own and active one, unuse leaves it active', () => {
    const kernel = testKernel({ cpus: 1 })
    const mm = mm_alloc(kernel)
    const task = kernel.spawn(0, kthread_use_mm(mm))
    runThreads(kernel, [])
    expect([taskField(kernel, task, 'mm'), taskField(kernel, task, 'active_mm')]).toEqual([mm, mm])
    expect(mmField(kernel, mm, 'mm_count')).toBe(2n)
    kernel.currentTask(0).frames.push({ function: 'kthread_unuse_mm', args: [mm], results: [] })
    kernel.machine.wake()
    runThreads(kernel, [])
    expect([taskField(kernel, task, 'mm'), taskField(kernel, task, 'active_mm')]).toEqual([0n, mm])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are exact after 4 CPUs used it while its owner exits, schedule %i', (seed) => {
    const kernel = testKernel({ cpus: 4, scheduler: new SeededRandom(seed, 6) })
    const mm = mm_alloc(kernel)
    const page = mapPage(kernel, mm, VA)
    kernel.machine.poke(Number(page), 8, 77n)
    runThreads(kernel, [mmput(mm), borrow_often(mm, 3), borrow_often(mm, 3), borrow_often(mm, 3)])
    expect(mmField(kernel, mm, 'mm_users')).toBe(0n)
    const lazy = [1, 2, 3].filter((cpu) => taskField(kernel, kernel.current(cpu), 'active_mm') === mm).length
    expect(mmField(kernel, mm, 'mm_count')).toBe(BigInt(lazy))
    expect(recorded(kernel)).toHaveLength(9)
    for (const value of recorded(kernel)) expect([77n, 'gone']).toContain(value)
  })
})
