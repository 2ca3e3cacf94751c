import {
  context_switch,
  frameOf,
  HALT,
  host,
  local_irq_restore,
  local_irq_save,
  type OperationContext,
  PER_CPU,
  shim,
  smp_send_reschedule,
  TASK_STRUCT,
  untilHost,
  WAIT,
} from '../kernel-shim'
import { removeWaiter } from './futex-table'
import { type ProcessState, processOf, signalPending, type ThreadState, threadOnCpu, type WakeReason } from './process'
import { machineTime } from './time'

/** How long a thread runs while others wait, in machine ticks a CPU. */
const TIME_SLICE = 20_000n
const CLEAR_SOFTINT = 21
/** The clock that times slices: STICK where there is one (Linux arch/sparc/kernel/time_64.c time_init_early). */
const TICK = { compare: 23, offset: 'tickOffset' } as const
const STICK = { compare: 25, offset: 'stickOffset' } as const
const TICK_INTERRUPT_OFF = 1n << 63n
const SOFTINT_TIMERS_AND_LEVEL_14 = 0x1_4001n

/** Gives the CPU to the next thread that can run, or to the idle task. The caller's thread goes on later, if it can run. */
export const schedule = shim('schedule', function* () {
  const pil = yield* local_irq_save()
  yield* context_switch(yield* host('pick_next_task', pickNextTask))
  yield* local_irq_restore(pil)
})

/** What a CPU does while it has no thread; halts it when the program has ended. */
export const cpu_idle = shim('cpu_idle', function* () {
  yield* untilHost('idle', (cx) => (isFinished(cx.kernel) ? (HALT as never) : hasWork(cx) ? true : WAIT), isAwake)
  yield* schedule()
  yield* host('idle again', ({ kernel, cpu }) => {
    const { frames } = kernel.currentTask(cpu.index)
    frames[frames.length - 1] = frameOf('cpu_idle', [])
    return undefined
  })
})

function isAwake(cx: OperationContext): boolean {
  return isFinished(cx.kernel) || hasWork(cx)
}

function isFinished(kernel: OperationContext['kernel']): boolean {
  const { end, threads } = processOf(kernel)
  return end !== null && Object.keys(threads).length === 0
}

function hasWork(cx: OperationContext): boolean {
  const process = processOf(cx.kernel)
  return process.runQueue.some((tid) => isPickable(cx, process.threads[tid]))
}

/** Its context is saved, or is the one in this CPU. */
function isPickable({ kernel, machine, cpu }: OperationContext, thread: ThreadState): boolean {
  const last = Number(machine.memory.peek(Number(thread.task + TASK_STRUCT.cpu), 8))
  return last === cpu.index || kernel.current(last) !== thread.task
}

/** The choice, and the timer that goes with it; a task_struct. */
function pickNextTask(cx: OperationContext): bigint {
  const { kernel, cpu } = cx
  const process = processOf(kernel)
  const running = threadOnCpu(kernel, cpu.index)
  if (running?.state === 'runnable' && !process.runQueue.includes(running.tid)) process.runQueue.push(running.tid)
  const index = process.runQueue.findIndex((tid) => isPickable(cx, process.threads[tid]))
  const chosen = index < 0 ? undefined : process.threads[process.runQueue.splice(index, 1)[0]]
  setNeedResched(cx, false)
  armTimer(cx, process, chosen === undefined)
  return chosen?.task ?? process.idleTasks[cpu.index]
}

export function needResched({ kernel, machine, cpu }: OperationContext): boolean {
  return machine.memory.peek(Number(kernel.perCpu(cpu.index) + PER_CPU.need_resched), 8) !== 0n
}

function setNeedResched({ kernel, machine, cpu }: OperationContext, on: boolean): void {
  machine.memory.store(Number(kernel.perCpu(cpu.index) + PER_CPU.need_resched), 8, on ? 1n : 0n)
}

/** The compare register: the end of the time slice, or the first timer, whichever is earlier. An idle CPU has no slice. */
function armTimer(cx: OperationContext, process: ProcessState, idle: boolean): void {
  const now = machineTime(cx)
  let at = idle ? undefined : now + TIME_SLICE * BigInt(cx.machine.cpus.length)
  for (const timer of process.timers) if (at === undefined || timer.at < at) at = timer.at
  const { cpu, machine } = cx
  const clock = machine.model.systemTick ? STICK : TICK
  const offset = cpu.w64[(cpu.base + machine.layout.time[clock.offset]) >> 3]
  const compare = at === undefined ? TICK_INTERRUPT_OFF : BigInt.asUintN(63, (at > now ? at : now + 1n) + offset)
  cpu.writeAncillary(clock.compare, BigInt.asIntN(64, compare))
}

/** Level 14: timers that are due wake their threads; a thread whose slice is over gives way. */
export const timer_interrupt = shim('timer_interrupt', function* () {
  yield* host('timer_interrupt', (cx) => {
    const { kernel, cpu } = cx
    cpu.writeAncillary(CLEAR_SOFTINT, SOFTINT_TIMERS_AND_LEVEL_14)
    const process = processOf(kernel)
    const now = machineTime(cx)
    for (const timer of process.timers.filter(({ at }) => at <= now)) wakeThread(process, timer.tid, 'timeout')
    process.timers = process.timers.filter(({ at }) => at > now)
    const running = threadOnCpu(kernel, cpu.index)
    if (running !== undefined && process.runQueue.length > 0) setNeedResched(cx, true)
    armTimer(cx, process, running === undefined)
    return undefined
  })
})

/** Lets a sleeping thread run again. Returns whether it slept. */
export function wakeThread(process: ProcessState, tid: number, reason: WakeReason): boolean {
  const thread = process.threads[tid]
  if (thread?.state !== 'sleeping') return false
  thread.state = 'runnable'
  thread.wakeReason = reason
  if (reason !== 'woken') removeWaiter(process.futexes, tid)
  process.timers = process.timers.filter((timer) => timer.tid !== tid)
  if (!process.runQueue.includes(tid)) process.runQueue.push(tid)
  return true
}

/**
 * Marks the running thread as asleep, until `deadline` (machine time) if there is one. To be followed by {@link schedule}. If a
 * signal has come already the thread stays awake, as if woken by it.
 */
export function fallAsleep(process: ProcessState, thread: ThreadState, deadline: bigint | null): void {
  if (process.end !== null || signalPending(process, thread)) {
    thread.wakeReason = 'signal'
    removeWaiter(process.futexes, thread.tid)
    return
  }
  thread.state = 'sleeping'
  if (deadline !== null) process.timers.push({ at: deadline, tid: thread.tid })
}

/** The CPUs on which threads of `tids` run, other than this one. */
export function cpusRunning({ kernel, machine, cpu }: OperationContext, tids: readonly number[]): number[] {
  return machine.cpus
    .map(({ index }) => index)
    .filter((index) => {
      const thread = index === cpu.index ? undefined : threadOnCpu(kernel, index)
      return thread !== undefined && tids.includes(thread.tid)
    })
}

/** Makes CPUs look at their threads' signals. */
export const kick_cpus = shim('kick_cpus', function* (cpus: readonly number[]) {
  for (const cpu of cpus) yield* smp_send_reschedule(cpu)
})
