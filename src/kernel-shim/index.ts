export { Allocator, OutOfMemory } from './allocator'
export { smp_mb } from './barrier'
export { destroy_context, get_new_mmu_context } from './context'
export { type CpuMask, cpumask_members, cpumask_of, cpumask_test_cpu, mm_cpumask } from './cpumask'
export type { KernelEvents } from './events'
export { smp_flush_tlb_kernel_range, smp_flush_tlb_mm, smp_flush_tlb_page, smp_flush_tlb_pending } from './flush'
export { frameOf, ShimError, shim } from './frame'
export { Kernel } from './kernel'
export {
  BARRIER_MUTANTS,
  FLUSH_POLICIES,
  type FlushPolicy,
  type KernelConfig,
  KernelError,
  KernelState,
  type KernelTree,
  MUTANTS,
  type Mutant,
  REFILLS,
  type Refill,
  type TaskState,
  TRIM_MUTANTS,
  taskKey,
} from './kernel-state'
export { kthread_unuse_mm, kthread_use_mm } from './kthread'
export { exit_mmap, mm_alloc, mmdrop, mmget, mmget_not_zero, mmgrab, mmput } from './mm'
export * from './operation'
export {
  mk_pte,
  type PageProtection,
  presentPages,
  pte_exec,
  pte_get,
  pte_lock,
  pte_of,
  pte_page,
  pte_present,
  ptep_get_and_clear,
  set_pte_at,
  write_pte,
} from './page-table'
export type { Frame, Plain } from './plain-data'
export { context_switch } from './sched'
export { spin_lock, spin_trylock, spin_unlock } from './spinlock'
export * from './structures'
export { enter_lazy_tlb, switch_mm } from './switch-mm'
export { current_task, switch_to } from './thread'
export {
  arch_enter_lazy_mmu_mode,
  arch_leave_lazy_mmu_mode,
  flush_tlb_page,
  flush_tlb_pending,
  tlb_batch_add,
} from './tlb-batch'
export { flush_tsb_user_page, TSB_ENTRIES } from './tsb'
export { smp_call_function_many, smp_cross_call_masked, smp_send_reschedule, xcall_deliver } from './xcall'
