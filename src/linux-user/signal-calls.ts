import { host, note, shim } from '../kernel-shim'
import { Structure, xwordAt } from './big-endian'
import { fail, int } from './call-result'
import { MINSIGSTKSZ, SI_TKILL, SI_USER, SIGNAL, SIGNALS, SS_DISABLE, SS_ONSTACK, STACK_BIAS } from './constants'
import { currentThread, processOf } from './process'
import { fallAsleep, kick_cpus, schedule } from './scheduler'
import { do_rt_sigreturn, stackFlags, writeInfo } from './signal-frame'
import {
  changeMask,
  disposition,
  onStack,
  type PendingSignal,
  pendingMask,
  signalBit,
  takePending,
  UNBLOCKABLE,
} from './signal-table'
import { faultSignal, forceSignal, plainSignal, sendSignal } from './signals'
import { machineTime, ticksOf } from './time'
import { read_timespec, sleep_for_signal } from './time-calls'
import { read_user, write_user } from './user-memory'
import { outIndex, userWindow } from './user-registers'

const SIGSET_BYTES = 8n
const SIGACTION_BYTES = 32
const INFO_BYTES = 128

/** The restorer is the fourth argument on sparc64 (Linux arch/sparc/kernel/sys_sparc_64.c rt_sigaction). */
export const sys_rt_sigaction = shim(
  'sys_rt_sigaction',
  function* (signal: bigint, action: bigint, oldAction: bigint, restorer: bigint, setSize: bigint) {
    const number = int(signal)
    if (setSize !== SIGSET_BYTES || number < 1 || number > SIGNALS) return fail('EINVAL')
    if (action !== 0n && (signalBit(number) & UNBLOCKABLE) !== 0n) return fail('EINVAL')
    const bytes = action === 0n ? null : yield* read_user(action, SIGACTION_BYTES)
    if (bytes === 'EFAULT') return fail('EFAULT')
    const old = yield* host('sigaction', ({ kernel }) => {
      const process = processOf(kernel)
      const before = { ...process.actions[number] }
      if (bytes !== null) {
        const mask = xwordAt(bytes, 24) & ~UNBLOCKABLE
        process.actions[number] = { handler: xwordAt(bytes, 0), flags: xwordAt(bytes, 8), restorer, mask }
        if (disposition(process.actions, number) === 'ignore') forget(process, number)
      }
      return before
    })
    if (oldAction === 0n) return 0n
    const structure = new Structure(SIGACTION_BYTES)
      .xword(0, old.handler)
      .xword(8, old.flags)
      .xword(16, old.restorer)
      .xword(24, old.mask)
    return (yield* write_user(oldAction, structure.toArray())) === 'EFAULT' ? fail('EFAULT') : 0n
  },
)

type Process = ReturnType<typeof processOf>

/** Pending signals that are now ignored are dropped. */
function forget(process: Process, signal: number): void {
  const keep = (pending: PendingSignal[]) => pending.filter((other) => other.signal !== signal)
  process.pending = keep(process.pending)
  for (const thread of Object.values(process.threads)) thread.pending = keep(thread.pending)
}

export const sys_rt_sigprocmask = shim(
  'sys_rt_sigprocmask',
  function* (how: bigint, set: bigint, oldSet: bigint, setSize: bigint) {
    if (setSize !== SIGSET_BYTES) return fail('EINVAL')
    const bytes = set === 0n ? null : yield* read_user(set, 8)
    if (bytes === 'EFAULT') return fail('EFAULT')
    const old = yield* host('sigprocmask', (cx) => {
      const thread = currentThread(cx)
      const before = thread.blocked
      if (bytes === null) return before
      const after = changeMask(before, int(how), xwordAt(bytes, 0))
      if (after === undefined) return null
      thread.blocked = after
      return before
    })
    if (old === null) return fail('EINVAL')
    if (oldSet === 0n) return 0n
    return (yield* write_set(oldSet, old)) === 'EFAULT' ? fail('EFAULT') : 0n
  },
)

const write_set = shim('write_set', function* (address: bigint, set: bigint) {
  return yield* write_user(address, new Structure(8).xword(0, set).toArray())
})

export const sys_rt_sigpending = shim('sys_rt_sigpending', function* (address: bigint, setSize: bigint) {
  if (setSize > SIGSET_BYTES) return fail('EINVAL')
  const set = yield* note('pending signals', (cx) => {
    const { pending, blocked } = currentThread(cx)
    return (pendingMask(pending) | pendingMask(processOf(cx.kernel).pending)) & blocked
  })
  return (yield* write_set(address, set)) === 'EFAULT' ? fail('EFAULT') : 0n
})

/** Waits for a signal with another mask, which holds until the handler has returned. */
export const sys_rt_sigsuspend = shim('sys_rt_sigsuspend', function* (set: bigint, setSize: bigint) {
  if (setSize !== SIGSET_BYTES) return fail('EINVAL')
  const bytes = yield* read_user(set, 8)
  if (bytes === 'EFAULT') return fail('EFAULT')
  yield* swap_mask(xwordAt(bytes, 0))
  return yield* sleep_for_signal(null)
})

/** Blocks other signals until the next return to the user has delivered what came. */
export const swap_mask = (set: bigint) =>
  host('swap mask', (cx) => {
    const thread = currentThread(cx)
    thread.savedBlocked ??= thread.blocked
    thread.blocked = set & ~UNBLOCKABLE
    return undefined
  })

