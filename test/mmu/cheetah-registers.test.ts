import { describe, expect, test } from 'vitest'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const ALL = (1n << 64n) - 1n
const MODELS = ['cheetah', 'cheetah-plus', 'jalapeno'] as const
const PLUS = ['cheetah-plus', 'jalapeno'] as const

describe('registers that UltraSPARC III adds (Linux arch/sparc/include/asm/spitfire.h TSB_EXTENSION_P, TLB_TAG_ACCESS_EXT)', () => {
  const both = ['load', 'store'] as const
  test.each([
    ['D-TSB primary extension', 0x58, 0x48n, [true, true, true, false]],
    ['D-TSB secondary extension', 0x58, 0x50n, [true, true, true, false]],
    ['D-TSB nucleus extension', 0x58, 0x58n, [true, true, true, false]],
    ['D-TLB tag access extension', 0x58, 0x60n, [false, true, true, false]],
    ['I-TSB primary extension', 0x50, 0x48n, [true, true, true, false]],
    ['I-TSB secondary extension, which there is not', 0x50, 0x50n, [false, false, false, false]],
    ['I-TSB nucleus extension', 0x50, 0x58n, [true, true, true, false]],
  ] as const)('%s at ASI %i, VA %i', (_, asi, va, present) => {
    for (const [i, model] of [...MODELS, 'spitfire' as const].entries())
      for (const access of both)
        expect(mmu({ model }).mmu.checkAsi(asi, va, access)).toBe(present[i] ? undefined : 'data_access_exception')
  })

  test.each([
    'dataTsbPrimaryExtension',
    'dataTsbSecondaryExtension',
    'dataTsbNucleusExtension',
    'instructionTsbPrimaryExtension',
    'instructionTsbNucleusExtension',
  ] as const)('%s keeps all 64 bits, and is one of its own', (name) => {
    const m = mmu({ model: 'cheetah' }).setRegister(name, 0x8123_4567_89ab_cdefn)
    expect(m.register(name)).toEqualU64(0x8123_4567_89ab_cdefn)
    const others = ['dataTsbPrimaryExtension', 'dataTsbSecondaryExtension', 'dataTsbNucleusExtension'] as const
    const instruction = ['instructionTsbPrimaryExtension', 'instructionTsbNucleusExtension'] as const
    for (const other of [...others, ...instruction]) if (other !== name) expect(m.register(other)).toBe(0n)
  })

  test('power-on clears them', () => {
    const m = mmu({ model: 'cheetah-plus' })
    const names = ['dataTsbPrimaryExtension', 'dataTsbSecondaryExtension', 'dataTsbNucleusExtension'] as const
    for (const name of [...names, 'dataTagAccessExtension'] as const) m.setRegister(name, ALL)
    m.mmu.reset()
    for (const name of [...names, 'dataTagAccessExtension'] as const) expect(m.register(name)).toBe(0n)
  })
})

