import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { BINARY32, BINARY64, BINARY128, type BinaryFormat, type RoundingMode, SoftFloat } from '../../src/isa/softfloat'
import { floatBits, floatPairs } from '../isa/softfloat/float-bits'
import { bareMachine, PROGRAM } from './bare-machine'

const soft = new SoftFloat()
const LOW = (1n << 64n) - 1n
const AEXC_AND_CEXC = 0x3ffn

/** Quads are kept in pairs of doubles, the upper half first; %f32 is double 16. */
function quad(cpu: ReferenceCpu, register: number): bigint {
  return (cpu.get('float', register / 2) << 64n) | cpu.get('float', register / 2 + 1)
}

function setQuad(cpu: ReferenceCpu, register: number, bits: bigint): void {
  cpu.set('float', bits >> 64n, register / 2)
  cpu.set('float', bits & LOW, register / 2 + 1)
}

/** Executes one instruction again and again, with FSR and registers as `prepare` leaves them. */
function executor(instruction: string) {
  const { machine } = bareMachine(`${instruction}\nnop`, { ramBytes: 4 << 20, emulation: 'hardware' })
  const cpu = machine.cpus[0]!
  return (prepare: (cpu: ReferenceCpu) => void): ReferenceCpu => {
    cpu.set('fprs', 4n)
    prepare(cpu)
    cpu.set('pc', PROGRAM)
    cpu.set('npc', PROGRAM + 4n)
    cpu.modeChanged()
    machine.step(0)
    expect(cpu.get('pc')).toBe(PROGRAM + 4n)
    return cpu
  }
}

function withFlags(operation: () => bigint): { bits: bigint; flags: bigint } {
  soft.flags = 0
  const bits = operation()
  return { bits, flags: BigInt(soft.flags & 31) }
}

type Arithmetic = (a: bigint, b: bigint, mode: RoundingMode) => bigint
const QUADS = floatPairs(BINARY128)
const MODES = fc.constantFrom<RoundingMode[]>(0, 1, 2, 3)
const RUNS = { numRuns: 60, seed: 9 }

describe('quad arithmetic (V9 A.12, A.13, A.18, A.19): operands, results and flags are those of the soft float, in all rounding modes', () => {
  const arithmetic: readonly [string, Arithmetic][] = [
    ['faddq %f32, %f60, %f8', (a, b, mode) => soft.add(BINARY128, a, b, mode)],
    ['fsubq %f32, %f60, %f8', (a, b, mode) => soft.sub(BINARY128, a, b, mode)],
    ['fmulq %f32, %f60, %f8', (a, b, mode) => soft.mul(BINARY128, a, b, mode)],
    ['fdivq %f32, %f60, %f8', (a, b, mode) => soft.div(BINARY128, a, b, mode)],
    ['fsqrtq %f60, %f8', (_, b, mode) => soft.sqrt(BINARY128, b, mode)],
  ]
  it.each(arithmetic)('%s', (instruction, expected) => {
    const execute = executor(instruction)
    const property = fc.property(QUADS, MODES, ([a, b], mode) => {
      const cpu = execute((at) => {
        setQuad(at, 32, a)
        setQuad(at, 60, b)
        at.set('fsr', BigInt(mode) << 30n)
      })
      const { bits, flags } = withFlags(() => expected(a, b, mode))
      expect(quad(cpu, 8)).toBe(bits)
      expect(cpu.get('fsr') & AEXC_AND_CEXC).toBe(flags | (flags << 5n))
      expect([quad(cpu, 32), quad(cpu, 60), cpu.get('fprs')]).toEqual([a, b, 5n])
    })
    fc.assert(property, RUNS)
  })

  it('fdmulq of two doubles has no rounding to do', () => {
    const execute = executor('fdmulq %f34, %f60, %f8')
    fc.assert(
      fc.property(floatPairs(BINARY64), ([a, b]) => {
        const cpu = execute((at) => {
          at.set('float', a, 17)
          at.set('float', b, 30)
          at.set('fsr', 0n)
        })
        const { bits, flags } = withFlags(() => soft.mulWiden(BINARY64, BINARY128, a, b, 0))
        expect([quad(cpu, 8), cpu.get('fsr') & 31n]).toEqual([bits, flags])
      }),
      RUNS,
    )
  })

  it.each([
    ['fcmpq', false],
    ['fcmpeq', true],
  ] as const)('%s writes the fcc that it names and no other', (name, signaling) => {
    for (const [fcc, shift] of [10n, 32n, 34n, 36n].entries()) {
      const execute = executor(`${name} %fcc${fcc}, %f32, %f60`)
      const all = (3n << 10n) | (0x3fn << 32n)
      const property = fc.property(QUADS, fc.boolean(), ([a, b], ones) => {
        const before = ones ? all : 0n
        const cpu = execute((at) => {
          setQuad(at, 32, a)
          setQuad(at, 60, b)
          at.set('fsr', before)
        })
        const { bits, flags } = withFlags(() => BigInt(soft.compare(BINARY128, signaling, a, b)))
        expect(cpu.get('fsr') & all).toBe((before & ~(3n << shift)) | (bits << shift))
        expect(cpu.get('fsr') & 31n).toBe(flags)
      })
      fc.assert(property, { ...RUNS, numRuns: 20 })
    }
  })
})

