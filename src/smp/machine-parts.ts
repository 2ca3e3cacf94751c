import { EventEmitter } from 'eventemitter3'
import type { AsiDevice, EngineHooks } from '../engine/engine'
import { ReferenceEngine } from '../engine/reference'
import { ATTENTION_STOP, type EngineEnvironment } from '../engine/reference-core'
import type { ReferenceCpu } from '../engine/reference-cpu'
import { DEFAULT_RESET_VECTOR } from '../engine/reference-traps'
import { type BufferedStore, type CpuMemory, StoreBuffers } from '../engine/store-buffer'
import { WatchedRanges } from '../engine/watched-ranges'
import { type CpuModel, MODELS, withoutEmulation } from '../isa/models'
import { TRAPS, trapTypeName } from '../isa/traps'
import { MMU_MODELS, Mmu, type MmuObserver, tlbEntries } from '../mmu'
import { Arena } from '../state/arena'
import { createLayout, type Layout } from '../state/layout'
import { PAGE_BYTES, PhysicalMemory } from '../state/physical-memory'
import { SnapshotStore } from '../state/snapshot'
import { toU64 } from '../u64'
import { Clock } from './clock'
import type { EventDetails, MachineEvents, Moment } from './events'
import { type Companion, type MachineConfig, MEMORY_MODELS, type MemoryModel } from './machine-config'
import { ListenerError, MachineError } from './machine-error'
import { type MondoListener, MondoUnit } from './mondo'
import { powerOn } from './power-on'
import { RoundRobin, type Scheduler, type Turn } from './scheduler'
import { SystemRegisters } from './system-registers'
import { fanOut, tlbEvents } from './tlb-observers'

const DEFAULT_RAM = 16 << 20
const DEFAULT_STORE_BUFFER = 8
const NO_CPUS: readonly number[] = []
/** The RED_state trap table has six entries of 32 bytes. */
const RESET_VECTOR_ALIGNMENT = 256n

/** What a machine is made of, how its parts hear of each other, and what it tells its listeners. */
export class MachineParts {
  readonly model: CpuModel
  readonly memoryModel: MemoryModel
  readonly layout: Layout
  readonly memory: PhysicalMemory
  readonly mmus: readonly Mmu[]
  readonly events = new EventEmitter<MachineEvents>()
  readonly engine: ReferenceEngine
  readonly clock: Clock
  /** Set by whoever searches schedules: see {@link EngineEnvironment.exploring}. */
  readonly environment: EngineEnvironment
  /** Software read the clock since the machine was made. */
  clockWasRead = false

  protected readonly watched = new WatchedRanges()
  protected readonly arena: Arena
  protected readonly scheduler: Scheduler
  protected readonly companion: Companion | undefined
  protected readonly snapshots: SnapshotStore
  protected turn: Turn | undefined
  /** CPUs that had nothing to do when last asked; cleared as soon as anything happens. */
  protected waiting: boolean[]
  protected running = false
  protected listenerFailure: unknown
  protected disposed = false
  protected readonly tlbObservers: MmuObserver[][]
  private readonly mondoDelay: number
  private readonly storeBuffers: StoreBuffers | undefined

