import type { CpuModel } from '../isa/models'
import { TRAP_ENTRY_BYTES, TRAP_TABLE_TL_OFFSET, TRAPS, type TrapName, trapTypeName } from '../isa/traps'
import type { Mmu } from '../mmu'
import type { Arena } from '../state/arena'
import { NWINDOWS, REGISTER } from '../state/layout'
import type { PhysicalMemory } from '../state/physical-memory'
import type { AsiDevice, CpuStop, EngineHooks, Gate } from './engine'
import {
  CPU_ERROR_STATE,
  CpuRegisters,
  PSTATE_AG,
  PSTATE_AM,
  PSTATE_CLE,
  PSTATE_IE,
  PSTATE_IG,
  PSTATE_MG,
  PSTATE_MM,
  PSTATE_PEF,
  PSTATE_PRIV,
  PSTATE_RED,
  PSTATE_TLE,
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
export const STAY = 4
/** PC and nPC are already what they should be. */
export const MOVED = 5

export const ATTENTION_INTERRUPT = 1
export const ATTENTION_STOP = 2
export const ATTENTION_DEBUG = 4

/** RSTVaddr (V9 7.2.1, impl. dep. #114) and the offset for a trap that enters RED state. */
const RED_STATE_VECTOR = 0xffff_ffff_f000_00a0n
const LEVEL_14_SOFTINT = 0x1_0001

/** ASI_INTR_RECEIVE: a mondo is in the receive registers (UltraSPARC-I 9.3.5). */
export const MONDO_BUSY = 0x20

const GLOBALS_BITS = PSTATE_AG | PSTATE_MG | PSTATE_IG
const PC = REGISTER.pc >> 2
const NPC = REGISTER.npc >> 2

/** Mode, traps and interrupts of one CPU. */
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
  private readonly globalsOfTrap = new Uint16Array(512).fill(PSTATE_AG)

  constructor(
    readonly environment: EngineEnvironment,
    index: number,
    readonly mmu: Mmu,
  ) {
    super(environment.arena, index)
    this.pcIndex = this.base32 + PC
    this.npcIndex = this.base32 + NPC
    const { model } = environment
    for (const name of model.mmuGlobalsTraps) this.setGlobalsOfTrap(name, PSTATE_MG)
    for (const name of model.interruptGlobalsTraps) this.setGlobalsOfTrap(name, PSTATE_IG)
  }

  /** The fast miss and protection traps own four trap types each. */
  private setGlobalsOfTrap(name: TrapName, globals: number): void {
    const { tt } = TRAPS[name]
    const count = tt >= 0x64 && tt < 0x70 ? 4 : 1
    this.globalsOfTrap.fill(globals, tt, tt + count)
  }

  /** Re-derives everything that depends on PSTATE, TL, CWP, FPRS or a context register, and looks for interrupts. */
  modeChanged(): void {
    const pstate = this.small('pstate')
    this.trapLevel = this.small('tl')
    this.supervisor = (pstate & PSTATE_PRIV) !== 0
    this.addressMask = (pstate & PSTATE_AM) !== 0
    this.floatEnabled = (pstate & PSTATE_PEF) !== 0 && (this.small('fprs') & 4) !== 0
    this.dataTag = this.mmu.contextTag(this.space(), this.supervisor)
    this.updateMap()
    this.attention |= ATTENTION_INTERRUPT
  }

  /** The context of implicit accesses: the nucleus when TL > 0. */
  space(): 'primary' | 'nucleus' {
    return this.trapLevel > 0 ? 'nucleus' : 'primary'
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

  /** Enters the trap of {@link trapType} (V9 7.6). */
  enterTrap(): void {
    const tt = this.trapType
    const level = this.small('tl')
    if (level >= this.environment.model.maxTrapLevel) {
      this.setSmall('status', CPU_ERROR_STATE)
      this.stopWith('error-state')
      return
    }
    const pstate = this.small('pstate')
    const cwp = this.small('cwp')
    this.environment.hooks.trap?.(this.index, tt, level + 1, this.get('pc'), this.get('npc'))
    this.set('tstate', this.packTrapState(), level)
    this.set('tpc', this.get('pc'), level)
    this.set('tnpc', this.get('npc'), level)
    this.set('tt', BigInt(tt), level)
    this.setSmall('tl', level + 1)
    const red = level + 1 === this.environment.model.maxTrapLevel || (pstate & PSTATE_RED) !== 0
    const kept = pstate & (red ? PSTATE_TLE : PSTATE_TLE | PSTATE_MM)
    const littleEndian = pstate & PSTATE_TLE ? PSTATE_CLE : 0
    this.setSmall(
      'pstate',
      kept | littleEndian | PSTATE_PEF | PSTATE_PRIV | this.globalsOfTrap[tt] | (red ? PSTATE_RED : 0),
    )
    this.setSmall('cwp', this.windowOfTrap(tt, cwp))
    const vector = red
      ? RED_STATE_VECTOR
      : this.get('tba') | (level > 0 ? BigInt(TRAP_TABLE_TL_OFFSET) : 0n) | BigInt(tt * TRAP_ENTRY_BYTES)
    this.set('pc', vector)
    this.set('npc', vector + 4n)
    if (red) this.mmu.enterRedState()
    this.modeChanged()
    if (red) this.stopWith('red-state')
  }

  /** Window handlers run in the window that they spill, fill or clean (V9 6.3.6.2). */
  private windowOfTrap(tt: number, cwp: number): number {
    if (tt === TRAPS.clean_window.tt) return (cwp + 1) % NWINDOWS
    if (tt >= 0x80 && tt < 0xc0) return (cwp + this.small('cansave') + 2) % NWINDOWS
    if (tt >= 0xc0 && tt < 0x100) return (cwp + NWINDOWS - 1) % NWINDOWS
    return cwp
  }

  private packTrapState(): bigint {
    return (
      (BigInt(this.small('ccr')) << 32n) |
      (BigInt(this.small('asi')) << 24n) |
      (BigInt(this.small('pstate')) << 8n) |
      BigInt(this.small('cwp'))
    )
  }

  /** Leaves the current trap level: retry resumes at TPC, done behind it (V9 A.11). */
  leaveTrap(retry: boolean): void {
    const level = this.trapLevel - 1
    const tstate = this.get('tstate', level)
    const tnpc = this.get('tnpc', level)
    const pc = retry ? this.get('tpc', level) : tnpc
    const npc = retry ? tnpc : tnpc + 4n
    this.environment.hooks.trapReturn?.(this.index, level + 1)
    this.setSmall('ccr', Number((tstate >> 32n) & 0xffn))
    this.setSmall('asi', Number((tstate >> 24n) & 0xffn))
    this.setSmall('pstate', Number((tstate >> 8n) & 0xfffn))
    this.setSmall('cwp', Number(tstate & 7n))
    this.setSmall('tl', level)
    this.modeChanged()
    this.set('pc', this.addressMask ? pc & 0xffff_ffffn : pc)
    this.set('npc', this.addressMask ? npc & 0xffff_ffffn : npc)
    this.transfer = MOVED
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
    if (softint === 0) return 0
    const levels = (softint & 0xfffe) | (softint & LEVEL_14_SOFTINT ? 0x4000 : 0)
    const level = 31 - Math.clz32(levels)
    return levels !== 0 && level > this.small('pil') ? 0x40 + level : 0
  }

  /** PSTATE as written by software: implemented bits, at most one globals set (UltraSPARC-I table 14-13). */
  writePstate(value: bigint): void {
    const bits = Number(value & 0xfffn)
    const globals = bits & GLOBALS_BITS
    if ((globals & (globals - 1)) !== 0) this.raise('illegal_instruction')
    this.setSmall('pstate', bits)
    this.modeChanged()
  }

  describeTrap(): string {
    return trapTypeName(this.trapType)
  }
}
