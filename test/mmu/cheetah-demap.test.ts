import { describe, expect, test } from 'vitest'
import type { MmuObserver } from '../../src/mmu/index'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const MODELS = ['cheetah', 'cheetah-plus', 'jalapeno'] as const
const SIDES = ['data', 'instruction'] as const
const CONTEXTS = ['primary', 'secondary', 'nucleus'] as const
const NUMBER = { nucleus: 0, primary: 1, secondary: 2 }
const CASES = MODELS.flatMap((model) => SIDES.map((side) => [model, side] as const))

/** 8K pages in two-way arrays and 4M pages, locked 8K pages in T16; in four contexts; one global page. */
function loaded(model: (typeof MODELS)[number], side: (typeof SIDES)[number]) {
  const m = mmu({ model }).setRegister('primaryContext', 1).setRegister('secondaryContext', 2)
  for (const context of [0, 1, 2, 3]) {
    m.loadEntry({ va: 0x2000 + context * 0x4000, pa: 0x2000, context, side })
    m.loadEntry({ va: 0x80_0000, pa: 0, size: '4M', context, side })
    m.loadEntry({ va: 0x3000_0000, pa: 0, locked: true, context, side })
  }
  m.loadEntry({ va: 0x4000_0000, pa: 0, global: true, context: 1, side })
  return m
}
const pages = (context: number) => [0x2000 + context * 0x4000, 0x80_0000, 0x3000_0000]

describe.each(CASES)('%s, %s side', (model, side) => {
  test('demap all: everything that is not locked, of all contexts, global too (Linux arch/sparc/include/asm/spitfire.h cheetah_flush_dtlb_all)', () => {
    const m = loaded(model, side).demapAll(side)
    const left = m.entries(side).filter(({ valid }) => valid)
    expect(left.map(({ va, context }) => [va, context])).toEqual([0, 1, 2, 3].map((c) => [0x3000_0000n, c]))
    expect(left.every(({ locked }) => locked)).toBe(true)
  })

  test.each(CONTEXTS)(
    'demap context, %s: its entries in every array, locked or not (Linux arch/sparc/mm/ultra.S)',
    (kind) => {
      const m = loaded(model, side).demapContext(kind, side)
      const ignored = side === 'instruction' && kind === 'secondary'
      for (const context of [0, 1, 2, 3])
        for (const va of pages(context)) {
          if (context === NUMBER[kind] && !ignored) expect(m).not.toHoldEntry({ va, context }, side)
          else expect(m).toHoldEntry({ va, context }, side)
        }
      expect(m).toHoldEntry({ va: 0x4000_0000, global: true }, side)
    },
  )

  test.each(CONTEXTS)('demap page, %s: that page in that context, in whichever array', (kind) => {
    const ignored = side === 'instruction' && kind === 'secondary'
    for (const va of pages(NUMBER[kind])) {
      const m = loaded(model, side)
      const before = m.entries(side).filter(({ valid }) => valid).length
      m.demapPage(va + 0x1abc, kind, side)
      expect(m.entries(side).filter(({ valid }) => valid)).toHaveLength(before - (ignored ? 0 : 1))
      if (!ignored) expect(m).not.toHoldEntry({ va, context: NUMBER[kind] }, side)
    }
  })

  test('reserved types and contexts are ignored', () => {
    const m = loaded(model, side)
    const before = m.entries(side)
    const asi = side === 'data' ? 0x5f : 0x57
    for (const operation of [0xc0n, 0xd0n, 0x30n, 0x70n]) m.mmu.storeAsi(asi, operation, 0n)
    expect(m.entries(side)).toEqual(before)
  })

  test('any address is in range', () => {
    const m = loaded(model, side)
    expect(m.mmu.checkAsi(side === 'data' ? 0x5f : 0x57, 0x0800_0000_2000n, 'store')).toBeUndefined()
  })
})

test('an address with bit 7 is a demap page on UltraSPARC I (UltraSPARC-I 6.9.10)', () => {
  const m = mmu()
  m.loadEntry({ va: 0, pa: 0 })
  m.loadEntry({ va: 0x2000, pa: 0, context: 0 })
  m.mmu.storeAsi(0x5f, 0xa0n, 0n)
  expect(m.entries().filter(({ valid }) => valid)).toHaveLength(1)
  expect(m).toHoldEntry({ va: 0x2000 })
})

