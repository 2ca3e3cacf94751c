import { describe, expect, it } from 'vitest'
import { REGISTER, type RegisterField } from '../../src/state/layout'
import { bareMachine } from './bare-machine'
import { PSTATE, trapped } from './trapped'

const ONES = (1n << 64n) - 1n

describe('wrpr writes the implemented bits (V9 5.2, A.63)', () => {
  const cases: readonly (readonly [RegisterField, bigint])[] = [
    ['pil', 15n],
    ['cwp', 7n],
    ['cansave', 7n],
    ['canrestore', 7n],
    ['cleanwin', 7n],
    ['otherwin', 7n],
    ['wstate', 63n],
    ['tba', ONES & ~0x7fffn],
  ]
  it.each(cases)('%s', (name, mask) => {
    const { cpu } = trapped(`mov -1, %g1\nwrpr %g1, 0, %${name}\nta 1`)
    const value = name === 'cwp' ? cpu.get('tstate', 0) & 7n : cpu.get(name)
    expect(value).toBe(mask)
  })

  it.each([
    ['tpc', ONES & ~3n],
    ['tnpc', ONES & ~3n],
    ['tt', 0x1ffn],
    ['tstate', 0xff_ff0f_ff07n],
  ] as const)('%s of the current trap level, bits %s', (name, mask) => {
    const { machine } = bareMachine(`wrpr %g0, 3, %tl\nmov -1, %g1\nwrpr %g1, 0, %${name}\nrdpr %${name}, %o0`)
    machine.step(0, 4)
    const cpu = machine.cpus[0]!
    expect([cpu.get(name, 2), cpu.r(8)]).toEqual([mask, mask])
    expect([cpu.get(name, 1), cpu.get(name, 3)]).toEqual([0n, 0n])
  })

  it('writes rs1 xor the operand', () => {
    const { cpu } = trapped('mov 12, %g1\nwrpr %g1, 6, %pil\nta 1')
    expect(cpu.get('pil')).toBe(10n)
  })

  it.each(['AG', 'MG', 'IG'] as const)('PSTATE.%s selects globals at once', (bit) => {
    const { machine } = bareMachine(
      `mov 5, %g1\nrdpr %pstate, %g2\nwrpr %g2, ${PSTATE[bit]}, %pstate\nmov %g1, %o0\nmov 6, %g1\nmov %g1, %o1`,
    )
    machine.step(0, 6)
    expect([machine.cpus[0]!.r(8), machine.cpus[0]!.r(9)]).toEqual([0n, 6n])
  })

  it('PSTATE keeps the memory model, of which there are three (UltraSPARC-I 15.2)', () => {
    for (const model of [0n, 1n, 2n]) {
      const { machine } = bareMachine(
        `rdpr %pstate, %g1\nor %g1, ${model << 6n}, %g1\nwrpr %g1, 0, %pstate\nrdpr %pstate, %o0`,
      )
      machine.step(0, 4)
      expect((machine.cpus[0]!.r(8) >> 6n) & 3n).toBe(model)
    }
  })

  it('leaving privileged mode by wrpr %pstate is leaving it', () => {
    const { event } = trapped(`wrpr %g0, ${PSTATE.PEF}, %pstate\nrdpr %pil, %g1`)
    expect(event.name).toBe('privileged_opcode')
  })

  it('%ver says manufacturer, implementation, mask, MAXTL and MAXWIN (V9 5.2.9)', () => {
    const { machine } = bareMachine('rdpr %ver, %o0')
    machine.step(0)
    const ver = machine.cpus[0]!.r(8)
    expect([ver >> 48n, (ver >> 8n) & 0xffn, ver & 0x1fn]).toEqual([0x17n, 5n, 7n])
  })
})

