import {
  context_switch,
  current_task,
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

const give_back = shim('switch-in/give back', function* (idle: bigint) {
  const flags = yield* local_irq_save()
  yield* context_switch(idle)
  yield* local_irq_restore(flags)
})

const thread = shim('switch-in/thread', function* (idle: bigint, va: bigint) {
  yield* loadUser(va)
  yield* loadUser(va)
  yield* give_back(idle)
})

/** Ordinary context switches of the only thread of an mm, on a CPU that may hold its translations from before. */
export const switchIn = scenario({
  name: 'switch-in',
  summary:
    'CPU 1 switches to the only thread of an mm, which reads a page, and back, twice; CPU 0, as kswapd does, unmaps both pages',
  setup(s) {
    const { kernel } = s
    const mm = s.mm()
    s.map(mm, X)
    s.map(mm, Y)
    const idle = kernel.current(1)
    const first = s.task('thread', mm, thread(idle, X))
    const second = s.task('thread again', mm, thread(idle, Y))
    return { mm, first, second }
  },
  cpu: [
    function* ({ mm }) {
      for (const va of [X, Y]) {
        yield* ptep_get_and_clear(mm, va)
        yield* flush_tlb_page(mm, va)
      }
    },
    function* ({ first, second }) {
      for (const task of [first, second]) {
        const flags = yield* local_irq_save()
        if ((yield* current_task()) !== task) yield* context_switch(task)
        yield* local_irq_restore(flags)
      }
    },
  ],
})
