import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../src/isa'
import { bareMachine, PROGRAM } from './bare-machine'

const NWINDOWS = 8
const FIELDS = ['cwp', 'cansave', 'canrestore', 'cleanwin', 'otherwin'] as const
type Windows = Record<(typeof FIELDS)[number], number>
const INSTRUCTIONS = [
  'save',
  'restore',
  'saved',
  'restored',
  'flushw',
  'allclean',
  'otherw',
  'normalw',
  'invalw',
] as const
type InstructionName = (typeof INSTRUCTIONS)[number]

const count = fc.nat(NWINDOWS - 1)
const windows = fc.oneof(
  fc.record({ cwp: count, cansave: count, canrestore: count, cleanwin: count, otherwin: count }),
  fc.record({ cwp: count, canrestore: fc.nat(6), otherwin: fc.nat(1), cleanwin: count }).map((state) => ({
    ...state,
    cansave: 6 - state.canrestore,
  })),
)

/** The state after an instruction, or its trap type (V9 6.4, A.21, A.46, A.47; UltraSPARC Architecture 2005 chapter 7). */
function outcome(
  name: InstructionName,
  state: Windows,
  wstate: number,
  privileged: boolean,
): Partial<Windows> | number {
  const { cwp, cansave, canrestore, cleanwin, otherwin } = state
  const vector = (base: number) => base + (otherwin === 0 ? (wstate % 8) * 4 : 0x20 + (wstate >> 3) * 4)
  const [up, down] = [(n: number) => (n + 1) % NWINDOWS, (n: number) => (n + NWINDOWS - 1) % NWINDOWS]
  if (name !== 'save' && name !== 'restore' && name !== 'flushw' && !privileged) return 0x11
  switch (name) {
    case 'save':
      if (cansave === 0) return vector(0x80)
      return cleanwin <= canrestore ? 0x24 : { cwp: up(cwp), cansave: down(cansave), canrestore: up(canrestore) }
    case 'restore':
      return canrestore === 0 ? vector(0xc0) : { cwp: down(cwp), cansave: up(cansave), canrestore: down(canrestore) }
    case 'flushw':
      return cansave === NWINDOWS - 2 ? {} : vector(0x80)
    case 'saved':
      return {
        cansave: up(cansave),
        ...(otherwin === 0 ? { canrestore: down(canrestore) } : { otherwin: down(otherwin) }),
      }
    case 'restored':
      return {
        canrestore: up(canrestore),
        cleanwin: Math.min(cleanwin + 1, NWINDOWS - 1),
        ...(otherwin === 0 ? { cansave: down(cansave) } : { otherwin: down(otherwin) }),
      }
    case 'allclean':
      return { cleanwin: NWINDOWS - 1 }
    case 'otherw':
      return { otherwin: canrestore, canrestore: 0 }
    case 'normalw':
      return { canrestore: otherwin, otherwin: 0 }
    case 'invalw':
      return { cansave: NWINDOWS - 2, canrestore: 0, otherwin: 0 }
  }
}

describe('from any state of the windows, in any window, privileged and not', () => {
  const { machine } = bareMachine('nop', { model: 'ultrasparc-t1' })
  const cpu = machine.cpus[0]!
  const words = new Map(INSTRUCTIONS.map((name) => [name, new DataView(assemble(name).bytes.buffer).getUint32(0)]))
  for (let n = 0; n < NWINDOWS * 16; n++) cpu.set('windows', BigInt(1000 + n), n)
  /** Ins, locals and outs of a window (V9 5.1.4). */
  const inWindow = (cwp: number) =>
    Array.from({ length: 24 }, (_, n) => {
      const at = n < 8 ? ((cwp + 1) % NWINDOWS) * 16 + n : n < 16 ? cwp * 16 + n : cwp * 16 + n - 16
      return BigInt(1000 + at)
    })

  it.each(INSTRUCTIONS)('%s', (name) => {
    machine.poke(Number(PROGRAM), 4, words.get(name)!)
    const property = fc.property(windows, fc.nat(63), fc.boolean(), (state, wstate, privileged) => {
      for (const field of FIELDS) cpu.setSmall(field, state[field])
      cpu.setSmall('wstate', wstate)
      cpu.setSmall('pstate', privileged ? 0x14 : 0x10)
      cpu.setSmall('tl', 0)
      cpu.set('tt', 0n, 0)
      cpu.set('pc', PROGRAM)
      cpu.set('npc', PROGRAM + 4n)
      cpu.modeChanged()
      machine.engine.run(0, 1)
      const expected = outcome(name, state, wstate, privileged)
      const after = Object.fromEntries(FIELDS.map((field) => [field, cpu.get(field)]))
      const trapped = typeof expected === 'number'
      const big = (counts: Partial<Windows>) =>
        Object.fromEntries(Object.entries(counts).map(([field, value]) => [field, BigInt(value)]))
      expect(cpu.get('tt', 0)).toBe(trapped ? BigInt(expected) : 0n)
      if (trapped) {
        expect({ ...after, cwp: cpu.get('tstate', 0) & 7n }).toEqual(big(state))
        return
      }
      expect(after).toEqual(big({ ...state, ...expected }))
      const { cwp = state.cwp } = expected
      expect(Array.from({ length: 24 }, (_, n) => cpu.r(8 + n))).toEqual(inWindow(cwp))
    })
    fc.assert(property, { numRuns: 120, seed: 2 })
  })
})
