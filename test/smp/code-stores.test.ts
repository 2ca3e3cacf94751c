import { describe, expect, it } from 'vitest'
import { assemble } from '../../src/isa'
import { bareMachine } from '../engine/bare-machine'

const word = (source: string): bigint => {
  const { bytes } = assemble(source)
  return BigInt(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))
}

describe('stores to code', () => {
  it('take effect after flush on the CPU that makes them (V9 A.20)', () => {
    const { machine } = bareMachine(`
        set patched, %g1
        set ${word('mov 2, %o0')}, %g2
        mov 2, %l0
      loop:
      patched: mov 1, %o0
        add %o1, %o0, %o1
        stw %g2, [%g1]
        flush %g1
        deccc %l0
        bne loop
        nop
      1: ba 1b
        nop`)
    machine.run(100)
    expect(machine.cpus[0]!.r(9)).toBe(3n)
  })

  it.each([
    'stw %g2, [%g1]',
    'sth %g3, [%g1 + 2]',
    'stb %g3, [%g1 + 3]',
    'swap [%g1], %g2',
    'stx %g4, [%g1]',
    'stwa %g2, [%g1] 0x14',
  ])('%s is seen by another CPU that was running the code', (store) => {
    const { machine, at } = bareMachine(
      `
        set patched, %g1
        set ${word('mov 2, %o0')}, %g2
        set 0x2002, %g3
        sllx %g2, 32, %g4
        lduw [%g1 + 4], %g5
        or %g4, %g5, %g4
        ${store}
        flush %g1
      stop: ba stop
        nop
        .align 8
      patched: mov 1, %o0
        ba patched
        nop`,
      { cpus: 2 },
    )
    machine.start(1, at('patched'))
    machine.step(1, 20)
    expect(machine.cpus[1]!.r(8)).toBe(1n)
    machine.step(0, 20)
    machine.step(1, 20)
    expect(machine.cpus[1]!.r(8)).toBe(2n)
  })

  it('by poke, writeBytes and restore are seen', () => {
    const { machine, at } = bareMachine('patched: mov 1, %o0\nba patched\nnop')
    const cpu = machine.cpus[0]!
    const value = () => {
      machine.step(0, 6)
      return cpu.r(8)
    }
    expect(value()).toBe(1n)
    const snapshot = machine.snapshot()
    machine.poke(Number(at('patched')), 4, word('mov 2, %o0'))
    expect(value()).toBe(2n)
    machine.memory.writeBytes(Number(at('patched')), assemble('mov 3, %o0').bytes)
    expect(value()).toBe(3n)
    machine.restore(snapshot)
    expect(value()).toBe(1n)
  })
})
