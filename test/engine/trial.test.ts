import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeOperands } from '../../src/engine/decoded-instruction'
import { wouldTrap } from '../../src/engine/trial'
import { assemble } from '../../src/isa'
import { makeDecoder } from '../../src/isa/decode'
import { compilePattern } from '../../src/isa/encoding'
import { makeRows } from '../../src/isa/instructions'
import { MODELS } from '../../src/isa/models'
import type { Machine } from '../../src/smp'
import { bareMachine, PROGRAM } from './bare-machine'

const DATA = 0x30_0000n
const CPU = 1
const { instructionSets } = MODELS['ultrasparc-ii']
const rows = makeRows(instructionSets)
const decode = makeDecoder(rows)

/** Words of all rows, with any operands. */
const anyWord = fc.record({ row: fc.constantFrom(...rows), bits: fc.integer() }).map(({ row, bits }) => {
  const { mask, value } = compilePattern(row.pattern)
  return ((bits & ~mask) | value) >>> 0
})

/** Registers that hold addresses of RAM or small numbers, so that instructions often get through. */
const anyValue = fc.oneof(
  fc.bigInt(0n, 63n).map((n) => DATA + 64n * n),
  fc.bigInt(0n, 255n),
  fc.constantFrom(0n, 1n, -1n, 1n << 62n),
)

interface State {
  readonly values: readonly bigint[]
  readonly level: number
  readonly windows: number
  readonly float: boolean
  readonly privileged: boolean
}
const anyState: fc.Arbitrary<State> = fc.record({
  values: fc.array(anyValue, { minLength: 32, maxLength: 32 }),
  level: fc.constantFrom(0, 0, 1),
  windows: fc.nat(6),
  float: fc.boolean(),
  privileged: fc.boolean(),
})

function prepare(machine: Machine, word: number, { values, level, windows, float, privileged }: State): void {
  const cpu = machine.cpus[CPU]!
  machine.poke(Number(PROGRAM), 4, BigInt(word))
  for (const [n, value] of values.entries()) {
    cpu.setR(n, value)
    cpu.set('float', value, 31 - n)
  }
  cpu.setSmall('tl', level)
  cpu.setSmall('cansave', windows)
  cpu.setSmall('canrestore', 6 - windows)
  cpu.set('fprs', float ? 4n : 0n)
  cpu.set('pstate', privileged ? 0x14n : 0x10n)
  cpu.modeChanged()
}

describe('a trial of an instruction', () => {
  const { machine } = bareMachine('nop', { cpus: 2 })
  machine.start(CPU, PROGRAM)
  const cpu = machine.cpus[CPU]!
  const fresh = machine.snapshot()
  const traps: number[] = []
  machine.events.on('trap', ({ type }) => traps.push(type))
  /** All but RAM. */
  const state = () => cpu.w64.slice(0, machine.layout.ram >> 3).join()

  it('tells the trap that it would raise, and changes nothing if there is none', () => {
    fc.assert(
      fc.property(anyWord, anyState, (word, given) => {
        machine.restore(fresh)
        prepare(machine, word, given)
        const before = [state(), cpu.attention, cpu.stopReason, cpu.transfer]
        const type = wouldTrap(cpu, decodeOperands(word, decode(word))) ? cpu.trapType : undefined
        if (type === undefined) expect([state(), cpu.attention, cpu.stopReason, cpu.transfer]).toEqual(before)
        machine.restore(fresh)
        prepare(machine, word, given)
        traps.length = 0
        machine.step(CPU)
        expect(type).toBe(traps[0])
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    'wrpr %g1, 0, %tick',
    'wrpr %g1, 0, %pstate',
    'wrpr %g1, 0, %tl',
    'wrpr %g1, 0, %cwp',
    'wrpr %g1, 0, %pil',
    'wr %g1, 0, %fprs',
    'wr %g1, 0, %tick_cmpr',
    'wr %g1, 0, %set_softint',
    'save',
    'restore',
    'ldx [%g3], %g2',
    'stx %g1, [%g3]',
    'stxa %g1, [%g3] 0x14',
    'swap [%g3], %g2',
    'casx [%g3], %g0, %g1',
    'jmp %g3',
    'ta 1',
  ])('of %s leaves the CPU, memory and time alone, also where its pages are known already', (instruction) => {
    for (const exploring of [false, true]) {
      machine.restore(fresh)
      machine.poke(Number(DATA), 8, 0n)
      const [warm, word] = ['stx %g0, [%g3]', instruction].map((source) => {
        const [a, b, c, d] = assemble(source).bytes
        return ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0
      })
      prepare(machine, warm!, { values: [], level: 1, windows: 3, float: true, privileged: true })
      for (const [n, value] of [2n, 0n, DATA].entries()) cpu.setR(n + 1, value)
      machine.step(CPU)
      machine.environment.exploring = exploring
      cpu.stopReason = 'budget'
      cpu.attention = 0
      const all = () => [
        state(),
        machine.peek(Number(DATA), 8),
        [cpu.supervisor, cpu.trapLevel, cpu.floatEnabled, cpu.dataTag, cpu.attention, cpu.stopReason],
        [...cpu.map],
      ]
      const before = all()
      const traps = wouldTrap(cpu, decodeOperands(word!, decode(word!)))
      machine.environment.exploring = false
      expect(traps).toBe(instruction === 'ta 1')
      if (!traps) expect(all()).toEqual(before)
    }
  })
})
