import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src/smp'
import { bareMachine } from './bare-machine'

const WIDTHS = [
  ['s', Array.from({ length: 32 }, (_, n) => n)],
  ['d', Array.from({ length: 32 }, (_, n) => 2 * n)],
] as const

function bitsOf(width: 's' | 'd', value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  if (width === 's') view.setFloat32(4, value)
  else view.setFloat64(0, value)
  return view.getBigUint64(0)
}

function write(machine: Machine, width: 's' | 'd', register: number, value: number): void {
  const cpu = machine.cpus[0]!
  const bits = bitsOf(width, value)
  const double = cpu.get('float', register >> 1)
  const whole =
    width === 'd' ? bits : register & 1 ? (double & ~0xffff_ffffn) | bits : (double & 0xffff_ffffn) | (bits << 32n)
  cpu.set('float', whole, register >> 1)
}

function read(machine: Machine, width: 's' | 'd', register: number): bigint {
  const double = machine.cpus[0]!.get('float', register >> 1)
  return width === 'd' ? double : register & 1 ? double & 0xffff_ffffn : double >> 32n
}

/** Register n holds n + 1, but for what the instruction writes. */
function run(width: 's' | 'd', registers: readonly number[], instruction: string, written: number) {
  const { machine } = bareMachine(`${instruction}\nnop`, { model: 'sparc-t4' })
  const cpu = machine.cpus[0]!
  for (const register of registers) write(machine, width, register, register + 1)
  cpu.set('fprs', 4n)
  cpu.modeChanged()
  machine.step(0)
  for (const register of registers)
    if (register !== written) expect(read(machine, width, register)).toBe(bitsOf(width, register + 1))
  expect(cpu.get('fprs')).toBe(width === 's' || written < 32 ? 5n : 6n)
  return read(machine, width, written)
}

describe.each(WIDTHS)(
  'each f register of width %s is any operand, and a result changes no other (V9 5.1.4)',
  (width, registers) => {
    const all = registers.length
    it.each(registers)('%%f%i', (register) => {
      const [a, b, c, d] = [0, 7, 13, 26].map((by) => registers[(registers.indexOf(register) + by) % all]!)
      const value = (n: number) => n + 1
      const sum = run(width, registers, `fadd${width} %f${a}, %f${b}, %f${d}`, d!)
      expect(sum).toBe(bitsOf(width, value(a!) + value(b!)))
      const fused = run(width, registers, `fmadd${width} %f${a}, %f${b}, %f${c}, %f${d}`, d!)
      expect(fused).toBe(bitsOf(width, value(a!) * value(b!) + value(c!)))
      const difference = run(width, registers, `fmsub${width} %f${d}, %f${c}, %f${a}, %f${b}`, b!)
      expect(difference).toBe(bitsOf(width, value(d!) * value(c!) - value(a!)))
    })
  },
)

describe('what becomes of products and sums (SPARC64 V A.24.1, VIS 3)', () => {
  const [A, B, C] = [3, 5, 7]
  const fused: readonly [string, number][] = [
    ['fmadd', A * B + C],
    ['fmsub', A * B - C],
    ['fnmsub', -(A * B - C)],
    ['fnmadd', -(A * B + C)],
  ]
  const sums: readonly [string, number][] = [
    ['fhadd', (A + B) / 2],
    ['fhsub', (A - B) / 2],
    ['fnhadd', -(A + B) / 2],
    ['fnadd', -(A + B)],
    ['fnmul', -(A * B)],
  ]
  it.each(['s', 'd'] as const)('in width %s', (width) => {
    const result = (name: string, operands: string) => {
      const { machine } = bareMachine(`${name}${width} ${operands}\nnop`, { model: 'sparc-t4' })
      const cpu = machine.cpus[0]!
      for (const [register, value] of [
        [2, A],
        [4, B],
        [6, C],
      ] as const)
        write(machine, width, register, value)
      cpu.set('fprs', 4n)
      cpu.set('fsr', 0x1fn)
      cpu.modeChanged()
      machine.step(0)
      expect([name, cpu.get('fsr')]).toEqual([name, 0n])
      return read(machine, width, 8)
    }
    for (const [name, value] of fused)
      expect([name, result(name, '%f2, %f4, %f6, %f8')]).toEqual([name, bitsOf(width, value)])
    for (const [name, value] of sums)
      expect([name, result(name, '%f2, %f4, %f8')]).toEqual([name, bitsOf(width, value)])
  })
})

describe('negated sums and products of zeros and NaNs (VIS 3)', () => {
  it.each(['s', 'd'] as const)('in width %s: a sum that is zero and a NaN keep their sign', (width) => {
    const result = (name: string, a: number, b: number) => {
      const { machine } = bareMachine(`${name}${width} %f2, %f4, %f8\nnop`, { model: 'sparc-t4' })
      const cpu = machine.cpus[0]!
      write(machine, width, 2, a)
      write(machine, width, 4, b)
      cpu.set('fprs', 4n)
      cpu.modeChanged()
      machine.step(0)
      return read(machine, width, 8)
    }
    expect(result('fnadd', 1, -1)).toBe(bitsOf(width, 0))
    expect(result('fnadd', -0, -0)).toBe(bitsOf(width, -0))
    expect(result('fnmul', 0, 1)).toBe(bitsOf(width, -0))
    expect(result('fnmul', 0, -1)).toBe(bitsOf(width, 0))
    for (const name of ['fnadd', 'fnmul']) {
      expect(result(name, Number.NaN, 1)).toBe(bitsOf(width, Number.NaN))
      expect(result(name, 1, Number.POSITIVE_INFINITY)).toBe(bitsOf(width, Number.NEGATIVE_INFINITY))
    }
  })

  it('fnsmuld is the negated product of singles, but for a NaN', () => {
    const result = (a: number, b: number) => {
      const { machine } = bareMachine('fnsmuld %f2, %f4, %f8\nnop', { model: 'sparc-t4' })
      const cpu = machine.cpus[0]!
      write(machine, 's', 2, a)
      write(machine, 's', 4, b)
      cpu.set('fprs', 4n)
      cpu.set('fsr', 0x1fn)
      cpu.modeChanged()
      machine.step(0)
      return [read(machine, 'd', 8), cpu.get('fsr')]
    }
    expect(result(3, 5)).toEqual([bitsOf('d', -15), 0n])
    expect(result(0, 5)).toEqual([bitsOf('d', -0), 0n])
    expect(result(Number.NaN, 5)).toEqual([bitsOf('d', Number.NaN), 0n])
  })
})
