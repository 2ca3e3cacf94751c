import { describe, expect, it } from 'vitest'
import { bareMachine } from './bare-machine'
import { PSTATE, trapNameOf, trapped } from './trapped'

const USER = { unprivileged: true }

describe('privileged_opcode in user mode (V9 7.7.2)', () => {
  const reads = ['tpc', 'tnpc', 'tstate', 'tt', 'tick', 'tba', 'pstate', 'tl', 'pil', 'cwp', 'cansave', 'ver']
  const others = [
    'saved',
    'restored',
    'done',
    'retry',
    'rd %softint, %g1',
    'wr %g0, 0, %tick_cmpr',
    'wr %g0, 1, %set_softint',
  ]
  const writes = ['tpc', 'tba', 'pstate', 'tl', 'pil', 'cwp', 'otherwin', 'wstate', 'cleanwin']

  it.each([...reads.map((name) => `rdpr %${name}, %g1`), ...writes.map((name) => `wrpr %g0, 0, %${name}`), ...others])(
    '%s',
    (source) => {
      expect(trapNameOf(source, USER)).toBe('privileged_opcode')
    },
  )

  it('comes before illegal_instruction: rdpr %tpc at TL = 0', () => {
    expect(trapNameOf('rdpr %tpc, %g1')).toBe('illegal_instruction')
    expect(trapNameOf('rdpr %tpc, %g1', USER)).toBe('privileged_opcode')
  })

  it('is what the gate instruction raises', () => {
    expect(trapNameOf('.word 0x81b82060', USER)).toBe('privileged_opcode')
    expect(trapNameOf('.word 0x81b82060')).toBe('illegal_instruction')
  })
})

describe('privileged_action', () => {
  it.each([0x04, 0x10, 0x14, 0x24, 0x45, 0x48, 0x49, 0x50, 0x58, 0x77, 0x7f])(
    'ASI 0x%s of the restricted half (V9 8.3)',
    (asi) => {
      expect(trapNameOf(`ldxa [%g0] ${asi}, %g1`, USER)).toBe('privileged_action')
    },
  )

  it('of %asi as of an immediate', () => {
    expect(trapNameOf('wr %g0, 4, %asi\nldxa [%g0] %asi, %g1', USER)).toBe('privileged_action')
  })

  it('comes after mem_address_not_aligned (UltraSPARC-I table 8-6: priorities 10 and 11)', () => {
    expect(trapNameOf('mov 1, %g1\nldxa [%g1] 4, %g2', USER)).toBe('mem_address_not_aligned')
  })

  it('rd %tick while TICK.NPT is set (V9 5.1.8)', () => {
    const withNpt = {
      ...USER,
      prepare: (cpu: Parameters<NonNullable<Parameters<typeof trapped>[1]>['prepare'] & {}>[0]) =>
        cpu.set('tickProtect', 1n),
    }
    expect(trapNameOf('rd %tick, %g1', withNpt)).toBe('privileged_action')
    expect(trapNameOf('rd %tick, %g1\nta 1', USER)).toBe('trap_instruction_0x1')
  })
})

describe('illegal_instruction', () => {
  it.each([
    ['illtrap', '.word 0'],
    ['an odd rd of ldd', '.word 0xd2180000'],
    ['an odd rd of std', '.word 0xd2380000'],
    ['a conditional branch with a reserved condition', '.word 0x00c00000'],
    ['two sets of globals at once', `wrpr %g0, ${PSTATE.AG | PSTATE.MG}, %pstate`],
    ['TL above MAXTL', 'wrpr %g0, 6, %tl'],
    ['a write to %ver', '.word 0xbf900000'],
    ['a trap on condition codes that there are not', '.word 0x91d02803'],
  ])('%s', (_, source) => {
    expect(trapNameOf(source)).toBe('illegal_instruction')
  })

  it('comes before fp_disabled for words that are no instruction (priorities 7 and 8)', () => {
    expect(trapNameOf('.word 0x81a00000')).toMatch(/illegal_instruction|fp_exception_other/)
  })
})

