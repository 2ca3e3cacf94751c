import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  BINARY32,
  BINARY64,
  BINARY128,
  type BinaryFormat,
  FLAG_NX,
  HostFloat,
  type RoundingMode,
  SoftFloat,
} from '../../../src/isa/softfloat'
import { floatBits, floatPairs, pairsAtTheEnds } from './float-bits'

const soft = new SoftFloat()
const host = new HostFloat()
const RUNS = { numRuns: 800, seed: 754 }
const FORMATS = [BINARY32, BINARY64, BINARY128] as const

function expectSame(operation: (arithmetic: SoftFloat) => bigint | number): void {
  soft.flags = 0
  host.flags = 0
  const expected = operation(soft)
  expect(operation(host)).toBe(expected)
  expect(host.flags).toBe(soft.flags)
}

const anyMode = fc.oneof(
  { arbitrary: fc.constant<RoundingMode>(0), weight: 4 },
  { arbitrary: fc.constantFrom<RoundingMode>(1, 2, 3), weight: 1 },
)

/** Doubles with few significant bits: products, quotients and roots come out exact about as often as not. */
function shortFloats(format: BinaryFormat): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: -20, max: 20 }), fc.boolean())
    .map(([n, e, negative]) => new SoftFloat().convert(BINARY64, format, doubleBits((negative ? -n : n) * 2 ** e), 0))
}

function doubleBits(value: number): bigint {
  return new BigUint64Array(new Float64Array([value]).buffer)[0]!
}

const MASK = (1n << 53n) - 1n

/** The number that odd x takes to 1 modulo 2^53. */
function inverse(x: bigint): bigint {
  let y = x
  for (let step = 0; step < 6; step++) y = (y * (2n - x * y)) & MASK
  return y
}

/** A number whose square is r modulo 2^53; r is 1 modulo 8. */
function rootModulo(r: bigint): bigint {
  let root = 1n
  for (let bit = 3n; bit < 53n; bit++) if ((root * root - r) & (1n << bit)) root += 1n << (bit - 1n)
  return root
}

describe.each(FORMATS)('the host fast path gives the bits and the flags of the exact one, in $bits bits', (format) => {
  const isHost = format !== BINARY128
  const short = isHost ? [fc.tuple(shortFloats(format), shortFloats(format))] : []
  const pairs = fc.oneof(floatPairs(format), pairsAtTheEnds(format), ...short)
  const runs = isHost ? RUNS : { ...RUNS, numRuns: 40 }

  it.each(['add', 'sub', 'mul', 'div'] as const)('%s', (name) => {
    const property = fc.property(pairs, anyMode, ([a, b], mode) => expectSame((f) => f[name](format, a, b, mode)))
    fc.assert(property, runs)
  })

  it('sqrt', () => {
    const squares = pairs.map(([a]) => soft.mul(format, a, a, 0))
    const property = fc.property(fc.oneof(floatBits(format), squares), anyMode, (a, mode) =>
      expectSame((f) => f.sqrt(format, a, mode)),
    )
    fc.assert(property, runs)
  })

  it('comparisons', () => {
    const property = fc.property(pairs, fc.boolean(), ([a, b], signaling) =>
      expectSame((f) => f.compare(format, signaling, a, b)),
    )
    fc.assert(property, runs)
  })

  it.each([32, 64] as const)('to and from integers of %i bits', (bits) => {
    const powers = fc.tuple(fc.integer({ min: 0, max: bits }), fc.bigInt({ min: -3n, max: 3n }), fc.boolean())
    const integers = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      powers.map(([power, step, negative]) => ((1n << BigInt(power)) + step) * (negative ? -1n : 1n)),
    )
    const property = fc.property(floatBits(format), integers, anyMode, (a, n, mode) => {
      expectSame((f) => f.toInteger(format, bits, a))
      const rounded = soft.fromInteger(64, format, n, mode)
      expectSame((f) => f.toInteger(format, bits, rounded))
      expectSame((f) => f.fromInteger(bits, format, BigInt.asUintN(bits, n), mode))
    })
    fc.assert(property, runs)
  })

  it('conversions and products to other formats', () => {
    const property = fc.property(pairs, anyMode, fc.constantFrom(...FORMATS), ([a, b], mode, to) => {
      if (to !== format) expectSame((f) => f.convert(format, to, a, mode))
      if (to.bits > format.bits) expectSame((f) => f.mulWiden(format, to, a, b, mode))
    })
    fc.assert(property, runs)
  })
})

