import { type Instruction, insn } from '../instruction'
import type { FloatWidth, Semantics } from '../semantics'
import { clip, lane, pack, shiftRight, signedLane } from './lanes'
import { visPattern } from './vis-pattern'

/** VIS on pixels: packing, multiplication, comparison, distance. */
export function visPixelRows(): Instruction[] {
  return [...packing(), ...multiplication(), ...comparison(), distance()]
}

function packing(): Instruction[] {
  return [
    unary('fpack16', 0x3b, 'd', 's', '13.5.3.1', (s, value) => {
      const scale = graphicsScale(s, 4)
      return pack(s, 4, 8, (i) => clip(s, shiftRight(s, s.shl(signedLane(s, value, i, 4, 16), scale), 7), 0n, 255n))
    }),
    unary('fpackfix', 0x3d, 'd', 's', '13.5.3.3', (s, value) => {
      const scale = graphicsScale(s, 5)
      return pack(s, 2, 16, (i) =>
        clip(s, shiftRight(s, s.shl(signedLane(s, value, i, 2, 32), scale), 16), -32768n, 32767n),
      )
    }),
    binaryRow('fpack32', 0x3a, 'd', 'd', 'd', '13.5.3.2', (s, a, b) => {
      const scale = graphicsScale(s, 5)
      return pack(s, 2, 32, (i) => {
        const pixel = clip(s, shiftRight(s, s.shl(signedLane(s, b, i, 2, 32), scale), 23), 0n, 255n)
        return s.or(s.shl(lane(s, a, i, 2, 32), s.constant(8n)), pixel)
      })
    }),
    unary('fexpand', 0x4d, 's', 'd', '13.5.3.4', (s, value) =>
      pack(s, 4, 16, (i) => s.shl(lane(s, value, i, 4, 8), s.constant(4n))),
    ),
    binaryRow('fpmerge', 0x4b, 's', 's', 'd', '13.5.3.5', (s, a, b) =>
      pack(s, 8, 8, (i) => lane(s, i % 2 === 0 ? a : b, i >> 1, 4, 8)),
    ),
  ]
}

/** GSR.scale_factor, bits 7:3; bit 7 is zero on UltraSPARC I and II, and fpack16 looks at four bits on any (UltraSPARC-I 13.4). */
function graphicsScale<V, B, P>(s: Semantics<V, B, P>, bits: 4 | 5): V {
  return s.zeroExtend(s.shr(s.gsr(), s.constant(3n)), bits)
}

function multiplication(): Instruction[] {
  return [
    binaryRow('fmul8x16', 0x31, 's', 'd', 'd', '13.5.4.1', (s, a, b) =>
      pack(s, 4, 16, (i) => roundedHigh(s, s.mul(lane(s, a, i, 4, 8), signedLane(s, b, i, 4, 16)), 8)),
    ),
    binaryRow('fmul8x16au', 0x33, 's', 's', 'd', '13.5.4.2', (s, a, b) =>
      pack(s, 4, 16, (i) => roundedHigh(s, s.mul(lane(s, a, i, 4, 8), signedLane(s, b, 0, 2, 16)), 8)),
    ),
    binaryRow('fmul8x16al', 0x35, 's', 's', 'd', '13.5.4.3', (s, a, b) =>
      pack(s, 4, 16, (i) => roundedHigh(s, s.mul(lane(s, a, i, 4, 8), signedLane(s, b, 1, 2, 16)), 8)),
    ),
    binaryRow('fmul8sux16', 0x36, 'd', 'd', 'd', '13.5.4.4', (s, a, b) =>
      pack(s, 4, 16, (i) => roundedHigh(s, s.mul(upperByte(s, a, i, 4), signedLane(s, b, i, 4, 16)), 8)),
    ),
    binaryRow('fmul8ulx16', 0x37, 'd', 'd', 'd', '13.5.4.5', (s, a, b) =>
      pack(s, 4, 16, (i) => roundedHigh(s, s.mul(lowerByte(s, a, i, 4), signedLane(s, b, i, 4, 16)), 16)),
    ),
    binaryRow('fmuld8sux16', 0x38, 's', 's', 'd', '13.5.4.6', (s, a, b) =>
      pack(s, 2, 32, (i) => s.shl(s.mul(upperByte(s, a, i, 2), signedLane(s, b, i, 2, 16)), s.constant(8n))),
    ),
    binaryRow('fmuld8ulx16', 0x39, 's', 's', 'd', '13.5.4.7', (s, a, b) =>
      pack(s, 2, 32, (i) => s.mul(lowerByte(s, a, i, 2), signedLane(s, b, i, 2, 16))),
    ),
  ]
}