test('demap page looks in the sets of the page sizes that the named context register has', () => {
  const sizes = 3n << 19n
  const m = mmu({ model: 'cheetah-plus' })
    .setRegister('primaryContext', 5n | sizes)
    .setRegister('secondaryContext', 5)
  m.translate(0x7c0_0000, { context: 'primary' })
  m.mmu.storeAsi(0x5c, 0n, 0xe000_0000_0040_0036n)
  expect(m).toHoldEntry({ array: 'T512_1' })
  m.demapPage(0x7c0_0000, 'secondary')
  expect(m).toHoldEntry({ array: 'T512_1' })
  m.demapPage(0x7c0_0000, 'primary')
  expect(m).not.toHoldEntry({ array: 'T512_1' })
})

test('demap context finds entries of pages of any size, whatever sizes the register has', () => {
  const m = mmu({ model: 'cheetah-plus' }).setRegister('primaryContext', 5n | (3n << 19n))
  m.translate(0x7c0_0000, { context: 'primary' })
  m.mmu.storeAsi(0x5c, 0n, 0xe000_0000_0040_0036n)
  m.setRegister('primaryContext', 5).demapContext('primary')
  expect(m.entries().some(({ valid }) => valid)).toBe(false)
})

test('the fast table and observers follow a demap all', () => {
  const m = mmu({ model: 'cheetah' })
  m.loadEntry({ va: 0x2000, pa: 0x4000 })
  m.loadEntry({ va: 0x40_0000, pa: 0, size: '4M', locked: true })
  for (const va of [0x2000n, 0x40_0000n]) {
    m.translate(va)
    m.mmu.fillFast(va, 'nucleus', true)
  }
  const heard: unknown[] = []
  const observer: MmuObserver = {
    demap: (side, kind, context, va) => heard.push([side, kind, context, va]),
    evict: (side, index, tag, _, why) => heard.push([side, index, tag, why]),
  }
  m.mmu.observer = observer
  m.demapAll()
  expect(heard).toEqual([
    ['data', 'all', 0, 0n],
    ['data', 16 + 1, 0x2000n, 'demap'],
  ])
  const fast = (lo: number) => m.mmu.data.lookup(lo, 0, m.mmu.contextTag('nucleus', true), 8, false)
  expect(fast(0x2000)).toBe(-1)
  expect(fast(0x40_0000)).toBeGreaterThan(0)
})

test('demaps of instructions grow the generation', () => {
  const m = mmu({ model: 'cheetah' })
  m.loadEntry({ va: 0x2000, pa: 0x4000, side: 'instruction' })
  const before = m.mmu.instructionGeneration
  m.demapAll('instruction')
  expect(m.mmu.instructionGeneration).toBeGreaterThan(before)
})

test.each(CASES)('%s, a demap of the %s side leaves the other as it is', (model, side) => {
  const m = mmu({ model }).setRegister('primaryContext', 1)
  const other = side === 'data' ? 'instruction' : 'data'
  for (const each of SIDES)
    for (let set = 0; set < 64; set++)
      for (const locked of [false, true]) m.loadEntry({ va: set << 13, pa: 0, context: 1, locked, side: each })
  const before = m.entries(other)
  m.demapPage(0, 'primary', side).demapContext('primary', side).demapAll(side)
  expect(m.entries(other)).toEqual(before)
  expect(m.entries(side).filter(({ valid }) => valid)).toEqual([])
})

test('on UltraSPARC I, too', () => {
  for (const side of SIDES) {
    const m = mmu().setRegister('primaryContext', 1)
    for (const each of SIDES)
      for (let page = 0; page < 64; page++) m.loadEntry({ va: page << 13, pa: 0, context: 1, side: each })
    const other = side === 'data' ? 'instruction' : 'data'
    const before = m.entries(other)
    m.demapPage(0, 'primary', side).demapContext('primary', side)
    expect(m.entries(other)).toEqual(before)
    expect(m.entries(side).filter(({ valid }) => valid)).toEqual([])
  }
})
