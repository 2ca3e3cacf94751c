import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BINARY32,
  BINARY64,
  BINARY128,
  type BinaryFormat,
  FLAG_DZ,
  FLAG_NV,
  FLAG_NX,
  FLAG_OF,
  FLAG_TINY,
  FLAG_UF,
  NEAREST_EVEN,
  SoftFloat,
  TOWARD_NEGATIVE,
  TOWARD_POSITIVE,
  TOWARD_ZERO,
} from '../../../src/isa/softfloat'
import { bitsOf, floatBits, floatPairs, numberOf } from './float-bits'

const soft = new SoftFloat()
const RUNS = { numRuns: 300, seed: 754 }
const D = BINARY64
const ONE = bitsOf(1, D)

function flagsOf(operation: () => bigint): [bigint, number] {
  soft.flags = 0
  const result = operation()
  return [result, soft.flags]
}

function expectNumber(actual: bigint, expected: number, format: BinaryFormat): void {
  if (Number.isNaN(expected)) expect(numberOf(actual, format)).toBeNaN()
  else expect(actual).toBe(bitsOf(expected, format))
}

const BINARY: readonly ['add' | 'sub' | 'mul' | 'div', (x: number, y: number) => number][] = [
  ['add', (x, y) => x + y],
  ['sub', (x, y) => x - y],
  ['mul', (x, y) => x * y],
  ['div', (x, y) => x / y],
]

describe('rounding to nearest agrees with the host', () => {
  for (const [name, host] of BINARY) {
    for (const format of [BINARY64, BINARY32]) {
      it(`${name} in ${format.bits} bits`, () => {
        fc.assert(
          fc.property(floatPairs(format), ([a, b]) => {
            const value = host(numberOf(a, format), numberOf(b, format))
            const rounded = format.bits === 32 ? Math.fround(value) : value
            expectNumber(soft[name](format, a, b, NEAREST_EVEN), rounded, format)
          }),
          RUNS,
        )
      })
    }
  }

  it('square roots', () => {
    fc.assert(
      fc.property(floatBits(D), (a) => expectNumber(soft.sqrt(D, a, NEAREST_EVEN), Math.sqrt(numberOf(a, D)), D)),
      RUNS,
    )
  })

  it('conversions between formats', () => {
    fc.assert(
      fc.property(floatBits(D), floatBits(BINARY32), (wide, narrow) => {
        expectNumber(soft.convert(D, BINARY32, wide, NEAREST_EVEN), Math.fround(numberOf(wide, D)), BINARY32)
        expectNumber(soft.convert(BINARY32, D, narrow, NEAREST_EVEN), numberOf(narrow, BINARY32), D)
      }),
      RUNS,
    )
  })

  it('conversions from and to integers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), floatBits(D), (n, a) => {
        expect(soft.fromInteger(64, D, n, NEAREST_EVEN)).toBe(bitsOf(Number(BigInt.asIntN(64, n)), D))
        expect(soft.fromInteger(32, D, n & 0xffffffffn, NEAREST_EVEN)).toBe(bitsOf(Number(BigInt.asIntN(32, n)), D))
        const x = Math.trunc(numberOf(a, D))
        if (Math.abs(x) < 2 ** 63) expect(soft.toInteger(D, 64, a)).toBe(BigInt.asUintN(64, BigInt(x)))
        if (Math.abs(x) < 2 ** 31) expect(soft.toInteger(D, 32, a)).toBe(BigInt.asUintN(32, BigInt(x)))
      }),
      RUNS,
    )
  })

  it('comparisons', () => {
    fc.assert(
      fc.property(floatPairs(D), ([a, b]) => {
        const [x, y] = [numberOf(a, D), numberOf(b, D)]
        expect(soft.compare(D, false, a, b)).toBe(x === y ? 0 : x < y ? 1 : x > y ? 2 : 3)
      }),
      RUNS,
    )
  })
})

