import type { WindowStateRegister } from '../isa/semantics'
import { TRAPS } from '../isa/traps'
import { NWINDOWS } from '../state/layout'
import { ReferencePrivileged } from './reference-privileged'

/** Register windows (V9 6.4). */
export class ReferenceWindows extends ReferencePrivileged {
  saveWindow(): void {
    if (this.small('cansave') === 0) this.raiseSpill()
    if (this.small('cleanwin') <= this.small('canrestore')) this.raise('clean_window')
    this.countWindows('cwp', 1)
    this.countWindows('cansave', -1)
    this.countWindows('canrestore', 1)
    this.updateMap()
  }
  requireRestorable(): void {
    if (this.small('canrestore') === 0) this.raiseWindowTrap(TRAPS.window_fill.tt)
  }
  restoreWindow(): void {
    this.requireRestorable()
    this.countWindows('cwp', -1)
    this.countWindows('cansave', 1)
    this.countWindows('canrestore', -1)
    this.updateMap()
  }
  flushWindows(): void {
    if (this.small('cansave') !== NWINDOWS - 2) this.raiseSpill()
  }
  private raiseSpill(): never {
    this.raiseWindowTrap(TRAPS.window_spill.tt)
  }
  /** Trap type of a spill or fill: OTHERWIN selects the WSTATE field (V9 6.4.4.1). */
  private raiseWindowTrap(base: number): never {
    const wstate = this.small('wstate')
    if (this.small('otherwin') !== 0) this.raiseType(base | 0x20 | (((wstate >> 3) & 7) << 2))
    this.raiseType(base | ((wstate & 7) << 2))
  }
  saved(): void {
    this.requirePrivileged()
    this.countWindows('cansave', 1)
    this.countWindows(this.small('otherwin') === 0 ? 'canrestore' : 'otherwin', -1)
  }
  restored(): void {
    this.requirePrivileged()
    this.countWindows('canrestore', 1)
    if (this.small('cleanwin') < NWINDOWS - 1) this.countWindows('cleanwin', 1)
    this.countWindows(this.small('otherwin') === 0 ? 'cansave' : 'otherwin', -1)
  }
  /** The window state registers have 3 bits (V9 5.2.10). */
  private countWindows(register: WindowStateRegister | 'cwp', change: 1 | -1): void {
    this.setSmall(register, (this.small(register) + change) & (NWINDOWS - 1))
  }
  setWindowState(register: WindowStateRegister, value: bigint): void {
    this.set(register, value)
  }
}
