import type { CpuModel } from '../isa/models'
import { TRAPS, type Trap, type TrapName } from '../isa/traps'
import type { Mmu } from '../mmu'
import type { Arena } from '../state/arena'
import { REGISTER } from '../state/layout'
import type { PhysicalMemory } from '../state/physical-memory'
import type { AsiDevice, CpuStop, EngineHooks, Gate } from './engine'
import {
  CpuRegisters,
  PSTATE_AG,
  PSTATE_AM,
  PSTATE_CLE,
  PSTATE_IE,
  PSTATE_IG,
  PSTATE_MG,
  PSTATE_PEF,
  PSTATE_PRIV,
  PSTATE_RED,
} from './registers'
import type { StoreBuffers } from './store-buffer'
import type { WatchedRanges } from './watched-ranges'

/** What the CPUs of one machine share. */
export interface EngineEnvironment {
  readonly arena: Arena
  readonly memory: PhysicalMemory
  readonly model: CpuModel
  readonly asiDevices: readonly AsiDevice[]
  readonly gate: Gate | undefined
  /** With total store order; undefined with sequential consistency. */
  readonly storeBuffers: StoreBuffers | undefined
  readonly hooks: EngineHooks
  /** What a trap at MAXTL does: the CPU stops in error_state, or takes a watchdog reset (V9 7.2.1, impl. dep. #40). */
  readonly errorState: 'stop' | 'watchdog'
  /** RSTVaddr: where the RED_state trap table is (V9 7.2.1, impl. dep. #114). */
  readonly resetVector: bigint
  /** Ticks of the machine clock, for %tick and %stick. */
  readonly now: () => bigint
  /** TICK or TICK_COMPARE of a CPU was written: the next timer is to be looked up again. */
  timerChanged(cpu: number): void
  /** Software read the clock: a search that leaves time out of its keys is then no longer complete. */
  clockRead(cpu: number): void
  readonly watched: WatchedRanges
  /** Set while an explorer runs the machine: accesses that other CPUs can see stop the engine (see {@link CpuStop}). */
  exploring: boolean
}

/** Thrown to leave a row at a trap; the trap type is in {@link ReferenceCore.trapType}. */
export const TRAP = Object.freeze({ trap: true })
/** Thrown to leave a row before it makes a watched access. */
export const WATCHED = Object.freeze({ watched: true })

/** How the last instruction moved the PC. */
export const SEQUENTIAL = 0
export const BRANCH = 1
export const ANNUL = 2
export const BRANCH_ANNUL = 3
/** PC and nPC are already what they should be. */
export const STAY = 4

export const ATTENTION_INTERRUPT = 1
export const ATTENTION_STOP = 2
export const ATTENTION_DEBUG = 4

const LEVEL_14_SOFTINT = 0x1_0001

/** ASI_INTR_RECEIVE: a mondo is in the receive registers (UltraSPARC-I 9.3.5). */
export const MONDO_BUSY = 0x20

/** Tag of the fast table that no entry has, because their bits 5:0 are 0: every access takes the slow path. */
export const NO_FAST_TAG = 1

const GLOBALS_BITS = BigInt(PSTATE_AG | PSTATE_MG | PSTATE_IG)
const PC = REGISTER.pc >> 2
const NPC = REGISTER.npc >> 2

/** Mode of one CPU, and the interrupts that it is to take. */
export class ReferenceCore extends CpuRegisters {
  /** Why the CPU must look up before the next instruction; 0 for full speed. */
  attention = ATTENTION_INTERRUPT
  stopReason: CpuStop = 'budget'
  /** PC of the break or watch point that the CPU stopped at, until it has executed an instruction. */
  stoppedAt: bigint | undefined
  /** Breakpoints and watchpoints are passed by: of the instruction that the CPU stopped at before. */
  passing = false
  trapType = 0
  transfer = SEQUENTIAL
  targetLow = 0
  targetHigh = 0

  // Derived from PSTATE, TL and the context registers by modeChanged()
  /** PSTATE.PRIV. */
  supervisor = true
  addressMask = false
  floatEnabled = false
  dataTag = 0
  trapLevel = 0

  protected readonly s64 = new BigInt64Array(8)
  protected readonly s32 = new Int32Array(this.s64.buffer)
  /** Index of PC and nPC in w32. */
  readonly pcIndex: number
  readonly npcIndex: number
  /** The upper half of an address shifted by this is 0 or -1, unless the address is in the hole (UltraSPARC-I 14.1.6). */
  protected readonly holeShift: number
  protected readonly globalsOfTrap = new Uint16Array(512).fill(PSTATE_AG)

