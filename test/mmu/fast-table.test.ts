import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { Draw } from '../../src/explore/random-search'
import {
  type ContextKind,
  FAST_ENTRIES,
  FAST_ENTRY_WORDS,
  FAST_READ_TAG,
  LSU_DM,
  LSU_PM_SHIFT,
  LSU_PW,
  LSU_VM_SHIFT,
  LSU_VR,
  MMU_MODELS,
  type Mmu,
  PAGE_SIZES,
  tlbEntries,
} from '../../src/mmu/index'
import { createLayout } from '../../src/state/layout'
import { type EntryToLoad, type MmuFixture, mmu, type TranslateOptions } from '../../src/testing/index'
import { FastTableComparison, operationOf, TESTED_MODELS } from './fast-table-operations'

const MASK_32 = 0xffff_ffffn

/** Physical address of a fast hit, or undefined; 8-byte accesses. */
function fast(
  m: Mmu,
  va: bigint,
  kind: ContextKind,
  privileged: boolean,
  write: boolean,
  size = 8,
): bigint | undefined {
  const lo = Number(va & MASK_32) | 0
  const offset = m.data.lookup(lo, Number(va >> 32n) | 0, m.contextTag(kind, privileged), size, write)
  return offset < 0 ? undefined : BigInt(offset - RAM_OFFSETS.get(m.model.name)!)
}

const RAM_OFFSETS = new Map(
  Object.values(MMU_MODELS).map(({ name, instructionTlb, dataTlb }) => {
    const [itlbEntries, dtlbEntries] = [tlbEntries(instructionTlb), tlbEntries(dataTlb)]
    return [name, createLayout({ cpus: 1, ramBytes: 8 << 20, itlbEntries, dtlbEntries }).ram] as const
  }),
)
const RAM_OFFSET = RAM_OFFSETS.get('spitfire')!

/** Loads an entry, translates as an engine does and offers the page to the fast table. */
function touched(entry: Partial<EntryToLoad> = {}, options: TranslateOptions = {}): MmuFixture {
  const m = mmu()
  m.loadEntry({ va: 0x2000, pa: 0x4000, writable: true, ...entry })
  touch(m, 0x2000n, options)
  return m
}

function touch(
  m: MmuFixture,
  va: bigint,
  { privileged = true, access = 'load' as const, ...rest }: TranslateOptions = {},
) {
  const kind = (rest.context as ContextKind | undefined) ?? 'nucleus'
  if (m.translate(va, { privileged, access, ...rest }).ok) m.mmu.fillFast(va, kind, privileged)
}

const cold = (m: MmuFixture, va = 0x2000n, write = false) => fast(m.mmu, va, 'nucleus', true, write) === undefined

