import { describe, expect, it } from 'vitest'
import {
  FLUSH_POLICIES,
  flush_tlb_page,
  type KernelConfig,
  kthread_use_mm,
  mm_alloc,
  ptep_get_and_clear,
  shim,
} from '../../src/kernel-shim'
import { mapPage, runThreads, setMmField, testKernel } from './harness'

const VA = 0x2_0000n

const use = shim('test_barrier_use', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
})
shim('test_barrier_unmap', function* (mm: bigint) {
  yield* ptep_get_and_clear(mm, VA)
  yield* flush_tlb_page(mm, VA)
})

/** Whether the page-table write of a flush still waits in the CPU's store buffer when the flush looks at the TSB and at the mask. */
function waiting(config: KernelConfig): { tsb: boolean; mask: boolean } {
  const kernel = testKernel({ cpus: 2, memoryModel: 'tso', ...config })
  const { machine } = kernel
  const mm = mm_alloc(kernel)
  mapPage(kernel, mm, VA)
  runThreads(kernel, [use(mm), use(mm)])
  if (config.policy !== 'cross-call') setMmField(kernel, mm, 'mm_users', 1n)
  const seen = { tsb: false, mask: false }
  let written = 0
  kernel.events.pteWrite = () => void written++
  kernel.events.maskRead = () => {
    seen.mask = machine.bufferedStores(0).length > 0
  }
  kernel.currentTask(0).frames.push({ function: 'test_barrier_unmap', args: [mm], results: [] })
  machine.wake()
  while (kernel.currentTask(0).frames.length > 0 && machine.step(0, 1) === 'budget')
    if (kernel.gate.last?.operation.startsWith('until tsb entry')) {
      seen.tsb = machine.bufferedStores(0).length > 0
      kernel.gate.last = undefined
    }
  expect(written).toBe(1)
  return seen
}

describe('with total store order the page-table write of a flush is visible', () => {
  it.each(['cross-call', 'ipi-trim'] as const)('before TSB and mask are looked at, under %s', (policy) => {
    expect(waiting({ policy })).toEqual({ tsb: false, mask: false })
  })

  it('later in the versions that leave out a barrier', () => {
    for (const policy of FLUSH_POLICIES.filter((name) => name !== 'local-trim')) {
      expect(waiting({ policy, mutant: 'late-barrier' })).toEqual({ tsb: true, mask: false })
      expect(waiting({ policy, mutant: 'missing-barrier' })).toEqual({ tsb: true, mask: true })
      for (const mutant of ['raw-mondo', 'sender-clears', 'late-tsk-mm'] as const)
        expect(waiting({ policy, mutant })).toEqual({ tsb: false, mask: false })
    }
  })
})
