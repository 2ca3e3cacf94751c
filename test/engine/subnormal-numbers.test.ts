import { describe, expect, it } from 'vitest'
import { emulateTrapped } from '../../src/engine/emulate'
import { assemble } from '../../src/isa'
import { runFloat } from './float-runs'
import { trapped } from './trapped'

const NS = 1n << 22n
const UFM = 4n << 23n
const NXM = 1n << 23n
const [UF, NX] = [4, 1]
const UNFINISHED = { trap: 'fp_exception_other', ftt: 2 }

/** Positive doubles and singles by biased exponent and fraction; a single stands in the upper half. */
const double = (exponent: number, fraction = 0n) => (BigInt(exponent) << 52n) | fraction
const single = (exponent: number, fraction = 0n) => ((BigInt(exponent) << 23n) | fraction) << 32n
const SUBNORMAL_D = double(0, 1n << 51n)
const SUBNORMAL_S = single(0, 1n << 22n)
const TINIEST_D = double(0, 1n)
const [ONE_D, ONE_S] = [double(1023), single(127)]
const NEGATIVE_D = 1n << 63n

const outcome = (instruction: string, f2: bigint, f4: bigint, fsr = 0n) => {
  const { trap, ftt } = runFloat(instruction, { 2: f2, 4: f4 }, { fsr })
  return { trap, ftt }
}
const FINISHED = { trap: undefined, ftt: 0 }

describe('a subnormal operand (UltraSPARC-I table 14-4)', () => {
  it.each([
    'fdtox %f2, %f8',
    'fdtoi %f2, %f8',
    'fdtos %f2, %f8',
    'fsqrtd %f2, %f8',
    'faddd %f2, %f4, %f8',
    'faddd %f4, %f2, %f8',
    'fsubd %f2, %f4, %f8',
  ])('is left to software by %s', (instruction) => {
    expect(outcome(instruction, SUBNORMAL_D, ONE_D)).toEqual(UNFINISHED)
    expect(outcome(instruction, SUBNORMAL_D | NEGATIVE_D, ONE_D)).toEqual(UNFINISHED)
    expect(outcome(instruction, ONE_D, ONE_D)).toEqual(FINISHED)
  })

  it.each([
    'fstox %f2, %f8',
    'fstoi %f2, %f8',
    'fstod %f2, %f8',
    'fsqrts %f2, %f8',
    'fsmuld %f2, %f4, %f8',
    'fsubs %f4, %f2, %f8',
  ])('is left to software by %s', (instruction) => expect(outcome(instruction, SUBNORMAL_S, ONE_S)).toEqual(UNFINISHED))

  it.each(['fmuld', 'fdivd'])('two of them are, by %s', (name) => {
    expect(outcome(`${name} %f2, %f4, %f8`, SUBNORMAL_D, TINIEST_D)).toEqual(UNFINISHED)
  })

  it('of a product is if E_R, the sum of the biased exponents plus one, lies above -54 (double) or -25 (single)', () => {
    const product = (exponent: number) => outcome('fmuld %f2, %f4, %f8', SUBNORMAL_D, double(exponent))
    expect(product(1023 - 1 - 54)).toEqual(FINISHED)
    expect(product(1023 - 1 - 53)).toEqual(UNFINISHED)
    expect(product(2046)).toEqual(UNFINISHED)
    const small = (exponent: number) => outcome('fmuls %f2, %f4, %f8', SUBNORMAL_S, single(exponent))
    expect(small(127 - 1 - 25)).toEqual(FINISHED)
    expect(small(127 - 1 - 24)).toEqual(UNFINISHED)
  })

  it('of a quotient is if E_R, the difference of the biased exponents, lies above that and does not overflow', () => {
    const quotient = (exponent: number) => outcome('fdivd %f2, %f4, %f8', SUBNORMAL_D, double(exponent))
    expect(quotient(1023 + 54)).toEqual(FINISHED)
    expect(quotient(1023 + 53)).toEqual(UNFINISHED)
    const by = (exponent: number) => outcome('fdivd %f4, %f2, %f8', SUBNORMAL_D, double(exponent))
    expect(by(1023)).toEqual(UNFINISHED)
    expect(by(1024)).toEqual(FINISHED)
  })

  it('of a product or quotient is not next to zero, infinity or NaN', () => {
    for (const other of [0n, double(2047), double(2047, 1n << 51n)]) {
      for (const name of ['fmuld', 'fdivd']) {
        expect(outcome(`${name} %f2, %f4, %f8`, SUBNORMAL_D, other)).toEqual(FINISHED)
      }
    }
  })

  it('of a comparison, move, negation or absolute value is none of software', () => {
    for (const instruction of ['fcmpd %fcc0, %f2, %f4', 'fmovd %f2, %f8', 'fnegd %f2, %f8', 'fabsd %f2, %f8']) {
      expect(outcome(instruction, SUBNORMAL_D, ONE_D)).toEqual(FINISHED)
    }
  })
})

