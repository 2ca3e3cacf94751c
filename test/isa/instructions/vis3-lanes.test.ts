import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vis3LaneRows } from '../../../src/isa/instructions/vis3-lanes'
import { clamp, fromLanes, lanesOf, laneWord } from '../lane-values'
import { OperandSemantics } from '../operand-semantics'

const rows = new Map(vis3LaneRows().map((row) => [row.name, row]))
const run = (name: string, f1: bigint, f2: bigint) =>
  Object.assign(new OperandSemantics(), { f1, f2, fd: 0x55n, rd_: 0x55n }).run(rows.get(name)!)

type Combine = (a: number, b: number) => number

/** What each lane becomes; a result outside of the lane wraps. */
interface Lanewise {
  readonly bits: 16 | 32
  readonly total?: 32 | 64
  readonly signed?: boolean
  readonly combine: Combine
}

const saturating = (bits: number, combine: Combine): Combine => {
  const limit = 2 ** (bits - 1)
  return (a, b) => clamp(combine(a, b), -limit, limit - 1)
}

const LANEWISE: Readonly<Record<string, Lanewise>> = Object.fromEntries(
  ([16, 32] as const).flatMap((bits): [string, Lanewise][] => {
    const power = (count: number) => 2 ** ((count >>> 0) % bits)
    return [
      [`fsll${bits}`, { bits, combine: (a, b) => a * power(b) }],
      [`fsrl${bits}`, { bits, combine: (a, b) => Math.floor(a / power(b)) }],
      [`fsra${bits}`, { bits, signed: true, combine: (a, b) => Math.floor(a / power(b)) }],
      [`fslas${bits}`, { bits, signed: true, combine: saturating(bits, (a, b) => a * power(b)) }],
      ...([64, 32] as const).flatMap((total): [string, Lanewise][] => {
        const suffix = total === 64 ? bits : `${bits}s`
        return [
          [`fpadds${suffix}`, { bits, total, signed: true, combine: saturating(bits, (a, b) => a + b) }],
          [`fpsubs${suffix}`, { bits, total, signed: true, combine: saturating(bits, (a, b) => a - b) }],
        ]
      }),
    ]
  }),
)

const OTHERS: Readonly<Record<string, Lanewise>> = {
  fmean16: { bits: 16, signed: true, combine: (a, b) => Math.floor((a + b + 1) / 2) },
  fchksm16: { bits: 16, combine: (a, b) => (a + b > 0xffff ? a + b + 1 : a + b) },
}

describe('lanes of f registers', () => {
  it.each(Object.entries({ ...LANEWISE, ...OTHERS }))('%s', (name, { bits, total = 64, signed = false, combine }) => {
    const half = 2 ** (bits - 1)
    const number = (lane: number) => (signed && lane >= half ? lane - 2 * half : lane)
    const property = fc.property(laneWord, laneWord, (a, b) => {
      const y = lanesOf(b, bits, total).map(number)
      const expected = lanesOf(a, bits, total).map((lane, i) => combine(number(lane), y[i]!))
      expect(run(name, a, b).fd).toBe(fromLanes(expected, bits))
    })
    fc.assert(property, { numRuns: 200, seed: 6 })
  })

  it('fpadd64 and fpsub64 are of whole registers', () => {
    const property = fc.property(laneWord, laneWord, (a, b) => {
      expect(run('fpadd64', a, b).fd).toBe(BigInt.asUintN(64, a + b))
      expect(run('fpsub64', a, b).fd).toBe(BigInt.asUintN(64, a - b))
    })
    fc.assert(property, { numRuns: 50, seed: 6 })
  })
})

describe('bytes', () => {
  const bytes = fc.tuple(laneWord, laneWord, fc.nat(255)).map(([a, b, equal]) => {
    const merged = lanesOf(b, 8).map((byte, i) => ((equal >> i) & 1 ? lanesOf(a, 8)[i]! : byte))
    return [a, fromLanes(merged, 8)] as const
  })

  it('are compared without sign: one bit a byte, the lowest for the lowest byte', () => {
    const property = fc.property(bytes, ([a, b]) => {
      const y = lanesOf(b, 8)
      const marks = (test: (p: number, q: number) => boolean) =>
        BigInt(
          `0b${lanesOf(a, 8)
            .map((byte, i) => Number(test(byte, y[i]!)))
            .join('')}`,
        )
      expect(run('fucmple8', a, b).rd_).toBe(marks((p, q) => p <= q))
      expect(run('fucmpgt8', a, b).rd_).toBe(marks((p, q) => p > q))
      expect(run('fucmpeq8', a, b).rd_).toBe(marks((p, q) => p === q))
      expect(run('fucmpne8', a, b).rd_).toBe(marks((p, q) => p !== q))
    })
    fc.assert(property, { numRuns: 200, seed: 6 })
  })

  it('pdistn sums their absolute differences', () => {
    const property = fc.property(bytes, ([a, b]) => {
      const y = lanesOf(b, 8)
      const sum = lanesOf(a, 8).reduce((total, byte, i) => total + Math.abs(byte - y[i]!), 0)
      expect(run('pdistn', a, b).rd_).toBe(BigInt(sum))
    })
    fc.assert(property, { numRuns: 200, seed: 6 })
  })
})

it('every row of lanes is tried here', () => {
  const tried = [...Object.keys(LANEWISE), ...Object.keys(OTHERS), 'fpadd64', 'fpsub64', 'pdistn']
  const comparisons = ['fucmple8', 'fucmpgt8', 'fucmpeq8', 'fucmpne8']
  expect([...rows.keys()].sort()).toEqual([...tried, ...comparisons].sort())
})
