import { type Instruction, insn } from '../instruction'
import type { Execute, FloatWidth, Semantics } from '../semantics'
import { lane, pack } from './lanes'
import { visPattern } from './vis-pattern'
import { vis3FloatRows } from './vis3-float'
import { vis3LaneRows } from './vis3-lanes'
import { carrylessProduct, highProduct } from './wide-product'

/** VIS 3, which came with SPARC T3. */
export function vis3Rows(): Instruction[] {
  return [...wideIntegers(), ...compareMasks(), ...movesBetweenRegisterFiles(), ...vis3LaneRows(), ...vis3FloatRows()]
}

const ON_INTEGERS = '%rs1, %rs2, %rd'

function integer(name: string, opf: number, section: string, execute: Execute): Instruction {
  return insn(
    name,
    visPattern('rd', 'rs1', opf, 'rs2'),
    ON_INTEGERS,
    `Oracle SPARC Architecture 2015 ${section}`,
    execute,
  )
}

function wideIntegers(): Instruction[] {
  return [
    integer('addxc', 0x11, 'ADDXC', (s) => s.setRd(s.add(s.add(s.rs1(), s.rs2()), extendedCarry(s)))),
    integer('addxccc', 0x13, 'ADDXC', (s) => {
      const a = s.rs1()
      const b = s.rs2()
      const sum = s.add(s.add(a, b), extendedCarry(s))
      s.setConditionCodes('add', a, b, sum)
      s.setRd(sum)
    }),
    integer('umulxhi', 0x16, 'UMULXHI', (s) => s.setRd(highProduct(s, s.rs1(), s.rs2()))),
    insn('lzcnt', visPattern('rd', '-----', 0x17, 'rs2'), '%rs2, %rd', 'Oracle SPARC Architecture 2015 LZCNT', (s) => {
      let smeared = s.rs2()
      for (const count of [1n, 2n, 4n, 8n, 16n, 32n]) smeared = s.or(smeared, s.shr(smeared, s.constant(count)))
      s.setRd(s.popcount(s.not(smeared)))
    }),
    integer('xmulx', 0x115, 'XMULX', (s) => s.setRd(carrylessProduct(s, s.rs1(), s.rs2()).low)),
    integer('xmulxhi', 0x116, 'XMULX', (s) => s.setRd(carrylessProduct(s, s.rs1(), s.rs2()).high)),
  ]
}

/** CCR.xcc.c. */
function extendedCarry<V, B, P>(s: Semantics<V, B, P>): V {
  return s.and(s.shr(s.ccr(), s.constant(4n)), s.constant(1n))
}

/**
 * The lanes that a comparison has marked become a mask for bshuffle: it takes a marked lane from its first operand, any other
 * from its second.
 */
function compareMasks(): Instruction[] {
  return [compareMask('cmask8', 0x1b, 8), compareMask('cmask16', 0x1d, 4), compareMask('cmask32', 0x1f, 2)]
}

/** The numbers of bshuffle's bytes, four bits each; of those up to a byte, the lowest are of the last lane. */
const BYTE_NUMBERS = 0x0123_4567_89ab_cdefn

function compareMask(name: string, opf: number, lanes: number): Instruction {
  const bytes = 8 / lanes
  const section = 'Oracle SPARC Architecture 2015 CMASK'
  return insn(name, visPattern('00000', '-----', opf, 'rs2'), '%rs2', section, (s) => {
    s.requireFloat()
    const marks = s.rs2()
    const mask = pack(s, lanes, 4 * bytes, (i) => {
      const numbersTo = (end: number) => s.constant(BYTE_NUMBERS >> BigInt(4 * (16 - end)))
      const end = (i + 1) * bytes
      const marked = s.equal(lane(s, marks, i, lanes, 1), s.constant(1n))
      return s.select(marked, numbersTo(end), numbersTo(8 + end))
    })
    s.setGsr(s.or(s.shl(mask, s.constant(32n)), s.zeroExtend(s.gsr(), 32)))
  })
}

function movesBetweenRegisterFiles(): Instruction[] {
  return [
    toInteger('movdtox', 0x110, 'd', (_, value) => value),
    toInteger('movstouw', 0x111, 's', (_, value) => value),
    toInteger('movstosw', 0x113, 's', (s, value) => s.signExtend(value, 32)),
    toFloat('movxtod', 0x118, 'd'),
    toFloat('movwtos', 0x119, 's'),
  ]
}

const MOVES = 'Oracle SPARC Architecture 2015 MOVfTOi, MOViTOf'

function toInteger(
  name: string,
  opf: number,
  width: FloatWidth,
  extend: <V, B, P>(s: Semantics<V, B, P>, value: V) => V,
): Instruction {
  return insn(name, visPattern('rd', '-----', opf, 'rs2'), `%frs2${width}, %rd`, MOVES, (s) => {
    s.requireFloat()
    s.setRd(extend(s, s.frs2(width)))
  })
}

function toFloat(name: string, opf: number, width: FloatWidth): Instruction {
  return insn(name, visPattern('rd', '-----', opf, 'rs2'), `%rs2, %frd${width}`, MOVES, (s) => {
    s.requireFloat()
    const value = s.rs2()
    s.setFrd(width, width === 's' ? s.zeroExtend(value, 32) : value)
  })
}
