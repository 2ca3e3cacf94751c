import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BUFFERED_STORE_BYTES,
  cpuBlock,
  createLayout,
  GLOBALS_ALTERNATE,
  GLOBALS_INTERRUPT,
  GLOBALS_MMU,
  GLOBALS_NORMAL,
  MAXTL,
  NWINDOWS,
  REGISTER,
  TLB_DATA,
  TLB_ENTRY_BYTES,
  TLB_ENTRY_WORDS,
  TLB_FLAGS,
  TLB_TAG,
} from '../../src/state/layout'

const WORD = 8
const shape = fc.record({
  cpus: fc.integer({ min: 1, max: 64 }),
  ramBytes: fc.integer({ min: 1, max: 100 }).map((pages) => pages * 8192),
  itlbEntries: fc.integer({ min: 1, max: 1200 }),
  dtlbEntries: fc.integer({ min: 1, max: 1200 }),
  storeBufferEntries: fc.option(fc.integer({ min: 0, max: 64 }), { nil: undefined }),
})

describe('the layout of a machine', () => {
  it('is machine block, CPU blocks and RAM, and in a CPU block registers, TLBs, buffered stores and time, without gaps', () => {
    const property = fc.property(shape, (wanted) => {
      const layout = createLayout(wanted)
      const stores = wanted.storeBufferEntries ?? 0
      expect(layout.dtlb - layout.itlb).toBe(wanted.itlbEntries * 3 * WORD)
      expect(layout.storeBuffer - layout.dtlb).toBe(wanted.dtlbEntries * 3 * WORD)
      expect(layout.timeless - layout.storeBuffer).toBe(stores === 0 ? 0 : (1 + 2 * stores) * WORD)
      const times = ['tickOffset', 'tickCompare', 'stickOffset', 'stickCompare', 'instructions', 'pic'] as const
      expect(times.map((name) => layout.time[name] - layout.timeless)).toEqual(times.map((_, n) => n * WORD))
      const end = layout.time.pic + WORD
      expect([layout.cpuBlockBytes % 1024, layout.cpuBlockBytes >= end, layout.cpuBlockBytes < end + 1024]).toEqual([
        0,
        true,
        true,
      ])
      const blocks = Array.from({ length: wanted.cpus }, (_, cpu) => cpuBlock(layout, cpu))
      expect(blocks).toEqual(blocks.map((_, cpu) => 1024 + cpu * layout.cpuBlockBytes))
      const used = 1024 + wanted.cpus * layout.cpuBlockBytes
      expect([layout.ram % 8192, layout.ram >= used, layout.ram < used + 8192]).toEqual([0, true, true])
      expect([layout.clock, layout.totalBytes]).toEqual([0, layout.ram + wanted.ramBytes])
    })
    fc.assert(property, { numRuns: 100, seed: 1 })
  })

  it('has the sets of globals one after the other: normal, alternate, MMU, interrupt; 8 windows and 5 trap levels', () => {
    expect([GLOBALS_NORMAL, GLOBALS_ALTERNATE, GLOBALS_MMU, GLOBALS_INTERRUPT]).toEqual([0, 1, 2, 3])
    expect([NWINDOWS, MAXTL]).toEqual([8, 5])
  })

  it('has the words of a TLB entry one after the other: tag, data, flags; two words of a buffered store', () => {
    expect([TLB_TAG, TLB_DATA, TLB_FLAGS, TLB_ENTRY_BYTES]).toEqual([0, WORD, 2 * WORD, 3 * WORD])
    expect([TLB_ENTRY_WORDS, BUFFERED_STORE_BYTES]).toEqual([3, 2 * WORD])
  })

  it('gives each register as many words as it has, one after the other', () => {
    const words: Partial<Record<keyof typeof REGISTER, number>> = {
      globals: 4 * 8,
      windows: NWINDOWS * 16,
      float: 32,
      tpc: 5,
      tnpc: 5,
      tstate: 5,
      tt: 5,
      mondoOut: 8,
      mondoIn: 8,
      memoryControl: 9,
      dataBufferControl: 2,
      immuTsbExtension: 3,
      dmmuTsbExtension: 3,
      scratchpad: 8,
      reserved: 3,
    }
    const names = Object.keys(REGISTER) as (keyof typeof REGISTER)[]
    const offsets = [
      ...names.map((name) => REGISTER[name]),
      createLayout({ cpus: 1, ramBytes: 8192, itlbEntries: 1, dtlbEntries: 1 }).itlb,
    ]
    expect(offsets[0]).toBe(0)
    expect(names.map((name, n) => [name, (offsets[n + 1]! - offsets[n]!) / WORD])).toEqual(
      names.map((name) => [name, words[name] ?? 1]),
    )
  })
})