describe('a subnormal result (UltraSPARC-I table 14-5)', () => {
  it('of a sum is left to software', () => {
    expect(outcome('fsubd %f2, %f4, %f8', double(1, 1n), double(1))).toEqual(UNFINISHED)
    expect(outcome('fsubd %f2, %f4, %f8', double(2), double(1))).toEqual(FINISHED)
    expect(outcome('fsubs %f2, %f4, %f8', single(1, 1n), single(1))).toEqual(UNFINISHED)
  })

  it('of fdtos is if the exponent lies above -25', () => {
    const narrowed = (exponent: number) => outcome('fdtos %f2, %f8', double(exponent - 127 + 1023), 0n)
    expect(narrowed(1)).toEqual(FINISHED)
    expect(narrowed(0)).toEqual(UNFINISHED)
    expect(narrowed(-24)).toEqual(UNFINISHED)
    expect(narrowed(-25)).toEqual(FINISHED)
  })

  it('of a product is for E_R above -54 and below 1, of a quotient up to 1', () => {
    const product = (exponent: number) => outcome('fmuld %f2, %f4, %f8', double(600), double(1023 - 1 - 600 + exponent))
    const quotient = (exponent: number) => outcome('fdivd %f2, %f4, %f8', double(400), double(400 + 1023 - exponent))
    expect([-54, -53, 0, 1].map(product)).toEqual([FINISHED, UNFINISHED, UNFINISHED, FINISHED])
    expect([-54, -53, 1, 2].map(quotient)).toEqual([FINISHED, UNFINISHED, UNFINISHED, FINISHED])
  })

  it('of a product or quotient is not next to zero, infinity or NaN, but is for the least normal numbers', () => {
    const specials = [0n, double(2047), double(2047, 1n << 51n)]
    const singles = [0n, single(255), single(255, 1n << 22n)]
    for (let step = 1; step < 50; step += 6) {
      for (const special of specials) {
        expect(outcome('fmuld %f2, %f4, %f8', special, double(1023 - step))).toEqual(FINISHED)
        expect(outcome('fmuld %f4, %f2, %f8', special, double(1023 - step))).toEqual(FINISHED)
        expect(outcome('fdivd %f2, %f4, %f8', double(1023 - step), special).ftt).toBe(0)
        expect(outcome('fdivd %f2, %f4, %f8', special, double(1023 + step))).toEqual(FINISHED)
      }
      expect(outcome('fmuld %f2, %f4, %f8', double(1), double(1022 - step))).toEqual(UNFINISHED)
      expect(outcome('fdivd %f2, %f4, %f8', double(1), double(1023 + step))).toEqual(UNFINISHED)
      expect(outcome('fdivd %f2, %f4, %f8', double(2046 - step), double(2046))).toEqual(FINISHED)
      if (step > 20) continue
      for (const special of singles) {
        expect(outcome('fmuls %f2, %f4, %f8', special, single(127 - step))).toEqual(FINISHED)
        expect(outcome('fdivs %f2, %f4, %f8', special, single(127 + step))).toEqual(FINISHED)
      }
      expect(outcome('fmuls %f2, %f4, %f8', single(1), single(126 - step))).toEqual(UNFINISHED)
    }
    expect(outcome('fdivs %f2, %f4, %f8', single(254), single(254))).toEqual(FINISHED)
    expect(outcome('fdivs %f4, %f2, %f8', SUBNORMAL_S, single(127))).toEqual(UNFINISHED)
    expect(outcome('fdivs %f4, %f2, %f8', SUBNORMAL_S, single(128))).toEqual(FINISHED)
    for (const special of singles) expect(outcome('fmuls %f2, %f4, %f8', SUBNORMAL_S, special)).toEqual(FINISHED)
  })

  it('changes nothing but FSR.ftt', () => {
    const run = runFloat('fsubd %f2, %f4, %f8', { 2: double(1, 1n), 4: double(1), 8: 77n }, { fsr: 0x21n })
    expect([run.double(8), run.aexc, run.cexc]).toEqual([77n, 1, 1])
  })
})