describe('what a hit is', () => {
  test('the bytes of the 8K page, aligned; loads, and stores if writable', () => {
    const { mmu: m } = touched()
    expect(fast(m, 0x2000n, 'nucleus', true, false)).toBe(0x4000n)
    expect(fast(m, 0x3ff8n, 'nucleus', true, true)).toBe(0x5ff8n)
    expect(fast(m, 0x4000n, 'nucleus', true, false)).toBeUndefined()
  })

  test.each([2, 4, 8, 16, 64])('a misaligned access of %i bytes never hits', (size) => {
    const { mmu: m } = touched()
    for (let at = 0; at < 64; at++)
      expect(fast(m, 0x2000n + BigInt(at), 'nucleus', true, false, size) !== undefined).toBe(at % size === 0)
  })

  test('an empty table never hits, not even address 0', () => {
    const { mmu: m } = mmu()
    for (let at = 0n; at < 64n; at++) expect(fast(m, at, 'nucleus', true, false, 1)).toBeUndefined()
  })

  test('the upper half of the address counts', () => {
    const { mmu: m } = touched()
    expect(fast(m, 0x1_0000_2000n, 'nucleus', true, false)).toBeUndefined()
  })

  test('pages 2 MiB apart share an entry: the later one stays', () => {
    const m = touched()
    m.loadEntry({ va: 0x20_2000, pa: 0x8000 })
    touch(m, 0x20_2000n)
    expect(fast(m.mmu, 0x20_2000n, 'nucleus', true, false)).toBe(0x8000n)
    expect(cold(m)).toBe(true)
  })

  test('a privileged translation does not serve a user, nor the reverse', () => {
    const { mmu: m } = touched()
    expect(fast(m, 0x2000n, 'nucleus', false, false)).toBeUndefined()
    const { mmu: u } = touched({}, { privileged: false })
    expect(fast(u, 0x2000n, 'nucleus', true, false)).toBeUndefined()
    expect(fast(u, 0x2000n, 'nucleus', false, false)).toBe(0x4000n)
  })

  test('a context is its number, whichever register holds it', () => {
    const m = mmu().setRegister('primaryContext', 5).setRegister('secondaryContext', 6)
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5 })
    touch(m, 0x2000n, { context: 'primary' })
    expect(fast(m.mmu, 0x2000n, 'primary', true, false)).toBe(0x4000n)
    expect(fast(m.mmu, 0x2000n, 'secondary', true, false)).toBeUndefined()
    m.setRegister('secondaryContext', 5).setRegister('primaryContext', 6)
    expect(fast(m.mmu, 0x2000n, 'secondary', true, false)).toBe(0x4000n)
    expect(fast(m.mmu, 0x2000n, 'primary', true, false)).toBeUndefined()
  })

  test('a table hit goes on being one when the context comes back', () => {
    const m = mmu().setRegister('primaryContext', 5)
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5 })
    touch(m, 0x2000n, { context: 'primary' })
    m.setRegister('primaryContext', 6).setRegister('primaryContext', 5)
    expect(fast(m.mmu, 0x2000n, 'primary', true, false)).toBe(0x4000n)
  })
})

describe('what is kept out', () => {
  test.each([
    ['side effect', { sideEffect: true }],
    ['inverted endianness', { invertEndian: true }],
    ['no-fault-only', { noFaultOnly: true }],
    ['beyond RAM', { pa: 0x80_0000 }],
    ['above 4 GiB', { pa: 0x1_0000_4000 }],
  ] as [string, Partial<EntryToLoad>][])('%s', (_, entry) => {
    expect(cold(touched(entry, { noFault: entry.noFaultOnly ?? false }))).toBe(true)
  })

  test('the last page of RAM is in', () => {
    expect(cold(touched({ pa: 0x7f_e000 }))).toBe(false)
  })

  test('stores to a page that is not writable, not cacheable, or that the caller forbids', () => {
    const readOnly = touched({ writable: false })
    expect([cold(readOnly), cold(readOnly, 0x2000n, true)]).toEqual([false, true])
    const uncacheable = touched({ cacheable: false })
    expect([cold(uncacheable), cold(uncacheable, 0x2000n, true)]).toEqual([false, true])
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, writable: true })
    m.translate(0x2000)
    m.mmu.fillFast(0x2000n, 'nucleus', true, false)
    expect([cold(m), cold(m, 0x2000n, true)]).toEqual([false, true])
  })

  test('an observed entry; once it is no longer observed it may come in', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.mmu.setObserved('data', 0, true)
    touch(m, 0x2000n)
    expect(cold(m)).toBe(true)
    m.mmu.setObserved('data', 0, false)
    touch(m, 0x2000n)
    expect(cold(m)).toBe(false)
    m.mmu.setObserved('data', 0, true)
    expect(cold(m)).toBe(true)
  })

  test.each([
    ['virtual', 0x2ff8, 0, LSU_VR | (1n << LSU_VM_SHIFT)],
    ['physical', 0, 0x4ff8, LSU_PW | (1n << LSU_PM_SHIFT)],
  ] as const)('a page with a %s watchpoint, and only that page', (_, virtual, physical, enable) => {
    const m = mmu().setRegister('virtualWatchpoint', virtual).setRegister('physicalWatchpoint', physical)
    m.setRegister('lsuControl', LSU_DM | enable)
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.loadEntry({ va: 0x6000, pa: 0x8000 })
    touch(m, 0x2000n)
    touch(m, 0x6000n)
    expect([cold(m), cold(m, 0x6000n)]).toEqual([true, false])
  })

  test('everything, when it is switched off', () => {
    const m = mmu()
    m.mmu.data.enabled = false
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    touch(m, 0x2000n)
    expect(cold(m)).toBe(true)
  })

  test('a page when the MMU is off, after a fault, or after an instruction fetch', () => {
    const off = mmu({ enabled: false })
    off.translate(0x2000)
    off.mmu.fillFast(0x2000n, 'nucleus', true)
    const faulted = mmu()
    faulted.loadEntry({ va: 0x2000, pa: 0x4000 })
    faulted.translate(0x2000, { access: 'store' })
    faulted.mmu.fillFast(0x2000n, 'nucleus', true)
    const fetched = mmu()
    fetched.loadEntry({ va: 0x2000, pa: 0x4000, side: 'instruction' })
    fetched.translate(0x2000, { access: 'fetch' })
    fetched.mmu.fillFast(0x2000n, 'nucleus', true)
    for (const m of [off, faulted, fetched]) expect(cold(m)).toBe(true)
  })
})

