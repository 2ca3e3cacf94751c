import { ASI } from '../asi'
import { MONDO_BUSY } from '../engine/reference-core'
import type { MondoRegisters } from '../isa/models'
import { DISPATCH_NACK, dispatchAddress, dispatchPair } from '../smp/mondo'
import { loadAsi, storeAsi } from './asi-device'
import { type CpuMask, cpumask_members, cpumask_of } from './cpumask'
import { shim } from './frame'
import {
  type Body,
  cas,
  load,
  loadPrivate,
  local_irq_restore,
  local_irq_save,
  note,
  type OperationContext,
  setInterruptEnable,
  smp_processor_id,
  step,
  store,
  storePrivate,
  until,
  untilHost,
  WAIT,
} from './operation'
import { CSD, CSD_BYTES, CSD_FLAG_LOCK, CSD_FUNC_ASYNCHRONOUS, PER_CPU } from './structures'
import { loadWord, storeWord } from './words'

/** Handlers in the firmware that a mondo can name. */
export type XcallHandler =
  | 'xcall_flush_tlb_mm'
  | 'xcall_flush_tlb_page'
  | 'xcall_flush_tlb_kernel_range'
  | 'xcall_call_function'
  | 'xcall_receive_signal'
  | 'xcall_trim'

/** Sends a handler to the CPUs of a mask but this one, and returns when each has accepted it: not when it has run. */
export const smp_cross_call_masked = shim(
  'smp_cross_call_masked',
  function* (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, mask: CpuMask) {
    const cpu = yield* smp_processor_id()
    yield* xcall_deliver(handler, ctx, data1, data2, mask & ~cpumask_of(cpu))
  },
)

/** Linux arch/sparc/kernel/smp_64.c xcall_deliver: interrupts off by PIL, delivered as the model's dispatch registers permit. */
export const xcall_deliver = shim(
  'xcall_deliver',
  function* (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, mask: CpuMask) {
    if (mask === 0n) return
    const flags = yield* local_irq_save()
    const { pairs } = yield* note('tlb_type', ({ machine }) => ({ pairs: machine.model.mondo.pairs }))
    const deliver = pairs === 1 ? spitfire_xcall_deliver : cheetah_xcall_deliver
    yield* deliver(handler, ctx, data1, data2, mask)
    yield* local_irq_restore(flags)
  },
)

/** One target after the other. */
const spitfire_xcall_deliver = shim(
  'spitfire_xcall_deliver',
  function* (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, mask: CpuMask) {
    for (const target of cpumask_members(mask)) yield* spitfire_xcall_helper(handler, ctx, data1, data2, target)
  },
)

/**
 * Dispatches a mondo to one CPU: PSTATE.IE off around dispatch and status, and again from the start on NACK, with interrupts on
 * in between so that two CPUs that call each other both get on.
 */
const spitfire_xcall_helper = shim(
  'spitfire_xcall_helper',
  function* (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, target: number) {
    while (true) {
      yield* setInterruptEnable(false)
      const status = yield* dispatch(handler, ctx, data1, data2, target, 0)
      yield* setInterruptEnable(true)
      if (status === 0n) return
      yield* udelayUntilAccepting(cpumask_of(target))
    }
  },
)

/**
 * Dispatches to as many CPUs at once as there are BUSY/NACK pairs for, with PSTATE.IE off, and to those that refused again with the
 * next ones. On JBus the target chooses the pair: DEVIATION from Linux, which expects no two CPUs with the same one there, this
 * waits with the second of two. Shown by test/kernel-shim/xcall.test.ts.
 */
const cheetah_xcall_deliver = shim(
  'cheetah_xcall_deliver',
  function* (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, mask: CpuMask) {
    for (let left = mask; left !== 0n; ) {
      const batch = yield* note('targets', ({ machine }) => batchOf(machine.model.mondo, left))
      const nacked = yield* cheetah_xcall_batch(handler, ctx, data1, data2, batch)
      for (const target of batch) left &= ~cpumask_of(target)
      left |= nacked
      if (nacked !== 0n) yield* udelayUntilAccepting(nacked)
    }
  },
)

