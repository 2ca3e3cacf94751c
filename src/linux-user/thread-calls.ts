import {
  host,
  mmget,
  note,
  type OperationContext,
  OutOfMemory,
  shim,
  step,
  storeUser,
  TASK_STRUCT,
  TASK_STRUCT_BYTES,
} from '../kernel-shim'
import { saveThread, threadField } from '../kernel-shim/thread'
import { Structure } from './big-endian'
import { fail, int } from './call-result'
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_PARENT_SETTID,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VM,
  TSTATE_CARRY,
} from './constants'
import { do_exit, do_group_exit } from './exit'
import { currentThread, type ProcessState, processOf, type ThreadState } from './process'
import { schedule } from './scheduler'
import { write_user } from './user-memory'
import { outIndex, userWindow } from './user-registers'

const THREAD_FLAGS = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD
const WINDOWS = 8

/** A thread with its own stack. New processes are not supported: ENOSYS. */
export const sys_clone = shim(
  'sys_clone',
  function* (flagBits: bigint, stack: bigint, parentTid: bigint, tls: bigint, childTid: bigint) {
    const flags = int(flagBits)
    if ((flags & THREAD_FLAGS) !== THREAD_FLAGS) return fail('ENOSYS')
    const child = yield* copy_process(flags, stack, tls, childTid)
    if (child === null) return fail('EAGAIN')
    yield* mmget(child.mm)
    const tid = BigInt(child.tid)
    if (flags & CLONE_PARENT_SETTID) yield* storeUser(parentTid, tid, 4)
    if (flags & CLONE_CHILD_SETTID) yield* storeUser(childTid, tid, 4)
    yield* host('wake_up_new_task', ({ kernel }) => {
      processOf(kernel).runQueue.push(child.tid)
      return undefined
    })
    return tid
  },
)

/** A new task whose thread is this one's, as it will be after the system call. Null if there is no memory for it. */
const copy_process = (flags: number, stack: bigint, tls: bigint, childTid: bigint) =>
  step('copy_process', true, (cx) => {
    const { kernel, machine, cpu } = cx
    const process = processOf(kernel)
    const parent = currentThread(cx)
    const tid = process.nextTid
    reapDeadTasks(cx, process)
    let task: bigint
    try {
      task = kernel.allocator.heap(TASK_STRUCT_BYTES)
    } catch (error) {
      if (error instanceof OutOfMemory) return null
      throw error
    }
    process.nextTid++
    kernel.tree.tasks[task.toString(16)] = { name: `thread/${tid}`, frames: [], tid }
    const memory = machine.memory
    memory.store(Number(task + TASK_STRUCT.mm), 8, process.mm)
    memory.store(Number(task + TASK_STRUCT.active_mm), 8, process.mm)
    memory.store(Number(task + TASK_STRUCT.pid), 8, BigInt(tid))
    const thread = task + TASK_STRUCT.thread
    saveThread(memory, cpu, thread)
    const set = (field: Parameters<typeof threadField>[1], value: bigint, element = 0) =>
      memory.store(threadField(thread, field, element), 8, value)
    const entry = kernel.symbol('return_to_user')
    set('pc', entry)
    set('npc', entry + 4n)
    const npc = cpu.get('tnpc', 0)
    set('tpc', npc)
    set('tnpc', npc + 4n)
    set('tstate', cpu.get('tstate', 0) & ~TSTATE_CARRY)
    const window = userWindow(cpu)
    // The child is told by %o1 = 1, not by %o0 = 0 (Linux arch/sparc/kernel/process_64.c copy_thread)
    set('windows', BigInt(process.pid), outIndex(window, 0))
    set('windows', 1n, outIndex(window, 1))
    if (stack !== 0n) set('windows', stack, outIndex(window, 6))
    set('canrestore', 0n)
    set('cansave', BigInt(WINDOWS - 2))
    set('otherwin', 0n)
    if (flags & CLONE_SETTLS) set('globals', tls, 7)
    cpu.set('windows', 0n, outIndex(window, 1))
    process.threads[tid] = newThread(tid, task, parent, flags & CLONE_CHILD_CLEARTID ? childTid : 0n)
    return { tid, mm: process.mm }
  })

