import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bareMachine } from './bare-machine'
import { trapNameOf, trapped } from './trapped'

const USER = { unprivileged: true }
const DOCUMENT = readFileSync('docs/implementation-dependent.md', 'utf8')
const ROWS = DOCUMENT.split('\n').filter((line) => /^\| \d/.test(line))

describe('docs/implementation-dependent.md', () => {
  it('names each number once, in order', () => {
    const numbers = ROWS.flatMap((row) => row.split('|')[1]!.split(',').map(Number))
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(numbers.length).toBeGreaterThan(45)
  })

  it('names files that exist', () => {
    const links = [...DOCUMENT.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link!)
    expect(links.filter((link) => !existsSync(join('docs', link)))).toEqual([])
  })
})

describe('choices of the machine (numbers of V9 appendix C)', () => {
  it('13, 104: VER names the chip', () => {
    const version = (model: 'ultrasparc-i' | 'ultrasparc-ii' | 'cheetah') => {
      const { machine } = bareMachine('rdpr %ver, %o0', { model })
      machine.step(0)
      const ver = machine.cpus[0]!.r(8)
      return [ver >> 48n, (ver >> 32n) & 0xffffn]
    }
    expect([version('ultrasparc-i'), version('ultrasparc-ii')]).toEqual([
      [0x17n, 0x10n],
      [0x17n, 0x11n],
    ])
    expect(version('cheetah')[0]).toBe(0x3en)
  })

  it('19: FSR.ver is 0 and cannot be written', () => {
    const { cpu } = trapped('set 0x200800, %g1\nmov -1, %g2\nsrlx %g2, 32, %g2\nstx %g2, [%g1]\nldx [%g1], %fsr\nta 1')
    expect((cpu.get('fsr') >> 17n) & 7n).toBe(0n)
  })

  it.each([
    ['24, 25: rdpr %fq', '.word 0x8353c000'],
    ['47: rd of a reserved register', '.word 0x83404000'],
    ['48: wr %pc', '.word 0x8b804000'],
    ['48: wr %tick', '.word 0x89804000'],
    ['1: popc', 'popc %g1, %g2'],
    ['106: IMPDEP1', '.word 0x81b03fe0'],
    ['106: IMPDEP2', '.word 0x81b81fe0'],
    ['111: ldq', 'ldq [%g1], %f0'],
  ])('%s is illegal_instruction', (_, source) => {
    expect(trapNameOf(`wr %g0, 4, %fprs\n${source}\nta 1`)).toBe('illegal_instruction')
  })

  it.each([
    ['rd %pcr, %g1', 'privileged_opcode'],
    ['wr %g1, 0, %pcr', 'privileged_opcode'],
    ['rd %pic, %g1', undefined],
    ['rd %tick, %g1', undefined],
    ['rd %gsr, %g1', undefined],
    ['rd %softint, %g1', 'privileged_opcode'],
  ])('8, 9: %s in user mode: %s', (source, name) => {
    expect(trapNameOf(`${source}\nta 1`, USER)).toBe(name ?? 'trap_instruction_0x1')
  })

  it.each(['rd %pic, %g1', 'wr %g1, 0, %pic'])(
    '%s is privileged_action in user mode while PCR.PRIV is set',
    (source) => {
      expect(trapNameOf(source, { ...USER, prepare: (cpu) => cpu.set('pcr', 1n) })).toBe('privileged_action')
      expect(trapNameOf(`${source}\nta 1`, { prepare: (cpu) => cpu.set('pcr', 1n) })).toBe('trap_instruction_0x1')
    },
  )

  it('119: PSTATE.MM keeps 3', () => {
    const { machine } = bareMachine('rdpr %pstate, %g1\nor %g1, 0xc0, %g1\nwrpr %g1, 0, %pstate\nrdpr %pstate, %o0')
    machine.step(0, 4)
    expect((machine.cpus[0]!.r(8) >> 6n) & 3n).toBe(3n)
  })
})