describe('comparisons of quads with NaNs (V9 A.13)', () => {
  const NAN = (0x7fffn << 112n) | 1n
  const QUIET = NAN | (1n << 111n)
  it.each([
    ['fcmpq', QUIET, 0n],
    ['fcmpq', NAN, 16n],
    ['fcmpeq', QUIET, 16n],
    ['fcmpeq', NAN, 16n],
  ])('%s with %i: NV is %i', (name, nan, flags) => {
    const execute = executor(`${name} %fcc2, %f32, %f60`)
    for (const [a, b] of [
      [nan, 1n],
      [1n, nan],
    ] as const) {
      const cpu = execute((at) => {
        setQuad(at, 32, a)
        setQuad(at, 60, b)
        at.set('fsr', (7n << 14n) | 0x1fn)
      })
      expect(cpu.get('fsr')).toBe((3n << 34n) | (flags << 5n) | flags)
    }
  })
})

describe('conversions of quads (V9 A.14, A.15, A.16)', () => {
  const S = { register: 31, format: BINARY32 }
  const D = { register: 62, format: BINARY64 }
  const read = (cpu: ReferenceCpu, register: number, bits: number) =>
    bits === 128
      ? quad(cpu, register)
      : bits === 64
        ? cpu.get('float', register / 2)
        : cpu.get('float', register >> 1) & 0xffff_ffffn
  const write = (cpu: ReferenceCpu, register: number, bits: number, value: bigint) => {
    if (bits === 128) setQuad(cpu, register, value)
    else cpu.set('float', value, register >> 1)
  }
  const widths = (format: BinaryFormat) => floatBits(format)
  const signed = (bits: number, value: bigint) => BigInt.asIntN(bits, value)

  const conversions: readonly [
    string,
    fc.Arbitrary<bigint>,
    number,
    number,
    (a: bigint, mode: RoundingMode) => bigint,
  ][] = [
    ['fstoq', widths(S.format), 32, 128, (a, mode) => soft.convert(BINARY32, BINARY128, a, mode)],
    ['fdtoq', widths(D.format), 64, 128, (a, mode) => soft.convert(BINARY64, BINARY128, a, mode)],
    ['fqtos', widths(BINARY128), 128, 32, (a, mode) => soft.convert(BINARY128, BINARY32, a, mode)],
    ['fqtod', widths(BINARY128), 128, 64, (a, mode) => soft.convert(BINARY128, BINARY64, a, mode)],
    [
      'fitoq',
      fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
      32,
      128,
      (a, mode) => soft.fromInteger(32, BINARY128, signed(32, a), mode),
    ],
    [
      'fxtoq',
      fc.bigInt({ min: 0n, max: LOW }),
      64,
      128,
      (a, mode) => soft.fromInteger(64, BINARY128, signed(64, a), mode),
    ],
    ['fqtoi', widths(BINARY128), 128, 32, (a) => soft.toInteger(BINARY128, 32, a)],
    ['fqtox', widths(BINARY128), 128, 64, (a) => soft.toInteger(BINARY128, 64, a)],
  ]
  it.each(conversions)('%s', (name, operands, from, to, expected) => {
    const register = (bits: number) => (bits === 32 ? 31 : bits === 64 ? 62 : 60)
    const [source, target] = [from === 128 ? 32 : register(from), to === 128 ? 36 : register(to)]
    const execute = executor(`${name} %f${source}, %f${target}`)
    const property = fc.property(operands, MODES, (a, mode) => {
      const cpu = execute((at) => {
        write(at, source, from, a)
        at.set('fsr', BigInt(mode) << 30n)
      })
      const { bits, flags } = withFlags(() => BigInt.asUintN(to, expected(a, mode)))
      expect([read(cpu, target, to), cpu.get('fsr') & 31n]).toEqual([bits, flags])
    })
    fc.assert(property, RUNS)
  })
})

describe('moves of quads (V9 A.17, A.33) change the sign alone, raise nothing and clear cexc and ftt', () => {
  const SIGN = 1n << 127n
  const moves: readonly [string, (a: bigint) => bigint][] = [
    ['fmovq', (a) => a],
    ['fnegq', (a) => a ^ SIGN],
    ['fabsq', (a) => a & ~SIGN],
  ]
  it.each(moves)('%s', (name, expected) => {
    const execute = executor(`${name} %f60, %f36`)
    const property = fc.property(floatBits(BINARY128), (a) => {
      const cpu = execute((at) => {
        setQuad(at, 60, a)
        at.set('fsr', (7n << 14n) | AEXC_AND_CEXC)
      })
      expect([quad(cpu, 36), quad(cpu, 60), cpu.get('fsr'), cpu.get('fprs')]).toEqual([expected(a), a, 0x3e0n, 6n])
    })
    fc.assert(property, RUNS)
  })

  it.each([
    [0n, false],
    [4n, true],
  ])('fmovqe with icc %i moves: %s', (ccr, moved) => {
    const cpu = executor('fmovqe %icc, %f60, %f36')((at) => {
      setQuad(at, 60, (5n << 64n) | 6n)
      setQuad(at, 36, 7n)
      at.set('ccr', ccr)
      at.set('fsr', 0x1fn)
    })
    expect([quad(cpu, 36), cpu.get('fsr')]).toEqual([moved ? (5n << 64n) | 6n : 7n, 0n])
  })
})
