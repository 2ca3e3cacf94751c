import { frameOf, type Kernel, mm_alloc, TASK_STRUCT, taskKey, write_pte } from '../kernel-shim'
import { threadField } from '../kernel-shim/thread'
import type { ElfImage, ElfSegment } from '../loader'
import { PAGE_BYTES, PAGE_MASK, PROT_EXEC, PROT_READ, PROT_WRITE } from './constants'
import { buildInitialStack } from './initial-stack'
import { STACK_BYTES, STACK_TOP } from './memory-calls'
import { pteFor } from './page-fault'
import { type HostSide, type ProcessState, setHostSide, type ThreadState } from './process'
import { defaultActions } from './signal-table'
import { outIndex } from './user-registers'
import { insertVma } from './vma'
import './exit'
import './scheduler'
import './system-calls'
import './user-fault'

/** A program that does not fit in the machine's memory. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
}

export interface StartOptions {
  readonly image: ElfImage
  readonly executable: string
  readonly args: readonly string[]
  readonly environment: readonly string[]
  readonly host: HostSide
  /** Nanoseconds that CLOCK_REALTIME shows at machine time 0. */
  readonly epoch: bigint
}

const FIRST_PID = 1000
const RANDOM_BYTES = 16

/** Loads a program into a kernel that has just booted, as execve does. Its first thread runs as soon as the machine does. @throws ProgramError */
export function startProgram(kernel: Kernel, options: StartOptions): ProcessState {
  const { image, host } = options
  const mm = mm_alloc(kernel)
  const brk = pageAlign(image.end)
  const process: ProcessState = {
    pid: FIRST_PID,
    mm,
    executable: options.executable,
    vmas: [],
    brkStart: brk,
    brk,
    mmLocked: false,
    actions: defaultActions(),
    pending: [],
    descriptors: {
      0: standardStream('stdin'),
      1: standardStream('stdout'),
      2: standardStream('stderr'),
    },
    nextHandle: 1,
    threads: {},
    nextTid: FIRST_PID + 1,
    futexes: [],
    timers: [],
    runQueue: [FIRST_PID],
    idleTasks: kernel.machine.cpus.map(({ index }) => kernel.current(index)),
    deadTasks: [],
    end: null,
    reported: [],
    stdinOffset: 0,
    entropyUsed: RANDOM_BYTES,
    epoch: options.epoch,
  }
  kernel.tree.user.process = process
  setHostSide(kernel, host)
  for (const segment of image.segments) loadSegment(kernel, process, segment)
  const stack = buildInitialStack({
    args: options.args,
    environment: options.environment,
    entry: image.entry,
    programHeaders: image.programHeaders,
    random: host.entropy(0, RANDOM_BYTES),
    top: STACK_TOP,
  })
  if (stack.bytes.length > Number(STACK_BYTES) / 4)
    throw new ProgramError(
      `arguments and environment of ${stack.bytes.length} bytes, expected at most ${Number(STACK_BYTES) / 4}`,
    )
  const onStack = PROT_READ | PROT_WRITE | (image.executableStack ? PROT_EXEC : 0)
  addRange(process, STACK_TOP - STACK_BYTES, STACK_TOP, onStack, 'stack')
  populate(kernel, process, stack.address, stack.bytes, onStack)
  const task = createThread(kernel, mm, image.entry, stack.stackPointer)
  process.threads[FIRST_PID] = firstThread(task)
  for (const idle of process.idleTasks) kernel.tree.tasks[taskKey(idle)].frames.push(frameOf('cpu_idle', []))
  return process
}

function standardStream(kind: 'stdin' | 'stdout' | 'stderr') {
  const readable = kind === 'stdin'
  return { kind, path: '', offset: 0, readable, writable: !readable, append: false, closeOnExec: false, handle: 0 }
}

const pageAlign = (value: bigint) => (value + PAGE_MASK) & ~PAGE_MASK

function loadSegment(kernel: Kernel, process: ProcessState, segment: ElfSegment): void {
  const { va, contents, memoryBytes, read, write, execute } = segment
  const protection = (read ? PROT_READ : 0) | (write ? PROT_WRITE : 0) | (execute ? PROT_EXEC : 0)
  addRange(process, va & ~PAGE_MASK, pageAlign(va + memoryBytes), protection, 'program')
  populate(kernel, process, va, contents, protection)
}

function addRange(process: ProcessState, start: bigint, end: bigint, protection: number, name: string): void {
  insertVma(process.vmas, { start, end, protection, shared: false, name })
}

/** Copies bytes to user pages, which are made; the rest of the pages is zero. */
function populate(kernel: Kernel, process: ProcessState, va: bigint, contents: Uint8Array, protection: number): void {
  for (let done = 0; done < contents.length; ) {
    const at = va + BigInt(done)
    const inPage = Number(at & PAGE_MASK)
    const length = Math.min(Number(PAGE_BYTES) - inPage, contents.length - done)
    const frame = kernel.allocator.page()
    if (frame === undefined || write_pte(kernel, -1, process.mm, at, pteFor(frame, protection)) === undefined)
      throw new ProgramError(`no memory left for the page at 0x${at.toString(16)}, expected more RAM`)
    kernel.machine.memory.writeBytes(Number(frame) + inPage, contents.subarray(done, done + length))
    done += length
  }
}

/** The initial ASI of a program: PRIMARY_NO_FAULT (Linux arch/sparc/include/asm/processor_64.h start_thread). */
const ASI_PNF = 0x82n
const USER_PSTATE_PEF_IE = 0x12n
const KERNEL_PSTATE_PEF_PRIV_IE_AG = 0x17n

/** A task that stands at the end of a trap from the user's first instruction. */
function createThread(kernel: Kernel, mm: bigint, entry: bigint, stackPointer: bigint): bigint {
  const task = kernel.createTask(`thread/${FIRST_PID}`)
  kernel.tree.tasks[taskKey(task)].tid = FIRST_PID
  const { memory } = kernel.machine
  memory.store(Number(task + TASK_STRUCT.mm), 8, mm)
  memory.store(Number(task + TASK_STRUCT.active_mm), 8, mm)
  memory.store(Number(task + TASK_STRUCT.pid), 8, BigInt(FIRST_PID))
  const thread = task + TASK_STRUCT.thread
  const set = (field: Parameters<typeof threadField>[1], value: bigint, element = 0) =>
    memory.store(threadField(thread, field, element), 8, value)
  const start = kernel.symbol('return_to_user')
  set('pc', start)
  set('npc', start + 4n)
  set('pstate', KERNEL_PSTATE_PEF_PRIV_IE_AG)
  set('tl', 1n)
  set('tpc', entry)
  set('tnpc', entry + 4n)
  set('tstate', (ASI_PNF << 24n) | (USER_PSTATE_PEF_IE << 8n))
  set('fprs', 0n)
  set('windows', BigInt.asUintN(64, stackPointer), outIndex(0, 6))
  return task
}

function firstThread(task: bigint): ThreadState {
  return {
    tid: FIRST_PID,
    task,
    state: 'runnable',
    wakeReason: 'woken',
    blocked: 0n,
    savedBlocked: null,
    pending: [],
    signalStack: { base: 0n, size: 0n, flags: 0 },
    waitingFor: 0n,
    clearChildTid: 0n,
    robustList: 0n,
    restart: null,
  }
}
