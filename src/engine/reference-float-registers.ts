import type { FloatWidth } from '../isa/semantics'
import { BINARY32, BINARY64, type BinaryFormat, HostFloat, type RoundingMode, settleExceptions } from '../isa/softfloat'
import type { Mmu } from '../mmu'
import { REGISTER } from '../state/layout'
import { ReferenceAlternate } from './reference-alternate'
import type { EngineEnvironment } from './reference-core'

/** FSR fields (V9 5.1.7). */
const CEXC = 0x1fn
const AEXC_SHIFT = 5n
const FTT_SHIFT = 14n
const FTT_MASK = 7n << FTT_SHIFT
const TEM_SHIFT = 23n
const RD_SHIFT = 30
const NS = 1 << 22
const FSR_WRITABLE_LOW = 0xcf80_0fffn
const FSR_FCC_HIGH = 0x3f_0000_0000n
const FTT_IEEE_754 = 1n
export const FTT_UNFINISHED = 2n
export const FTT_UNIMPLEMENTED = 3n
export const FTT_INVALID_REGISTER = 6n
export const FCC_SHIFT = [10n, 32n, 34n, 36n] as const
/** GSR.IM and GSR.IRND, which siam sets. */
const GSR_IM = 1 << 27
const GSR_IRND_SHIFT = 25
/** FPRS: dirty lower, dirty upper, enabled. */
const FPRS_DL = 1
const FPRS_DU = 2

/** fcc values (equal, less, greater, unordered) that satisfy each FBfcc condition, as masks (V9 A.5). */
const FLOAT_CONDITION_MASKS = [0, 14, 6, 10, 2, 12, 4, 8, 15, 1, 9, 5, 13, 3, 11, 7]

export const FORMATS = { s: BINARY32, d: BINARY64 } as const satisfies Record<FloatWidth, BinaryFormat>

/** Floating-point registers, FSR and GSR. */
export class ReferenceFloatRegisters extends ReferenceAlternate {
  /** Instructions are executed for software that emulates them: nothing is left to it. */
  emulating = false
  protected readonly soft = new HostFloat()
  /** UltraSPARC-I 14.3.1: subnormal operands and results may be left to software. */
  protected readonly limited: boolean
  private readonly intervalModes: boolean
  private readonly writableLow: bigint
  private readonly float64: number
  private readonly float32: number

  constructor(environment: EngineEnvironment, index: number, mmu: Mmu) {
    super(environment, index, mmu)
    this.float64 = this.base64 + (REGISTER.float >> 3)
    this.float32 = this.base32 + (REGISTER.float >> 2)
    const { subnormals, instructionSets } = environment.model
    this.limited = subnormals === 'ultrasparc'
    this.intervalModes = instructionSets.includes('vis2')
    this.writableLow = this.limited ? FSR_WRITABLE_LOW | BigInt(NS) : FSR_WRITABLE_LOW
  }

  requireFloat(): void {
    if (!this.floatEnabled && !this.emulating) this.raise('fp_disabled')
  }

  frs1(width: FloatWidth): bigint {
    return this.f(width, this.insn.rs1)
  }

  frs2(width: FloatWidth): bigint {
    return this.f(width, this.insn.rs2)
  }

  frs3(width: FloatWidth): bigint {
    return this.f(width, (this.insn.word >>> 9) & 31)
  }

  frd(width: FloatWidth): bigint {
    return this.f(width, this.insn.rd)
  }

  setFrd(width: FloatWidth, value: bigint): void {
    this.setF(width, this.insn.rd, value)
  }

  /** By the 5-bit field; a double's field carries bit 5 of its number in bit 0 (V9 5.1.4.1). */
  protected f(width: FloatWidth, field: number): bigint {
    if (width === 'd') return this.double(doubleIndex(field))
    this.s32[0] = this.w32[this.float32 + (field ^ 1)]
    this.s32[1] = 0
    return this.s64[0]
  }

