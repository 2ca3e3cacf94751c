import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BINARY32,
  BINARY64,
  type BinaryFormat,
  FLAG_NV,
  FLAG_NX,
  FLAG_TINY,
  FLAG_UF,
  type Fusion,
  isNaNIn,
  multiplyAdd,
  NEAREST_EVEN,
  type RoundingMode,
  TOWARD_NEGATIVE,
  TOWARD_POSITIVE,
  TOWARD_ZERO,
} from '../../../src/isa/softfloat'
import { bitsOf, floatBits, floatPairs, numberOf } from './float-bits'

const MODES = [NEAREST_EVEN, TOWARD_ZERO, TOWARD_POSITIVE, TOWARD_NEGATIVE] as const
const MIRRORED = [NEAREST_EVEN, TOWARD_ZERO, TOWARD_NEGATIVE, TOWARD_POSITIVE] as const
const RUNS = { numRuns: 300, seed: 754 }

function fused(
  format: BinaryFormat,
  [a, b, c]: readonly bigint[],
  mode: RoundingMode = NEAREST_EVEN,
  fusion: Fusion = {},
) {
  return multiplyAdd(format, a!, b!, c!, fusion, mode)
}

/** Factors and an addend, often one that nearly cancels the product. */
function triples(format: BinaryFormat): fc.Arbitrary<[bigint, bigint, bigint]> {
  const cancelling = fc.tuple(floatPairs(format), fc.bigInt({ min: -3n, max: 3n })).map(([[a, b], step]) => {
    const product = fused(format, [a, b, 0n]).bits
    const near = BigInt.asUintN(format.bits, (product ^ format.sign) + step)
    return [a, b, near] as [bigint, bigint, bigint]
  })
  return fc.oneof(fc.tuple(floatBits(format), floatBits(format), floatBits(format)), cancelling)
}

/** The sum of two doubles, its last bit set if it is inexact: rounding it again to 24 bits rounds but once. */
function sumToOdd(p: number, c: number): number {
  const sum = p + c
  const part = sum - p
  const error = p - (sum - part) + (c - part)
  if (!Number.isFinite(sum) || error === 0) return sum
  const bits = bitsOf(sum, BINARY64)
  if (bits & 1n) return sum
  return numberOf(error > 0 === sum > 0 ? bits + 1n : bits - 1n, BINARY64)
}

/** A finite number as an integer, in units of 2^-2200. */
function exact(format: BinaryFormat, a: bigint): bigint {
  const biased = Number((a & format.magnitudeMask) >> BigInt(format.fractionBits))
  const significand = (a & format.fractionMask) | (biased === 0 ? 0n : format.hiddenBit)
  const magnitude = significand << BigInt(Math.max(biased, 1) - format.bias - format.fractionBits + 1100)
  return a & format.sign ? -magnitude : magnitude
}

const isFiniteIn = (format: BinaryFormat, a: bigint) => (a & format.magnitudeMask) < format.infinity