  constructor(
    readonly environment: EngineEnvironment,
    index: number,
    readonly mmu: Mmu,
  ) {
    super(environment.arena, index)
    this.pcIndex = this.base32 + PC
    this.npcIndex = this.base32 + NPC
    this.holeShift = mmu.model.virtualBits - 33
    const { model } = environment
    for (const name of model.mmuGlobalsTraps) this.setGlobalsOfTrap(name, PSTATE_MG)
    for (const name of model.interruptGlobalsTraps) this.setGlobalsOfTrap(name, PSTATE_IG)
  }

  private setGlobalsOfTrap(name: TrapName, globals: number): void {
    const { tt, types = 1 }: Trap = TRAPS[name]
    this.globalsOfTrap.fill(globals, tt, tt + types)
  }

  /** Re-derives everything that depends on PSTATE, TL, CWP, FPRS or a context register, and looks for interrupts. */
  modeChanged(): void {
    const pstate = this.small('pstate')
    this.trapLevel = this.small('tl')
    this.supervisor = (pstate & PSTATE_PRIV) !== 0
    this.addressMask = (pstate & PSTATE_AM) !== 0
    this.floatEnabled = (pstate & PSTATE_PEF) !== 0 && (this.small('fprs') & 4) !== 0
    this.mmu.redState = (pstate & PSTATE_RED) !== 0
    this.refreshDataTag()
    this.updateMap()
    this.attention |= ATTENTION_INTERRUPT
  }

  /** The fast tag of implicit data accesses, which go another way while they are little-endian. */
  protected refreshDataTag(): void {
    this.dataTag = this.small('pstate') & PSTATE_CLE ? NO_FAST_TAG : this.mmu.contextTag(this.space(), this.supervisor)
  }

  /** An unsigned address, of 32 bits with PSTATE.AM (UltraSPARC-I 14.1.10). */
  protected mask(address: bigint): bigint {
    return BigInt.asUintN(this.addressMask ? 32 : 64, address)
  }

  /** The context of implicit accesses: the nucleus when TL > 0. */
  space(): 'primary' | 'nucleus' {
    return this.trapLevel > 0 ? 'nucleus' : 'primary'
  }

  /** Records a fault of the instruction, with the context and privilege that it was fetched with. */
  recordInstructionFault(faultType: number): void {
    this.mmu.recordInstructionFault({ context: this.space(), privileged: this.supervisor, faultType })
  }

  raise(name: TrapName): never {
    this.trapType = TRAPS[name].tt
    throw TRAP
  }

  raiseType(tt: number): never {
    this.trapType = tt
    throw TRAP
  }

  stopWith(reason: CpuStop): void {
    this.stopReason = reason
    this.attention |= ATTENTION_STOP
  }

  /** Raises the interrupt that is to be taken now: mondos ignore PIL (UltraSPARC-I chapter 9), SOFTINT levels do not. */
  interruptToTake(): number {
    return this.interrupt(this.small('mondoCountdown') === 0)
  }

  /** Whether an interrupt is to be taken now or once a mondo's delay is over. */
  interruptIsPending(): boolean {
    return this.interrupt(true) !== 0
  }

  private interrupt(mondo: boolean): number {
    const pstate = this.small('pstate')
    if (!(pstate & PSTATE_IE)) return 0
    if (mondo && this.small('mondoReceive') & MONDO_BUSY) return TRAPS.interrupt_vector.tt
    const softint = this.small('softint')
    const levels = softint & LEVEL_14_SOFTINT ? softint | 0x4000 : softint
    const level = 31 - Math.clz32(levels & 0xfffe)
    return level > this.small('pil') ? 0x40 + level : 0
  }

  /** A value for PSTATE may select at most one set of globals (UltraSPARC-I table 14-13). */
  protected requireOneGlobals(value: bigint): void {
    const globals = value & GLOBALS_BITS
    if ((globals & (globals - 1n)) !== 0n) this.raise('illegal_instruction')
  }

  /** PSTATE as written by software: the implemented bits. */
  writePstate(value: bigint): void {
    this.setSmall('pstate', Number(value & 0xfffn))
    this.modeChanged()
  }
}