describe('the inexact flag is raised however little was lost', () => {
  const significands = fc.bigInt({ min: 1n << 52n, max: MASK }).map((x) => x | 1n)

  it('by a product or quotient of doubles', () => {
    const property = fc.property(significands, fc.constantFrom(-3n, -1n, 1n, 3n), (x, lost) => {
      const y = (inverse(x) * lost) & MASK
      fc.pre(y > 3n)
      const [a, b, product] = [x, y, x * y - lost].map((n) => doubleBits(Number(n)))
      expectSame((f) => f.mul(BINARY64, a!, b!, 0))
      expectSame((f) => f.div(BINARY64, product!, b!, 0))
      expect(host.flags).toBe(FLAG_NX)
    })
    fc.assert(property, RUNS)
  })

  it('by a product of doubles that has one bit more than fits, and not by one that fits', () => {
    const odd = (bits: number) => fc.bigInt({ min: 1n << BigInt(bits - 1), max: (1n << BigInt(bits)) - 1n })
    const lengths = fc.tuple(fc.integer({ min: 1, max: 53 }), fc.integer({ min: 51, max: 56 }))
    const operands = lengths.chain(([first, both]) =>
      fc.tuple(odd(first), odd(Math.min(53, Math.max(1, both - first))), fc.boolean()),
    )
    const property = fc.property(operands, ([n, m, negative]) => {
      const [x, y] = [Number(n | 1n), Number(m | 1n) * (negative ? -1 : 1)]
      const [a, b, product] = [x, y, x * y].map((value) => doubleBits(value))
      expectSame((f) => f.mul(BINARY64, a!, b!, 0))
      expect(host.flags).toBe((n | 1n) * (m | 1n) === BigInt(Math.abs(x * y)) ? 0 : FLAG_NX)
      expectSame((f) => f.div(BINARY64, product!, b!, 0))
    })
    fc.assert(property, RUNS)
    for (let bit = 1; bit <= 52; bit++) {
      const [x, square] = [1 + 2 ** -bit, (1 + 2 ** -bit) ** 2].map((value) => doubleBits(value))
      expectSame((f) => f.mul(BINARY64, x!, x!, 0))
      expect(host.flags).toBe(bit <= 26 ? 0 : FLAG_NX)
      expectSame((f) => f.sqrt(BINARY64, square!, 0))
      expectSame((f) => f.div(BINARY64, square!, x!, 0))
    }
  })

  it('by a root of a double', () => {
    const near = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.boolean(), fc.boolean())
    const property = fc.property(near, ([n, complement, upper]) => {
      const lost = BigInt(8 * n + 1)
      const half = rootModulo(lost) & (MASK >> 1n)
      const root = (complement ? (1n << 52n) - half : half) | (upper ? 1n << 52n : 0n)
      expectSame((f) => f.sqrt(BINARY64, doubleBits(Number(root * root - lost)), 0))
    })
    fc.assert(property, RUNS)
  })

  it('by what is next to a square or a product of singles', () => {
    const singles = fc
      .bigInt({ min: 1n << 23n, max: (1n << 24n) - 1n })
      .map((n) => soft.fromInteger(32, BINARY32, n, 0))
    const property = fc.property(singles, singles, fc.bigInt({ min: -1n, max: 1n }), (a, b, step) => {
      const [square, product] = [soft.mul(BINARY32, a, a, 0), soft.mul(BINARY32, a, b, 0)]
      expectSame((f) => f.sqrt(BINARY32, square + step, 0))
      expectSame((f) => f.div(BINARY32, product + step, b, 0))
    })
    fc.assert(property, RUNS)
  })
})

describe('ordinary numbers never go the exact way, which is slow', () => {
  afterEach(() => vi.restoreAllMocks())

  const METHODS = [
    'add',
    'sub',
    'mul',
    'div',
    'sqrt',
    'convert',
    'mulWiden',
    'fromInteger',
    'toInteger',
    'compare',
  ] as const
  const ordinary = fc
    .tuple(fc.integer({ min: 1, max: 1 << 30 }), fc.integer({ min: -70, max: 10 }), fc.boolean())
    .map(([n, e, negative]) => (negative ? -n : n) * 2 ** e)

  it.each([BINARY64, BINARY32])('in $bits bits', (format) => {
    const exact = METHODS.map((name) => vi.spyOn(SoftFloat.prototype, name))
    const bitsOf = (value: number) =>
      format === BINARY64 ? doubleBits(value) : BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!)
    const property = fc.property(ordinary, ordinary, fc.integer(), (x, y, n) => {
      const [a, b] = [bitsOf(x), bitsOf(y)]
      host.add(format, a, b, 0)
      host.sub(format, b, a, 0)
      host.mul(format, a, b, 0)
      host.div(format, a, b, 0)
      host.sqrt(format, bitsOf(Math.abs(x)), 0)
      host.compare(format, true, a, b)
      host.compare(format, false, a, a)
      host.toInteger(format, 64, bitsOf(x / 2 ** 20))
      host.toInteger(format, 32, bitsOf(x / 2 ** 20))
      host.fromInteger(32, format, BigInt(n), 0)
      host.fromInteger(64, format, BigInt(n), 0)
      if (format === BINARY64) host.convert(BINARY64, BINARY32, a, 0)
      else {
        host.convert(BINARY32, BINARY64, a, 0)
        host.mulWiden(BINARY32, BINARY64, a, b, 0)
      }
    })
    fc.assert(property, { numRuns: 200, seed: 1 })
    expect(exact.map((spy, at) => [METHODS[at], spy.mock.calls.length])).toEqual(METHODS.map((name) => [name, 0]))
  })

  it('nor do zeros', () => {
    const exact = METHODS.map((name) => vi.spyOn(SoftFloat.prototype, name))
    const [zero, three] = [0n, doubleBits(3)]
    expect(host.mul(BINARY64, zero, three, 0)).toBe(0n)
    expect(host.mul(BINARY64, three, zero, 0)).toBe(0n)
    expect(host.div(BINARY64, zero, three, 0)).toBe(0n)
    expect(host.sub(BINARY64, three, three, 0)).toBe(0n)
    expect(host.sub(BINARY32, 0x3f80_0000n, 0x3f80_0000n, 0)).toBe(0n)
    expect(exact.every((spy) => spy.mock.calls.length === 0)).toBe(true)
  })
})
