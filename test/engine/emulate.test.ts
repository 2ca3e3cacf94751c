import { describe, expect, it } from 'vitest'
import { emulateTrapped } from '../../src/engine/emulate'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { assemble } from '../../src/isa'
import { bareMachine } from './bare-machine'
import { trapped } from './trapped'

const wordOf = (source: string) => new DataView(assemble(source).bytes.buffer).getUint32(0)
const HANDLER = { pstate: 0x15n, cwp: 5n, ccr: 0xbbn }

/** A handler with a window, globals and condition codes of its own has an instruction done for code that had others. */
function emulated(instruction: string, prepare: (cpu: ReferenceCpu) => void) {
  const { cpu } = trapped(`${instruction}\nnop`, {
    unprivileged: true,
    prepare: (at) => {
      at.set('fprs', 4n)
      prepare(at)
    },
  })
  for (const [field, value] of Object.entries(HANDLER)) cpu.set(field as keyof typeof HANDLER, value)
  cpu.modeChanged()
  const kept = ['pc', 'npc', 'tl', 'tstate', 'tpc', 'tnpc', 'tt'] as const
  const before = kept.map((field) => cpu.get(field))
  const map = [...cpu.map]
  const { dataTag, insn } = cpu
  const raised = emulateTrapped(cpu, wordOf(instruction))
  expect(kept.map((field) => cpu.get(field))).toEqual(before)
  expect([cpu.get('pstate'), cpu.get('cwp'), cpu.get('ccr')]).toEqual(Object.values(HANDLER))
  expect([[...cpu.map], cpu.dataTag, cpu.supervisor, cpu.emulating]).toEqual([map, dataTag, true, false])
  expect(cpu.insn).toBe(insn)
  return { cpu, raised }
}

/** Each differs in a bit from what is emulated, or in several. */
const OTHERS = [
  'add %g1, 1, %g2',
  'fbe .',
  'stx %g1, [%g2]',
  'done',
  'retry',
  'movrz %g1, 1, %g2',
  'sra %g1, 1, %g2',
  'rdpr %tl, %g2',
  'movcc %icc, 1, %g2',
  'fpadd16 %f0, %f2, %f4',
  'wr %g0, 0, %y',
  'wrpr %g0, 0, %pil',
  'save %g0, 0, %g0',
  'restore %g0, 0, %g0',
  'subcc %g1, %g2, %g3',
  'sethi 1, %g1',
  'sta %f0, [%g1] 0x80',
  'prefetch [%g1], 1',
]

describe('an instruction that a handler does for the code that trapped', () => {
  const conditions = [
    ['fmovqe %icc, %f4, %f8', 0x4n],
    ['fmovqe %xcc, %f4, %f8', 0x40n],
    ['fmovqcs %icc, %f4, %f8', 0x1n],
    ['fmovqneg %xcc, %f4, %f8', 0x80n],
  ] as const
  it.each(conditions)('%s goes by the condition codes of that code, not of the handler', (instruction, ccr) => {
    for (const [flags, moved] of [
      [ccr, true],
      [~ccr & 0xffn, false],
    ] as const) {
      const { cpu, raised } = emulated(instruction, (at) => {
        at.set('ccr', flags)
        at.set('float', 5n, 2)
      })
      expect([raised, cpu.get('float', 4)]).toEqual([0, moved ? 5n : 0n])
    }
  })

  it('reads and writes the globals and the window of that code', () => {
    const globals = emulated('popc %g1, %g2', (at) => at.set('globals', 0xffn, 1))
    expect([globals.raised, globals.cpu.get('globals', 2), globals.cpu.get('globals', 8 + 2)]).toEqual([0, 8n, 0n])
    const window = emulated('popc %l1, %i2', (at) => at.set('windows', 0x7n, 8 + 1))
    expect([window.raised, window.cpu.get('windows', 2)]).toEqual([0, 3n])
  })

  it.each([
    [0, 0n],
    [1, 0x001n],
    [2, 0x400n],
    [3, 0x800n],
  ])('uses set %i of globals if that code had PSTATE %i', (_, selected) => {
    const { cpu, raised } = emulated('popc %g1, %g2', (at) => {
      at.set('pstate', (at.get('pstate') & ~0xc01n) | selected)
      at.updateMap()
      at.setR(1, 0x7fn)
    })
    cpu.set('pstate', (HANDLER.pstate & ~0xc01n) | selected)
    cpu.updateMap()
    expect([raised, cpu.r(2)]).toEqual([0, 7n])
  })

  it.each([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n])('uses window %i if that code was in it', (cwp) => {
    const { cpu, raised } = emulated('popc %l1, %l2', (at) => {
      at.set('cwp', cwp)
      at.updateMap()
      at.setR(17, 0x1fn)
    })
    cpu.set('cwp', cwp)
    cpu.updateMap()
    expect([raised, cpu.r(18)]).toEqual([0, 5n])
  })

  it('may name any quad register, in any field', () => {
    const { cpu } = trapped('illtrap', { unprivileged: true, prepare: (at) => at.set('fprs', 4n) })
    for (let register = 0; register < 64; register += 4) {
      const f = `%f${register}`
      for (const instruction of [`faddq ${f}, %f0, %f0`, `fmulq %f0, ${f}, %f0`, `fdivq %f0, %f0, ${f}`]) {
        expect([instruction, emulateTrapped(cpu, wordOf(instruction))]).toEqual([instruction, 0])
      }
      expect(emulateTrapped(cpu, wordOf(`fcmpq %fcc3, ${f}, %f60`))).toBe(0)
    }
    for (const instruction of [
      'popc %o7, %l7',
      'popc -1, %i7',
      'fqtox %f0, %f62',
      'fxtoq %f62, %f0',
      'fsqrtq %f0, %f4',
    ]) {
      expect([instruction, emulateTrapped(cpu, wordOf(instruction))]).toEqual([instruction, 0])
    }
  })

  it('does not need the FPU to be on for the handler', () => {
    const { cpu, raised } = emulated('faddq %f4, %f4, %f8', (at) => at.set('float', 0x3fff_0000_0000_0000n, 2))
    expect([raised, cpu.get('float', 4)]).toEqual([0, 0x4000_0000_0000_0000n])
  })

  it('leaves the CPU to itself again: a quad traps as before', () => {
    const { cpu } = trapped('faddq %f4, %f4, %f8\nnop', { prepare: (at) => at.set('fprs', 4n) })
    expect(emulateTrapped(cpu, wordOf('faddq %f4, %f4, %f8'))).toBe(0)
    expect(() => cpu.quad('faddq')).toThrow()
    expect(cpu.trapType).toBe(0x22)
  })

  it('is none at trap level 0, where no code has trapped', () => {
    const { machine } = bareMachine('nop')
    expect(() => emulateTrapped(machine.cpus[0]!, wordOf('popc %g1, %g2'))).toThrow(
      'emulateTrapped: the CPU is at trap level 0',
    )
  })

  it.each([...OTHERS, '.word 0x81a80000'])('is not %s', (instruction) => {
    const { cpu } = trapped('illtrap', { unprivileged: true })
    expect(emulateTrapped(cpu, wordOf(instruction))).toBe(0x10)
  })
})
