import type { Arena } from '../state/arena'
import {
  cpuBlock,
  GLOBALS_ALTERNATE,
  GLOBALS_INTERRUPT,
  GLOBALS_MMU,
  GLOBALS_NORMAL,
  NWINDOWS,
  REGISTER,
  type RegisterField,
} from '../state/layout'

/** PSTATE fields (V9 5.2.1; IG, MG: UltraSPARC-I table 14-13). */
export const PSTATE_AG = 0x001
export const PSTATE_IE = 0x002
export const PSTATE_PRIV = 0x004
export const PSTATE_AM = 0x008
export const PSTATE_PEF = 0x010
export const PSTATE_RED = 0x020
export const PSTATE_MM = 0x0c0
export const PSTATE_TLE = 0x100
export const PSTATE_CLE = 0x200
export const PSTATE_MG = 0x400
export const PSTATE_IG = 0x800

export const CPU_RUNNING = 0
/** Not started yet, or stopped itself. */
export const CPU_HALTED = 1
export const CPU_ERROR_STATE = 2

/** One CPU's registers in the arena, by name; values are unsigned 64-bit bigints. */
export class CpuRegisters {
  readonly base: number
  readonly w64: BigInt64Array
  readonly w32: Int32Array
  /** Index into w64 of r0..r31 in the current window and globals set; derived from CWP and PSTATE. */
  readonly map = new Int32Array(32)
  protected readonly base64: number
  protected readonly base32: number

  constructor(
    readonly arena: Arena,
    readonly index: number,
  ) {
    this.base = cpuBlock(arena.layout, index)
    this.base64 = this.base >> 3
    this.base32 = this.base >> 2
    this.w64 = arena.words64
    this.w32 = arena.words32
    this.updateMap()
  }

  get(field: RegisterField, element = 0): bigint {
    return BigInt.asUintN(64, this.w64[this.base64 + (REGISTER[field] >> 3) + element])
  }

  set(field: RegisterField, value: bigint, element = 0): void {
    this.w64[this.base64 + (REGISTER[field] >> 3) + element] = value
  }

  /** The low 32 bits of a register as a signed number: for registers that are small. */
  small(field: RegisterField): number {
    return this.w32[this.base32 + (REGISTER[field] >> 2)]
  }

  setSmall(field: RegisterField, value: number): void {
    this.w32[this.base32 + (REGISTER[field] >> 2)] = value
    this.w32[this.base32 + (REGISTER[field] >> 2) + 1] = 0
  }

  /** r0..r31 of the current window. */
  r(number: number): bigint {
    return BigInt.asUintN(64, this.w64[this.map[number]])
  }

  setR(number: number, value: bigint): void {
    if (number !== 0) this.w64[this.map[number]] = value
  }

  /** Re-derives the register map after CWP or the globals set changed. */
  updateMap(): void {
    const { map } = this
    const globals = this.base64 + (REGISTER.globals >> 3) + this.globalsSet() * 8
    const windows = this.base64 + (REGISTER.windows >> 3)
    const cwp = this.small('cwp')
    const outs = windows + ((cwp + 1) % NWINDOWS) * 16
    const own = windows + cwp * 16
    for (let n = 0; n < 8; n++) {
      map[n] = globals + n
      map[n + 8] = outs + n
      map[n + 16] = own + 8 + n
      map[n + 24] = own + n
    }
  }

  globalsSet(): number {
    const pstate = this.small('pstate')
    if (pstate & PSTATE_AG) return GLOBALS_ALTERNATE
    if (pstate & PSTATE_MG) return GLOBALS_MMU
    if (pstate & PSTATE_IG) return GLOBALS_INTERRUPT
    return GLOBALS_NORMAL
  }
}