function newThread(tid: number, task: bigint, parent: ThreadState, clearChildTid: bigint): ThreadState {
  return {
    tid,
    task,
    state: 'runnable',
    wakeReason: 'woken',
    blocked: parent.blocked,
    savedBlocked: null,
    pending: [],
    signalStack: { base: 0n, size: 0n, flags: 0 },
    waitingFor: 0n,
    clearChildTid,
    robustList: 0n,
    restart: null,
  }
}

/** Frees the tasks of threads that have gone and on which no CPU runs any more. */
function reapDeadTasks({ kernel, machine }: OperationContext, process: ProcessState): void {
  const running = new Set(machine.cpus.map(({ index }) => kernel.current(index)))
  for (const task of process.deadTasks.filter((dead) => !running.has(dead))) {
    delete kernel.tree.tasks[task.toString(16)]
    kernel.allocator.freeKernel(task, TASK_STRUCT_BYTES)
  }
  process.deadTasks = process.deadTasks.filter((dead) => running.has(dead))
}

export const sys_exit = shim('sys_exit', function* (code: bigint) {
  const last = yield* note('last thread', ({ kernel }) => Object.keys(processOf(kernel).threads).length === 1)
  if (last) yield* do_group_exit({ kind: 'exit', code: int(code) & 0xff })
  yield* do_exit()
  return 0n
})

export const sys_exit_group = shim('sys_exit_group', function* (code: bigint) {
  yield* do_group_exit({ kind: 'exit', code: int(code) & 0xff })
  return 0n
})

export const sys_sched_yield = shim('sys_sched_yield', function* () {
  yield* schedule()
  return 0n
})

export const sys_gettid = shim('sys_gettid', function* () {
  return BigInt(yield* note('tid', (cx) => currentThread(cx).tid))
})

export const sys_getpid = shim('sys_getpid', function* () {
  return BigInt(yield* note('pid', ({ kernel }) => processOf(kernel).pid))
})

export const sys_getppid = shim('sys_getppid', function* () {
  yield* note('ppid', () => undefined)
  return 1n
})

export const sys_set_tid_address = shim('sys_set_tid_address', function* (address: bigint) {
  return yield* host('set_tid_address', (cx) => {
    const thread = currentThread(cx)
    thread.clearChildTid = address
    return BigInt(thread.tid)
  })
})

const ROBUST_LIST_HEAD_BYTES = 24n

export const sys_set_robust_list = shim('sys_set_robust_list', function* (head: bigint, length: bigint) {
  if (length !== ROBUST_LIST_HEAD_BYTES) return fail('EINVAL')
  yield* host('set_robust_list', (cx) => {
    currentThread(cx).robustList = head
    return undefined
  })
  return 0n
})

export const sys_sched_getaffinity = shim(
  'sys_sched_getaffinity',
  function* (_pid: bigint, length: bigint, mask: bigint) {
    if (length < 8n || (length & 7n) !== 0n) return fail('EINVAL')
    const cpus = yield* note('cpus', ({ machine }) => machine.layout.cpus)
    const bytes = new Structure(8).xword(0, (1n << BigInt(cpus)) - 1n).toArray()
    return (yield* write_user(mask, bytes)) === 'EFAULT' ? fail('EFAULT') : 8n
  },
)

export const sys_getcpu = shim('sys_getcpu', function* (cpuAddress: bigint, nodeAddress: bigint) {
  const cpu = yield* note('cpu', (cx) => cx.cpu.index)
  if (cpuAddress !== 0n && (yield* storeUser(cpuAddress, BigInt(cpu), 4)) === 'EFAULT') return fail('EFAULT')
  if (nodeAddress !== 0n && (yield* storeUser(nodeAddress, 0n, 4)) === 'EFAULT') return fail('EFAULT')
  return 0n
})