  /** @throws MachineError, ArenaError */
  constructor(config: MachineConfig = {}) {
    const { cpus = 1, ramBytes = DEFAULT_RAM, model = 'ultrasparc-ii', emulation = 'software', mondoDelay = 0 } = config
    const { errorState = 'stop', resetVector = DEFAULT_RESET_VECTOR } = config
    const chip = MODELS[model]
    if (chip === undefined)
      throw new MachineError(`model: expected one of ${Object.keys(MODELS).join(', ')}, got ${String(model)}`)
    if (emulation !== 'software' && emulation !== 'hardware')
      throw new MachineError(`emulation: expected 'software' or 'hardware', got ${String(emulation)}`)
    if (errorState !== 'stop' && errorState !== 'watchdog')
      throw new MachineError(`errorState: expected 'stop' or 'watchdog', got ${String(errorState)}`)
    const vector = toU64(resetVector, 'resetVector')
    if (vector % RESET_VECTOR_ALIGNMENT !== 0n)
      throw new MachineError(`resetVector: expected a multiple of 256, got 0x${vector.toString(16)}`)
    this.model = emulation === 'hardware' ? withoutEmulation(chip) : chip
    requireInteger('cpus', cpus, 1, this.model.maxCpus)
    requireInteger('ramBytes', ramBytes, PAGE_BYTES, 2 ** 31)
    requireInteger('mondoDelay', mondoDelay, 0, 2 ** 31 - 1)
    this.memoryModel = config.memoryModel ?? 'sc'
    if (!MEMORY_MODELS.includes(this.memoryModel))
      throw new MachineError(
        `memoryModel: expected one of ${MEMORY_MODELS.join(', ')}, got ${String(this.memoryModel)}`,
      )
    const { storeBufferEntries = DEFAULT_STORE_BUFFER } = config
    requireInteger('storeBufferEntries', storeBufferEntries, 1, 64)
    if (ramBytes % PAGE_BYTES !== 0) throw new MachineError(`ramBytes: expected a multiple of 8192, got ${ramBytes}`)
    const mmuModel = MMU_MODELS[this.model.mmu]
    this.mondoDelay = mondoDelay
    this.layout = createLayout({
      cpus,
      ramBytes,
      itlbEntries: tlbEntries(mmuModel.instructionTlb),
      dtlbEntries: tlbEntries(mmuModel.dataTlb),
      storeBufferEntries: this.memoryModel === 'tso' ? storeBufferEntries : 0,
    })
    this.arena = new Arena(this.layout)
    this.memory = new PhysicalMemory(this.arena)
    this.clock = new Clock(this.arena)
    this.mmus = Array.from({ length: cpus }, (_, cpu) => new Mmu(this.arena, cpu, mmuModel))
    this.tlbObservers = this.mmus.map((_, cpu) => [tlbEvents(this, cpu)])
    for (const [cpu, mmu] of this.mmus.entries()) mmu.observer = fanOut(this.tlbObservers[cpu]!)
    this.storeBuffers = this.memoryModel === 'tso' ? new StoreBuffers(this.memory, this.arena) : undefined
    if (this.storeBuffers) {
      for (const mmu of this.mmus) mmu.data.enabled = false
      // CPUs that wait for a store look again
      this.storeBuffers.onDrain = () => this.waiting.fill(false)
    }
    const asiDevices: AsiDevice[] = [this.mmuDevice()]
    this.environment = {
      arena: this.arena,
      memory: this.memory,
      model: this.model,
      asiDevices,
      gate: config.gate,
      storeBuffers: this.storeBuffers,
      hooks: this.hooks(),
      errorState,
      resetVector: vector,
      now: () => this.clock.now + BigInt(this.engine.executed),
      timerChanged: (cpu) => {
        this.clock.changed()
        this.endSlice(cpu)
      },
      clockRead: () => {
        this.clockWasRead = true
      },
      watched: this.watched,
      exploring: false,
    }
    const registers: ReferenceCpu[] = []
    const system = new SystemRegisters(registers, this.model.mmu)
    asiDevices.push(new MondoUnit(registers, this.model.mondo, this.mondoListener(), mondoDelay, system), system)
    this.engine = new ReferenceEngine(this.environment, this.mmus)
    registers.push(...this.engine.cpus)
    this.scheduler = config.scheduler ?? new RoundRobin()
    this.companion = config.companion
    this.waiting = new Array(cpus).fill(false)
    for (const cpu of this.engine.cpus) powerOn(cpu, this.layout)
    this.snapshots = new SnapshotStore(this.arena, this.memory)
  }

  get cpus(): readonly ReferenceCpu[] {
    return this.engine.cpus
  }

  /** Instructions executed so far, by one CPU or by all. */
  instructions(cpu?: number): bigint {
    const of = (index: number) =>
      this.arena.words64[(this.cpus[index]!.base + this.layout.time.instructions) >> 3]! +
      BigInt(this.memory.accessor === index ? this.engine.executed : 0)
    if (cpu !== undefined) return of(cpu)
    return this.cpus.reduce((sum, { index }) => sum + of(index), 0n)
  }

  /**
   * Makes the oldest buffered stores of a CPU visible to the others, at most `stores` of them; gives what it made visible, oldest first.
   * For who schedules a machine by `step`; `run` asks the scheduler. @throws MachineError
   */
  drain(cpu: number, stores = 1): BufferedStore[] {
    this.requireCpu(cpu)
    const drained: BufferedStore[] = []
    while (drained.length < stores) {
      const oldest = this.storeBuffers?.all[cpu]?.drainOldest()
      if (oldest === undefined) break
      drained.push(oldest)
    }
    return drained
  }

