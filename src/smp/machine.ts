import { EventEmitter } from 'eventemitter3'
import { ASI } from '../asi'
import type { AsiDevice, CpuStop, EngineHooks } from '../engine/engine'
import { ReferenceEngine } from '../engine/reference'
import { ATTENTION_INTERRUPT, ATTENTION_STOP, type EngineEnvironment } from '../engine/reference-core'
import type { ReferenceCpu } from '../engine/reference-cpu'
import { CPU_ERROR_STATE, CPU_HALTED, CPU_RUNNING } from '../engine/registers'
import { WatchedRanges, type Watchpoint } from '../engine/watched-ranges'
import { type CpuModel, MODELS, withoutEmulation } from '../isa/models'
import { trapTypeName } from '../isa/traps'
import { MMU_MODELS, Mmu, type MmuObserver, tlbEntries } from '../mmu'
import { Arena } from '../state/arena'
import type { Hash64 } from '../state/hash'
import { createLayout, type Layout } from '../state/layout'
import { PAGE_BYTES, PhysicalMemory } from '../state/physical-memory'
import { SnapshotStore } from '../state/snapshot'
import { toU64, type U64Like } from '../u64'
import { Clock, SOFTINT_TICK } from './clock'
import type { MachineEvents, Moment } from './events'
import type { Companion, MachineConfig, RunResult, Snapshot, StopReason } from './machine-config'
import { ListenerError, MachineError } from './machine-error'
import { MondoUnit } from './mondo'
import { powerOn } from './power-on'
import { RoundRobin, type Scheduler, type Turn } from './scheduler'
import { SystemRegisters } from './system-registers'
import { fanOut } from './tlb-observers'
import { readWatchpoint, type WatchpointOptions } from './watchpoint-options'

const DEFAULT_RAM = 16 << 20
/** Stops after which the same turn goes on: they are no part of the schedule. */
const KEEPS_TURN: ReadonlySet<CpuStop> = new Set<CpuStop>(['budget', 'visible', 'breakpoint', 'watchpoint'])

/** N CPUs, their memory and clock. */
export class Machine {
  readonly model: CpuModel
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

  private readonly watched = new WatchedRanges()
  private readonly arena: Arena
  private readonly scheduler: Scheduler
  private readonly companion: Companion | undefined
  private readonly snapshots: SnapshotStore
  private turn: Turn | undefined
  /** CPUs that had nothing to do when last asked; cleared as soon as anything happens. */
  private waiting: boolean[]
  private running = false
  private listenerFailure: unknown
  private disposed = false
  private readonly tlbObservers: MmuObserver[][]
  private readonly mondoDelay: number

