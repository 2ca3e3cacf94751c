import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { decodeSfsr } from '../../src/mmu'
import { bareMachine, setVector } from './bare-machine'
import { PAGE, page, TTE } from './trap-pairs'
import { PSTATE, trapNameOf, trapped } from './trapped'

const AT_PAGE = `sethi %hi(${PAGE}), %g1\n`
const sfsr = (cpu: ReferenceCpu) => decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n))
const sfar = (cpu: ReferenceCpu) => cpu.mmu.loadAsi(0x58, 0x20n)
const tagAccess = (cpu: ReferenceCpu) => cpu.mmu.loadAsi(0x58, 0x30n)
const base = {
  asi: 0x80,
  faultType: 0,
  sideEffect: false,
  context: 'primary',
  privileged: true,
  write: false,
  overwritten: false,
  valid: true,
}

type Options = Parameters<typeof trapped>[1]
type Case = [what: string, trap: string, source: string, fields: object, options?: Options]

const mapped = (bits: Parameters<typeof page>[1] = {}) => ({ prepare: (cpu: ReferenceCpu) => page(cpu, bits) })

describe('what SFSR and SFAR tell of a data fault (UltraSPARC-I 6.9.4, 6.9.5)', () => {
  const cases: Case[] = [
    ['a misaligned load', 'mem_address_not_aligned', 'ldx [%g1 + 1], %g2', {}],
    ['a misaligned store', 'mem_address_not_aligned', 'sth %g0, [%g1 + 1]', { write: true }],
    ['a misaligned atomic', 'mem_address_not_aligned', 'add %g1, 1, %g1\ncasx [%g1], %g2, %g3', { write: true }],
    ['a misaligned double load', 'LDDF_mem_address_not_aligned', 'ldd [%g1 + 4], %f0', {}],
    ['a misaligned double store', 'STDF_mem_address_not_aligned', 'std %f0, [%g1 + 4]', { write: true }],
    [
      'one through an ASI',
      'LDDF_mem_address_not_aligned',
      'ldda [%g1 + 4] %asi, %f0',
      { asi: 0x11, context: 'secondary' },
      { prepare: (cpu) => cpu.set('asi', 0x11n) },
    ],
    ['a misaligned jump', 'mem_address_not_aligned', 'jmpl %g1 + 2, %o7\nnop', {}],
    [
      'a misaligned return',
      'mem_address_not_aligned',
      'return %g1 + 2\nnop',
      {},
      { prepare: (cpu) => cpu.setSmall('canrestore', 1) },
    ],
    [
      'a little-endian default',
      'mem_address_not_aligned',
      'ldx [%g1 + 1], %g2',
      { asi: 0x88 },
      { prepare: (cpu) => cpu.set('pstate', cpu.get('pstate') | PSTATE.CLE) },
    ],
    [
      'the nucleus',
      'mem_address_not_aligned',
      'ldx [%g1 + 1], %g2',
      { asi: 0x04, context: 'nucleus' },
      { prepare: (cpu) => cpu.setSmall('tl', 1) },
    ],
    [
      'the little-endian nucleus',
      'mem_address_not_aligned',
      'jmp %g1 + 1\nnop',
      { asi: 0x0c, context: 'nucleus' },
      {
        prepare: (cpu) => {
          cpu.setSmall('tl', 1)
          cpu.set('pstate', cpu.get('pstate') | PSTATE.CLE)
        },
      },
    ],
    [
      'a restricted ASI',
      'privileged_action',
      'ldxa [%g1] 0x10, %g2',
      { asi: 0x10, privileged: false },
      { unprivileged: true },
    ],
    [
      'a restricted secondary store',
      'privileged_action',
      'stxa %g0, [%g1] 0x11',
      { asi: 0x11, context: 'secondary', privileged: false, write: true },
      { unprivileged: true },
    ],
    [
      'a restricted register',
      'privileged_action',
      'ldxa [%g1] 0x58, %g2',
      { asi: 0x58, context: 'none', privileged: false },
      { unprivileged: true },
    ],
    ['an ASI that is none', 'data_access_exception', 'ldxa [%g1] 0x01, %g2', { asi: 1, context: 'none', faultType: 8 }],
    [
      'a register that is none',
      'data_access_exception',
      'mov 0x28, %g1\nldxa [%g1] 0x4a, %g2',
      { asi: 0x4a, context: 'none', faultType: 8 },
    ],
    [
      'a store to no-fault space',
      'data_access_exception',
      'stxa %g0, [%g1] 0x83',
      { asi: 0x83, context: 'secondary', faultType: 8, write: true },
    ],
    [
      'a privileged page',
      'data_access_exception',
      'ldx [%g1], %g2',
      { faultType: 1, privileged: false },
      { unprivileged: true, ...mapped({ and: TTE.P }) },
    ],
    [
      'a privileged page as if user',
      'data_access_exception',
      'ldxa [%g1] 0x10, %g2',
      { asi: 0x10, faultType: 1 },
      mapped({ and: TTE.P }),
    ],
    [
      'a non-faulting load of a side-effect page',
      'data_access_exception',
      'ldxa [%g1] 0x82, %g2',
      { asi: 0x82, faultType: 2, sideEffect: true },
      mapped({ and: TTE.E }),
    ],
    [
      'a flush of a side-effect page',
      'data_access_exception',
      'flush %g1',
      { faultType: 2, sideEffect: true },
      mapped({ and: TTE.E }),
    ],
    [
      'an uncacheable atomic',
      'data_access_exception',
      'swap [%g1], %g2',
      { faultType: 4, write: true },
      mapped({ without: TTE.CP }),
    ],
    [
      'an uncacheable quad load',
      'data_access_exception',
      'ldda [%g1] 0x24, %g2',
      { asi: 0x24, context: 'nucleus', faultType: 4 },
      mapped({ without: TTE.CP }),
    ],
    ['a no-fault-only page', 'data_access_exception', 'ldx [%g1], %g2', { faultType: 0x10 }, mapped({ and: TTE.NFO })],
    [
      'several at once',
      'data_access_exception',
      'swap [%g1], %g2',
      { faultType: 0x15, privileged: false, write: true, sideEffect: true },
      {
        unprivileged: true,
        ...mapped({ and: TTE.NFO | TTE.P | TTE.E, without: TTE.CP }),
      },
    ],
    ['an address out of range', 'data_access_exception', 'sllx %g1, 15, %g1\nldx [%g1], %g2', { faultType: 0x20 }],
    ['a read-only page', 'fast_data_access_protection', 'stx %g0, [%g1]', { write: true }, mapped({ without: TTE.W })],
    [
      'a read-only side-effect page',
      'fast_data_access_protection',
      'stx %g0, [%g1]',
      { write: true, sideEffect: true },
      mapped({ without: TTE.W, and: TTE.E }),
    ],
  ]

  it.each(cases)('%s: %s', (_, trap, source, fields, options) => {
    const { cpu, event } = trapped(`${AT_PAGE}${source}\nta 9`, options)
    expect(event.name).toBe(trap)
    expect(sfsr(cpu)).toMatchObject({ ...base, ...fields })
  })

  it('SFAR is the address of the access, masked by PSTATE.AM', () => {
    const { cpu } = trapped(`${AT_PAGE}sub %g0, 1, %g2\nsllx %g2, 32, %g2\nor %g1, %g2, %g1\nldx [%g1 + 3], %g2`, {
      prepare: (cpu) => cpu.set('pstate', cpu.get('pstate') | PSTATE.AM),
    })
    expect(sfar(cpu)).toBe(PAGE + 3n)
  })

  it.each(['jmp %g1 + 3\nnop', 'ldd [%g1 + 4], %f0', 'stda %f0, [%g1 + 4] %asi'])('%s writes SFAR', (source) => {
    const { cpu } = trapped(`${AT_PAGE}${source}`, { prepare: (cpu) => cpu.set('asi', 0x80n) })
    expect(sfar(cpu)).toBe(PAGE + (source.startsWith('jmp') ? 3n : 4n))
  })

  it('a miss writes tag access alone, exceptions and protection tag access too, other faults not (table 6-3)', () => {
    const after = (source: string, options: Options) => {
      const { cpu } = trapped(`${AT_PAGE}${source}`, {
        ...options,
        prepare: (cpu) => {
          options?.prepare?.(cpu)
          cpu.mmu.storeAsi(0x58, 0x30n, 0n)
        },
      })
      return [tagAccess(cpu) !== 0n, sfsr(cpu).valid]
    }
    expect(after('ldx [%g1], %g2', {})).toEqual([true, false])
    expect(after('stx %g0, [%g1]', mapped({ without: TTE.W }))).toEqual([true, true])
    expect(after('ldx [%g1], %g2', mapped({ and: TTE.NFO }))).toEqual([true, true])
    expect(after('ldx [%g1 + 1], %g2', mapped())).toEqual([false, true])
    expect(after('ldxa [%g1] 4, %g2', { unprivileged: true })).toEqual([false, true])
  })

  it('OW is set by a second fault while FV is, and only then', () => {
    const { machine } = bareMachine('ldx [%g0 + 1], %g1\nldx [%g0 + 2], %g1\nstxa %g0, [%g5] 0x58\nldx [%g0 + 3], %g1')
    const cpu = machine.cpus[0]!
    cpu.set('globals', 0x18n, 5)
    setVector(machine, 0x34, 'done')
    const seen: object[] = []
    for (let n = 0; n < 8; n++) {
      machine.step(0)
      const { valid, overwritten } = sfsr(cpu)
      seen.push([valid, overwritten, sfar(cpu)])
    }
    const changes = seen.filter(
      (state, n) => n === 0 || JSON.stringify(state, text) !== JSON.stringify(seen[n - 1], text),
    )
    expect(changes).toEqual([
      [true, false, 1n],
      [true, true, 2n],
      [false, false, 2n],
      [true, false, 3n],
    ])
  })
})

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)