/** Gives the targets that refused. The status is read behind the last dispatch, and has a NACK bit for each pair. */
const cheetah_xcall_batch = shim(
  'cheetah_xcall_batch',
  function* (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, targets: number[]) {
    yield* setInterruptEnable(false)
    let status = 0n
    for (const [pair, target] of targets.entries()) status = yield* dispatch(handler, ctx, data1, data2, target, pair)
    yield* setInterruptEnable(true)
    return yield* note('who refused', ({ machine: { model } }) =>
      targets.reduce(
        (mask, target, n) => (status & nackBit(model.mondo, target, n) ? mask | cpumask_of(target) : mask),
        0n,
      ),
    )
  },
)

/** The first members of a mask that have BUSY/NACK pairs of their own. */
function batchOf(mondo: MondoRegisters, mask: CpuMask): number[] {
  const used = new Set<number>()
  const batch: number[] = []
  for (const target of cpumask_members(mask)) {
    const pair = dispatchPair(mondo, dispatchAddress(mondo, target, batch.length))
    if (used.has(pair)) continue
    used.add(pair)
    batch.push(target)
  }
  return batch
}

const nackBit = (mondo: MondoRegisters, target: number, pair: number): bigint =>
  DISPATCH_NACK << BigInt(2 * dispatchPair(mondo, dispatchAddress(mondo, target, pair)))

/**
 * Data registers and dispatch, and the status that it leaves: registers of this CPU up to the dispatch itself, so one operation.
 * `pair` counts where the model lets software choose.
 */
const dispatch = (handler: XcallHandler, ctx: bigint, data1: bigint, data2: bigint, target: number, pair: number) =>
  step(`send ${handler} to CPU ${target}`, true, (cx) => {
    const { kernel, machine, cpu } = cx
    const { mondo } = machine.model
    const words = [(ctx << 32n) | kernel.symbol(handler), data1, data2]
    for (const [n, word] of words.entries()) storeAsi(cx, ASI.ASI_INTR_W, BigInt(0x40 + n * 0x10), word)
    const address = dispatchAddress(mondo, target, pair)
    storeAsi(cx, ASI.ASI_INTR_W, address, 0n)
    const status = loadAsi(cx, ASI.ASI_INTR_DISPATCH_STATUS, 0n)
    kernel.tree.counters.crossCalls.sent++
    if (status & nackBit(mondo, target, pair)) kernel.tree.counters.crossCalls.nacked++
    else kernel.events.mondoAccepted?.(cpu.index, target, handler, coverage(handler, ctx, data1))
    return status
  })

function coverage(
  handler: XcallHandler,
  ctx: bigint,
  data1: bigint,
): { context: number; va: bigint | 'all' } | undefined {
  if (handler === 'xcall_flush_tlb_mm') return { context: Number(ctx), va: 'all' }
  if (handler === 'xcall_flush_tlb_page') return { context: Number(ctx), va: data1 & ~1n }
  return undefined
}

/** The pause after NACKs. It blocks until one of the targets could accept, which is when trying again makes a difference. */
const udelayUntilAccepting = (mask: CpuMask) => {
  const accepting = ({ machine }: OperationContext) =>
    cpumask_members(mask).some((target) => (machine.cpus[target]!.small('mondoReceive') & MONDO_BUSY) === 0)
  const who = cpumask_members(mask).join(' or ')
  return untilHost<void>(`wait for CPU ${who} to accept`, (cx) => (accepting(cx) ? undefined : WAIT), accepting)
}

/** Functions that can be called on other CPUs: by number, as a function pointer is in guest memory. */
const callFunctions: { name: string; call: (info: bigint) => Iterable<unknown> }[] = []

/** Makes a shim function of one argument callable by {@link smp_call_function_many}; gives its number. */
export function callFunction(name: string, body: (info: bigint) => Body<void>): bigint {
  callFunctions.push({ name, call: shim(name, body) })
  return BigInt(callFunctions.length)
}

/**
 * Runs a function on each CPU of a mask but this one, in their interrupt of level 1. With `wait`, returns when all have run it.
 * (Linux kernel/smp.c smp_call_function_many.)
 */
