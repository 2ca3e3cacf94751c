import {
  casUser,
  host,
  loadUser,
  mmput,
  note,
  type OperationContext,
  setInterruptEnable,
  shim,
  step,
  store,
  storeUser,
  TASK_STRUCT,
} from '../kernel-shim'
import {
  FUTEX_OWNER_DIED,
  FUTEX_TID_MASK,
  FUTEX_WAITERS,
  SA_RESETHAND,
  SA_RESTART,
  SEGV_MAPERR,
  SIGNAL,
} from './constants'
import { crashReport } from './crash-report'
import { ERRNO } from './errno'
import { takeWaiters } from './futex-table'
import { currentThread, hostSideOf, type ProcessEnd, processOf, signalPending, type ThreadState } from './process'
import { cpusRunning, kick_cpus, needResched, schedule, wakeThread } from './scheduler'
import { setup_rt_frame } from './signal-frame'
import { defaultActions, disposition, type PendingSignal, type SignalAction, takePending } from './signal-table'
import { faultSignal, forceSignal } from './signals'
import { outIndex, setCallResult, userWindow } from './user-registers'

type Work = 'none' | 'exit' | 'schedule' | 'signal'

/**
 * The way back to the user: gives way to other threads, delivers signals, or ends the thread. Leaves with interrupts off, so that
 * nothing comes between the last look and the return.
 */
export const exit_to_user_mode = shim('exit_to_user_mode', function* () {
  while (true) {
    const work = yield* user_mode_work()
    if (work === 'none') return
    if (work === 'exit') yield* do_exit()
    else if (work === 'schedule') yield* schedule()
    else yield* do_signal()
  }
})

const user_mode_work = () =>
  step('exit to user mode', true, (cx): Work => {
    const PSTATE_IE = 2
    const { cpu } = cx
    const process = processOf(cx.kernel)
    const thread = currentThread(cx)
    const work = nextWork(cx, thread)
    if (work === 'none') {
      if (thread.savedBlocked !== null) thread.blocked = thread.savedBlocked
      thread.savedBlocked = null
      if (thread.restart !== null) restartCall(cx, thread)
      if (signalPending(process, thread)) return 'signal'
    }
    const pstate = cpu.small('pstate')
    cpu.setSmall('pstate', work === 'none' ? pstate & ~PSTATE_IE : pstate | PSTATE_IE)
    cpu.modeChanged()
    return work
  })

function nextWork(cx: OperationContext, thread: ThreadState): Work {
  const process = processOf(cx.kernel)
  if (process.end !== null) return 'exit'
  if (needResched(cx)) return 'schedule'
  return signalPending(process, thread) ? 'signal' : 'none'
}

/** Lets the user make its system call once more. */
function restartCall({ cpu }: OperationContext, thread: ThreadState): void {
  const { firstArgument } = thread.restart!
  thread.restart = null
  cpu.set('windows', firstArgument, outIndex(userWindow(cpu), 0))
  cpu.set('tnpc', cpu.get('tpc', 0), 0)
  cpu.set('tpc', cpu.get('tpc', 0) - 4n, 0)
}

type Delivery =
  | { kind: 'none' }
  | { kind: 'end'; end: ProcessEnd }
  | { kind: 'handle'; signal: PendingSignal; action: SignalAction }

const do_signal = shim('do_signal', function* () {
  yield* setInterruptEnable(true)
  const delivery = yield* host('get_signal', getSignal)
  if (delivery.kind === 'end') yield* do_group_exit(delivery.end)
  if (delivery.kind !== 'handle') return
  if ((yield* setup_rt_frame(delivery.signal, delivery.action)) === 'SIGSEGV')
    yield* kill_by_segv(delivery.signal.signal)
})

/** No frame could be made: the handler of SIGSEGV is not asked if it was its own (Linux kernel/signal.c force_sigsegv). */
const kill_by_segv = shim('kill_by_segv', function* (signal: number) {
  yield* host('force_sigsegv', (cx) => {
    const process = processOf(cx.kernel)
    if (signal === SIGNAL.SIGSEGV) process.actions[SIGNAL.SIGSEGV] = defaultActions()[0]
    forceSignal(process, currentThread(cx), faultSignal(SIGNAL.SIGSEGV, SEGV_MAPERR, 0n))
    return undefined
  })
})

function getSignal(cx: OperationContext): Delivery & { [key: string]: never } {
  const process = processOf(cx.kernel)
  const thread = currentThread(cx)
  const deliver = (): Delivery => {
    const signal = takePending(thread.pending, thread.blocked) ?? takePending(process.pending, thread.blocked)
    if (signal === undefined) return { kind: 'none' }
    switch (disposition(process.actions, signal.signal)) {
      case 'ignore':
        return { kind: 'none' }
      case 'terminate':
        return { kind: 'end', end: { kind: 'signal', signal: signal.signal, message: crashReport(cx, signal) } }
      default: {
        const action = { ...process.actions[signal.signal] }
        if (action.flags & SA_RESETHAND) process.actions[signal.signal] = defaultActions()[0]
        if (thread.restart !== null) interruptCall(cx, thread, action)
        return { kind: 'handle', signal, action }
      }
    }
  }
  return deliver() as Delivery & { [key: string]: never }
}

