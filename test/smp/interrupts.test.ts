import { describe, expect, it } from 'vitest'
import { bareMachine, setVector } from '../engine/bare-machine'
import { PSTATE } from '../engine/trapped'

function spinning(
  prepare: (cpu: ReturnType<typeof bareMachine>['machine']['cpus'][0]) => void,
  source = 'spin: ba spin\nnop',
) {
  const { machine, at } = bareMachine(source)
  const cpu = machine.cpus[0]!
  cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
  prepare(cpu)
  cpu.modeChanged()
  return { machine, cpu, at }
}

describe('SOFTINT (UltraSPARC-I 9.4)', () => {
  it.each(Array.from({ length: 15 }, (_, n) => n + 1))('level %i is taken if PIL is below it', (level) => {
    for (const pil of [level - 1, level]) {
      const { machine, cpu } = spinning((cpu) => {
        cpu.setSmall('softint', 1 << level)
        cpu.setSmall('pil', pil)
      })
      machine.step(0)
      expect(cpu.get('tt', 0)).toBe(pil < level ? BigInt(0x40 + level) : 0n)
    }
  })

  it('the highest level is taken first, and none without PSTATE.IE', () => {
    const { machine, cpu } = spinning((cpu) => cpu.setSmall('softint', (1 << 3) | (1 << 9)))
    machine.step(0)
    expect(cpu.get('tt', 0)).toBe(0x49n)
    machine.step(0, 5)
    expect(cpu.get('tl')).toBe(1n)
  })

  it('a mondo comes before a level (UltraSPARC-I table 8-6: priority 16)', () => {
    const { machine, cpu } = spinning((cpu) => {
      cpu.setSmall('softint', 1 << 15)
      cpu.set('mondoReceive', 0x20n)
    })
    machine.step(0)
    expect(cpu.get('tt', 0)).toBe(0x60n)
  })

  it('lowering PIL lets a level in before the next instruction', () => {
    const { machine, cpu, at } = spinning((cpu) => {
      cpu.setSmall('softint', 1 << 5)
      cpu.setSmall('pil', 9)
    }, 'nop\nwrpr %g0, 4, %pil\nnext: nop')
    machine.step(0, 3)
    expect([cpu.get('tt', 0), cpu.get('tpc', 0)]).toEqual([0x45n, at('next')])
  })
})

describe('TICK_COMPARE (UltraSPARC-I 14.5)', () => {
  const COMPARE = (ticks: number) => `rdpr %tick, %g1\nadd %g1, ${ticks}, %g1\nwr %g1, 0, %tick_cmpr`

  it.each([1, 2, 3, 4, 10, 500, 3000])(
    'written within a run, raises level 14 exactly %i ticks later, if that is after the write',
    (ticks) => {
      const { machine, cpu } = spinning(() => {}, `nop\n${COMPARE(ticks)}\nspin: ba spin\nnop`)
      setVector(machine, 0x4e, 'rd %tick, %o0\nmov %g1, %o1\n1: ba 1b\nnop')
      machine.run(ticks + 100)
      const due = cpu.get('globals', 1)
      const late = cpu.r(8) - due
      const WRITTEN_AT = 2
      expect(cpu.get('tt', 0)).toBe(ticks > WRITTEN_AT ? 0x4en : 0n)
      if (ticks > WRITTEN_AT) expect(late).toBe(0n)
    },
  )

  it('with INT_DIS set raises nothing', () => {
    const { machine, cpu } = spinning(
      () => {},
      `mov 1, %g2\nsllx %g2, 63, %g2\nor %g2, 50, %g2\nwr %g2, 0, %tick_cmpr\n1: ba 1b\nnop`,
    )
    machine.run(500)
    expect(cpu.get('softint')).toBe(0n)
  })

  it('sets SOFTINT.TICK_INT, which stays until software clears it', () => {
    const { machine, cpu } = spinning((cpu) => cpu.setSmall('pil', 15), `${COMPARE(20)}\n1: ba 1b\nnop`)
    machine.run(100)
    expect(cpu.get('softint')).toBe(1n)
    expect(cpu.get('tl')).toBe(0n)
  })

  it('each CPU has its own', () => {
    const { machine, at } = bareMachine(`${COMPARE(30)}\nspin: ba spin\nnop`, { cpus: 3 })
    machine.start(1, at('spin'))
    machine.start(2, machine.cpus[0]!.get('pc'))
    machine.run(10_000)
    expect(machine.cpus.map((cpu) => cpu.get('softint'))).toEqual([1n, 0n, 1n])
  })
})
