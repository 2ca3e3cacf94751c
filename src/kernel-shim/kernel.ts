import { PSTATE_IE, PSTATE_PEF, PSTATE_PRIV } from '../engine/registers'
import { FIRMWARE } from '../firmware-image'
import { Machine, type MachineConfig } from '../smp/machine'
import { Allocator, type AllocatorState } from './allocator'
import type { KernelEvents } from './events'
import { type Frame, frameOf } from './frame'
import { type InterruptStack, KernelGate } from './gate'
import type { OperationContext, Plain, Yieldable } from './operation'
import {
  CTX_FIRST_VERSION,
  FIRMWARE_PA,
  GLOBAL,
  GLOBAL_BYTES,
  KERNBASE,
  KERNEL_BYTES,
  PER_CPU,
  PER_CPU_BYTES,
  PTE,
  TASK_STRUCT,
  TASK_STRUCT_BYTES,
} from './structures'
import { initialThread, loadThread } from './thread'

const NOP = 0x0100_0000n

/** How `smp_flush_tlb_*` finds whom to call; see flush.ts. */
export const FLUSH_POLICIES = ['local-trim', 'cross-call', 'ipi-trim'] as const
export type FlushPolicy = (typeof FLUSH_POLICIES)[number]
/** How the TLB miss handler refills the TSB: the entry re-read under the tag lock, or read before it as Linux 6.1 does. */
export const REFILLS = ['reread', 'linux'] as const
export type Refill = (typeof REFILLS)[number]
/** Wrong fixes, kept to show that they are caught. */
export const MUTANTS = ['raw-mondo', 'sender-clears', 'late-tsk-mm'] as const
export type Mutant = (typeof MUTANTS)[number]

export interface KernelConfig extends Omit<MachineConfig, 'gate' | 'companion'> {
  /** Default 'cross-call'. */
  policy?: FlushPolicy
  /** Default 'reread'. */
  refill?: Refill
  mutant?: Mutant
  events?: KernelEvents
  /** Machine ticks between timer interrupts of a CPU; 0, the default, for none. */
  tickPeriod?: number
}

/** A task's host-side half; its task_struct is in guest memory at the key. */
export interface TaskState {
  name: string
  frames: Frame[]
  [key: string]: unknown
}

/** The plain data beside guest memory: saved, restored and hashed with the machine. */
export interface KernelTree {
  tasks: Record<string, TaskState>
  cpus: { interrupts: InterruptStack[]; userFault: boolean }[]
  allocator: AllocatorState
  counters: KernelCounters
  /** For the layers above. */
  user: Record<string, unknown>
}

export interface KernelCounters {
  flushes: Record<'mm' | 'page' | 'pending' | 'kernel_range', number>
  crossCalls: { sent: number; nacked: number; taken: number }
  contextSwitches: number
}

/** An impossible kernel configuration or use. */
export class KernelError extends Error {
  override readonly name = 'KernelError'
}

/** A machine with firmware and the minimal kernel. */
export class Kernel {
  readonly machine: Machine
  readonly gate: KernelGate
  readonly policy: FlushPolicy
  readonly refill: Refill
  readonly mutant: Mutant | undefined
  readonly tickPeriod: number
  events: KernelEvents
  tree: KernelTree
  readonly allocator: Allocator
  private readonly contexts: readonly OperationContext[]
  private readonly perCpuBase: bigint

