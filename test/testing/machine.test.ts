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

describe.each(['cheetah', 'cheetah-plus', 'jalapeno'] as const)('a machine of %s', (model) => {
  it('runs snippets with addresses mapped to themselves, by one entry in T16 of each side', () => {
    const fixture = machine({ model, cpus: 2 }).poke(0x8000, 5n)
    expect(fixture.run('ldx [%o0], %g1', { cpu: 1, registers: { '%o0': 0x8000 } }).register('%g1')).toBe(5n)
    for (const side of ['data', 'instruction'] as const) {
      const valid = fixture.mmus[1]!.entries(side).filter((entry) => entry.valid)
      expect(valid).toMatchObject([{ array: 'T16', slot: 15, locked: true }])
    }
  })

  it('translates by the entries that a test loads, which replacement may not put in the place of the mapping', () => {
    const fixture = machine({ model })
    fixture.translate([{ va: 0x4_0000, pa: 0x8000, writable: true }])
    for (let n = 0; n < 40; n++) fixture.mmus[0]!.loadEntry({ va: 0x100_0000 * n, pa: 0x10_0000 * n, size: '64K' })
    fixture.poke(0x8000, 9n)
    const result = fixture.run('ldx [%o0], %g1', { registers: { '%o0': 0x4_0000 } })
    expect([result.trap, result.register('%g1')]).toEqual([undefined, 9n])
  })

  it('takes watchpoints that the DCU control register enables (illumos usr/src/uts/sun4u/sys/cheetahregs.h DCU_*)', () => {
    const DCU = { virtualWrite: (1n << 21n) | (0xffn << 25n), physicalRead: (1n << 24n) | (0xffn << 33n) }
    const store = 'stx %g0, [%o0]'
    const load = 'ldx [%o0], %g1'
    for (const [control, register, source, trap] of [
      [DCU.virtualWrite, 'virtualWatchpoint', store, 'VA_watchpoint'],
      [DCU.virtualWrite, 'virtualWatchpoint', load, undefined],
      [DCU.physicalRead, 'physicalWatchpoint', load, 'PA_watchpoint'],
      [DCU.physicalRead, 'physicalWatchpoint', store, undefined],
    ] as const) {
      const fixture = machine({ model })
      fixture.mmus[0]!.setRegister(register, 0x8000).setRegister('dcuControl', control | 0xfn)
      expect(fixture.run(source, { registers: { '%o0': 0x8000 } }).trap?.name).toBe(trap)
    }
  })
})
