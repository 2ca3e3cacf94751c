import {
  context_switch,
  flush_tlb_page,
  loadUser,
  local_irq_restore,
  local_irq_save,
  ptep_get_and_clear,
  shim,
} from '../../kernel-shim'
import { scenario } from '../scenario'

const X = 0x10000n
const Y = 0x12000n

/** What a task does before it gives its CPU to `next`, and after it has it again. */
const yield_to = shim('switch-in/yield to', function* (next: bigint) {
  const flags = yield* local_irq_save()
  yield* context_switch(next)
  yield* local_irq_restore(flags)
})

const thread = shim('switch-in/thread', function* (idle: bigint) {
  yield* loadUser(Y)
  yield* yield_to(idle)
  yield* loadUser(Y)
  yield* yield_to(idle)
})

/** An ordinary context switch to the only thread of an mm, on a CPU that holds its translations from before. */
export const switchIn = scenario({
  name: 'switch-in',
  summary:
    'CPU 1 switches to the only thread of an mm, which it ran before, and back; CPU 0, as kswapd does, unmaps two pages',
  setup(s) {
    const mm = s.mm()
    s.map(mm, X)
    s.map(mm, Y)
    const task = s.task('thread', mm, thread(s.kernel.current(1)))
    s.perform(1, function* () {
      yield* yield_to(task)
    })
    return { mm, task }
  },
  cpu: [
    function* ({ mm }) {
      for (const va of [X, Y]) {
        yield* ptep_get_and_clear(mm, va)
        yield* flush_tlb_page(mm, va)
      }
    },
    function* ({ task }) {
      yield* yield_to(task)
    },
  ],
})
