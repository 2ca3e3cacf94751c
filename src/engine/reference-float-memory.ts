import type { AsiKind, Transfer } from '../asi'
import type { Access } from '../isa/semantics'
import { doubleIndex, ReferenceFloatRegisters } from './reference-float-registers'

/** Bytes of what a partial store stores or leaves. */
const LANES = { partial8: 1, partial16: 2, partial32: 4 } as const

/** Transfers of double and quad f registers and of pairs of integer registers through ASIs. */
export class ReferenceFloatMemory extends ReferenceFloatRegisters {
  loadDoubleFloatAlternate(address: bigint): void {
    const { rd } = this.insn
    const asi = this.currentAsi()
    const transfer = transferOf(this.asis[asi]?.what)
    if (transfer === 'block') this.requireBlockRegister(rd)
    this.requireFloat()
    if (transfer === 'block') {
      const pointer = this.translateTransfer(address, 64, 'load', asi)
      for (let n = 0; n < 8; n++) this.setF('d', blockField(rd, n), this.read(pointer, 8, n * 8))
    } else if (transfer === 'short8' || transfer === 'short16') {
      const size = transfer === 'short8' ? 1 : 2
      const pointer = this.translateTransfer(address, size, 'load', asi)
      this.setF('d', rd, this.read(pointer, size))
    } else {
      this.requireDoubleAlignment(address, 'LDDF_mem_address_not_aligned', 'load')
      this.setF('d', rd, this.read(this.translateAlternate(address, 8, 'load'), 8))
    }
  }

  storeDoubleFloatAlternate(address: bigint): void {
    const { rd } = this.insn
    const asi = this.currentAsi()
    const transfer = transferOf(this.asis[asi]?.what)
    const block = transfer === 'block' || transfer === 'block-commit'
    const lane = LANES[transfer as keyof typeof LANES]
    if (block) this.requireBlockRegister(rd)
    if (lane !== undefined && this.insn.useImmediate) this.raise('illegal_instruction')
    this.requireFloat()
    if (block) {
      const pointer = this.translateTransfer(address, 64, 'store', asi)
      for (let n = 0; n < 8; n++) this.write(pointer, 8, this.f('d', blockField(rd, n)), n * 8)
    } else if (transfer === 'short8' || transfer === 'short16') {
      const size = transfer === 'short8' ? 1 : 2
      const pointer = this.translateTransfer(address, size, 'store', asi)
      this.write(pointer, size, this.f('d', rd))
    } else if (lane !== undefined) {
      this.storePartial(asi, lane)
    } else {
      this.requireDoubleAlignment(address, 'STDF_mem_address_not_aligned', 'store')
      this.write(this.translateAlternate(address, 8, 'store'), 8, this.f('d', rd))
    }
  }

  /**
   * UltraSPARC-I chapter 13: r[rs2] selects bytes, halfwords or words, the most significant bit the most significant one, which is
   * at the lowest address of big-endian memory. There is no immediate form.
   */
  private storePartial(asi: number, lane: 1 | 2 | 4): void {
    const { rd, rs1, rs2 } = this.insn
    const base = this.w64[this.map[rs1]]
    const mask = Number(this.w64[this.map[rs2]] & 0xffn)
    const pointer = this.translateTransfer(base, 8, 'store', asi)
    const little = this.isLittle(pointer)
    const lanes = 8 / lane
    const value = this.f('d', rd)
    for (let n = 0; n < lanes; n++) {
      if (!((mask >> (lanes - 1 - n)) & 1)) continue
      this.write(pointer, lane, value >> BigInt(64 - (n + 1) * lane * 8), (little ? lanes - 1 - n : n) * lane)
    }
  }

  /** A double at a multiple of 4 that is none of 8 has a trap of its own; other misalignment is found by the translation. */
  private requireDoubleAlignment(
    address: bigint,
    trap: 'LDDF_mem_address_not_aligned' | 'STDF_mem_address_not_aligned',
    access: Access,
  ): void {
    if (Number(address & 7n) !== 4) return
    this.recordFault(this.mask(address), this.currentAsi(), access)
    this.raise(trap)
  }

  /** Block transfers use eight doubles from a multiple of eight (UltraSPARC-I chapter 13). */
  private requireBlockRegister(field: number): void {
    if ((doubleIndex(field) & 7) !== 0) this.raise('illegal_instruction')
  }

  loadTwinAlternate(address: bigint): void {
    const asi = this.currentAsi()
    const quad = transferOf(this.asis[asi]?.what) === 'quad'
    const size = quad ? 8 : 4
    // Each half is a value of its own: little-endian memory swaps within the halves (V9 6.3.1.2)
    const pointer = quad
      ? this.translateTransfer(address, 16, 'load', asi)
      : this.translateAlternate(address, 8, 'load', true)
    const even = this.read(pointer, size)
    this.setPair(even, this.read(pointer, size, size))
  }

  storeTwinAlternate(address: bigint): void {
    const pointer = this.translateAlternate(address, 8, 'store', true)
    this.write(pointer, 4, this.w64[this.map[this.insn.rd]])
    this.write(pointer, 4, this.w64[this.map[this.insn.rd + 1]], 4)
  }

  protected setPair(even: bigint, odd: bigint): void {
    const { rd } = this.insn
    if (rd !== 0) this.w64[this.map[rd]] = even
    this.w64[this.map[rd + 1]] = odd
  }

  /** V9 A.25, A.26: ldqf and ldqfa, where the model has them. */
  loadQuad(address: bigint, alternate: boolean): void {
    const index = this.quadIndex(address, alternate, 'load')
    const pointer = alternate ? this.translateAlternate(address, 16, 'load') : this.translate(address, 16, 'load')
    const [high, low] = this.isLittle(pointer) ? [8, 0] : [0, 8]
    const first = this.read(pointer, 8, high)
    this.setDouble(index + 1, this.read(pointer, 8, low))
    this.setDouble(index, first)
  }

  storeQuad(address: bigint, alternate: boolean): void {
    const index = this.quadIndex(address, alternate, 'store')
    const pointer = alternate ? this.translateAlternate(address, 16, 'store') : this.translate(address, 16, 'store')
    const [high, low] = this.isLittle(pointer) ? [8, 0] : [0, 8]
    this.write(pointer, 8, this.double(index), high)
    this.write(pointer, 8, this.double(index + 1), low)
  }

  private quadIndex(address: bigint, alternate: boolean, access: 'load' | 'store'): number {
    if (!this.environment.model.quadInHardware) this.raise('illegal_instruction')
    this.requireFloat()
    const index = this.quadRegister(this.insn.rd)
    if ((address & 15n) !== 0n && (address & 3n) === 0n) {
      this.recordFault(this.mask(address), alternate ? this.currentAsi() : this.implicitAsi(), access)
      this.raise(access === 'load' ? 'LDQF_mem_address_not_aligned' : 'STQF_mem_address_not_aligned')
    }
    return index
  }
}

/** The field of the n-th double after the one named by `field`. */
function blockField(field: number, n: number): number {
  const index = doubleIndex(field) + n
  return ((index & 15) << 1) | (index >> 4)
}

function transferOf(what: AsiKind | undefined): Transfer | undefined {
  return what === undefined || what.kind === 'register' ? undefined : what.transfer
}
