import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import {
  type ContextKind,
  encodeTag,
  encodeTte,
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
  type MmuModelName,
  PAGE_SIZES,
  tlbEntries,
} from '../../src/mmu/index'
import { createLayout } from '../../src/state/layout'
import { type EntryToLoad, type MmuFixture, mmu, type TranslateOptions } from '../../src/testing/index'
import { type PlainEntry, type PlainShape, type PlainSizes, PlainTlb } from './plain-tlb'

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

type Op =
  | { kind: 'insert'; entry: PlainEntry; index: number | undefined; sizes: number }
  | { kind: 'demapPage'; va: bigint; register: ContextKind }
  | { kind: 'demapContext'; register: ContextKind }
  | { kind: 'demapAll' }
  | { kind: 'context'; register: 'primary' | 'secondary'; number: number; sizes: number; nucleusSizes: number }
  | {
      kind: 'access'
      va: bigint
      register: ContextKind
      write: boolean
      atomic: boolean
      privileged: boolean
      noFault: boolean
      allowWrite: boolean
    }

/** True once in `others` + 1 times. */
const rarely = (others: number) => fc.nat(others).map((n) => n === others)
const register = fc.constantFrom<ContextKind>('primary', 'secondary', 'nucleus')
/** Few pages, many collisions: neighbours, aliases of one fast entry, high addresses, pages of several sizes over each other. */
const pageVa = fc
  .tuple(fc.constantFrom(0n, 0x20_0000n, 0xffff_f800_0000_0000n), fc.integer({ min: 0, max: 2 }))
  .map(([base, page]) => base + BigInt(page) * 0x2000n)
const context = fc.integer({ min: 0, max: 2 })
/** Two page-size codes, 3 bits each; now and then one that no page has. */
const sizes = fc
  .tuple(fc.constantFrom(0, 0, 0, 1, 2, 3, 6), fc.constantFrom(0, 1, 2, 3, 3, 3, 5))
  .map(([first, second]) => first | (second << 3))

const entry: fc.Arbitrary<PlainEntry> = fc
  .record({
    va: pageVa,
    size: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 3),
    frame: fc.bigInt({ min: 0n, max: 3n }),
    context,
    global: rarely(3),
    locked: rarely(9),
    privileged: rarely(2),
    writable: fc.boolean(),
    cacheable: rarely(5).map((off) => !off),
    sideEffect: rarely(11),
    invertEndian: rarely(11),
    noFaultOnly: rarely(11),
  })
  .map(({ size, frame, va, ...rest }) => {
    const bytes = BigInt(PAGE_SIZES[size]!)
    return { ...rest, va: va - (va % bytes), bytes, pa: frame * bytes, valid: true, used: false }
  })

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), entry, index: fc.constant(undefined), sizes }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), entry, index: fc.integer({ min: 0, max: 5 }), sizes }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('demapPage' as const), va: pageVa, register }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('demapContext' as const), register }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('demapAll' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('context' as const),
      register: fc.constantFrom('primary' as const, 'secondary' as const),
      number: context,
      sizes,
      nucleusSizes: sizes,
    }),
  },
  {
    weight: 300,
    arbitrary: fc.record({
      kind: fc.constant('access' as const),
      va: fc.tuple(pageVa, fc.nat(1023)).map(([page, word]) => page + BigInt(word) * 8n),
      register,
      write: fc.boolean(),
      atomic: fc.boolean(),
      privileged: rarely(3).map((user) => !user),
      noFault: rarely(9),
      allowWrite: rarely(9).map((off) => !off),
    }),
  },
)

/** Gives the index that was written. */
function insert(m: Mmu, { bytes, ...e }: PlainEntry, index: number | undefined): number {
  const tte = encodeTte({ ...e, size: Number(bytes) as (typeof PAGE_SIZES)[number] })
  m.storeAsi(0x58, 0x30n, encodeTag(e.va, e.context))
  if (index === undefined) return m.dataIn('data', tte)
  m.storeAsi(0x5d, BigInt(index) << 3n, tte)
  return index
}

interface Tested {
  model: MmuModelName
  shape: PlainShape
  /** Which page sizes two-way arrays have, from two size codes. */
  sizesOf(codes: number): PlainSizes
  contextsHaveSizes: boolean
  runs: number
}

const bytesOf = (code: number) => BigInt(PAGE_SIZES[code & 7] ?? 0)
const bySizes = (codes: number) => [bytesOf(codes), bytesOf(codes >> 3)]
const TESTED: Tested[] = [
  { model: 'spitfire', shape: { associative: 64, twoWay: 0 }, sizesOf: () => [], contextsHaveSizes: false, runs: 100 },
  {
    model: 'cheetah',
    shape: { associative: 16, twoWay: 1 },
    sizesOf: () => [0x2000n],
    contextsHaveSizes: false,
    runs: 50,
  },
  {
    model: 'cheetah-plus',
    shape: { associative: 16, twoWay: 2 },
    sizesOf: bySizes,
    contextsHaveSizes: true,
    runs: 60,
  },
  { model: 'jalapeno', shape: { associative: 16, twoWay: 2 }, sizesOf: bySizes, contextsHaveSizes: true, runs: 15 },
]

