import type { PrivilegedRegister } from '../isa/semantics'
import { NWINDOWS } from '../state/layout'
import { ATTENTION_INTERRUPT } from './reference-core'
import { ReferenceFloat } from './reference-float'
import { COMMITS } from './reference-memory'

/** ASR numbers (UltraSPARC-I 8.4). */
const PIC = 17
const STICK = 24
const STICK_COMPARE = 25
const PRIVILEGED_ANCILLARY: ReadonlySet<number> = new Set([16, 18, 20, 21, 22, 23, 24, 25])
const PCR_PRIV = 1n
const WINDOW_MASK = BigInt(NWINDOWS - 1)

/** Privileged and ancillary state registers, and the instructions that leave a trap (V9 5.2, A.11, A.40 to A.43). */
export class ReferencePrivileged extends ReferenceFloat {
  privileged(): boolean {
    return this.supervisor
  }
  requirePrivileged(): void {
    if (!this.supervisor) this.raise('privileged_opcode')
  }
  readPrivileged(register: PrivilegedRegister): bigint {
    this.requirePrivileged()
    switch (register) {
      case 'tpc':
      case 'tnpc':
        this.requireTrap()
        return this.implemented(this.get(register, this.trapLevel - 1))
      case 'tstate':
      case 'tt':
        this.requireTrap()
        return this.get(register, this.trapLevel - 1)
      case 'tick':
        return this.counter('tick')
      case 'ver':
        return this.environment.model.version
      case 'fq':
        return this.raise('illegal_instruction')
      default:
        return this.get(register)
    }
  }
  writePrivileged(register: PrivilegedRegister, value: bigint): void {
    this.requirePrivileged()
    switch (register) {
      case 'tpc':
      case 'tnpc':
        this.writeTrapRegister(register, this.implemented(value & ~3n))
        return
      case 'tstate':
        this.writeTrapRegister(register, value & 0xff_ff0f_ff07n)
        return
      case 'tt':
        this.writeTrapRegister(register, value & 0x1ffn)
        return
      case 'tick':
        this.setCounter('tick', value)
        return
      case 'tba':
        this.set('tba', this.implemented(value & ~0x7fffn))
        return
      case 'pstate':
        this.requireOneGlobals(value)
        this.writePstate(value)
        return
      case 'tl':
        if ((value & 7n) > BigInt(this.environment.model.maxTrapLevel)) this.raise('illegal_instruction')
        this.set('tl', value & 7n)
        this.modeChanged()
        return
      case 'pil':
        this.set('pil', value & 15n)
        this.attention |= ATTENTION_INTERRUPT
        if (this.environment.exploring) this.sawSharedMemory()
        return
      case 'cwp':
        this.set('cwp', value & WINDOW_MASK)
        this.updateMap()
        return
      case 'wstate':
        this.set('wstate', value & 63n)
        return
      case 'cansave':
      case 'canrestore':
      case 'cleanwin':
      case 'otherwin':
        this.set(register, value & WINDOW_MASK)
    }
  }
  private writeTrapRegister(register: 'tpc' | 'tnpc' | 'tstate' | 'tt', value: bigint): void {
    this.requireTrap()
    this.set(register, value, this.trapLevel - 1)
  }
  private requireTrap(): void {
    if (this.trapLevel === 0) this.raise('illegal_instruction')
  }
  /**
   * TBA, TPC and TNPC have the bits of implemented addresses, sign-extended. TPC and TNPC hold what a trap left in them, so that a
   * return finds that it leads into the hole, until software writes them (UltraSPARC-I 14.1.6).
   */
  private implemented(address: bigint): bigint {
    return BigInt.asIntN(this.mmu.model.virtualBits, address)
  }
  override writePstate(value: bigint): void {
    super.writePstate(value)
    if (this.environment.exploring) this.sawSharedMemory()
  }