/** A product without its low `bits` bits, rounded to nearest; halves go toward positive infinity. */
function roundedHigh<V, B, P>(s: Semantics<V, B, P>, product: V, bits: number): V {
  return shiftRight(s, s.add(product, s.constant(1n << BigInt(bits - 1))), bits)
}

function upperByte<V, B, P>(s: Semantics<V, B, P>, value: V, index: number, count: number): V {
  return shiftRight(s, signedLane(s, value, index, count, 16), 8)
}

function lowerByte<V, B, P>(s: Semantics<V, B, P>, value: V, index: number, count: number): V {
  return s.zeroExtend(lane(s, value, index, count, 16), 8)
}

type Compare = <V, B, P>(s: Semantics<V, B, P>, a: V, b: V) => B

function comparison(): Instruction[] {
  const greater: Compare = (s, a, b) => s.lessSigned(b, a)
  const lessOrEqual: Compare = (s, a, b) => s.negate(s.lessSigned(b, a))
  const equal: Compare = (s, a, b) => s.equal(a, b)
  const notEqual: Compare = (s, a, b) => s.negate(s.equal(a, b))
  return [
    comparisonRow('fcmple16', 0x20, 4, lessOrEqual),
    comparisonRow('fcmpne16', 0x22, 4, notEqual),
    comparisonRow('fcmple32', 0x24, 2, lessOrEqual),
    comparisonRow('fcmpne32', 0x26, 2, notEqual),
    comparisonRow('fcmpgt16', 0x28, 4, greater),
    comparisonRow('fcmpeq16', 0x2a, 4, equal),
    comparisonRow('fcmpgt32', 0x2c, 2, greater),
    comparisonRow('fcmpeq32', 0x2e, 2, equal),
  ]
}

/** One bit of r[rd] for each lane, the lowest bit for the lowest lane. */
function comparisonRow(name: string, opf: number, count: number, compare: Compare): Instruction {
  const bits = 64 / count
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), '%frs1d, %frs2d, %rd', 'UltraSPARC-I 13.5.7', (s) => {
    s.requireFloat()
    const a = s.frs1('d')
    const b = s.frs2('d')
    const holds = (i: number) => compare(s, signedLane(s, a, i, count, bits), signedLane(s, b, i, count, bits))
    s.setRd(pack(s, count, 1, (i) => s.select(holds(i), s.constant(1n), s.constant(0n))))
  })
}

function distance(): Instruction {
  return insn('pdist', visPattern('rd', 'rs1', 0x3e, 'rs2'), '%frs1d, %frs2d, %frdd', 'VIS 4.7.11', (s) => {
    s.requireFloat()
    const a = s.frs1('d')
    const b = s.frs2('d')
    let sum = s.frd('d')
    for (let i = 0; i < 8; i++) {
      const x = lane(s, a, i, 8, 8)
      const y = lane(s, b, i, 8, 8)
      sum = s.add(sum, s.select(s.lessUnsigned(x, y), s.sub(y, x), s.sub(x, y)))
    }
    s.setFrd('d', sum)
  })
}

type Change = <V, B, P>(s: Semantics<V, B, P>, value: V) => V
type Combine = <V, B, P>(s: Semantics<V, B, P>, a: V, b: V) => V

function unary(
  name: string,
  opf: number,
  source: FloatWidth,
  destination: FloatWidth,
  section: string,
  change: Change,
): Instruction {
  const syntax = `%frs2${source}, %frd${destination}`
  return insn(name, visPattern('rd', '-----', opf, 'rs2'), syntax, `UltraSPARC-I ${section}`, (s) => {
    s.requireFloat()
    s.setFrd(destination, change(s, s.frs2(source)))
  })
}

function binaryRow(
  name: string,
  opf: number,
  first: FloatWidth,
  second: FloatWidth,
  destination: FloatWidth,
  section: string,
  combine: Combine,
): Instruction {
  const syntax = `%frs1${first}, %frs2${second}, %frd${destination}`
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), syntax, `UltraSPARC-I ${section}`, (s) => {
    s.requireFloat()
    s.setFrd(destination, combine(s, s.frs1(first), s.frs2(second)))
  })
}