describe('what makes entries go', () => {
  test.each([
    ['demap page', (m: MmuFixture) => m.demapPage(0x2000)],
    ['demap context', (m: MmuFixture) => m.demapContext('nucleus')],
    ['data access to that entry', (m: MmuFixture) => m.loadEntry({ va: 0x8000, pa: 0, index: 0 })],
    ['a second entry for the page', (m: MmuFixture) => m.loadEntry({ va: 0x2000, pa: 0x6000 })],
    ['arming a watchpoint', (m: MmuFixture) => m.setRegister('lsuControl', LSU_DM | LSU_VR | (1n << LSU_VM_SHIFT))],
    ['the D-MMU going off', (m: MmuFixture) => m.setRegister('lsuControl', 0)],
    ['RED_state', (m: MmuFixture) => m.mmu.disable()],
    ['a restored snapshot', (m: MmuFixture) => m.mmu.restored()],
    ['reset', (m: MmuFixture) => m.mmu.reset()],
  ])('%s', (_, act) => {
    const m = touched()
    expect(cold(m)).toBe(false)
    act(m)
    expect(cold(m)).toBe(true)
  })

  test('a demap of another page or context does not', () => {
    const m = touched().setRegister('primaryContext', 1)
    m.demapPage(0x4000).demapContext('primary').demapPage(0x2000, 'primary')
    expect(cold(m)).toBe(false)
  })

  test('all go when replacement clears the used bits', () => {
    const m = mmu()
    for (let i = 0; i < 64; i++) {
      m.loadEntry({ va: i * 0x2000, pa: i * 0x2000, locked: i > 0 })
      touch(m, BigInt(i) * 0x2000n)
    }
    expect(cold(m, 0x7e000n)).toBe(false)
    m.loadEntry({ va: 0x100_0000, pa: 0 })
    expect(m.entries().some((entry) => entry.used)).toBe(false)
    for (let i = 0; i < 64; i++) expect(cold(m, BigInt(i) * 0x2000n)).toBe(true)
  })

  test.each(PAGE_SIZES)('a demap of a page of %i bytes takes all its 8K pieces, in every context', (bytes) => {
    const size = { 8192: '8K', 65536: '64K', 524288: '512K', 4194304: '4M' }[bytes] as '8K'
    const m = mmu({ ramBytes: 8 << 20 }).setRegister('primaryContext', 3)
    m.loadEntry({ va: 0x40_0000, pa: 0x40_0000, size, global: true })
    const pieces = Array.from({ length: bytes / 0x2000 }, (_, i) => BigInt(0x40_0000 + i * 0x2000))
    for (const [i, va] of pieces.entries()) touch(m, va, { context: i % 2 ? 'primary' : 'nucleus' })
    expect(m.mmu.data.words.some((word) => word !== 0)).toBe(true)
    m.demapPage(0x40_0000)
    expect(m.mmu.data.words.every((word) => word === 0)).toBe(true)
  })
})

