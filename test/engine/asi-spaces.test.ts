import { describe, expect, it } from 'vitest'
import type { ModelName } from '../../src/isa/models'
import { type EntryToLoad, type MachineFixture, machine } from '../../src/testing'

const VA = 0x2_0000
/** Physical pages of the primary, secondary and nucleus contexts. */
const PRIMARY = 0x4_0000
const SECONDARY = 0x4_2000
const NUCLEUS = 0x4_4000

const PAGES: readonly EntryToLoad[] = [
  { va: VA, pa: PRIMARY, context: 1, writable: true },
  { va: VA, pa: SECONDARY, context: 2, writable: true },
  { va: VA, pa: NUCLEUS, context: 0, writable: true },
]

function contexts(pages: readonly EntryToLoad[] = PAGES): MachineFixture {
  const fixture = machine().translate(pages)
  fixture.mmus[0]!.setRegister('primaryContext', 1).setRegister('secondaryContext', 2)
  return fixture.poke(PRIMARY, 1).poke(SECONDARY, 2).poke(NUCLEUS, 3)
}

function fault(fixture: MachineFixture, source: string, va: number | bigint = VA, privileged = true) {
  const { trap } = fixture.run(source, { registers: { '%o0': va }, privileged })
  const { faultType, context, asi, privileged: pr, write, sideEffect } = fixture.mmus[0]!.sfsr()
  return { trap: trap?.name, faultType, context, asi, pr, write, sideEffect }
}

describe('which context an ASI names (UltraSPARC-I 8.3.1, 6.9.3)', () => {
  it.each([
    [0x80, 1n],
    [0x10, 1n],
    [0x82, 1n],
    [0x81, 2n],
    [0x11, 2n],
    [0x83, 2n],
    [0x04, 3n],
  ])('ASI 0x%s finds page %i, as an immediate and in %%asi', (asi, page) => {
    for (const source of [`ldxa [%o0] ${asi}, %o1`, 'ldxa [%o0] %asi, %o1'])
      expect(
        contexts()
          .run(source, { registers: { '%o0': VA }, state: { asi } })
          .register('%o1'),
      ).toBe(page)
  })

  it.each([
    ['ldx [%o0], %o1', 3n],
    ['ldxa [%o0] 0x80, %o1', 1n],
    ['ldxa [%o0] 0x81, %o1', 2n],
  ])('at trap level 1, %s finds page %i: only implicit accesses are of the nucleus', (source, page) => {
    const fixture = contexts([...PAGES, { va: 0x1_0000, pa: 0x1_0000, global: true }])
    const { register, trap } = fixture.run(source, { registers: { '%o0': VA }, state: { tl: 1 } })
    expect(trap).toBeUndefined()
    expect(register('%o1')).toBe(page)
  })

  it.each([
    [0x80, PRIMARY],
    [0x81, SECONDARY],
    [0x10, PRIMARY],
    [0x11, SECONDARY],
    [0x04, NUCLEUS],
  ])('a store through ASI 0x%s reaches its page alone', (asi, pa) => {
    const fixture = contexts()
    fixture.run(`stxa %o2, [%o0] ${asi}`, { registers: { '%o0': VA, '%o2': 99 } })
    for (const page of [PRIMARY, SECONDARY, NUCLEUS]) expect(fixture.peek(page) === 99n).toBe(page === pa)
  })
})

describe('as if user (UltraSPARC-I table 6-4)', () => {
  const privilegedPages = PAGES.map((page) => ({ ...page, privileged: true }))

  it.each([
    [0x10, 'primary'],
    [0x11, 'secondary'],
    [0x18, 'primary'],
    [0x19, 'secondary'],
  ])('ASI 0x%s is refused on a privileged page: FT 1, with PR of the instruction', (asi, context) => {
    for (const [source, write] of [
      [`ldxa [%o0] ${asi}, %o1`, false],
      [`stxa %g0, [%o0] ${asi}`, true],
      [`casxa [%o0] ${asi}, %g0, %o1`, true],
    ] as const)
      expect(fault(contexts(privilegedPages), source)).toMatchObject({
        trap: 'data_access_exception',
        faultType: 1,
        context,
        asi,
        pr: true,
        write,
      })
  })

  it('block transfers as if user as well (UltraSPARC-I chapter 13)', () => {
    for (const asi of [0x70, 0x71, 0x78, 0x79])
      expect(fault(contexts(privilegedPages), `ldda [%o0] ${asi}, %f0`)).toMatchObject({ faultType: 1, asi })
  })

  it('the other ASIs of a supervisor are not', () => {
    for (const asi of [0x04, 0x80, 0x81])
      expect(fault(contexts(privilegedPages), `ldxa [%o0] ${asi}, %o1`).trap).toBeUndefined()
  })
})

