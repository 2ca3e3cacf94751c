import { ASIS, type MemoryAsi } from '../isa/asi'
import type { FloatBinary, FloatFormat, FloatWidth, QuadOperation } from '../isa/semantics'
import { BINARY32, BINARY64, type BinaryFormat, HostFloat, type RoundingMode, settleExceptions } from '../isa/softfloat'
import type { Mmu } from '../mmu'
import { REGISTER } from '../state/layout'
import type { EngineEnvironment } from './reference-core'
import { ReferenceMemory } from './reference-memory'

/** FSR fields (V9 5.1.7). */
const CEXC = 0x1fn
const AEXC_SHIFT = 5n
const FTT_SHIFT = 14n
const FTT_MASK = 7n << FTT_SHIFT
const TEM_SHIFT = 23n
const FSR_WRITABLE_LOW = 0xcf80_0fffn & ~FTT_MASK
const FSR_FCC_HIGH = 0x3f_0000_0000n
const FTT_IEEE_754 = 1n
const FTT_UNIMPLEMENTED = 3n
const FCC_SHIFT = [10n, 32n, 34n, 36n] as const
/** FPRS: dirty lower, dirty upper, enabled (V9 5.2.? FPRS). */
const FPRS_DL = 1
const FPRS_DU = 2

/** fcc values (equal, less, greater, unordered) that satisfy each FBfcc condition, as masks (V9 A.5). */
const FLOAT_CONDITION_MASKS = [0, 14, 6, 10, 2, 12, 4, 8, 15, 1, 9, 5, 13, 3, 11, 7]

const FORMATS = { s: BINARY32, d: BINARY64 } as const satisfies Record<FloatWidth, BinaryFormat>

/** Floating-point registers, FSR, GSR and the transfers of the floating-point ASIs. */
export class ReferenceFloat extends ReferenceMemory {
  private readonly soft = new HostFloat()
  private readonly float64: number
  private readonly float32: number

  constructor(environment: EngineEnvironment, index: number, mmu: Mmu) {
    super(environment, index, mmu)
    this.float64 = this.base64 + (REGISTER.float >> 3)
    this.float32 = this.base32 + (REGISTER.float >> 2)
  }

  requireFloat(): void {
    if (!this.floatEnabled) this.raise('fp_disabled')
  }

  frs1(width: FloatWidth): bigint {
    return this.f(width, this.insn.rs1)
  }

  frs2(width: FloatWidth): bigint {
    return this.f(width, this.insn.rs2)
  }

  frd(width: FloatWidth): bigint {
    return this.f(width, this.insn.rd)
  }

  setFrd(width: FloatWidth, value: bigint): void {
    this.setF(width, this.insn.rd, value)
  }

  /** By the 5-bit field; a double's field carries bit 5 of its number in bit 0 (V9 5.1.4.1). */
  private f(width: FloatWidth, field: number): bigint {
    if (width === 'd') return this.w64[this.float64 + doubleIndex(field)]
    this.s32[0] = this.w32[this.float32 + (field ^ 1)]
    this.s32[1] = 0
    return this.s64[0]
  }

  private setF(width: FloatWidth, field: number, value: bigint): void {
    if (width === 'd') {
      const index = doubleIndex(field)
      this.w64[this.float64 + index] = value
      this.dirty(index < 16 ? FPRS_DL : FPRS_DU)
      return
    }
    this.s64[0] = value
    this.w32[this.float32 + (field ^ 1)] = this.s32[0]
    this.dirty(FPRS_DL)
  }

  private dirty(half: number): void {
    this.w32[this.base32 + (REGISTER.fprs >> 2)] |= half
  }

  floatUnary(_operation: 'sqrt', width: FloatWidth, a: bigint): bigint {
    this.soft.flags = 0
    return this.settle(this.soft.sqrt(FORMATS[width], unsigned(width, a), this.rounding()))
  }

  floatBinary(operation: FloatBinary, width: FloatWidth, a: bigint, b: bigint): bigint {
    this.soft.flags = 0
    return this.settle(this.soft[operation](FORMATS[width], unsigned(width, a), unsigned(width, b), this.rounding()))
  }

  floatMultiplyWiden(a: bigint, b: bigint): bigint {
    this.soft.flags = 0
    return this.settle(this.soft.mulWiden(BINARY32, BINARY64, unsigned('s', a), unsigned('s', b), this.rounding()))
  }

