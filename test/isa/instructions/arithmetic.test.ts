import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { integerRows } from '../../../src/isa/instructions/integer'
import { multiplyDivideRows } from '../../../src/isa/instructions/multiply-divide'
import { shiftRows } from '../../../src/isa/instructions/shift'
import { IntegerSemantics } from '../integer-semantics'
import { Trapped } from '../operand-semantics'

const rows = [...integerRows(), ...multiplyDivideRows(), ...shiftRows()]
const unsigned = BigInt.asUintN
const signed = BigInt.asIntN

interface Operands {
  readonly a: bigint
  readonly b: bigint
  /** CCR. */
  readonly codes: bigint
  readonly y: bigint
}

const word = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc
    .tuple(fc.constantFrom(0n, 1n << 31n, 1n << 32n, 1n << 63n), fc.bigInt({ min: -3n, max: 3n }))
    .map(([end, by]) => unsigned(64, end + by)),
)
const operands: fc.Arbitrary<Operands> = fc.record({
  a: word,
  b: word,
  codes: fc.bigInt({ min: 0n, max: 255n }),
  y: fc.oneof(
    fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
    fc.constantFrom(0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn),
  ),
})

function run(name: string, { a, b, codes, y }: Operands) {
  const row = rows.find((found) => found.name === name)!
  const s = Object.assign(new IntegerSemantics(), { r1: a, r2: b, rd_: 0x77n, codes, yRegister: y })
  s.shiftCount = (width: 32 | 64) => b & BigInt(width - 1)
  s.src2 = () => b
  s.run(row)
  return { rd: s.rd_, codes: s.codes, y: s.yRegister }
}

function check(name: string, expected: (given: Operands) => Partial<ReturnType<typeof run>>, given = operands): void {
  const property = fc.property(given, (o) => {
    expect(run(name, o)).toEqual({ codes: o.codes, y: o.y, ...expected(o) })
  })
  fc.assert(property, { numRuns: 150, seed: 10 })
}

const bits = (...values: boolean[]) => BigInt(`0b${values.map(Number).join('')}`)
const logicCodes = (result: bigint) =>
  [64, 32].reduce(
    (codes, w) => (codes << 4n) | bits(signed(w, result) < 0n, unsigned(w, result) === 0n, false, false),
    0n,
  )

describe('sums and differences (V9 A.2, A.56)', () => {
  it.each([
    ['add', 1n],
    ['sub', -1n],
  ])('%s, with and without carry and condition codes', (name, sign) => {
    const result = ({ a, b }: Operands, carry = 0n) => unsigned(64, a + sign * (b + carry))
    const codesOf = (o: Operands, carry = 0n) =>
      [64, 32].reduce((codes, w) => {
        const [n, z] = [signed(w, result(o, carry)) < 0n, unsigned(w, result(o, carry)) === 0n]
        const exact = signed(w, o.a) + sign * (signed(w, o.b) + carry)
        const whole = unsigned(w, o.a) + sign * (unsigned(w, o.b) + carry)
        return (codes << 4n) | bits(n, z, exact !== signed(w, exact), whole !== unsigned(w, whole))
      }, 0n)
    check(name, (o) => ({ rd: result(o) }))
    check(`${name}cc`, (o) => ({ rd: result(o), codes: codesOf(o) }))
    check(`${name}c`, (o) => ({ rd: result(o, o.codes & 1n) }))
    check(`${name}ccc`, (o) => ({ rd: result(o, o.codes & 1n), codes: codesOf(o, o.codes & 1n) }))
    const small = ({ a, b }: Operands) => signed(32, a) + sign * signed(32, b)
    const overflows = (o: Operands) => ((o.a | o.b) & 3n) !== 0n || small(o) !== signed(32, small(o))
    check(`t${name}cc`, (o) => ({ rd: result(o), codes: codesOf(o) | (overflows(o) ? 2n : 0n) }))
    const tame = operands.map((o) => ({ ...o, a: o.a & ~3n, b: o.b & ~3n })).filter((o) => !overflows(o))
    check(`t${name}cctv`, (o) => ({ rd: result(o), codes: codesOf(o) }), tame)
    const property = fc.property(operands, (o) => {
      if (overflows(o)) expect(() => run(`t${name}cctv`, o)).toThrow(new Trapped('tag_overflow'))
    })
    fc.assert(property, { numRuns: 100, seed: 10 })
  })
})

describe('logical operations (V9 A.31)', () => {
  it.each([
    ['and', (a: bigint, b: bigint) => a & b],
    ['or', (a: bigint, b: bigint) => a | b],
    ['xor', (a: bigint, b: bigint) => a ^ b],
    ['andn', (a: bigint, b: bigint) => a & ~b],
    ['orn', (a: bigint, b: bigint) => a | ~b],
    ['xnor', (a: bigint, b: bigint) => ~(a ^ b)],
  ] as const)('%s', (name, combine) => {
    const result = ({ a, b }: Operands) => unsigned(64, combine(a, b))
    check(name, (o) => ({ rd: result(o) }))
    check(`${name}cc`, (o) => ({ rd: result(o), codes: logicCodes(result(o)) }))
  })
})

