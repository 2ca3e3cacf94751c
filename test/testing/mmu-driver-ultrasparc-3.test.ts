import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ASI } from '../../src/isa/index'
import { type MmuDriver, machineDriver } from '../../src/testing/index'

/** UltraSPARC III by its own instructions: no other implementation has its shape, so the citations are the oracle. */
describe.each(['cheetah', 'cheetah-plus', 'jalapeno'] as const)('%s, by its own instructions', (model) => {
  let m: MmuDriver
  beforeAll(async () => {
    m = await machineDriver({ model })
  })
  afterAll(() => m.close())
  beforeEach(() => m.reset())

  const valid = async (side: 'data' | 'instruction' = 'data') => (await m.entries(side)).filter((entry) => entry.valid)

  test('unlocked 8K pages go to a two-way array, locked and larger ones to T16 (SPARC64 V JPS1 supplement F.11.10)', async () => {
    await m.loadEntry({ va: 0x4000, pa: 0x8000 })
    await m.loadEntry({ va: 0x6000, pa: 0xa000, locked: true })
    await m.loadEntry({ va: 0x40_0000, pa: 0x40_0000, size: '4M' })
    const arrays = new Map((await valid()).map(({ va, array, slot }) => [va, `${array}:${slot}`]))
    const first = model === 'cheetah' ? 'T512' : 'T512_0'
    expect(arrays.get(0x4000n)).toBe(`${first}:2`)
    expect([arrays.get(0x6000n), arrays.get(0x40_0000n)].sort()).toEqual(['T16:0', 'T16:1'])
    expect(await m.translate(0x4010)).toMatchObject({ ok: true, pa: 0x8010n })
    expect(await m.translate(0x6010)).toMatchObject({ ok: true, pa: 0xa010n })
    expect(await m.translate(0x40_1230)).toMatchObject({ ok: true, pa: 0x40_1230n })
  })

  test('instruction pages likewise, in an array of 128 (Linux arch/sparc/include/asm/spitfire.h cheetah_get_litlb_data)', async () => {
    await m.loadEntry({ va: 0x4000, pa: 0x8000, side: 'instruction' })
    expect((await valid('instruction')).map(({ array, va }) => [array, va])).toContainEqual(['T128', 0x4000n])
    expect(await m.translate(0x4010, { access: 'fetch' })).toMatchObject({ ok: true, pa: 0x8010n })
  })

  test('demap all takes everything that is not locked (Linux arch/sparc/include/asm/spitfire.h cheetah_flush_dtlb_all)', async () => {
    await m.loadEntry({ va: 0x4000, pa: 0x8000, global: true })
    await m.loadEntry({ va: 0x6000, pa: 0xa000, locked: true, context: 3 })
    await m.loadEntry({ va: 0x40_0000, pa: 0, size: '4M', context: 9 })
    await m.demapAll()
    expect((await valid()).map(({ va }) => va)).toEqual([0x6000n])
    await m.demapAll('instruction')
    expect((await valid('instruction')).map(({ va }) => va)).toEqual([m.reserved.va])
  })

  test('demap context and page reach all arrays (UltraSPARC-I 6.9.10)', async () => {
    await m.setRegister('primaryContext', 5)
    await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 5 })
    await m.loadEntry({ va: 0x40_0000, pa: 0, size: '4M', context: 5 })
    await m.loadEntry({ va: 0x6000, pa: 0xa000, context: 6 })
    await m.demapPage(0x4000, 'primary')
    expect((await valid()).map(({ va }) => va)).toEqual([0x40_0000n, 0x6000n])
    await m.demapContext('primary')
    expect((await valid()).map(({ va }) => va)).toEqual([0x6000n])
  })

  test('a miss is recorded: TM and SFAR, no FV (SPARC64 V JPS1 supplement F.10.9)', async () => {
    const { registers } = await m.translate(0x4010, { access: 'store' })
    expect(registers).toMatchObject({ dataSfar: 0x4010n, dataTagAccess: 0x4000n })
    expect(await m.sfsr()).toMatchObject({
      valid: false,
      miss: true,
      write: true,
      context: 'nucleus',
      asi: ASI.ASI_NUCLEUS,
    })
  })

  test('there is no hole of virtual addresses (SPARC64 V JPS1 supplement, table F-9)', async () => {
    const va = 0x0000_0800_0000_0000n
    expect(await m.translate(va)).toMatchObject({ trap: 'fast_data_access_MMU_miss' })
    await m.loadEntry({ va, pa: 0x8000 })
    expect(await m.translate(va + 8n)).toMatchObject({ ok: true, pa: 0x8008n })
  })

  test('TSB pointers are made with the extension of the context that missed (SPARC64 V JPS1 supplement F.10.7)', async () => {
    await m.setRegister('dataTsb', 0x4000_0000)
    await m.setRegister('dataTsbPrimaryExtension', 0x1000_0000)
    await m.setRegister('dataTsbNucleusExtension', 0x2000_0000)
    const pointer = (extension: bigint) => (0x4000_0000n ^ extension) | ((0x1234_6000n >> 9n) & 0x1ff0n)
    await m.translate(0x1234_6000, { context: 'primary' })
    expect(await m.register('dataTsbPointer8K')).toBe(pointer(0x1000_0000n))
    await m.translate(0x1234_6000, { context: 'nucleus' })
    expect(await m.register('dataTsbPointer8K')).toBe(pointer(0x2000_0000n))
    await m.translate(0x1234_6000, { context: 'secondary' })
    expect(await m.register('dataTsbPointer8K')).toBe(pointer(0n))
  })

  test('a protection fault, a privilege violation and a watchpoint are those of UltraSPARC I (UltraSPARC-I 6.4)', async () => {
    await m.loadEntry({ va: 0x4000, pa: 0x8000, privileged: true })
    expect(await m.translate(0x4000, { access: 'store' })).toMatchObject({ trap: 'fast_data_access_protection' })
    expect(await m.translate(0x4000, { context: 'primary', privileged: false })).toMatchObject({
      trap: 'data_access_exception',
      faultType: 1,
    })
    await m.setRegister('virtualWatchpoint', 0x4008)
    await m.setRegister('dcuControl', (await m.register('dcuControl')) | (1n << 22n) | (0xffn << 25n))
    expect(await m.translate(0x4008)).toMatchObject({ trap: 'VA_watchpoint' })
  })

  if (model !== 'cheetah') {
    test('the sizes of a context say which array holds its large pages (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*)', async () => {
      const CODE_4M = 3n
      await m.setRegister('primaryContext', 5n | (CODE_4M << 19n))
      await m.setRegister('dataTagAccessExtension', CODE_4M << 19n)
      await m.loadEntry({ va: 0x40_0000, pa: 0x40_0000, size: '4M', context: 5 })
      expect((await valid()).map(({ array }) => array)).toEqual(['T512_1'])
      expect(await m.translate(0x40_1230, { context: 'primary' })).toMatchObject({ ok: true, pa: 0x40_1230n })
      await m.setRegister('primaryContext', 5)
      expect(await m.translate(0x40_1230, { context: 'primary' })).toMatchObject({ trap: 'fast_data_access_MMU_miss' })
    })
  }
})