describe('alignment', () => {
  it.each([
    ['lduh [%g1 + 1], %g2', 'mem_address_not_aligned'],
    ['lduw [%g1 + 2], %g2', 'mem_address_not_aligned'],
    ['ldx [%g1 + 4], %g2', 'mem_address_not_aligned'],
    ['ldd [%g1 + 4], %g2', 'mem_address_not_aligned'],
    ['sth %g2, [%g1 + 1]', 'mem_address_not_aligned'],
    ['stx %g2, [%g1 + 4]', 'mem_address_not_aligned'],
    ['swap [%g1 + 2], %g2', 'mem_address_not_aligned'],
    ['add %g1, 4, %g1\ncasx [%g1], %g2, %g3', 'mem_address_not_aligned'],
    ['ld [%g1 + 2], %f0', 'mem_address_not_aligned'],
    ['ldd [%g1 + 4], %f0', 'LDDF_mem_address_not_aligned'],
    ['ldd [%g1 + 2], %f0', 'mem_address_not_aligned'],
    ['std %f0, [%g1 + 4]', 'STDF_mem_address_not_aligned'],
    ['std %f0, [%g1 + 1]', 'mem_address_not_aligned'],
    ['jmp %g1 + 2', 'mem_address_not_aligned'],
    ['return %g1 + 1', 'mem_address_not_aligned'],
    ['ldda [%g1] 0xf0, %f0', undefined],
    ['add %g1, 8, %g1\nldda [%g1] 0xf0, %f0', 'mem_address_not_aligned'],
    ['ldub [%g1 + 3], %g2', undefined],
  ])('%s: %s (V9 7.7.2, UltraSPARC-I 8.6)', (source, name) => {
    const restorable = {
      prepare: (cpu: { setSmall(f: 'canrestore' | 'cansave', v: number): void }) => {
        cpu.setSmall('canrestore', 3)
        cpu.setSmall('cansave', 3)
      },
    }
    expect(trapNameOf(`set 0x200800, %g1\n${source}\nta 9`, restorable)).toBe(name ?? 'trap_instruction_0x9')
  })

  it('is found at the jump, before it is made', () => {
    const { cpu, at } = trapped('set 0x200802, %g1\njump: jmpl %g1, %o7\nnop')
    expect([cpu.get('tpc', 0), cpu.r(15)]).toEqual([at('jump'), 0n])
  })
})

describe('floating point', () => {
  const PEF_OFF = (cpu: { set(f: 'pstate', v: bigint): void }) => cpu.set('pstate', PSTATE.PRIV)
  const FEF_OFF = (cpu: { set(f: 'fprs', v: bigint): void }) => cpu.set('fprs', 0n)
  const programs = [
    'faddd %f0, %f2, %f4',
    'ldd [%g1], %f0',
    'st %f0, [%g1]',
    'fbe 1f\nnop\n1: nop',
    'fmovd %f0, %f2',
    'fzero %f0',
  ]

  it.each(programs)('%s is fp_disabled without PSTATE.PEF or FPRS.FEF (V9 5.2.1.6, 5.1.6)', (source) => {
    const text = `set 0x200800, %g1\n${source}\nta 9`
    expect(trapNameOf(text, { prepare: PEF_OFF })).toBe('fp_disabled')
    expect(trapNameOf(text, { prepare: FEF_OFF })).toBe('fp_disabled')
    expect(trapNameOf(text)).toBe('trap_instruction_0x9')
  })

  it('fp_disabled comes before mem_address_not_aligned (priorities 8 and 10)', () => {
    expect(trapNameOf('set 0x200801, %g1\nldd [%g1], %f0', { prepare: FEF_OFF })).toBe('fp_disabled')
  })

  it('quad operations are fp_exception_other with ftt 3 (UltraSPARC-I 14.3)', () => {
    const { cpu, event } = trapped('.word 0x81a00860\nta 9')
    expect(event.name).toBe('fp_exception_other')
    expect((cpu.get('fsr') >> 14n) & 7n).toBe(3n)
  })

  it('an enabled exception is fp_exception_ieee_754, the result is not written', () => {
    const source = `set 0x200800, %g1
      set 0x08000000, %g2
      stx %g2, [%g1]
      ldx [%g1], %fsr
      fone %f4
      fzero %f0
      fzero %f2
      fdivd %f0, %f2, %f4`
    const { cpu, event } = trapped(source)
    expect(event.name).toBe('fp_exception_ieee_754')
    expect(cpu.get('float', 2)).toBe(0xffff_ffff_ffff_ffffn)
    expect(cpu.get('fsr') & 0x1fn).toBe(0x10n)
  })
})

