import {
  flush_tlb_page,
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  mmget_not_zero,
  mmput,
  ptep_get_and_clear,
} from '../../kernel-shim'
import { scenario } from '../scenario'

const X = 0x10000n

/** A kernel thread's translations from an earlier use come back with its bit, which the mask held all the time. */
export const mmReuse = scenario({
  name: 'mm-reuse',
  summary:
    'A kernel thread on CPU 1 takes the mm, reads a page and gives the mm back, twice; CPU 0, whose mm it is, unmaps the page',
  setup(s) {
    const mm = s.mm()
    s.map(mm, X)
    s.uses(0, mm)
    return { mm }
  },
  cpu: [
    function* ({ mm }) {
      yield* ptep_get_and_clear(mm, X)
      yield* flush_tlb_page(mm, X)
    },
    function* ({ mm }) {
      for (let turn = 0; turn < 2; turn++) {
        if (!(yield* mmget_not_zero(mm))) return
        yield* kthread_use_mm(mm)
        yield* loadUser(X)
        yield* kthread_unuse_mm(mm)
        yield* mmput(mm)
      }
    },
  ],
})
