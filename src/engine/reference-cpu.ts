import type { PrivilegedRegister, Semantics, WindowStateRegister } from '../isa/semantics'
import { TRAPS, type TrapName } from '../isa/traps'
import { NWINDOWS, REGISTER } from '../state/layout'
import type { Gate, GateResult } from './engine'
import { ANNUL, ATTENTION_INTERRUPT, BRANCH, BRANCH_ANNUL, MOVED, STAY, TRAP } from './reference-core'
import { ReferenceFloat } from './reference-float'

/** icc values (N Z V C) that satisfy each Bicc condition, as 16-bit masks (V9 A.7). */
const CONDITION_MASKS = (() => {
  const holds = (condition: number, icc: number): boolean => {
    const n = (icc & 8) !== 0
    const z = (icc & 4) !== 0
    const v = (icc & 2) !== 0
    const c = (icc & 1) !== 0
    const base = [false, z, z || n !== v, n !== v, c || z, c, n, v][condition & 7]!
    return condition < 8 ? base : !base
  }
  return Int32Array.from({ length: 16 }, (_, condition) => {
    let mask = 0
    for (let icc = 0; icc < 16; icc++) if (holds(condition, icc)) mask |= 1 << icc
    return mask
  })
})()

const CCR = REGISTER.ccr >> 2
const Y = REGISTER.y >> 3
const WINDOW_MASK = BigInt(NWINDOWS - 1)

/** The rows executed as they read, with bigint: one CPU of the reference engine. Values are signed 64-bit. */
export class ReferenceCpu extends ReferenceFloat implements Semantics<bigint, boolean, number> {
  // Operands
  rs1(): bigint {
    return this.w64[this.map[this.insn.rs1]]
  }
  rs2(): bigint {
    return this.w64[this.map[this.insn.rs2]]
  }
  src2(): bigint {
    const { insn } = this
    return insn.useImmediate ? insn.immediate : this.w64[this.map[insn.rs2]]
  }
  shiftCount(width: 32 | 64): bigint {
    return this.src2() & (width === 32 ? 31n : 63n)
  }
  rd(): bigint {
    return this.w64[this.map[this.insn.rd]]
  }
  setRd(value: bigint): void {
    const { rd } = this.insn
    if (rd !== 0) this.w64[this.map[rd]] = value
  }
  rdPair(): readonly [bigint, bigint] {
    const { rd } = this.insn
    return [BigInt.asUintN(32, this.w64[this.map[rd]]), BigInt.asUintN(32, this.w64[this.map[rd + 1]])]
  }
  setRdPair(even: bigint, odd: bigint): void {
    this.setPair(even, odd)
  }
  requireEvenRd(): void {
    if (this.insn.rd & 1) this.raise('illegal_instruction')
  }
  setRegister(number: number, value: bigint): void {
    this.w64[this.map[number]] = value
  }
  immediate(): bigint {
    return this.insn.immediate
  }
  pc(): bigint {
    return this.w64[this.pcIndex >> 1]
  }