describe('integer traps', () => {
  it.each([
    ['udivx %g1, %g0, %g2', 'division_by_zero'],
    ['sdivx %g1, %g0, %g2', 'division_by_zero'],
    ['udiv %g1, %g0, %g2', 'division_by_zero'],
    ['sdivcc %g1, %g0, %g2', 'division_by_zero'],
    ['taddcctv %g1, 1, %g2', 'tag_overflow'],
    ['mov 4, %g1\ntaddcctv %g1, 4, %g2', undefined],
    ['set 0x7ffffffc, %g1\ntaddcctv %g1, 4, %g2', 'tag_overflow'],
    ['tsubcctv %g1, 2, %g2', 'tag_overflow'],
    ['taddcc %g1, 1, %g2', undefined],
  ])('%s: %s', (source, name) => {
    expect(trapNameOf(`${source}\nta 9`)).toBe(name ?? 'trap_instruction_0x9')
  })

  it('taddcctv leaves rd and CCR when it traps (V9 A.61)', () => {
    const { cpu } = trapped('mov 5, %g2\nwr %g0, 0xa5, %ccr\ntaddcctv %g0, 1, %g2')
    expect([cpu.w64[(cpu.base >> 3) + 2], (cpu.get('tstate', 0) >> 32n) & 0xffn]).toEqual([5n, 0xa5n])
  })

  it.each([
    ['ta 0', 0x100],
    ['ta 0x7f', 0x17f],
    ['mov 0x80, %o0\nta %o0', 0x100],
    ['mov 0x33, %o0\nta %o0 + 4', 0x137],
    ['cmp %g0, %g0\nte %icc, 0x10', 0x110],
    ['cmp %g0, %g0\ntne %xcc, 0x10\nta 1', 0x101],
    ['cmp %g0, 1\ntlu %xcc, 0x11', 0x111],
  ])('%s is trap type 0x%s (V9 A.60)', (source, type) => {
    expect(trapped(source).event.type).toBe(type)
  })

  it('Tcc is not privileged', () => {
    expect(trapped('ta 0x6d', USER).event.type).toBe(0x16d)
  })
})

describe('PSTATE.AM (V9 5.2.1.7)', () => {
  it('masks data and instruction addresses, and what call, jmpl and rd %pc write', () => {
    const source = `call 1f
      nop
    1: rd %pc, %o1
      set 0x200800, %g1
      sub %g0, 1, %g2
      sllx %g2, 32, %g2
      stx %g2, [%g1]
      or %g1, %g2, %g3
      ldx [%g3], %o2
      set 2f, %g4
      or %g4, %g2, %g4
      jmp %g4
      nop
      ta 1
    2: ta 2`
    const {
      cpu,
      event,
      at: _,
    } = trapped(source, { prepare: (cpu) => cpu.set('pstate', cpu.get('pstate') | PSTATE.AM) })
    expect(event.type).toBe(0x102)
    expect(event.pc >> 32n).toBe(0n)
    expect(cpu.r(10)).toBe(0xffff_ffff_0000_0000n)
    expect([cpu.r(15) >> 32n, cpu.r(9) >> 32n]).toEqual([0n, 0n])
  })

  it('a branch backwards over address 0 stays within 32 bits', () => {
    const { machine } = bareMachine('ba 1f\nnop\n1: nop', { origin: 0n })
    const cpu = machine.cpus[0]!
    cpu.set('pstate', cpu.get('pstate') | PSTATE.AM)
    machine.poke(0, 4, 0x10bf_ffff)
    cpu.modeChanged()
    machine.step(0, 2)
    expect(cpu.get('pc')).toBe(0xffff_fffcn)
  })
})

describe('memory that is not there', () => {
  it('is data_access_error for loads and instruction_access_error for fetches', () => {
    const map = {
      ramBytes: 4 << 20,
      prepare: (cpu: { mmu: { storeAsi(a: number, v: bigint, d: bigint): void } }) => {
        for (const [tag, data] of [
          [0x50, 0x54],
          [0x58, 0x5c],
        ] as const) {
          cpu.mmu.storeAsi(tag, 0x30n, 0x8000_0000n)
          cpu.mmu.storeAsi(data, 0n, (1n << 63n) | (3n << 61n) | 0x8000_0072n)
        }
      },
    }
    expect(trapNameOf('sethi %hi(0x80000000), %g1\nldx [%g1], %g2', map)).toBe('data_access_error')
    expect(trapNameOf('sethi %hi(0x80000000), %g1\nstx %g0, [%g1]', map)).toBe('data_access_error')
    expect(trapNameOf('sethi %hi(0x80000000), %g1\njmp %g1\nnop', map)).toBe('instruction_access_error')
  })
})
