import { flush_mb } from './barrier'
import { type CpuMask, cpumask_clear_cpu, cpumask_copy_one, cpumask_of, cpumask_test_cpu, mm_cpumask } from './cpumask'
import { beginFlush, endFlush } from './flush-report'
import { shim } from './frame'
import type { FlushPolicy, KernelCounters } from './kernel-state'
import { load, loadPrivate, note, plainStep, smp_processor_id } from './operation'
import { CTX_HWBITS, FLUSH_INFO_FIELDS as INFO, MM_STRUCT, PER_CPU, TASK_STRUCT } from './structures'
import { current_task } from './thread'
import { __flush_tlb_kernel_range, __flush_tlb_mm, __flush_tlb_page, __flush_tlb_pending } from './tlb-local'
import { loadWord, nthWord, peekWord, storeWord } from './words'
import { callFunction, smp_call_function_many, smp_cross_call_masked, xcall_deliver } from './xcall'

/** What is flushed of an address space: all of it, one page, or `nr` pages whose addresses are in memory at `vaddrs`. */
type Scope =
  | { readonly kind: 'mm' }
  | { readonly kind: 'page'; readonly vaddr: bigint }
  | { readonly kind: 'pending'; readonly nr: number; readonly vaddrs: bigint }

type FlushKind = keyof KernelCounters['flushes']

/** One flush, for counters, listeners and the oracle. */
interface Report {
  readonly kind: FlushKind
  /** 0n for the kernel. */
  readonly mm: bigint
  readonly context: bigint
  readonly vas: readonly bigint[] | 'all'
}

const flushEvent = ({ kind, context, vas }: Report) => ({
  kind,
  context: Number(context),
  ...(vas === 'all' || vas.length !== 1 ? {} : { va: vas[0]! }),
})

const flush_begins = (report: Report) =>
  note('flush begins', (cx) => {
    cx.kernel.tree.counters.flushes[report.kind]++
    cx.machine.emit('flush-begin', { ...cx.machine.moment(cx.cpu.index), ...flushEvent(report) })
    return beginFlush(cx, `smp_flush_tlb_${report.kind}`, report.mm, report.vas)
  })

const flush_ends = (report: Report, id: number | undefined) =>
  note('flush ends', (cx) => {
    endFlush(cx, id)
    cx.machine.emit('flush-end', { ...cx.machine.moment(cx.cpu.index), ...flushEvent(report) })
  })

const flush_policy = () => note('policy', ({ kernel }): FlushPolicy => kernel.policy)

/** Flushes an address space on every CPU on which it has run. Returns when all have accepted the call. */
export const smp_flush_tlb_mm = shim('smp_flush_tlb_mm', function* (mm: bigint) {
  const context = CTX_HWBITS(yield* load(mm + MM_STRUCT.context))
  const report: Report = { kind: 'mm', mm, context, vas: 'all' }
  const id = yield* flush_begins(report)
  yield* flush_others(mm, context, { kind: 'mm' })
  yield* __flush_tlb_mm(context)
  yield* flush_ends(report, id)
})

/** Flushes one page; bit 0 of `vaddr` set if instructions may be mapped there. Returns when all have accepted the call. */
export const smp_flush_tlb_page = shim('smp_flush_tlb_page', function* (mm: bigint, vaddr: bigint) {
  const context = CTX_HWBITS(yield* load(mm + MM_STRUCT.context))
  const report: Report = { kind: 'page', mm, context, vas: [vaddr & ~1n] }
  const id = yield* flush_begins(report)
  yield* flush_others(mm, context, { kind: 'page', vaddr })
  yield* __flush_tlb_page(context, vaddr)
  yield* flush_ends(report, id)
})

/** Flushes `nr` pages whose addresses are at `vaddrs`. Returns when all have done it. */
export const smp_flush_tlb_pending = shim('smp_flush_tlb_pending', function* (mm: bigint, nr: number, vaddrs: bigint) {
  const context = CTX_HWBITS(yield* load(mm + MM_STRUCT.context))
  const vas = yield* note('addresses to flush', ({ memory }) =>
    Array.from({ length: nr }, (_, n) => peekWord(memory, nthWord(vaddrs, n)) & ~1n),
  )
  const report: Report = { kind: 'pending', mm, context, vas }
  const id = yield* flush_begins(report)
  yield* flush_others(mm, context, { kind: 'pending', nr, vaddrs })
  yield* __flush_tlb_pending(context, nr, vaddrs)
  yield* flush_ends(report, id)
})

/** Flushes kernel pages of [start, end) on every CPU. */
export const smp_flush_tlb_kernel_range = shim('smp_flush_tlb_kernel_range', function* (start: bigint, end: bigint) {
  if (start >= end) return
  const report: Report = { kind: 'kernel_range', mm: 0n, context: 0n, vas: [start] }
  const id = yield* flush_begins(report)
  const online = yield* note('cpu_online_mask', ({ machine }) => (1n << BigInt(machine.layout.cpus)) - 1n)
  yield* smp_cross_call_masked('xcall_flush_tlb_kernel_range', 0n, start, end, online)
  yield* __flush_tlb_kernel_range(start, end)
  yield* flush_ends(report, id)
})

/** The other CPUs' part, by policy. */
const flush_others = shim('flush_others', function* (mm: bigint, ctx: bigint, scope: Scope) {
  const policy = yield* flush_policy()
  if (policy === 'local-trim' && (yield* trimmed_to_self(mm, scope))) return
  if (policy === 'ipi-trim' && (yield* trimmed_by_ipi(mm, ctx, scope))) return
  yield* flush_mb('mask')
  yield* call_members(mm, ctx, scope, yield* mm_cpumask(mm, `smp_flush_tlb_${scope.kind}`))
})

