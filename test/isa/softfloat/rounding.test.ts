import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BINARY32,
  BINARY64,
  BINARY128,
  type BinaryFormat,
  FLAG_NX,
  FLAG_OF,
  FLAG_TINY,
  FLAG_UF,
  NEAREST_EVEN,
  type RoundingMode,
  SoftFloat,
  type Tininess,
  TOWARD_NEGATIVE,
  TOWARD_POSITIVE,
  TOWARD_ZERO,
} from '../../../src/isa/softfloat'
import { floatBits, floatPairs, pairsAtTheEnds } from './float-bits'

const MODES = [NEAREST_EVEN, TOWARD_ZERO, TOWARD_POSITIVE, TOWARD_NEGATIVE] as const
/** Below the last bit of the least subnormal number: enough to show halves of halves of it. */
const EXTRA_BITS = 2n

/** Which of two exact magnitudes is greater, an operation's or a given one in units of the least bit: their difference's sign. */
type CompareWith = (units: bigint) => bigint

interface Exact {
  readonly negative: boolean
  readonly compareWith: CompareWith
}

/** The magnitude of a finite number, and of infinity as the number that its bits would be, in units of the least bit. */
function unitsOf(format: BinaryFormat, magnitude: bigint): bigint {
  const exponent = magnitude >> BigInt(format.fractionBits)
  const fraction = magnitude & ((1n << BigInt(format.fractionBits)) - 1n)
  const inUnits = exponent === 0n ? fraction : (fraction | (1n << BigInt(format.fractionBits))) << (exponent - 1n)
  return inUnits << EXTRA_BITS
}

/** How many units are in 1. */
function unitsOfOne(format: BinaryFormat): bigint {
  return 1n << (BigInt(2 ** (format.bits - format.fractionBits - 2) - 2 + format.fractionBits) + EXTRA_BITS)
}

/** IEEE 754 as its definition has it: the two numbers around the exact result, and the one of them that the mode wants. */
function expected(
  format: BinaryFormat,
  { negative, compareWith }: Exact,
  mode: RoundingMode,
  tininess: Tininess,
): { bits: bigint; flags: number } {
  const infinity = BigInt(2 ** (format.bits - format.fractionBits - 1) - 1) << BigInt(format.fractionBits)
  let [below, above] = [0n, infinity + 1n]
  while (above - below > 1n) {
    const middle = (below + above) >> 1n
    if (compareWith(unitsOf(format, middle)) >= 0n) below = middle
    else above = middle
  }
  const inexact = compareWith(unitsOf(format, below)) !== 0n
  const away = mode === (negative ? TOWARD_NEGATIVE : TOWARD_POSITIVE)
  const isUp = (low: bigint, high: bigint, lowIsEven: boolean): boolean => {
    if (mode !== NEAREST_EVEN) return away
    const aboveHalf = compareWith((low + high) / 2n)
    return aboveHalf > 0n || (aboveHalf === 0n && !lowIsEven)
  }
  const up = inexact && below < infinity && isUp(unitsOf(format, below), unitsOf(format, above), below % 2n === 0n)
  const rounded = up ? above : below
  const sign = negative ? 1n << BigInt(format.bits - 1) : 0n
  if (rounded >= infinity) {
    const toInfinity = mode === NEAREST_EVEN || away
    return { bits: sign | (toInfinity ? infinity : infinity - 1n), flags: FLAG_OF | FLAG_NX }
  }
  const leastNormal = unitsOf(format, 1n << BigInt(format.fractionBits))
  const before = compareWith(leastNormal) < 0n && compareWith(0n) > 0n
  const finer = leastNormal - unitsOf(format, 1n) / 2n
  const normalAfter = compareWith(finer) > 0n && isUp(finer, leastNormal, false)
  const tiny = before && (tininess === 'before' || !normalAfter)
  const flags = (inexact ? FLAG_NX : 0) | (tiny ? FLAG_TINY : 0) | (inexact && tiny ? FLAG_UF : 0)
  return { bits: sign | rounded, flags }
}

const OPERATIONS = ['add', 'sub', 'mul', 'div', 'sqrt'] as const

function exactly(operation: (typeof OPERATIONS)[number], format: BinaryFormat, a: bigint, b: bigint): Exact {
  const isNegative = (bits: bigint) => (bits >> BigInt(format.bits - 1)) & 1n
  const magnitude = (bits: bigint) => unitsOf(format, BigInt.asUintN(format.bits - 1, bits))
  const [x, y, one] = [magnitude(a), magnitude(b), unitsOfOne(format)]
  if (operation === 'sqrt') return { negative: false, compareWith: (units) => x * one - units * units }
  const negative = isNegative(a) !== isNegative(b)
  if (operation === 'mul') return { negative, compareWith: (units) => x * y - units * one }
  if (operation === 'div') return { negative, compareWith: (units) => x * one - units * y }
  const sum = (isNegative(a) ? -x : x) + ((operation === 'sub') === (isNegative(b) === 1n) ? y : -y)
  return { negative: sum < 0n, compareWith: (units) => (sum < 0n ? -sum : sum) - units }
}

const isFiniteIn = (format: BinaryFormat, a: bigint) => (a & format.magnitudeMask) < format.infinity
const isZero = (format: BinaryFormat, a: bigint) => (a & format.magnitudeMask) === 0n

