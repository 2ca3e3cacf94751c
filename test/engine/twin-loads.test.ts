import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { machine } from '../../src/testing'
import { bareMachine } from './bare-machine'

const DATA = 0x2_0000
const word = fc.bigInt(0n, (1n << 64n) - 1n)

describe('loads and stores of two registers (V9 A.27, A.54)', () => {
  const fixture = machine()

  it.each([
    ['ldd [%o0], %o2', 'std %o2, [%o0 + 8]'],
    ['ldda [%o0] 0x80, %o2', 'stda %o2, [%o1] 0x80'],
    ['ldda [%o0] 0x14, %o2', 'stda %o2, [%o1] 0x14'],
  ])('%s; %s: the even register is the word at the lower address', (load, store) => {
    fc.assert(
      fc.property(word, (value) => {
        fixture.poke(DATA, value).poke(DATA + 8, 0)
        const { register } = fixture.run(`${load}\n${store}`, { registers: { '%o0': DATA, '%o1': DATA + 8 } })
        expect([register('%o2'), register('%o3')]).toEqual([value >> 32n, value & 0xffff_ffffn])
        expect(fixture.peek(DATA + 8)).toBe(value)
      }),
      { numRuns: 10 },
    )
  })

  it.each(['std %o2, [%o0]', 'stda %o2, [%o0] 0x80', 'stda %o2, [%o0] 0x14'])(
    '%s stores the lower halves of the registers',
    (store) => {
      const registers = { '%o0': DATA, '%o2': 0x1111_1111_2222_2222n, '%o3': 0x3333_3333_8444_4444n }
      fixture.run(store, { registers })
      expect(fixture.peek(DATA)).toBe(0x2222_2222_8444_4444n)
    },
  )

  it('%g0 stays 0, %g1 is loaded', () => {
    fixture.poke(DATA, 0x1111_2222_3333_4444n)
    const { register } = fixture.run('ldda [%o0] 0x80, %g0\nmov %g0, %o2\nmov %g1, %o3', { registers: { '%o0': DATA } })
    expect([register('%o2'), register('%o3')]).toEqual([0n, 0x3333_4444n])
  })
})

it('ldda of an I-cache array gives its upper word to the even register (UltraSPARC-I 6.5)', () => {
  const { machine } = bareMachine('ldda [%g0] 0x66, %o2')
  const arrays = machine.environment.asiDevices.find((device) => device.handles(0x66))!
  arrays.load = () => 0x8102_0304_8506_0708n
  machine.step(0)
  expect([machine.cpus[0]!.r(10), machine.cpus[0]!.r(11)]).toEqual([0x8102_0304n, 0x8506_0708n])
})