export const sys_rt_sigtimedwait = shim(
  'sys_rt_sigtimedwait',
  function* (set: bigint, info: bigint, timeout: bigint, setSize: bigint) {
    if (setSize !== SIGSET_BYTES) return fail('EINVAL')
    const bytes = yield* read_user(set, 8)
    if (bytes === 'EFAULT') return fail('EFAULT')
    const wanted = xwordAt(bytes, 0) & ~UNBLOCKABLE
    const duration = timeout === 0n ? null : yield* read_timespec(timeout)
    if (typeof duration === 'string') return fail(duration)
    let signal = yield* take_awaited(wanted, duration, true)
    if (signal === 'asleep') {
      yield* schedule()
      signal = yield* take_awaited(wanted, null, false)
    }
    if (typeof signal === 'string') return signal === 'timeout' ? fail('EAGAIN') : fail('EINTR')
    const structure = new Structure(INFO_BYTES)
    writeInfo(structure, signal, 0)
    if (info !== 0n && (yield* write_user(info, structure.toArray())) === 'EFAULT') return fail('EFAULT')
    return BigInt(signal.signal)
  },
)

type Awaited = 'asleep' | 'timeout' | 'interrupted' | (PendingSignal & { [key: string]: never })

/** One of the wanted signals if it has come; else, at the first try, sleep until one comes. */
const take_awaited = (wanted: bigint, duration: bigint | null, first: boolean) =>
  host('take awaited signal', (cx): Awaited => {
    const process = processOf(cx.kernel)
    const thread = currentThread(cx)
    thread.waitingFor = 0n
    const signal = takePending(thread.pending, ~wanted) ?? takePending(process.pending, ~wanted)
    if (signal !== undefined) return signal as Awaited
    if (!first) return thread.wakeReason === 'timeout' ? 'timeout' : 'interrupted'
    if (duration === 0n) return 'timeout'
    thread.waitingFor = wanted
    fallAsleep(process, thread, duration === null ? null : machineTime(cx) + ticksOf(duration))
    return 'asleep'
  })

export const sys_sigaltstack = shim('sys_sigaltstack', function* (stack: bigint, oldStack: bigint) {
  const bytes = stack === 0n ? null : yield* read_user(stack, 24)
  if (bytes === 'EFAULT') return fail('EFAULT')
  const outcome = yield* host('sigaltstack', (cx) => {
    const thread = currentThread(cx)
    const { cpu } = cx
    const sp = BigInt.asUintN(64, cpu.get('windows', outIndex(userWindow(cpu), 6)) + STACK_BIAS)
    const old = { ...thread.signalStack, flags: stackFlags(thread.signalStack, sp) }
    if (bytes === null) return old
    const flags = Number(xwordAt(bytes, 8) >> 32n)
    const next = { base: xwordAt(bytes, 0), size: xwordAt(bytes, 16), flags: 0 }
    if (onStack(thread.signalStack, sp)) return fail('EPERM')
    if ((flags & ~(SS_DISABLE | SS_ONSTACK)) !== 0) return fail('EINVAL')
    if (!(flags & SS_DISABLE) && next.size < MINSIGSTKSZ) return fail('ENOMEM')
    thread.signalStack = flags & SS_DISABLE ? { base: 0n, size: 0n, flags: 0 } : next
    return old
  })
  if (typeof outcome === 'bigint') return outcome
  if (oldStack === 0n) return 0n
  const structure = new Structure(24).xword(0, outcome.base).word(8, outcome.flags).xword(16, outcome.size)
  return (yield* write_user(oldStack, structure.toArray())) === 'EFAULT' ? fail('EFAULT') : 0n
})

/** Gives no result: the registers are what the signal interrupted. */
export const sys_rt_sigreturn = shim('sys_rt_sigreturn', function* () {
  if ((yield* do_rt_sigreturn()) === 'SIGSEGV')
    yield* host('force_sig', (cx) => {
      forceSignal(processOf(cx.kernel), currentThread(cx), faultSignal(SIGNAL.SIGSEGV, 0, 0n))
      return undefined
    })
  return undefined
})

/** Signals the program (`tid` null) or a thread; signal 0 only asks whether it exists. */
const send_signal = shim('send_signal', function* (tid: number | null, signal: number, code: number) {
  if (signal < 0 || signal > SIGNALS) return fail('EINVAL')
  const kick = yield* host(`signal ${signal}`, (cx) => {
    const process = processOf(cx.kernel)
    if (tid !== null && process.threads[tid] === undefined) return null
    return signal === 0 ? [] : sendSignal(cx, process, tid, plainSignal(signal, process, code))
  })
  if (kick === null) return fail('ESRCH')
  yield* kick_cpus(kick)
  return 0n
})

const process_id = () => note('pid', ({ kernel }) => processOf(kernel).pid)

export const sys_kill = shim('sys_kill', function* (pid: bigint, signal: bigint) {
  const self = yield* process_id()
  const target = int(pid)
  if (target !== self && target !== 0 && target !== -self) return fail('ESRCH')
  return yield* send_signal(null, int(signal), SI_USER)
})

export const sys_tgkill = shim('sys_tgkill', function* (group: bigint, tid: bigint, signal: bigint) {
  if (int(group) <= 0 || int(tid) <= 0) return fail('EINVAL')
  if (int(group) !== (yield* process_id())) return fail('ESRCH')
  return yield* send_signal(int(tid), int(signal), SI_TKILL)
})

export const sys_tkill = shim('sys_tkill', function* (tid: bigint, signal: bigint) {
  if (int(tid) <= 0) return fail('EINVAL')
  return yield* send_signal(int(tid), int(signal), SI_TKILL)
})
