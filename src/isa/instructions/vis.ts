import { type Instruction, insn } from '../instruction'
import type { FloatWidth, Semantics } from '../semantics'
import { lane, pack } from './lanes'
import { visPattern } from './vis-pattern'
import { visPixelRows } from './vis-pixel'

/** VIS 1, as UltraSPARC I and II have it: graphics instructions in the opcode space IMPDEP1 (UltraSPARC-I 13.5). */
export function visRows(): Instruction[] {
  return [
    ...alignment(),
    ...logical(),
    ...additions(),
    ...edges(),
    ...arrays(),
    ...visPixelRows(),
    insn('shutdown', visPattern('-----', '-----', 0x80, '-----'), '', 'UltraSPARC-I 13.2', (s) =>
      s.requirePrivileged(),
    ),
  ]
}

function alignment(): Instruction[] {
  const onIntegers = '%rs1, %rs2, %rd'
  return [
    insn('alignaddr', visPattern('rd', 'rs1', 0x18, 'rs2'), onIntegers, 'UltraSPARC-I 13.5.5', (s) => {
      s.requireFloat()
      const sum = s.add(s.rs1(), s.rs2())
      setAlignment(s, sum)
      s.setRd(s.and(sum, s.constant(-8n)))
    }),
    insn('alignaddrl', visPattern('rd', 'rs1', 0x1a, 'rs2'), onIntegers, 'UltraSPARC-I 13.5.5', (s) => {
      s.requireFloat()
      const sum = s.add(s.rs1(), s.rs2())
      setAlignment(s, s.sub(s.constant(0n), sum))
      s.setRd(s.and(sum, s.constant(-8n)))
    }),
    insn('faligndata', visPattern('rd', 'rs1', 0x48, 'rs2'), '%frs1d, %frs2d, %frdd', 'UltraSPARC-I 13.5.5', (s) => {
      s.requireFloat()
      const bits = s.shl(s.and(s.gsr(), s.constant(7n)), s.constant(3n))
      const upper = s.shl(s.frs1('d'), bits)
      const lower = s.shr(s.shr(s.frs2('d'), s.constant(8n)), s.sub(s.constant(56n), bits))
      s.setFrd('d', s.or(upper, lower))
    }),
  ]
}

/** GSR.alignaddr_offset is the low three bits. */
function setAlignment<V, B, P>(s: Semantics<V, B, P>, address: V): void {
  s.setGsr(s.or(s.and(s.gsr(), s.constant(-8n)), s.and(address, s.constant(7n))))
}

type Combine = <V, B, P>(s: Semantics<V, B, P>, a: V, b: V) => V

function logical(): Instruction[] {
  return [
    ...logicalRows('fzero', 0x60, '', (s) => s.constant(0n)),
    ...logicalRows('fone', 0x7e, '', (s) => s.constant(-1n)),
    ...logicalRows('fsrc1', 0x74, '1', (_, a) => a),
    ...logicalRows('fsrc2', 0x78, '2', (_, __, b) => b),
    ...logicalRows('fnot1', 0x6a, '1', (s, a) => s.not(a)),
    ...logicalRows('fnot2', 0x66, '2', (s, _, b) => s.not(b)),
    ...logicalRows('for', 0x7c, '12', (s, a, b) => s.or(a, b)),
    ...logicalRows('fnor', 0x62, '12', (s, a, b) => s.not(s.or(a, b))),
    ...logicalRows('fand', 0x70, '12', (s, a, b) => s.and(a, b)),
    ...logicalRows('fnand', 0x6e, '12', (s, a, b) => s.not(s.and(a, b))),
    ...logicalRows('fxor', 0x6c, '12', (s, a, b) => s.xor(a, b)),
    ...logicalRows('fxnor', 0x72, '12', (s, a, b) => s.not(s.xor(a, b))),
    ...logicalRows('fornot1', 0x7a, '12', (s, a, b) => s.or(s.not(a), b)),
    ...logicalRows('fornot2', 0x76, '12', (s, a, b) => s.or(a, s.not(b))),
    ...logicalRows('fandnot1', 0x68, '12', (s, a, b) => s.and(s.not(a), b)),
    ...logicalRows('fandnot2', 0x64, '12', (s, a, b) => s.and(a, s.not(b))),
  ]
}

/** The double form and, one opf above, the single form. `sources` says which operands the syntax names. */
function logicalRows(name: string, opf: number, sources: '' | '1' | '2' | '12', combine: Combine): Instruction[] {
  return (['d', 's'] as const).map((width) => {
    const rs1 = sources.includes('1')
    const rs2 = sources.includes('2')
    const operands = [rs1 ? `%frs1${width}` : [], rs2 ? `%frs2${width}` : [], `%frd${width}`].flat()
    const word = visPattern('rd', rs1 ? 'rs1' : '-----', width === 's' ? opf + 1 : opf, rs2 ? 'rs2' : '-----')
    return insn(width === 's' ? `${name}s` : name, word, operands.join(', '), 'UltraSPARC-I 13.5', (s) => {
      s.requireFloat()
      const result = combine(s, s.frs1(width), s.frs2(width))
      s.setFrd(width, width === 's' ? s.zeroExtend(result, 32) : result)
    })
  })
}