  /** @throws MachineError, ArenaError */
  constructor(config: MachineConfig = {}) {
    const { cpus = 1, ramBytes = DEFAULT_RAM, model = 'ultrasparc-ii', emulation = 'software', mondoDelay = 0 } = config
    const chip = MODELS[model]
    if (chip === undefined)
      throw new MachineError(`model: expected one of ${Object.keys(MODELS).join(', ')}, got ${String(model)}`)
    if (emulation !== 'software' && emulation !== 'hardware')
      throw new MachineError(`emulation: expected 'software' or 'hardware', got ${String(emulation)}`)
    this.model = emulation === 'hardware' ? withoutEmulation(chip) : chip
    requireInteger('cpus', cpus, 1, this.model.maxCpus)
    requireInteger('ramBytes', ramBytes, PAGE_BYTES, 2 ** 31)
    requireInteger('mondoDelay', mondoDelay, 0, 2 ** 31 - 1)
    if (ramBytes % PAGE_BYTES !== 0) throw new MachineError(`ramBytes: expected a multiple of 8192, got ${ramBytes}`)
    const mmuModel = MMU_MODELS[this.model.mmu]
    this.mondoDelay = mondoDelay
    this.layout = createLayout({
      cpus,
      ramBytes,
      itlbEntries: tlbEntries(mmuModel.instructionTlb),
      dtlbEntries: tlbEntries(mmuModel.dataTlb),
    })
    this.arena = new Arena(this.layout)
    this.memory = new PhysicalMemory(this.arena)
    this.clock = new Clock(this.arena)
    this.mmus = Array.from({ length: cpus }, (_, cpu) => new Mmu(this.arena, cpu, mmuModel))
    this.tlbObservers = this.mmus.map(() => [])
    const asiDevices: AsiDevice[] = [this.mmuDevice()]
    this.environment = {
      arena: this.arena,
      memory: this.memory,
      model: this.model,
      asiDevices,
      gate: config.gate,
      hooks: this.hooks(),
      now: () => this.clock.now + BigInt(this.running ? this.engine.executed : 0),
      timerChanged: (cpu) => {
        this.clock.changed()
        if (this.running) this.endSlice(cpu)
      },
      clockRead: () => {
        this.clockWasRead = true
      },
      watched: this.watched,
      exploring: false,
    }
    const registers: ReferenceCpu[] = []
    asiDevices.push(
      new MondoUnit(registers, this.mondoListener(), mondoDelay, ATTENTION_INTERRUPT),
      new SystemRegisters(registers),
    )
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

  /** Runs exactly `budget` instructions in all, unless something stops the machine before. */
  run(budget: number): RunResult {
    requireInteger('budget', budget, 0, Number.MAX_SAFE_INTEGER)
    this.enter()
    try {
      return this.runTurns(budget)
    } finally {
      this.leave()
    }
  }

  /** Runs one CPU alone for at most `budget` instructions; a CPU that waits executes none. */
  step(cpu: number, budget = 1): CpuStop {
    this.requireCpu(cpu)
    this.enter()
    try {
      for (let left = budget; ; ) {
        const stop = this.runCpu(cpu, left)
        left -= this.engine.executed
        this.account(cpu)
        this.throwListenerFailure()
        if (stop !== 'budget' || left <= 0) return stop
      }
    } finally {
      this.leave()
    }
  }

  /**
   * {@link run} in slices that let the event loop breathe.
   * @throws the signal's reason if it is aborted; the machine then stands between two slices.
   */
  async runAsync(
    budget: number,
    options: { signal?: AbortSignal; onProgress?: (instructions: number) => void; slice?: number } = {},
  ): Promise<RunResult> {
    const { signal, onProgress, slice = 500_000 } = options
    let done = 0
    while (true) {
      signal?.throwIfAborted()
      const result = this.run(Math.min(slice, budget - done))
      done += result.instructions
      onProgress?.(done)
      if (result.reason !== 'budget' || done >= budget) return { ...result, instructions: done }
      await new Promise<void>((resolve) => setTimeout(resolve, 0))
    }
  }

  private runTurns(budget: number): RunResult {
    let left = budget
    while (left > 0) {
      const turn = this.turn ?? this.nextTurn()
      if (turn === undefined) {
        if (!this.skipToTimer()) return this.result(this.whyNothingRuns(), budget - left)
        continue
      }
      const stop = this.runCpu(turn.cpu, Math.min(left, turn.instructions))
      const { executed } = this.engine
      left -= executed
      this.account(turn.cpu)
      const rest = turn.instructions - executed
      this.turn = rest > 0 && KEEPS_TURN.has(stop) ? { cpu: turn.cpu, instructions: rest } : undefined
      this.throwListenerFailure()
      switch (stop) {
        case 'waiting':
          this.waiting[turn.cpu] = true
          break
        case 'halted':
          if (this.cpus.every((cpu) => cpu.small('status') === CPU_HALTED)) return this.result('halted', budget - left)
          break
        case 'budget':
        case 'visible':
          break
        default:
          return this.result(stop, budget - left, turn.cpu)
      }
    }
    return this.result('budget', budget)
  }

  private result(reason: StopReason, instructions: number, cpu?: number): RunResult {
    const where = cpu === undefined ? {} : { cpu }
    const watched = reason === 'watchpoint' ? { watched: this.watched.last! } : {}
    return { reason, instructions, ...where, ...watched }
  }

  private whyNothingRuns(): StopReason {
    const status = this.cpus.map((cpu) => cpu.small('status'))
    if (status.includes(CPU_RUNNING)) return 'deadlock'
    return status.includes(CPU_ERROR_STATE) ? 'error-state' : 'halted'
  }

  private nextTurn(): Turn | undefined {
    const runnable: number[] = []
    for (const cpu of this.cpus)
      if (cpu.small('status') === CPU_RUNNING && !this.waiting[cpu.index]) runnable.push(cpu.index)
    return runnable.length === 0 ? undefined : this.scheduler.next(runnable)
  }

  /** Runs one CPU until the budget, the next timer or a mondo's delay ends. */
  private runCpu(cpu: number, budget: number): CpuStop {
    const until = this.clock.untilTimer()
    let limit = until !== undefined && until < BigInt(budget) ? Number(until) : budget
    const registers = this.cpus[cpu]!
    const countdown = registers.small('mondoCountdown')
    if (countdown > 0 && countdown < limit) limit = countdown
    const stop = this.engine.run(cpu, limit)
    if (stop !== 'waiting' || registers.small('mondoCountdown') === 0) return stop
    // A CPU that waits executes nothing that a mondo could be delayed by
    registers.setSmall('mondoCountdown', 0)
    return this.engine.executed > 0 ? 'budget' : this.engine.run(cpu, limit)
  }

  /** Has the CPU that runs come back after its current instruction, to look at timers and delays again. */
  private endSlice(cpu: number): void {
    const registers = this.cpus[cpu]!
    if ((registers.attention & ATTENTION_STOP) === 0) registers.stopWith('budget')
  }

  /** Books the executed instructions: clock, counters, delays and timers that are due. */
  private account(cpu: number): void {
    const { executed } = this.engine
    if (executed === 0) return
    this.engine.executed = 0
    this.clock.advance(BigInt(executed))
    const words = this.arena.words64
    const registers = this.cpus[cpu]!
    words[(registers.base + this.layout.time.instructions) >> 3] += BigInt(executed)
    const countdown = registers.small('mondoCountdown')
    if (countdown > 0) registers.setSmall('mondoCountdown', Math.max(0, countdown - executed))
    this.waiting.fill(false)
    if (this.clock.untilTimer() === 0n) this.fireTimers()
  }

  private fireTimers(): void {
    for (const cpu of this.clock.matching()) {
      const registers = this.cpus[cpu]!
      registers.setSmall('softint', registers.small('softint') | SOFTINT_TICK)
      this.waiting[cpu] = false
    }
  }

  private skipToTimer(): boolean {
    const until = this.clock.untilTimer()
    if (until === undefined) return false
    if (!this.cpus.some((cpu) => cpu.small('status') === CPU_RUNNING)) return false
    this.clock.advance(until)
    this.fireTimers()
    this.waiting.fill(false)
    return true
  }

  /** Instructions executed so far, by one CPU or by all. */
  instructions(cpu?: number): bigint {
    const of = (index: number) =>
      this.arena.words64[(this.cpus[index]!.base + this.layout.time.instructions) >> 3]! +
      BigInt(this.running && this.memory.accessor === index ? this.engine.executed : 0)
    if (cpu !== undefined) return of(cpu)
    return this.cpus.reduce((sum, { index }) => sum + of(index), 0n)
  }

  /** Lets a halted CPU run from a PC, privileged, at trap level 0. */
  start(cpu: number, pc: bigint): void {
    this.requireCpu(cpu)
    const registers = this.cpus[cpu]!
    registers.set('pc', pc)
    registers.set('npc', pc + 4n)
    registers.setSmall('status', CPU_RUNNING)
    registers.modeChanged()
    this.wake()
  }

  /** Something changed from outside: CPUs that wait look again. */
  wake(): void {
    this.waiting.fill(false)
  }

  halt(cpu: number): void {
    this.requireCpu(cpu)
    this.cpus[cpu]!.setSmall('status', CPU_HALTED)
  }

  snapshot(): Snapshot {
    this.requireIdle('snapshot')
    return {
      arena: this.snapshots.take(),
      companion: this.companion?.save(),
      scheduler: this.scheduler.save(),
      turn: this.turn,
      waiting: [...this.waiting],
    }
  }

  /** Puts the machine back to a snapshot of its own or of a machine of the same configuration. @throws MachineError */
  restore(snapshot: Snapshot): void {
    this.requireIdle('restore')
    if (
      snapshot.arena.registers.length * 4 !== this.layout.ram ||
      snapshot.arena.pages.length * PAGE_BYTES !== this.layout.ramBytes
    )
      throw new MachineError('snapshot: expected one of a machine with the same CPUs and RAM')
    this.snapshots.restore(snapshot.arena)
    this.companion?.restore(snapshot.companion)
    this.scheduler.restore(snapshot.scheduler)
    this.turn = snapshot.turn
    this.waiting = [...snapshot.waiting]
    for (const mmu of this.mmus) mmu.restored()
    this.engine.restored()
    this.clock.changed()
  }

  /** Hash of everything that decides how the machine goes on: equal hashes at equal steps mean the same run. */
  replayHash(): bigint {
    return this.snapshots
      .hash(false)
      .data(this.companion?.save())
      .data(this.scheduler.save())
      .data(this.turn === undefined ? null : { ...this.turn })
      .digest()
  }

  /** Hash without counters, time and scheduling: what a search of schedules tells states apart by. */
  explorationHash(): Hash64 {
    return this.snapshots.hash(true)
  }

  /** Big-endian bytes of RAM, without side effects. */
  peek(pa: number, size: 1 | 2 | 4 | 8): bigint {
    this.requireRam('peek', pa, size)
    return this.memory.peek(pa, size)
  }

  /** Stores the low `size` bytes of a value in RAM. */
  poke(pa: number, size: 1 | 2 | 4 | 8, value: U64Like): void {
    this.requireRam('poke', pa, size)
    const word = toU64(value, 'value')
    if (word !== BigInt.asUintN(size * 8, word) && BigInt.asIntN(64, word) !== BigInt.asIntN(size * 8, word))
      throw new MachineError(`value: ${value} does not fit in ${size} bytes`)
    this.memory.store(pa, size, word)
    this.wake()
  }

  private requireRam(what: string, pa: number, size: number): void {
    if (![1, 2, 4, 8].includes(size)) throw new MachineError(`size: expected 1, 2, 4 or 8, got ${size}`)
    if (!Number.isInteger(pa) || !this.memory.isRam(pa, size))
      throw new MachineError(`${what}: 0x${pa.toString(16)} is not RAM`)
    if (pa % size !== 0) throw new MachineError(`${what}: 0x${pa.toString(16)} is not a multiple of ${size}`)
  }

  /**
   * From now on each CPU stops before it executes the instruction at a virtual address, in any context. Running on passes it.
   * @throws U64Error
   */
  addBreakpoint(va: U64Like): void {
    this.engine.breakpoints.add(toU64(va, 'va'))
  }

  /** Whether there was one. @throws U64Error */
  removeBreakpoint(va: U64Like): boolean {
    return this.engine.breakpoints.delete(toU64(va, 'va'))
  }

  get breakpoints(): readonly bigint[] {
    return [...this.engine.breakpoints]
  }

  /**
   * From now on each CPU stops before an instruction that would load or store a byte of a range, and after an operation of the
   * kernel shim that has. Running on passes it. Instruction fetches do not count. @throws MachineError, U64Error
   */
  addWatchpoint(options: WatchpointOptions): Watchpoint {
    const watchpoint = readWatchpoint(options)
    this.watched.add(watchpoint)
    for (const mmu of this.mmus) mmu.data.empty()
    return watchpoint
  }

  /** Whether it was there. */
  removeWatchpoint(watchpoint: Watchpoint): boolean {
    return this.watched.remove(watchpoint)
  }

  get watchpoints(): readonly Watchpoint[] {
    return this.watched.all
  }

  /** Where a CPU's data access would go, without side effects; undefined if it would fault. */
  translate(cpu: number, va: bigint, access: 'load' | 'store' | 'fetch' = 'load'): number | undefined {
    this.requireCpu(cpu)
    const registers = this.cpus[cpu]!
    const result = this.mmus[cpu]!.probe({
      va: BigInt.asUintN(64, va),
      context: registers.space(),
      access,
      privileged: registers.supervisor,
      asi: ASI.ASI_PRIMARY,
    })
    return result.trap === undefined ? result.pa : undefined
  }

  /** Adds an observer of a CPU's TLBs. */
  observeTlb(cpu: number, observer: MmuObserver): void {
    this.requireCpu(cpu)
    this.tlbObservers[cpu]!.push(observer)
    this.mmus[cpu]!.observer = fanOut(this.tlbObservers[cpu]!)
  }

  /** Releases the host memory; the machine is of no use afterwards. */
  dispose(): void {
    this.disposed = true
    this.events.removeAllListeners()
  }

  /** Where a CPU is in its own time. */
  moment(cpu: number): Moment {
    return { cpu, instructions: this.instructions(cpu) }
  }

  /** Emits to whoever listens; what a listener throws stops the machine after the current instruction. */
  emit<E extends keyof MachineEvents>(event: E, ...args: Parameters<MachineEvents[E]>): void {
    if (this.events.listenerCount(event) === 0) return
    try {
      // biome-ignore lint/suspicious/noExplicitAny: eventemitter3's argument type is not inferred through a generic event
      ;(this.events.emit as any)(event, ...args)
    } catch (cause) {
      this.listenerFailure ??= { cause, event }
      const cpu = this.cpus[this.memory.accessor]
      if (this.running) cpu?.stopWith('budget')
    }
  }

  private throwListenerFailure(): void {
    if (this.listenerFailure === undefined) return
    const { cause, event } = this.listenerFailure as { cause: unknown; event: string }
    this.listenerFailure = undefined
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ListenerError(`a listener of '${event}' failed: ${why}`, { cause })
  }

  private enter(): void {
    if (this.disposed) throw new MachineError('the machine was disposed of')
    if (this.running) throw new ListenerError('the machine is running: a listener may not run it')
    this.running = true
    this.engine.executed = 0
  }

  /** What was executed before something threw is booked as well. */
  private leave(): void {
    const { accessor } = this.memory
    if (accessor >= 0) this.account(accessor)
    this.running = false
    this.memory.accessor = -1
  }

  private requireIdle(what: string): void {
    if (this.running) throw new ListenerError(`${what}: the machine is running`)
  }

  private requireCpu(cpu: number): void {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= this.layout.cpus)
      throw new MachineError(`cpu: expected 0 to ${this.layout.cpus - 1}, got ${cpu}`)
  }

