import { describe, expect, test } from 'vitest'
import { MMU_MODELS, type MmuModelName } from '../../src/mmu/index'
import { mmu, type TranslateOptions } from '../../src/testing/index'
import '../../src/testing/vitest'

type Behaviour = 'OK' | 'DEXC' | 'DPROT'
interface Row {
  access: 'load' | 'flush' | 'store' | 'atomic'
  privileged: boolean
  /** What the access translates with: `user` is AS_IF_USER, which asks as a user whatever PSTATE.PRIV. */
  how: 'normal' | 'noFault' | 'asUser'
  writable: boolean
  /** For (E, P) = (0, 0), (0, 1), (1, 0), (1, 1). */
  behaviour: [Behaviour, Behaviour, Behaviour, Behaviour]
}

const row = (
  access: Row['access'],
  privileged: boolean,
  how: Row['how'],
  writable: boolean,
  ...behaviour: Row['behaviour']
): Row => ({ access, privileged, how, writable, behaviour })

const TABLE_6_4: Row[] = [
  row('load', false, 'normal', false, 'OK', 'DEXC', 'OK', 'DEXC'),
  row('load', false, 'noFault', false, 'OK', 'DEXC', 'DEXC', 'DEXC'),
  row('load', true, 'normal', false, 'OK', 'OK', 'OK', 'OK'),
  row('load', true, 'noFault', false, 'OK', 'OK', 'DEXC', 'DEXC'),
  row('load', true, 'asUser', false, 'OK', 'DEXC', 'OK', 'DEXC'),
  row('flush', false, 'normal', false, 'OK', 'DEXC', 'DEXC', 'DEXC'),
  row('flush', true, 'normal', false, 'OK', 'OK', 'DEXC', 'DEXC'),
  ...(['store', 'atomic'] as const).flatMap((access) => [
    row(access, false, 'normal', false, 'DPROT', 'DEXC', 'DPROT', 'DEXC'),
    row(access, false, 'normal', true, 'OK', 'DEXC', 'OK', 'DEXC'),
    row(access, true, 'normal', false, 'DPROT', 'DPROT', 'DPROT', 'DPROT'),
    row(access, true, 'normal', true, 'OK', 'OK', 'OK', 'OK'),
    row(access, true, 'asUser', false, 'DPROT', 'DEXC', 'DPROT', 'DEXC'),
    row(access, true, 'asUser', true, 'OK', 'DEXC', 'OK', 'DEXC'),
  ]),
]
const TRAPS = { DEXC: 'data_access_exception', DPROT: 'fast_data_access_protection' } as const

describe('UltraSPARC-I table 6-4, D-MMU operations', () => {
  const cases = TABLE_6_4.flatMap((r) =>
    r.behaviour.map((behaviour, column) => ({ ...r, e: column >= 2, p: column % 2 === 1, behaviour })),
  )
  test.each(cases)('$access, PRIV $privileged, $how, W $writable, E $e, P $p: $behaviour', (c) => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 1, writable: c.writable, sideEffect: c.e, privileged: c.p })
    m.setRegister('primaryContext', 1)
    const options: TranslateOptions = {
      access: c.access,
      context: 'primary',
      privileged: c.privileged && c.how !== 'asUser',
      noFault: c.how === 'noFault',
    }
    const translation = m.translate(0x2010, options)
    if (c.behaviour === 'OK') expect(translation).toMatchObject({ ok: true, pa: 0x4010n })
    else expect(translation).toFault(TRAPS[c.behaviour])
  })

  test.each(['load', 'flush', 'store', 'atomic', 'quad'] as const)('%s without an entry misses', (access) => {
    expect(mmu().translate(0x2000, { access })).toFault('fast_data_access_MMU_miss')
  })
})

