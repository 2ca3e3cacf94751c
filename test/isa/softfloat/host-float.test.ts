import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  BINARY32,
  BINARY64,
  type BinaryFormat,
  HostFloat,
  type RoundingMode,
  SoftFloat,
} from '../../../src/isa/softfloat'
import { floatBits, floatPairs } from './float-bits'

const soft = new SoftFloat()
const host = new HostFloat()
const RUNS = { numRuns: 4000 }

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

describe('the host fast path gives the bits and the flags of the exact one', () => {
  for (const format of [BINARY64, BINARY32]) {
    const pairs = fc.oneof(floatPairs(format), fc.tuple(shortFloats(format), shortFloats(format)))
    for (const name of ['add', 'sub', 'mul', 'div'] as const) {
      it(`${name} in ${format.bits} bits`, () => {
        fc.assert(
          fc.property(pairs, anyMode, ([a, b], mode) => expectSame((f) => f[name](format, a, b, mode))),
          RUNS,
        )
      })
    }

    it(`sqrt and comparisons in ${format.bits} bits`, () => {
      const squares = shortFloats(format).map((a) => soft.mul(format, a, a, 0))
      fc.assert(
        fc.property(fc.oneof(floatBits(format), squares), anyMode, (a, mode) =>
          expectSame((f) => f.sqrt(format, a, mode)),
        ),
        RUNS,
      )
      fc.assert(
        fc.property(pairs, fc.boolean(), ([a, b], signaling) => expectSame((f) => f.compare(format, signaling, a, b))),
        RUNS,
      )
    })

    it(`to and from integers in ${format.bits} bits`, () => {
      const integers = fc.oneof(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.bigInt({ min: -300n, max: 300n }).map((n) => BigInt.asUintN(64, n)),
      )
      for (const bits of [32, 64] as const) {
        fc.assert(
          fc.property(floatBits(format), integers, anyMode, (a, n, mode) => {
            expectSame((f) => f.toInteger(format, bits, a))
            expectSame((f) => f.fromInteger(bits, format, BigInt.asUintN(bits, n), mode))
          }),
          RUNS,
        )
      }
    })
  }

  it('between formats, and the widening product', () => {
    fc.assert(
      fc.property(floatBits(BINARY64), floatPairs(BINARY32), anyMode, (wide, [a, b], mode) => {
        expectSame((f) => f.convert(BINARY64, BINARY32, wide, mode))
        expectSame((f) => f.convert(BINARY32, BINARY64, a, mode))
        expectSame((f) => f.mulWiden(BINARY32, BINARY64, a, b, mode))
      }),
      RUNS,
    )
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
