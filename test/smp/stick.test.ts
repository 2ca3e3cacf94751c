import { describe, expect, it } from 'vitest'
import { MODELS, type ModelName } from '../../src/isa'
import { bareMachine, setVector } from '../engine/bare-machine'
import { PSTATE, trapNameOf } from '../engine/trapped'

const WITH = (Object.keys(MODELS) as ModelName[]).filter((model) => MODELS[model].systemTick)
const USER = { model: 'cheetah', unprivileged: true } as const

describe('STICK and STICK_COMPARE (Linux arch/sparc/kernel/time_64.c stick_operations)', () => {
  it('are in UltraSPARC III and III+ and IIIi', () => {
    expect(WITH).toEqual(['cheetah', 'cheetah-plus', 'jalapeno'])
  })

  it.each(['rd %stick, %g1', 'rd %stick_cmpr, %g1', 'wr %g0, 0, %stick', 'wr %g0, 0, %stick_cmpr'])(
    '%s is an illegal instruction elsewhere',
    (instruction) => {
      for (const model of Object.keys(MODELS) as ModelName[])
        expect([model, trapNameOf(`${instruction}\nta 1`, { model })]).toEqual([
          model,
          WITH.includes(model) ? 'trap_instruction_0x1' : 'illegal_instruction',
        ])
    },
  )

  it('%stick counts from what was written by wr, with NPT in bit 63, apart from %tick', () => {
    const source =
      'wr %g0, 100, %stick\nrd %stick, %o0\nrdpr %tick, %o1\nsetx 0x8000000000000400, %g2, %g1\nwr %g1, 0, %stick\nrd %stick, %o2'
    const { machine } = bareMachine(source, { model: 'cheetah' })
    machine.run(30)
    const [cpu] = machine.cpus
    expect(cpu!.r(8)).toBe(101n)
    expect(cpu!.r(9)).toBe(2n)
    expect(cpu!.r(10)).toBe((1n << 63n) | 0x401n)
  })

  it('is readable by users unless NPT is set, and written by privileged code only', () => {
    expect(trapNameOf('rd %stick, %g1\nta 1', USER)).toBe('trap_instruction_0x1')
    const prepare = (cpu: { set(field: 'stickProtect', value: bigint): void }) => cpu.set('stickProtect', 1n)
    expect(trapNameOf('rd %stick, %g1', { ...USER, prepare })).toBe('privileged_action')
    expect(trapNameOf('rd %tick, %g1\nta 1', { ...USER, prepare })).toBe('trap_instruction_0x1')
    expect(trapNameOf('rd %stick, %g1\nta 1', { model: 'cheetah', prepare })).toBe('trap_instruction_0x1')
    for (const source of ['wr %g0, 0, %stick', 'rd %stick_cmpr, %g1', 'wr %g0, 0, %stick_cmpr'])
      expect(trapNameOf(source, USER)).toBe('privileged_opcode')
  })
})

describe('STICK_INT', () => {
  const compare = (ticks: number) => `rd %stick, %g1\nadd %g1, ${ticks}, %g1\nwr %g1, 0, %stick_cmpr`
  const started = (source: string, pil = 0n) => {
    const { machine } = bareMachine(source, { model: 'jalapeno' })
    const cpu = machine.cpus[0]!
    cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    cpu.set('pil', pil)
    cpu.modeChanged()
    return { machine, cpu }
  }

  it.each([10, 500, 3000])('raises level 14 exactly %i ticks later', (ticks) => {
    const { machine, cpu } = started(`wr %g0, 77, %stick\n${compare(ticks)}\n1: ba 1b\nnop`)
    setVector(machine, 0x4e, 'rd %stick, %o0\nmov %g1, %o1\nrd %softint, %o2\n1: ba 1b\nnop')
    machine.run(ticks + 50)
    expect(cpu.get('tt', 0)).toBe(0x4en)
    expect(cpu.r(8)).toBe(cpu.get('globals', 1))
    expect(cpu.r(10)).toBe(0x1_0000n)
  })

  it('stays in SOFTINT bit 16 until software clears it; TICK_INT is another bit', () => {
    const tick = 'rd %tick, %g1\nadd %g1, 20, %g1\nwr %g1, 0, %tick_cmpr'
    const { machine, cpu } = started(`${compare(60)}\n${tick}\n1: ba 1b\nnop`, 15n)
    machine.run(40)
    expect(cpu.get('softint')).toBe(1n)
    machine.run(60)
    expect(cpu.get('softint')).toBe(0x1_0001n)
  })

  it('is not raised with INT_DIS, as after power-on', () => {
    const { machine, cpu } = started(
      'setx 0x8000000000000032, %g2, %g1\nwr %g1, 0, %stick_cmpr\nrd %stick_cmpr, %o0\n1: ba 1b\nnop',
      15n,
    )
    machine.run(500)
    expect([cpu.get('softint'), cpu.r(8)]).toEqual([0n, (1n << 63n) | 0x32n])
    const fresh = bareMachine('rd %stick_cmpr, %o0', { model: 'cheetah' }).machine
    fresh.step(0)
    expect(fresh.cpus[0]!.r(8)).toBe(1n << 63n)
  })

  it('is a bit of SOFTINT that UltraSPARC I and II do not have (UltraSPARC-I table 9-5)', () => {
    for (const [model, expected] of [
      ['cheetah', 0x1_ffffn],
      ['ultrasparc-ii', 0xffffn],
    ] as const) {
      const { machine } = bareMachine('sub %g0, 1, %g1\nwr %g1, 0, %softint\nrd %softint, %o0', { model })
      machine.step(0, 3)
      expect(machine.cpus[0]!.r(8)).toBe(expected)
    }
  })
})