  /** %tick or %stick: 63 bits of machine clock, and NPT. */
  private counter(which: 'tick' | 'stick'): bigint {
    this.environment.clockRead(this.index)
    const offset = this.w64[(this.base + this.arena.layout.time[`${which}Offset`]) >> 3]
    const counter = BigInt.asUintN(63, this.environment.now() + offset)
    return counter | (this.get(`${which}Protect`) << 63n)
  }
  private setCounter(which: 'tick' | 'stick', value: bigint): void {
    const counter = BigInt.asUintN(63, value)
    this.w64[(this.base + this.arena.layout.time[`${which}Offset`]) >> 3] = counter - this.environment.now()
    this.set(`${which}Protect`, value < 0n ? 1n : 0n)
    this.environment.timerChanged(this.index)
  }
  /** NPT denies software that is not privileged to read a counter (UltraSPARC-I 14.1.7). */
  private requireReadable(which: 'tick' | 'stick'): void {
    if (!this.supervisor && this.get(`${which}Protect`) !== 0n) this.raise('privileged_action')
  }
  private requireSystemTick(): void {
    if (!this.environment.model.systemTick) this.raise('illegal_instruction')
  }

  readAncillary(number: number): bigint {
    const time = this.arena.layout.time
    switch (number) {
      case 3:
        return this.get('asi')
      case 4:
        this.requireReadable('tick')
        return this.counter('tick')
      case 6:
        return this.get('fprs')
      case 16:
        this.requirePrivileged()
        return this.get('pcr')
      case PIC:
        this.requireCounters()
        return this.w64[(this.base + time.pic) >> 3]
      case 18:
        this.requirePrivileged()
        return this.get('dcr')
      case 22:
        this.requirePrivileged()
        return this.get('softint')
      case 23:
        this.requirePrivileged()
        return this.w64[(this.base + time.tickCompare) >> 3]
      // STICK as TICK, but written by wr (Linux arch/sparc/kernel/time_64.c stick_init_tick, stick_add_compare)
      case STICK:
        this.requireSystemTick()
        this.requireReadable('stick')
        return this.counter('stick')
      case STICK_COMPARE:
        this.requireSystemTick()
        this.requirePrivileged()
        return this.w64[(this.base + time.stickCompare) >> 3]
      default:
        return this.raise('illegal_instruction')
    }
  }
  /** PCR.PRIV keeps the counters from unprivileged code. */
  private requireCounters(): void {
    if (!this.supervisor && this.get('pcr') & PCR_PRIV) this.raise('privileged_action')
  }
  writeAncillary(number: number, value: bigint): void {
    if (number === STICK || number === STICK_COMPARE) this.requireSystemTick()
    if (PRIVILEGED_ANCILLARY.has(number)) this.requirePrivileged()
    const time = this.arena.layout.time
    switch (number) {
      case 3:
        this.set('asi', value & 0xffn)
        return
      case 6:
        this.set('fprs', value & 7n)
        this.modeChanged()
        return
      case 16:
        this.set('pcr', value)
        return
      case PIC:
        this.requireCounters()
        this.w64[(this.base + time.pic) >> 3] = value
        return
      case 18:
        this.set('dcr', value)
        return
      case 20:
        this.writeSoftint(this.get('softint') | value)
        return
      case 21:
        this.writeSoftint(this.get('softint') & ~value)
        return
      case 22:
        this.writeSoftint(value)
        return
      case 23:
        this.w64[(this.base + time.tickCompare) >> 3] = value
        this.environment.timerChanged(this.index)
        return
      case STICK:
        this.setCounter('stick', value)
        return
      case STICK_COMPARE:
        this.w64[(this.base + time.stickCompare) >> 3] = value
        this.environment.timerChanged(this.index)
        return
      default:
        this.raise('illegal_instruction')
    }
  }
  private writeSoftint(value: bigint): void {
    this.set('softint', value & (this.environment.model.systemTick ? 0x1_ffffn : 0xffffn))
    this.attention |= ATTENTION_INTERRUPT
  }

  done(): void {
    this.requireReturn()
    if (this.trying) throw COMMITS
    this.leaveTrap(false)
    if (this.environment.exploring) this.sawSharedMemory()
  }
  retry(): void {
    this.requireReturn()
    if (this.trying) throw COMMITS
    this.leaveTrap(true)
    if (this.environment.exploring) this.sawSharedMemory()
  }
  private requireReturn(): void {
    this.requirePrivileged()
    this.requireTrap()
  }
}
