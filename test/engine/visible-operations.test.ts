import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { bareMachine } from './bare-machine'
import { PSTATE } from './trapped'

const DEVICE = 0x8000_0000
const SIDE_EFFECT_PAGE = (1n << 63n) | BigInt(DEVICE) | 0x4an

/** One instruction of a machine that an explorer runs. */
function explored(source: string, memoryModel: 'sc' | 'tso' = 'sc', prepare: (cpu: ReferenceCpu) => void = () => {}) {
  const { machine } = bareMachine(`${source}\nnop\nnop`, { memoryModel })
  machine.memory.addDevice({ name: 'device', base: DEVICE, bytes: 8192, load: () => 0n, store: () => {} })
  const cpu = machine.cpus[0]!
  cpu.mmu.storeAsi(0x58, 0x30n, BigInt(DEVICE))
  cpu.mmu.storeAsi(0x5c, 0n, SIDE_EFFECT_PAGE)
  cpu.setR(8, 0x30_0000n)
  cpu.setR(9, BigInt(DEVICE))
  prepare(cpu)
  machine.environment.exploring = true
  return { reason: machine.step(0, 3), machine, cpu }
}

describe('while an explorer runs the machine, it stops behind', () => {
  it.each([
    'ldx [%o0], %o2',
    'stb %o2, [%o0]',
    'casx [%o0], %o2, %o3',
    'ldxa [%o0] 0x88, %o2',
    'ldda [%o0] 0x24, %o2',
    'ldxa [%o0] 0x14, %o2',
    'stxa %o2, [%o0] 0x15',
    'ldub [%o1], %o2',
    'stx %o2, [%o1]',
    'ldxa [%o1] 0x15, %o2',
    'ldxa [%g0] 0x48, %o2',
    'stxa %g0, [%g0] 0x49',
    'ldxa [%g0] 0x4b, %o2',
    'wrpr %g0, 3, %pil',
    'wrpr %g0, 0x16, %pstate',
  ])('%s', (source) => {
    for (const memoryModel of ['sc', 'tso'] as const) {
      const { reason, machine } = explored(source, memoryModel)
      expect([reason, machine.instructions(0)]).toEqual(['visible', 1n])
    }
  })

  it.each(['done', 'retry'])('%s', (source) => {
    const { reason, machine } = explored(source, 'sc', (cpu) => {
      cpu.setSmall('tl', 1)
      cpu.set('tnpc', 0x20_0004n)
      cpu.set('tpc', 0x20_0004n)
      cpu.set('tstate', (PSTATE.PRIV | PSTATE.PEF) << 8n)
      cpu.modeChanged()
    })
    expect([reason, machine.instructions(0)]).toEqual(['visible', 1n])
  })

  it('an interrupt that is taken', () => {
    const { reason, cpu } = explored('nop', 'sc', (cpu) => {
      cpu.set('mondoReceive', 0x20n)
      cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    })
    expect([reason, cpu.get('tt', 0)]).toEqual(['visible', 0x60n])
  })
})

describe('but not behind what no other CPU can see:', () => {
  it.each([
    'add %o0, %o1, %o2',
    'mov 1, %o2\nnop\nba . + 8',
    'ldxa [%g0] 0x58, %o2',
    'stxa %g0, [%g0] 0x45',
    'rdpr %pil, %o2',
    'wrpr %g0, 3, %tba',
    'prefetch [%o0], 0',
  ])('%s', (source) => {
    expect(explored(source).reason).toBe('budget')
  })

  it('anything while no explorer runs it', () => {
    const { machine, cpu } = explored('nop')
    machine.environment.exploring = false
    cpu.set('pc', 0x20_0000n)
    cpu.set('npc', 0x20_0004n)
    machine.poke(0x20_0000, 4, 0xd45a_2000n)
    expect(machine.step(0, 3)).toBe('budget')
  })
})
