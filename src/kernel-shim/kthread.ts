import { shim } from './frame'
import { mmdrop, mmgrab } from './mm'
import { loadPrivate, local_irq_restore, local_irq_save, note, store } from './operation'
import { TASK_STRUCT } from './structures'
import { enter_lazy_tlb, switch_mm } from './switch-mm'
import { current_task } from './thread'

/**
 * A kernel thread takes an address space, of which it has a user reference, as its own. `tsk->mm` is set and the switch is made
 * within one region without interrupts: a trim request in between would find the bit set and the mm not current
 * (Linux kernel/kthread.c kthread_use_mm).
 */
export const kthread_use_mm = shim('kthread_use_mm', function* (mm: bigint) {
  const task = yield* current_task()
  const late = yield* note('mutant', ({ kernel }) => kernel.mutant === 'late-tsk-mm')
  const flags = yield* local_irq_save()
  const active_mm = yield* loadPrivate(task + TASK_STRUCT.active_mm)
  if (active_mm !== mm) {
    yield* mmgrab(mm)
    yield* store(task + TASK_STRUCT.active_mm, mm)
  }
  if (!late) yield* store(task + TASK_STRUCT.mm, mm)
  yield* switch_mm(mm)
  yield* local_irq_restore(flags)
  if (late) yield* store(task + TASK_STRUCT.mm, mm)
  if (active_mm !== mm && active_mm !== 0n) yield* mmdrop(active_mm)
})

/** Gives it back: the context registers keep it as the active mm until the next switch (Linux kthread_unuse_mm). */
export const kthread_unuse_mm = shim('kthread_unuse_mm', function* (mm: bigint) {
  const task = yield* current_task()
  const flags = yield* local_irq_save()
  yield* store(task + TASK_STRUCT.mm, 0n)
  yield* enter_lazy_tlb(mm)
  yield* local_irq_restore(flags)
})
