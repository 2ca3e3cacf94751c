import { describe, expect, test } from 'vitest'
import { machine, machineDriver, mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const MODELS = ['spitfire', 'cheetah', 'cheetah-plus', 'jalapeno'] as const

function message(assertion: () => unknown): string {
  try {
    assertion()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe.each(MODELS)('the fixture of %s', (model) => {
  test('TSB pointers of a miss, common and split (UltraSPARC-I 6.11.3)', () => {
    const m = mmu({ model }).setTsb({ base: 0x4000_0000, size: 1 })
    expect(m.tsbPointer(0x1234_6000)).toEqualU64(0x4000_0000n | ((0x1234_6000n >> 9n) & 0x3ff0n))
    m.setTsb({ base: 0x4000_0000, size: 1, split: true })
    expect(m.tsbPointer(0x1234_6000, '64K')).toEqualU64(0x4000_4000n | ((0x1234_6000n >> 12n) & 0x3ff0n))
    m.loadEntry({ va: 0x4000, pa: 0x8000 })
    expect(() => m.tsbPointer(0x4000)).toThrow(/does not miss: it translates to 0x8000/)
    expect(() => m.setTsb({ base: 0x1000 })).toThrow(/multiple of 8192/)
    expect(() => m.setTsb({ base: 0, size: 8 })).toThrow(/size: expected 0 to 7/)
  })

  test('watchpoints trap on the bytes, the kind of access and the addresses that they are told (UltraSPARC-I A.5)', () => {
    const m = mmu({ model })
    m.loadEntry({ va: 0x4000, pa: 0x8000, writable: true })
    m.watch('virtual', { at: 0x4008, bytes: 0x0f, write: false })
    expect(m.translate(0x4008, { size: 4 })).toFault('VA_watchpoint')
    expect(m.translate(0x400c, { size: 4 })).not.toFault('VA_watchpoint')
    expect(m.translate(0x4008, { size: 4, access: 'store' }).ok).toBe(true)
    m.watch('physical', { at: 0x8010, read: false })
    expect(m.translate(0x4010, { access: 'store' })).toFault('PA_watchpoint')
    expect(m.translate(0x4010).ok).toBe(true)
    expect(m.translate(0x4008, { size: 4 })).toFault('VA_watchpoint')
    expect(() => m.watch('virtual', { at: 0, bytes: 256 })).toThrow(/bytes/)
  })

  test('all entries of a multiple hit', () => {
    const m = mmu({ model })
    m.loadEntry({ va: 0x4000, pa: 0x8000, index: 3 })
    m.loadEntry({ va: 0, pa: 0, size: '64K', global: true, index: 5 })
    m.loadEntry({ va: 0x4000, pa: 0xa000, context: 7, index: 6 })
    expect(m.matching(0x4010).map(({ index }) => index)).toEqual([3, 5])
    expect(m.matching(0x4010, 7).map(({ index }) => index)).toEqual([5, 6])
    expect(m.matching(0x1_0000)).toEqual([])
  })

  test('fields of the SFSR, and both in the message', () => {
    const m = mmu({ model })
    m.loadEntry({ va: 0x4000, pa: 0x8000 })
    m.translate(0x4008, { access: 'store' })
    expect(m).toHaveSfsr({ valid: true, write: true, context: 'nucleus', overwritten: false })
    expect(m).not.toHaveSfsr({ write: false })
    expect(m).toHaveSfsr({ valid: false }, 'instruction')
    const text = message(() => expect(m).toHaveSfsr({ write: false, context: 'primary' }))
    expect(text).toMatch(
      /^expected the data SFSR to have write false, context primary, but it is 0x[0-9a-f]{16}: write, ASI 0x4/,
    )
  })
})

describe.each(['cheetah-plus', 'jalapeno'] as const)('page sizes of %s', (model) => {
  test.each(['primary', 'secondary', 'nucleus'] as const)(
    'of %s (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*)',
    (context) => {
      const m = mmu({ model }).setRegister('primaryContext', 5).setRegister('secondaryContext', 6)
      m.setPageSizes(context, ['64K', '4M'])
      const number = { primary: 5, secondary: 6, nucleus: 0 }[context]
      m.translate(0x40_0000, { context })
      m.loadEntry({ va: 0x40_0000, pa: 0, size: '4M', context: number })
      expect(m).toHoldEntry({ va: 0x40_0000, array: 'T512_1', context: number })
      expect(m.translate(0x40_1000, { context })).toMatchObject({ ok: true, pa: 0x1000n })
      expect(m.setPageSizes(context, ['8K', '8K']).translate(0x40_1000, { context }).ok).toBe(false)
    },
  )
})

test('a model without page sizes in context registers says so', () => {
  expect(() => mmu({ model: 'cheetah' }).setPageSizes('primary', ['8K', '4M'])).toThrow(/cheetah has no page sizes/)
})

test('matchers take what a driver reports', async () => {
  const driver = await machineDriver()
  await driver.loadEntry({ va: 0x4000, pa: 0x8000 })
  const stored = await driver.translate(0x4008, { access: 'store' })
  expect(stored).toFault('fast_data_access_protection')
  expect(stored).toHaveSfsr({ valid: true, write: true })
  expect(message(() => expect(stored).toFault('data_access_exception', 1))).toContain(
    'but it takes fast_data_access_protection',
  )
  const loaded = await driver.translate(0x4008)
  expect(loaded).not.toFault('fast_data_access_protection')
  expect(message(() => expect(loaded).toFault('fast_data_access_MMU_miss'))).toContain('but it translates to 0x8008')
  await driver.close()
})

test.each(['ultrasparc-i', 'ultrasparc-ii', 'cheetah', 'cheetah-plus', 'jalapeno'] as const)(
  'a machine of %s runs snippets through its MMU',
  (model) => {
    const m = machine({ model }).translate([{ va: 0x40_0000, pa: 0x8000, writable: true }])
    const { trap } = m.run('stx %o1, [%o0]', { registers: { '%o0': 0x40_0010, '%o1': 7 } })
    expect(trap).toBeUndefined()
    expect(m.peek(0x8010)).toBe(7n)
    expect(m.run('ldx [%o0], %o1', { registers: { '%o0': 0x60_0000 } }).trap?.name).toBe('fast_data_access_MMU_miss')
    expect(m.mmus[0]!.register('dataTagAccess')).toEqualU64(0x60_0000)
  },
)