describe('which bits registers keep', () => {
  test.each([
    ['cheetah', 'primaryContext', 0x1fffn],
    ['cheetah', 'secondaryContext', 0x1fffn],
    ['cheetah-plus', 'primaryContext', 0xfc00_0000_003f_1fffn],
    ['cheetah-plus', 'secondaryContext', 0x3f_1fffn],
    ['jalapeno', 'primaryContext', 0xfc00_0000_003f_1fffn],
    ['jalapeno', 'secondaryContext', 0x3f_1fffn],
    ['jalapeno', 'dataTagAccessExtension', 0x3f_0000n],
    ['cheetah-plus', 'dataTagAccessExtension', 0x3f_0000n],
  ] as const)('%s %s: %i (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*)', (model, name, kept) => {
    expect(mmu({ model }).setRegister(name, ALL).register(name)).toEqualU64(kept)
  })

  test.each(MODELS)('%s DCU control: all but 63:50 and 20:4 (illumos usr/src/uts/sun4u/sys/cheetahregs.h)', (model) => {
    expect(mmu({ model }).setRegister('dcuControl', ALL).register('dcuControl')).toEqualU64(0x3_ffff_ffe0_000fn)
  })

  test.each(MODELS)('%s SFSR: NF and TM besides (SPARC64 V JPS1 supplement F.10.9)', (model) => {
    const m = mmu({ model }).setRegister('dataSfsr', ALL).setRegister('instructionSfsr', ALL)
    expect(m.register('dataSfsr')).toEqualU64(0x1ff_bfffn)
    expect(m.register('instructionSfsr')).toEqualU64(0xff_bfbbn)
  })

  test.each([
    ['dataTagAccess', 0x8000_0800_0000_1fffn, 0x8000_0800_0000_1fffn],
    ['dataTsb', 0x0000_0800_0000_0fffn, 0x0000_0800_0000_0007n],
    ['virtualWatchpoint', ALL, ALL - 7n],
    ['physicalWatchpoint', ALL, 0x7ff_ffff_fff8n],
  ] as const)('%s written %i reads %i: no sign extension, there is no hole', (name, value, read) => {
    expect(mmu({ model: 'cheetah' }).setRegister(name, value).register(name)).toEqualU64(read)
  })
})