  protected setF(width: FloatWidth, field: number, value: bigint): void {
    if (width === 'd') {
      this.setDouble(doubleIndex(field), value)
      return
    }
    this.s64[0] = value
    this.w32[this.float32 + (field ^ 1)] = this.s32[0]
    this.dirty(FPRS_DL)
  }

  /** By number, halved: %f2 is 1. */
  protected double(index: number): bigint {
    return this.w64[this.float64 + index]
  }

  protected setDouble(index: number, value: bigint): void {
    this.w64[this.float64 + index] = value
    this.dirty(index < 16 ? FPRS_DL : FPRS_DU)
  }

  /** Index of the first double of a quad register; only multiples of 4 are one (V9 5.1.4.1). May trap. */
  protected quadRegister(field: number): number {
    if (field & 2) this.trapFloat(FTT_INVALID_REGISTER)
    return doubleIndex(field)
  }

  private dirty(half: number): void {
    this.w32[this.base32 + (REGISTER.fprs >> 2)] |= half
  }

  testFloatCondition(fcc: number, condition: number): boolean {
    const value = Number((this.get('fsr') >> FCC_SHIFT[fcc]!) & 3n)
    return ((FLOAT_CONDITION_MASKS[condition]! >> value) & 1) !== 0
  }

  fsr(): bigint {
    return BigInt.asIntN(64, this.get('fsr'))
  }

  setFsr(value: bigint, width: 32 | 64): void {
    const writable = width === 64 ? this.writableLow | FSR_FCC_HIGH : this.writableLow
    this.set('fsr', (this.get('fsr') & ~writable & ~FTT_MASK) | (value & writable))
  }

  clearFloatExceptions(): void {
    this.set('fsr', this.get('fsr') & ~(CEXC | FTT_MASK))
  }

  clearFloatTrapType(): void {
    this.set('fsr', this.get('fsr') & ~FTT_MASK)
  }

  gsr(): bigint {
    return this.w64[this.base64 + (REGISTER.gsr >> 3)]
  }

  setGsr(value: bigint): void {
    this.set('gsr', value)
  }

  protected rounding(): RoundingMode {
    if (this.inIntervalMode()) {
      return ((this.w32[this.base32 + (REGISTER.gsr >> 2)]! >>> GSR_IRND_SHIFT) & 3) as RoundingMode
    }
    return (this.w32[this.base32 + (REGISTER.fsr >> 2)]! >>> RD_SHIFT) as RoundingMode
  }

  /** FSR.NS, which an interval mode overrides. */
  protected nonstandard(): boolean {
    return (this.w32[this.base32 + (REGISTER.fsr >> 2)]! & NS) !== 0 && !this.inIntervalMode()
  }

  private inIntervalMode(): boolean {
    return this.intervalModes && (this.w32[this.base32 + (REGISTER.gsr >> 2)]! & GSR_IM) !== 0
  }

  /** Moves the raised flags into FSR, or traps with nothing but cexc and ftt changed (V9 5.1.7.9). */
  protected settle(): void {
    const fsr = this.get('fsr') & ~(CEXC | FTT_MASK)
    const { flags } = this.soft
    if (flags === 0) {
      this.set('fsr', fsr)
      return
    }
    const { cexc, traps } = settleExceptions(flags, Number((fsr >> TEM_SHIFT) & 31n))
    const current = fsr | BigInt(cexc)
    if (traps) {
      this.set('fsr', current | (FTT_IEEE_754 << FTT_SHIFT))
      this.raise('fp_exception_ieee_754')
    }
    this.set('fsr', current | (BigInt(cexc) << AEXC_SHIFT))
  }

  protected trapFloat(ftt: bigint): never {
    this.set('fsr', (this.get('fsr') & ~FTT_MASK) | (ftt << FTT_SHIFT))
    this.raise('fp_exception_other')
  }
}

/** What an f register of a width holds, as an unsigned number. */
export function floatBits(width: FloatWidth, value: bigint): bigint {
  return BigInt.asUintN(FORMATS[width].bits, value)
}

/** Number, halved, of the f register that a field of a double names. */
export function doubleIndex(field: number): number {
  return ((field & 30) >> 1) | ((field & 1) << 4)
}
