import { describe, expect, it } from 'vitest'
import { bareMachine } from './bare-machine'
import { trapNameOf } from './trapped'

const NUMBERS = Array.from({ length: 32 }, (_, number) => number)
const YCCR_ASI_TICK_PC_FPRS = [0, 2, 3, 4, 5, 6]
const STICK = [24, 25]
/** Y to FPRS, stbar, PCR, PIC, DCR, GSR, SOFTINT, TICK_COMPARE. */
const READABLE = [...YCCR_ASI_TICK_PC_FPRS, 15, 16, 17, 18, 19, 22, 23]
/** Y, CCR, ASI, FPRS, PCR, PIC, DCR, GSR, SET_SOFTINT, CLEAR_SOFTINT, SOFTINT, TICK_COMPARE. */
const WRITABLE = [0, 2, 3, 6, 16, 17, 18, 19, 20, 21, 22, 23]

function trapOf(instruction: number, model: 'ultrasparc-ii' | 'cheetah'): string {
  return trapNameOf(`wr %g0, 4, %fprs\n.word ${instruction}\nta 1`, { model })
}

describe('ancillary registers by number (V9 A.44, A.63; UltraSPARC-I 8.4)', () => {
  it.each(NUMBERS)('%i', (number) => {
    for (const [model, stick] of [
      ['ultrasparc-ii', []],
      ['cheetah', STICK],
    ] as const) {
      const outcome = (numbers: readonly number[]) =>
        numbers.includes(number) ? 'trap_instruction_0x1' : 'illegal_instruction'
      const rd = (0x8140_0000 | (number << 14)) >>> 0
      expect([model, trapOf(number === 15 ? rd : (rd | (1 << 25)) >>> 0, model)]).toEqual([
        model,
        outcome([...READABLE, ...stick]),
      ])
      const wr = (0x8180_0000 | (number << 25)) >>> 0
      expect([model, trapOf(wr, model)]).toEqual([model, outcome([...WRITABLE, ...stick])])
    }
  })

  it('%gsr is that of the FPU', () => {
    for (const instruction of ['rd %gsr, %g1', 'wr %g0, 0, %gsr'])
      expect(trapNameOf(`wr %g0, 0, %fprs\n${instruction}\nta 1`)).toBe('fp_disabled')
  })

  it('%pc and %ccr are read', () => {
    const { machine, at } = bareMachine('wr %g0, 0xa5, %ccr\nhere: rd %pc, %g1\nrd %ccr, %g2')
    machine.step(0, 3)
    const cpu = machine.cpus[0]!
    expect([cpu.get('globals', 1), cpu.get('globals', 2)]).toEqual([at('here'), 0xa5n])
  })
})
