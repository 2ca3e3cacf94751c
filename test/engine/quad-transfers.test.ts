import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { machine } from '../../src/testing'

const DATA = 0x2_0000
const PSTATE = 0x14n
const PSTATE_CLE = 0x200n
const word = fc.bigInt(0n, (1n << 64n) - 1n)

function swapped(value: bigint): bigint {
  return BigInt(`0x${value.toString(16).padStart(16, '0').match(/../g)!.reverse().join('')}`)
}

const quads = () => machine({ emulation: 'hardware' })

describe('ldq and stq, where the CPU has them (V9 A.25, A.52)', () => {
  const fixture = quads()

  it.each(['%f4', '%f40', '%f60'])('move 16 bytes to and from %s, in the order of the default', (register) => {
    const [high, low] = [register, `%f${Number(register.slice(2)) + 2}`]
    fc.assert(
      fc.property(word, word, fc.boolean(), (first, second, little) => {
        fixture.poke(DATA, first).poke(DATA + 8, second)
        const source = `ldq [%o0], ${register}\nstq ${register}, [%o0 + 32]\nstda ${high}, [%o1] 0x80\nstda ${low}, [%o2] 0x80`
        const { trap } = fixture.run(source, {
          registers: { '%o0': DATA, '%o1': DATA + 64, '%o2': DATA + 72 },
          state: { pstate: PSTATE | (little ? PSTATE_CLE : 0n) },
        })
        expect(trap).toBeUndefined()
        expect([fixture.peek(DATA + 32), fixture.peek(DATA + 40)]).toEqual([first, second])
        const loaded = little ? [swapped(second), swapped(first)] : [first, second]
        expect([fixture.peek(DATA + 64), fixture.peek(DATA + 72)]).toEqual(loaded)
      }),
      { numRuns: 8 },
    )
  })

  it('the order of one does not stay for the next', () => {
    const [first, second] = [0x0102_0304_0506_0708n, 0x1112_1314_1516_1718n]
    fixture.poke(DATA, first).poke(DATA + 8, second)
    const source = 'ldqa [%o0] 0x88, %f0\nldqa [%o0] 0x80, %f4\nstqa %f4, [%o0] 0x88\nstqa %f4, [%o2] 0x80'
    fixture.run(source, { registers: { '%o0': DATA, '%o2': DATA + 32 } })
    expect([fixture.peek(DATA), fixture.peek(DATA + 8)]).toEqual([swapped(second), swapped(first)])
    expect([fixture.peek(DATA + 32), fixture.peek(DATA + 40)]).toEqual([first, second])
  })

  it.each(['ldq [%o0], %f4', 'stq %f4, [%o0]', 'ldqa [%o0] 0x81, %f4', 'stqa %f4, [%o0] 0x81'])(
    '%s traps where it is misaligned: multiples of 4 have a trap of their own',
    (source) => {
      const store = source.startsWith('st')
      for (const offset of [1, 2, 3, 4, 5, 6, 8, 10, 12, 15]) {
        const { trap } = fixture.run(source, { registers: { '%o0': DATA + offset }, state: { pstate: PSTATE } })
        const own = store ? 'STQF_mem_address_not_aligned' : 'LDQF_mem_address_not_aligned'
        expect([offset, trap?.name]).toEqual([offset, offset % 4 === 0 ? own : 'mem_address_not_aligned'])
        const asi = source.includes('0x81') ? 0x81 : 0x80
        expect(fixture.mmus[0]!.sfsr()).toMatchObject({ asi, write: store, faultType: 0 })
        expect(fixture.mmus[0]!.register('dataSfar')).toBe(BigInt(DATA + offset))
      }
    },
  )

  it.each(['ldq [%o0], %f4', 'stq %f4, [%o0]', 'ldqa [%o0] 0x80, %f4', 'stqa %f4, [%o0] 0x80'])(
    '%s is an illegal_instruction of CPUs that have them not, and needs the FPU',
    (source) => {
      const registers = { '%o0': DATA + 1 }
      expect(machine().run(source, { registers }).trap?.name).toBe('illegal_instruction')
      expect(quads().run(source, { registers, state: { fprs: 0 } }).trap?.name).toBe('fp_disabled')
    },
  )

  it('a register that is no multiple of 4 is not named', () => {
    // ldq [%o0], %f2
    const { trap } = quads().run('.word 0xc5120000', { registers: { '%o0': DATA + 4 } })
    expect(trap?.name).toBe('fp_exception_other')
  })
})