describe('wr writes', () => {
  it('%y 32 bits, %ccr 8, %asi 8, %fprs 3', () => {
    const { cpu } = trapped('mov -1, %g1\nwr %g1, 0, %y\nwr %g1, 0, %asi\nwr %g1, 0, %fprs\nwr %g1, 0, %ccr\nta 1')
    expect(cpu.get('y')).toBe(0xffff_ffffn)
    expect([cpu.get('asi') & 0xffn, cpu.get('fprs'), (cpu.get('tstate', 0) >> 32n) & 0xffn]).toEqual([0xffn, 7n, 0xffn])
    expect((cpu.get('tstate', 0) >> 24n) & 0xffn).toBe(0xffn)
  })

  it('set_softint, clear_softint and softint (UltraSPARC-I 9.4)', () => {
    const source =
      'wr %g0, 0x6, %set_softint\nwr %g0, 0x2, %clear_softint\nrd %softint, %o0\nwr %g0, 0x10, %softint\nrd %softint, %o1'
    const { machine } = bareMachine(source)
    machine.step(0, 5)
    expect([machine.cpus[0]!.r(8), machine.cpus[0]!.r(9)]).toEqual([4n, 0x10n])
  })

  it('%tick counts instructions from what was written, with NPT in bit 63', () => {
    const { machine } = bareMachine('wrpr %g0, 100, %tick\nrdpr %tick, %o0\nrdpr %tick, %o1\nnop\nrd %tick, %o2')
    machine.step(0, 5)
    const [a, b, c] = [8, 9, 10].map((n) => machine.cpus[0]!.r(n)) as [bigint, bigint, bigint]
    expect([b - a, c - b]).toEqual([1n, 2n])
    expect(a).toBe(101n)
  })

  it('rdpr %tick is a reading of the clock', () => {
    const { machine } = bareMachine('nop\nrdpr %tick, %o0')
    machine.step(0)
    expect(machine.clockWasRead).toBe(false)
    machine.step(0)
    expect(machine.clockWasRead).toBe(true)
  })
})

describe('each ancillary register is one field of the CPU, reads as it was written, and is nothing else (UltraSPARC-I 8.4)', () => {
  const FIELDS: readonly (readonly [string, RegisterField, bigint])[] = [
    ['%y', 'y', 0xffff_ffffn],
    ['%asi', 'asi', 0xffn],
    ['%fprs', 'fprs', 7n],
    ['%pcr', 'pcr', ONES],
    ['%dcr', 'dcr', ONES],
    ['%gsr', 'gsr', ONES],
    ['%softint', 'softint', 0xffffn],
  ]
  it.each(FIELDS)('%s', (name, field, mask) => {
    const { machine } = bareMachine(`wr %g1, 0, ${name}\nrd ${name}, %g2`)
    const cpu = machine.cpus[0]!
    cpu.set('pil', 15n)
    cpu.set('globals', ONES, 1)
    const { itlb } = machine.layout
    const registers = () => cpu.w64.slice(cpu.base >> 3, (cpu.base + itlb) >> 3)
    const expected = registers()
    const put = (at: RegisterField, value: bigint, word = 0) => {
      expected[(REGISTER[at] >> 3) + word] = BigInt.asIntN(64, value)
    }
    machine.step(0, 2)
    put('pc', cpu.get('pc'))
    put('npc', cpu.get('npc'))
    put(field, mask)
    put('globals', mask, 2)
    expect(registers()).toEqual(expected)
  })

  it.each([
    ['%tick_cmpr', 'tickCompare', 'ultrasparc-ii'],
    ['%pic', 'pic', 'ultrasparc-ii'],
    ['%sys_tick_cmpr', 'stickCompare', 'cheetah'],
  ] as const)('%s, among the time fields', (name, field, model) => {
    const { machine } = bareMachine(`wr %g1, 0, ${name}\nrd ${name}, %g2`, { model })
    const cpu = machine.cpus[0]!
    const value = 0x8123_4567_89ab_cdefn
    cpu.set('globals', value, 1)
    const { time } = machine.layout
    const times = () => Object.entries(time).map(([key, at]) => [key, cpu.w64[(cpu.base + at) >> 3]])
    const before = times()
    machine.step(0, 2)
    const changed = before.map(([key, word]) =>
      key === field ? [key, BigInt.asIntN(64, value)] : key === 'instructions' ? [key, 2n] : [key, word],
    )
    expect([times(), cpu.get('globals', 2)]).toEqual([changed, value])
  })
})
