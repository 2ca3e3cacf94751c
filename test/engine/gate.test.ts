import { describe, expect, it } from 'vitest'
import type { GateResult } from '../../src/engine/engine'
import { bareMachine, PROGRAM } from './bare-machine'

/** Stores to `cell`, then the gate with entry 5. */
const SOURCE = `
  set cell, %g1
  mov 7, %g2
  stx %g2, [%g1]
gate: .word 0x81b82065
  nop
  nop
  .align 8
cell: .xword 0`

function gated(results: readonly GateResult[], memoryModel: 'sc' | 'tso' = 'sc') {
  const calls: [number, number][] = []
  const { machine, at } = bareMachine(SOURCE, {
    memoryModel,
    gate: {
      step: (cpu, entry) => {
        calls.push([cpu, entry])
        const result = results[calls.length - 1] ?? 'stay'
        if (result === 'halt') machine.halt(cpu)
        return result
      },
    },
  })
  machine.step(0, Number(at('gate') - PROGRAM) / 4)
  return { machine, cpu: machine.cpus[0]!, calls, gate: at('gate'), cell: Number(at('cell')) }
}

describe('the gate instruction', () => {
  it('names its entry, and stays while there are operations', () => {
    const { machine, cpu, calls, gate } = gated(['stay', 'stay', 'return'])
    expect([machine.step(0), machine.step(0), cpu.get('pc')]).toEqual(['budget', 'budget', gate])
    machine.step(0)
    expect([cpu.get('pc'), cpu.get('npc')]).toEqual([gate + 4n, gate + 8n])
    expect(calls).toEqual([
      [0, 5],
      [0, 5],
      [0, 5],
    ])
  })

  it('that has to wait executes nothing more before something changes', () => {
    const { machine, cpu, calls, gate } = gated(['wait', 'wait', 'return'])
    expect(machine.run(10)).toMatchObject({ reason: 'deadlock' })
    expect([calls.length, cpu.get('pc')]).toEqual([1, gate])
    expect(machine.run(10)).toMatchObject({ reason: 'deadlock', instructions: 0 })
    expect(calls).toHaveLength(1)
    machine.wake()
    machine.run(1)
    machine.wake()
    machine.run(1)
    expect([calls.length, cpu.get('pc')]).toEqual([3, gate + 4n])
  })

  it('is an operation a step: a budget of many makes many', () => {
    const { machine, calls } = gated([])
    machine.run(12)
    expect(calls).toHaveLength(12)
  })

  it('that replaced the context leaves PC and nPC as they are', () => {
    const { machine, cpu, gate } = gated(['switched'])
    machine.step(0)
    expect([cpu.get('pc'), cpu.get('npc')]).toEqual([gate, gate + 4n])
  })

  it('does not exist where a machine has none', () => {
    const { machine } = bareMachine('.word 0x81b82065')
    machine.step(0)
    expect([machine.cpus[0]!.get('tl'), machine.cpus[0]!.get('tt', 0)]).toEqual([1n, 0x10n])
  })

  it.each(['sc', 'tso'] as const)(
    'halts the CPU, and the machine once what it had stored is visible: %s',
    (memoryModel) => {
      const { machine, cell, cpu } = gated(['halt'], memoryModel)
      expect(machine.bufferedStores(0)).toHaveLength(memoryModel === 'tso' ? 1 : 0)
      const { reason } = machine.run(10)
      expect([reason, machine.peek(cell, 8), machine.bufferedStores(0)]).toEqual(['halted', 7n, []])
      expect(cpu.small('status')).toBe(1)
      expect(machine.run(10)).toEqual({ reason: 'halted', instructions: 0 })
    },
  )
})