describe('context tags', () => {
  test('are distinct for each context number and privilege, in bits 12:6, never 0', () => {
    const { mmu: m } = mmu()
    const tags = new Set<number>()
    for (let context = 0; context < 60; context++)
      for (const privileged of [false, true]) {
        m.write('dmmuPrimaryContext', BigInt(context))
        const tag = m.contextTag('primary', privileged)
        expect(tag & ~0x1fc0).toBe(0)
        expect(tag).not.toBe(0)
        tags.add(tag)
      }
    expect(tags.size).toBe(120)
  })

  test('when they run out the table is emptied and the generation grows', () => {
    const m = touched()
    const first = m.mmu.contextTag('nucleus', true)
    expect(cold(m)).toBe(false)
    for (let context = 1; context < 130; context++) {
      const { contextGeneration } = m.mmu
      m.mmu.data.contextTag(context, false)
      if (m.mmu.contextGeneration !== contextGeneration) {
        expect(context).toBe(127)
        expect(m.mmu.data.words.every((word) => word === 0)).toBe(true)
        expect(m.mmu.contextTag('nucleus', true)).not.toBe(first)
        return
      }
    }
    expect.unreachable('tags never ran out')
  })

  test('the generation grows when a context register changes, and only then', () => {
    const { mmu: m } = mmu()
    const before = m.contextGeneration
    m.storeAsi(0x58, 0x8n, 0n)
    expect(m.contextGeneration).toBe(before)
    m.storeAsi(0x58, 0x8n, 1n)
    m.storeAsi(0x58, 0x10n, 1n)
    expect(m.contextGeneration).toBe(before + 2)
  })
})

describe.each(TESTED_MODELS)('$model', (tested) => {
  propertyTest.prop([fc.array(fc.nat(), { minLength: 1, maxLength: 200, size: 'max' }), fc.boolean()], {
    numRuns: tested.runs,
  })(
    'over any sequence of operations: the TLB is the plain one, and each fast hit is what it would give',
    (seeds, crowded) => {
      const comparison = new FastTableComparison(tested, crowded)
      for (const seed of seeds) {
        const operation = operationOf(new Draw(seed))
        comparison.step(operation)
        if (operation.kind !== 'access' && tested.model === 'spitfire') comparison.requireSameEntries()
      }
      comparison.requireSameEntries()
    },
  )

  test('such sequences meet fast hits of loads and stores often enough to mean something', () => {
    const counts = { hits: 0, writeHits: 0, twoWayHits: 0 }
    for (let seed = 0; seed < 6; seed++) {
      const comparison = new FastTableComparison(tested, false)
      const draw = new Draw(seed)
      for (let left = 600; left > 0; left--) comparison.step(operationOf(draw))
      counts.hits += comparison.hits
      counts.writeHits += comparison.writeHits
      counts.twoWayHits += comparison.twoWayHits
    }
    expect(counts.hits).toBeGreaterThan(50)
    expect(counts.writeHits).toBeGreaterThan(10)
    if (tested.shape.twoWay > 0) expect(counts.twoWayHits).toBeGreaterThan(tested.contextsHaveSizes ? 5 : 20)
  })
})

test('the layout that engines inline: 256 entries of 8 words, indexed by VA<20:13>', () => {
  expect([FAST_ENTRIES, FAST_ENTRY_WORDS, FAST_READ_TAG]).toEqual([256, 8, 0])
  const { mmu: m } = touched()
  const at = (0x2000 >>> 13) * 8
  expect(m.data.words[at]).toBe(0x2000 | m.contextTag('nucleus', true))
  expect(m.data.words[at + 1]).toBe(0)
  expect(m.data.words[at + 4]).toBe(RAM_OFFSET + 0x4000 - 0x2000)
})

test('high addresses are in the table as themselves', () => {
  const high = 0xffff_f800_0000_2000n
  const m = mmu()
  m.loadEntry({ va: high, pa: 0x4000, writable: true })
  touch(m, high)
  for (const write of [false, true]) {
    expect(fast(m.mmu, high, 'nucleus', true, write)).toBe(0x4000n)
    expect(fast(m.mmu, 0x2000n, 'nucleus', true, write)).toBeUndefined()
  }
})