  floatConvert(from: FloatFormat, to: FloatFormat, a: bigint): bigint {
    const { soft } = this
    soft.flags = 0
    if (from === 'i' || from === 'x')
      return this.settle(soft.fromInteger(from === 'i' ? 32 : 64, FORMATS[to as FloatWidth], a, this.rounding()))
    const operand = unsigned(from, a)
    if (to === 'i' || to === 'x') return this.settle(soft.toInteger(FORMATS[from], to === 'i' ? 32 : 64, operand))
    return this.settle(soft.convert(FORMATS[from], FORMATS[to], operand, this.rounding()))
  }

  floatCompare(width: FloatWidth, signaling: boolean, fcc: number, a: bigint, b: bigint): void {
    this.soft.flags = 0
    const relation = this.soft.compare(FORMATS[width], signaling, unsigned(width, a), unsigned(width, b))
    this.settle(0n)
    const shift = FCC_SHIFT[fcc]!
    this.set('fsr', (this.get('fsr') & ~(3n << shift)) | (BigInt(relation) << shift))
  }

  testFloatCondition(fcc: number, condition: number): boolean {
    const value = Number((this.get('fsr') >> FCC_SHIFT[fcc]!) & 3n)
    return ((FLOAT_CONDITION_MASKS[condition]! >> value) & 1) !== 0
  }

  quad(_operation: QuadOperation, _condition?: boolean): void {
    this.trapFloat(FTT_UNIMPLEMENTED)
  }

  fsr(): bigint {
    return BigInt.asIntN(64, this.get('fsr'))
  }

