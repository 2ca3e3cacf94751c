import { ASIS, FIRST_UNRESTRICTED_ASI, type MemoryAsi } from '../asi'
import { doubleIndex, ReferenceFloatRegisters } from './reference-float-registers'

/** Transfers of double and quad f registers and of pairs of integer registers through ASIs. */
export class ReferenceFloatMemory extends ReferenceFloatRegisters {
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

  /** UltraSPARC-I chapter 13: r[rs2] selects bytes, halfwords or words, the most significant bit the lowest address. */
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

  /** Block transfers use eight doubles from a multiple of eight (UltraSPARC-I chapter 13). */
  private requireBlockRegister(field: number): void {
    if ((doubleIndex(field) & 7) !== 0) this.raise('illegal_instruction')
  }

  private requireUnrestricted(asi: number): void {
    if (asi < FIRST_UNRESTRICTED_ASI && !this.supervisor) this.raise('privileged_action')
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

  /** V9 A.25, A.26: ldqf and ldqfa, where the model has them. */
  loadQuad(address: bigint, alternate: boolean): void {
    const index = this.quadIndex(address, 'LDQF_mem_address_not_aligned')
    const pointer = alternate ? this.translateAlternate(address, 16, 'load') : this.translate(address, 16, 'load')
    const high = this.read(pointer, 8, 0)
    const low = this.read(pointer, 8, 8)
    this.setDouble(index, high)
    this.setDouble(index + 1, low)
  }

  storeQuad(address: bigint, alternate: boolean): void {
    const index = this.quadIndex(address, 'STQF_mem_address_not_aligned')
    const pointer = alternate ? this.translateAlternate(address, 16, 'store') : this.translate(address, 16, 'store')
    this.write(pointer, 8, this.double(index), 0)
    this.write(pointer, 8, this.double(index + 1), 8)
  }

  private quadIndex(address: bigint, misaligned: 'LDQF_mem_address_not_aligned' | 'STQF_mem_address_not_aligned') {
    if (!this.environment.model.quadInHardware) this.raise('illegal_instruction')
    this.requireFloat()
    const index = this.quadRegister(this.insn.rd)
    if ((address & 15n) !== 0n && (address & 3n) === 0n) this.raise(misaligned)
    return index
  }
}

/** The field of the n-th double after the one named by `field`. */
function blockField(field: number, n: number): number {
  const index = doubleIndex(field) + n
  return ((index & 15) << 1) | (index >> 4)
}
