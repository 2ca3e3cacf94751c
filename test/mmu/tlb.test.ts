import { describe, expect, test } from 'vitest'
import { cheetah, Tlb, tlbEntries } from '../../src/mmu/index'
import { Arena } from '../../src/state/arena'
import { cpuBlock, createLayout, REGISTER } from '../../src/state/layout'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const PAGE = 0x2000

describe('matching (UltraSPARC-I 6.2, 6.11.1)', () => {
  test.each([
    ['8K', 0x2000n],
    ['64K', 0x10000n],
    ['512K', 0x80000n],
    ['4M', 0x400000n],
  ] as const)('a %s page translates all of its bytes and none beside it', (size, bytes) => {
    const m = mmu()
    const va = 0x7ff_0000_0000n
    m.loadEntry({ va, pa: 0x1_4000_0000n, size })
    expect(m).toTranslate(va).to(0x1_4000_0000n)
    expect(m)
      .toTranslate(va + bytes - 1n)
      .to(0x1_4000_0000n + bytes - 1n)
    expect(m).not.toTranslate(va + bytes)
    expect(m).not.toTranslate(va - 1n)
  })

  test.each(['64K', '512K', '4M'] as const)('page-offset bits of the tag of a %s page are ignored', (size) => {
    const m = mmu()
    m.loadEntry({ va: 0x40_2000, pa: 0x80_0000, size })
    expect(m).toTranslate(0x40_0000).to(0x80_0000)
  })

  test('page-offset bits of the physical address of a large page are ignored', () => {
    const m = mmu()
    m.setRegister('dataTagAccess', 0x40_0000)
    m.mmu.storeAsi(0x5c, 0n, 0xe000_0000_0080_6030n)
    expect(m).toTranslate(0x40_2008).to(0x80_2008)
    expect(m.mmu.loadAsi(0x5d, 0n) & 0x3f_e000n).toBe(0x6000n)
  })

  test('all 41 bits of the physical address count', () => {
    const m = mmu()
    m.loadEntry({ va: 0, pa: 0x1ff_ffff_e000n })
    expect(m).toTranslate(0x1fff).to(0x1ff_ffff_ffffn)
  })

  test('addresses at both ends of both halves of the address space', () => {
    const m = mmu()
    const pages = [0n, 0x7ff_ffff_e000n, 0xffff_f800_0000_0000n, 0xffff_ffff_ffff_e000n]
    for (const [i, va] of pages.entries()) m.loadEntry({ va, pa: i * PAGE })
    for (const [i, va] of pages.entries())
      expect(m)
        .toTranslate(va + 8n)
        .to(i * PAGE + 8)
  })

  test('the upper half of the address counts', () => {
    const m = mmu()
    m.loadEntry({ va: 0x1_0000_0000n, pa: 0x4000 })
    expect(m).not.toTranslate(0)
    expect(m).not.toTranslate(0x2_0000_0000n)
  })

  test('an entry belongs to its context', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5 })
    m.loadEntry({ va: 0x2000, pa: 0x6000, context: 6 })
    expect(m).toTranslate(0x2000, { context: 5 }).to(0x4000)
    expect(m).toTranslate(0x2000, { context: 6 }).to(0x6000)
    expect(m).not.toTranslate(0x2000, { context: 7 })
    expect(m).not.toTranslate(0x2000, { context: 'nucleus' })
  })

  test('all 13 bits of the context count', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 0x1fff })
    expect(m).toTranslate(0x2000, { context: 0x1fff }).to(0x4000)
    expect(m).not.toTranslate(0x2000, { context: 0x0fff })
  })

  test('a global entry belongs to every context', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5, global: true })
    for (const context of [0, 5, 6, 0x1fff]) expect(m).toTranslate(0x2000, { context }).to(0x4000)
  })

  test('primary, secondary and nucleus choose the context (table 6-8)', () => {
    const m = mmu()
    m.setRegister('primaryContext', 1).setRegister('secondaryContext', 2)
    for (const context of [0, 1, 2]) m.loadEntry({ va: 0x2000, pa: 0x10000 + context * PAGE, context })
    expect(m).toTranslate(0x2000, { context: 'nucleus' }).to(0x10000)
    expect(m).toTranslate(0x2000, { context: 'primary' }).to(0x12000)
    expect(m).toTranslate(0x2000, { context: 'secondary' }).to(0x14000)
  })

  test('the instruction MMU uses the primary context of the data MMU (6.6), and its own TLB', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 9, side: 'instruction' })
    m.setRegister('primaryContext', 9)
    expect(m).toTranslate(0x2000, { access: 'fetch', context: 'primary' }).to(0x4000)
    expect(m).not.toTranslate(0x2000, { context: 'primary' })
  })

  test('of several matches, which the manual leaves undefined, the lowest index wins', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, index: 30 })
    m.loadEntry({ va: 0x2000, pa: 0x6000, index: 20 })
    expect(m).toTranslate(0x2000).to(0x6000)
  })
})

