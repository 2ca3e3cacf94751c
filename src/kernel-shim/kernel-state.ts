import { FIRMWARE } from '../firmware-image'
import type { Machine } from '../smp/machine'
import type { MachineConfig } from '../smp/machine-config'
import type { Allocator, AllocatorState } from './allocator'
import type { KernelEvents } from './events'
import type { Frame, InterruptStack } from './plain-data'
import { FIRMWARE_PA, GLOBAL, KERNBASE, PER_CPU, PER_CPU_BYTES, TASK_STRUCT } from './structures'
import { peekWord } from './words'

/** How `smp_flush_tlb_*` finds whom to call; see flush.ts. */
export const FLUSH_POLICIES = ['local-trim', 'cross-call', 'ipi-trim'] as const
export type FlushPolicy = (typeof FLUSH_POLICIES)[number]
/** How the TLB miss handler refills the TSB: the entry re-read under the tag lock, or read before it as Linux 6.1 does. */
export const REFILLS = ['reread', 'linux'] as const
export type Refill = (typeof REFILLS)[number]
/** Wrong versions of `ipi-trim`, kept to show that they are caught. */
export const TRIM_MUTANTS = ['raw-mondo', 'sender-clears', 'late-tsk-mm'] as const
/** Flushes without a barrier that total store order needs, kept to show that they are caught. */
export const BARRIER_MUTANTS = ['missing-barrier', 'late-barrier'] as const
export const MUTANTS = [...TRIM_MUTANTS, ...BARRIER_MUTANTS] as const
export type Mutant = (typeof MUTANTS)[number]

export interface KernelConfig extends Omit<MachineConfig, 'gate' | 'companion'> {
  /** Default 'cross-call'. */
  policy?: FlushPolicy
  /** Default 'reread'. */
  refill?: Refill
  mutant?: Mutant
  events?: KernelEvents
  /** Shim functions that take the place of the usual ones at the gate: `{ do_fault: 'my_fault' }`. */
  entries?: Readonly<Record<string, string>>
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
  cpus: { interrupts: InterruptStack[]; userFault: boolean /** Flushes that this CPU is in. */; flushDepth: number }[]
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

/** What operations know of the kernel: its machine, its state in guest memory and beside it, and how it was configured. */
export abstract class KernelState {
  abstract readonly machine: Machine
  abstract readonly allocator: Allocator
  abstract readonly policy: FlushPolicy
  abstract readonly refill: Refill
  abstract readonly mutant: Mutant | undefined
  abstract readonly entries: Readonly<Record<string, string>>
  abstract events: KernelEvents
  abstract tree: KernelTree
  protected abstract readonly perCpuBase: bigint

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
    return peekWord(this.machine.memory, this.perCpu(cpu) + PER_CPU.current)
  }

  currentTask(cpu: number): TaskState {
    const task = this.tree.tasks[taskKey(this.current(cpu))]
    if (task === undefined) throw new KernelError(`CPU ${cpu} runs no task`)
    return task
  }

  /** The number by which events and people know a task. */
  taskId(task: bigint): number {
    return Number(peekWord(this.machine.memory, task + TASK_STRUCT.pid))
  }

  /** Kernel virtual address of a firmware symbol. @throws KernelError if the firmware has none of this name. */
  symbol(name: string): bigint {
    const offset = FIRMWARE.symbols[name]
    if (offset === undefined) throw new KernelError(`the firmware has no symbol ${name}`)
    return KERNBASE + BigInt(FIRMWARE_PA + offset)
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
}

/** Key of a task in {@link KernelTree.tasks}. */
export function taskKey(task: bigint): string {
  return task.toString(16)
}
