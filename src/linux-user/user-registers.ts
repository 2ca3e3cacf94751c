import { note, type OperationContext, step } from '../kernel-shim'
import { TSTATE_ASI, TSTATE_CARRY, TSTATE_CCR } from './constants'

type Cpu = OperationContext['cpu']

/** Registers of the user behind trap level 1: the window and normal globals in the register file, the rest in its trap state. */
export interface UserRegisters {
  pc: bigint
  npc: bigint
  tstate: bigint
  y: bigint
  /** %g0 to %g7. */
  globals: bigint[]
  /** %o0 to %o7. */
  outs: bigint[]
}

/** Index of trap level 1 in TPC, TNPC, TSTATE. */
const LEVEL = 0
const WINDOWS = 8

export function readUserRegisters(cpu: Cpu): UserRegisters {
  const cwp = userWindow(cpu)
  return {
    pc: cpu.get('tpc', LEVEL),
    npc: cpu.get('tnpc', LEVEL),
    tstate: cpu.get('tstate', LEVEL),
    y: cpu.get('y'),
    globals: Array.from({ length: 8 }, (_, n) => cpu.get('globals', n)),
    outs: Array.from({ length: 8 }, (_, n) => cpu.get('windows', outIndex(cwp, n))),
  }
}

/** Writes all but %g0; of TSTATE only the condition codes and ASI. */
export function writeUserRegisters(cpu: Cpu, registers: UserRegisters): void {
  const cwp = userWindow(cpu)
  const user = TSTATE_CCR | TSTATE_ASI
  cpu.set('tpc', BigInt.asUintN(64, registers.pc) & ~3n, LEVEL)
  cpu.set('tnpc', BigInt.asUintN(64, registers.npc) & ~3n, LEVEL)
  cpu.set('tstate', (cpu.get('tstate', LEVEL) & ~user) | (registers.tstate & user), LEVEL)
  cpu.set('y', BigInt.asUintN(32, registers.y))
  for (let n = 1; n < 8; n++) cpu.set('globals', registers.globals[n], n)
  for (let n = 0; n < 8; n++) cpu.set('windows', registers.outs[n], outIndex(cwp, n))
}

/** The window that the user runs in. */
export function userWindow(cpu: Cpu): number {
  return Number(cpu.get('tstate', LEVEL) & 7n)
}

/** Index into the `windows` field of %l0 + n, or of %i0 + n. */
export function localIndex(window: number, n: number): number {
  return window * 16 + 8 + n
}

export function inIndex(window: number, n: number): number {
  return window * 16 + n
}

/** The outs of a window are the ins of the next (V9 5.1.4). */
export function outIndex(window: number, n: number): number {
  return inIndex((window + 1) % WINDOWS, n)
}

export const user_registers = () => note('user registers', ({ cpu }) => readUserRegisters(cpu))

export const set_user_registers = (registers: UserRegisters) =>
  step('set user registers', false, ({ cpu }) => {
    writeUserRegisters(cpu, registers)
    return undefined
  })

/** The trap instruction is done: the user goes on behind it. */
export function skipInstruction(cpu: Cpu): void {
  const npc = cpu.get('tnpc', LEVEL)
  cpu.set('tpc', npc, LEVEL)
  cpu.set('tnpc', npc + 4n, LEVEL)
}

/** %o0 and the carry flags as a system call leaves them (Linux arch/sparc/kernel/syscalls.S ret_sys_call). */
export function setCallResult(cpu: Cpu, result: bigint): void {
  const failed = result < 0n && result >= -4095n
  const cwp = userWindow(cpu)
  const tstate = cpu.get('tstate', LEVEL)
  cpu.set('windows', BigInt.asUintN(64, failed ? -result : result), outIndex(cwp, 0))
  cpu.set('tstate', failed ? tstate | TSTATE_CARRY : tstate & ~TSTATE_CARRY, LEVEL)
}

export interface UserFloat {
  /** %d0 to %d62. */
  registers: bigint[]
  fsr: bigint
  gsr: bigint
  fprs: bigint
}

const FPRS_LOWER = 1n
const FPRS_UPPER = 2n
export const FPRS_ENABLED = 4n
/** What ldxfsr writes: FCC3 to FCC1, RD, TEM, NS, FCC0, AEXC, CEXC (V9 5.1.7). */
const FSR_WRITABLE = 0x3f_cfc0_0fffn

export function readUserFloat(cpu: Cpu): UserFloat {
  return {
    registers: Array.from({ length: 32 }, (_, n) => cpu.get('float', n)),
    fsr: cpu.get('fsr'),
    gsr: cpu.get('gsr'),
    fprs: cpu.get('fprs'),
  }
}

/** Sets the halves of the register file that `fprs` calls dirty, FSR and GSR. */
export function setUserFloat(cpu: Cpu, float: UserFloat): void {
  for (let n = 0; n < 32; n++)
    if (float.fprs & (n < 16 ? FPRS_LOWER : FPRS_UPPER)) cpu.set('float', float.registers[n], n)
  cpu.set('fsr', (cpu.get('fsr') & ~FSR_WRITABLE) | (float.fsr & FSR_WRITABLE))
  cpu.set('gsr', float.gsr)
  cpu.set('fprs', cpu.get('fprs') | (float.fprs & 7n))
  cpu.modeChanged()
}