describe('traps in the delay slots of branches', () => {
  it.each([
    ['ba', 'ldx [%g0 + 1], %g1'],
    ['bne,a %icc,', 'ldx [%g0 + 1], %g1'],
    ['brnz %g1,', 'udivx %g0, %g0, %g2'],
    ['fbne', 'taddcctv %g0, 1, %g2'],
    ['call', 'ta 3'],
    ['ba', '.word 0'],
  ])('%s: TPC is the slot, TNPC the target: %s', (branch, slot) => {
    const { cpu, at } = trapped(`mov 1, %g1\ncmp %g1, 2\n${branch} target\nslot: ${slot}\nta 9\ntarget: nop`, {
      prepare: (cpu) => cpu.set('fsr', 1n << 10n),
    })
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([at('slot'), at('target')])
  })

  it('a jump in a delay slot that traps leaves the first target as TNPC', () => {
    const { cpu, at } = trapped('ba target\nslot: jmp %g0 + 1\nnop\ntarget: nop')
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([at('slot'), at('target')])
  })

  it('a trap at the target of a couple of branches', () => {
    const { cpu, at } = trapped('ba first\nba second\nnop\nfirst: ta 3\nsecond: ta 4')
    expect([cpu.get('tt', 0), cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([0x103n, at('first'), at('second')])
  })

  it('a compare-and-branch in a delay slot', () => {
    const { cpu, at } = trapped('ba first\ncwbe %g0, 0, second\nfirst: ta 3\nsecond: ta 4', { model: 'sparc-t4' })
    expect([cpu.get('tt', 0), cpu.get('tpc', 0)]).toEqual([0x104n, at('second')])
  })

  it('a branch that traps keeps its own PC and annuls nothing', () => {
    const { cpu, at } = trapped('branch: fba,a target\nta 9\ntarget: nop', { prepare: (cpu) => cpu.set('fprs', 0n) })
    expect([cpu.get('tt', 0), cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([0x20n, at('branch'), at('branch') + 4n])
  })
})

describe('fp_disabled, by PSTATE.PEF and by FPRS.FEF', () => {
  const off: Options[] = [
    { prepare: (cpu) => cpu.set('fprs', 0n) },
    { prepare: (cpu) => cpu.set('pstate', cpu.get('pstate') & ~PSTATE.PEF) },
  ]

  it.each([
    'faddd %f0, %f2, %f4',
    'fmovda %icc, %f0, %f2',
    'fmovdn %fcc1, %f0, %f2',
    'fmovrdz %g1, %f0, %f2',
    'fcmpd %f0, %f2',
    'fitos %f0, %f1',
    'fbn . + 8',
    'fba,pt %fcc2, . + 8',
    'ld [%g1], %f0',
    'ld [%g1], %fsr',
    'stx %fsr, [%g1]',
    'ldda [%g1] 0xf0, %f0',
    'stda %f0, [%g1] 0xe0',
    'stda %f0, [%g1 + %g3] 0xc0',
    'lda [%g1] 0x80, %f0',
    'fpadd16 %f0, %f2, %f4',
    'faligndata %f0, %f2, %f4',
    'fzero %f0',
    'rd %gsr, %g2',
    'wr %g0, 0, %gsr',
  ])('%s', (source) => {
    for (const options of off) expect(trapNameOf(`set 0x200800, %g1\n${source}\nta 9`, options)).toBe('fp_disabled')
    expect(trapNameOf(`set 0x200800, %g1\n${source}\nta 9`)).toBe('trap_instruction_0x9')
  })

  it.each(['edge8 %g1, %g2, %g3', 'array8 %g1, %g2, %g3', 'movn %fcc0, 1, %g1', 'prefetch [%g1], 0'])(
    '%s',
    (source) => {
      const expected = source.startsWith('mov') ? 'fp_disabled' : 'trap_instruction_0x9'
      for (const options of off) expect(trapNameOf(`${source}\nta 9`, options)).toBe(expected)
    },
  )
})