class Comparison {
  readonly m: Mmu
  readonly plain: PlainTlb
  readonly contexts = { nucleus: 0, primary: 0, secondary: 0 }
  readonly sizes = { nucleus: 0, primary: 0, secondary: 0 }
  hits = 0
  writeHits = 0
  twoWayHits = 0

  constructor(
    private readonly tested: Tested,
    crowded: boolean,
  ) {
    this.m = mmu({ model: tested.model, ramBytes: 32 << 20 }).mmu
    this.plain = new PlainTlb(tested.shape)
    if (!crowded) return
    for (let i = 0; i < tested.shape.associative - 4; i++) {
      const va = BigInt(0x1000_0000 + i * 0x2000)
      this.insert({ ...this.plain.entries[0]!, valid: true, locked: true, va }, undefined, 0)
    }
  }

  step(op: Op): void {
    const { m, plain, contexts, sizes, tested } = this
    if (op.kind === 'insert') this.insert(op.entry, op.index, op.sizes)
    else if (op.kind === 'context') {
      contexts[op.register] = op.number
      let value = BigInt(op.number)
      if (tested.contextsHaveSizes) {
        sizes[op.register] = op.sizes
        value |= BigInt(op.sizes) << 16n
        if (op.register === 'primary') {
          sizes.nucleus = op.nucleusSizes
          value |= (BigInt(op.nucleusSizes & 7) << 61n) | (BigInt(op.nucleusSizes >> 3) << 58n)
        }
      }
      m.storeAsi(0x58, op.register === 'primary' ? 0x8n : 0x10n, value)
    } else if (op.kind === 'demapPage') {
      m.storeAsi(0x5f, op.va | { primary: 0n, secondary: 0x10n, nucleus: 0x20n }[op.register], 0n)
      plain.demapPage(op.va, contexts[op.register], tested.sizesOf(sizes[op.register]))
    } else if (op.kind === 'demapContext') {
      m.storeAsi(0x5f, 0x40n | { primary: 0n, secondary: 0x10n, nucleus: 0x20n }[op.register], 0n)
      plain.demapContext(contexts[op.register])
    } else if (op.kind === 'demapAll') {
      if (tested.model === 'spitfire') return
      m.storeAsi(0x5f, 0x80n, 0n)
      plain.demapAll()
    } else this.access(op)
  }

  private insert(entry: PlainEntry, index: number | undefined, sizes: number): void {
    const { m, plain, tested } = this
    if (tested.contextsHaveSizes) m.storeAsi(0x58, 0x60n, BigInt(sizes) << 16n)
    const written = insert(m, entry, index)
    const allowed = index === undefined ? plain.candidates(entry, tested.sizesOf(sizes)) : [index]
    if (allowed.length === 0) expect(written).toBe(-1)
    else {
      expect(allowed).toContain(written)
      plain.put(written, entry)
    }
  }

  private access(op: Op & { kind: 'access' }): void {
    const { m, plain } = this
    const { va, privileged } = op
    const noFault = op.noFault && !op.write
    const access = op.write ? (op.atomic ? 'atomic' : 'store') : 'load'
    const request = { va, context: op.register, access, privileged, asi: 0x80, noFault } as const
    const hit = fast(m, va, op.register, privileged, op.write)
    const expected = plain.translate(request, this.contexts[op.register], this.tested.sizesOf(this.sizes[op.register]))
    const done = m.translateData(request)
    const found = done ? BigInt(m.pa) : m.trap
    const wanted = 'trap' in expected ? expected.trap : expected.pa
    if (found !== wanted) expect.unreachable(`0x${va.toString(16)} gives ${found}, not ${wanted}`)
    if (hit !== undefined) {
      if (hit !== wanted) expect.unreachable(`0x${va.toString(16)} is ${hit} in the fast table, not ${wanted}`)
      if ('used' in expected && !expected.used) expect.unreachable('an unused entry is in the fast table')
      this.hits++
      if (op.write) this.writeHits++
    }
    if (hit !== undefined && m.entry >= this.tested.shape.associative) this.twoWayHits++
    if (done) m.fillFast(va, op.register, privileged, op.allowWrite)
  }

  expectSame(): void {
    const marks = (entries: readonly { valid: boolean; used: boolean }[]) =>
      entries.map(({ valid, used }) => (valid ? (used ? 'u' : 'v') : '-')).join('')
    expect(marks(this.m.entries('data'))).toBe(marks(this.plain.entries))
  }
}

describe.each(TESTED)('$model', (tested) => {
  propertyTest.prop([fc.array(op, { minLength: 1, maxLength: 200, size: 'max' }), fc.boolean()], {
    numRuns: tested.runs,
  })(
    'over any sequence of operations: the TLB is the plain one, and each fast hit is what it would give',
    (ops, crowded) => {
      const comparison = new Comparison(tested, crowded)
      for (const step of ops) {
        comparison.step(step)
        if (step.kind !== 'access' && tested.model === 'spitfire') comparison.expectSame()
      }
      comparison.expectSame()
    },
  )

  test('such sequences meet fast hits of loads and stores often enough to mean something', () => {
    const counts = { hits: 0, writeHits: 0, twoWayHits: 0 }
    const runs = fc.sample(fc.array(op, { minLength: 150, maxLength: 200, size: 'max' }), { numRuns: 25, seed: 1 })
    for (const ops of runs) {
      const comparison = new Comparison(tested, false)
      for (const step of ops) comparison.step(step)
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
