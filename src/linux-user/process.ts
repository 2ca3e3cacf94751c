import { type KernelState, note, type OperationContext } from '../kernel-shim'
import type { FileSystem, OpenFile } from './file-system'
import type { FutexTable } from './futex-table'
import { hasDeliverable, type PendingSignal, type SignalAction, type SignalStack } from './signal-table'
import type { VmaList } from './vma'

/** Why a sleeping thread was woken. */
export type WakeReason = 'woken' | 'timeout' | 'signal'

/** A thread of the program: plain data in the kernel's tree. */
export interface ThreadState {
  tid: number
  /** Its task_struct. */
  task: bigint
  state: 'runnable' | 'sleeping' | 'dead'
  wakeReason: WakeReason
  blocked: bigint
  /** The blocked set to go back to after the handlers of sigsuspend and its kin have run. */
  savedBlocked: bigint | null
  pending: PendingSignal[]
  signalStack: SignalStack
  /** Signals that sigtimedwait waits for; 0 if it does not. */
  waitingFor: bigint
  /** Where CLONE_CHILD_CLEARTID writes zero; 0 for nowhere. */
  clearChildTid: bigint
  robustList: bigint
  /** The system call to be made again after a signal: %o0 before it, and which handlers let it. */
  restart: { firstArgument: bigint; when: 'always' | 'sa-restart' | 'no-handler' } | null
}

export interface Timer {
  /** Machine ticks. */
  at: bigint
  tid: number
}

export interface DescriptorState {
  kind: 'stdin' | 'stdout' | 'stderr' | 'file'
  path: string
  offset: number
  readable: boolean
  writable: boolean
  append: boolean
  closeOnExec: boolean
  /** Number of the open file on the host's side. */
  handle: number
}

/** How the program ended. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: number; readonly message: string }

/** The program: plain data in the kernel's tree, saved and hashed with the machine. */
export interface ProcessState {
  pid: number
  mm: bigint
  executable: string
  vmas: VmaList
  brkStart: bigint
  brk: bigint
  mmLocked: boolean
  actions: SignalAction[]
  pending: PendingSignal[]
  descriptors: Record<number, DescriptorState>
  nextHandle: number
  threads: Record<number, ThreadState>
  nextTid: number
  futexes: FutexTable
  timers: Timer[]
  /** Threads that can run and do not, in order. */
  runQueue: number[]
  /** task_struct of each CPU's idle task. */
  idleTasks: bigint[]
  /** Tasks of threads that have gone, to be freed when no CPU runs on them any more. */
  deadTasks: bigint[]
  /** Set once the program is to end; its threads leave as they come by. */
  end: ProcessEnd | null
  /** Numbers of the unknown system calls that were reported. */
  reported: number[]
  stdinOffset: number
  /** Bytes of entropy given out. */
  entropyUsed: number
  /** Nanoseconds that CLOCK_REALTIME shows at machine time 0. */
  epoch: bigint
}

/** What the host lends a running program: not part of the machine's state. */
export interface HostSide {
  readonly fileSystem: FileSystem
  readonly files: Map<number, OpenFile>
  readonly stdin: Uint8Array
  entropy(offset: number, length: number): Uint8Array
  stdout(bytes: Uint8Array): void
  stderr(bytes: Uint8Array): void
  /** A message about the run, for people. */
  report(message: string): void
  /** Describes an address of the program, such as `main+0x10`. */
  symbol(address: bigint): string | undefined
  /** The program has just come to its end on a CPU, and its threads are still to leave. */
  ended(end: ProcessEnd, cpu: number): void
}

const hosts = new WeakMap<KernelState, HostSide>()

export function setHostSide(kernel: KernelState, host: HostSide): void {
  hosts.set(kernel, host)
}

export function hostSideOf(kernel: KernelState): HostSide {
  const host = hosts.get(kernel)
  if (host === undefined) throw new Error('no program was started on this kernel')
  return host
}

export function processOf(kernel: KernelState): ProcessState {
  const process = kernel.tree.user.process as ProcessState | undefined
  if (process === undefined) throw new Error('no program was started on this kernel')
  return process
}

export const process_epoch = () => note('epoch', ({ kernel }) => processOf(kernel).epoch)

/** The thread that a CPU runs; undefined while it idles. */
export function threadOnCpu(kernel: KernelState, cpu: number): ThreadState | undefined {
  const process = processOf(kernel)
  const tid = kernel.currentTask(cpu).tid
  return typeof tid === 'number' ? process.threads[tid] : undefined
}

/** The thread that makes a system call or faults. */
export function currentThread({ kernel, cpu }: OperationContext): ThreadState {
  const thread = threadOnCpu(kernel, cpu.index)
  if (thread === undefined) throw new Error(`CPU ${cpu.index} runs no thread of the program`)
  return thread
}

/** Whether a signal waits that the thread does not block. */
export function signalPending(process: ProcessState, thread: ThreadState): boolean {
  return hasDeliverable(thread.pending, thread.blocked) || hasDeliverable(process.pending, thread.blocked)
}
