import { TRAP_ENTRY_BYTES, TRAP_TABLE_TL_OFFSET, TRAPS, type Trap } from '../isa/traps'
import { NWINDOWS } from '../state/layout'
import { ReferenceCore, STAY } from './reference-core'
import {
  CPU_ERROR_STATE,
  CPU_RUNNING,
  PSTATE_AG,
  PSTATE_CLE,
  PSTATE_MM,
  PSTATE_PEF,
  PSTATE_PRIV,
  PSTATE_RED,
  PSTATE_TLE,
} from './registers'

/** Resets, by the names of their traps. */
export const RESETS = [
  'power_on_reset',
  'watchdog_reset',
  'externally_initiated_reset',
  'software_initiated_reset',
] as const
export type ResetName = (typeof RESETS)[number]

/** RSTVaddr of UltraSPARC and JPS1 (SPARC64 V JPS1 supplement 7.1.1, impl. dep. #114). */
export const DEFAULT_RESET_VECTOR = 0xffff_ffff_f000_0000n
/** Offsets into the RED_state trap table (V9 7.2.1.1). */
const RED_STATE_OFFSETS: Readonly<Record<ResetName | 'other', bigint>> = {
  power_on_reset: 0x20n,
  watchdog_reset: 0x40n,
  externally_initiated_reset: 0x60n,
  software_initiated_reset: 0x80n,
  other: 0xa0n,
}

/** Entering and leaving traps and resets (V9 7.2, 7.6). */
export class ReferenceTraps extends ReferenceCore {
  /** Enters the trap of {@link trapType} (V9 7.6). */
  enterTrap(): void {
    const tt = this.trapType
    const level = this.small('tl')
    const { maxTrapLevel } = this.environment.model
    if (level >= maxTrapLevel) {
      this.enterErrorState(tt)
      return
    }
    const pstate = this.small('pstate')
    const isReset = tt === TRAPS.software_initiated_reset.tt
    this.saveState(tt, level + 1)
    if (isReset || level + 1 === maxTrapLevel || pstate & PSTATE_RED) {
      this.enterRedState(isReset ? 'software_initiated_reset' : 'other', this.globalsOfTrap[tt]!, tt)
      return
    }
    const kept = pstate & (PSTATE_TLE | PSTATE_MM)
    const littleEndian = pstate & PSTATE_TLE ? PSTATE_CLE : 0
    this.setSmall('pstate', kept | littleEndian | PSTATE_PEF | PSTATE_PRIV | this.globalsOfTrap[tt])
    this.setSmall('cwp', this.windowOfTrap(tt, this.small('cwp')))
    const half = level > 0 ? BigInt(TRAP_TABLE_TL_OFFSET) : 0n
    this.goTo(this.get('tba') | half | BigInt(tt * TRAP_ENTRY_BYTES))
    this.modeChanged()
  }

  /**
   * A trap at MAXTL. The watchdog reset that may follow is not taken again where its own first instruction traps: nothing would
   * ever be executed.
   */
  private enterErrorState(tt: number): void {
    const { errorState, resetVector } = this.environment
    const first = resetVector + RED_STATE_OFFSETS.watchdog_reset
    this.setSmall('status', CPU_ERROR_STATE)
    if (errorState === 'watchdog' && this.get('pc') !== first) this.reset('watchdog_reset', tt)
    else this.stopWith('error-state')
  }

  /**
   * Takes a reset, in any state of the CPU (V9 7.6.2). TT gets the reset's type; that of a watchdog reset out of error_state, the
   * type of the trap that led there. A software-initiated reset at MAXTL leads to error_state.
   */
  reset(name: ResetName, tt: number = TRAPS[name].tt): void {
    const level = this.small('tl')
    const { maxTrapLevel } = this.environment.model
    if (name === 'software_initiated_reset' && level >= maxTrapLevel) {
      this.enterErrorState(tt)
      return
    }
    this.setSmall('status', CPU_RUNNING)
    if (name === 'power_on_reset') {
      this.environment.hooks.trap?.(this.index, tt, maxTrapLevel, this.get('pc'))
      this.setSmall('tl', maxTrapLevel)
      this.set('tt', BigInt(tt), maxTrapLevel - 1)
      this.setSmall('pstate', 0)
    } else {
      this.saveState(tt, Math.min(level + 1, maxTrapLevel))
    }
    this.enterRedState(name, PSTATE_AG, TRAPS[name].tt)
  }

  private saveState(tt: number, level: number): void {
    // The upper half is zero while PSTATE.AM is set (UltraSPARC-I 14.1.10)
    const pc = this.mask(this.get('pc'))
    this.environment.hooks.trap?.(this.index, tt, level, pc)
    this.set('tstate', this.packTrapState(), level - 1)
    this.set('tpc', pc, level - 1)
    this.set('tnpc', this.mask(this.get('npc')), level - 1)
    this.set('tt', BigInt(tt), level - 1)
    this.setSmall('tl', level)
  }

  /** The memory model becomes TSO, both MMUs are off (V9 7.6.1; UltraSPARC-I 6.7; 14.5.9 for the globals). */
  private enterRedState(name: ResetName | 'other', globals: number, tt: number): void {
    const endian = this.small('pstate') & PSTATE_TLE
    const littleEndian = endian ? PSTATE_CLE : 0
    this.setSmall('pstate', endian | littleEndian | PSTATE_PEF | PSTATE_PRIV | PSTATE_RED | globals)
    this.setSmall('cwp', this.windowOfTrap(tt, this.small('cwp')))
    this.goTo(this.environment.resetVector + RED_STATE_OFFSETS[name])
    this.mmu.disable()
    this.modeChanged()
    this.stopWith('red-state')
  }

  private goTo(pc: bigint): void {
    this.set('pc', pc)
    this.set('npc', pc + 4n)
  }

  /** Window handlers run in the window that they spill, fill or clean (V9 6.3.6.2). */
  private windowOfTrap(tt: number, cwp: number): number {
    if (isTypeOf(TRAPS.clean_window, tt)) return (cwp + 1) % NWINDOWS
    if (isTypeOf(TRAPS.window_spill, tt)) return (cwp + this.small('cansave') + 2) % NWINDOWS
    if (isTypeOf(TRAPS.window_fill, tt)) return (cwp + NWINDOWS - 1) % NWINDOWS
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
    this.setSmall('ccr', Number(tstate >> 32n))
    this.setSmall('asi', Number((tstate >> 24n) & 0xffn))
    this.setSmall('pstate', Number((tstate >> 8n) & 0xfffn))
    this.setSmall('cwp', Number(tstate & 7n))
    this.setSmall('tl', level)
    this.modeChanged()
    this.set('pc', this.mask(pc))
    this.set('npc', this.mask(npc))
    this.transfer = STAY
  }
}

function isTypeOf({ tt, types = 1 }: Trap, type: number): boolean {
  return type >= tt && type < tt + types
}