describe('UltraSPARC-I table 6-5, I-MMU operations', () => {
  test.each([
    [false, false, undefined],
    [false, true, 'instruction_access_exception'],
    [true, false, undefined],
    [true, true, undefined],
  ] as const)('PRIV %s, P %s: %s', (privileged, p, trap) => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: p, side: 'instruction' })
    const translation = m.translate(0x2004, { access: 'fetch', privileged })
    if (trap) expect(translation).toFault(trap, 0x01)
    else expect(translation).toMatchObject({ ok: true, pa: 0x4004n })
  })

  test('misses', () => {
    expect(mmu().translate(0x2000, { access: 'fetch' })).toFault('fast_instruction_access_MMU_miss')
  })

  test('NFO, IE, CV, E and W are not kept (6.2)', () => {
    const m = mmu()
    const all = { noFaultOnly: true, invertEndian: true, sideEffect: true, writable: true }
    m.loadEntry({ va: 0x2000, pa: 0x4000, side: 'instruction', ...all })
    const none = { noFaultOnly: false, invertEndian: false, sideEffect: false, writable: false }
    expect(m).toHoldEntry({ va: 0x2000, cacheable: true, cacheableVirtually: false, ...none }, 'instruction')
    expect(m.translate(0x2000, { access: 'fetch' })).toMatchObject({ ok: true, sideEffect: false })
  })
})

describe('fault types (UltraSPARC-I table 6-11)', () => {
  const entry = { va: 0x2000, pa: 0x4000, writable: true }

  test('0x01: a user and a privileged page', () => {
    const m = mmu()
    m.loadEntry({ ...entry, privileged: true })
    expect(m.translate(0x2000, { privileged: false })).toFault('data_access_exception', 0x01)
  })

  test('0x02: a no-fault load, or FLUSH, and a side-effect page', () => {
    const m = mmu()
    m.loadEntry({ ...entry, sideEffect: true })
    expect(m.translate(0x2000, { noFault: true })).toFault('data_access_exception', 0x02)
    expect(m.translate(0x2000, { access: 'flush' })).toFault('data_access_exception', 0x02)
  })

  test.each(['atomic', 'quad'] as const)('0x04: %s and a page with CP = 0', (access) => {
    const m = mmu()
    m.loadEntry({ ...entry, cacheable: false })
    expect(m.translate(0x2000, { access })).toFault('data_access_exception', 0x04)
    expect(m).toTranslate(0x2000, { access: 'load' }).to(0x4000)
    expect(m).toTranslate(0x2000, { access: 'store' }).to(0x4000)
  })

  test.each(['store', 'atomic', 'flush', 'quad'] as const)('0x08: %s with a no-fault ASI', (access) => {
    const m = mmu()
    m.loadEntry(entry)
    expect(m.translate(0x2000, { access, noFault: true })).toFault('data_access_exception', 0x08)
  })

  test('0x10: any but a no-fault load and a no-fault-only page', () => {
    const m = mmu()
    m.loadEntry({ ...entry, noFaultOnly: true })
    for (const access of ['load', 'store', 'atomic', 'flush', 'quad'] as const)
      expect(m.translate(0x2000, { access })).toFault('data_access_exception', 0x10)
    expect(m).toTranslate(0x2000, { noFault: true }).to(0x4000)
  })

  test('several at once are all told: the bits are not prioritized', () => {
    const m = mmu()
    m.loadEntry({ ...entry, privileged: true, cacheable: false, noFaultOnly: true })
    expect(m.translate(0x2000, { access: 'atomic', privileged: false })).toFault('data_access_exception', 0x15)
  })

  test('an access exception comes before the protection trap', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
    expect(m.translate(0x2000, { access: 'store', privileged: false })).toFault('data_access_exception', 0x01)
  })

  test.each([0x0800_0000_0000n, 0xffff_f7ff_ffff_ffffn, 1n << 63n, 0x0fff_ffff_ffff_ffffn])(
    '0x20: %x is in the hole (14.1.6)',
    (va) => {
      const m = mmu()
      expect(m.translate(va)).toFault('data_access_exception', 0x20)
      expect(m.translate(va, { access: 'fetch' })).toFault('instruction_access_exception', 0x20)
    },
  )

  test('the address mask takes an address out of the hole', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    expect(m).toTranslate(0x0800_0000_2008n, { addressMask: true }).to(0x4008)
  })
})

