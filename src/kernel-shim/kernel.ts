import { ASI } from '../asi'
import { PSTATE_IE, PSTATE_PEF, PSTATE_PRIV } from '../engine/registers'
import { FIRMWARE } from '../firmware-image'
import { Machine } from '../smp/machine'
import { alignUp } from '../state/layout'
import { Allocator } from './allocator'
import type { KernelEvents } from './events'
import { frameOf } from './frame'
import { KernelGate } from './gate'
import {
  FLUSH_POLICIES,
  type FlushPolicy,
  type KernelConfig,
  KernelError,
  KernelState,
  type KernelTree,
  MUTANTS,
  type Mutant,
  REFILLS,
  type Refill,
  taskKey,
} from './kernel-state'
import type { OperationContext, Yieldable } from './operation'
import { clonePlain, type Frame } from './plain-data'
import {
  CTX_CHEETAH_PLUS_NUC,
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
import { storeWord } from './words'

const NOP = 0x0100_0000n
const PRIMARY_CONTEXT = 0x08n

/** A machine with firmware and the minimal kernel. */
export class Kernel extends KernelState {
  readonly machine: Machine
  readonly gate: KernelGate
  readonly policy: FlushPolicy
  readonly refill: Refill
  readonly mutant: Mutant | undefined
  readonly entries: Readonly<Record<string, string>>
  events: KernelEvents
  tree: KernelTree
  readonly allocator: Allocator
  private readonly contexts: readonly OperationContext[]
  protected readonly perCpuBase: bigint

  /** @throws KernelError, MachineError */
  constructor(config: KernelConfig = {}) {
    super()
    const { policy = 'cross-call', refill = 'reread', mutant, events = {}, entries = {}, ...machine } = config
    this.policy = oneOf('policy', policy, FLUSH_POLICIES)
    this.refill = oneOf('refill', refill, REFILLS)
    this.mutant = mutant === undefined ? undefined : oneOf('mutant', mutant, MUTANTS)
    this.entries = entries
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
      throw new KernelError(
        `ramBytes: ${ramBytes} bytes are too few for firmware and ${cpus} CPUs, expected at least ${2 * heap + TASK_STRUCT_BYTES * cpus * 2}`,
      )
    this.tree = {
      tasks: {},
      cpus: Array.from({ length: cpus }, () => ({ interrupts: [], userFault: false, flushDepth: 0 })),
      allocator: Allocator.initial(heap, kernelEnd, ramBytes),
      counters: {
        flushes: { mm: 0, page: 0, pending: 0, kernel_range: 0 },
        crossCalls: { sent: 0, nacked: 0, taken: 0 },
        contextSwitches: 0,
      },
      user: {},
    }
    this.allocator = new Allocator(this)
    this.contexts = this.machine.cpus.map((cpu) => ({
      kernel: this,
      machine: this.machine,
      cpu,
      memory: this.machine.memoryOf(cpu.index),
    }))
    this.boot()
    this.listen()
  }

  context(cpu: number): OperationContext {
    return this.contexts[cpu]!
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
    if (operation.kind !== 'call')
      throw new KernelError(`spawn: expected a call of a shim function, got ${operation.name}`)
    const task = this.createTask(name ?? operation.name, [frameOf(operation.name, operation.args)])
    this.runTask(cpu, task)
    return task
  }

  /** Gives a CPU a task at once, from outside of the machine. */
  runTask(cpu: number, task: bigint): void {
    const { machine } = this
    storeWord(machine.memory, this.perCpu(cpu) + PER_CPU.current, task)
    storeWord(machine.memory, task + TASK_STRUCT.cpu, BigInt(cpu))
    loadThread(machine.memory, machine.cpus[cpu]!, task + TASK_STRUCT.thread)
    machine.wake()
  }

  private boot(): void {
    const { machine } = this
    const { memory } = machine
    memory.writeBytes(FIRMWARE_PA, FIRMWARE.bytes)
    storeWord(memory, this.globals + GLOBAL.tlb_context_cache, CTX_FIRST_VERSION)
    if (this.refill === 'reread')
      for (const choice of ['dtlb_refill_choice', 'itlb_refill_choice']) memory.store(this.physical(choice), 4, NOP)
    for (const cpu of machine.cpus) {
      const { mmu } = cpu
      const kernelPage =
        PTE.VALID | PTE.SIZE_4M | PTE.LOCKED | PTE.CACHEABLE | PTE.PRIVILEGED | PTE.WRITABLE | PTE.GLOBAL
      for (const [tagAccess, dataIn] of [
        [ASI.ASI_IMMU, ASI.ASI_ITLB_DATA_IN_REG],
        [ASI.ASI_DMMU, ASI.ASI_DTLB_DATA_IN_REG],
      ] as const) {
        mmu.storeAsi(tagAccess, 0x30n, KERNBASE)
        mmu.storeAsi(dataIn, 0n, kernelPage)
      }
      if (mmu.model.rules.contextPageSizes) mmu.storeAsi(ASI.ASI_DMMU, PRIMARY_CONTEXT, CTX_CHEETAH_PLUS_NUC)
      const LSU_CACHES_AND_MMUS = 0xfn
      mmu.storeAsi(ASI.ASI_LSU_CONTROL_REG, 0n, LSU_CACHES_AND_MMUS)
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

function oneOf<T extends string>(what: string, value: T, names: readonly T[]): T {
  if (!names.includes(value))
    throw new KernelError(`${what}: expected one of ${names.join(', ')}, got ${String(value)}`)
  return value
}
