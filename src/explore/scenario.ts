import {
  type Body,
  frameOf,
  type Kernel,
  kthread_use_mm,
  mk_pte,
  mm_alloc,
  type PageProtection,
  type Plain,
  shim,
  TASK_STRUCT,
  write_pte,
  type Yieldable,
} from '../kernel-shim'
import { threadField } from '../kernel-shim/thread'

/** Prepares what the CPUs of a scenario find. All of it happens before the search begins. */
export interface ScenarioSetup {
  readonly kernel: Kernel
  /** A new address space with one user and no pages; its mm_struct. */
  mm(): bigint
  /** Maps a page to a frame of its own, which holds `words` (32-bit). Readable and writable unless told otherwise. */
  map(mm: bigint, va: bigint, protection?: PageProtection, words?: readonly number[]): void
  /** The task of a CPU takes the address space as its own: the CPU is in the mask, its context registers hold the context. */
  uses(cpu: number, mm: bigint): void
  /** Has the task of a CPU perform something to its end. */
  perform(cpu: number, program: () => Body<unknown>): void
  /** A task of an address space that does not run yet and will perform `call` when it is switched to; its task_struct. */
  task(name: string, mm: bigint, call: Yieldable<unknown>): bigint
  /** Switches a CPU to a task that has not run yet: its mm's context is loaded, and the CPU is in the mask. */
  runs(cpu: number, task: bigint): void
  /**
   * A user thread of an address space that does not run yet: at `pc` with its stack below `stack`, and with `windows` (0 to 6) register
   * windows free; the others are its callers'.
   */
  userThread(name: string, mm: bigint, start: { pc: bigint; stack: bigint; windows?: number }): bigint
}

/** What one CPU does: a shim function of what the setup gave. */
// biome-ignore lint/suspicious/noExplicitAny: what operations give differs from yield to yield
export type ScenarioProgram<D extends Plain> = (data: D) => Generator<any, unknown, any>

export interface ScenarioDefinition<D extends Plain> {
  /** Unique: the name of the scenario in tokens. */
  readonly name: string
  /** One line: who does what. */
  readonly summary: string
  /** Gives plain data for the programs. */
  setup(setup: ScenarioSetup): D
  /** One program a CPU; undefined for a CPU that only does what setup gave it to do. */
  readonly cpu: readonly (ScenarioProgram<D> | undefined)[]
  /** Bytes of RAM; default 512 KiB. */
  readonly ramBytes?: number
}

/** A few CPUs with what each does. */
export interface Scenario {
  readonly name: string
  readonly summary: string
  readonly cpus: number
  readonly ramBytes: number
  /** Prepares a fresh kernel and gives each CPU its program. */
  start(kernel: Kernel): void
}

const DEFAULT_RAM = 512 << 10
const SETUP_INSTRUCTIONS = 1_000_000
const PSTATE_PEF_IE = 0x12n
const STACK_BIAS = 2047n
/** The frame that `save %sp, -192, %sp` makes. */
const FRAME = 192n
const STACK_POINTER = 6
const scenarios = new Map<string, Scenario>()

/** A scenario that does not set up, or is not known. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}

/**
 * Defines a scenario and makes it known by its name.
 * @throws ScenarioError if the name is taken; ShimError if a program's name is
 */
export function scenario<D extends Plain>(definition: ScenarioDefinition<D>): Scenario {
  const { name, summary, cpu: programs, ramBytes = DEFAULT_RAM } = definition
  if (scenarios.has(name)) throw new ScenarioError(`a scenario is already named ${name}`)
  const calls = programs.map((program, cpu) => program && shim(`${name}/${cpu}`, program as (data: D) => Body<unknown>))
  const made: Scenario = {
    name,
    summary,
    cpus: programs.length,
    ramBytes,
    start(kernel) {
      const data = definition.setup(new Setup(kernel))
      calls.forEach((call, cpu) => {
        if (call !== undefined) continueTask(kernel, cpu, call(data))
      })
    },
  }
  scenarios.set(name, made)
  return made
}

