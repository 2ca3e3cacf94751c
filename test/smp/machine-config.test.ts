import { describe, expect, it } from 'vitest'
import { MODELS, withoutEmulation } from '../../src/isa/models'
import { Machine, type MachineConfig, MachineError } from '../../src/smp'
import { ArenaError } from '../../src/state/arena'

const RAM = 1 << 20

describe('the bounds of a configuration', () => {
  const of = (config: MachineConfig) => () => new Machine({ ramBytes: RAM, ...config })
  const integers: readonly [string, (value: number) => MachineConfig, number, number][] = [
    ['cpus', (cpus) => ({ cpus }), 1, 32],
    ['cpus', (cpus) => ({ cpus, model: 'cheetah' }), 1, 64],
    ['mondoDelay', (mondoDelay) => ({ mondoDelay }), 0, 2 ** 31 - 1],
    ['storeBufferEntries', (storeBufferEntries) => ({ storeBufferEntries, memoryModel: 'tso' }), 1, 64],
    ['storeBufferEntries', (storeBufferEntries) => ({ storeBufferEntries }), 1, 64],
  ]
  it.each(integers)('%s: both ends are taken, and what is beyond is refused in words', (what, config, least, most) => {
    expect(of(config(least))).not.toThrow()
    expect(of(config(most))).not.toThrow()
    for (const value of [least - 1, most + 1, least + 0.5]) {
      expect(of(config(value))).toThrow(MachineError)
      expect(of(config(value))).toThrow(`${what}: expected an integer from ${least} to ${most}, got ${value}`)
    }
  })

  it('RAM is 8 KB to 2 GB in pages of 8 KB, as far as it fits below 2 GB with the registers', () => {
    expect(new Machine({ ramBytes: 8192 }).layout.ramBytes).toBe(8192)
    for (const ramBytes of [0, 8191, 2 ** 31 + 8192])
      expect(() => new Machine({ ramBytes })).toThrow(
        `ramBytes: expected an integer from 8192 to 2147483648, got ${ramBytes}`,
      )
    expect(() => new Machine({ ramBytes: 8192 + 4096 })).toThrow('ramBytes: expected a multiple of 8192, got 12288')
    expect(() => new Machine({ ramBytes: 2 ** 31 })).toThrow(ArenaError)
  })

  it('a reset vector is a multiple of 256', () => {
    expect(of({ resetVector: 0x100n })).not.toThrow()
    expect(of({ resetVector: 0x180n })).toThrow('resetVector: expected a multiple of 256, got 0x180')
    expect(of({ resetVector: 0x140n })).toThrow(MachineError)
  })

  it.each([
    ['model', 'z80'],
    ['emulation', 'none'],
    ['errorState', 'ignore'],
    ['memoryModel', 'pso'],
  ])('%s is one of a few words', (what, value) => {
    expect(of({ [what]: value })).toThrow(MachineError)
    expect(of({ [what]: value })).toThrow(new RegExp(`^${what}: expected .*, got ${value}$`))
  })
})

describe('what is left out of a configuration', () => {
  it('is one UltraSPARC II with 16 MB and sequential consistency', () => {
    const { layout, memoryModel, model } = new Machine()
    expect([layout.cpus, layout.ramBytes, layout.storeBufferEntries]).toEqual([1, 16 << 20, 0])
    expect([memoryModel, model.name]).toEqual(['sc', new Machine({ model: 'ultrasparc-ii', ramBytes: RAM }).model.name])
  })

  it('leaves to a kernel what the chip leaves to it; emulation: hardware leaves nothing', () => {
    const chip = MODELS['ultrasparc-ii']
    expect(new Machine({ ramBytes: RAM }).model).toBe(chip)
    expect(new Machine({ ramBytes: RAM, emulation: 'software' }).model).toBe(chip)
    expect(new Machine({ ramBytes: RAM, emulation: 'hardware' }).model).toEqual(withoutEmulation(chip))
    expect([chip.quadInHardware, withoutEmulation(chip).quadInHardware]).toEqual([false, true])
  })

  it('has turns of 1000 instructions, in order', () => {
    const machine = new Machine({ cpus: 2, ramBytes: RAM, gate: { step: () => 'stay' } })
    machine.poke(0, 4, 0x81b8_2065)
    for (const cpu of machine.cpus) machine.start(cpu.index, 0n)
    machine.run(1500)
    expect([machine.instructions(0), machine.instructions(1), machine.instructions()]).toEqual([1000n, 500n, 1500n])
  })

  it('with total store order is a buffer of 8 stores', () => {
    expect(new Machine({ memoryModel: 'tso', ramBytes: RAM }).layout.storeBufferEntries).toBe(8)
    expect(new Machine({ memoryModel: 'tso', storeBufferEntries: 3, ramBytes: RAM }).layout.storeBufferEntries).toBe(3)
    expect(new Machine({ memoryModel: 'sc', storeBufferEntries: 3, ramBytes: RAM }).layout.storeBufferEntries).toBe(0)
  })
})
