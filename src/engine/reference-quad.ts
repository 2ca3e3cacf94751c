import type { QuadOperation } from '../isa/semantics'
import { BINARY32, BINARY64, BINARY128 } from '../isa/softfloat'
import { ReferenceFloatMemory } from './reference-float-memory'
import { FCC_SHIFT, FTT_UNIMPLEMENTED, floatBits } from './reference-float-registers'

/** Quad operations, where the model has them; else they are left to software. */
export class ReferenceQuad extends ReferenceFloatMemory {
  quad(operation: QuadOperation, condition = true): void {
    if (!this.environment.model.quadInHardware && !this.emulating) this.trapFloat(FTT_UNIMPLEMENTED)
    const { soft } = this
    soft.flags = 0
    switch (operation) {
      case 'faddq':
        this.setQuad(soft.add(BINARY128, this.quadRs1(), this.quadRs2(), this.rounding()))
        return
      case 'fsubq':
        this.setQuad(soft.sub(BINARY128, this.quadRs1(), this.quadRs2(), this.rounding()))
        return
      case 'fmulq':
        this.setQuad(soft.mul(BINARY128, this.quadRs1(), this.quadRs2(), this.rounding()))
        return
      case 'fdivq':
        this.setQuad(soft.div(BINARY128, this.quadRs1(), this.quadRs2(), this.rounding()))
        return
      case 'fsqrtq':
        this.setQuad(soft.sqrt(BINARY128, this.quadRs2(), this.rounding()))
        return
      case 'fdmulq': {
        const [a, b] = [floatBits('d', this.frs1('d')), floatBits('d', this.frs2('d'))]
        this.setQuad(soft.mulWiden(BINARY64, BINARY128, a, b, this.rounding()))
        return
      }
      case 'fstoq':
        this.setQuad(soft.convert(BINARY32, BINARY128, this.frs2('s'), this.rounding()))
        return
      case 'fdtoq':
        this.setQuad(soft.convert(BINARY64, BINARY128, floatBits('d', this.frs2('d')), this.rounding()))
        return
      case 'fitoq':
        this.setQuad(soft.fromInteger(32, BINARY128, this.frs2('s'), this.rounding()))
        return
      case 'fxtoq':
        this.setQuad(soft.fromInteger(64, BINARY128, this.frs2('d'), this.rounding()))
        return
      case 'fqtos':
        this.setNarrow('s', soft.convert(BINARY128, BINARY32, this.quadRs2(), this.rounding()))
        return
      case 'fqtod':
        this.setNarrow('d', soft.convert(BINARY128, BINARY64, this.quadRs2(), this.rounding()))
        return
      case 'fqtoi':
        this.setNarrow('s', soft.toInteger(BINARY128, 32, this.quadRs2()))
        return
      case 'fqtox':
        this.setNarrow('d', soft.toInteger(BINARY128, 64, this.quadRs2()))
        return
      case 'fcmpq':
      case 'fcmpeq':
        this.compareQuads(operation === 'fcmpeq')
        return
      case 'fmovq':
        this.moveQuad(this.quadRs2(), condition)
        return
      case 'fnegq':
        this.moveQuad(this.quadRs2() ^ BINARY128.sign, condition)
        return
      case 'fabsq':
        this.moveQuad(this.quadRs2() & BINARY128.magnitudeMask, condition)
        return
    }
  }

  private compareQuads(signaling: boolean): void {
    const relation = this.soft.compare(BINARY128, signaling, this.quadRs1(), this.quadRs2())
    const shift = FCC_SHIFT[this.insn.rd & 3]!
    this.settle()
    this.set('fsr', (this.get('fsr') & ~(3n << shift)) | (BigInt(relation) << shift))
  }

  private quadRs1(): bigint {
    return this.quadAt(this.insn.rs1)
  }

  private quadRs2(): bigint {
    return this.quadAt(this.insn.rs2)
  }

  private quadAt(field: number): bigint {
    const index = this.quadRegister(field)
    return (this.get('float', index) << 64n) | this.get('float', index + 1)
  }

  private setQuad(value: bigint): void {
    const index = this.quadRegister(this.insn.rd)
    this.settle()
    this.writeQuad(index, value)
  }

  private moveQuad(value: bigint, condition: boolean): void {
    const index = this.quadRegister(this.insn.rd)
    this.clearFloatExceptions()
    if (condition) this.writeQuad(index, value)
  }

  private writeQuad(index: number, value: bigint): void {
    this.setDouble(index, value >> 64n)
    this.setDouble(index + 1, value)
  }

  private setNarrow(width: 's' | 'd', value: bigint): void {
    this.settle()
    this.setFrd(width, value)
  }
}
