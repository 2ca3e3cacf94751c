import { describe, expect, it } from 'vitest'
import { MODELS, type ModelName } from '../../src/isa/models'
import { Machine } from '../../src/smp'
import { NWINDOWS, REGISTER } from '../../src/state/layout'

const TIMER_OFF = -(1n << 63n)

/** The words of each CPU's block that are not zero, by byte offset. */
function words(machine: Machine): Map<number, bigint>[] {
  const { cpuBlockBytes } = machine.layout
  return machine.cpus.map(({ base, w64 }) => {
    const block = Array.from(w64.slice(base >> 3, (base + cpuBlockBytes) >> 3), (word, at) => [at * 8, word] as const)
    return new Map(block.filter(([, word]) => word !== 0n))
  })
}

describe.each(Object.keys(MODELS) as ModelName[])('a new %s', (model) => {
  it('is halted and privileged, with its FPU on, all windows clean and free, timers off, and all else zero', () => {
    const machine = new Machine({ model, cpus: 2, ramBytes: 1 << 20 })
    const expected = new Map([
      [REGISTER.fprs, 4n],
      [REGISTER.pstate, 0x14n],
      [REGISTER.cansave, BigInt(NWINDOWS - 2)],
      [REGISTER.cleanwin, BigInt(NWINDOWS - 1)],
      [REGISTER.status, 1n],
      [machine.layout.time.tickCompare, TIMER_OFF],
      [machine.layout.time.stickCompare, TIMER_OFF],
    ])
    expect(words(machine).map((found) => new Map([...found].sort(([a], [b]) => a - b)))).toEqual([expected, expected])
  })

  it('executes nothing before it is started', () => {
    const machine = new Machine({ model, ramBytes: 1 << 20 })
    expect(machine.run(10)).toEqual({ reason: 'halted', instructions: 0 })
    const cpu = machine.cpus[0]!
    expect([cpu.supervisor, cpu.floatEnabled, cpu.addressMask, cpu.trapLevel]).toEqual([true, true, false, 0])
  })
})
