import { describe, expect, it } from 'vitest'
import {
  context_switch,
  flush_tlb_page,
  type Kernel,
  type KernelConfig,
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  local_irq_restore,
  local_irq_save,
  mm_alloc,
  mmget_not_zero,
  shim,
  TASK_STRUCT,
} from '../../src/kernel-shim'
import { mapPage, mmField, runThreads, taskField, testKernel } from './harness'

const VA = 0x20000n
const MOST_STEPS = 60

const visit_mm = shim('test_visit_mm', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
  yield* loadUser(VA)
  yield* kthread_unuse_mm(mm)
})
shim('test_flush_one', function* (mm: bigint) {
  yield* flush_tlb_page(mm, VA)
})
shim('test_join_mm', function* (mm: bigint) {
  if (yield* mmget_not_zero(mm)) yield* kthread_use_mm(mm)
})
shim('test_switch_in', function* (task: bigint) {
  const flags = yield* local_irq_save()
  yield* context_switch(task)
  yield* local_irq_restore(flags)
})

type Arrival = 'kthread_use_mm' | 'context_switch'

/**
 * CPU 0 flushes a page of an mm with one user whose mask holds CPU 1; after `k` of its steps CPU 1 comes to the mm, after `j` of those
 * CPU 0 goes on as far as it can, and then both to their ends. Gives the (k, j) that leave CPU 1 running the mm outside of its mask.
 */
function lostBits(arrival: Arrival, config: KernelConfig): string[] {
  const kernel = testKernel({ cpus: 2, ...config })
  const { machine } = kernel
  const mm = mm_alloc(kernel)
  mapPage(kernel, mm, VA)
  runThreads(kernel, [arrival === 'kthread_use_mm' ? kthread_use_mm(mm) : undefined, visit_mm(mm)])
  expect(mmField(kernel, mm, 'mm_cpumask') & 2n).toBe(2n)
  push(kernel, 0, 'test_flush_one', mm)
  if (arrival === 'kthread_use_mm') push(kernel, 1, 'test_join_mm', mm)
  else {
    const task = kernel.createTask('user')
    machine.poke(Number(task + TASK_STRUCT.mm), 8, mm)
    push(kernel, 1, 'test_switch_in', task)
  }
  machine.wake()
  const start = machine.snapshot()
  const lost: string[] = []
  for (let k = 0; k < MOST_STEPS; k++) {
    machine.restore(start)
    machine.step(0, k)
    const flushing = machine.snapshot()
    for (let j = 0; j < MOST_STEPS; j++) {
      machine.restore(flushing)
      machine.step(1, j)
      machine.step(0, 1000)
      machine.wake()
      expect(machine.run(100_000).reason).toBe('deadlock')
      expect(taskField(kernel, kernel.current(1), 'mm')).toBe(mm)
      if ((mmField(kernel, mm, 'mm_cpumask') & 2n) === 0n) lost.push(`${k},${j}`)
    }
  }
  return lost
}

function push(kernel: Kernel, cpu: number, name: string, argument: bigint): void {
  kernel.currentTask(cpu).frames.push({ function: name, args: [argument], results: [] })
}

const SLOW = { timeout: 120_000 }
const ARRIVALS = ['kthread_use_mm', 'context_switch'] as const

describe('a CPU that comes to an mm while it is flushed', () => {
  it.each(
    ARRIVALS.flatMap((arrival) => (['cross-call', 'ipi-trim'] as const).map((policy) => [arrival, policy] as const)),
  )('by %s is in the mask, whenever it came, under %s', SLOW, (arrival, policy) => {
    expect(lostBits(arrival, { policy })).toEqual([])
  })

  it('can lose its bit under local-trim: the seed’s race', SLOW, () => {
    expect(lostBits('kthread_use_mm', { policy: 'local-trim' }).length).toBeGreaterThan(0)
  })

  it.each([
    ['raw-mondo', 'context_switch'],
    ['sender-clears', 'kthread_use_mm'],
    ['late-tsk-mm', 'kthread_use_mm'],
  ] as const)('can lose its bit with the wrong fix %s, by %s', SLOW, (mutant, arrival) => {
    expect(lostBits(arrival, { policy: 'ipi-trim', mutant }).length).toBeGreaterThan(0)
  })
})
