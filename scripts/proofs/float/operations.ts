import { FUSIONS, negated, ONE } from '../../../src/engine/reference-float'
import {
  BINARY32,
  BINARY64,
  BINARY128,
  type BinaryFormat,
  type Fusion,
  multiplyAdd,
  type RoundingMode,
  type SoftFloat,
} from '../../../src/isa/softfloat'

/** An operation of ours on packed operands; its flags are in the arithmetic's. */
export interface FloatOperation {
  /** Bits of each operand, as many as there are. */
  readonly operands: readonly number[]
  readonly resultBits: number
  readonly execute: (f: SoftFloat, mode: RoundingMode, a: bigint, b: bigint, c: bigint) => bigint
}

const FORMATS = { s: BINARY32, d: BINARY64, q: BINARY128 } as const
const INTEGERS = { i: 32, x: 64 } as const
type Letter = keyof typeof FORMATS

/** By the names that float-oracle.c gives them. */
export const FLOAT_OPERATIONS: ReadonlyMap<string, FloatOperation> = new Map([
  ...letters('sdq').flatMap((letter) => arithmetic(letter)),
  ...letters('sdq').flatMap((letter) => integerConversions(letter)),
  ...(['sd', 'ds', 'sq', 'dq', 'qs', 'qd'] as const).map((pair) => conversion(pair[0] as Letter, pair[1] as Letter)),
  widening('smuld', BINARY32, BINARY64),
  widening('dmulq', BINARY64, BINARY128),
  ...letters('sd').flatMap((letter) => fused(letter as 's' | 'd')),
  named('nsmuld', [32, 32], 64, (f, mode, a, b) =>
    negated('nmul', BINARY64, f.mulWiden(BINARY32, BINARY64, a, b, mode)),
  ),
])

function named(
  name: string,
  operands: readonly number[],
  resultBits: number,
  execute: FloatOperation['execute'],
): readonly [string, FloatOperation] {
  return [name, { operands, resultBits, execute }]
}

function letters(text: string): Letter[] {
  return [...text] as Letter[]
}

function arithmetic(letter: Letter) {
  const format = FORMATS[letter]
  const { bits } = format
  return [
    ...(['add', 'sub', 'mul', 'div'] as const).map((name) =>
      named(name + letter, [bits, bits], bits, (f, mode, a, b) => f[name](format, a, b, mode)),
    ),
    named(`sqrt${letter}`, [bits], bits, (f, mode, a) => f.sqrt(format, a, mode)),
    named(`cmp${letter}`, [bits, bits], 2, (f, _, a, b) => BigInt(f.compare(format, false, a, b))),
    named(`cmpe${letter}`, [bits, bits], 2, (f, _, a, b) => BigInt(f.compare(format, true, a, b))),
  ]
}

function integerConversions(letter: Letter) {
  const format = FORMATS[letter]
  return (['i', 'x'] as const).flatMap((integer) => {
    const bits = INTEGERS[integer]
    return [
      named(`${letter}to${integer}`, [format.bits], bits, (f, _, a) => f.toInteger(format, bits, a)),
      named(`${integer}to${letter}`, [bits], format.bits, (f, mode, a) => f.fromInteger(bits, format, a, mode)),
    ]
  })
}

function conversion(from: Letter, to: Letter) {
  const [source, target] = [FORMATS[from], FORMATS[to]]
  return named(`${from}to${to}`, [source.bits], target.bits, (f, mode, a) => f.convert(source, target, a, mode))
}

function widening(name: string, from: BinaryFormat, to: BinaryFormat) {
  return named(name, [from.bits, from.bits], to.bits, (f, mode, a, b) => f.mulWiden(from, to, a, b, mode))
}

function fused(letter: 's' | 'd') {
  const format = FORMATS[letter]
  const { bits } = format
  const ofThree = (['madd', 'msub', 'nmadd', 'nmsub'] as const).map((name) =>
    named(name + letter, [bits, bits, bits], bits, (f, mode, a, b, c) =>
      fusion(f, format, a, b, c, FUSIONS[name], mode),
    ),
  )
  const ofTwo = (['hadd', 'hsub', 'nhadd'] as const).map((name) =>
    named(name + letter, [bits, bits], bits, (f, mode, a, b) =>
      fusion(f, format, a, ONE[letter], b, FUSIONS[name], mode),
    ),
  )
  return [
    ...ofThree,
    ...ofTwo,
    named(`nadd${letter}`, [bits, bits], bits, (f, mode, a, b) => negated('nadd', format, f.add(format, a, b, mode))),
    named(`nmul${letter}`, [bits, bits], bits, (f, mode, a, b) => negated('nmul', format, f.mul(format, a, b, mode))),
  ]
}

function fusion(
  f: SoftFloat,
  format: BinaryFormat,
  a: bigint,
  b: bigint,
  c: bigint,
  how: Fusion,
  mode: RoundingMode,
): bigint {
  const { bits, flags } = multiplyAdd(format, a, b, c, how, mode)
  f.flags |= flags
  return bits
}
