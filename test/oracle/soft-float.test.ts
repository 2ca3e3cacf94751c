import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  BINARY32,
  BINARY64,
  BINARY128,
  type BinaryFormat,
  FLAG_NV,
  FLAG_TINY,
  HostFloat,
  type RoundingMode,
  SoftFloat,
} from '../../src/isa/softfloat'
import { floatBits, floatPairs } from '../isa/softfloat/float-bits'
import { HostFpu, hostFpuIsMissing } from './host-fpu'

const FORMATS = { s: BINARY32, d: BINARY64, q: BINARY128 } as const
const MODES: readonly RoundingMode[] = [0, 1, 2, 3]
const CASES = 250
const SEED = 1995

type Operate = (f: SoftFloat, mode: RoundingMode, a: bigint, b: bigint) => bigint

interface Operation {
  readonly name: string
  readonly operands: fc.Arbitrary<[bigint, bigint]>
  /** Undefined for an integer or a relation. */
  readonly result: BinaryFormat | undefined
  /** Integers out of range are NV everywhere, but not the same number. */
  readonly saturates?: boolean
  readonly operate: Operate
}

function operations(): Operation[] {
  const list: Operation[] = []
  for (const [suffix, format] of Object.entries(FORMATS)) {
    for (const name of ['add', 'sub', 'mul', 'div'] as const) {
      list.push({
        name: `${name}${suffix}`,
        operands: floatPairs(format),
        result: format,
        operate: (f, mode, a, b) => f[name](format, a, b, mode),
      })
    }
    for (const signaling of [false, true]) {
      list.push({
        name: `${signaling ? 'cmpe' : 'cmp'}${suffix}`,
        operands: floatPairs(format),
        result: undefined,
        operate: (f, _, a, b) => BigInt(f.compare(format, signaling, a, b)),
      })
    }
    if (suffix === 'q') continue
    list.push(unary(`sqrt${suffix}`, format, format, (f, mode, a) => f.sqrt(format, a, mode)))
    for (const [letter, bits] of [
      ['i', 32],
      ['x', 64],
    ] as const) {
      const toInteger = unary(`${suffix}to${letter}`, format, undefined, (f, _, a) => f.toInteger(format, bits, a))
      list.push({ ...toInteger, saturates: true })
      list.push({
        name: `${letter}to${suffix}`,
        operands: fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }).map((n): [bigint, bigint] => [n, 0n]),
        result: format,
        operate: (f, mode, a) => f.fromInteger(bits, format, a, mode),
      })
    }
  }
  for (const [from, to] of ['sd', 'ds', 'sq', 'dq', 'qs', 'qd'] as const) {
    const [source, target] = [FORMATS[from as 's'], FORMATS[to as 's']]
    list.push(unary(`${from}to${to}`, source, target, (f, mode, a) => f.convert(source, target, a, mode)))
  }
  list.push({
    name: 'smuld',
    operands: floatPairs(BINARY32),
    result: BINARY64,
    operate: (f, mode, a, b) => f.mulWiden(BINARY32, BINARY64, a, b, mode),
  })
  return list
}

function unary(name: string, from: BinaryFormat, result: BinaryFormat | undefined, operate: Operate): Operation {
  return { name, operands: floatBits(from).map((a): [bigint, bigint] => [a, 0n]), result, operate }
}

describe.skipIf(hostFpuIsMissing)("soft float against the host's FPU", () => {
  let host: HostFpu
  beforeAll(() => {
    host = new HostFpu()
  })
  afterAll(() => host.close())

  it.each(operations())(
    '$name: results and flags in all rounding modes',
    ({ name, operands, result, saturates, operate }) => {
      const cases = MODES.flatMap((mode) =>
        fc.sample(operands, { seed: SEED + mode, numRuns: CASES }).map(([a, b]) => ({ mode, a, b })),
      )
      const { answers, tininess } = host.ask(name, cases)
      const Arithmetics = [SoftFloat, HostFloat]
      for (const arithmetic of Arithmetics.map((Arithmetic) => new Arithmetic(tininess))) {
        for (const answer of answers) {
          const { a, b, mode, what } = answer
          arithmetic.flags = 0
          const bits = operate(arithmetic, mode, a, b)
          const flags = arithmetic.flags & ~FLAG_TINY
          expect({ what, flags }).toEqual({ what, flags: answer.flags })
          if (saturates && flags & FLAG_NV) continue
          const isNaNBits = (value: bigint) => result !== undefined && (value & result.magnitudeMask) > result.infinity
          if (isNaNBits(bits) && isNaNBits(answer.bits)) continue
          expect(`${what} = ${bits.toString(16)}`).toBe(`${what} = ${answer.bits.toString(16)}`)
        }
      }
    },
  )
})
