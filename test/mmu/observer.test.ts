import { describe, expect, test } from 'vitest'
import type { MmuObserver } from '../../src/mmu/index'
import { mmu } from '../../src/testing/index'

const DATA_8K = 0x8000_0000_0000_4030n

function recorded() {
  const m = mmu()
  const events: unknown[][] = []
  const hear =
    (name: string) =>
    (...rest: unknown[]) => {
      events.push([name, ...rest])
    }
  const observer: MmuObserver = {
    fill: hear('fill'),
    evict: hear('evict'),
    use: hear('use'),
    demap: hear('demap'),
    miss: hear('miss'),
  }
  m.mmu.observer = observer
  return { m, events }
}

describe('the observer', () => {
  test('hears a fill with tag and data', () => {
    const { m, events } = recorded()
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5 })
    expect(events).toEqual([['fill', 'data', 0, 0x2005n, DATA_8K]])
  })

  test('hears what a fill evicts: by replacement', () => {
    const { m, events } = recorded()
    for (let i = 0; i < 64; i++) m.loadEntry({ va: i * 0x2000, pa: 0x4000, locked: i > 0 })
    events.length = 0
    m.loadEntry({ va: 0x100_0000, pa: 0x4000 })
    expect(events).toEqual([
      ['evict', 'data', 0, 0n, DATA_8K, 'replace'],
      ['fill', 'data', 0, 0x100_0000n, DATA_8K],
    ])
  })

  test('hears what data access overwrites, and no fill if the new entry is invalid', () => {
    const { m, events } = recorded()
    m.loadEntry({ va: 0x2000, pa: 0x4000, index: 7 })
    m.mmu.storeAsi(0x5d, 7n << 3n, 0n)
    expect(events.slice(1)).toEqual([['evict', 'data', 7, 0x2000n, DATA_8K, 'overwrite']])
  })

  test('hears a demap before the evictions it causes, also one that removes nothing', () => {
    const { m, events } = recorded()
    m.setRegister('primaryContext', 5)
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5 })
    m.loadEntry({ va: 0x4000, pa: 0x4000, context: 5 })
    events.length = 0
    m.demapPage(0x2fff, 'primary').demapContext('primary').demapPage(0x2000, 'nucleus', 'instruction')
    expect(events).toEqual([
      ['demap', 'data', 'page', 5, 0x2000n],
      ['evict', 'data', 0, 0x2005n, DATA_8K, 'demap'],
      ['demap', 'data', 'context', 5, 0n],
      ['evict', 'data', 1, 0x4005n, DATA_8K, 'demap'],
      ['demap', 'instruction', 'page', 0, 0x2000n],
    ])
  })

  test('hears misses of both sides', () => {
    const { m, events } = recorded()
    m.setRegister('primaryContext', 5)
    m.translate(0x2468, { context: 'primary' })
    m.translate(0x1234, { access: 'fetch' })
    expect(events).toEqual([
      ['miss', 'data', 0x2468n, 5],
      ['miss', 'instruction', 0x1234n, 0],
    ])
  })

  test('hears each use of an observed entry, and of no other', () => {
    const { m, events } = recorded()
    m.loadEntry({ va: 0x2000, pa: 0x4000, writable: true })
    m.loadEntry({ va: 0x4000, pa: 0x4000 })
    m.loadEntry({ va: 0x2000, pa: 0x4000, side: 'instruction' })
    m.mmu.setObserved('data', 0, true)
    m.mmu.setObserved('instruction', 0, true)
    events.length = 0
    m.translate(0x2008)
    m.translate(0x2010, { access: 'store' })
    m.translate(0x4000)
    m.translate(0x2004, { access: 'fetch' })
    m.probe(0x2008)
    expect(events).toEqual([
      ['use', 'data', 0, 0x2008n, 'load'],
      ['use', 'data', 0, 0x2010n, 'store'],
      ['use', 'instruction', 0, 0x2004n, 'fetch'],
    ])
  })

  test('hears no use when the access faults', () => {
    const { m, events } = recorded()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.mmu.setObserved('data', 0, true)
    events.length = 0
    m.translate(0x2008, { access: 'store' })
    expect(events).toEqual([])
    expect(m.entries()[0]).toMatchObject({ used: false })
  })
})

describe('observation of an entry', () => {
  test.each([
    ['demap', (m: ReturnType<typeof mmu>) => m.demapPage(0x2000)],
    ['overwriting', (m: ReturnType<typeof mmu>) => m.loadEntry({ va: 0x4000, pa: 0, index: 0 })],
    ['a restored snapshot', (m: ReturnType<typeof mmu>) => m.mmu.restored()],
  ])('ends with %s', (_, act) => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.mmu.setObserved('data', 0, true)
    expect(m.mmu.isObserved('data', 0)).toBe(true)
    expect(m.entries()[0]).toMatchObject({ observed: true })
    act(m)
    expect(m.mmu.isObserved('data', 0)).toBe(false)
  })

  test('of an entry that is not there is refused', () => {
    expect(() => mmu().mmu.setObserved('data', 64, true)).toThrow(/expected 0 \.\. 63/)
  })
})

describe('the instruction generation', () => {
  const grows = (act: (m: ReturnType<typeof mmu>) => unknown) => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, side: 'instruction' })
    const before = m.mmu.instructionGeneration
    act(m)
    return m.mmu.instructionGeneration > before
  }

  test.each<[string, (m: ReturnType<typeof mmu>) => unknown]>([
    ['a new entry', (m) => m.loadEntry({ va: 0x4000, pa: 0, side: 'instruction' })],
    ['an overwritten entry', (m) => m.mmu.storeAsi(0x55, 0n, 0n)],
    ['demap page', (m) => m.demapPage(0x2000, 'nucleus', 'instruction')],
    ['demap context', (m) => m.demapContext('nucleus', 'instruction')],
    ['another primary context', (m) => m.setRegister('primaryContext', 1)],
    ['the I-MMU going off', (m) => m.setRegister('lsuControl', 8)],
    ['an entry being observed', (m) => m.mmu.setObserved('instruction', 0, true)],
    ['a restored snapshot', (m) => m.mmu.restored()],
  ])('grows with %s', (_, act) => {
    expect(grows(act)).toBe(true)
  })

  test('grows when replacement clears used bits', () => {
    const m = mmu()
    for (let i = 0; i < 64; i++) {
      m.loadEntry({ va: i * 0x2000, pa: 0, side: 'instruction' })
      m.translate(i * 0x2000, { access: 'fetch' })
    }
    const before = m.mmu.instructionGeneration
    m.loadEntry({ va: 0x100_0000, pa: 0, side: 'instruction' })
    expect(m.mmu.instructionGeneration).toBeGreaterThan(before)
    expect(m.entries('instruction').some((entry) => entry.used)).toBe(false)
  })

  test.each<[string, (m: ReturnType<typeof mmu>) => unknown]>([
    ['data entries', (m) => m.loadEntry({ va: 0x4000, pa: 0 })],
    ['translations', (m) => m.translate(0x2000, { access: 'fetch' })],
    ['the same context again', (m) => m.setRegister('primaryContext', 0)],
    ['a demap that removes nothing', (m) => m.demapPage(0x8000, 'nucleus', 'instruction')],
  ])('does not grow with %s', (_, act) => {
    expect(grows(act)).toBe(false)
  })
})
