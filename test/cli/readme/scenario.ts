import { explore, scenario } from '../../../src/explore'
import { flush_tlb_page, kthread_use_mm, loadUser, mmget_not_zero, ptep_get_and_clear } from '../../../src/kernel-shim'

const PAGES = [0x10000n, 0x12000n]
const lateReader = scenario({
  name: 'late-reader',
  summary: 'CPU 0 unmaps two pages of its mm; a kernel thread on CPU 1 takes the mm and reads the second',
  setup(s) {
    const mm = s.mm()
    for (const va of PAGES) s.map(mm, va)
    s.uses(0, mm)
    return { mm }
  },
  cpu: [
    function* ({ mm }) {
      for (const va of PAGES) {
        yield* ptep_get_and_clear(mm, va)
        yield* flush_tlb_page(mm, va)
      }
    },
    function* ({ mm }) {
      if (!(yield* mmget_not_zero(mm))) return
      yield* kthread_use_mm(mm)
      for (let times = 0; times < 3; times++) yield* loadUser(PAGES[1]!)
    },
  ],
})

for (const policy of ['local-trim', 'ipi-trim'] as const) {
  const { verdict, preemptions } = explore(lateReader, { policy, preemptions: 2 })
  console.log(policy, verdict, preemptions)
}