describe('exceptions', () => {
  const smallest = 1n
  const smallestNormal = D.hiddenBit
  const largest = D.infinity - 1n

  it('division by zero, invalid operations and overflow', () => {
    expect(flagsOf(() => soft.div(D, ONE, D.sign, 0))).toEqual([D.sign | D.infinity, FLAG_DZ])
    expect(flagsOf(() => soft.div(D, 0n, 0n, 0))).toEqual([D.defaultNaN, FLAG_NV])
    expect(flagsOf(() => soft.sub(D, D.infinity, D.infinity, 0))).toEqual([D.defaultNaN, FLAG_NV])
    expect(flagsOf(() => soft.mul(D, D.infinity, 0n, 0))).toEqual([D.defaultNaN, FLAG_NV])
    expect(flagsOf(() => soft.sqrt(D, ONE | D.sign, 0))).toEqual([D.defaultNaN, FLAG_NV])
    expect(flagsOf(() => soft.add(D, largest, largest, NEAREST_EVEN))).toEqual([D.infinity, FLAG_OF | FLAG_NX])
    expect(flagsOf(() => soft.add(D, largest, largest, TOWARD_ZERO))).toEqual([largest, FLAG_OF | FLAG_NX])
    expect(flagsOf(() => soft.add(D, largest, largest, TOWARD_NEGATIVE))).toEqual([largest, FLAG_OF | FLAG_NX])
  })

  it('an exact subnormal is tiny without underflow, an inexact one underflows (V9 B.3, B.4)', () => {
    expect(flagsOf(() => soft.sub(D, smallestNormal, smallest, 0))).toEqual([smallestNormal - 1n, FLAG_TINY])
    const third = flagsOf(() => soft.div(D, smallestNormal, bitsOf(3, D), 0))
    expect(third[1]).toBe(FLAG_TINY | FLAG_UF | FLAG_NX)
  })

  it('tininess is detected before rounding (V9 B.4), after it only when asked', () => {
    const before = flagsOf(() => soft.mul(D, smallestNormal + 1n, ONE - 2n, NEAREST_EVEN))
    expect(before).toEqual([smallestNormal, FLAG_TINY | FLAG_UF | FLAG_NX])
    const single = new SoftFloat('after')
    const x = bitsOf(2 ** -126 * (1 + 2 ** -23), BINARY32)
    const y = bitsOf(1 - 2 ** -23, BINARY32)
    expect(single.mul(BINARY32, x, y, NEAREST_EVEN)).toBe(BINARY32.hiddenBit)
    expect(single.flags).toBe(FLAG_NX)
  })

  it('integers out of range saturate by sign, NaN included (V9 B.5)', () => {
    const cases: [bigint, 32 | 64, bigint][] = [
      [bitsOf(2147483648, D), 32, 0x7fffffffn],
      [bitsOf(-2147483649, D), 32, 0x80000000n],
      [D.infinity, 64, 0x7fffffffffffffffn],
      [D.infinity | D.sign, 64, 0x8000000000000000n],
      [D.defaultNaN, 64, 0x7fffffffffffffffn],
      [D.defaultNaN | D.sign, 32, 0x80000000n],
    ]
    for (const [a, bits, expected] of cases) {
      expect(flagsOf(() => soft.toInteger(D, bits, a))).toEqual([expected, FLAG_NV])
    }
    expect(flagsOf(() => soft.toInteger(D, 32, bitsOf(-2147483648.5, D)))).toEqual([0x80000000n, FLAG_NX])
    expect(flagsOf(() => soft.toInteger(D, 32, bitsOf(-1.75, D)))).toEqual([0xffffffffn, FLAG_NX])
  })
})

const FORMATS = [BINARY32, D, BINARY128] as const

