import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src/smp'
import { bareMachine, PROGRAM } from './bare-machine'

const NAN = { s: 0x7fc0_0000n, d: 0x7ff8_0000_0000_0000n }
const ONE = { s: 0x3f80_0000n, d: 0x3ff0_0000_0000_0000n }
const TWO = { s: 0x4000_0000n, d: 0x4000_0000_0000_0000n }
const SHIFTS = [10n, 32n, 34n, 36n]
/** All fcc, RD, TEM, aexc and cexc of FSR. */
const ALL = 0x3f_cf80_0fffn
const CEXC = 0x1fn
const AEXC = 0x3e0n

type Width = 's' | 'd'
const machines = new Map<string, Machine>()

/** FSR after a comparison of %f4 with %f6, and whether it trapped. */
function compare(name: string, width: Width, fcc: number, a: bigint, b: bigint, fsr: bigint) {
  const instruction = `${name}${width} %fcc${fcc}, %f4, %f6\nnop`
  const machine = machines.get(instruction) ?? bareMachine(instruction, { model: 'sparc-t4' }).machine
  machines.set(instruction, machine)
  const cpu = machine.cpus[0]!
  const upper = width === 's' ? 32n : 0n
  cpu.set('float', a << upper, 2)
  cpu.set('float', b << upper, 3)
  cpu.set('fprs', 4n)
  cpu.set('fsr', fsr)
  cpu.set('pstate', 0x14n)
  cpu.set('tl', 0n)
  machine.start(0, PROGRAM)
  machine.step(0)
  return { fsr: cpu.get('fsr'), trapped: cpu.get('tl') !== 0n }
}

describe.each(['s', 'd'] as const)('comparisons of width %s (V9 A.13, 5.1.7)', (width) => {
  const relations = [
    ['equal', ONE[width], ONE[width], 0n],
    ['less', ONE[width], TWO[width], 1n],
    ['greater', TWO[width], ONE[width], 2n],
    ['unordered', NAN[width], ONE[width], 3n],
    ['unordered', ONE[width], NAN[width], 3n],
  ] as const

  it.each(relations)('%s: %s by %s goes into the fcc that is named, and all else of FSR stays', (_, a, b, relation) => {
    for (const [fcc, shift] of SHIFTS.entries()) {
      const others = ALL & ~(3n << shift)
      const kept = others & ~CEXC & ~(0x1fn << 23n)
      expect(compare('fcmp', width, fcc, a, b, 0n)).toEqual({ fsr: relation << shift, trapped: false })
      const result = compare('fcmp', width, fcc, a, b, ALL & ~(0x1fn << 23n))
      expect(result).toEqual({ fsr: kept | (relation << shift), trapped: false })
    }
  })

  it('a signaling comparison of what is unordered is NV, which is recorded or trapped', () => {
    for (const [fcc, shift] of SHIFTS.entries()) {
      const unordered = compare('fcmpe', width, fcc, NAN[width], ONE[width], 0n)
      expect(unordered).toEqual({ fsr: (3n << shift) | (16n << 5n) | 16n, trapped: false })
      expect(compare('fcmpe', width, fcc, ONE[width], TWO[width], AEXC)).toEqual({
        fsr: (1n << shift) | AEXC,
        trapped: false,
      })
      const enabled = (16n << 23n) | (2n << shift)
      const trapped = compare('fcmpe', width, fcc, NAN[width], ONE[width], enabled)
      expect(trapped).toEqual({ fsr: enabled | 16n | (1n << 14n), trapped: true })
    }
  })
})

describe.each(['s', 'd'] as const)('lexicographic comparisons of width %s (VIS 3)', (width) => {
  const sign = width === 's' ? 1n << 31n : 1n << 63n
  const [one, two, nan] = [ONE[width], TWO[width], NAN[width]]
  it.each([
    ['equal', one, one, 0n],
    ['less', one, two, 1n],
    ['greater', two, one, 0n],
    ['below zero, greater', one | sign, two | sign, 0n],
    ['below zero, less', two | sign, one | sign, 1n],
    ['of either sign', one | sign, one, 1n],
    ['of either sign', one, one | sign, 0n],
    ['-0 and +0', sign, 0n, 1n],
    ['+0 and -0', 0n, sign, 0n],
    ['a NaN second', one, nan, 3n],
    ['a NaN first', nan, one, 2n],
    ['NaNs', nan, nan, 3n],
  ] as const)('%s: %s with %s', (_, a, b, relation) => {
    for (const [fcc, shift] of SHIFTS.entries()) {
      for (const before of [0n, ALL])
        expect(compare('flcmp', width, fcc, a, b, before)).toEqual({
          fsr: (before & ~(3n << shift)) | (relation << shift),
          trapped: false,
        })
    }
  })
})