describe('replacement (UltraSPARC-I 6.11.2)', () => {
  const fill = (m: ReturnType<typeof mmu>, locked: (i: number) => boolean = () => false) => {
    for (let i = 0; i < 64; i++) expect(m.loadEntry({ va: i * PAGE, pa: i * PAGE, locked: locked(i) })).toBe(i)
  }
  const useAll = (m: ReturnType<typeof mmu>, except: number[] = []) => {
    for (let i = 0; i < 64; i++) if (!except.includes(i)) m.translate(i * PAGE)
  }
  const next = (m: ReturnType<typeof mmu>) => m.loadEntry({ va: 0x100_0000, pa: 0 })

  test('takes invalid entries first, from entry 0', () => {
    const m = mmu()
    fill(m)
    m.demapPage(40 * PAGE).demapPage(7 * PAGE)
    expect(next(m)).toBe(7)
    expect(m.loadEntry({ va: 0x200_0000, pa: 0 })).toBe(40)
  })

  test('then the first unused unlocked entry', () => {
    const m = mmu()
    fill(m, (i) => i === 9)
    useAll(m, [9, 17, 50])
    expect(next(m)).toBe(17)
  })

  test('else clears all used bits and takes the first unlocked entry', () => {
    const m = mmu()
    fill(m, (i) => i < 3)
    useAll(m)
    expect(m.entries().every((entry) => entry.used)).toBe(true)
    expect(next(m)).toBe(3)
    expect(m.entries().filter((entry) => entry.used)).toEqual([])
  })

  test('a look-up that finds an entry sets its used bit, one that misses sets none', () => {
    const m = mmu()
    fill(m)
    m.translate(5 * PAGE)
    m.translate(0x300_0000)
    m.probe(6 * PAGE)
    expect(
      m
        .entries()
        .filter((entry) => entry.used)
        .map((entry) => entry.index),
    ).toEqual([5])
  })

  test('never a locked entry while an unlocked one is left', () => {
    const m = mmu()
    fill(m, (i) => i !== 33)
    for (let i = 0; i < 5; i++) {
      expect(m.loadEntry({ va: 0x100_0000 + i * PAGE, pa: 0 })).toBe(33)
      m.translate(0x100_0000 + i * PAGE)
    }
  })

  test('the last entry, if all are locked (6.2, L)', () => {
    const m = mmu()
    fill(m, () => true)
    useAll(m)
    expect(next(m)).toBe(63)
  })

  test('a lock on an invalid entry means nothing (6.2, L)', () => {
    const m = mmu()
    fill(m, () => true)
    m.demapPage(2 * PAGE)
    expect(next(m)).toBe(2)
  })

  test('the instruction TLB replaces by itself', () => {
    const m = mmu()
    for (let i = 0; i < 64; i++) m.loadEntry({ va: i * PAGE, pa: i * PAGE, side: 'instruction' })
    m.translate(0, { access: 'fetch' })
    expect(m.loadEntry({ va: 0x100_0000, pa: 0, side: 'instruction' })).toBe(1)
    expect(m.loadEntry({ va: 0x100_0000, pa: 0 })).toBe(0)
  })

  test('clearing the used bits of one side leaves those of the other', () => {
    const m = mmu()
    for (const side of ['data', 'instruction'] as const)
      for (let i = 0; i < 64; i++) m.loadEntry({ va: i * PAGE, pa: i * PAGE, side })
    for (let i = 0; i < 64; i++) m.translate(i * PAGE, { access: 'fetch' })
    useAll(m)
    m.loadEntry({ va: 0x100_0000, pa: 0, side: 'instruction' })
    expect(m.entries('instruction').some(({ used }) => used)).toBe(false)
    expect(m.entries('data').every(({ used }) => used)).toBe(true)
  })
})

describe('the generator that chooses ways', () => {
  const shape = { itlbEntries: tlbEntries(cheetah.instructionTlb), dtlbEntries: tlbEntries(cheetah.dataTlb) }
  const layout = createLayout({ cpus: 1, ramBytes: 1 << 20, ...shape })
  const tlbIn = (arena: Arena) => {
    const block = cpuBlock(layout, 0)
    return new Tlb(arena, block + layout.dtlb, cheetah.dataTlb, block + REGISTER.dmmuReplacement)
  }

  test('gives the same numbers from power-on, so that recorded runs can be replayed', () => {
    const tlb = tlbIn(new Arena(layout))
    expect([tlb.random(), tlb.random(), tlb.random(), tlb.random()]).toEqual([0xb400, 0x5a00, 0x2d00, 0x1680])
  })

  test('gives each 16-bit number but 0 before one comes again', () => {
    const tlb = tlbIn(new Arena(layout))
    const seen = new Set(Array.from({ length: 0xffff }, () => tlb.random()))
    expect(seen.size).toBe(0xffff)
    expect([Math.min(...seen), Math.max(...seen)]).toEqual([1, 0xffff])
    expect(tlb.random()).toBe(0xb400)
  })

  test('has its state in the arena: another TLB there goes on with it', () => {
    const arena = new Arena(layout)
    tlbIn(arena).random()
    expect(tlbIn(arena).random()).toBe(0x5a00)
  })
})
