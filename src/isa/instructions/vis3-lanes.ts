import { type Instruction, insn } from '../instruction'
import type { FloatWidth, Semantics } from '../semantics'
import { clip, lane, pack, signedLane } from './lanes'
import { visPattern } from './vis-pattern'

/** VIS 3 on lanes of f registers: shifts, saturating sums, means, checksums, unsigned comparisons. */
export function vis3LaneRows(): Instruction[] {
  return [...shifts(), ...saturatingSums(), ...otherSums(), ...unsignedComparisons(), distance()]
}

const section = (name: string) => `Oracle SPARC Architecture 2015 ${name}`

/** A new lane from the two old ones, taken from the registers as unsigned or signed numbers; only its low bits count. */
type Combine = <V, B, P>(s: Semantics<V, B, P>, a: V, b: V) => V

interface Lanes {
  readonly bits: 16 | 32 | 64
  readonly width?: FloatWidth
  readonly signed?: boolean
}

function lanewise(name: string, opf: number, manual: string, lanes: Lanes, combine: Combine): Instruction {
  const { bits, width = 'd', signed = false } = lanes
  const count = (width === 's' ? 32 : 64) / bits
  const take = signed ? signedLane : lane
  const syntax = `%frs1${width}, %frs2${width}, %frd${width}`
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), syntax, section(manual), (s) => {
    s.requireFloat()
    const a = s.frs1(width)
    const b = s.frs2(width)
    s.setFrd(
      width,
      pack(s, count, bits, (i) => combine(s, take(s, a, i, count, bits), take(s, b, i, count, bits))),
    )
  })
}

function shifts(): Instruction[] {
  return ([16, 32] as const).flatMap((bits) => {
    const opf = bits === 16 ? 0 : 4
    const by = <V, B, P>(s: Semantics<V, B, P>, count: V) => s.and(count, s.constant(BigInt(bits - 1)))
    return [
      lanewise(`fsll${bits}`, 0x21 + opf, 'FSLL', { bits }, (s, a, b) => s.shl(a, by(s, b))),
      lanewise(`fsrl${bits}`, 0x23 + opf, 'FSRL', { bits }, (s, a, b) => s.shr(a, by(s, b))),
      lanewise(`fslas${bits}`, 0x29 + opf, 'FSLAS', { bits, signed: true }, (s, a, b) =>
        saturated(s, s.shl(a, by(s, b)), bits),
      ),
      lanewise(`fsra${bits}`, 0x2b + opf, 'FSRA', { bits, signed: true }, (s, a, b) => s.sar(a, by(s, b))),
    ]
  })
}

function saturated<V, B, P>(s: Semantics<V, B, P>, value: V, bits: 16 | 32): V {
  const limit = 1n << BigInt(bits - 1)
  return clip(s, value, -limit, limit - 1n)
}

function saturatingSums(): Instruction[] {
  const shapes = [
    [16, 'd', '16'],
    [16, 's', '16s'],
    [32, 'd', '32'],
    [32, 's', '32s'],
  ] as const
  return shapes.flatMap(([bits, width, suffix], n) => [
    lanewise(`fpadds${suffix}`, 0x58 + n, 'FPADDS', { bits, width, signed: true }, (s, a, b) =>
      saturated(s, s.add(a, b), bits),
    ),
    lanewise(`fpsubs${suffix}`, 0x5c + n, 'FPSUBS', { bits, width, signed: true }, (s, a, b) =>
      saturated(s, s.sub(a, b), bits),
    ),
  ])
}

function otherSums(): Instruction[] {
  return [
    lanewise('fpadd64', 0x42, 'FPADD', { bits: 64 }, (s, a, b) => s.add(a, b)),
    lanewise('fpsub64', 0x46, 'FPSUB', { bits: 64 }, (s, a, b) => s.sub(a, b)),
    lanewise('fmean16', 0x40, 'FMEAN16', { bits: 16, signed: true }, (s, a, b) =>
      s.sar(s.add(s.add(a, b), s.constant(1n)), s.constant(1n)),
    ),
    lanewise('fchksm16', 0x44, 'FCHKSM16', { bits: 16 }, (s, a, b) => {
      const sum = s.add(a, b)
      return s.add(sum, s.shr(sum, s.constant(16n)))
    }),
  ]
}

type Compare = <V, B, P>(s: Semantics<V, B, P>, a: V, b: V) => B

function unsignedComparisons(): Instruction[] {
  return [
    unsignedComparison('fucmple8', 0x120, (s, a, b) => s.negate(s.lessUnsigned(b, a))),
    unsignedComparison('fucmpne8', 0x122, (s, a, b) => s.negate(s.equal(a, b))),
    unsignedComparison('fucmpgt8', 0x128, (s, a, b) => s.lessUnsigned(b, a)),
    unsignedComparison('fucmpeq8', 0x12a, (s, a, b) => s.equal(a, b)),
  ]
}

/** One bit of r[rd] for each byte, the lowest bit for the lowest byte. */
function unsignedComparison(name: string, opf: number, compare: Compare): Instruction {
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), '%frs1d, %frs2d, %rd', section('FPCMPU8'), (s) => {
    s.requireFloat()
    const a = s.frs1('d')
    const b = s.frs2('d')
    const holds = (i: number) => compare(s, lane(s, a, i, 8, 8), lane(s, b, i, 8, 8))
    s.setRd(pack(s, 8, 1, (i) => s.select(holds(i), s.constant(1n), s.constant(0n))))
  })
}

/** pdist without an accumulator, into an r register. */
function distance(): Instruction {
  return insn('pdistn', visPattern('rd', 'rs1', 0x3f, 'rs2'), '%frs1d, %frs2d, %rd', section('PDISTN'), (s) => {
    s.requireFloat()
    const a = s.frs1('d')
    const b = s.frs2('d')
    let sum = s.constant(0n)
    for (let i = 0; i < 8; i++) {
      const x = lane(s, a, i, 8, 8)
      const y = lane(s, b, i, 8, 8)
      sum = s.add(sum, s.select(s.lessUnsigned(x, y), s.sub(y, x), s.sub(x, y)))
    }
    s.setRd(sum)
  })
}
