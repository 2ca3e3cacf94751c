import { describe, expect, test } from 'vitest'
import { createMmu, encodeTag, encodeTte, formatSfsr, formatTlb, LSU_DM, Mmu, spitfire } from '../../src/mmu/index'
import { Arena } from '../../src/state/arena'
import { cpuBlock, createLayout } from '../../src/state/layout'
import { mmu } from '../../src/testing/index'

const shape = { cpus: 2, ramBytes: 1 << 20, itlbEntries: 64, dtlbEntries: 64 }
const load = { va: 0x2008n, context: 'nucleus', access: 'load', privileged: true, asi: 4 } as const

function enter(m: Mmu, va: bigint, pa: bigint) {
  m.storeAsi(0x45, 0n, LSU_DM)
  m.storeAsi(0x58, 0x30n, encodeTag(va, 0))
  m.storeAsi(0x5c, 0n, encodeTte({ pa, writable: true }))
}

describe('state in the arena', () => {
  test('two CPUs of one arena do not see each other', () => {
    const arena = new Arena(createLayout(shape))
    const [first, second] = [new Mmu(arena, 0, spitfire), new Mmu(arena, 1, spitfire)]
    enter(first, 0x2000n, 0x4000n)
    second.storeAsi(0x45, 0n, LSU_DM)
    expect(first.translateData(load)).toBe(true)
    expect(second.translateData(load)).toBe(false)
    expect(first.read('dmmuTagAccess')).toBe(0x2000n)
    expect(second.entries('data').some((entry) => entry.valid)).toBe(false)
  })

  test('all of it is inside of the CPU’s block, before its time fields', () => {
    const arena = new Arena(createLayout(shape))
    const m = new Mmu(arena, 1, spitfire)
    const { layout } = arena
    m.storeAsi(0x45, 0n, 0x1ff_ffef_ffffn)
    for (const asi of [0x50, 0x58])
      for (const va of [0x08n, 0x10n, 0x18n, 0x28n, 0x30n, 0x38n, 0x40n])
        if (!m.checkAsi(asi, va, 'store')) m.storeAsi(asi, va, (1n << 64n) - 1n)
    for (let i = 0n; i < 64n; i++) for (const asi of [0x55, 0x5d]) m.storeAsi(asi, i << 3n, (1n << 64n) - 1n)
    const start = cpuBlock(layout, 1)
    const outside = arena.words64.map((word, at) => (at * 8 >= start && at * 8 < start + layout.timeless ? 0n : word))
    expect(outside.every((word) => word === 0n)).toBe(true)
    expect(arena.words64[(start + layout.timeless - 8) >> 3]).not.toBe(0n)
  })

  test('a copy of the arena, and restored(), give the same MMU: TLB, registers, enables, used bits, direct pointer', () => {
    const arena = new Arena(createLayout(shape))
    const m = new Mmu(arena, 0, spitfire)
    enter(m, 0x2000n, 0x4000n)
    m.translateData(load)
    m.fillFast(load.va, 'nucleus', true)
    const snapshot = arena.words64.slice()
    const entries = m.entries('data')
    m.storeAsi(0x5f, 0x2020n, 0n)
    m.storeAsi(0x45, 0n, 0n)
    m.storeAsi(0x58, 0x8n, 9n)
    const generations = [m.contextGeneration, m.instructionGeneration]
    arena.words64.set(snapshot)
    m.restored()
    expect(m.entries('data')).toEqual(entries)
    expect(m.contextNumber('primary')).toBe(0)
    expect(m.translateData(load)).toBe(true)
    expect(m.pa).toBe(0x4008)
    expect(m.contextGeneration).toBeGreaterThan(generations[0]!)
    expect(m.instructionGeneration).toBeGreaterThan(generations[1]!)
  })

  test('restored() forgets fast entries that the new contents do not back', () => {
    const arena = new Arena(createLayout(shape))
    const m = new Mmu(arena, 0, spitfire)
    const empty = arena.words64.slice()
    enter(m, 0x2000n, 0x4000n)
    m.translateData(load)
    m.fillFast(load.va, 'nucleus', true)
    expect(m.data.lookup(0x2008, 0, m.contextTag('nucleus', true), 8, false)).toBeGreaterThan(0)
    arena.words64.set(empty)
    m.restored()
    expect(m.data.lookup(0x2008, 0, m.contextTag('nucleus', true), 8, false)).toBe(-1)
  })

  test('power-on: MMUs off, no entries, registers 0', () => {
    const m = mmu().setRegister('primaryContext', 5).setRegister('dataTsb', 0x2000)
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.translate(0x8000)
    m.mmu.reset()
    for (const name of ['lsuControl', 'primaryContext', 'dataTsb', 'dataTagAccess'] as const)
      expect(m.register(name)).toBe(0n)
    expect(m.entries().some((entry) => entry.valid || entry.used)).toBe(false)
    expect(m.translate(0x2000)).toMatchObject({ ok: true, pa: 0x2000n })
  })

  test('a layout with other TLB sizes is refused', () => {
    const arena = new Arena(createLayout({ ...shape, dtlbEntries: 16 }))
    expect(() => new Mmu(arena, 0, spitfire)).toThrow(/64 and 16 entries, spitfire has 64 and 64/)
  })

  test('the data word of the entry that was hit', () => {
    const m = createMmu()
    enter(m, 0x2000n, 0x4000n)
    m.translateData(load)
    expect(m.tte).toBe(encodeTte({ pa: 0x4000n, writable: true }))
    m.translateData({ ...load, va: 0x9000n })
    expect(m.tte).toBe(0n)
  })
})

describe('printing', () => {
  test('a TLB is a table of its valid entries, columns lined up', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5, writable: true })
    m.loadEntry({
      va: 0xffff_f800_0040_0000n,
      pa: 0x1_0040_0000,
      size: '4M',
      global: true,
      locked: true,
      privileged: true,
    })
    m.translate(0x2000, { context: 5 })
    expect(formatTlb(m.entries(), { title: 'data TLB', marks: new Map([[1, '<- this']]) })).toBe(
      [
        'data TLB: 2 of 64 entries',
        'entry  virtual             context  physical       size  attributes',
        '0      0x0000000000002000  5        0x00000004000  8K    ---cv--w-   used',
        '1      0xfffff80000400000  *        0x00100400000  4M    --Lcv-p-g   <- this',
      ].join('\n'),
    )
  })

  test('an empty TLB is one line; all entries may be asked for', () => {
    expect(formatTlb(mmu().entries())).toBe('TLB: 0 of 64 entries')
    expect(formatTlb(mmu().entries(), { all: true }).split('\n')).toHaveLength(66)
  })

  test('an SFSR in words', () => {
    const m = mmu()
    expect(formatSfsr(m.register('dataSfsr'))).toBe('no fault')
    m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true, cacheable: false })
    m.translate(0x2000, { privileged: false, access: 'atomic' })
    expect(formatSfsr(m.register('dataSfsr'))).toBe(
      'write, ASI 0x4, context nucleus, user, fault type 0x5 (privilege violation and atomic to an uncacheable page)',
    )
  })
})