describe.each([
  [BINARY32, 500],
  [BINARY64, 300],
  [BINARY128, 12],
])('results and flags are those of IEEE 754, in all rounding modes: format %#', (format, numRuns) => {
  const pairs = fc.oneof(floatPairs(format), pairsAtTheEnds(format))
  const check = (f: SoftFloat, result: bigint, exact: Exact, mode: RoundingMode, tininess: Tininess) => {
    expect({ bits: result, flags: f.flags }).toEqual(expected(format, exact, mode, tininess))
  }

  it.each(OPERATIONS)('%s', (operation) => {
    const property = fc.property(
      pairs,
      fc.constantFrom(...MODES),
      fc.constantFrom<Tininess>('before', 'before', 'after'),
      ([a, b], mode, tininess) => {
        fc.pre(isFiniteIn(format, a) && isFiniteIn(format, b))
        if (operation === 'div') fc.pre(!isZero(format, b))
        const operand = operation === 'sqrt' ? a & format.magnitudeMask : a
        const exact = exactly(operation, format, operand, b)
        if (operation === 'add' || operation === 'sub') fc.pre(exact.compareWith(0n) !== 0n)
        const f = new SoftFloat(tininess)
        const result = operation === 'sqrt' ? f.sqrt(format, operand, mode) : f[operation](format, operand, b, mode)
        check(f, result, exact, mode, tininess)
      },
    )
    fc.assert(property, { numRuns, seed: 754 })
  })

  it('sqrt of the least numbers', () => {
    for (let a = 1n; a < 20n; a++) {
      const f = new SoftFloat()
      check(f, f.sqrt(format, a, NEAREST_EVEN), exactly('sqrt', format, a, 0n), NEAREST_EVEN, 'before')
    }
  })

  it.each([32, 64] as const)('of a signed integer of %i bits', (bits) => {
    const limit = 1n << BigInt(bits - 1)
    const powers = fc.tuple(fc.integer({ min: 0, max: bits - 1 }), fc.bigInt({ min: -3n, max: 3n }))
    const integers = fc.oneof(
      fc.bigInt({ min: -limit, max: limit - 1n }),
      powers.map(([power, step]) => BigInt.asIntN(bits, (1n << BigInt(power)) + step)),
    )
    const property = fc.property(integers, fc.constantFrom(...MODES), (n, mode) => {
      const f = new SoftFloat()
      const magnitude = (n < 0n ? -n : n) * unitsOfOne(format)
      const exact: Exact = { negative: n < 0n, compareWith: (units) => magnitude - units }
      check(f, f.fromInteger(bits, format, BigInt.asUintN(bits, n), mode), exact, mode, 'before')
    })
    fc.assert(property, { numRuns: numRuns / 2, seed: 754 })
  })
})

describe('conversions and widening products are rounded once', () => {
  const FORMATS = [BINARY32, BINARY64, BINARY128] as const
  const ways = FORMATS.flatMap((from) =>
    FORMATS.filter((to) => to !== from).map((to) => [from.bits, to.bits, from, to]),
  )

  it.each(ways as [number, number, BinaryFormat, BinaryFormat][])('%i to %i bits', (_, __, from, to) => {
    const middle = BigInt(from.bias - to.bias) << BigInt(from.fractionBits)
    const near = fc
      .tuple(fc.integer({ min: -to.fractionBits - 2, max: 2 }), fc.bigInt({ min: 0n, max: from.fractionMask }))
      .map(([e, fraction]) => middle + (BigInt(e) << BigInt(from.fractionBits)) + fraction)
    const operands = from.bits > to.bits ? fc.oneof(floatBits(from), near) : floatBits(from)
    const scale = unitsOfOne(from)
    const property = fc.property(operands, fc.constantFrom(...MODES), fc.boolean(), (a, mode, after) => {
      fc.pre(isFiniteIn(from, a))
      const tininess = after ? 'after' : 'before'
      const f = new SoftFloat(tininess)
      const magnitude = unitsOf(from, a & from.magnitudeMask) * unitsOfOne(to)
      const exact = { negative: (a & from.sign) !== 0n, compareWith: (units: bigint) => magnitude - units * scale }
      const bits = f.convert(from, to, a, mode)
      expect({ bits, flags: f.flags }).toEqual(expected(to, exact, mode, tininess))
    })
    fc.assert(property, { numRuns: from === BINARY128 || to === BINARY128 ? 60 : 300, seed: 754 })
  })

  it.each([
    [BINARY32, BINARY64],
    [BINARY64, BINARY128],
  ])('products, %#', (from, to) => {
    const one = unitsOfOne(from)
    const property = fc.property(floatPairs(from), fc.constantFrom(...MODES), ([a, b], mode) => {
      fc.pre(isFiniteIn(from, a) && isFiniteIn(from, b))
      const f = new SoftFloat()
      const product = unitsOf(from, a & from.magnitudeMask) * unitsOf(from, b & from.magnitudeMask) * unitsOfOne(to)
      const negative = ((a ^ b) & from.sign) !== 0n
      const exact = { negative, compareWith: (units: bigint) => product - units * one * one }
      const bits = f.mulWiden(from, to, a, b, mode)
      expect({ bits, flags: f.flags }).toEqual(expected(to, exact, mode, 'before'))
    })
    fc.assert(property, { numRuns: 60, seed: 754 })
  })
})