  /** @throws KernelError, MachineError */
  constructor(config: KernelConfig = {}) {
    const { policy = 'cross-call', refill = 'reread', mutant, events = {}, tickPeriod = 0, ...machine } = config
    this.policy = oneOf('policy', policy, FLUSH_POLICIES)
    this.refill = oneOf('refill', refill, REFILLS)
    this.mutant = mutant === undefined ? undefined : oneOf('mutant', mutant, MUTANTS)
    this.tickPeriod = tickPeriod
    this.events = events
    this.gate = new KernelGate(this)
    this.machine = new Machine({
      ...machine,
      gate: this.gate,
      companion: { save: () => clonePlain(this.tree), restore: (saved) => this.adopt(clonePlain(saved) as KernelTree) },
    })
    const { cpus, ramBytes } = this.machine.layout
    this.perCpuBase = BigInt(alignUp(FIRMWARE_PA + FIRMWARE.bytes.length, PER_CPU_BYTES))
    const heap = Number(this.perCpuBase) + cpus * PER_CPU_BYTES + GLOBAL_BYTES
    const kernelEnd = Math.min(KERNEL_BYTES, alignUp(Math.ceil(ramBytes / 2), 8192))
    if (heap + TASK_STRUCT_BYTES * cpus > kernelEnd)
      throw new KernelError(`ramBytes: ${ramBytes} bytes are too few for firmware and ${cpus} CPUs, expected at least ${2 * heap + TASK_STRUCT_BYTES * cpus * 2}`)
    this.tree = {
      tasks: {},
      cpus: Array.from({ length: cpus }, () => ({ interrupts: [], userFault: false })),
      allocator: Allocator.initial(heap, kernelEnd, ramBytes),
      counters: {
        flushes: { mm: 0, page: 0, pending: 0, kernel_range: 0 },
        crossCalls: { sent: 0, nacked: 0, taken: 0 },
        contextSwitches: 0,
      },
      user: {},
    }
    this.allocator = new Allocator(this)
    this.contexts = this.machine.cpus.map((cpu) => ({ kernel: this, machine: this.machine, cpu }))
    this.boot()
    this.listen()
  }

  context(cpu: number): OperationContext {
    return this.contexts[cpu]!
  }

  /** Physical address of a CPU's per-CPU area. */
  perCpu(cpu: number): bigint {
    return this.perCpuBase + BigInt(cpu * PER_CPU_BYTES)
  }

  /** Physical address of the kernel-wide words. */
  get globals(): bigint {
    return this.perCpu(this.machine.layout.cpus)
  }

  get init_mm(): bigint {
    return this.globals + GLOBAL.init_mm
  }

  /** task_struct of the task that a CPU runs. */
  current(cpu: number): bigint {
    return this.machine.memory.peek(Number(this.perCpu(cpu) + PER_CPU.current), 8)
  }

  currentTask(cpu: number): TaskState {
    const task = this.tree.tasks[taskKey(this.current(cpu))]
    if (task === undefined) throw new KernelError(`CPU ${cpu} runs no task`)
    return task
  }

  /** The number by which events and people know a task. */
  taskId(task: bigint): number {
    return Number(this.machine.memory.peek(Number(task + TASK_STRUCT.pid), 8))
  }

  /** Kernel virtual address of a firmware symbol. @throws KernelError if the firmware has none of this name. */
  symbol(name: string): bigint {
    const offset = FIRMWARE.symbols[name]
    if (offset === undefined) throw new KernelError(`the firmware has no symbol ${name}`)
    return KERNBASE + BigInt(FIRMWARE_PA + offset)
  }

  /** A new task with a thread context that continues at the kernel's gate; its task_struct. */
  createTask(name: string, frames: Frame[] = []): bigint {
    const task = this.allocator.heap(TASK_STRUCT_BYTES)
    this.tree.tasks[taskKey(task)] = { name, frames }
    initialThread(this.machine.memory, task + TASK_STRUCT.thread, this.symbol('kernel_gate'))
    return task
  }

  /** Makes a CPU run a kernel thread: `call` is a shim function's call, such as `worker(mm)`. @returns its task_struct */
  spawn(cpu: number, call: Yieldable<unknown>, name?: string): bigint {
    const { operation } = call
    if (operation.kind !== 'call') throw new KernelError(`spawn: expected a call of a shim function, got ${operation.name}`)
    const task = this.createTask(name ?? operation.name, [frameOf(operation.name, operation.args)])
    this.runTask(cpu, task)
    return task
  }

