import type { OperationContext } from '../kernel-shim'
import { SI_USER, SIG_IGN } from './constants'
import { type ProcessState, type ThreadState, threadOnCpu } from './process'
import { cpusRunning, wakeThread } from './scheduler'
import { addPending, defaultActions, disposition, type PendingSignal, signalBit } from './signal-table'

export function plainSignal(signal: number, process: ProcessState, code = SI_USER): PendingSignal {
  return { signal, code, pid: process.pid, uid: 1000, address: 0n, value: 0n }
}

export function faultSignal(signal: number, code: number, address: bigint): PendingSignal {
  return { signal, code, pid: 0, uid: 0, address, value: 0n }
}

/** A fault of the running instruction: it cannot be put off, so one that is blocked or ignored ends the program. */
export function forceSignal(process: ProcessState, thread: ThreadState, signal: PendingSignal): void {
  const action = process.actions[signal.signal]
  const bit = signalBit(signal.signal)
  if ((thread.blocked & bit) !== 0n || action.handler === SIG_IGN) process.actions[signal.signal] = defaultActions()[0]
  thread.blocked &= ~bit
  addPending(thread.pending, signal)
}

/**
 * Sends a signal to a thread, or to the program when `tid` is null. Returns the CPUs that are to look at it.
 */
export function sendSignal(
  cx: OperationContext,
  process: ProcessState,
  tid: number | null,
  signal: PendingSignal,
): number[] {
  const targets = tid === null ? Object.values(process.threads) : [process.threads[tid]]
  const blockedByAll = targets.every((thread) => (thread.blocked & signalBit(signal.signal)) !== 0n)
  const awaited = targets.some((thread) => (thread.waitingFor & signalBit(signal.signal)) !== 0n)
  if (!blockedByAll && !awaited && disposition(process.actions, signal.signal) === 'ignore') return []
  addPending(tid === null ? process.pending : targets[0].pending, signal)
  for (const thread of targets)
    if (canTake(thread, signal)) {
      if (thread.state === 'sleeping') wakeThread(process, thread.tid, 'signal')
      else if (threadOnCpu(cx.kernel, cx.cpu.index) === thread) return []
      else return cpusRunning(cx, [thread.tid])
      return []
    }
  return []
}

function canTake(thread: ThreadState, { signal }: PendingSignal): boolean {
  return (
    thread.state !== 'dead' &&
    ((thread.blocked & signalBit(signal)) === 0n || (thread.waitingFor & signalBit(signal)) !== 0n)
  )
}