/** @throws ScenarioError if no scenario has this name */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.get(name)
  if (found === undefined)
    throw new ScenarioError(`no scenario is named ${name}, expected one of ${scenarioNames().join(', ')}`)
  return found
}

export function scenarioNames(): string[] {
  return [...scenarios.keys()]
}

/** What a setup has a CPU perform. It ends before anything is saved, so its frame is never made again from data. */
let performed: () => Body<unknown>
const performInSetup = shim('scenario setup', function* () {
  yield* performed()
})

class Setup implements ScenarioSetup {
  constructor(readonly kernel: Kernel) {}

  mm(): bigint {
    return mm_alloc(this.kernel)
  }

  map(mm: bigint, va: bigint, protection: PageProtection = { write: true }, words: readonly number[] = []): void {
    const frame = this.kernel.allocator.page()
    if (frame === undefined) throw new ScenarioError('no page frame left: the scenario needs more ramBytes')
    for (const [n, word] of words.entries())
      this.kernel.machine.memory.store(Number(frame) + n * 4, 4, BigInt(word >>> 0))
    if (write_pte(this.kernel, -1, mm, va, mk_pte(frame, protection)) === undefined)
      throw new ScenarioError('no page left for a page table: the scenario needs more ramBytes')
  }

  uses(cpu: number, mm: bigint): void {
    this.perform(cpu, function* () {
      yield* kthread_use_mm(mm)
    })
  }

  runs(cpu: number, task: bigint): void {
    const mm = this.kernel.machine.memory.peek(Number(task + TASK_STRUCT.mm), 8)
    this.uses(cpu, mm)
    this.kernel.runTask(cpu, task)
  }

  perform(cpu: number, program: () => Body<unknown>): void {
    performed = program
    continueTask(this.kernel, cpu, performInSetup())
    const { reason } = this.kernel.machine.run(SETUP_INSTRUCTIONS)
    if (reason !== 'deadlock') throw new ScenarioError(`setup: CPU ${cpu} did not come to an end: ${reason}`)
  }

  task(name: string, mm: bigint, call: Yieldable<unknown>): bigint {
    const task = this.kernel.createTask(name, [frameOfCall(call)])
    this.setMm(task, mm)
    return task
  }

  userThread(name: string, mm: bigint, start: { pc: bigint; stack: bigint; windows?: number }): bigint {
    const { kernel } = this
    const { memory } = kernel.machine
    const task = kernel.createTask(name)
    this.setMm(task, mm)
    const thread = task + TASK_STRUCT.thread
    const free = BigInt(start.windows ?? 6)
    const set = (field: Parameters<typeof threadField>[1], value: bigint, element = 0) =>
      memory.store(threadField(thread, field, element), 8, value)
    const entry = kernel.symbol('return_to_user')
    set('pc', entry)
    set('npc', entry + 4n)
    set('tl', 1n)
    set('tstate', PSTATE_PEF_IE << 8n)
    set('tpc', start.pc)
    set('tnpc', start.pc + 4n)
    set('cansave', free)
    set('canrestore', 6n - free)
    const windows = 8
    for (let window = 0; window < windows; window++) {
      const callers = BigInt((windows - window) % windows)
      const outOf = (window + 1) % windows
      set('windows', start.stack - STACK_BIAS - FRAME * (8n - callers), outOf * 16 + STACK_POINTER)
    }
    return task
  }

  private setMm(task: bigint, mm: bigint): void {
    const { memory } = this.kernel.machine
    memory.store(Number(task + TASK_STRUCT.mm), 8, mm)
    memory.store(Number(task + TASK_STRUCT.active_mm), 8, mm)
  }
}

function frameOfCall(call: Yieldable<unknown>) {
  const { operation } = call
  if (operation.kind !== 'call')
    throw new ScenarioError(`expected a call of a shim function, got the operation ${operation.name}`)
  return frameOf(operation.name, operation.args)
}

/** The task that a CPU runs goes on with a call. */
function continueTask(kernel: Kernel, cpu: number, call: Yieldable<unknown>): void {
  kernel.currentTask(cpu).frames.push(frameOfCall(call))
  kernel.machine.wake()
}