  /** Gives a CPU a task at once, from outside of the machine. */
  runTask(cpu: number, task: bigint): void {
    const { machine } = this
    machine.memory.store(Number(this.perCpu(cpu) + PER_CPU.current), 8, task)
    machine.memory.store(Number(task + TASK_STRUCT.cpu), 8, BigInt(cpu))
    loadThread(machine.memory, machine.cpus[cpu]!, task + TASK_STRUCT.thread)
  }

  /** Whether the last user access of a CPU's operation faulted for good; asking clears it. */
  takeUserFault(cpu: number): boolean {
    const state = this.tree.cpus[cpu]!
    const fault = state.userFault
    if (fault) state.userFault = false
    return fault
  }

  /** A user page is no longer mapped: back to the allocator. A layer that shares frames overrides it. */
  freeUserPage(pa: bigint, cpu: number): void {
    this.allocator.freePage(pa, cpu)
  }

  private boot(): void {
    const { machine } = this
    const { memory } = machine
    memory.writeBytes(FIRMWARE_PA, FIRMWARE.bytes)
    memory.store(Number(this.globals + GLOBAL.tlb_context_cache), 8, CTX_FIRST_VERSION - 1n)
    if (this.refill === 'reread')
      for (const choice of ['dtlb_refill_choice', 'itlb_refill_choice']) memory.store(this.physical(choice), 4, NOP)
    for (const cpu of machine.cpus) {
      const { mmu } = cpu
      const kernelPage = PTE.VALID | PTE.SIZE_4M | PTE.LOCKED | PTE.CACHEABLE | PTE.PRIVILEGED | PTE.WRITABLE | PTE.GLOBAL
      for (const [tagAccess, dataIn] of [
        [0x50, 0x54],
        [0x58, 0x5c],
      ] as const) {
        mmu.storeAsi(tagAccess, 0x30n, KERNBASE)
        mmu.storeAsi(dataIn, 0n, kernelPage)
      }
      const LSU_CACHES_AND_MMUS = 0xfn
      mmu.storeAsi(0x45, 0n, LSU_CACHES_AND_MMUS)
      machine.start(cpu.index, this.symbol('kernel_gate'))
      cpu.setSmall('pstate', PSTATE_PRIV | PSTATE_PEF | PSTATE_IE)
      cpu.set('tba', this.symbol('trap_table'))
      cpu.setSmall('pil', 0)
      cpu.modeChanged()
      this.runTask(cpu.index, this.createTask(`idle/${cpu.index}`))
    }
  }

  private physical(symbol: string): number {
    return Number(this.symbol(symbol) - KERNBASE)
  }

  private listen(): void {
    const { hooks } = this.machine.environment
    const { interruptTaken, trapReturn } = hooks
    hooks.interruptTaken = (cpu, tt) => {
      interruptTaken?.(cpu, tt)
      if (tt !== 0x60) return
      this.tree.counters.crossCalls.taken++
      this.events.mondoTaken?.(cpu)
    }
    hooks.trapReturn = (cpu, level) => {
      trapReturn?.(cpu, level)
      this.events.trapReturn?.(cpu, level)
    }
  }

  private adopt(tree: KernelTree): void {
    this.tree = tree
  }
}

/** Key of a task in {@link KernelTree.tasks}. */
export function taskKey(task: bigint): string {
  return task.toString(16)
}

/** A copy of plain data. */
export function clonePlain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(clonePlain)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) copy[key] = clonePlain((value as Record<string, unknown>)[key])
  return copy
}

function oneOf<T extends string>(what: string, value: T, names: readonly T[]): T {
  if (!names.includes(value)) throw new KernelError(`${what}: expected one of ${names.join(', ')}, got ${String(value)}`)
  return value
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to
}

export type { Plain }
