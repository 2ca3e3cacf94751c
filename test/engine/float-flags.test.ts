import { describe, expect, it } from 'vitest'
import { bareMachine } from './bare-machine'

const ONE_D = 0x3ff0_0000_0000_0000n
const ONE_S = 0x3f80_0000n
const THREE_D = 0x4008_0000_0000_0000n

describe('the exceptions of an instruction are its own (V9 5.1.7)', () => {
  it.each([
    'fsqrtd %f2, %f12',
    'faddd %f2, %f2, %f12',
    'fmuld %f2, %f2, %f12',
    'fsmuld %f6, %f6, %f12',
    'fnsmuld %f6, %f6, %f12',
    'fmaddd %f2, %f2, %f2, %f12',
    'fnaddd %f2, %f2, %f12',
    'fnmuld %f2, %f2, %f12',
    'fhaddd %f2, %f2, %f12',
    'fstod %f6, %f12',
    'fdtos %f2, %f12',
    'fdtox %f2, %f12',
    'fitod %f6, %f12',
    'fcmpd %fcc0, %f2, %f2',
  ])('%s raises nothing though the one before was inexact', (instruction) => {
    const { machine } = bareMachine(`fdivd %f2, %f4, %f8\n${instruction}\nnop`, { model: 'sparc-t4' })
    const cpu = machine.cpus[0]!
    cpu.set('fprs', 4n)
    cpu.set('float', ONE_D, 1)
    cpu.set('float', THREE_D, 2)
    cpu.set('float', ONE_S << 32n, 3)
    cpu.modeChanged()
    machine.step(0)
    expect(cpu.get('fsr') & 0x3ffn).toBe(0x21n)
    machine.step(0)
    expect(cpu.get('fsr') & 0x3ffn).toBe(0x20n)
  })
})

describe('NaNs of a widening product (V9 B.2.2)', () => {
  it.each(['fsmuld', 'fnsmuld'])('%s delivers that of rs2, signaling before quiet', (name) => {
    const { machine } = bareMachine(`${name} %f2, %f4, %f8\n${name} %f4, %f2, %f10\n${name} %f6, %f4, %f12`, {
      model: 'sparc-t4',
    })
    const cpu = machine.cpus[0]!
    cpu.set('fprs', 4n)
    const [first, second, signaling] = [0x7fc0_0001n, 0x7fc0_0002n, 0x7f80_0003n]
    for (const [n, bits] of [first, second, signaling].entries()) cpu.set('float', bits << 32n, n + 1)
    cpu.modeChanged()
    machine.step(0, 3)
    const wide = (bits: bigint) => (0x7ffn << 52n) | (((bits | 0x40_0000n) & 0x7f_ffffn) << 29n)
    expect([4, 5, 6].map((n) => cpu.get('float', n))).toEqual([wide(second), wide(first), wide(signaling)])
    expect(cpu.get('fsr') & 0x3ffn).toBe((16n << 5n) | 16n)
  })
})
