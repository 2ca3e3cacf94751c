import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BINARY32, BINARY64, BINARY128, FLAG_NV, FLAG_UF, type RoundingMode } from '../../src/isa/softfloat'
import { bareMachine, PROGRAM } from '../engine/bare-machine'
import { floatBits, floatPairs } from '../isa/softfloat/float-bits'
import { HostFpu, hostFpuIsMissing } from './host-fpu'

const CASES = 120
const MODES: readonly RoundingMode[] = [0, 1, 2, 3]

type Width = 's' | 'd' | 'q'
interface Operation {
  /** As the host's program calls it. */
  readonly name: string
  readonly instruction: string
  readonly operands: fc.Arbitrary<[bigint, bigint]>
  readonly from: Width
  readonly to: Width | 'relation'
  /** Integers that do not fit are NV on both, but not the same number. */
  readonly toInteger?: boolean
}

const BITS = { s: 32, d: 64, q: 128 } as const
const one = (a: fc.Arbitrary<bigint>) => a.map((bits): [bigint, bigint] => [bits, 0n])
const integers = (bits: 32 | 64) => one(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }))
const quads = one(floatBits(BINARY128))

const OPERATIONS: readonly Operation[] = [
  ...['add', 'sub', 'mul', 'div'].map(
    (name): Operation => ({
      name: `${name}q`,
      instruction: `f${name}q %f0, %f4, %f8`,
      operands: floatPairs(BINARY128),
      from: 'q',
      to: 'q',
    }),
  ),
  ...['cmp', 'cmpe'].map(
    (name): Operation => ({
      name: `${name}q`,
      instruction: `f${name}q %fcc0, %f0, %f4`,
      operands: floatPairs(BINARY128),
      from: 'q',
      to: 'relation',
    }),
  ),
  { name: 'sqrtq', instruction: 'fsqrtq %f0, %f8', operands: quads, from: 'q', to: 'q' },
  { name: 'stoq', instruction: 'fstoq %f0, %f8', operands: one(floatBits(BINARY32)), from: 's', to: 'q' },
  { name: 'dtoq', instruction: 'fdtoq %f0, %f8', operands: one(floatBits(BINARY64)), from: 'd', to: 'q' },
  { name: 'itoq', instruction: 'fitoq %f0, %f8', operands: integers(32), from: 's', to: 'q' },
  { name: 'xtoq', instruction: 'fxtoq %f0, %f8', operands: integers(64), from: 'd', to: 'q' },
  { name: 'qtos', instruction: 'fqtos %f0, %f8', operands: quads, from: 'q', to: 's' },
  { name: 'qtod', instruction: 'fqtod %f0, %f8', operands: quads, from: 'q', to: 'd' },
  { name: 'qtoi', instruction: 'fqtoi %f0, %f8', operands: quads, from: 'q', to: 's', toInteger: true },
  { name: 'qtox', instruction: 'fqtox %f0, %f8', operands: quads, from: 'q', to: 'd', toInteger: true },
]

/** An executor of one instruction on registers %f0, %f4 and %f8. */
function executor({ instruction, from, to }: Operation) {
  const { machine } = bareMachine(`${instruction}\nnop`, { ramBytes: 4 << 20, emulation: 'hardware' })
  const cpu = machine.cpus[0]!
  cpu.set('fprs', 4n)
  const put = (index: number, bits: bigint) => {
    const value = from === 's' ? bits << 96n : from === 'd' ? bits << 64n : bits
    cpu.set('float', value >> 64n, index)
    cpu.set('float', value & 0xffff_ffff_ffff_ffffn, index + 1)
  }
  return (mode: number, a: bigint, b: bigint) => {
    put(0, a)
    put(2, b)
    cpu.set('fsr', BigInt(mode) << 30n)
    cpu.set('pc', PROGRAM)
    cpu.set('npc', PROGRAM + 4n)
    cpu.modeChanged()
    machine.step(0)
    const fsr = cpu.get('fsr')
    const high = BigInt.asUintN(64, cpu.get('float', 4))
    const whole = (high << 64n) | BigInt.asUintN(64, cpu.get('float', 5))
    const result = to === 'relation' ? (fsr >> 10n) & 3n : to === 's' ? high >> 32n : to === 'd' ? high : whole
    return { result, flags: Number(fsr & 31n) }
  }
}

describe.skipIf(hostFpuIsMissing)('quad instructions against the quads of the host', () => {
  let host: HostFpu
  beforeAll(() => {
    host = new HostFpu()
  })
  afterAll(() => host.close())

  it.each(OPERATIONS)('$instruction: results and flags in all rounding modes', { timeout: 120_000 }, (operation) => {
    const { name, operands, to, toInteger } = operation
    const cases = MODES.flatMap((mode) =>
      fc.sample(operands, { seed: 1985 + mode, numRuns: CASES }).map(([a, b]) => ({ mode, a, b })),
    )
    const { answers, tininess } = host.ask(name, cases)
    const execute = executor(operation)
    for (const { a, b, bits, flags, mode, what } of answers) {
      const ours = execute(mode, a, b)
      const least = to !== 'relation' && !toInteger && isLeastNormal(to, ours.result)
      const ignored = tininess === 'after' && least ? FLAG_UF : 0
      expect({ what, flags: ours.flags & ~ignored }).toEqual({ what, flags: flags & ~ignored })
      if (toInteger && ours.flags & FLAG_NV) continue
      if (to !== 'relation' && !toInteger && isNaNOf(to, ours.result) && isNaNOf(to, bits)) continue
      expect(`${what} = ${ours.result.toString(16)}`).toBe(`${what} = ${bits.toString(16)}`)
    }
  })
})

const FORMATS = { s: BINARY32, d: BINARY64, q: BINARY128 } as const

function isNaNOf(width: Width, bits: bigint): boolean {
  const format = FORMATS[width]
  return (BigInt.asUintN(BITS[width], bits) & format.magnitudeMask) > format.infinity
}

/** The host may look for underflow after rounding. */
function isLeastNormal(width: Width, bits: bigint): boolean {
  return (bits & FORMATS[width].magnitudeMask) === FORMATS[width].hiddenBit
}