describe('TLB entries as ASIs see them (FreeBSD sys/sparc64/include/tlb.h TLB_DAR_SLOT; illumos cheetahregs.h PN_TLB_ACC_*)', () => {
  const DATA = 0x8000_0000_0000_4036n

  test.each([
    ['cheetah', 0x5d, 0x00078n, 'T16', 15],
    ['cheetah', 0x5d, 0x20000n, 'T512', 0],
    ['cheetah', 0x5d, 0x20ff8n, 'T512', 511],
    ['cheetah-plus', 0x5d, 0x207f8n, 'T512_0', 255],
    ['jalapeno', 0x5d, 0x207f8n, 'T512_0', 255],
    ['cheetah-plus', 0x5d, 0x20800n, 'T512_0', 256],
    ['jalapeno', 0x5d, 0x20800n, 'T512_0', 256],
    ['cheetah-plus', 0x5d, 0x30008n, 'T512_1', 1],
    ['jalapeno', 0x5d, 0x30008n, 'T512_1', 1],
    ['cheetah-plus', 0x5d, 0x30ff8n, 'T512_1', 511],
    ['jalapeno', 0x5d, 0x30ff8n, 'T512_1', 511],
    ['cheetah', 0x55, 0x00008n, 'T16', 1],
    ['cheetah', 0x55, 0x203f8n, 'T128', 127],
    ['cheetah-plus', 0x55, 0x20200n, 'T128', 64],
    ['jalapeno', 0x55, 0x20200n, 'T128', 64],
  ] as const)('%s, ASI %i: address %i is entry of %s, number %i', (model, asi, va, array, slot) => {
    const m = mmu({ model }).setRegister('dataTagAccess', 0x2005).setRegister('instructionTagAccess', 0x2005)
    const side = asi === 0x5d ? 'data' : 'instruction'
    expect(m.mmu.checkAsi(asi, va, 'store')).toBeUndefined()
    m.mmu.storeAsi(asi, va, DATA)
    expect(m).toHoldEntry({ array, slot, va: 0x2000, context: 5, pa: 0x4000 }, side)
    expect(m.entries(side).filter(({ valid }) => valid)).toHaveLength(1)
    expect(m.mmu.loadAsi(asi, va)).toEqualU64(side === 'data' ? DATA : DATA & ~0x12n)
    expect(m.mmu.loadAsi(asi + 1, va)).toEqualU64(0x2005)
  })

  test.each([
    ['cheetah', 0x5d, 0x10000n],
    ['cheetah', 0x5d, 0x30000n],
    ['cheetah', 0x5d, 0x00080n],
    ['cheetah', 0x5d, 0x21000n],
    ['cheetah-plus', 0x5d, 0x10000n],
    ['jalapeno', 0x5d, 0x10000n],
    ['cheetah-plus', 0x5e, 0x31000n],
    ['jalapeno', 0x5e, 0x31000n],
    ['cheetah', 0x55, 0x20400n],
    ['cheetah-plus', 0x55, 0x30000n],
    ['jalapeno', 0x55, 0x30000n],
    ['cheetah-plus', 0x56, 0x40000n],
    ['jalapeno', 0x56, 0x40000n],
    ['spitfire', 0x5d, 0x20000n],
  ] as const)('%s, ASI %i: there is no entry at %i', (model, asi, va) => {
    const m = mmu({ model })
    expect(m.mmu.checkAsi(asi, va, 'load')).toBe('data_access_exception')
    expect(m.sfsr()).toMatchObject({ faultType: 0x08, asi })
    expect(() => m.mmu.loadAsi(asi, va)).toThrow(RangeError)
  })

  test.each(MODELS)('%s: tag read cannot be written, data in cannot be read', (model) => {
    const m = mmu({ model })
    for (const va of [0n, 0x20000n]) expect(m.mmu.checkAsi(0x5e, va, 'store')).toBe('data_access_exception')
    expect(m.mmu.checkAsi(0x5c, 0n, 'load')).toBe('data_access_exception')
  })

  test('PA<42:13> is kept, soft bits and the used bit are not (illumos cheetahregs.h PN_TLB_DATA_PARITY_DATA_MASK)', () => {
    const m = mmu({ model: 'cheetah' })
    m.mmu.storeAsi(0x5d, 0n, ALL)
    expect(m.mmu.loadAsi(0x5d, 0n)).toEqualU64(0xf800_07ff_ffff_e07fn)
    expect(m).toHoldEntry({ slot: 0, array: 'T16', used: false, pa: 0x7ff_ffc0_0000n })
  })

  test('two-way arrays keep no lock; those of 8K pages no size (SPARC64 V JPS1 supplement, impl. dep. #242)', () => {
    const m = mmu({ model: 'cheetah-plus' })
    m.mmu.storeAsi(0x5d, 0x30000n, ALL)
    expect(m.mmu.loadAsi(0x5d, 0x30000n)).toEqualU64(0xf800_07ff_ffff_e03fn)
    m.mmu.storeAsi(0x55, 0x20000n, ALL)
    expect(m.mmu.loadAsi(0x55, 0x20000n)).toEqualU64(0x8000_07ff_ffff_e025n)
    const base = mmu({ model: 'cheetah' })
    base.mmu.storeAsi(0x5d, 0x20000n, ALL)
    expect(base.mmu.loadAsi(0x5d, 0x20000n)).toEqualU64(0x9800_07ff_ffff_e03fn)
  })

  test('a store of 0 invalidates an entry of a two-way array', () => {
    const m = mmu({ model: 'cheetah' })
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.mmu.storeAsi(0x5d, 0x20008n, 0n)
    expect(m).not.toTranslate(0x2000)
  })
})

