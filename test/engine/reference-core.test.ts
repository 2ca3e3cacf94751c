import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareMachine, PROGRAM } from './bare-machine'
import { PSTATE } from './trapped'

describe('the interrupt that a CPU takes (UltraSPARC-I chapter 9; V9 5.2.8)', () => {
  const cpu = bareMachine('nop').machine.cpus[0]!

  /** A mondo whatever PIL is, else the highest level above PIL; SOFTINT bits 0 and 16 are the timers', of level 14. */
  function expected(softint: number, pil: number, pstate: number, mondo: boolean): number {
    if (!(pstate & 2)) return 0
    if (mondo) return 0x60
    for (let level = 15; level > pil; level--) {
      const bits = level === 14 ? (1 << 14) | (1 << 16) | 1 : 1 << level
      if (level > 0 && softint & bits) return 0x40 + level
    }
    return 0
  }

  it('by SOFTINT, PIL, PSTATE.IE and what a mondo has left', () => {
    const bits = fc.oneof(
      fc.integer({ min: 0, max: 0x1_ffff }),
      fc.nat(16).map((bit) => 1 << bit),
    )
    const receive = fc.oneof(
      fc.constant(0),
      fc.nat(7).map((bit) => 1 << bit),
    )
    const property = fc.property(
      bits,
      fc.nat(15),
      fc.nat(0xfff),
      receive,
      fc.nat(2),
      (softint, pil, pstate, got, wait) => {
        cpu.setSmall('softint', softint)
        cpu.setSmall('pil', pil)
        cpu.setSmall('pstate', pstate)
        cpu.setSmall('mondoReceive', got)
        cpu.setSmall('mondoCountdown', wait)
        const busy = got === 0x20
        expect(cpu.interruptToTake()).toBe(expected(softint, pil, pstate, busy && wait === 0))
        expect(cpu.interruptIsPending()).toBe(expected(softint, pil, pstate, busy) !== 0)
      },
    )
    fc.assert(property, { numRuns: 600, seed: 1 })
  })

  it.each([
    ['wrpr %g0, 0x16, %pstate', 0],
    ['wrpr %g0, 0x14, %pstate', undefined],
  ])('%s lets it in, or not, before the next instruction', (source, taken) => {
    const { machine, at } = bareMachine(`${source}\nnext: mov 1, %o0\nnop`)
    const [first] = machine.cpus
    first!.setSmall('softint', 0x80)
    machine.run(2)
    expect([first!.get('tt', 0), first!.get('tpc', 0)]).toEqual(taken === undefined ? [0n, 0n] : [0x47n, at('next')])
    expect(first!.r(8)).toBe(taken === undefined ? 1n : 0n)
  })
})

describe('the mode of a CPU', () => {
  const { machine } = bareMachine('nop')
  const cpu = machine.cpus[0]!

  it('follows PSTATE, TL and FPRS', () => {
    const property = fc.property(fc.nat(0xfff), fc.nat(5), fc.nat(7), (pstate, tl, fprs) => {
      cpu.setSmall('pstate', pstate)
      cpu.setSmall('tl', tl)
      cpu.setSmall('fprs', fprs)
      cpu.modeChanged()
      const has = (bit: bigint) => (BigInt(pstate) & bit) !== 0n
      expect({
        supervisor: cpu.supervisor,
        addressMask: cpu.addressMask,
        floatEnabled: cpu.floatEnabled,
        trapLevel: cpu.trapLevel,
        redState: cpu.mmu.redState,
        space: cpu.space(),
      }).toEqual({
        supervisor: has(PSTATE.PRIV),
        addressMask: has(PSTATE.AM),
        floatEnabled: has(PSTATE.PEF) && (fprs & 4) !== 0,
        trapLevel: tl,
        redState: has(PSTATE.RED),
        space: tl > 0 ? 'nucleus' : 'primary',
      })
    })
    fc.assert(property, { numRuns: 300, seed: 2 })
  })

  it('names the globals by the set that PSTATE selects', () => {
    for (const [set, pstate] of [0n, PSTATE.AG, PSTATE.MG, PSTATE.IG].entries()) {
      cpu.set('pstate', 0x14n | pstate)
      cpu.modeChanged()
      cpu.setR(3, BigInt(set + 1))
    }
    expect([0, 1, 2, 3].map((set) => cpu.get('globals', set * 8 + 3))).toEqual([1n, 2n, 3n, 4n])
  })
})

it('the globals of each trap type (UltraSPARC-I 14.5.9)', () => {
  const { machine } = bareMachine('nop')
  const cpu = machine.cpus[0]!
  const RESETS_END = 6
  const MMU = [0x08, 0x30, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f]
  for (let tt = RESETS_END; tt < 0x180; tt++) {
    cpu.setSmall('tl', 0)
    cpu.setSmall('pstate', 0x14)
    cpu.set('pc', PROGRAM)
    cpu.modeChanged()
    cpu.trapType = tt
    cpu.enterTrap()
    const globals = cpu.get('pstate') & (PSTATE.AG | PSTATE.MG | PSTATE.IG)
    expect([tt, globals]).toEqual([tt, tt === 0x60 ? PSTATE.IG : MMU.includes(tt) ? PSTATE.MG : PSTATE.AG])
  }
})
