import { SIG_BLOCK, SIG_DFL, SIG_IGN, SIG_SETMASK, SIG_UNBLOCK, SIGNAL, SIGNALS } from './constants'

export interface SignalAction {
  handler: bigint
  flags: bigint
  restorer: bigint
  mask: bigint
}

/** A signal that waits for delivery, with what siginfo says about it. */
export interface PendingSignal {
  signal: number
  code: number
  pid: number
  uid: number
  /** si_addr of faults. */
  address: bigint
  /** si_value. */
  value: bigint
}

export interface SignalStack {
  base: bigint
  size: bigint
  flags: number
}

const DEFAULT_IGNORED: ReadonlySet<number> = new Set([SIGNAL.SIGCHLD, SIGNAL.SIGURG, SIGNAL.SIGWINCH, SIGNAL.SIGCONT])
/** Stopping has no meaning here: nobody could continue the program. */
const JOB_CONTROL: ReadonlySet<number> = new Set([SIGNAL.SIGSTOP, SIGNAL.SIGTSTP, SIGNAL.SIGTTIN, SIGNAL.SIGTTOU])
/** Faults of the running instruction go first (Linux kernel/signal.c SYNCHRONOUS_MASK). */
const SYNCHRONOUS: readonly number[] = [
  SIGNAL.SIGSEGV,
  SIGNAL.SIGBUS,
  SIGNAL.SIGILL,
  SIGNAL.SIGTRAP,
  SIGNAL.SIGFPE,
  SIGNAL.SIGSYS,
]
export const UNBLOCKABLE = signalBit(SIGNAL.SIGKILL) | signalBit(SIGNAL.SIGSTOP)

export function signalBit(signal: number): bigint {
  return 1n << BigInt(signal - 1)
}

export function defaultActions(): SignalAction[] {
  return Array.from({ length: SIGNALS + 1 }, () => ({ handler: SIG_DFL, flags: 0n, restorer: 0n, mask: 0n }))
}

/** What happens to a signal that is delivered. */
export function disposition(actions: readonly SignalAction[], signal: number): 'ignore' | 'terminate' | 'handle' {
  const { handler } = actions[signal]
  if (handler === SIG_IGN) return 'ignore'
  if (handler !== SIG_DFL) return 'handle'
  return DEFAULT_IGNORED.has(signal) || JOB_CONTROL.has(signal) ? 'ignore' : 'terminate'
}

/** Queues a signal. One below 32 that is pending already is not queued again. */
export function addPending(pending: PendingSignal[], signal: PendingSignal): void {
  if (signal.signal < 32 && pending.some((other) => other.signal === signal.signal)) return
  pending.push(signal)
}

/** Takes the next signal that `blocked` lets through: a fault first, then the lowest number. */
export function takePending(pending: PendingSignal[], blocked: bigint): PendingSignal | undefined {
  const index = nextPending(pending, blocked)
  return index < 0 ? undefined : pending.splice(index, 1)[0]
}

export function hasDeliverable(pending: readonly PendingSignal[], blocked: bigint): boolean {
  return nextPending(pending, blocked) >= 0
}

function nextPending(pending: readonly PendingSignal[], blocked: bigint): number {
  let best = -1
  for (const [i, { signal }] of pending.entries()) {
    if ((blocked & signalBit(signal)) !== 0n) continue
    if (best < 0 || order(signal) < order(pending[best].signal)) best = i
  }
  return best
}

function order(signal: number): number {
  return SYNCHRONOUS.includes(signal) ? signal - SIGNALS : signal
}

export function pendingMask(pending: readonly PendingSignal[]): bigint {
  return pending.reduce((mask, { signal }) => mask | signalBit(signal), 0n)
}

/** The blocked set after sigprocmask, or undefined for an unknown `how`. SIGKILL and SIGSTOP are never blocked. */
export function changeMask(blocked: bigint, how: number, set: bigint): bigint | undefined {
  switch (how) {
    case SIG_BLOCK:
      return (blocked | set) & ~UNBLOCKABLE
    case SIG_UNBLOCK:
      return blocked & ~set
    case SIG_SETMASK:
      return set & ~UNBLOCKABLE
    default:
      return undefined
  }
}

/** Whether `sp` is on the alternate stack. */
export function onStack(stack: SignalStack, sp: bigint): boolean {
  return stack.size !== 0n && sp > stack.base && sp - stack.base <= stack.size
}
