import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { bareMachine, setWindowVectors } from './bare-machine'
import { trapNameOf, trapped } from './trapped'

const NWINDOWS = 8
type WindowState = Partial<Record<'cwp' | 'cansave' | 'canrestore' | 'otherwin' | 'cleanwin' | 'wstate', number>>

const prepare = (state: WindowState) => (cpu: ReferenceCpu) => {
  for (const [field, value] of Object.entries(state)) cpu.setSmall(field as keyof WindowState, value)
}
const stateOf = (cpu: ReferenceCpu) =>
  Object.fromEntries((['cwp', 'cansave', 'canrestore', 'otherwin', 'cleanwin'] as const).map((f) => [f, cpu.small(f)]))

describe('window traps (V9 6.4)', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('spill and fill by WSTATE.NORMAL %i, when OTHERWIN is 0', (type) => {
    const wstate = type | (5 << 3)
    expect(trapped('save', { prepare: prepare({ cansave: 0, canrestore: 6, wstate }) }).event.type).toBe(
      0x80 + type * 4,
    )
    expect(trapped('restore', { prepare: prepare({ cansave: 6, canrestore: 0, wstate }) }).event.type).toBe(
      0xc0 + type * 4,
    )
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('spill and fill by WSTATE.OTHER %i, when OTHERWIN is not 0', (type) => {
    const wstate = 5 | (type << 3)
    const spill = trapped('save', { prepare: prepare({ cansave: 0, canrestore: 3, otherwin: 3, wstate }) })
    expect(spill.event.type).toBe(0xa0 + type * 4)
    const fill = trapped('restore', { prepare: prepare({ cansave: 3, canrestore: 0, otherwin: 3, wstate }) })
    expect(fill.event.type).toBe(0xe0 + type * 4)
  })

  it('the spill handler runs in the window to be spilled, CWP + CANSAVE + 2', () => {
    const { cpu } = trapped('save', { prepare: prepare({ cwp: 3, cansave: 0, canrestore: 6 }) })
    expect([cpu.small('cwp'), cpu.get('tstate', 0) & 7n]).toEqual([5, 3n])
  })

  it('the fill handler runs in CWP - 1, the clean_window handler in CWP + 1, modulo NWINDOWS', () => {
    expect(trapped('restore', { prepare: prepare({ cwp: 0, cansave: 6, canrestore: 0 }) }).cpu.small('cwp')).toBe(7)
    const clean = trapped('save', { prepare: prepare({ cwp: 7, cansave: 2, canrestore: 4, cleanwin: 4 }) })
    expect([clean.event.name, clean.cpu.small('cwp')]).toEqual(['clean_window', 0])
  })

  it('no other handler runs in another window', () => {
    for (const source of ['ta 0', 'ta 127', 'ldx [%g0 + 1], %g1', 'udivx %g1, %g0, %g1', '.word 0'])
      expect(trapped(source, { prepare: prepare({ cwp: 3, cansave: 1 }) }).cpu.small('cwp')).toBe(3)
    for (const tt of [0x41, 0x4f, 0x60, 0x68, 0x6c]) {
      const { machine } = bareMachine('nop')
      const cpu = machine.cpus[0]!
      cpu.setSmall('cwp', 3)
      cpu.trapType = tt
      cpu.enterTrap()
      expect([cpu.small('cwp'), cpu.get('tt', 0)]).toEqual([3, BigInt(tt)])
    }
  })

  it('flushw spills until CANSAVE is NWINDOWS - 2 (V9 A.21)', () => {
    const { event, cpu } = trapped('flushw', { prepare: prepare({ cwp: 4, cansave: 2, canrestore: 4 }) })
    expect([event.type, cpu.small('cwp')]).toEqual([0x80, 0])
    expect(trapNameOf('flushw\nta 9', { prepare: prepare({ cansave: 6 }) })).toBe('trap_instruction_0x9')
  })

  it('a window trap in a delay slot leaves the branch to be made again', () => {
    const { cpu, at } = trapped('ba 1f\nslot: save\n1: nop', { prepare: prepare({ cansave: 0, canrestore: 6 }) })
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([at('slot'), at('slot') + 4n])
  })

  it('save writes rd in the new window from operands of the old one', () => {
    const { cpu } = trapped('mov 40, %o0\nsave %o0, 2, %l0\nta 1')
    expect(cpu.r(16)).toBe(42n)
    expect(cpu.r(24)).toBe(40n)
  })

  it('return restores and jumps, with the operands of the old window (V9 A.45)', () => {
    const { machine, at } = bareMachine(
      'set target - 8, %i7\nsave %i7, 0, %i7\nreturn %i7 + 8\nmov 3, %o3\nta 1\ntarget: nop',
    )
    machine.addBreakpoint(at('target'))
    expect(machine.run(20).reason).toBe('breakpoint')
    expect([machine.cpus[0]!.small('cwp'), machine.cpus[0]!.r(11)]).toEqual([0, 3n])
  })
})

describe('saved and restored (V9 A.46)', () => {
  it.each([
    ['saved', { cansave: 0, canrestore: 5, otherwin: 1 }, { cansave: 1, canrestore: 5, otherwin: 0 }],
    ['saved', { cansave: 0, canrestore: 6, otherwin: 0 }, { cansave: 1, canrestore: 5, otherwin: 0 }],
    [
      'restored',
      { cansave: 5, canrestore: 0, otherwin: 1, cleanwin: 3 },
      { cansave: 5, canrestore: 1, otherwin: 0, cleanwin: 4 },
    ],
    [
      'restored',
      { cansave: 6, canrestore: 0, otherwin: 0, cleanwin: 7 },
      { cansave: 5, canrestore: 1, otherwin: 0, cleanwin: 7 },
    ],
  ])('%s of %o gives %o', (source, before, after) => {
    expect(stateOf(trapped(`${source}\nta 1`, { prepare: prepare(before) }).cpu)).toMatchObject(after)
  })

  it('any sequence keeps the registers within 3 bits and the machine whole', () => {
    const step = fc.constantFrom(
      'saved',
      'restored',
      'save',
      'restore',
      'flushw',
      'wrpr %g0, 7, %otherwin',
      'wrpr %g0, 0, %cansave',
    )
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const { machine } = bareMachine(steps.join('\n'))
      machine.run(100)
      const state = Object.values(stateOf(machine.cpus[0]!))
      expect(state.every((value) => value >= 0 && value < NWINDOWS)).toBe(true)
      expect(machine.clock.now).toBe(machine.instructions())
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })
})

describe('with spill, fill and clean handlers', () => {
  it('recursion of any depth keeps the locals of every level', () => {
    const { machine, at } = bareMachine(
      `
        set 0x300000 - 2047, %sp
        mov depth, %o0
        call descend
        nop
        ba done
        nop
      descend:
        save %sp, -192, %sp
        mov %i0, %l0
        sllx %l0, 40, %l7
        brz,pn %i0, 1f
        clr %o0
        call descend
        sub %l0, 1, %o0
      1: srlx %l7, 40, %l1
        cmp %l1, %l0
        movne %xcc, -1, %o0
        add %o0, %l0, %i0
        ret
        restore
      done: nop`,
      { symbols: { depth: 500n } },
    )
    setWindowVectors(machine)
    machine.addBreakpoint(at('done'))
    expect(machine.run(100_000).reason).toBe('breakpoint')
    expect(machine.cpus[0]!.r(8)).toBe(BigInt((500 * 501) / 2))
  })

  it('windows are clean: locals and outs of a new window are zero after another program had them', () => {
    const { machine, at } = bareMachine(`
        set 0x300000 - 2047, %sp
        wrpr %g0, 0, %cleanwin
        save %sp, -192, %sp
        save %sp, -192, %sp
      done: nop`)
    setWindowVectors(machine)
    const cpu = machine.cpus[0]!
    for (let n = 0; n < 8 * 16; n++) cpu.set('windows', 0x5ec2e7n, n)
    machine.addBreakpoint(at('done'))
    expect(machine.run(1000).reason).toBe('breakpoint')
    for (const n of [...Array.from({ length: 6 }, (_, k) => 8 + k), ...Array.from({ length: 8 }, (_, k) => 16 + k)])
      expect([n, cpu.r(n)]).toEqual([n, 0n])
  })
})