  // Values
  constant(value: bigint): bigint {
    return value
  }
  add(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a + b)
  }
  sub(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a - b)
  }
  mul(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a * b)
  }
  udiv(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, BigInt.asUintN(64, a) / BigInt.asUintN(64, b))
  }
  sdiv(a: bigint, b: bigint): bigint {
    return BigInt.asIntN(64, a / b)
  }
  and(a: bigint, b: bigint): bigint {
    return a & b
  }
  or(a: bigint, b: bigint): bigint {
    return a | b
  }
  xor(a: bigint, b: bigint): bigint {
    return a ^ b
  }
  not(a: bigint): bigint {
    return ~a
  }
  shl(a: bigint, count: bigint): bigint {
    return BigInt.asIntN(64, a << count)
  }
  shr(a: bigint, count: bigint): bigint {
    return BigInt.asIntN(64, BigInt.asUintN(64, a) >> count)
  }
  sar(a: bigint, count: bigint): bigint {
    return a >> count
  }
  zeroExtend(a: bigint, bits: number): bigint {
    return bits === 64 ? a : BigInt.asUintN(bits, a)
  }
  signExtend(a: bigint, bits: number): bigint {
    return BigInt.asIntN(bits, a)
  }
  popcount(a: bigint): bigint {
    let count = 0n
    for (let rest = BigInt.asUintN(64, a); rest !== 0n; rest &= rest - 1n) count++
    return count
  }
  select(condition: boolean, whenTrue: bigint, whenFalse: bigint): bigint {
    return condition ? whenTrue : whenFalse
  }

  // Conditions
  equal(a: bigint, b: bigint): boolean {
    return a === b
  }
  lessUnsigned(a: bigint, b: bigint): boolean {
    return BigInt.asUintN(64, a) < BigInt.asUintN(64, b)
  }
  lessSigned(a: bigint, b: bigint): boolean {
    return a < b
  }
  both(a: boolean, b: boolean): boolean {
    return a && b
  }
  either(a: boolean, b: boolean): boolean {
    return a || b
  }
  negate(a: boolean): boolean {
    return !a
  }
  always(): boolean {
    return true
  }
  never(): boolean {
    return false
  }

  // Condition codes and Y
  setConditionCodes(kind: 'add' | 'sub' | 'logic', a: bigint, b: bigint, result: bigint): void {
    const { s32, s64 } = this
    s64[0] = a
    s64[1] = b
    s64[2] = result
    const low = s32[4]
    const high = s32[5]
    let icc = (low < 0 ? 8 : 0) | (low === 0 ? 4 : 0)
    let xcc = (high < 0 ? 8 : 0) | ((low | high) === 0 ? 4 : 0)
    if (kind === 'add') {
      icc |= addFlags(s32[0], s32[2], low)
      xcc |= addFlags(s32[1], s32[3], high)
    } else if (kind === 'sub') {
      icc |= subFlags(s32[0], s32[2], low)
      xcc |= subFlags(s32[1], s32[3], high)
    }
    this.w32[this.base32 + CCR] = (xcc << 4) | icc
  }
  ccr(): bigint {
    return BigInt(this.w32[this.base32 + CCR])
  }
  setCcr(value: bigint): void {
    this.s64[0] = value
    this.w32[this.base32 + CCR] = this.s32[0] & 0xff
  }
  testIntegerCondition(which: 'icc' | 'xcc', condition: number): boolean {
    const ccr = this.w32[this.base32 + CCR]
    return ((CONDITION_MASKS[condition] >> (which === 'icc' ? ccr & 15 : ccr >> 4)) & 1) !== 0
  }
  testRegisterCondition(condition: number, value: bigint): boolean {
    this.s64[0] = value
    const negative = this.s32[1] < 0
    const zero = (this.s32[0] | this.s32[1]) === 0
    const base = (condition & 3) === 1 ? zero : (condition & 3) === 2 ? zero || negative : negative
    return condition < 4 ? base : !base
  }
  y(): bigint {
    return this.w64[this.base64 + Y]
  }
  setY(value: bigint): void {
    this.w64[this.base64 + Y] = BigInt.asUintN(32, value)
  }

  // Control transfer
  branch(taken: boolean): void {
    if (taken) {
      this.relativeTarget()
      this.transfer = BRANCH
    } else if (this.insn.annul) {
      this.transfer = ANNUL
    }
  }
  branchAlways(): void {
    this.relativeTarget()
    this.transfer = this.insn.annul ? BRANCH_ANNUL : BRANCH
  }
  branchWithoutDelay(taken: boolean): void {
    if (!taken) return
    this.relativeTarget()
    this.transfer = BRANCH_ANNUL
  }
  private relativeTarget(): void {
    const { displacement } = this.insn
    const low = this.w32[this.pcIndex]
    const sum = (low + displacement) | 0
    const carry = sum >>> 0 < low >>> 0 ? 1 : 0
    this.targetLow = sum
    this.targetHigh = this.addressMask ? 0 : (this.w32[this.pcIndex + 1] + (displacement >> 31) + carry) | 0
    if (displacement === 0) this.targetHigh = this.w32[this.pcIndex + 1]
  }
  jump(target: bigint): void {
    this.s64[0] = target
    this.targetLow = this.s32[0]
    this.targetHigh = this.addressMask ? 0 : this.s32[1]
    this.transfer = BRANCH
  }
  trapIf(condition: boolean, trap: TrapName): void {
    if (condition) this.trap(trap)
  }
  trap(trap: TrapName): void {
    this.raise(trap)
  }
  softwareTrap(condition: boolean, number: bigint): void {
    if (condition) this.raiseType(TRAPS.trap_instruction.tt + Number(number & 0x7fn))
  }

  maskAddress(address: bigint): bigint {
    return BigInt.asIntN(64, this.mask(address))
  }

  membar(_mask: number): void {}
  membarField(): number {
    return this.insn.word & 0x7f
  }
  flush(_address: bigint): void {}

  // Register windows (V9 6.4)
  saveWindow(): void {
    const cansave = this.small('cansave')
    if (cansave === 0) this.raiseSpill()
    const canrestore = this.small('canrestore')
    if (this.small('cleanwin') - canrestore <= 0) this.raise('clean_window')
    this.setSmall('cwp', (this.small('cwp') + 1) % NWINDOWS)
    this.setSmall('cansave', cansave - 1)
    this.countWindows('canrestore', 1)
    this.updateMap()
  }
  restoreWindow(): void {
    const canrestore = this.small('canrestore')
    if (canrestore === 0) this.raiseWindowTrap(TRAPS.window_fill.tt)
    this.setSmall('cwp', (this.small('cwp') + NWINDOWS - 1) % NWINDOWS)
    this.countWindows('cansave', 1)
    this.setSmall('canrestore', canrestore - 1)
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
  private countWindows(register: 'cansave' | 'canrestore' | 'cleanwin' | 'otherwin', change: 1 | -1): void {
    this.setSmall(register, (this.small(register) + change) & (NWINDOWS - 1))
  }

  // Privileged state
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
      case 'tstate':
      case 'tt':
        if (this.trapLevel === 0) this.raise('illegal_instruction')
        return BigInt.asIntN(64, this.get(register, this.trapLevel - 1))
      case 'tick':
        return this.tick()
      case 'ver':
        return this.environment.model.version
      case 'fq':
        return this.raise('illegal_instruction')
      default:
        return BigInt.asIntN(64, this.get(register))
    }
  }
  writePrivileged(register: PrivilegedRegister, value: bigint): void {
    this.requirePrivileged()
    switch (register) {
      case 'tpc':
      case 'tnpc':
        this.writeTrapRegister(register, value & ~3n)
        return
      case 'tstate':
        this.writeTrapRegister(register, value & 0xff_ff0f_ff07n)
        return
      case 'tt':
        this.writeTrapRegister(register, value & 0x1ffn)
        return
      case 'tick':
        this.setTick(value)
        return
      case 'tba':
        this.set('tba', value & ~0x7fffn)
        return
      case 'pstate':
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
        return
      default:
        this.raise('illegal_instruction')
    }
  }
  setWindowState(register: WindowStateRegister, value: bigint): void {
    this.set(register, value & WINDOW_MASK)
  }
  private writeTrapRegister(register: 'tpc' | 'tnpc' | 'tstate' | 'tt', value: bigint): void {
    if (this.trapLevel === 0) this.raise('illegal_instruction')
    this.set(register, value, this.trapLevel - 1)
  }
  override writePstate(value: bigint): void {
    super.writePstate(value)
    if (this.environment.exploring) this.sawSharedMemory()
  }

  /** %tick: 63 bits of machine clock, and NPT. */
  private tick(): bigint {
    this.environment.clockRead(this.index)
    const offset = this.w64[(this.base + this.arena.layout.time.tickOffset) >> 3]
    const counter = BigInt.asUintN(63, this.environment.now() + offset)
    return BigInt.asIntN(64, counter | (this.get('tickProtect') << 63n))
  }
  private setTick(value: bigint): void {
    const counter = BigInt.asUintN(63, value)
    this.w64[(this.base + this.arena.layout.time.tickOffset) >> 3] = counter - this.environment.now()
    this.set('tickProtect', BigInt.asUintN(64, value) >> 63n)
    this.environment.timerChanged(this.index)
  }

  readAncillary(number: number): bigint {
    const time = this.arena.layout.time
    switch (number) {
      case 3:
        return this.get('asi')
      case 4:
        if (!this.supervisor && this.get('tickProtect') !== 0n) this.raise('privileged_action')
        return this.tick()
      case 6:
        return this.get('fprs')
      case 16:
        this.requirePrivileged()
        return this.get('pcr')
      case 17:
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
      default:
        return this.raise('illegal_instruction')
    }
  }
  writeAncillary(number: number, value: bigint): void {
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
        this.requirePrivileged()
        this.set('pcr', value)
        return
      case 17:
        this.w64[(this.base + time.pic) >> 3] = value
        return
      case 18:
        this.requirePrivileged()
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
        this.requirePrivileged()
        this.w64[(this.base + time.tickCompare) >> 3] = value
        this.environment.timerChanged(this.index)
        return
      default:
        this.raise('illegal_instruction')
    }
  }
  private writeSoftint(value: bigint): void {
    this.requirePrivileged()
    this.set('softint', value & 0x1_ffffn)
    this.attention |= ATTENTION_INTERRUPT
  }

  done(): void {
    this.requireTrapLevel()
    this.leaveTrap(false)
  }
  retry(): void {
    this.requireTrapLevel()
    this.leaveTrap(true)
  }
  private requireTrapLevel(): void {
    this.requirePrivileged()
    if (this.trapLevel === 0) this.raise('illegal_instruction')
    if (this.environment.exploring) this.sawSharedMemory()
  }

  /** The shim's accesses to physical memory stop the CPU after the operation that makes them. */
  private stepGate(gate: Gate): GateResult {
    const { watched } = this.environment
    const { memory, insn } = this
    if (!watched.active) return gate.step(this.index, Number(insn.immediate))
    let seen = false
    memory.accessed = (pa, size, access) => {
      seen ||= watched.hit(undefined, pa, size, access)
    }
    try {
      return gate.step(this.index, Number(insn.immediate))
    } finally {
      memory.accessed = undefined
      if (seen) this.stopWith('watchpoint')
    }
  }
  gate(): void {
    const { gate } = this.environment
    if (gate === undefined) this.raise('illegal_instruction')
    switch (this.stepGate(gate)) {
      case 'stay':
        this.transfer = STAY
        return
      case 'wait':
        this.transfer = STAY
        this.stopWith('waiting')
        return
      case 'halt':
        this.transfer = STAY
        this.stopWith('halted')
        return
      case 'switched':
        this.transfer = MOVED
        return
      case 'trapped':
        throw TRAP
      case 'return':
    }
  }
}

function addFlags(a: number, b: number, result: number): number {
  const overflow = (a ^ result) & (b ^ result)
  const carry = (a & b) | ((a | b) & ~result)
  return (overflow < 0 ? 2 : 0) | (carry < 0 ? 1 : 0)
}

function subFlags(a: number, b: number, result: number): number {
  const overflow = (a ^ b) & (a ^ result)
  const borrow = (~a & b) | ((~a | b) & result)
  return (overflow < 0 ? 2 : 0) | (borrow < 0 ? 1 : 0)
}