function additions(): Instruction[] {
  return [
    additionRow('fpadd16', 0x50, 'd', 4, 16, (s, a, b) => s.add(a, b)),
    additionRow('fpadd16s', 0x51, 's', 2, 16, (s, a, b) => s.add(a, b)),
    additionRow('fpadd32', 0x52, 'd', 2, 32, (s, a, b) => s.add(a, b)),
    additionRow('fpadd32s', 0x53, 's', 1, 32, (s, a, b) => s.add(a, b)),
    additionRow('fpsub16', 0x54, 'd', 4, 16, (s, a, b) => s.sub(a, b)),
    additionRow('fpsub16s', 0x55, 's', 2, 16, (s, a, b) => s.sub(a, b)),
    additionRow('fpsub32', 0x56, 'd', 2, 32, (s, a, b) => s.sub(a, b)),
    additionRow('fpsub32s', 0x57, 's', 1, 32, (s, a, b) => s.sub(a, b)),
  ]
}

function additionRow(
  name: string,
  opf: number,
  width: FloatWidth,
  count: number,
  bits: number,
  combine: Combine,
): Instruction {
  const syntax = `%frs1${width}, %frs2${width}, %frd${width}`
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), syntax, 'UltraSPARC-I 13.5', (s) => {
    s.requireFloat()
    const a = s.frs1(width)
    const b = s.frs2(width)
    const sum = pack(s, count, bits, (i) => combine(s, lane(s, a, i, count, bits), lane(s, b, i, count, bits)))
    s.setFrd(width, sum)
  })
}

function edges(): Instruction[] {
  return [
    edge('edge8', 0x00, (s) => edgeMask(s, 0, false)),
    edge('edge8l', 0x02, (s) => edgeMask(s, 0, true)),
    edge('edge16', 0x04, (s) => edgeMask(s, 1, false)),
    edge('edge16l', 0x06, (s) => edgeMask(s, 1, true)),
    edge('edge32', 0x08, (s) => edgeMask(s, 2, false)),
    edge('edge32l', 0x0a, (s) => edgeMask(s, 2, true)),
  ]
}

function edge(name: string, opf: number, mask: <V, B, P>(s: Semantics<V, B, P>) => V): Instruction {
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), '%rs1, %rs2, %rd', 'UltraSPARC-I 13.5.8', (s) => {
    const result = mask(s)
    const a = s.rs1()
    const b = s.rs2()
    s.setConditionCodes('sub', a, b, s.sub(a, b))
    s.setRd(result)
  })
}

/**
 * The pixels of the doubleword at rs1 that lie on the scan line ending at rs2: those from the left edge on and, if both addresses
 * are in one doubleword, up to the right edge (UltraSPARC-I table 13-1, 13-2).
 *
 * @param log pixels are 2^log bytes
 */
export function edgeMask<V, B, P>(s: Semantics<V, B, P>, log: 0 | 1 | 2, littleEndian: boolean): V {
  const lanes = 8 >> log
  const all = s.constant((1n << BigInt(lanes)) - 1n)
  const last = s.constant(BigInt(lanes - 1))
  const first = s.and(s.shr(s.rs1(), s.constant(BigInt(log))), last)
  const rest = s.sub(last, s.and(s.shr(s.rs2(), s.constant(BigInt(log))), last))
  const left = littleEndian ? s.and(s.shl(all, first), all) : s.shr(all, first)
  const right = littleEndian ? s.shr(all, rest) : s.and(s.shl(all, rest), all)
  const block = s.constant(-8n)
  const together = s.equal(s.and(s.maskAddress(s.rs1()), block), s.and(s.maskAddress(s.rs2()), block))
  return s.select(together, s.and(left, right), left)
}

function arrays(): Instruction[] {
  return [array('array8', 0x10, 0n), array('array16', 0x12, 1n), array('array32', 0x14, 2n)]
}

/** Bits of rs1 that every blocked address takes over: lowest bit, width, and where they go (VIS 4.7.10). */
const BLOCK_FIELDS = [
  [11, 2, 0],
  [33, 2, 2],
  [55, 1, 4],
  [13, 4, 5],
  [35, 4, 9],
  [56, 4, 13],
] as const

function array(name: string, opf: number, log: bigint): Instruction {
  return insn(name, visPattern('rd', 'rs1', opf, 'rs2'), '%rs1, %rs2, %rd', 'VIS 4.7.10', (s) => {
    s.setRd(s.shl(blockedAddress(s), s.constant(log)))
  })
}

/** rs2 is the log of the array's size in X and Y over 64 elements, 0 to 5; greater ones are undefined and count as 5. */
function blockedAddress<V, B, P>(s: Semantics<V, B, P>): V {
  const point = s.rs1()
  const limit = s.constant(5n)
  const size = s.select(s.lessUnsigned(limit, s.rs2()), limit, s.rs2())
  let address = s.constant(0n)
  for (const [from, width, to] of BLOCK_FIELDS) {
    const field = s.zeroExtend(s.shr(point, s.constant(BigInt(from))), width)
    address = s.or(address, s.shl(field, s.constant(BigInt(to))))
  }
  const one = s.constant(1n)
  const below = s.sub(s.shl(one, size), one)
  const x = s.and(s.shr(point, s.constant(17n)), below)
  const y = s.and(s.shr(point, s.constant(39n)), below)
  const z = s.shr(point, s.constant(60n))
  const upper = s.or(s.or(x, s.shl(y, size)), s.shl(z, s.add(size, size)))
  return s.or(address, s.shl(upper, s.constant(17n)))
}
