import { describe, expect, test } from 'vitest'
import type { MmuSide } from '../../src/mmu/index'
import { type EntryToLoad, type MmuFixture, mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const PAGE = 0x2000
const MODELS = ['cheetah', 'cheetah-plus', 'jalapeno'] as const
const ALL_MODELS = ['spitfire', ...MODELS] as const
/** Bytes of virtual address between pages that share a set of a 512-entry array of 8K pages: 256 sets. */
const STRIDE = 256 * PAGE
/** 64 sets. */
const T128_STRIDE = 64 * PAGE

function placeOf(m: MmuFixture, entry: EntryToLoad): string {
  const index = m.loadEntry(entry)
  if (index < 0) return 'none'
  const { array, slot } = m.mmu.entryAt(entry.side ?? 'data', index)
  return `${array} ${slot}`
}

/** Page sizes as the context registers and tag access extension have them, in bits 21:16. */
const sizes = (first: number, second: number) => BigInt(first | (second << 3)) << 16n

describe('the arrays (Linux arch/sparc/include/asm/spitfire.h cheetah_get_ldtlb_data; FreeBSD sys/sparc64/include/tlb.h TLB_DAR_*)', () => {
  test.each([
    ['spitfire', 'data', ['fully associative'], 64],
    ['spitfire', 'instruction', ['fully associative'], 64],
    ['cheetah', 'data', ['T16', 'T512'], 528],
    ['cheetah', 'instruction', ['T16', 'T128'], 144],
    ['cheetah-plus', 'data', ['T16', 'T512_0', 'T512_1'], 1040],
    ['cheetah-plus', 'instruction', ['T16', 'T128'], 144],
    ['jalapeno', 'data', ['T16', 'T512_0', 'T512_1'], 1040],
    ['jalapeno', 'instruction', ['T16', 'T128'], 144],
  ] as const)('%s, %s side: %j, %i entries in all', (model, side, names, entries) => {
    const all = mmu({ model }).entries(side)
    expect(all).toHaveLength(entries)
    expect([...new Set(all.map(({ array }) => array))]).toEqual(names)
  })

  test.each(MODELS)('%s has 64-bit virtual and 43-bit physical addresses (Linux arch/sparc/mm/init_64.c)', (model) => {
    const m = mmu({ model })
    expect([m.mmu.model.virtualBits, m.mmu.model.physicalBits]).toEqual([64, 43])
    for (const [page, va] of [0x0800_0000_0000n, 0x7fff_ffff_ffff_e000n, 0x8000_0000_0000_0000n].entries()) {
      m.loadEntry({ va, pa: 0x7ff_ffff_0000n + BigInt(page * PAGE) })
      expect(m)
        .toTranslate(va + 5n)
        .to(0x7ff_ffff_0005n + BigInt(page * PAGE))
      expect(m.translate(va + 0x10_0000n)).toFault('fast_data_access_MMU_miss')
      expect(m.translate(va, { access: 'fetch' })).toFault('fast_instruction_access_MMU_miss')
    }
  })
})

describe('where Data In puts an entry (SPARC64 V JPS1 supplement F.11.10)', () => {
  test.each(MODELS)('%s: an unlocked 8K page into the set that VA<20:13> names', (model) => {
    const m = mmu({ model })
    const array = model === 'cheetah' ? 'T512' : 'T512_0'
    expect(placeOf(m, { va: 5 * PAGE, pa: 0 })).toBe(`${array} 5`)
    expect(placeOf(m, { va: 5 * PAGE + STRIDE, pa: 0 })).toBe(`${array} ${256 + 5}`)
    expect(placeOf(m, { va: 255 * PAGE, pa: 0 })).toBe(`${array} 255`)
  })

  test.each(MODELS)('%s: instruction pages into the set that VA<18:13> names', (model) => {
    const m = mmu({ model })
    expect(placeOf(m, { va: 7 * PAGE, pa: 0, side: 'instruction' })).toBe('T128 7')
    expect(placeOf(m, { va: 7 * PAGE + T128_STRIDE, pa: 0, side: 'instruction' })).toBe(`T128 ${64 + 7}`)
  })

  test.each(MODELS.flatMap((model) => (['data', 'instruction'] as const).map((side) => [model, side] as const)))(
    '%s, %s side: locked pages, and those of other sizes, into the fully associative array',
    (model, side) => {
      const m = mmu({ model })
      expect(placeOf(m, { va: 0, pa: 0, locked: true, side })).toBe('T16 0')
      expect(placeOf(m, { va: 0x10000, pa: 0, size: '64K', side })).toBe('T16 1')
      expect(placeOf(m, { va: 0x80000, pa: 0, size: '512K', side })).toBe('T16 2')
      expect(placeOf(m, { va: 0x400000, pa: 0, size: '4M', side })).toBe('T16 3')
    },
  )

  test.each(MODELS.flatMap((model) => (['data', 'instruction'] as const).map((side) => [model, side] as const)))(
    '%s, %s side: of two valid ways one goes, and no other entry',
    (model, side) => {
      const m = mmu({ model })
      const stride = side === 'data' ? STRIDE : T128_STRIDE
      const ways = model !== 'cheetah' && side === 'data' ? 4 : 2
      for (let way = 0; way < ways; way++) m.loadEntry({ va: 3 * PAGE + way * stride, pa: 0, side })
      m.loadEntry({ va: 4 * PAGE, pa: 0, side })
      m.loadEntry({ va: 9 * PAGE, pa: 0, locked: true, side })
      const before = m.entries(side).filter(({ valid }) => valid).length
      for (let i = ways; i < 40; i++) {
        m.loadEntry({ va: 3 * PAGE + i * stride, pa: i * PAGE, side })
        expect(m.entries(side).filter(({ valid }) => valid)).toHaveLength(before)
        expect(m)
          .toTranslate(3 * PAGE + i * stride, { access: side === 'data' ? 'load' : 'fetch' })
          .to(i * PAGE)
      }
      expect(m).toHoldEntry({ va: 4 * PAGE }, side)
      expect(m).toHoldEntry({ va: 9 * PAGE, locked: true }, side)
    },
  )

  test.each(MODELS)('%s: every way is chosen at some time, and a copy of the state chooses the same', (model) => {
    const chosen = (m: MmuFixture) =>
      Array.from({ length: 64 }, (_, i) => m.loadEntry({ va: 3 * PAGE + i * STRIDE, pa: 0 }))
    const first = chosen(mmu({ model }))
    const ways = model === 'cheetah' ? 2 : 4
    expect(new Set(first.slice(ways)).size).toBe(ways)
    expect(chosen(mmu({ model }))).toEqual(first)
  })

  test.each(MODELS)(
    '%s: T16 takes invalid entries first, then the first unused, then clears the used bits',
    (model) => {
      const m = mmu({ model })
      for (let i = 0; i < 16; i++) expect(m.loadEntry({ va: i << 22, pa: 0, size: '4M', locked: i === 2 })).toBe(i)
      for (let i = 0; i < 16; i++) if (i !== 6) m.translate(i << 22)
      expect(m.loadEntry({ va: 0x1_0000_0000, pa: 0, size: '4M' })).toBe(6)
      m.translate(0x1_0000_0000)
      expect(m.loadEntry({ va: 0x2_0000_0000, pa: 0, size: '4M' })).toBe(0)
      expect(m.entries().some(({ used }) => used)).toBe(false)
    },
  )

  test.each(MODELS)('%s: never a locked entry; where all are locked, none', (model) => {
    const m = mmu({ model })
    for (let i = 0; i < 16; i++) m.loadEntry({ va: i << 22, pa: 0, size: '4M', locked: true })
    expect(m.loadEntry({ va: 0x1_0000_0000, pa: 0, size: '4M' })).toBe(-1)
    expect(m.entries().filter(({ valid, locked }) => valid && locked)).toHaveLength(16)
    m.demapPage(5 << 22)
    expect(placeOf(m, { va: 0x1_0000_0000, pa: 0, size: '4M' })).toBe('T16 5')
  })

  test('only the fully associative array has used bits', () => {
    const m = mmu({ model: 'cheetah' })
    m.loadEntry({ va: 0, pa: 0 })
    m.loadEntry({ va: 0x400000, pa: 0, size: '4M' })
    m.translate(0)
    m.translate(0x400000)
    expect(m.entries().flatMap(({ used, array }) => (used ? [array] : []))).toEqual(['T16'])
  })
})

describe('page sizes of the arrays (illumos usr/src/uts/sun4u/cpu/us3_common_mmu.c; usr/src/uts/sun4u/sys/mmu.h TAGACCEXT_SHIFT)', () => {
  test.each([
    ['8K', 0, 13],
    ['64K', 1, 16],
    ['512K', 2, 19],
    ['4M', 3, 22],
  ] as const)('an array of %s pages is indexed from above the page offset', (size, code, shift) => {
    const m = mmu({ model: 'cheetah-plus' }).setRegister('dataTagAccessExtension', sizes(code, code === 0 ? 1 : 0))
    for (const set of [0, 1, 77, 255])
      expect(placeOf(m, { va: BigInt(set) << BigInt(shift), pa: 0, size })).toBe(`T512_0 ${set}`)
    m.setRegister('dataTagAccessExtension', sizes(code === 0 ? 1 : 0, code))
    expect(placeOf(m, { va: 0x100_0000_0000n + (9n << BigInt(shift)), pa: 0, size })).toBe('T512_1 9')
  })

  test('a page goes to the array of its size; one of neither goes to T16', () => {
    const m = mmu({ model: 'cheetah-plus' }).setRegister('dataTagAccessExtension', sizes(0, 3))
    expect(placeOf(m, { va: 0, pa: 0 })).toBe('T512_0 0')
    expect(placeOf(m, { va: 0, pa: 0, context: 1, size: '4M' })).toBe('T512_1 0')
    expect(placeOf(m, { va: 0, pa: 0, context: 2, size: '64K' })).toBe('T16 0')
    expect(placeOf(m, { va: 0, pa: 0, context: 3, size: '4M', locked: true })).toBe('T16 1')
  })

  test('where both arrays have the size, both serve', () => {
    const m = mmu({ model: 'cheetah-plus' })
    const places = [0, 1, 2, 3].map((context) => placeOf(m, { va: PAGE, pa: 0, context }))
    expect(places).toEqual(['T512_0 1', 'T512_0 257', 'T512_1 1', 'T512_1 257'])
  })

  test('size codes that no page has serve for nothing', () => {
    const m = mmu({ model: 'cheetah-plus' }).setRegister('dataTagAccessExtension', sizes(4, 7))
    expect(placeOf(m, { va: PAGE, pa: 0 })).toBe('T16 0')
  })

  test('a miss loads the extension register with the sizes of its context, and Data In obeys', () => {
    const m = mmu({ model: 'cheetah-plus' })
      .setRegister('primaryContext', 5n | sizes(0, 3) | (2n << 61n) | (1n << 58n))
      .setRegister('secondaryContext', 6n | sizes(1, 2))
    m.translate(0x400000, { context: 'primary' })
    expect(m.register('dataTagAccessExtension')).toBe(sizes(0, 3))
    m.translate(0x400000, { context: 'secondary' })
    expect(m.register('dataTagAccessExtension')).toBe(sizes(1, 2))
    m.translate(0x400000, { context: 'nucleus' })
    expect(m.register('dataTagAccessExtension')).toBe(sizes(2, 1))
  })

  test('a fetch that misses leaves it alone: it belongs to the D-TLB', () => {
    const m = mmu({ model: 'cheetah-plus' }).setRegister('primaryContext', 5n | sizes(0, 3))
    m.setRegister('dataTagAccessExtension', sizes(2, 1)).translate(0, { access: 'fetch', context: 'primary' })
    expect(m.register('dataTagAccessExtension')).toBe(sizes(2, 1))
  })

  test('a look-up in a context goes by that context’s sizes', () => {
    const m = mmu({ model: 'cheetah-plus' })
      .setRegister('primaryContext', 5n | sizes(0, 3))
      .setRegister('secondaryContext', 5n)
    m.translate(0x7c0_0000, { context: 'primary' })
    m.mmu.storeAsi(0x5c, 0n, 0xe000_0000_0040_0036n)
    expect(m).toHoldEntry({ array: 'T512_1', slot: 31, pageBytes: 0x40_0000, context: 5 })
    expect(m).toTranslate(0x7c0_1238, { context: 'primary' }).to(0x40_1238)
    expect(m).not.toTranslate(0x7c0_1238, { context: 'secondary' })
  })

  test('of nucleus accesses too, by the nucleus fields of the primary context register', () => {
    const m = mmu({ model: 'cheetah-plus' }).setRegister('primaryContext', (3n << 61n) | 5n)
    m.translate(0x7c0_0000)
    m.mmu.storeAsi(0x5c, 0n, 0xe000_0000_0040_0036n)
    expect(m).toHoldEntry({ array: 'T512_0', slot: 31, context: 0 })
    expect(m).toTranslate(0x7c0_1238).to(0x40_1238)
    m.setRegister('primaryContext', 5)
    expect(m).not.toTranslate(0x7c0_1238)
  })

  test('changing the sizes hides what is in other sets, also from the fast table; they come back with the sizes', () => {
    const m = mmu({ model: 'cheetah-plus' }).setRegister('primaryContext', 5n | sizes(0, 3))
    m.translate(0x7c0_0000, { context: 'primary' })
    m.mmu.storeAsi(0x5c, 0n, 0xe000_0000_0040_0036n)
    m.translate(0x7c0_0000, { context: 'primary' })
    m.mmu.fillFast(0x7c0_0000n, 'primary', true)
    const fast = () => m.mmu.data.lookup(0x7c0_0000, 0, m.mmu.contextTag('primary', true), 8, false) >= 0
    expect(fast()).toBe(true)
    const generation = m.mmu.contextGeneration
    m.setRegister('primaryContext', 5n | sizes(0, 0))
    expect(m.mmu.contextGeneration).toBeGreaterThan(generation)
    expect(fast()).toBe(false)
    expect(m.translate(0x7c0_0000, { context: 'primary' })).toFault('fast_data_access_MMU_miss')
    m.setRegister('primaryContext', 5n | sizes(0, 3))
    expect(fast()).toBe(true)
    expect(m).toTranslate(0x7c0_0000, { context: 'primary' }).to(0x40_0000)
  })

  test('cheetah and the instruction side have no choice: 8K', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('primaryContext', 5n | sizes(3, 3))
    expect(m.register('primaryContext')).toBe(5n)
    expect(m.mmu.pageSizes('primary')).toBe(0)
    const plus = mmu({ model: 'cheetah-plus' }).setRegister('primaryContext', 5n | sizes(3, 3))
    expect(placeOf(plus, { va: PAGE, pa: 0, context: 5, side: 'instruction' })).toBe('T128 1')
    expect(plus).toTranslate(PAGE, { context: 5, access: 'fetch' }).to(0)
  })
})