export const smp_call_function_many = shim(
  'smp_call_function_many',
  function* (mask: CpuMask, func: bigint, info: bigint, wait: boolean) {
    const cpu = yield* smp_processor_id()
    const targets = cpumask_members(mask & ~cpumask_of(cpu))
    let ipis = 0n
    for (const target of targets) if (yield* queue_call(cpu, target, func, info, wait)) ipis |= cpumask_of(target)
    yield* xcall_deliver('xcall_call_function', 0n, 0n, 0n, ipis)
    if (wait) for (const target of targets) yield* csd_lock_wait(yield* csd_of(cpu, target))
  },
)

const csd_of = (cpu: number, target: number) =>
  note('csd', ({ kernel }) => kernel.perCpu(cpu) + PER_CPU.csd + BigInt(target) * CSD_BYTES)

const csd_lock_wait = (csd: bigint) => until(csd + CSD.flags, 'call done', (flags) => (flags & CSD_FLAG_LOCK) === 0n)

/** Puts a call into a CPU's queue; gives whether it was empty, so that an interrupt is to be sent. */
const queue_call = shim(
  'queue_call',
  function* (cpu: number, target: number, func: bigint, info: bigint, wait: boolean) {
    const csd = yield* csd_of(cpu, target)
    yield* csd_lock_wait(csd)
    yield* storePrivate(csd + CSD.flags, CSD_FLAG_LOCK)
    yield* storePrivate(csd + CSD.func, wait ? func : func | CSD_FUNC_ASYNCHRONOUS)
    yield* storePrivate(csd + CSD.info, info)
    const queue = yield* note('call_single_queue', ({ kernel }) => kernel.perCpu(target) + PER_CPU.call_single_queue)
    while (true) {
      const head = yield* load(queue)
      yield* storePrivate(csd + CSD.next, head)
      if ((yield* cas(queue, head, csd)) === head) return head === 0n
    }
  },
)

const SOFTINT_CALL_FUNCTION = 1 << 1

/** The interrupt of level 1: runs what is queued for this CPU, oldest first, and acknowledges each after it has run. */
export const smp_call_function_client = shim('smp_call_function_client', function* () {
  const queue = yield* step('take call_single_queue', true, ({ kernel, memory, cpu }) => {
    cpu.setSmall('softint', cpu.small('softint') & ~SOFTINT_CALL_FUNCTION)
    const at = kernel.perCpu(cpu.index) + PER_CPU.call_single_queue
    const head = loadWord(memory, at)
    storeWord(memory, at, 0n)
    const calls: bigint[] = []
    for (let csd = head; csd !== 0n; csd = loadWord(memory, csd + CSD.next)) calls.unshift(csd)
    return calls
  })
  for (const csd of queue) yield* run_call(csd)
})

const run_call = shim('run_call', function* (csd: bigint) {
  const func = yield* loadPrivate(csd + CSD.func)
  const info = yield* loadPrivate(csd + CSD.info)
  const asynchronous = (func & CSD_FUNC_ASYNCHRONOUS) !== 0n
  const target = callFunctions[Number(func & ~CSD_FUNC_ASYNCHRONOUS) - 1]
  if (target === undefined) throw new RangeError(`no call function has number ${func}`)
  if (asynchronous) yield* store(csd + CSD.flags, 0n)
  yield* target.call(info) as Body<void>
  if (!asynchronous) yield* store(csd + CSD.flags, 0n)
})

/** Asks a CPU to look at its need_resched (Linux smp_send_reschedule). */
export const smp_send_reschedule = shim('smp_send_reschedule', function* (cpu: number) {
  yield* xcall_deliver('xcall_receive_signal', 0n, 0n, 0n, cpumask_of(cpu))
})

/** The interrupt of level 2: nothing but the way back through the scheduler. */
export const smp_receive_signal_client = shim('smp_receive_signal_client', function* () {
  yield* step('reschedule interrupt', true, ({ kernel, memory, cpu }) => {
    cpu.setSmall('softint', cpu.small('softint') & ~(1 << 2))
    storeWord(memory, kernel.perCpu(cpu.index) + PER_CPU.need_resched, 1n)
  })
})
