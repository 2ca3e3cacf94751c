import type { CpuStop } from '../engine/engine'
import { CPU_ERROR_STATE, CPU_HALTED, CPU_RUNNING } from '../engine/registers'
import type { TimerMatch } from './clock'
import type { RunResult, StopReason } from './machine-config'
import { ListenerError, MachineError } from './machine-error'
import { MachineParts, requireInteger } from './machine-parts'
import { isDrain, ScheduleError, type Turn } from './scheduler'

/** Stops after which the same turn goes on: they are no part of the schedule. */
const KEEPS_TURN: ReadonlySet<CpuStop> = new Set<CpuStop>(['budget', 'visible', 'breakpoint', 'watchpoint'])

/** Running: turns, time and timers. */
export class MachineTurns extends MachineParts {
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
      await new Promise<void>((resolve) => setTimeout(resolve))
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
      if (isDrain(turn)) {
        if (this.drain(turn.cpu, turn.stores).length === 0)
          throw new ScheduleError(`a turn drains CPU ${turn.cpu}, which has nothing buffered`)
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
          if (this.buffering().length > 0) break
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
    const buffering = this.buffering()
    return runnable.length === 0 && buffering.length === 0 ? undefined : this.scheduler.next(runnable, buffering)
  }

  /** Runs one CPU until the budget, the next timer or a mondo's delay ends. */
  private runCpu(cpu: number, budget: number): CpuStop {
    const registers = this.cpus[cpu]!
    const untilTimer = Number(this.clock.untilTimer() ?? budget)
    const untilMondo = registers.small('mondoCountdown') || budget
    const stop = this.engine.run(cpu, Math.min(budget, untilTimer, untilMondo))
    if (stop !== 'waiting' || registers.small('mondoCountdown') === 0) return stop
    // A CPU that waits executes nothing that a mondo could be delayed by
    registers.setSmall('mondoCountdown', 0)
    return 'budget'
  }

  /** Books the executed instructions: clock, counters, delays and timers that are due. */
  private account(cpu: number): void {
    const { executed } = this.engine
    if (executed === 0) return
    this.engine.executed = 0
    const matches = this.clock.advance(BigInt(executed))
    const words = this.arena.words64
    const registers = this.cpus[cpu]!
    words[(registers.base + this.layout.time.instructions) >> 3] += BigInt(executed)
    const countdown = registers.small('mondoCountdown')
    if (countdown > 0) registers.setSmall('mondoCountdown', countdown - executed)
    this.waiting.fill(false)
    this.fireTimers(matches)
  }

  private fireTimers(matches: readonly TimerMatch[]): void {
    for (const { cpu, softint } of matches) {
      const registers = this.cpus[cpu]!
      registers.setSmall('softint', registers.small('softint') | softint)
    }
  }

  private skipToTimer(): boolean {
    const until = this.clock.untilTimer()
    if (until === undefined) return false
    if (!this.cpus.some((cpu) => cpu.small('status') === CPU_RUNNING)) return false
    this.fireTimers(this.clock.advance(until))
    this.waiting.fill(false)
    return true
  }

  /** Lets a halted CPU run from a PC; its other registers are as they were or have been set. @throws MachineError */
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
  }

  /** What was executed before something threw is booked as well. */
  private leave(): void {
    const { accessor } = this.memory
    if (accessor >= 0) this.account(accessor)
    this.running = false
    this.memory.accessor = -1
  }
}
