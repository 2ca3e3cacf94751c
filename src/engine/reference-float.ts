import type { FloatBinary, FloatFormat, FloatWidth, FusedOperation } from '../isa/semantics'
import {
  BINARY32,
  BINARY64,
  type BinaryFormat,
  FLAG_NX,
  FLAG_TINY,
  FLAG_UF,
  type Fusion,
  isNaNIn,
  multiplyAdd,
} from '../isa/softfloat'
import { FCC_SHIFT, FORMATS, FTT_UNFINISHED, floatBits } from './reference-float-registers'
import { ReferenceQuad } from './reference-quad'
import {
  DOUBLE_RANGE,
  type ExponentRange,
  isSubnormal,
  type LimitedOperation,
  leavesOperands,
  leavesResult,
  type OperandClass,
  SINGLE_RANGE,
} from './subnormal-limits'

const RANGES: Record<FloatWidth, ExponentRange> = { s: SINGLE_RANGE, d: DOUBLE_RANGE }
/** 1 in each width. */
export const ONE = { s: 0x3f80_0000n, d: 0x3ff0_0000_0000_0000n } as const

/** Rounded first, then negated, but for a NaN and the zero of a sum (as QEMU 10 has it). */
type NegatedOperation = 'nadd' | 'nmul'

const LIMITED_BINARY = { add: 'sum', sub: 'sum', mul: 'product', div: 'quotient' } as const

/** What rs1 * rs2 + rs3 becomes; without a third operand it is rs1 * 1 + rs2. */
export const FUSIONS: Record<Exclude<FusedOperation, NegatedOperation>, Fusion> = {
  madd: {},
  msub: { negateAddend: true },
  nmadd: { negateSum: true },
  nmsub: { negateAddend: true, negateSum: true },
  hadd: { halve: true },
  hsub: { halve: true, negateAddend: true },
  nhadd: { halve: true, negateSum: true },
}

/** Arithmetic on singles and doubles. */
export class ReferenceFloat extends ReferenceQuad {
  floatUnary(_operation: 'sqrt', width: FloatWidth, a: bigint): bigint {
    const { soft } = this
    soft.flags = 0
    let operand = floatBits(width, a)
    if (this.limited && this.leaves('sqrt', width, operand)) operand = this.flushed(width, operand)
    return this.settled(soft.sqrt(FORMATS[width], operand, this.rounding()))
  }

  floatBinary(operation: FloatBinary, width: FloatWidth, a: bigint, b: bigint): bigint {
    const { soft } = this
    soft.flags = 0
    let x = floatBits(width, a)
    let y = floatBits(width, b)
    if (this.limited && this.leaves(LIMITED_BINARY[operation], width, x, y)) {
      x = this.flushed(width, x)
      y = this.flushed(width, y)
    }
    const result = soft[operation](FORMATS[width], x, y, this.rounding())
    if (!this.limited) return this.settled(result)
    const left =
      operation === 'add' || operation === 'sub'
        ? (soft.flags & FLAG_TINY) !== 0
        : leavesResult(LIMITED_BINARY[operation], RANGES[width], this.classOf(width, x), this.classOf(width, y))
    return this.settled(left ? this.withoutSubnormal(width, result) : result)
  }

  floatMultiplyWiden(a: bigint, b: bigint): bigint {
    this.soft.flags = 0
    return this.settled(this.wideProduct(a, b))
  }

  floatMultiplyWidenNegated(a: bigint, b: bigint): bigint {
    this.soft.flags = 0
    const product = this.wideProduct(a, b)
    return this.settled(negated('nmul', BINARY64, product))
  }

  private wideProduct(a: bigint, b: bigint): bigint {
    let x = floatBits('s', a)
    let y = floatBits('s', b)
    if (this.limited && this.leaves('wideProduct', 's', x, y)) {
      x = this.flushed('s', x)
      y = this.flushed('s', y)
    }
    return this.soft.mulWiden(BINARY32, BINARY64, x, y, this.rounding())
  }

  floatFused(operation: FusedOperation, width: FloatWidth, a: bigint, b: bigint, c?: bigint): bigint {
    const { soft } = this
    const format = FORMATS[width]
    const x = floatBits(width, a)
    const y = floatBits(width, b)
    if (operation === 'nadd' || operation === 'nmul') {
      soft.flags = 0
      const result = soft[operation === 'nadd' ? 'add' : 'mul'](format, x, y, this.rounding())
      return this.settled(negated(operation, format, result))
    }
    const [factor, addend] = c === undefined ? [ONE[width], y] : [y, floatBits(width, c)]
    const { bits, flags } = multiplyAdd(format, x, factor, addend, FUSIONS[operation], this.rounding())
    soft.flags = flags
    return this.settled(bits)
  }