const call_members = shim('call_members', function* (mm: bigint, ctx: bigint, scope: Scope, mask: CpuMask) {
  switch (scope.kind) {
    case 'mm':
      yield* smp_cross_call_masked('xcall_flush_tlb_mm', ctx, 0n, 0n, mask)
      return
    case 'page':
      yield* smp_cross_call_masked('xcall_flush_tlb_page', ctx, scope.vaddr, 0n, mask)
      return
    case 'pending':
      yield* smp_call_function_many(mask, tlb_pending_func, yield* flush_info(mm, ctx, scope), true)
  }
})

const mm_users = (mm: bigint) =>
  plainStep('read mm_users', true, ({ kernel, memory, cpu }) => {
    const users = loadWord(memory, mm + MM_STRUCT.mm_users)
    kernel.events.usersRead?.(cpu.index, mm, users, 'flush')
    return users
  })

/**
 * Before the patch: a caller that is the only user makes itself the only member and flushes locally. The store loses the bit of
 * a CPU that takes the mm by mmget_not_zero and kthread_use_mm after mm_users was read.
 */
const trimmed_to_self = shim('trimmed_to_self', function* (mm: bigint, scope: Scope) {
  if (scope.kind !== 'mm' && (yield* current_mm()) !== mm) return false
  if ((yield* mm_users(mm)) !== 1n) return false
  const cpu = yield* smp_processor_id()
  yield* cpumask_copy_one(cpu, mm, `smp_flush_tlb_${scope.kind}`)
  return true
})

/**
 * A caller that is the only user asks the members, by a call that they take as an interrupt of level 1, to flush and to leave
 * the mask. Not while its own interrupts are off: it waits for the others, who could be waiting for it.
 */
const trimmed_by_ipi = shim('trimmed_by_ipi', function* (mm: bigint, ctx: bigint, scope: Scope) {
  if (yield* irqs_disabled()) return false
  if ((yield* mm_users(mm)) !== 1n) return false
  const cpu = yield* smp_processor_id()
  yield* flush_mb('mask')
  const others = (yield* mm_cpumask(mm, `smp_flush_tlb_${scope.kind}`)) & ~cpumask_of(cpu)
  if (others === 0n) return true
  const mutant = yield* note('mutant', ({ kernel }) => kernel.mutant)
  const info = yield* flush_info(mm, ctx, scope)
  if (mutant === 'raw-mondo') yield* xcall_deliver('xcall_trim', ctx, info, 0n, others)
  else yield* smp_call_function_many(others, mutant === 'sender-clears' ? tlb_pending_func : tlb_trim_func, info, true)
  if (mutant === 'sender-clears') yield* cpumask_copy_one(cpu, mm, 'the sender clears')
  return true
})

const irqs_disabled = () => note('irqs_disabled', ({ cpu }) => cpu.small('pil') !== 0)

const current_mm = shim('current_mm', function* () {
  return yield* loadPrivate((yield* current_task()) + TASK_STRUCT.mm)
})

/** Writes what the called CPUs read into this CPU's area; gives its address. */
const flush_info = (mm: bigint, ctx: bigint, scope: Scope) =>
  plainStep('write tlb_pending_info', false, ({ kernel, memory, cpu }) => {
    const info = kernel.perCpu(cpu.index) + PER_CPU.flush_info
    const set = (field: keyof typeof INFO, value: bigint) => storeWord(memory, info + INFO[field], value)
    set('mm', mm)
    set('ctx', ctx)
    set('nr', scope.kind === 'mm' ? 0n : scope.kind === 'page' ? 1n : BigInt(scope.nr))
    if (scope.kind === 'page') set('vaddr', scope.vaddr)
    set('vaddrs', scope.kind === 'pending' ? scope.vaddrs : info + INFO.vaddr)
    return info
  })

const flush_requested = shim('flush_requested', function* (info: bigint) {
  const ctx = yield* loadPrivate(info + INFO.ctx)
  const nr = yield* loadPrivate(info + INFO.nr)
  if (nr === 0n) yield* __flush_tlb_mm(ctx)
  else yield* __flush_tlb_pending(ctx, Number(nr), yield* loadPrivate(info + INFO.vaddrs))
})

const tlb_pending_func = callFunction('tlb_pending_func', function* (info: bigint) {
  yield* flush_requested(info)
})

/**
 * Flushes what was asked for and, if this CPU does not run the mm (any more), takes its own bit, and no other, out of the mask.
 * An interrupt of a level and not a mondo: whoever is between setting its bit and having the mm as current keeps levels out.
 */
const trim = shim('trim', function* (info: bigint) {
  const mm = yield* loadPrivate(info + INFO.mm)
  yield* flush_requested(info)
  if ((yield* current_mm()) === mm) return
  const cpu = yield* smp_processor_id()
  if (cpumask_test_cpu(cpu, yield* mm_cpumask(mm, 'tlb_trim_func'))) yield* cpumask_clear_cpu(cpu, mm, 'tlb_trim_func')
})

const tlb_trim_func = callFunction('tlb_trim_func', function* (info: bigint) {
  yield* trim(info)
})

/** The same inside of a mondo (mutant raw-mondo): the interrupt globals hold its arguments. */
export const xcall_trim_client = shim('xcall_trim_client', function* () {
  yield* trim(yield* note('mondo word 1', ({ cpu }) => cpu.r(1)))
})
