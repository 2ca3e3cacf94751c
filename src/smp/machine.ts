import { ASI } from '../asi'
import { RESETS, type ResetName } from '../engine/reference-traps'
import type { Watchpoint } from '../engine/watched-ranges'
import type { MmuObserver } from '../mmu'
import type { Hash64 } from '../state/hash'
import { PAGE_BYTES } from '../state/physical-memory'
import { toU64, type U64Like } from '../u64'
import type { Snapshot } from './machine-config'
import { MachineError } from './machine-error'
import { MachineTurns } from './machine-turns'
import { resetCpu } from './power-on'
import { readWatchpoint, type WatchpointOptions } from './watchpoint-options'

/** N CPUs, their memory and clock. */
export class Machine extends MachineTurns {
  snapshot(): Snapshot {
    this.requireIdle('snapshot')
    return {
      arena: this.snapshots.take(),
      companion: this.companion?.save(),
      scheduler: this.scheduler.save(),
      turn: this.turn,
      storeBufferEntries: this.layout.storeBufferEntries,
      waiting: [...this.waiting],
    }
  }

  /** Puts the machine back to a snapshot of its own or of a machine of the same configuration. @throws MachineError */
  restore(snapshot: Snapshot): void {
    this.requireIdle('restore')
    if (
      snapshot.storeBufferEntries !== this.layout.storeBufferEntries ||
      snapshot.arena.registers.length * 4 !== this.layout.ram ||
      snapshot.arena.pages.length * PAGE_BYTES !== this.layout.ramBytes
    )
      throw new MachineError('snapshot: expected one of a machine with the same CPUs, RAM and memory model')
    this.snapshots.restore(snapshot.arena)
    this.companion?.restore(snapshot.companion)
    this.scheduler.restore(snapshot.scheduler)
    this.turn = snapshot.turn
    this.waiting = [...snapshot.waiting]
    for (const mmu of this.mmus) mmu.restored()
    this.engine.restored()
    this.clock.changed()
  }

  /**
   * Resets one CPU or all of them; a halted CPU, or one in error_state, then runs. It is in RED_state, at the reset's entry of the
   * RED_state trap table. RAM and TLBs stay as they are. @throws MachineError
   */
  reset(name: ResetName = 'power_on_reset', cpu?: number): void {
    this.requireIdle('reset')
    if (!RESETS.includes(name))
      throw new MachineError(`reset: expected one of ${RESETS.join(', ')}, got ${String(name)}`)
    if (cpu !== undefined) this.requireCpu(cpu)
    for (const registers of cpu === undefined ? this.cpus : [this.cpus[cpu]!])
      resetCpu(registers, this.layout, name, this.clock.now)
    this.clock.changed()
    this.wake()
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
  }

  /** Releases the host memory; the machine is of no use afterwards. */
  dispose(): void {
    this.disposed = true
    this.events.removeAllListeners()
  }
}