describe('disabled (UltraSPARC-I 6.7)', () => {
  test('a disabled D-MMU truncates the address; uncacheable, with side effects, no miss, no hole', () => {
    const m = mmu({ enabled: false })
    expect(m.translate(0xffff_f123_4567_89a8n, { privileged: false })).toMatchObject({
      ok: true,
      pa: 0x123_4567_89a8n,
      cacheable: false,
      sideEffect: true,
      entry: undefined,
    })
    expect(m).toTranslate(0x0800_0000_0008n, { access: 'store' }).to(8)
  })

  test('there a no-fault load and FLUSH have fault type 0x02, an atomic 0x04', () => {
    const m = mmu({ enabled: false })
    expect(m.translate(0x2000, { noFault: true })).toFault('data_access_exception', 0x02)
    expect(m.sfsr()).toMatchObject({ sideEffect: true, context: 'nucleus' })
    expect(m.translate(0x2000, { access: 'flush' })).toFault('data_access_exception', 0x02)
    expect(m.translate(0x2000, { access: 'atomic' })).toFault('data_access_exception', 0x04)
  })

  test('an access that succeeds after one with a fault has no trap and no fault type', () => {
    const m = mmu()
    m.loadEntry({ va: 0x4000, pa: 0x6000 })
    const fails = () => m.translate(1n << 60n).ok
    expect(fails()).toBe(false)
    expect(m.translate(0x4000).ok).toBe(true)
    expect([m.mmu.trap, m.mmu.faultType]).toEqual([undefined, 0])
    expect(fails()).toBe(false)
    m.setRegister('lsuControl', 0)
    expect(m.translate(0x4000).ok).toBe(true)
    expect([m.mmu.trap, m.mmu.faultType]).toEqual([undefined, 0])
  })

  test('in RED_state the I-MMU is off whatever its enable bit says, the D-MMU is not', () => {
    const m = mmu()
    const generation = m.mmu.instructionGeneration
    m.mmu.redState = false
    expect([m.mmu.translatesInstructions, m.mmu.instructionGeneration]).toEqual([true, generation])
    m.mmu.redState = true
    expect([m.mmu.redState, m.mmu.translatesInstructions]).toEqual([true, false])
    expect(m.mmu.instructionGeneration).toBeGreaterThan(generation)
    expect(m).toTranslate(0x2000, { access: 'fetch' }).to(0x2000)
    expect(m.translate(0x2000)).toFault('fast_data_access_MMU_miss')
    m.mmu.redState = false
    expect(m.translate(0x2000, { access: 'fetch' })).toFault('fast_instruction_access_MMU_miss')
  })

  test('a disabled I-MMU never traps', () => {
    const m = mmu({ enabled: false })
    expect(m).toTranslate(0x0800_0000_2004n, { access: 'fetch', privileged: false }).to(0x2004)
  })

  test('each side has its own enable bit', () => {
    const m = mmu({ enabled: false }).setRegister('lsuControl', 0x4)
    expect(m).toTranslate(0x2000).to(0x2000)
    expect(m.translate(0x2000, { access: 'fetch' })).toFault('fast_instruction_access_MMU_miss')
    m.setRegister('lsuControl', 0x8)
    expect(m).toTranslate(0x2000, { access: 'fetch' }).to(0x2000)
    expect(m.translate(0x2000)).toFault('fast_data_access_MMU_miss')
  })

  test('entering RED_state disables both and keeps the rest of LSU control', () => {
    const m = mmu().setRegister('lsuControl', 0xf)
    m.mmu.disable()
    expect(m.register('lsuControl')).toBe(0x3n)
    expect(m).toTranslate(0x2000).to(0x2000)
  })
})

describe('bypass ASIs (UltraSPARC-I 6.10, table A-1)', () => {
  const request = {
    va: 0xffff_f800_0000_1008n,
    context: 'nucleus',
    access: 'load',
    privileged: true,
    asi: 0x14,
  } as const

  test('pass the truncated address, whatever the TLB holds', () => {
    const { mmu: m } = mmu()
    expect(m.translateBypass(request, true)).toBe(true)
    expect(m).toMatchObject({ pa: 0x1008, cacheable: true, sideEffect: false, entry: -1 })
    expect(m.translateBypass({ ...request, asi: 0x15 }, false)).toBe(true)
    expect(m).toMatchObject({ pa: 0x1008, cacheable: false, sideEffect: true })
  })

  test('an atomic to an uncacheable one has fault type 0x04, context 3 and E', () => {
    const m = mmu()
    expect(m.mmu.translateBypass({ ...request, access: 'atomic', asi: 0x15 }, false)).toBe(false)
    expect(m.mmu.trap).toBe('data_access_exception')
    expect(m.sfsr()).toMatchObject({ faultType: 0x04, context: 'none', asi: 0x15, sideEffect: true, write: true })
  })
})