describe('non-faulting loads (UltraSPARC-I 5.3.4)', () => {
  const noFaultPages = PAGES.map((page) => ({ ...page, noFaultOnly: true }))
  const sideEffectPages = PAGES.map((page) => ({ ...page, sideEffect: true, cacheable: false }))

  it.each([0x82, 0x83, 0x8a, 0x8b])('ASI 0x%s alone may load from a page marked NFO', (asi) => {
    expect(fault(contexts(noFaultPages), `ldxa [%o0] ${asi}, %o1`).trap).toBeUndefined()
    expect(fault(contexts(noFaultPages), `ldxa [%o0] ${asi & ~2}, %o1`)).toMatchObject({
      trap: 'data_access_exception',
      faultType: 0x10,
    })
  })

  it.each([0x82, 0x83, 0x8a, 0x8b])('ASI 0x%s is refused on a page with side effects: FT 2', (asi) => {
    for (const source of [`lduba [%o0] ${asi}, %o1`, `ldda [%o0] ${asi}, %o2`, `lda [%o0] ${asi}, %f0`])
      expect(fault(contexts(sideEffectPages), source)).toMatchObject({
        trap: 'data_access_exception',
        faultType: 2,
        sideEffect: true,
        asi,
      })
  })

  it.each([0x82, 0x83, 0x8a, 0x8b])('a store or atomic through ASI 0x%s is refused: FT 8', (asi) => {
    for (const source of [`stxa %g0, [%o0] ${asi}`, `stda %f0, [%o0] ${asi}`, `ldstuba [%o0] ${asi}, %o1`])
      expect(fault(contexts(), source)).toMatchObject({ trap: 'data_access_exception', faultType: 8, write: true })
  })

  it('misses the TLB as any load', () => {
    expect(fault(contexts(), 'ldxa [%o0] 0x82, %o1', 0x30_0000).trap).toBe('fast_data_access_MMU_miss')
  })
})

describe('atomics (UltraSPARC-I 5.3.3)', () => {
  it('are refused where memory is not cacheable: FT 4', () => {
    const fixture = contexts(PAGES.map((page) => ({ ...page, cacheable: false })))
    for (const asi of [0x80, 0x81, 0x04, 0x10, 0x88])
      for (const source of [`casxa [%o0] ${asi}, %g0, %o1`, `swapa [%o0] ${asi}, %o1`, `ldstuba [%o0] ${asi}, %o1`])
        expect(fault(fixture, source)).toMatchObject({ trap: 'data_access_exception', faultType: 4, asi, write: true })
  })

  it('to D-TLB Data Access tell if the page of the entry is uncacheable (UltraSPARC-I table 6-11)', () => {
    const fixture = machine().translate([
      { va: VA, pa: PRIMARY, index: 3 },
      { va: VA + 0x2000, pa: PRIMARY, cacheable: false, index: 4 },
    ])
    expect(fault(fixture, 'casxa [%o0] 0x5d, %g0, %o1', 3 << 3)).toMatchObject({ faultType: 8, context: 'none' })
    expect(fault(fixture, 'casxa [%o0] 0x5d, %g0, %o1', 4 << 3)).toMatchObject({ faultType: 4, context: 'none' })
  })

  it.each(['cheetah', 'cheetah-plus', 'jalapeno'] as const)(
    '%s: to any register are of FT 4 (SPARC64 V JPS1 supplement table F-9)',
    (model) => {
      for (const asi of [0x45, 0x48, 0x4a, 0x4c, 0x46, 0x50, 0x58, 0x5d, 0x72])
        for (const source of [`casxa [%o0] ${asi}, %g0, %o1`, `swapa [%o0] ${asi}, %o1`, `ldstuba [%o0] ${asi}, %o1`])
          expect(fault(machine({ model }), source, 0)).toMatchObject({ trap: 'data_access_exception', faultType: 4 })
    },
  )
})