  setFsr(value: bigint, width: 32 | 64): void {
    const writable = width === 64 ? FSR_WRITABLE_LOW | FSR_FCC_HIGH : FSR_WRITABLE_LOW
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

  private rounding(): RoundingMode {
    return Number((this.get('fsr') >> 30n) & 3n) as RoundingMode
  }

  /** Moves the raised flags into FSR, or traps with nothing but cexc and ftt changed (V9 5.1.7.9). */
  private settle(result: bigint): bigint {
    const fsr = this.get('fsr') & ~(CEXC | FTT_MASK)
    const { flags } = this.soft
    if (flags === 0) {
      this.set('fsr', fsr)
      return BigInt.asIntN(64, result)
    }
    const { cexc, traps } = settleExceptions(flags, Number((fsr >> TEM_SHIFT) & 31n))
    const current = fsr | BigInt(cexc)
    if (traps) {
      this.set('fsr', current | (FTT_IEEE_754 << FTT_SHIFT))
      this.raise('fp_exception_ieee_754')
    }
    this.set('fsr', current | (BigInt(cexc) << AEXC_SHIFT))
    return BigInt.asIntN(64, result)
  }

  private trapFloat(ftt: bigint): never {
    this.set('fsr', (this.get('fsr') & ~FTT_MASK) | (ftt << FTT_SHIFT))
    this.raise('fp_exception_other')
  }

  loadDoubleFloatAlternate(address: bigint): void {
    const { rd } = this.insn
    const asi = this.currentAsi()
    const what = ASIS[asi]?.what
    const transfer = what?.kind === 'memory' ? what.transfer : undefined
    if (transfer === undefined || transfer === 'quad') {
      this.requireDoubleAlignment(address, 'LDDF_mem_address_not_aligned')
      const pointer = this.translateAlternate(address, 8, 'load')
      this.setF('d', rd, this.read(pointer, 8))
      return
    }
    if (transfer === 'block') {
      this.requireBlockRegister(rd)
      const pointer = this.translateAlternate(address, 64, 'load')
      for (let n = 0; n < 8; n++) this.setF('d', blockField(rd, n), this.read(pointer, 8, n * 8))
      return
    }
    if (transfer === 'short8' || transfer === 'short16') {
      const size = transfer === 'short8' ? 1 : 2
      this.requireUnrestricted(asi)
      const pointer = this.translateAs(address, size, 'load', asi, what as MemoryAsi)
      this.setF('d', rd, this.read(pointer, size))
      return
    }
    this.refuse(address, asi, 'load')
  }

  storeDoubleFloatAlternate(address: bigint): void {
    const { rd } = this.insn
    const asi = this.currentAsi()
    const what = ASIS[asi]?.what
    const transfer = what?.kind === 'memory' ? what.transfer : undefined
    if (transfer === undefined) {
      this.requireDoubleAlignment(address, 'STDF_mem_address_not_aligned')
      const pointer = this.translateAlternate(address, 8, 'store')
      this.write(pointer, 8, this.f('d', rd))
      return
    }
    if (transfer === 'block' || transfer === 'block-commit') {
      this.requireBlockRegister(rd)
      const pointer = this.translateAlternate(address, 64, 'store')
      for (let n = 0; n < 8; n++) this.write(pointer, 8, this.f('d', blockField(rd, n)), n * 8)
      return
    }
    const memory = what as MemoryAsi
    if (transfer === 'short8' || transfer === 'short16') {
      const size = transfer === 'short8' ? 1 : 2
      const pointer = this.translateAs(address, size, 'store', asi, memory)
      this.write(pointer, size, this.f('d', rd))
      return
    }
    if (transfer === 'quad') this.refuse(address, asi, 'store')
    this.storePartial(asi, memory)
  }

  /** UltraSPARC-I 13.6.1: r[rs2] selects bytes, halfwords or words, the most significant bit the lowest address. */
  private storePartial(asi: number, what: MemoryAsi): void {
    const { rd, rs1, rs2 } = this.insn
    if (this.insn.useImmediate) this.raise('illegal_instruction')
    const base = this.w64[this.map[rs1]]
    const mask = Number(BigInt.asUintN(8, this.w64[this.map[rs2]]))
    const pointer = this.translateAs(base, 8, 'store', asi, what)
    const lane = what.transfer === 'partial8' ? 1 : what.transfer === 'partial16' ? 2 : 4
    const lanes = 8 / lane
    const value = BigInt.asUintN(64, this.f('d', rd))
    for (let n = 0; n < lanes; n++) {
      if (!((mask >> (lanes - 1 - n)) & 1)) continue
      const part = BigInt.asUintN(lane * 8, value >> BigInt(64 - (n + 1) * lane * 8))
      const at = what.little ? (lanes - 1 - n) * lane : n * lane
      this.write(pointer, lane as 1 | 2 | 4, part, at)
    }
  }

  private requireDoubleAlignment(
    address: bigint,
    trap: 'LDDF_mem_address_not_aligned' | 'STDF_mem_address_not_aligned',
  ): void {
    if (Number(address & 7n) === 4) this.raise(trap)
  }

  /** Block transfers use eight doubles from a multiple of eight (UltraSPARC-I 13.6.3). */
  private requireBlockRegister(field: number): void {
    if ((doubleIndex(field) & 7) !== 0) this.raise('illegal_instruction')
  }

  private requireUnrestricted(asi: number): void {
    if (asi < 0x80 && !this.supervisor) this.raise('privileged_action')
  }

  loadTwinAlternate(address: bigint): void {
    const asi = this.currentAsi()
    const what = ASIS[asi]?.what
    if (what?.kind === 'memory' && what.transfer === 'quad') {
      const pointer = this.translateAlternate(address, 16, 'load')
      const first = this.read(pointer, 8, 0)
      const second = this.read(pointer, 8, 8)
      this.setPair(first, second)
      return
    }
    const pointer = this.translateAlternate(address, 8, 'load')
    // Each half is a word of its own: little-endian ASIs swap within the halves (V9 6.3.1.2)
    const little = (what?.kind === 'memory' || what?.kind === 'physical') && what.little === true
    const twin = BigInt.asUintN(64, this.read(pointer, 8))
    const high = twin >> 32n
    const low = twin & 0xffff_ffffn
    if (little) this.setPair(low, high)
    else this.setPair(high, low)
  }

  storeTwinAlternate(address: bigint): void {
    const what = ASIS[this.currentAsi()]?.what
    const pointer = this.translateAlternate(address, 8, 'store')
    const little = (what?.kind === 'memory' || what?.kind === 'physical') && what.little === true
    const even = BigInt.asUintN(32, this.w64[this.map[this.insn.rd]])
    const odd = BigInt.asUintN(32, this.w64[this.map[this.insn.rd + 1]])
    const twin = little ? (odd << 32n) | even : (even << 32n) | odd
    this.write(pointer, 8, BigInt.asIntN(64, twin))
  }

  protected setPair(even: bigint, odd: bigint): void {
    const { rd } = this.insn
    if (rd !== 0) this.w64[this.map[rd]] = even
    this.w64[this.map[rd + 1]] = odd
  }
}

function doubleIndex(field: number): number {
  return ((field & 30) >> 1) | ((field & 1) << 4)
}

/** The field of the n-th double after the one named by `field`. */
function blockField(field: number, n: number): number {
  const index = doubleIndex(field) + n
  return ((index & 15) << 1) | (index >> 4)
}

function unsigned(width: FloatWidth, value: bigint): bigint {
  return BigInt.asUintN(width === 's' ? 32 : 64, value)
}