describe.each(FORMATS)('zeros and infinities, in $bits bits', (format) => {
  const value = (x: number) => soft.convert(D, format, bitsOf(x, D), 0)
  const special = [0, -0, 1, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

  it.each(BINARY)(
    '%s gives what the host gives; what is not valid is positive and quiet, all its bits ones',
    (name, of) => {
      for (const mode of [NEAREST_EVEN, TOWARD_ZERO, TOWARD_POSITIVE, TOWARD_NEGATIVE] as const) {
        for (const x of special) {
          for (const y of special) {
            const result = of(x, y)
            const isZeroOfUnlike = (name === 'add' || name === 'sub') && result === 0 && Object.is(of(-x, -y), result)
            const byZero = name === 'div' && y === 0 && Number.isFinite(x)
            const expected = Number.isNaN(result)
              ? [format.sign - 1n, FLAG_NV]
              : [value(isZeroOfUnlike && mode === TOWARD_NEGATIVE ? -0 : result), byZero ? FLAG_DZ : 0]
            const ours = flagsOf(() => soft[name](format, value(x), value(y), mode))
            expect([x, y, mode, ...ours]).toEqual([x, y, mode, ...expected])
          }
        }
      }
    },
  )

  it('sqrt leaves zeros and +infinity as they are', () => {
    for (const x of [0, -0, Number.POSITIVE_INFINITY]) {
      expect(flagsOf(() => soft.sqrt(format, value(x), 0))).toEqual([value(x), 0])
    }
    for (const x of [-1, Number.NEGATIVE_INFINITY]) {
      expect(flagsOf(() => soft.sqrt(format, value(x), 0))).toEqual([format.sign - 1n, FLAG_NV])
    }
  })

  it('conversions and widening products keep signs', () => {
    for (const to of FORMATS) {
      const wide = (x: number) => soft.convert(D, to, bitsOf(x, D), 0)
      for (const x of special) {
        if (to !== format) expect(flagsOf(() => soft.convert(format, to, value(x), 0))).toEqual([wide(x), 0])
        if (to.bits <= format.bits) continue
        for (const y of special) {
          const expected = Number.isNaN(x * y) ? [to.sign - 1n, FLAG_NV] : [wide(x * y), 0]
          expect(flagsOf(() => soft.mulWiden(format, to, value(x), value(y), 0))).toEqual(expected)
        }
      }
    }
  })

  it('comparisons go by value, and what is unordered is found whatever the other operand is', () => {
    const numbers = [Number.NEGATIVE_INFINITY, -2, -1, -0, 0, 1, 2, Number.POSITIVE_INFINITY]
    const [quiet, signaling] = [format.infinity | format.quietBit, format.infinity | format.sign | 1n]
    for (const signals of [false, true]) {
      for (const x of numbers) {
        for (const y of numbers) {
          const relation = x < y ? 1 : x > y ? 2 : 0
          expect(flagsOf(() => BigInt(soft.compare(format, signals, value(x), value(y))))).toEqual([
            BigInt(relation),
            0,
          ])
        }
        for (const [nan, flags] of [
          [quiet, signals ? FLAG_NV : 0],
          [signaling, FLAG_NV],
        ] as const) {
          expect(flagsOf(() => BigInt(soft.compare(format, signals, value(x), nan)))).toEqual([3n, flags])
          expect(flagsOf(() => BigInt(soft.compare(format, signals, nan, value(x))))).toEqual([3n, flags])
        }
      }
    }
  })

  it.each([32, 64] as const)(
    'to an integer of %i bits: the part before the point, or the nearest that fits',
    (bits) => {
      const limit = 1n << BigInt(bits - 1)
      const nearPower = fc
        .tuple(fc.integer({ min: 0, max: bits }), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
        .map(([power, step, negative]) => {
          const a = (BigInt(format.bias + power) << BigInt(format.fractionBits)) + step
          return negative ? a | format.sign : a
        })
      const property = fc.property(fc.oneof(floatBits(format), nearPower), (a) => {
        const negative = (a & format.sign) !== 0n
        const exponent = (a & format.magnitudeMask) >> BigInt(format.fractionBits)
        const significand = (a & format.fractionMask) | (exponent === 0n ? 0n : format.hiddenBit)
        const shift = BigInt(format.bias + format.fractionBits) - (exponent === 0n ? 1n : exponent)
        const whole = significand >> shift
        const fits = exponent < BigInt(format.specialExponent) && whole <= (negative ? limit : limit - 1n)
        const rounded = fits ? whole : negative ? limit : limit - 1n
        const flags = !fits ? FLAG_NV : whole << shift === significand ? 0 : FLAG_NX
        const expected = [BigInt.asUintN(bits, negative ? -rounded : rounded), flags]
        expect(flagsOf(() => soft.toInteger(format, bits, a))).toEqual(expected)
      })
      fc.assert(property, RUNS)
    },
  )
})

describe.each(FORMATS)('NaN operands (V9 B.2), in $bits bits', (format) => {
  const one = soft.convert(D, format, ONE, 0)
  const quiet1 = format.infinity | format.quietBit | 1n
  const quiet2 = format.sign | format.infinity | format.quietBit | 2n
  const signaling1 = format.infinity | 3n
  const signaling2 = format.sign | format.infinity | 4n
  const quieted = (a: bigint) => a | format.quietBit

  it.each([
    ['number, quiet', one, quiet2, quiet2, 0],
    ['quiet, number', quiet1, one, quiet1, 0],
    ['quiet, quiet', quiet1, quiet2, quiet2, 0],
    ['quiet, signaling', quiet1, signaling2, quieted(signaling2), FLAG_NV],
    ['signaling, quiet', signaling1, quiet2, quieted(signaling1), FLAG_NV],
    ['signaling, signaling', signaling1, signaling2, quieted(signaling2), FLAG_NV],
    ['signaling, number', signaling1, one, quieted(signaling1), FLAG_NV],
    ['number, signaling', one, signaling1, quieted(signaling1), FLAG_NV],
  ])('rs1, rs2 = %s', (_, a, b, expected, flags) => {
    for (const [name] of BINARY) expect(flagsOf(() => soft[name](format, a, b, 0))).toEqual([expected, flags])
    for (const to of FORMATS) {
      if (to.bits <= format.bits) continue
      const wide = (expected & format.fractionMask) << BigInt(to.fractionBits - format.fractionBits)
      const sign = expected & format.sign ? to.sign : 0n
      expect(flagsOf(() => soft.mulWiden(format, to, a, b, 0))).toEqual([sign | to.infinity | wide, flags])
    }
  })

  it('a root, quiet', () => {
    expect(flagsOf(() => soft.sqrt(format, quiet2, 0))).toEqual([quiet2, 0])
    expect(flagsOf(() => soft.sqrt(format, signaling2, 0))).toEqual([quieted(signaling2), FLAG_NV])
  })
})

describe('NaNs (V9 B.2)', () => {
  it('keep sign and leading fraction bits across formats', () => {
    expect(flagsOf(() => soft.convert(D, BINARY32, 0xfff8000020000000n, 0))).toEqual([0xffc00001n, 0])
    expect(flagsOf(() => soft.convert(D, BINARY32, 0x7ff0000000000001n, 0))).toEqual([0x7fc00000n, FLAG_NV])
    expect(flagsOf(() => soft.convert(BINARY32, D, 0xff800001n, 0))).toEqual([0xfff8000020000000n, FLAG_NV])
  })
})

describe('binary128', () => {
  const Q = BINARY128
  const widen = (x: number) => soft.convert(D, Q, bitsOf(x, D), NEAREST_EVEN)

  it('computes products of doubles exactly and rounds them as the double product', () => {
    fc.assert(
      fc.property(floatPairs(D), ([a, b]) => {
        const [x, y] = [numberOf(a, D), numberOf(b, D)]
        const [wide, flags] = flagsOf(() => soft.mulWiden(D, Q, a, b, NEAREST_EVEN))
        expect(flags & (FLAG_NX | FLAG_OF | FLAG_UF)).toBe(0)
        expectNumber(soft.convert(Q, D, wide, NEAREST_EVEN), x * y, D)
      }),
      RUNS,
    )
  })

  it('knows a third and the root of two', () => {
    expect(soft.div(Q, widen(1), widen(3), NEAREST_EVEN)).toBe(0x3ffd5555555555555555555555555555n)
    expect(soft.sqrt(Q, widen(2), NEAREST_EVEN)).toBe(0x3fff6a09e667f3bcc908b2fb1366ea95n)
  })
})
