import { expect, it } from 'vitest'
import { createScenarioKernel, type OracleWarning, type TlbViolation, watchKernel } from '../../src/explore'
import {
  type FlushPolicy,
  flush_tlb_page,
  kthread_use_mm,
  loadUser,
  mk_pte,
  mm_alloc,
  ptep_get_and_clear,
  shim,
  write_pte,
} from '../../src/kernel-shim'

const VA = 0x10000n
const take = shim('test/take the mm and read', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
  yield* loadUser(VA)
})
const unmap = shim('test/unmap', function* (mm: bigint) {
  yield* ptep_get_and_clear(mm, VA)
  yield* flush_tlb_page(mm, VA)
})
const read = shim('test/read', function* () {
  yield* loadUser(VA)
})

/** CPUs 0 and 1 run an mm of one user and hold a page of it; CPU 0 unmaps it and CPU 1 reads it, in an ordinary run. */
function run(policy: FlushPolicy) {
  const kernel = createScenarioKernel({ cpus: 2, ramBytes: 512 << 10, policy })
  const violations: TlbViolation[] = []
  const warnings: OracleWarning[] = []
  watchKernel(kernel, { onViolation: (v) => violations.push(v), onWarning: (w) => warnings.push(w) })
  const mm = mm_alloc(kernel)
  write_pte(kernel, -1, mm, VA, mk_pte(kernel.allocator.page()!, {}))
  const tasks = [0, 1].map((cpu) => kernel.spawn(cpu, take(mm)))
  kernel.machine.run(100_000)
  const go = (cpu: number, call: ReturnType<typeof read>) => {
    const { operation } = call
    if (operation.kind !== 'call') throw new Error('not a call')
    kernel.tree.tasks[tasks[cpu]!.toString(16)]!.frames.push({
      function: operation.name,
      args: operation.args,
      results: [],
    })
    kernel.machine.wake()
    expect(kernel.machine.run(100_000).reason).toBe('deadlock')
  }
  go(0, unmap(mm))
  go(1, read())
  return { violations, warnings }
}

it('in an ordinary run the oracle finds the use after a flush that trimmed the other CPU, and warned of it before', () => {
  const { violations, warnings } = run('local-trim')
  expect(violations).toMatchObject([{ kind: 'stale-translation', cpu: 1, missing: { from: 0, to: 1, sent: false } }])
  expect(warnings).toMatchObject([{ kind: 'not-in-mask', cpu: 1, clearedBy: 0 }])
})

it('and nothing after one that called it', () => {
  for (const policy of ['cross-call', 'ipi-trim'] as const)
    expect(run(policy)).toEqual({ violations: [], warnings: [] })
})