describe('a * b + c', () => {
  it('in 32 bits is what doubles give, rounded once', () => {
    const property = fc.property(triples(BINARY32), ([a, b, c]) => {
      const [x, y, z] = [a, b, c].map((bits) => numberOf(bits, BINARY32))
      const expected = Math.fround(sumToOdd(x! * y!, z!))
      const { bits } = fused(BINARY32, [a, b, c])
      if (Number.isNaN(expected)) expect(isNaNIn(BINARY32, bits)).toBe(true)
      else expect(bits).toBe(bitsOf(expected, BINARY32))
    })
    fc.assert(property, { ...RUNS, numRuns: 1000 })
  })

  it.each([BINARY32, BINARY64])(
    'in $bits bits lies between its roundings down and up, and next to the nearest',
    (format) => {
      const property = fc.property(triples(format), (operands) => {
        fc.pre(operands.every((a) => isFiniteIn(format, a)))
        const [nearest, zero, up, down] = MODES.map((mode) => fused(format, operands, mode))
        fc.pre([nearest, zero, up, down].every((result) => isFiniteIn(format, result!.bits)))
        const [a, b, c] = operands.map((bits) => exact(format, bits))
        const unit = 1100n
        const sum = ((a! * b!) >> unit) + c!
        const lost = a! * b! !== ((a! * b!) >> unit) << unit
        const [low, high] = [exact(format, down!.bits), exact(format, up!.bits)]
        expect(low <= sum && (lost ? sum < high : sum <= high)).toBe(true)
        const inexact = lost || low !== sum
        expect(nearest!.flags & FLAG_NX).toBe(inexact ? FLAG_NX : 0)
        expect(low === high).toBe(!inexact)
        const chosen = exact(format, nearest!.bits)
        expect([low, high]).toContain(chosen)
        if (chosen === low) expect(sum - low <= high - sum).toBe(true)
        else expect(high - sum <= sum - low + (lost ? 1n : 0n)).toBe(true)
        if (inexact || sum !== 0n) expect(zero!.bits).toBe(sum < 0n ? up!.bits : down!.bits)
      })
      fc.assert(property, RUNS)
    },
  )

  it.each(MODES)('of numbers that cancel is +0, but -0 toward -infinity: mode %i', (mode) => {
    const [two, three, minusSix] = [2, 3, -6].map((value) => bitsOf(value, BINARY64))
    const zero = mode === TOWARD_NEGATIVE ? BINARY64.sign : 0n
    expect(fused(BINARY64, [two!, three!, minusSix!], mode)).toEqual({ bits: zero, flags: 0 })
    expect(fused(BINARY64, [two!, three!, minusSix!], mode, { negateSum: true }).bits).toBe(zero ^ BINARY64.sign)
    expect(fused(BINARY64, [0n, three!, BINARY64.sign], mode).bits).toBe(zero)
    expect(fused(BINARY64, [BINARY64.sign, three!, BINARY64.sign], mode).bits).toBe(BINARY64.sign)
    expect(fused(BINARY64, [0n, three!, 0n], mode).bits).toBe(0n)
  })

  it('with infinities is one of them, or not valid', () => {
    const { sign, infinity, defaultNaN } = BINARY64
    const [one, minusOne] = [bitsOf(1, BINARY64), bitsOf(-1, BINARY64)]
    const invalid = { bits: defaultNaN, flags: FLAG_NV }
    const valid = (bits: bigint) => ({ bits, flags: 0 })
    expect(fused(BINARY64, [infinity, minusOne, one])).toEqual(valid(infinity | sign))
    expect(fused(BINARY64, [minusOne, infinity, one])).toEqual(valid(infinity | sign))
    expect(fused(BINARY64, [infinity, one, infinity])).toEqual(valid(infinity))
    expect(fused(BINARY64, [one, one, infinity | sign])).toEqual(valid(infinity | sign))
    expect(fused(BINARY64, [one, one, infinity], NEAREST_EVEN, { negateSum: true })).toEqual(valid(infinity | sign))
    expect(fused(BINARY64, [infinity, one, one], NEAREST_EVEN, { negateSum: true })).toEqual(valid(infinity | sign))
    expect(fused(BINARY64, [infinity, one, infinity | sign])).toEqual(invalid)
    expect(fused(BINARY64, [one, infinity, infinity], NEAREST_EVEN, { negateAddend: true })).toEqual(invalid)
    for (const zero of [0n, sign]) {
      expect(fused(BINARY64, [infinity, zero, one])).toEqual(invalid)
      expect(fused(BINARY64, [zero, infinity, one])).toEqual(invalid)
    }
  })

  it('is tiny if it was so before it was rounded (V9 B.4)', () => {
    const flags = FLAG_TINY | FLAG_UF | FLAG_NX
    for (const format of [BINARY32, BINARY64]) {
      const rounded = fused(format, [format.hiddenBit + 1n, bitsOf(1, format) - 2n, 0n])
      expect(rounded).toEqual({ bits: format.hiddenBit, flags })
    }
  })

  it('takes the signaling NaN before the quiet one, c before b before a, and leaves signs', () => {
    const { infinity, quietBit, sign } = BINARY64
    const quiet = [1n, 2n, 3n].map((payload) => infinity | quietBit | payload | sign)
    const signaling = [1n, 2n, 3n].map((payload) => infinity | payload | sign)
    const [a, b, c] = quiet
    const one = bitsOf(1, BINARY64)
    const chosen = (...operands: bigint[]) =>
      fused(BINARY64, operands, NEAREST_EVEN, { negateAddend: true, negateSum: true })
    expect(chosen(a!, b!, c!)).toEqual({ bits: c, flags: 0 })
    expect(chosen(a!, b!, one)).toEqual({ bits: b, flags: 0 })
    expect(chosen(a!, one, one)).toEqual({ bits: a, flags: 0 })
    expect(chosen(signaling[0]!, b!, c!)).toEqual({ bits: a, flags: FLAG_NV })
    expect(chosen(signaling[0]!, signaling[1]!, c!)).toEqual({ bits: b, flags: FLAG_NV })
    expect(chosen(infinity, 0n, c!)).toEqual({ bits: c, flags: FLAG_NV })
    expect(chosen(0n, infinity, c!)).toEqual({ bits: c, flags: FLAG_NV })
    expect(chosen(infinity, one, c!)).toEqual({ bits: c, flags: 0 })
  })
})

describe('what becomes of a * b + c', () => {
  it.each([BINARY32, BINARY64])('a turned addend is one of the other sign, in $bits bits', (format) => {
    const property = fc.property(
      triples(format),
      fc.constantFrom(...MODES),
      fc.boolean(),
      ([a, b, c], mode, negateSum) => {
        fc.pre(!isNaNIn(format, c))
        const turned = fused(format, [a, b, c], mode, { negateAddend: true, negateSum })
        expect(turned).toEqual(fused(format, [a, b, c ^ format.sign], mode, { negateSum }))
      },
    )
    fc.assert(property, RUNS)
  })

  it.each([BINARY32, BINARY64])('a turned sum is rounded after it is turned, in $bits bits', (format) => {
    const property = fc.property(triples(format), fc.constantFrom(...MODES), ([a, b, c], mode) => {
      const plain = fused(format, [a, b, c], MIRRORED[mode])
      fc.pre(!isNaNIn(format, plain.bits) && (plain.bits & format.magnitudeMask) !== 0n)
      const turned = fused(format, [a, b, c], mode, { negateSum: true })
      expect(turned).toEqual({ bits: plain.bits ^ format.sign, flags: plain.flags })
    })
    fc.assert(property, RUNS)
  })

  it.each([BINARY32, BINARY64])('a halved sum is that of halves, rounded once, in $bits bits', (format) => {
    const half = format.hiddenBit
    const isLarge = (a: bigint) => (a & format.magnitudeMask) >> BigInt(format.fractionBits) > 1n
    const property = fc.property(triples(format), fc.constantFrom(...MODES), ([a, b, c], mode) => {
      fc.pre([a, b, c].every((bits) => isFiniteIn(format, bits)) && isLarge(a) && isLarge(c))
      expect(fused(format, [a, b, c], mode, { halve: true })).toEqual(fused(format, [a - half, b, c - half], mode))
    })
    fc.assert(property, RUNS)
  })
})
