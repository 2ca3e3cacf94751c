import { Kernel, shim } from '../../../src'
import {
  flush_tlb_page,
  kthread_use_mm,
  loadUser,
  mk_pte,
  mm_alloc,
  ptep_get_and_clear,
  write_pte,
} from '../../../src/kernel-shim'

const VA = 0x10000n
const kernel = new Kernel({ cpus: 4, policy: 'cross-call' })
const mm = mm_alloc(kernel)
write_pte(kernel, 0, mm, VA, mk_pte(kernel.allocator.page()!, { write: true }))

const reads = shim('reads', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
  yield* loadUser(VA)
})
const unmaps = shim('unmaps', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
  yield* ptep_get_and_clear(mm, VA)
  yield* flush_tlb_page(mm, VA)
})

for (const cpu of [1, 2, 3]) kernel.spawn(cpu, reads(mm))
kernel.machine.run(10_000)
kernel.machine.events.on('mondo-taken', ({ cpu }) => console.log(`CPU ${cpu} takes a cross call`))
kernel.spawn(0, unmaps(mm))
const { reason, instructions } = kernel.machine.run(10_000)
console.log(reason, instructions, kernel.tree.counters.crossCalls)
