import { describe, expect, test } from 'vitest'
import {
  cheetahPlus,
  encodeTag,
  encodeTte,
  LSU_DM,
  LSU_IM,
  LSU_VM_SHIFT,
  LSU_VR,
  Mmu,
  type MmuModel,
  type MmuSide,
  spitfire,
  tlbEntries,
} from '../../src/mmu/index'
import { Arena } from '../../src/state/arena'
import { cpuBlock, createLayout, REGISTER, type RegisterField } from '../../src/state/layout'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const ONES = -1n
const LOAD = { va: 0x2008n, context: 'nucleus', access: 'load', privileged: true, asi: 4 } as const
const FETCH = { ...LOAD, access: 'fetch' } as const
/** In words. */
const MMU_REGISTERS = {
  lsuControl: 1,
  immuTagAccess: 1,
  immuSfsr: 1,
  immuTsb: 1,
  immuTsbExtension: 3,
  dmmuPrimaryContext: 1,
  dmmuSecondaryContext: 1,
  dmmuTagAccess: 1,
  dmmuSfsr: 1,
  dmmuSfar: 1,
  dmmuTsb: 1,
  dmmuTsbExtension: 3,
  virtualWatchpoint: 1,
  physicalWatchpoint: 1,
  dmmuDirectPointer: 1,
  dmmuTagAccessExtension: 1,
  immuMissContext: 1,
  dmmuMissContext: 1,
  immuReplacement: 1,
  dmmuReplacement: 1,
} satisfies Partial<Record<RegisterField, number>>

function arenaOf(model: MmuModel): Arena {
  const [itlbEntries, dtlbEntries] = [tlbEntries(model.instructionTlb), tlbEntries(model.dataTlb)]
  return new Arena(createLayout({ cpus: 3, ramBytes: 1 << 20, itlbEntries, dtlbEntries }))
}

/** Byte offsets of the words of the MMU of a CPU: its registers and both of its TLBs. */
function wordsOfMmu({ layout }: Arena, cpu: number): Set<number> {
  const block = cpuBlock(layout, cpu)
  const registers = Object.entries(MMU_REGISTERS).flatMap(([name, words]) =>
    Array.from({ length: words }, (_, word) => block + REGISTER[name as RegisterField] + 8 * word),
  )
  const entries = layout.itlbEntries + layout.dtlbEntries
  return new Set([...registers, ...Array.from({ length: 3 * entries }, (_, word) => block + layout.itlb + 8 * word)])
}

describe.each([spitfire, cheetahPlus])('$name: power-on', (model) => {
  test('clears the registers and entries of this MMU, and nothing else in the arena', () => {
    const arena = arenaOf(model)
    const m = new Mmu(arena, 1, model)
    arena.words64.fill(ONES)
    m.reset()
    const own = wordsOfMmu(arena, 1)
    const wrong = [...arena.words64.entries()].filter(([at, word]) => word !== (own.has(8 * at) ? 0n : ONES))
    expect(wrong.map(([at]) => 8 * at)).toEqual([])
  })

  test('leaves nothing translated, and drops what was derived', () => {
    const m = mmu({ model })
    m.loadEntry({ va: 0x2000, pa: 0x4000, locked: true })
    m.translate(0x2000)
    m.mmu.fillFast(0x2000n, 'nucleus', true)
    const before = [m.mmu.instructionGeneration, m.mmu.contextGeneration]
    m.mmu.reset()
    expect(m.mmu.data.lookup(0x2000, 0, m.mmu.contextTag('nucleus', true), 8, false)).toBe(-1)
    expect(m.mmu.instructionGeneration).toBeGreaterThan(before[0]!)
    expect(m.mmu.contextGeneration).toBeGreaterThan(before[1]!)
    expect(m.mmu.translatesInstructions).toBe(false)
  })
})

test('an MMU of an arena that has contents already goes by them', () => {
  const arena = arenaOf(spitfire)
  const first = new Mmu(arena, 0, spitfire)
  first.storeAsi(0x45, 0n, LSU_DM | LSU_IM)
  first.storeAsi(0x58, 0x30n, encodeTag(0x2000n, 0))
  first.storeAsi(0x5c, 0n, encodeTte({ pa: 0x4000n }))
  const second = new Mmu(arena, 0, spitfire)
  expect([second.translateData(LOAD), second.pa]).toEqual([true, 0x4008])
  expect(second.translateInstruction(FETCH)).toBe(false)
  expect(second.trap).toBe('fast_instruction_access_MMU_miss')
})

test.each(['data', 'instruction'] as const)(
  'choosing a way of the %s TLB writes no register but its own state',
  (side) => {
    const arena = arenaOf(cheetahPlus)
    const m = new Mmu(arena, 0, cheetahPlus)
    const { itlb, ram } = arena.layout
    const registers = () => arena.words64.slice(0, (cpuBlock(arena.layout, 0) + itlb) >> 3)
    const enter = (context: number) => {
      m.write(side === 'data' ? 'dmmuTagAccess' : 'immuTagAccess', BigInt(context))
      m.dataIn(side, encodeTte({ pa: 0n }))
    }
    for (let context = 1; context <= 4; context++) enter(context)
    const before = registers()
    for (let times = 0; times < 3; times++) enter(4)
    const changed = [...registers().entries()].flatMap(([at, word]) => (word === before[at] ? [] : [8 * at]))
    expect(changed).toEqual([
      cpuBlock(arena.layout, 0) + REGISTER[side === 'data' ? 'dmmuReplacement' : 'immuReplacement'],
    ])
    expect(arena.words64.subarray(ram >> 3).every((word) => word === 0n)).toBe(true)
  },
)