describe('shifts (V9 A.49)', () => {
  it.each([
    ['sll', 32, (a: bigint, count: bigint) => a << count],
    ['srl', 32, (a: bigint, count: bigint) => unsigned(32, a) >> count],
    ['sra', 32, (a: bigint, count: bigint) => signed(32, a) >> count],
    ['sllx', 64, (a: bigint, count: bigint) => a << count],
    ['srlx', 64, (a: bigint, count: bigint) => a >> count],
    ['srax', 64, (a: bigint, count: bigint) => signed(64, a) >> count],
  ] as const)('%s', (name, width, shift) => {
    check(name, ({ a, b }) => ({ rd: unsigned(64, shift(a, b % BigInt(width))) }))
  })
})

describe('products (V9 A.37, A.38)', () => {
  it('mulx has the low 64 bits', () => check('mulx', ({ a, b }) => ({ rd: unsigned(64, a * b) })))

  it.each([
    ['umul', unsigned],
    ['smul', signed],
  ] as const)('%s has 64 bits, the upper half in Y as well', (name, as) => {
    const product = ({ a, b }: Operands) => unsigned(64, as(32, a) * as(32, b))
    check(name, (o) => ({ rd: product(o), y: product(o) >> 32n }))
    check(`${name}cc`, (o) => ({ rd: product(o), y: product(o) >> 32n, codes: logicCodes(product(o)) }))
  })

  it('mulscc adds the multiplicand if Y says so, and shifts (V9 A.39)', () => {
    check('mulscc', ({ a, b, codes, y }) => {
      const [n, v] = [(codes >> 3n) & 1n, (codes >> 1n) & 1n]
      const partial = ((n ^ v) << 31n) | (unsigned(32, a) >> 1n)
      const addend = y & 1n ? b : 0n
      const { codes: sum } = run('addcc', { a: partial, b: unsigned(32, addend), codes: 0n, y: 0n })
      return { rd: partial + unsigned(32, addend), codes: sum, y: ((a & 1n) << 31n) | (y >> 1n) }
    })
  })
})

describe('quotients (V9 A.10, A.37)', () => {
  const divisible = operands.filter(({ b }) => unsigned(32, b) !== 0n)

  it('udivx and sdivx divide 64 bits, rounding toward zero', () => {
    check('udivx', ({ a, b }) => ({ rd: a / b }), divisible)
    check('sdivx', ({ a, b }) => ({ rd: unsigned(64, signed(64, a) / signed(64, b)) }), divisible)
  })

  const near: fc.Arbitrary<Operands> = fc
    .tuple(operands, fc.integer({ min: -2, max: 2 }), fc.constantFrom(1n << 31n, 1n << 32n, -(1n << 31n), 1n << 63n))
    .map(([o, by, quotient]) => {
      const dividend = unsigned(64, signed(32, o.b | 1n) * quotient + BigInt(by))
      return { ...o, b: o.b | 1n, a: (o.a & ~0xffff_ffffn) | unsigned(32, dividend), y: dividend >> 32n }
    })
  const overflowing: fc.Arbitrary<Operands> = fc.constant({ a: 0n, b: 0xffff_ffffn, codes: 0n, y: 0x8000_0000n })

  it.each([
    ['udiv', unsigned, 0n, 0xffff_ffffn],
    ['sdiv', signed, -0x8000_0000n, 0x7fff_ffffn],
  ] as const)('%s divides Y and 32 bits by 32, and saturates', (name, as, least, greatest) => {
    const exact = ({ a, b, y }: Operands) => as(64, (y << 32n) | unsigned(32, a)) / as(32, b)
    const overflow = (o: Operands) => exact(o) < least || exact(o) > greatest
    const quotient = (o: Operands) => {
      if (!overflow(o)) return unsigned(64, exact(o))
      return unsigned(64, exact(o) < least ? least : greatest)
    }
    for (const given of [divisible, near, overflowing]) {
      check(name, (o) => ({ rd: quotient(o) }), given)
      check(`${name}cc`, (o) => ({ rd: quotient(o), codes: logicCodes(quotient(o)) | (overflow(o) ? 2n : 0n) }), given)
    }
  })
})

it('every row of arithmetic but sethi is tried here', () => {
  const sums = ['add', 'sub'].flatMap((n) => [n, `${n}cc`, `${n}c`, `${n}ccc`, `t${n}cc`, `t${n}cctv`])
  const logical = ['and', 'or', 'xor', 'andn', 'orn', 'xnor'].flatMap((n) => [n, `${n}cc`])
  const others = ['umul', 'smul', 'udiv', 'sdiv'].flatMap((n) => [n, `${n}cc`])
  const rest = ['sll', 'srl', 'sra', 'sllx', 'srlx', 'srax', 'mulx', 'udivx', 'sdivx', 'mulscc', 'sethi']
  expect(rows.map(({ name }) => name).sort()).toEqual([...sums, ...logical, ...others, ...rest].sort())
})
