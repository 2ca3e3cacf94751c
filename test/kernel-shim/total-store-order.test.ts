import { describe, expect, it } from 'vitest'
import {
  type Body,
  cas,
  flush_tlb_page,
  host,
  kthread_use_mm,
  load,
  loadPrivate,
  loadUser,
  local_irq_restore,
  local_irq_save,
  mm_alloc,
  type Plain,
  pte_get,
  ptep_get_and_clear,
  set_pte_at,
  setBit,
  shim,
  smp_flush_tlb_mm,
  smp_mb,
  spin_lock,
  spin_unlock,
  store,
  storePrivate,
  storeUser,
  until,
} from '../../src/kernel-shim'
import { RoundRobin } from '../../src/smp'
import { mapPage, record, recorded, runThreads, testKernel } from './harness'

const VA = 0x10000n
let program: (word: bigint, mm: bigint) => Body<void>
const perform = shim('test/tso', function* (word: bigint, mm: bigint) {
  yield* program(word, mm)
})

/** Lets CPU 0 perform operations one by one, without drains of the scheduler; gives the word in memory and the stores that wait. */
function after(body: (word: bigint, mm: bigint) => Body<void>, memoryModel: 'sc' | 'tso' = 'tso') {
  const kernel = testKernel({ cpus: 1, memoryModel })
  const { machine } = kernel
  const word = kernel.allocator.heap(64)
  const mm = mm_alloc(kernel)
  mapPage(kernel, mm, VA)
  program = body
  kernel.spawn(0, perform(word, mm))
  while (kernel.currentTask(0).frames.length > 0 && machine.step(0, 1) === 'budget');
  return {
    kernel,
    value: machine.peek(Number(word), 8),
    waiting: machine.bufferedStores(0).length,
    recorded: recorded(kernel),
    steps: Number(machine.instructions(0)),
  }
}

describe('operations of the shim under total store order', () => {
  it('store waits, load finds it, and memory has it later', () => {
    const { value, waiting, recorded } = after(function* (word) {
      yield* store(word, 7n)
      yield* storePrivate(word + 8n, 8n)
      yield* record(yield* load(word))
      yield* record(yield* loadPrivate(word + 8n))
    })
    expect({ value, waiting, recorded }).toEqual({ value: 0n, waiting: 2, recorded: [7n, 8n] })
  })

  const ordered: [string, (word: bigint) => Iterable<unknown>][] = [
    ['smp_mb', () => smp_mb()],
    ['cas', (word) => cas(word + 8n, 0n, 1n)],
    ['a cas that fails', (word) => cas(word + 8n, 5n, 1n)],
    ['set_bit', (word) => setBit(word + 8n, 3)],
    ['spin_lock', (word) => spin_lock(word + 8n)],
    ['host', () => host('host', () => undefined)],
    ['the local flush', () => smp_flush_tlb_mm(0x100000n)],
  ]
  it.each(ordered)('%s lets earlier stores drain', (_, operation) => {
    const { value, waiting } = after(function* (word) {
      yield* store(word, 7n)
      yield* operation(word) as Body<void>
    })
    expect({ value, waiting }).toEqual({ value: 7n, waiting: 0 })
  })

  const unordered: [string, (word: bigint, mm: bigint) => Iterable<unknown>][] = [
    ['load', (word) => load(word + 8n)],
    ['store', (word) => store(word + 8n, 1n)],
    ['spin_unlock', (word) => spin_unlock(word + 8n)],
    ['until', (word) => until(word + 8n, 'zero', (value) => value === 0n)],
    ['local_irq_save and restore', irqs],
    ['pte_get', (_, mm) => pte_get(mm, VA)],
    ['ptep_get_and_clear', (_, mm) => ptep_get_and_clear(mm, VA)],
    ['set_pte_at', (_, mm) => set_pte_at(mm, VA, 0n)],
  ]
  it.each(unordered)('%s does not', (_, operation) => {
    const { value, waiting } = after(function* (word, mm) {
      yield* store(word, 7n)
      yield* operation(word, mm) as Body<void>
    })
    expect(value).toBe(0n)
    expect(waiting).toBeGreaterThan(0)
  })

  function* irqs(): Body<void> {
    yield* local_irq_restore(yield* local_irq_save())
  }

  it('user memory is reached through the store buffer too', () => {
    const { recorded, waiting } = after(function* (_, mm) {
      yield* kthread_use_mm(mm)
      yield* loadUser(VA)
      yield* storeUser(VA, 9n)
      yield* record((yield* loadUser(VA)) as Plain)
    })
    expect(recorded).toEqual([9n])
    expect(waiting).toBeGreaterThan(0)
  })

  it('smp_mb is no step under sequential consistency, and one under total store order', () => {
    const steps = (memoryModel: 'sc' | 'tso', times: number) =>
      after(function* () {
        for (let n = 0; n < times; n++) yield* smp_mb()
      }, memoryModel).steps
    expect(steps('sc', 6)).toBe(steps('sc', 1))
    expect(steps('tso', 6)).toBe(steps('tso', 1) + 5)
  })
})

const handsOver = shim('test/tso hands over', function* (word: bigint) {
  yield* store(word, 1n)
  yield* until(word + 8n, 'answered', (value) => value === 1n)
  yield* record('answered')
})
const answers = shim('test/tso answers', function* (word: bigint) {
  yield* until(word, 'asked', (value) => value === 1n)
  yield* store(word + 8n, 1n)
})

const unmaps = shim('test/tso unmaps', function* (mm: bigint) {
  yield* ptep_get_and_clear(mm, VA)
  yield* flush_tlb_page(mm, VA)
})
const uses = shim('test/tso uses', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
  yield* loadUser(VA)
})

describe('CPUs that wait', () => {
  it('look again when another CPU’s store drains: no deadlock while stores are on their way', () => {
    const kernel = testKernel({ cpus: 2, memoryModel: 'tso', scheduler: new RoundRobin(3) })
    const word = kernel.allocator.heap(64)
    runThreads(kernel, [handsOver(word), answers(word)])
    expect(recorded(kernel)).toEqual(['answered'])
    expect(kernel.machine.bufferedStores(0)).toEqual([])
  })

  it('a flush takes the same cross calls as under sequential consistency', () => {
    const calls = (['sc', 'tso'] as const).map((memoryModel) => {
      const kernel = testKernel({ cpus: 4, memoryModel })
      const mm = mm_alloc(kernel)
      mapPage(kernel, mm, VA)
      runThreads(kernel, [uses(mm), uses(mm), uses(mm)])
      runThreads(kernel, [unmaps(mm)])
      return kernel.tree.counters.crossCalls
    })
    expect(calls[0]).toEqual({ sent: 2, nacked: 0, taken: 2 })
    expect(calls[1]).toEqual(calls[0])
  })
})