  /** What a CPU has stored and the others cannot see yet, oldest first. @throws MachineError */
  bufferedStores(cpu: number): readonly BufferedStore[] {
    this.requireCpu(cpu)
    return this.storeBuffers?.all[cpu]?.stores ?? []
  }

  /** RAM as a CPU sees it: with its own buffered stores, and storing through its buffer. For -1, the host, it is RAM itself. */
  memoryOf(cpu: number): CpuMemory {
    return this.storeBuffers?.all[cpu] ?? this.memory
  }

  /** CPUs that have buffered stores, ascending. */
  protected buffering(): readonly number[] {
    return this.storeBuffers?.buffering() ?? NO_CPUS
  }

  /** Where a CPU is in its own time. */
  moment(cpu: number): Moment {
    return { cpu, instructions: this.instructions(cpu) }
  }

  /** Emits to whoever listens; what a listener throws stops the machine after the current instruction. */
  emit<E extends keyof MachineEvents>(event: E, ...args: Parameters<MachineEvents[E]>): void {
    try {
      // biome-ignore lint/suspicious/noExplicitAny: eventemitter3's argument type is not inferred through a generic event
      ;(this.events.emit as any)(event, ...args)
    } catch (cause) {
      this.listenerFailure ??= { cause, event }
      const { accessor } = this.memory
      if (accessor >= 0) this.endSlice(accessor)
    }
  }

  /** Emits what happens on a CPU, if somebody listens; only then `details` is called. */
  tell<E extends keyof MachineEvents>(event: E, cpu: number, details: () => EventDetails<E>): void {
    if (this.events.listenerCount(event) === 0) return
    this.emit(event, ...([{ ...this.moment(cpu), ...details() }] as unknown as Parameters<MachineEvents[E]>))
  }

  /** Has the CPU that runs come back after its current instruction: to look at timers and delays again, or to throw. */
  private endSlice(cpu: number): void {
    const registers = this.cpus[cpu]!
    if ((registers.attention & ATTENTION_STOP) === 0) registers.stopWith('budget')
  }

  protected requireIdle(what: string): void {
    if (this.running) throw new ListenerError(`${what}: the machine is running`)
  }

  protected requireCpu(cpu: number): void {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= this.layout.cpus)
      throw new MachineError(`cpu: expected 0 to ${this.layout.cpus - 1}, got ${cpu}`)
  }

  private mmuDevice(): AsiDevice {
    const { mmus } = this
    return {
      handles: (asi) => mmus[0]!.handles(asi),
      refusal: (cpu, asi, va, access) => mmus[cpu]!.refusal(asi, va, access),
      load: (cpu, asi, va) => mmus[cpu]!.loadAsi(asi, va),
      store: (cpu, asi, va, value) => mmus[cpu]!.storeAsi(asi, va, value),
    }
  }

  private hooks(): EngineHooks {
    return {
      trap: (cpu, type, level, pc) => this.tell('trap', cpu, () => ({ type, name: trapTypeName(type), level, pc })),
      interruptTaken: (cpu, tt) => {
        if (tt !== TRAPS.interrupt_vector.tt) return
        this.tell('mondo-taken', cpu, () => ({
          words: this.model.mondo.data.map((_, n) => this.cpus[cpu]!.get('mondoIn', n)),
        }))
      },
    }
  }

  /** {@link account} counts the instructions up to and with the dispatch, which are not part of the delay. */
  private delayOwnMondo(cpu: number): void {
    this.cpus[cpu]!.setSmall('mondoCountdown', this.mondoDelay + this.engine.executed + 1)
    this.endSlice(cpu)
  }

  private mondoListener(): MondoListener {
    return {
      sent: (cpu, target, words) => this.tell('mondo-sent', cpu, () => ({ target, words })),
      accepted: (cpu, target, words) => {
        if (cpu === target) this.delayOwnMondo(cpu)
        this.tell('mondo-accepted', cpu, () => ({ target, words }))
      },
      nacked: (cpu, target, words) => this.tell('mondo-nacked', cpu, () => ({ target, words })),
    }
  }
}

export function requireInteger(what: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new MachineError(`${what}: expected an integer from ${least} to ${most}, got ${value}`)
}
