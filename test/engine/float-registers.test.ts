import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { assemble } from '../../src/isa'
import type { ModelName } from '../../src/isa/models'
import type { Machine } from '../../src/smp'
import { bareMachine, PROGRAM } from './bare-machine'
import { runFloat } from './float-runs'

const DATA = 0x21_0000n
const ONES = (1n << 64n) - 1n

const machines = new Map<string, Machine>()

/** Executes instructions one by one, the FPU on and %g1 at 8 bytes of data. */
function executed(source: string, data: bigint, prepare: (cpu: ReferenceCpu) => void, model?: ModelName) {
  const key = `${model} ${source}`
  const machine = machines.get(key) ?? bareMachine(source, { model }).machine
  machines.set(key, machine)
  const cpu = machine.cpus[0]!
  machine.start(0, PROGRAM)
  cpu.setR(1, DATA)
  cpu.set('fprs', 4n)
  machine.poke(Number(DATA), 8, data)
  prepare(cpu)
  cpu.modeChanged()
  machine.step(0, source.split('\n').length)
  return { cpu, data: machine.peek(Number(DATA), 8) }
}

/** fcc1 to fcc3, RD, TEM, fcc0, aexc and cexc. */
const HIGH = 0x3f_0000_0000n
const LOW = (3n << 30n) | (0x1fn << 23n) | (3n << 10n) | 0x3ffn
const NS = 1n << 22n
const FTT = 7n << 14n
const VALUES = [0n, ONES, 0x5555_5555_5555_5555n, ~0x5555_5555_5555_5555n & ONES]

describe.each([
  ['ultrasparc-ii', LOW | NS],
  ['cheetah', LOW | NS],
  ['sparc-t4', LOW],
] as const)('FSR of %s (V9 5.1.7)', (model, low) => {
  it('is loaded but for its reserved fields, ver and ftt; by ld only the lower half (V9 A.25)', () => {
    for (const [load, writable, shift] of [
      ['ldx', low | HIGH, 0n],
      ['ld', low, 32n],
    ] as const) {
      for (const before of VALUES) {
        for (const value of VALUES) {
          const { cpu } = executed(
            `${load} [%g1], %fsr`,
            BigInt.asUintN(64, value << shift),
            (at) => at.set('fsr', before),
            model,
          )
          const loaded = shift === 0n ? value : value & 0xffff_ffffn
          expect(cpu.get('fsr')).toBe((before & ~writable & ~FTT) | (loaded & writable))
        }
      }
    }
  })

  it('is stored with its ftt, which is then clear (V9 A.52)', () => {
    for (const before of VALUES) {
      const whole = executed('stx %fsr, [%g1]', 0n, (at) => at.set('fsr', before), model)
      expect([whole.data, whole.cpu.get('fsr')]).toEqual([before, before & ~FTT])
      const half = executed('st %fsr, [%g1]', 0n, (at) => at.set('fsr', before), model)
      expect([half.data >> 32n, half.cpu.get('fsr')]).toEqual([before & 0xffff_ffffn, before & ~FTT])
    }
  })

  it('loses ftt and cexc, and nothing else, at a move of f registers (V9 A.17)', () => {
    for (const before of VALUES) {
      const { cpu } = executed('fmovd %f2, %f4', 0n, (at) => at.set('fsr', before), model)
      expect(cpu.get('fsr')).toBe(before & ~FTT & ~0x1fn)
    }
  })
})

describe('a floating-point condition (V9 A.5)', () => {
  /** Which of equal, less, greater and unordered each letter stands for. */
  const RELATIONS: Record<string, number[]> = { e: [0], l: [1], g: [2], u: [3], o: [0, 1, 2], n: [], a: [0, 1, 2, 3] }
  const NAMES = ['n', 'ne', 'lg', 'ul', 'l', 'ug', 'g', 'u', 'a', 'e', 'ue', 'ge', 'uge', 'le', 'ule', 'o']
  const holds = (name: string, relation: number) =>
    name === 'ne' ? relation !== 0 : [...name].some((letter) => RELATIONS[letter]!.includes(relation))

  it.each([0, 1, 2, 3])('goes by the fcc that it names, whatever the others are: %i and so on', (first) => {
    const relations = [0, 1, 2, 3].map((fcc) => (first + fcc) % 4)
    const shifts = [10n, 32n, 34n, 36n]
    const fsr = relations.reduce((bits, relation, fcc) => bits | (BigInt(relation) << shifts[fcc]!), 0n)
    const moves = relations.flatMap((_, fcc) =>
      NAMES.map((name) => `clr %g2\nmov${name} %fcc${fcc}, 1, %g2\nsllx %g3, 1, %g3\nor %g3, %g2, %g3`),
    )
    const { cpu } = executed(moves.join('\n'), 0n, (at) => at.set('fsr', fsr))
    const expected = relations.flatMap((relation) => NAMES.map((name) => (holds(name, relation) ? '1' : '0')))
    expect(cpu.r(3).toString(2).padStart(64, '0')).toBe(expected.join(''))
  })
})