describe('FSR.NS (UltraSPARC-I 14.3.1)', () => {
  it('flushes subnormal operands to zero of their sign and raises inexact', () => {
    const run = runFloat('faddd %f2, %f4, %f8', { 2: SUBNORMAL_D, 4: ONE_D }, { fsr: NS })
    expect([run.trap, run.double(8), run.cexc, run.aexc]).toEqual([undefined, ONE_D, NX, NX])
    expect(runFloat('fdtos %f2, %f8', { 2: SUBNORMAL_D | NEGATIVE_D }, { fsr: NS }).single(8)).toBe(0x8000_0000n)
    expect(runFloat('fdtox %f2, %f8', { 2: SUBNORMAL_D }, { fsr: NS | NXM }).trap).toBe('fp_exception_ieee_754')
  })

  const [EACH_D, EACH_S] = ['d', 's'].map((width) => [
    `fsqrt${width} %f2, %f8`,
    `f${width}tox %f2, %f8`,
    `f${width}toi %f2, %f8`,
    ...['fadd', 'fsub', 'fmul', 'fdiv'].flatMap((name) => [
      `${name}${width} %f2, %f4, %f8`,
      `${name}${width} %f4, %f2, %f8`,
    ]),
  ])
  const operands = [
    ...[...EACH_D!, 'fdtos %f2, %f8'].map((instruction) => [instruction, SUBNORMAL_D, ONE_D] as const),
    ...[...EACH_S!, 'fstod %f2, %f8', 'fsmuld %f2, %f4, %f8', 'fsmuld %f4, %f2, %f8'].map(
      (instruction) => [instruction, SUBNORMAL_S, ONE_S] as const,
    ),
  ]
  it.each(operands)('%s takes a subnormal operand for a zero of its sign, inexactly', (instruction, subnormal, one) => {
    for (const sign of [0n, NEGATIVE_D]) {
      const flushed = runFloat(instruction, { 2: subnormal | sign, 4: one }, { fsr: NS })
      const zero = runFloat(instruction, { 2: sign, 4: one })
      expect([flushed.trap, flushed.double(8), flushed.cexc]).toEqual([undefined, zero.double(8), zero.cexc | NX])
    }
  })

  it('flushes subnormal results to zero of their sign and raises underflow and inexact', () => {
    const run = runFloat('fsubd %f2, %f4, %f8', { 2: double(1), 4: double(1, 1n) }, { fsr: NS })
    expect([run.trap, run.double(8), run.cexc, run.aexc]).toEqual([undefined, NEGATIVE_D, UF | NX, UF | NX])
    const product = runFloat('fmuls %f2, %f4, %f8', { 2: single(60, 5n), 4: single(60) }, { fsr: NS })
    expect([product.single(8), product.cexc]).toEqual([0n, UF | NX])
  })

  it('with traps enabled sets ufc alone, or nxc alone', () => {
    const small = { 2: double(1, 1n), 4: double(1) }
    const underflow = runFloat('fsubd %f2, %f4, %f8', small, { fsr: NS | UFM | NXM })
    expect([underflow.trap, underflow.cexc, underflow.ftt]).toEqual(['fp_exception_ieee_754', UF, 1])
    const inexact = runFloat('fsubd %f2, %f4, %f8', small, { fsr: NS | NXM })
    expect([inexact.trap, inexact.cexc]).toEqual(['fp_exception_ieee_754', NX])
  })

  it('can be loaded where it means something', () => {
    const source =
      'set fsr, %g1\nldx [%g1], %fsr\nstx %fsr, [%g1]\nldx [%g1], %g2\nta 1\n.align 8\nfsr: .xword 0x400000'
    const loaded = (model: 'ultrasparc-ii' | 'sparc-t4') =>
      trapped(source, { model, prepare: (cpu) => cpu.set('fprs', 4n) }).cpu.get('globals', 2)
    expect(loaded('ultrasparc-ii')).toBe(NS)
    expect(loaded('sparc-t4')).toBe(0n)
  })
})