describe('matching', () => {
  test.each(ALL_MODELS)(
    '%s: of several matches the lowest index wins; what the chip does is not documented',
    (model) => {
      const m = mmu({ model })
      m.loadEntry({ va: 0x2000, pa: 0x8000 })
      m.loadEntry({ va: 0x2000, pa: 0x4000, locked: true, index: 0 })
      expect(m).toTranslate(0x2000).to(0x4000)
      m.demapPage(0x2000)
      expect(m).not.toTranslate(0x2000)
    },
  )

  test.each(MODELS)('%s: context and G decide in two-way arrays as in T16', (model) => {
    const m = mmu({ model })
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5 })
    m.loadEntry({ va: 0x4000, pa: 0x6000, context: 5, global: true })
    expect(m).toTranslate(0x2000, { context: 5 }).to(0x4000)
    expect(m).not.toTranslate(0x2000, { context: 6 })
    expect(m).toTranslate(0x4000, { context: 6 }).to(0x6000)
    expect(m).not.toTranslate(0x2000 + STRIDE, { context: 5 })
    expect(m).not.toTranslate(0x1_0000_2000, { context: 5 })
  })

  test.each(['data', 'instruction'] as MmuSide[])(
    'a full %s TLB of cheetah holds a page for each of its 2-way entries',
    (side) => {
      const m = mmu({ model: 'cheetah' })
      const entries = side === 'data' ? 512 : 128
      for (let i = 0; i < entries; i++) m.loadEntry({ va: i * PAGE, pa: i * PAGE, side })
      const access = side === 'data' ? 'load' : 'fetch'
      for (let i = 0; i < entries; i++)
        expect(m)
          .toTranslate(i * PAGE + 8, { access })
          .to(i * PAGE + 8)
      expect(m.entries(side).filter(({ valid }) => valid)).toHaveLength(entries)
    },
  )
})

test('the table of a TLB with several arrays names them', () => {
  const m = mmu({ model: 'cheetah-plus' })
  m.loadEntry({ va: 0x40_0000, pa: 0x40_0000, size: '4M', locked: true, writable: true })
  m.loadEntry({ va: 0x2000, pa: 0x7ff_0000_0000n, context: 77 })
  expect(`${m}`.split('\n')).toEqual([
    'data TLB: 2 of 1040 entries',
    'array   entry  virtual             context  physical       size  attributes',
    'T16     0      0x0000000000400000  0        0x00000400000  4M    --Lcv--w-',
    'T512_0  1      0x0000000000002000  77       0x7ff00000000  8K    ---cv----',
    'instruction TLB: 0 of 144 entries',
  ])
})