  private mmuDevice(): AsiDevice {
    const { mmus } = this
    return {
      handles: (asi) => mmus[0]!.handles(asi),
      check: (cpu, asi, va, access, size) => mmus[cpu]!.checkAsi(asi, va, access, size),
      load: (cpu, asi, va) => mmus[cpu]!.loadAsi(asi, va),
      store: (cpu, asi, va, value) => mmus[cpu]!.storeAsi(asi, va, value),
    }
  }

  private hooks(): EngineHooks {
    return {
      trap: (cpu, type, level, pc) => {
        if (this.events.listenerCount('trap') > 0)
          this.emit('trap', { ...this.moment(cpu), type, name: trapTypeName(type), level, pc })
      },
      interruptTaken: (cpu, tt) => {
        if (tt !== 0x60 || this.events.listenerCount('mondo-taken') === 0) return
        const words = [0, 1, 2].map((n) => this.cpus[cpu]!.get('mondoIn', n))
        this.emit('mondo-taken', { ...this.moment(cpu), words })
      },
    }
  }

  /** {@link account} counts the instructions up to and with the dispatch, which are not part of the delay. */
  private delayOwnMondo(cpu: number): void {
    if (this.mondoDelay === 0) return
    this.cpus[cpu]!.setSmall('mondoCountdown', this.mondoDelay + this.engine.executed + 1)
    this.endSlice(cpu)
  }

  private mondoListener() {
    return {
      sent: (cpu: number, target: number, words: readonly bigint[]) =>
        this.emit('mondo-sent', { ...this.moment(cpu), target, words }),
      accepted: (cpu: number, target: number, words: readonly bigint[]) => {
        if (cpu === target && this.running) this.delayOwnMondo(cpu)
        this.emit('mondo-accepted', { ...this.moment(cpu), target, words })
      },
      nacked: (cpu: number, target: number, words: readonly bigint[]) =>
        this.emit('mondo-nacked', { ...this.moment(cpu), target, words }),
    }
  }
}

function requireInteger(what: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new MachineError(`${what}: expected an integer from ${least} to ${most}, got ${value}`)
}