describe('what a translation tells', () => {
  const REQUEST = { va: 0x2008n, context: 'nucleus', access: 'load', privileged: true, asi: 4 } as const

  test('before the first: nothing', () => {
    const { mmu: m } = mmu()
    expect(m).toMatchObject({ entry: -1, pa: 0, pageBytes: 0, trap: undefined, faultType: 0, tte: 0n })
    expect(m).toMatchObject({ cacheable: false, sideEffect: false, invertEndian: false, writable: false })
  })

  test.each(Object.keys(MMU_MODELS) as MmuModelName[])('%s: after a miss, and in the hole, no page', (model) => {
    const { mmu: m } = mmu({ model })
    for (const access of ['load', 'fetch'] as const)
      for (const va of [0x2008n, 0x0800_0000_0000n])
        expect(m.probe({ ...REQUEST, va, access })).toMatchObject({
          entry: -1,
          pa: 0,
          pageBytes: 0,
          cacheable: false,
          sideEffect: false,
          writable: false,
        })
  })

  test.each([
    ['8K', 0x2000],
    ['64K', 0x1_0000],
    ['512K', 0x8_0000],
    ['4M', 0x40_0000],
  ] as const)('of a page of %s: its size, its entry and its attributes', (size, pageBytes) => {
    const m = mmu()
    m.loadEntry({ va: 0, pa: 0x40_0000, size, index: 5, writable: true, invertEndian: true, sideEffect: true })
    m.loadEntry({ va: 0x100_0000, pa: 0x40_0000, size, index: 9, noFaultOnly: true, cacheable: false })
    const request = { ...REQUEST, va: 8n }
    expect(m.mmu.probe(request)).toMatchObject({ entry: 5, pa: 0x40_0008, pageBytes })
    expect(m.mmu.probe(request)).toMatchObject({ cacheable: true, sideEffect: true, invertEndian: true })
    expect(m.mmu.probe(request)).toMatchObject({ writable: true, noFaultOnly: false })
    const other = m.mmu.probe({ ...request, va: 0x100_0000n, noFault: true })
    expect(other).toMatchObject({ entry: 9, pa: 0x40_0000, pageBytes, cacheable: false, sideEffect: false })
    expect(other).toMatchObject({ invertEndian: false, writable: false, noFaultOnly: true })
  })

  test('without translation: 8K pages that may be written', () => {
    const { mmu: m } = mmu({ enabled: false })
    for (const access of ['load', 'fetch'] as const)
      expect(m.probe({ ...REQUEST, access })).toEqual({
        pa: 0x2008,
        entry: -1,
        pageBytes: 0x2000,
        cacheable: false,
        sideEffect: true,
        invertEndian: false,
        writable: true,
        noFaultOnly: false,
        trap: undefined,
        faultType: 0,
      })
  })

  test('PSTATE.AM: the upper 32 bits of an address do not count, all lower ones do', () => {
    const m = mmu()
    for (const side of ['data', 'instruction'] as const) m.loadEntry({ va: 0xffff_e000, pa: 0x4000, side })
    for (const access of ['load', 'fetch'] as const)
      for (let bit = 0n; bit < 64n; bit++) {
        const va = 0xffff_ffff_ffff_ffffn ^ (1n << bit)
        const translation = m.probe(va, { access, addressMask: true, size: 1 })
        if (bit < 13n || bit >= 32n) expect(translation).toMatchObject({ ok: true, pa: 0x4000n | (va & 0x1fffn) })
        else expect(translation.ok).toBe(false)
      }
    expect(m.probe(0xffff_ffff_ffff_fff8n).ok).toBe(false)
  })

  test('every bit of an address within its page is that of the physical address, every other that of the page', () => {
    const m = mmu({ model: 'cheetah' })
    for (const [at, bytes] of [0x2000n, 0x1_0000n, 0x8_0000n, 0x40_0000n].entries()) {
      const size = (['8K', '64K', '512K', '4M'] as const)[at]!
      for (let bit = 0n; bit < 64n; bit++) {
        m.loadEntry({ va: 0, pa: 0x2aa_aa80_0000n, size, index: at })
        const translation = m.probe(1n << bit, { size: 1 })
        if (1n << bit < bytes) expect(translation).toMatchObject({ ok: true, pa: 0x2aa_aa80_0000n | (1n << bit) })
        else expect(translation).toFault('fast_data_access_MMU_miss')
      }
      m.demapPage(0)
    }
  })
})