/** A handler runs: the system call that the signal broke off is made again after it, or has failed. */
function interruptCall(cx: OperationContext, thread: ThreadState, action: SignalAction): void {
  const when = thread.restart?.when
  if (when === 'always' || (when === 'sa-restart' && action.flags & SA_RESTART)) restartCall(cx, thread)
  else setCallResult(cx.cpu, -BigInt(ERRNO.EINTR))
  thread.restart = null
}

/** Ends the program: the other threads are woken or interrupted, and leave on their way back to the user. */
export const do_group_exit = shim('do_group_exit', function* (end: ProcessEnd) {
  const kick = yield* host('do_group_exit', (cx) => {
    const process = processOf(cx.kernel)
    if (process.end !== null) return []
    process.end = { ...end }
    hostSideOf(cx.kernel).ended(process.end, cx.cpu.index)
    const others = Object.keys(process.threads).map(Number)
    for (const tid of others) wakeThread(process, tid, 'signal')
    return cpusRunning(cx, others)
  })
  yield* kick_cpus(kick)
})

/** Ends the current thread. Does not return. */
export const do_exit = shim('do_exit', function* () {
  yield* setInterruptEnable(true)
  const thread = yield* note('exiting thread', (cx) => {
    const { robustList, clearChildTid, task, tid } = currentThread(cx)
    const { mm, end } = processOf(cx.kernel)
    return { robustList, clearChildTid, task, tid, mm, alone: end !== null }
  })
  if (!thread.alone) {
    if (thread.robustList !== 0n) yield* exit_robust_list(thread.robustList, thread.tid)
    if (thread.clearChildTid !== 0n) {
      yield* storeUser(thread.clearChildTid, 0n, 4)
      yield* wake_futex(thread.clearChildTid, 1)
    }
  }
  yield* store(thread.task + TASK_STRUCT.mm, 0n)
  yield* host('exit_notify', (cx) => {
    const process = processOf(cx.kernel)
    const gone = currentThread(cx)
    gone.state = 'dead'
    if (process.end === null && Object.keys(process.threads).length === 1) {
      process.end = { kind: 'exit', code: 0 }
      hostSideOf(cx.kernel).ended(process.end, cx.cpu.index)
    }
    delete process.threads[gone.tid]
    process.timers = process.timers.filter(({ tid }) => tid !== gone.tid)
    process.deadTasks.push(gone.task)
    return undefined
  })
  yield* mmput(thread.mm)
  yield* schedule()
})

/** Wakes at most `count` threads that wait on a futex word. */
export const wake_futex = shim('wake_futex', function* (address: bigint, count: number) {
  return yield* host(`wake futex 0x${address.toString(16)}`, ({ kernel }) => {
    const process = processOf(kernel)
    const woken = takeWaiters(process.futexes, address, count)
    for (const tid of woken) wakeThread(process, tid, 'woken')
    return woken.length
  })
})

const MOST_ROBUST_FUTEXES = 2048

/** Marks the robust mutexes that the thread still holds (Linux kernel/futex/core.c exit_robust_list). */
const exit_robust_list = shim('exit_robust_list', function* (head: bigint, tid: number) {
  const offset = yield* loadUser(head + 8n)
  const pending = yield* loadUser(head + 16n)
  let entry = yield* loadUser(head)
  if (offset === 'EFAULT' || pending === 'EFAULT') return
  for (let n = 0; n < MOST_ROBUST_FUTEXES && entry !== 'EFAULT' && (entry & ~1n) !== head; n++) {
    const next: bigint | 'EFAULT' = yield* loadUser(entry & ~1n)
    if (entry !== pending) yield* handle_futex_death(BigInt.asUintN(64, (entry & ~1n) + offset), tid)
    entry = next
  }
  if (pending !== 0n) yield* handle_futex_death(BigInt.asUintN(64, (pending & ~1n) + offset), tid)
})

const handle_futex_death = shim('handle_futex_death', function* (address: bigint, tid: number) {
  while (true) {
    const word = yield* loadUser(address, 4)
    if (word === 'EFAULT' || (Number(word) & FUTEX_TID_MASK) !== tid) return
    const died = BigInt((Number(word & BigInt(FUTEX_WAITERS)) | FUTEX_OWNER_DIED) >>> 0)
    const old = yield* casUser(address, word, died)
    if (old === 'EFAULT') return
    if (old !== word) continue
    if (word & BigInt(FUTEX_WAITERS)) yield* wake_futex(address, 1)
    return
  }
})