describe('other models', () => {
  it('compute with subnormal numbers themselves', () => {
    for (const config of [{ model: 'sparc-t4' }, { model: 'ultrasparc-ii', emulation: 'hardware' }] as const) {
      const run = runFloat('fsubd %f2, %f4, %f8', { 2: double(1, 3n), 4: double(1) }, config)
      expect([run.trap, run.double(8), run.cexc]).toEqual([undefined, 3n, 0])
    }
  })
})

describe('the kernel finishes what was left to it', () => {
  const wordOf = (source: string) => new DataView(assemble(source).bytes.buffer).getUint32(0)

  function emulated(instruction: string, prepare: (cpu: ReturnType<typeof trapped>['cpu']) => void) {
    const { cpu } = trapped(`${instruction}\nnop`, { unprivileged: true, prepare })
    const raised = emulateTrapped(cpu, wordOf(instruction))
    return { cpu, raised }
  }

  it('a subnormal result, and FSR.ftt is clear again', () => {
    const { cpu, raised } = emulated('fsubd %f2, %f4, %f8', (at) => {
      at.set('fprs', 4n)
      at.set('float', double(1, 3n), 1)
      at.set('float', double(1), 2)
    })
    expect([raised, cpu.get('float', 4), cpu.get('fsr') & 0x1c01fn]).toEqual([0, 3n, 0n])
  })

  it('an exception that is enabled after all', () => {
    const { cpu, raised } = emulated('fdivd %f2, %f4, %f8', (at) => {
      at.set('fprs', 4n)
      at.set('fsr', NXM)
      at.set('float', double(0, 4n), 1)
      at.set('float', double(1024, 1n << 51n), 2)
    })
    expect([raised, Number((cpu.get('fsr') >> 14n) & 7n)]).toEqual([0x21, 1])
  })

  it('popc, in the window and globals of the code that trapped', () => {
    const { cpu, raised } = emulated('popc %g1, %g2', (at) => at.set('globals', 0xff0fn, 1))
    expect([raised, cpu.get('globals', 2)]).toEqual([0, 12n])
    const outs = emulated('popc %o1, %l2', (at) => at.set('windows', 7n, 16 + 1))
    expect([outs.raised, outs.cpu.get('windows', 10)]).toEqual([0, 3n])
  })

  it('quads, by the condition codes of the code that trapped', () => {
    for (const [ccr, expected] of [
      [0x44n, 5n],
      [0n, 0n],
    ] as const) {
      const { cpu, raised } = emulated('fmovqe %icc, %f4, %f8', (at) => {
        at.set('fprs', 4n)
        at.set('ccr', ccr)
        at.set('float', 5n, 3)
      })
      expect([raised, cpu.get('float', 5)]).toEqual([0, expected])
    }
  })

  it('but no load, store or branch', () => {
    const { cpu } = trapped('illtrap', { unprivileged: true })
    expect(emulateTrapped(cpu, wordOf('ldx [%g1], %g2'))).toBe(0x10)
    expect(emulateTrapped(cpu, wordOf('save'))).toBe(0x10)
  })
})