describe('the entry of the last translation', () => {
  const loaded = () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, index: 5, writable: true })
    m.loadEntry({ va: 0x2000, pa: 0x6000, index: 7, side: 'instruction' })
    return m.mmu
  }
  const data = encodeTte({ pa: 0x4000n, writable: true })
  const instruction = encodeTte({ pa: 0x6000n }) & ~0x10n

  test('has its data word, of whichever side', () => {
    const m = loaded()
    m.translateData(LOAD)
    expect(m.tte).toBe(data)
    m.translateInstruction(FETCH)
    expect(m.tte).toBe(instruction)
    m.translateData(LOAD)
    expect(m.tte).toBe(data)
  })

  test('may go into the fast table again after a fetch', () => {
    const m = loaded()
    m.translateInstruction(FETCH)
    m.translateData(LOAD)
    m.fillFast(LOAD.va, 'nucleus', true)
    expect(m.data.lookup(0x2008, 0, m.contextTag('nucleus', true), 8, false)).toBeGreaterThan(0)
  })

  test('is none after a miss, and without translation', () => {
    const m = loaded()
    m.storeAsi(0x58, 0x38n, 0x2000n)
    m.storeAsi(0x45, 0n, LSU_DM | LSU_IM | LSU_VR | (1n << LSU_VM_SHIFT))
    for (const va of [0n, 0x4000n, 0x2000n, 0x0800_0000_0000n]) {
      m.translateData(LOAD)
      expect([m.translateData({ ...LOAD, va }), m.tte]).toEqual([false, 0n])
    }
    for (const va of [0x4000n, 0x0800_0000_0000n]) {
      m.translateInstruction(FETCH)
      expect([m.translateInstruction({ ...FETCH, va }), m.tte, m.faultType]).toEqual([
        false,
        0n,
        va === 0x4000n ? 0 : 0x20,
      ])
    }
    m.translateData(LOAD)
    m.translateBypass(LOAD, true)
    expect(m.tte).toBe(0n)
  })
})

describe('nothing of a translation is left in the next one', () => {
  const loaded = () => {
    const m = mmu()
    m.loadEntry({ va: 0, pa: 0, size: '64K', sideEffect: true, invertEndian: true, noFaultOnly: true })
    const { mmu: all } = m
    all.storeAsi(0x58, 0x38n, 0x10_0000n)
    all.storeAsi(0x45, 0n, LSU_DM | LSU_VR | (0xffn << LSU_VM_SHIFT))
    return m
  }

  test('that is without translation', () => {
    const m = mmu()
    m.loadEntry({ va: 0, pa: 0, size: '64K', invertEndian: true })
    m.loadEntry({ va: 0x1_0000, pa: 0x4000, noFaultOnly: true })
    for (const before of [LOAD, { ...LOAD, va: 0x1_0000n, noFault: true }] as const) {
      expect(m.mmu.translateData(before)).toBe(true)
      expect(m.mmu.translateBypass(LOAD, true)).toBe(true)
      expect(m.mmu).toMatchObject({ entry: -1, pa: 0x2008, pageBytes: 0x2000, cacheable: true, sideEffect: false })
      expect(m.mmu).toMatchObject({ invertEndian: false, writable: true, noFaultOnly: false })
    }
  })

  test.each([
    ['in the hole', 0x0800_0000_0000n],
    ['at a watchpoint', 0x10_0000n],
  ])('that faults %s: SFSR.E is 0 (UltraSPARC-I 6.9.4)', (_, va) => {
    const m = loaded()
    m.translate(0x2000)
    expect(m.sfsr()).toMatchObject({ sideEffect: true, faultType: 0x10 })
    m.translate(va)
    expect(m.sfsr()).toMatchObject({ sideEffect: false, overwritten: true })
  })
})

describe('an entry by its number', () => {
  const SIDES: readonly MmuSide[] = ['data', 'instruction']

  test.each(SIDES)('is one of the %s TLB', (side) => {
    const m = mmu({ model: 'cheetah' })
    m.loadEntry({ va: 0, pa: 0x2000, side })
    const { length } = m.entries(side)
    for (const index of [0, 1, 16, length - 1]) expect(m.mmu.entryAt(side, index)).toEqual(m.entries(side)[index])
    expect(m.mmu.entryAt(side, 16)).toMatchObject({ index: 16, slot: 0, valid: true })
    for (const index of [-1, length, length + 1, Number.NaN])
      expect(() => m.mmu.entryAt(side, index)).toThrow(`TLB entry ${index}: expected 0 .. ${length - 1}`)
  })

  test.each(SIDES)('is not observed at first, and no more once contents were restored: %s TLB', (side) => {
    const m = mmu()
    const observed = () => m.entries(side).flatMap((entry) => (entry.observed ? [entry.index] : []))
    expect(observed()).toEqual([])
    m.mmu.setObserved(side, 3, true)
    m.mmu.restored()
    expect(observed()).toEqual([])
  })

  test.each(SIDES)('may be observed, of the %s TLB, and only if there is one', (side) => {
    const m = mmu()
    const observed = () => m.entries(side).flatMap((entry) => (entry.observed ? [entry.index] : []))
    for (const index of [0, 63]) m.mmu.setObserved(side, index, true)
    expect(observed()).toEqual([0, 63])
    m.mmu.setObserved(side, 0, false)
    expect([observed(), m.mmu.isObserved(side, 0), m.mmu.isObserved(side, 63)]).toEqual([[63], false, true])
    for (const index of [-1, 64]) expect(() => m.mmu.setObserved(side, index, true)).toThrow(/expected 0 \.\. 63/)
  })
})
