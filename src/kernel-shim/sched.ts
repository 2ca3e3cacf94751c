import { shim } from './frame'
import { mmdrop, mmgrab } from './mm'
import { loadPrivate, store } from './operation'
import { TASK_STRUCT } from './structures'
import { enter_lazy_tlb, switch_mm } from './switch-mm'
import { current_task, switch_to } from './thread'

/**
 * Gives this CPU to `next`. Called with interrupts off by PIL, which stay off from before switch_mm until the current task has
 * changed; returns when this task runs again (Linux kernel/sched/core.c context_switch). A task without an mm borrows the one
 * that is active.
 */
export const context_switch = shim('context_switch', function* (next: bigint) {
  const prev = yield* current_task()
  if (prev === next) return
  const prevMm = yield* loadPrivate(prev + TASK_STRUCT.mm)
  const active = yield* loadPrivate(prev + TASK_STRUCT.active_mm)
  const nextMm = yield* loadPrivate(next + TASK_STRUCT.mm)
  let dropped = 0n
  if (nextMm === 0n) {
    yield* enter_lazy_tlb(active)
    yield* store(next + TASK_STRUCT.active_mm, active)
    if (prevMm !== 0n) yield* mmgrab(active)
    else yield* store(prev + TASK_STRUCT.active_mm, 0n)
  } else {
    yield* store(next + TASK_STRUCT.active_mm, nextMm)
    yield* switch_mm(nextMm)
    if (prevMm === 0n) {
      dropped = active
      yield* store(prev + TASK_STRUCT.active_mm, 0n)
    }
  }
  yield* switch_to(next)
  if (dropped !== 0n) yield* mmdrop(dropped)
})
