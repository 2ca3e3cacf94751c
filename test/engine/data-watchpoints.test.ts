import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { decodeSfsr } from '../../src/mmu'
import { PAGE, page, watch } from './trap-pairs'
import { trapNameOf, trapped } from './trapped'

const RAM_PAGE = 0x30_0000n
const AT_PAGE = `sethi %hi(${PAGE}), %g1\n`
const DONE = '\nta 9'
const NONE = 'trap_instruction_0x9'

const watching = (space: 'virtual' | 'physical' | 'both', enables = 3n, mask = 0xffn) => ({
  prepare: (cpu: ReferenceCpu) => {
    page(cpu)
    for (const one of space === 'both' ? (['virtual', 'physical'] as const) : [space]) {
      watch(cpu, one)
      const [enable, shift] = one === 'virtual' ? [21n, 25n] : [23n, 33n]
      const lsu = cpu.mmu.loadAsi(0x45, 0n) & ~((3n << enable) | (0xffn << shift))
      cpu.mmu.storeAsi(0x45, 0n, lsu | (enables << enable) | (mask << shift))
    }
  },
})

/** Instructions that touch the doubleword at %g1, and whether they read and write it. */
const ACCESSES: readonly (readonly [string, reads: boolean, writes: boolean])[] = [
  ['ldub [%g1 + 7], %g2', true, false],
  ['lduh [%g1 + 6], %g2', true, false],
  ['lduw [%g1 + 4], %g2', true, false],
  ['ldx [%g1], %g2', true, false],
  ['ldd [%g1], %g2', true, false],
  ['ld [%g1], %f0', true, false],
  ['ldd [%g1], %f0', true, false],
  ['ld [%g1], %fsr', true, false],
  ['ldxa [%g1] 0x80, %g2', true, false],
  ['ldxa [%g1] 0x82, %g2', true, false],
  ['ldxa [%g1] 0x88, %g2', true, false],
  ['ldda [%g1] 0x24, %g2', true, false],
  ['ldda [%g1] 0xf0, %f0', true, false],
  ['ldda [%g1] 0xd0, %f0', true, false],
  ['ldda [%g1] 0xd2, %f0', true, false],
  ['stb %g0, [%g1]', false, true],
  ['sth %g0, [%g1]', false, true],
  ['st %g0, [%g1]', false, true],
  ['stx %g0, [%g1]', false, true],
  ['std %g0, [%g1]', false, true],
  ['st %f0, [%g1]', false, true],
  ['std %f0, [%g1]', false, true],
  ['stx %fsr, [%g1]', false, true],
  ['stda %f0, [%g1] 0xf0', false, true],
  ['stda %f0, [%g1] 0xe0', false, true],
  ['stda %f0, [%g1] 0xd0', false, true],
  ['stda %f0, [%g1 + %g3] 0xc0', false, true],
  ['swap [%g1], %g2', true, true],
  ['ldstub [%g1], %g2', true, true],
  ['casx [%g1], %g2, %g3', true, true],
  ['cas [%g1], %g2, %g3', true, true],
  ['prefetch [%g1], 0', false, false],
  ['flush %g1', false, false],
]

