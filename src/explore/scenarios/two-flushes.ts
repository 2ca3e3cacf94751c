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
const Y = 0x12000n

/** The seed's race: the bit that a kernel thread sets between the read of mm_users and the store to the mask is lost. */
export const twoFlushes = scenario({
  name: 'two-flushes',
  summary:
    'CPU 0 unmaps two pages, one after the other, of its single-threaded mm; a kernel thread on CPU 1 takes the mm and reads one',
  setup(s) {
    const mm = s.mm()
    s.map(mm, X)
    s.map(mm, Y)
    s.uses(0, mm)
    return { mm }
  },
  cpu: [
    function* ({ mm }) {
      for (const va of [X, Y]) {
        yield* ptep_get_and_clear(mm, va)
        yield* flush_tlb_page(mm, va)
      }
    },
    function* ({ mm }) {
      if (!(yield* mmget_not_zero(mm))) return
      yield* kthread_use_mm(mm)
      yield* loadUser(Y)
      yield* loadUser(Y)
      yield* kthread_unuse_mm(mm)
      yield* mmput(mm)
    },
  ],
})
