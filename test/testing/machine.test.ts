import { describe, expect, it } from 'vitest'
import { asm, machine, SnippetError } from '../../src/testing/index'

describe('a snippet on a CPU', () => {
  it('ends behind its last instruction', () => {
    const result = machine().run(
      asm`
        add %o0, %o1, %o2
        sub %o2, 1, %o3`,
      { registers: { '%o0': 40, '%o1': 2n } },
    )
    expect(result.register('%o2')).toBe(42n)
    expect(result.register('%r11')).toBe(41n)
    expect(result.instructions).toBe(2)
    expect(result.trap).toBeUndefined()
  })

  it('ends at the first trap, with its type and the PC of the instruction', () => {
    const result = machine().run(asm`
        nop
        udivx %g1, %g0, %g1
        nop`)
    expect(result.trap).toMatchObject({ name: 'division_by_zero', type: 0x28, level: 1 })
    expect(result.pc).toBe(0x10004n)
  })

  it('has not begun the handler: the next snippet runs at trap level 0 again', () => {
    const fixture = machine()
    const trapped = fixture.run('udivx %g1, %g0, %g1')
    expect(trapped.state('tl')).toBe(1n)
    const next = fixture.run('mov 3, %g1')
    expect([next.trap, next.state('tl'), next.register('%g1')]).toEqual([undefined, 0n, 3n])
  })

  it('runs loops and reads and writes memory', () => {
    const fixture = machine().poke(0x8000, 5n)
    fixture.run(
      asm`
        ldx [%o0], %g1
        clr %g2
      1: add %g2, %g1, %g2
        subcc %g1, 1, %g1
        bne 1b
        nop
        stx %g2, [%o0 + 8]`,
      { registers: { '%o0': 0x8000 } },
    )
    expect(fixture.peek(0x8008)).toBe(15n)
  })

  it('goes through the MMU once it has entries', () => {
    const fixture = machine().translate([{ va: 0x40000, pa: 0x8000, writable: true }])
    const store = asm`stx %o1, [%o0]`
    expect(fixture.run(store, { registers: { '%o0': 0x40010, '%o1': 7 } }).trap).toBeUndefined()
    expect(fixture.peek(0x8010)).toBe(7n)
    const missed = fixture.run(store, { registers: { '%o0': 0x60000 } })
    expect(missed.trap?.name).toBe('fast_data_access_MMU_miss')
    expect(fixture.mmus[0]?.register('dataTagAccess')).toBe(0x60000n)
  })

  it('has atomics from the start', () => {
    const fixture = machine().poke(0x8000, 5)
    const result = fixture.run(asm`casx [%o0], %o1, %o2`, { registers: { '%o0': 0x8000, '%o1': 5, '%o2': 9 } })
    expect([result.trap, result.register('%o2'), fixture.peek(0x8000)]).toEqual([undefined, 5n, 9n])
  })

  it('runs as a user if asked to', () => {
    expect(machine().run(asm`rdpr %pil, %g1`, { privileged: false }).trap?.name).toBe('privileged_opcode')
  })

  it('refuses a snippet that does not end, a register that does not exist and a CPU that does not exist', () => {
    expect(() => machine().run('1: ba 1b; nop', { limit: 50 })).toThrow(SnippetError)
    expect(() => machine().run('nop', { registers: { '%o9': 1 } })).toThrow(/expected a register such as/)
    expect(() => machine().run('nop', { cpu: 3 })).toThrow(/cpu: expected 0 to 0, got 3/)
  })
})