describe('TSB pointers (SPARC64 V JPS1 supplement F.4.2, F.10.7)', () => {
  const TSB = 0x1_0000_0000n
  const miss = (m: ReturnType<typeof mmu>, va: bigint, context: 'primary' | 'secondary' | 'nucleus') =>
    m.translate(va, { context })

  test.each(MODELS)('%s: with cleared extensions they are UltraSPARC I’s', (model) => {
    const m = mmu({ model }).setRegister('dataTsb', TSB | 2n)
    const first = mmu().setRegister('dataTsb', TSB | 2n)
    for (const m2 of [m, first]) miss(m2, 0x1234_5678_9000n & 0x7ff_ffff_ffffn, 'primary')
    for (const name of ['dataTsbPointer8K', 'dataTsbPointer64K', 'dataTsbDirectPointer'] as const)
      expect(m.register(name)).toEqualU64(first.register(name))
  })

  test.each([
    ['primary', 'dataTsbPrimaryExtension'],
    ['secondary', 'dataTsbSecondaryExtension'],
    ['nucleus', 'dataTsbNucleusExtension'],
  ] as const)('the base is XORed with that of the %s extension, after a miss there', (context, name) => {
    const m = mmu({ model: 'cheetah' }).setRegister('dataTsb', TSB)
    m.setRegister(name, 0x3_0000_0000n)
    miss(m, 0x6000n, context)
    expect(m.register('dataTsbPointer8K')).toEqualU64(0x2_0000_0000n | (3n << 4n))
    for (const other of ['primary', 'secondary', 'nucleus'] as const) {
      if (other === context) continue
      miss(m, 0x6000n, other)
      expect(m.register('dataTsbPointer8K')).toEqualU64(TSB | (3n << 4n))
    }
  })

  test('the hash, extension bits 11:3, is XORed into the lowest nine bits of the entry number', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dataTsb', TSB | 1n)
    m.setRegister('dataTsbPrimaryExtension', 0x155n << 3n)
    miss(m, 0x20_6000n, 'primary')
    expect(m.register('dataTsbPointer8K')).toEqualU64(TSB | ((0x103n ^ 0x155n) << 4n))
    miss(m, 0x120_0000n, 'primary')
    expect(m.register('dataTsbPointer64K')).toEqualU64(TSB | ((0x120n ^ 0x155n) << 4n))
    miss(m, 0x40_0000n, 'primary')
    expect(m.register('dataTsbPointer8K')).toEqualU64(TSB | ((0x200n ^ 0x155n) << 4n))
  })

  test('size and split are those of the TSB register', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dataTsb', TSB | 0x1000n)
    m.setRegister('dataTsbPrimaryExtension', 7n)
    miss(m, 0x6000n, 'primary')
    expect(m.register('dataTsbPointer8K')).toEqualU64(TSB | (3n << 4n))
    expect(m.register('dataTsbPointer64K')).toEqualU64(TSB | 0x2000n)
  })

  test('the hash does not reach the half of a split TSB, nor the base', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dataTsb', TSB | 0x1000n)
    m.setRegister('dataTsbPrimaryExtension', 0x1ffn << 3n)
    miss(m, 0x3f_e000n, 'primary')
    expect(m.register('dataTsbPointer8K')).toEqualU64(TSB)
    miss(m, 0x1ff_0000n, 'primary')
    expect(m.register('dataTsbPointer64K')).toEqualU64(TSB | 0x2000n)
  })

  test('the I-MMU has extensions of its own, for primary and nucleus', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('instructionTsb', TSB)
    m.setRegister('dataTsbPrimaryExtension', 0xf_0000_0000n)
    m.setRegister('instructionTsbPrimaryExtension', 0x3_0000_0000n)
    m.setRegister('instructionTsbNucleusExtension', 0x7_0000_0000n)
    m.translate(0x6000, { access: 'fetch', context: 'primary' })
    expect(m.register('instructionTsbPointer8K')).toEqualU64(0x2_0000_0030n)
    m.translate(0x6000, { access: 'fetch', context: 'nucleus' })
    expect(m.register('instructionTsbPointer8K')).toEqualU64(0x6_0000_0030n)
  })

  test('64 bits count: a base in what was the hole', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dataTsb', 0x8123_0000_0000_0000n)
    miss(m, 0x6000n, 'primary')
    expect(m.register('dataTsbPointer8K')).toEqualU64(0x8123_0000_0000_0030n)
  })
})

describe('which state is kept', () => {
  test.each(PLUS)('%s: a copy of the arena, and restored(), give the same choices', (model) => {
    const m = mmu({ model })
    for (let i = 0; i < 9; i++) m.loadEntry({ va: 0x2000 + i * 0x20_0000, pa: 0 })
    const entries = m.entries()
    m.mmu.restored()
    expect(m.entries()).toEqual(entries)
  })
})