describe('a register that is written', () => {
  it.each([0, 2, 4, 8, 16, 30, 32, 34, 48, 62])(
    '%%f%i is no other, and marks its half of the registers dirty',
    (number) => {
      const { cpu } = executed(`ldd [%g1], %f${number}`, 0x1234_5678_9abc_def0n, () => {})
      const expected = Array.from({ length: 32 }, (_, n) => (n === number / 2 ? 0x1234_5678_9abc_def0n : 0n))
      expect(Array.from({ length: 32 }, (_, n) => cpu.get('float', n))).toEqual(expected)
      expect(cpu.get('fprs')).toBe(number < 32 ? 5n : 6n)
    },
  )
})

describe('interval arithmetic mode (VIS 2)', () => {
  const third = { 2: 0x3ff0_0000_0000_0000n, 4: 0x4008_0000_0000_0000n }
  const minusThird = { ...third, 2: 0xbff0_0000_0000_0000n }
  const rounded = (gsr: bigint, fsr: bigint, model: ModelName) =>
    [third, minusThird].map(
      (operands) => runFloat('fdivd %f2, %f4, %f8', operands, { model, gsr, fsr }).double(8) & 0xfn,
    )
  /** Last digit of a third and of less a third: to nearest, to zero, up, down. */
  const DIGITS = [
    [5n, 5n],
    [5n, 5n],
    [6n, 5n],
    [5n, 6n],
  ]

  it('rounds as GSR.IRND says while GSR.IM is set, else as FSR.RD says', () => {
    for (let irnd = 0; irnd < 4; irnd++) {
      for (let rd = 0; rd < 4; rd++) {
        const fsr = BigInt(rd) << 30n
        const on = (1n << 27n) | (BigInt(irnd) << 25n)
        const off = (ONES ^ (7n << 25n)) | (BigInt(irnd) << 25n)
        expect(rounded(on, fsr, 'sparc-t4')).toEqual(DIGITS[irnd])
        expect(rounded(off, fsr, 'sparc-t4')).toEqual(DIGITS[rd])
        expect(rounded(on, fsr, 'ultrasparc-ii')).toEqual(DIGITS[rd])
      }
    }
  })

  it('overrides FSR.NS, so that subnormal operands are left to software again', () => {
    const run = (gsr: bigint, model: ModelName) => {
      const operands = { 2: 1n << 51n, 4: 0x3ff0_0000_0000_0000n }
      return runFloat('faddd %f2, %f4, %f8', operands, { model, gsr, fsr: NS }).trap
    }
    expect(run(1n << 27n, 'cheetah')).toBe('fp_exception_other')
    expect(run(0n, 'cheetah')).toBeUndefined()
    expect(run(1n << 27n, 'ultrasparc-ii')).toBeUndefined()
  })
})

describe('what a trap leaves in FSR (V9 5.1.7)', () => {
  const AEXC = 0x3e0n
  /** Bit 1 of each field of a register. */
  const [RD, RS1, RS2] = [2 << 25, 2 << 14, 2]
  const DIVISION = { 2: 0x3ff0_0000_0000_0000n, 4: 0n }

  it('an enabled exception: cexc and ftt 1, all else as before, the result not written', () => {
    const others = (3n << 30n) | HIGH | (3n << 10n) | (2n << 23n)
    for (const aexc of [0n, AEXC]) {
      const run = runFloat('fdivd %f2, %f4, %f8', { ...DIVISION, 8: 77n }, { fsr: others | aexc | FTT | 0x15n })
      expect([run.trap, run.fsr, run.double(8)]).toEqual([
        'fp_exception_ieee_754',
        others | aexc | (1n << 14n) | 2n,
        77n,
      ])
    }
  })

  it('one that is not enabled: cexc, and aexc gathers it', () => {
    for (const enabled of [0n, 0x1dn]) {
      const fsr = (enabled << 23n) | FTT | (0x10n << 5n) | 0x1dn
      const run = runFloat('fdivd %f2, %f4, %f8', DIVISION, { fsr })
      expect([run.trap, run.fsr]).toEqual([undefined, (enabled << 23n) | (0x12n << 5n) | 2n])
    }
  })

  it('nothing raised: cexc and ftt are clear, aexc stays', () => {
    const run = runFloat('faddd %f2, %f4, %f8', DIVISION, { fsr: FTT | AEXC | 0x1fn })
    expect([run.trap, run.fsr]).toEqual([undefined, AEXC])
  })

  it('a quad operation that the chip lacks: ftt 3, a quad register that is none: ftt 6', () => {
    const fsr = FTT | AEXC | 0x15n
    const lacking = runFloat('faddq %f4, %f8, %f12', {}, { fsr })
    expect([lacking.trap, lacking.fsr]).toEqual(['fp_exception_other', (3n << 14n) | AEXC | 0x15n])
    const none = [
      ['faddq %f4, %f8, %f12', RD | RS1 | RS2],
      ['fcmpq %fcc0, %f4, %f8', RS1 | RS2],
      ['fqtod %f8, %f12', RS2],
      ['fdtoq %f8, %f12', RD],
      ['fmovq %f8, %f12', RD | RS2],
    ] as const
    for (const [instruction, fields] of none) {
      for (const field of [RD, RS1, RS2].filter((bit) => fields & bit)) {
        const word = new DataView(assemble(instruction).bytes.buffer).getUint32(0) | field
        const run = runFloat(`.word ${word >>> 0}`, {}, { fsr, emulation: 'hardware' })
        expect([instruction, field, run.trap, run.fsr]).toEqual([
          instruction,
          field,
          'fp_exception_other',
          (6n << 14n) | AEXC | 0x15n,
        ])
      }
    }
  })
})
