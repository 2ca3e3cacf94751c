import { describe, expect, test } from 'vitest'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const SIDES = ['data', 'instruction'] as const
const CONTEXTS = ['primary', 'secondary', 'nucleus'] as const
const NUMBER = { nucleus: 0, primary: 1, secondary: 2 }

function loaded(side: (typeof SIDES)[number]) {
  const m = mmu().setRegister('primaryContext', 1).setRegister('secondaryContext', 2)
  for (const context of [0, 1, 2, 3])
    for (const page of [0x2000, 0x4000]) m.loadEntry({ va: page, pa: page, context, side, locked: page === 0x4000 })
  m.loadEntry({ va: 0x6000, pa: 0x6000, context: 1, global: true, side })
  return m
}

describe.each(SIDES)('demap of the %s MMU (UltraSPARC-I 6.9.10)', (side) => {
  test.each(CONTEXTS)('page, %s: that page in that context, and nothing else', (context) => {
    const m = loaded(side).demapPage(0x2abc, context, side)
    for (const number of [0, 1, 2, 3]) {
      const gone = number === NUMBER[context]
      if (gone) expect(m).not.toHoldEntry({ va: 0x2000, context: number }, side)
      else expect(m).toHoldEntry({ va: 0x2000, context: number }, side)
      expect(m).toHoldEntry({ va: 0x4000, context: number }, side)
    }
  })

  test.each(CONTEXTS)('context, %s: all its entries, locked or not; never a global one', (context) => {
    const m = loaded(side).demapContext(context, side)
    for (const number of [0, 1, 2, 3])
      for (const va of [0x2000, 0x4000]) {
        if (number === NUMBER[context]) expect(m).not.toHoldEntry({ va, context: number }, side)
        else expect(m).toHoldEntry({ va, context: number }, side)
      }
    expect(m).toHoldEntry({ va: 0x6000, global: true }, side)
  })

  test('page: a locked entry goes like another', () => {
    const m = loaded(side).demapPage(0x4000, 'nucleus', side)
    expect(m).not.toHoldEntry({ va: 0x4000, context: 0 }, side)
  })

  test('page: a global entry goes whatever the context, as a look-up would find it', () => {
    const m = loaded(side).demapPage(0x6000, 'secondary', side)
    expect(m).not.toHoldEntry({ va: 0x6000 }, side)
  })

  test('the reserved context code is ignored', () => {
    const m = loaded(side)
    const before = m.entries(side)
    const asi = side === 'data' ? 0x5f : 0x57
    m.mmu.storeAsi(asi, 0x2030n, 0n)
    m.mmu.storeAsi(asi, 0x2070n, 0n)
    expect(m.entries(side)).toEqual(before)
  })

  test('an address in the hole is refused, fault type 0x20', () => {
    const m = loaded(side)
    const asi = side === 'data' ? 0x5f : 0x57
    expect(m.mmu.checkAsi(asi, 0x0800_0000_2000n, 'store')).toBe('data_access_exception')
    expect(m.sfsr()).toMatchObject({ faultType: 0x20, asi, write: true })
  })

  test.each([
    ['64K', 0x1_e000],
    ['512K', 0xf_e000],
    ['4M', 0x7f_e000],
  ] as const)('page: any address of a %s page will do', (size, va) => {
    const m = mmu()
    const base = va & ~{ '64K': 0xffff, '512K': 0x7ffff, '4M': 0x3fffff }[size]
    m.loadEntry({ va: base, pa: 0, size, side })
    m.demapPage(va, 'nucleus', side)
    expect(m.entries(side).some((entry) => entry.valid)).toBe(false)
  })

  test('what the store carries is ignored', () => {
    const m = loaded(side)
    m.mmu.storeAsi(side === 'data' ? 0x5f : 0x57, 0x2020n, 0xdead_beefn)
    expect(m).not.toHoldEntry({ va: 0x2000, context: 0 }, side)
    expect(m).toHoldEntry({ va: 0x2000, context: 1 }, side)
  })

  test('of another side leaves this one alone', () => {
    const m = loaded(side)
    m.demapContext('primary', side === 'data' ? 'instruction' : 'data')
    expect(m).toHoldEntry({ va: 0x2000, context: 1 }, side)
  })
})