describe('bypass of the MMU (UltraSPARC-I 6.10)', () => {
  const WIDTHS: [ModelName, number][] = [
    ['ultrasparc-ii', 41],
    ['cheetah', 43],
    ['cheetah-plus', 43],
  ]

  it.each(WIDTHS)(
    '%s: the physical address is the low %i bits of the virtual one, without a TLB entry',
    (model, bits) => {
      const fixture = machine({ model }).poke(PRIMARY, 0x1234)
      for (const asi of [0x14, 0x15])
        for (const high of [0n, 1n << BigInt(bits), 0xffff_0000_0000_0000n]) {
          const va = high | BigInt(PRIMARY)
          const { register } = fixture.run(`ldxa [%o0] ${asi}, %o1`, { registers: { '%o0': va } })
          expect(register('%o1')).toBe(0x1234n)
        }
      const beyond = (1n << BigInt(bits - 1)) | BigInt(PRIMARY)
      expect(fixture.run('ldxa [%o0] 0x14, %o1', { registers: { '%o0': beyond } }).trap?.name).toBe('data_access_error')
    },
  )

  it('takes no notice of pages, privilege or protection', () => {
    const fixture = machine().translate([{ va: PRIMARY, pa: SECONDARY, privileged: true, global: true }])
    fixture.poke(PRIMARY, 1).poke(SECONDARY, 2)
    fixture.run('stxa %o2, [%o0] 0x14\nldxa [%o0] 0x15, %o1', { registers: { '%o0': PRIMARY, '%o2': 7 } })
    expect([fixture.peek(PRIMARY), fixture.peek(SECONDARY)]).toEqual([7n, 2n])
  })

  it('is refused to users, whatever it addresses', () => {
    for (const asi of [0x14, 0x15, 0x1c, 0x1d])
      expect(fault(machine(), `ldxa [%o0] ${asi}, %o1`, PRIMARY, false)).toMatchObject({
        trap: 'privileged_action',
        faultType: 0,
        context: 'none',
        pr: false,
        asi,
      })
  })

  it.each(['cheetah-plus', 'jalapeno'] as const)(
    '%s loads 128 bits of cacheable memory (SPARC64 V JPS1 supplement A.30)',
    (model) => {
      const fixture = machine({ model })
        .poke(PRIMARY, 0x0102_0304_0506_0708n)
        .poke(PRIMARY + 8, 0x1112_1314_1516_1718n)
      const load = (asi: number, va = PRIMARY) => fixture.run(`ldda [%o0] ${asi}, %o2`, { registers: { '%o0': va } })
      const big = load(0x34)
      expect([big.register('%o2'), big.register('%o3')]).toEqual([0x0102_0304_0506_0708n, 0x1112_1314_1516_1718n])
      const little = load(0x3c)
      expect([little.register('%o2'), little.register('%o3')]).toEqual([0x0807_0605_0403_0201n, 0x1817_1615_1413_1211n])
      expect(load(0x34, PRIMARY + 8).trap?.name).toBe('mem_address_not_aligned')
    },
  )
})

describe('privileged_action (UltraSPARC-I 6.4.6)', () => {
  it('records the context that the ASI names, and the address', () => {
    const fixture = machine()
    for (const [asi, context] of [
      [0x04, 'nucleus'],
      [0x10, 'primary'],
      [0x11, 'secondary'],
      [0x24, 'nucleus'],
      [0x58, 'none'],
      [0x05, 'none'],
    ] as const) {
      expect(fault(fixture, `stba %g0, [%o0] ${asi}`, VA + 3, false)).toMatchObject({
        trap: 'privileged_action',
        faultType: 0,
        asi,
        context,
        pr: false,
        write: true,
      })
      expect(fixture.mmus[0]!.register('dataSfar')).toBe(BigInt(VA + 3))
    }
  })
})