  floatConvert(from: FloatFormat, to: FloatFormat, a: bigint): bigint {
    const { soft } = this
    soft.flags = 0
    if (from === 'i' || from === 'x')
      return this.settled(soft.fromInteger(from === 'i' ? 32 : 64, FORMATS[to as FloatWidth], a, this.rounding()))
    const toInteger = to === 'i' || to === 'x'
    let operand = floatBits(from, a)
    if (this.limited && this.leaves(toInteger ? 'toInteger' : 'convert', from, operand)) {
      operand = this.flushed(from, operand)
    }
    if (toInteger) return this.settled(soft.toInteger(FORMATS[from], to === 'i' ? 32 : 64, operand))
    const result = soft.convert(FORMATS[from], FORMATS[to], operand, this.rounding())
    const left = this.limited && to === 's' && (soft.flags & FLAG_TINY) !== 0 && this.isNearlySingle(operand)
    return this.settled(left ? this.withoutSubnormal('s', result) : result)
  }

  /** E_R of fdtos is the exponent as a single has it. */
  private isNearlySingle(double: bigint): boolean {
    const { exponent } = this.classOf('d', double)
    return exponent - DOUBLE_RANGE.bias + SINGLE_RANGE.bias > SINGLE_RANGE.below
  }

  /** Whether operands are to be flushed to zero (FSR.NS). Traps if they are left to software. */
  private leaves(operation: LimitedOperation, width: FloatWidth, a: bigint, b?: bigint): boolean {
    const other = b === undefined ? undefined : this.classOf(width, b)
    if (this.emulating || !leavesOperands(operation, RANGES[width], this.classOf(width, a), other)) return false
    if (!this.nonstandard()) this.trapFloat(FTT_UNFINISHED)
    this.soft.flags |= FLAG_NX
    return true
  }

  private flushed(width: FloatWidth, a: bigint): bigint {
    return isSubnormal(this.classOf(width, a)) ? a & FORMATS[width].sign : a
  }

  /** A result that the hardware does not deliver: zero (FSR.NS), else a trap. */
  private withoutSubnormal(width: FloatWidth, result: bigint): bigint {
    if (this.emulating) return result
    if (!this.nonstandard()) this.trapFloat(FTT_UNFINISHED)
    if ((this.soft.flags & FLAG_TINY) === 0) return result
    this.soft.flags |= FLAG_UF | FLAG_NX
    return result & FORMATS[width].sign
  }

  private classOf(width: FloatWidth, a: bigint): OperandClass {
    this.s64[0] = a
    const low = this.s32[0]!
    if (width === 's') return { exponent: (low >>> 23) & 0xff, isZero: low << 1 === 0 }
    const high = this.s32[1]!
    return { exponent: (high >>> 20) & 0x7ff, isZero: ((high << 1) | low) === 0 }
  }

  floatCompare(width: FloatWidth, signaling: boolean, fcc: number, a: bigint, b: bigint): void {
    this.soft.flags = 0
    const relation = this.soft.compare(FORMATS[width], signaling, floatBits(width, a), floatBits(width, b))
    this.settle()
    const shift = FCC_SHIFT[fcc]!
    this.set('fsr', (this.get('fsr') & ~(3n << shift)) | (BigInt(relation) << shift))
  }

  floatLexicalCompare(width: FloatWidth, fcc: number, a: bigint, b: bigint): void {
    const shift = FCC_SHIFT[fcc]!
    const relation = lexicalRelation(FORMATS[width], floatBits(width, a), floatBits(width, b))
    this.set('fsr', (this.get('fsr') & ~(3n << shift)) | (relation << shift))
  }

  /** The result of an operation, once its exceptions are in FSR. */
  private settled(result: bigint): bigint {
    this.settle()
    return BigInt.asIntN(64, result)
  }
}

/** A rounded sum or product with its sign turned, but for a NaN and a zero sum. */
export function negated(operation: NegatedOperation, format: BinaryFormat, result: bigint): bigint {
  const zeroSum = operation === 'nadd' && (result & format.magnitudeMask) === 0n
  return zeroSum || isNaNIn(format, result) ? result : result ^ format.sign
}

/** Lexicographic order, in which -0 is less than 0 and a NaN of the second operand counts for more than one of the first. */
function lexicalRelation(format: BinaryFormat, a: bigint, b: bigint): bigint {
  if (isNaNIn(format, b)) return 3n
  if (isNaNIn(format, a)) return 2n
  const rank = (value: bigint) => ((value & format.sign) === 0n ? value : -1n - (value & format.magnitudeMask))
  return rank(a) < rank(b) ? 1n : 0n
}