describe.each(['virtual', 'physical'] as const)('the %s data watchpoint (UltraSPARC-I A.5)', (space) => {
  const name = space === 'virtual' ? 'VA_watchpoint' : 'PA_watchpoint'

  it.each(ACCESSES)('%s reads: %s, writes: %s', (instruction, reads, writes) => {
    const source = `${AT_PAGE}mov -1, %g3\n${instruction}${DONE}`
    expect(trapNameOf(source, watching(space, 2n))).toBe(reads ? name : NONE)
    expect(trapNameOf(source, watching(space, 1n))).toBe(writes ? name : NONE)
    expect(trapNameOf(source, watching(space, 3n))).toBe(reads || writes ? name : NONE)
    expect(trapNameOf(source, watching(space, 0n))).toBe(NONE)
  })

  it('a byte mask watches its bytes of the doubleword (A.6.4.2, A.6.4.4)', () => {
    for (const mask of [0x01n, 0x32n, 0x80n, 0x00n])
      for (let byte = 0; byte < 8; byte++) {
        const watched = (mask >> BigInt(byte)) & 1n
        const source = `${AT_PAGE}ldub [%g1 + ${byte}], %g2${DONE}`
        expect([mask, byte, trapNameOf(source, watching(space, 3n, mask))]).toEqual([mask, byte, watched ? name : NONE])
      }
  })

  it.each([
    'ldx [%g1 + 8], %g2',
    'ldx [%g1 + 64], %g2',
    'stx %g0, [%g1 + 8]',
    'ldxa [%g0] 0x45, %g2',
    'ldxa [%g1] 0x15, %g2',
  ])('%s is elsewhere', (instruction) => {
    const elsewhere = instruction.includes('0x15') ? 'data_access_error' : NONE
    expect(trapNameOf(`${AT_PAGE}${instruction}${DONE}`, watching(space))).toBe(elsewhere)
  })

  it('is precise: nothing is loaded or stored, and the access goes on once it is off', () => {
    const source = `${AT_PAGE}mov 7, %g2\nswap [%g1], %g2${DONE}`
    const { cpu, machine } = trapped(source, watching(space))
    expect([cpu.get('globals', 2), machine.peek(Number(RAM_PAGE), 8)]).toEqual([7n, 0n])
    expect(cpu.mmu.entries('data').filter(({ used }) => used)).toEqual([])
  })

  it('records SFSR with fault type 0, and SFAR; tag access stays (table 6-3)', () => {
    const { cpu } = trapped(`${AT_PAGE}stb %g0, [%g1 + 5]`, watching(space))
    expect(decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n))).toMatchObject({
      faultType: 0,
      asi: 0x80,
      context: 'primary',
      privileged: true,
      write: true,
      overwritten: false,
      valid: true,
    })
    expect([cpu.mmu.loadAsi(0x58, 0x20n), cpu.mmu.loadAsi(0x58, 0x30n)]).toEqual([PAGE + 5n, PAGE])
  })

  it('armed after the page was used before', () => {
    const source = `${AT_PAGE}ldx [%g1], %g2\nstxa %g4, [%g0] 0x45\nldx [%g1], %g2${DONE}`
    const { event, at } = trapped(source.replace('ldx [%g1], %g2\nta', 'second: ldx [%g1], %g2\nta'), {
      prepare: (cpu) => {
        page(cpu)
        watch(cpu, space)
        cpu.set('globals', cpu.mmu.loadAsi(0x45, 0n), 4)
        cpu.mmu.storeAsi(0x45, 0n, 0xfn)
      },
    })
    expect([event.name, event.pc]).toEqual([name, at('second')])
  })
})

describe('both watchpoints', () => {
  it('the virtual one comes first', () => {
    expect(trapNameOf(`${AT_PAGE}ldx [%g1], %g2${DONE}`, watching('both'))).toBe('VA_watchpoint')
  })

  it('bypass accesses are seen by the physical one alone (table A-1)', () => {
    const source = `set ${RAM_PAGE}, %g1\nldxa [%g1] 0x14, %g2${DONE}`
    expect(trapNameOf(source, watching('virtual'))).toBe(NONE)
    expect(trapNameOf(source, watching('physical'))).toBe('PA_watchpoint')
    const { cpu } = trapped(source, watching('physical'))
    expect(decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n))).toMatchObject({ asi: 0x14, context: 'none', faultType: 0 })
  })

  it('are found by every model', () => {
    for (const model of ['cheetah', 'cheetah-plus', 'jalapeno'] as const)
      for (const space of ['virtual', 'physical'] as const)
        expect(trapNameOf(`${AT_PAGE}ldx [%g1], %g2${DONE}`, { model, ...watching(space) })).toBe(
          space === 'virtual' ? 'VA_watchpoint' : 'PA_watchpoint',
        )
  })
})
