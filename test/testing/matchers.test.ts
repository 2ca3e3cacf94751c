import Long from 'long'
import { describe, expect, test } from 'vitest'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

function message(assertion: () => unknown): string {
  try {
    assertion()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

function loaded() {
  const m = mmu()
  m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5, writable: true })
  m.loadEntry({ va: 0x6000, pa: 0x8000, privileged: true })
  return m
}

describe('toTranslate', () => {
  test('passes, in each of its forms', () => {
    const m = loaded()
    expect(m).toTranslate(0x6000)
    expect(m).toTranslate(0x6008).to(0x8008)
    expect(m).toTranslate(0x2008, { context: 5, access: 'store' }).to(0x4008n)
    expect(m).toTranslate(0x2008, Long.fromNumber(0x4008), { context: 5 })
    expect(m.mmu).toTranslate(0x6008, 0x8008)
    expect(m).not.toTranslate(0x2000)
    expect(m).not.toTranslate(0x6000, { privileged: false })
    expect(m).not.toTranslate(0x6000, 0x4000)
    expect(m).not.toTranslate(0x6000, 0x4000, { privileged: false })
  })

  test('fails on a wrong address, and shows both and the TLB in columns', () => {
    const text = message(() => expect(loaded()).toTranslate(0x6008).to(0x9008))
    expect(text).toContain('expected 0x0000000000006008 to translate to 0x9008, but it translates to 0x8008')
    expect(text).toContain('data TLB: 2 of 64 entries')
    expect(text).toMatch(/^1 {6}0x0000000000006000 {2}0 {8}0x00000008000 {2}8K {4}---cv-p--$/m)
  })

  test('fails on a trap, and says which', () => {
    expect(message(() => expect(loaded()).toTranslate(0x2000))).toContain('it takes fast_data_access_MMU_miss')
    expect(message(() => expect(loaded()).toTranslate(0x6000, { privileged: false }).to(0x8000))).toContain(
      'it takes data_access_exception, fault type 0x1 (privilege violation)',
    )
    expect(message(() => expect(loaded()).toTranslate(0x6000, 0x8000, { access: 'store' }))).toContain(
      'it takes fast_data_access_protection',
    )
  })

  test('fails when negated and it does translate', () => {
    expect(message(() => expect(loaded()).not.toTranslate(0x6000))).toContain('not to translate')
    expect(message(() => expect(loaded()).not.toTranslate(0x6000, 0x8000))).toContain('not to translate to 0x8000')
  })

  test('does not touch used bits or fault registers', () => {
    const m = loaded()
    expect(m).toTranslate(0x6000).to(0x8000)
    expect(m).not.toTranslate(0xa000)
    expect(m.entries().some((entry) => entry.used)).toBe(false)
    expect(m.register('dataTagAccess')).toBe(0n)
  })

  test('refuses what is not an MMU, and addresses that are not 64-bit', () => {
    expect(() => expect({}).toTranslate(0)).toThrow(/expected an MMU or mmu\(\) fixture, got object/)
    expect(() => expect(loaded()).toTranslate(-1)).toThrow(/non-negative safe integer/)
    expect(() => expect(loaded()).toTranslate(0.5)).toThrow(/non-negative safe integer/)
  })
})

describe('toFault', () => {
  test('passes on the trap, and on its fault type if asked', () => {
    const m = loaded()
    expect(m.translate(0x2000)).toFault('fast_data_access_MMU_miss')
    expect(m.translate(0x6000, { privileged: false })).toFault('data_access_exception')
    expect(m.translate(0x6000, { privileged: false })).toFault('data_access_exception', 1)
    expect(m.translate(0x6000)).not.toFault('data_access_exception')
    expect(m.translate(0x6000, { privileged: false })).not.toFault('data_access_exception', 2)
  })

  test('fails on another trap, another fault type, or none, and shows the TLB', () => {
    const m = loaded()
    const texts = [
      message(() => expect(m.translate(0x2000)).toFault('VA_watchpoint')),
      message(() => expect(m.translate(0x6000, { privileged: false })).toFault('data_access_exception', 0x10)),
      message(() => expect(m.translate(0x6000)).toFault('data_access_exception')),
    ]
    expect(texts[0]).toContain('to take VA_watchpoint, but it takes fast_data_access_MMU_miss')
    expect(texts[1]).toContain(
      'fault type 0x10 (no-fault-only page), but it takes data_access_exception, fault type 0x1',
    )
    expect(texts[2]).toContain('but it translates to 0x8000')
    for (const text of texts) expect(text).toContain('data TLB: 2 of 64 entries')
  })
})

describe('toHoldEntry', () => {
  test('looks for an entry with all the fields, on the side asked for', () => {
    const m = loaded()
    expect(m).toHoldEntry({ va: 0x2000, pa: 0x4000n, context: 5, writable: true, index: 0 })
    expect(m).not.toHoldEntry({ va: 0x2000, context: 6 })
    expect(m).not.toHoldEntry({ va: 0x2000 }, 'instruction')
    expect(m).toHoldEntry({ valid: false, index: 63 })
    m.demapPage(0x6000)
    expect(m).not.toHoldEntry({ va: 0x6000 })
  })

  test('fails with the pattern and the TLB', () => {
    const text = message(() => expect(loaded()).toHoldEntry({ va: 0x2000, writable: false }))
    expect(text).toContain('hold an entry with va 0x2000, writable false')
    expect(text).toContain('data TLB: 2 of 64 entries')
    expect(message(() => expect(loaded()).not.toHoldEntry({ va: 0x2000 }))).toContain('not to hold')
  })
})

describe('toEqualU64', () => {
  test('compares words, whatever their type and sign', () => {
    expect(-1n).toEqualU64(0xffff_ffff_ffff_ffffn)
    expect(Long.fromNumber(-1)).toEqualU64(-1n)
    expect(5).toEqualU64(5n)
    expect(5).not.toEqualU64(6)
  })

  test('fails with both words and the bits that differ', () => {
    expect(message(() => expect(0x10n).toEqualU64(0x11))).toBe(
      'expected 0x0000000000000010 to equal 0x0000000000000011, differing bits 0x0000000000000001',
    )
    expect(message(() => expect(1n).not.toEqualU64(1))).toContain('not to equal')
  })
})

describe('the fixture', () => {
  test('takes numbers, bigints and Longs; gives bigints', () => {
    const m = mmu()
    m.loadEntry({ va: Long.fromNumber(0x2000), pa: 0x4000n })
    expect(m.translate(Long.fromNumber(0x2010))).toMatchObject({
      ok: true,
      pa: 0x4010n,
      entry: { index: 0, used: true },
    })
  })

  test('a context number stands in the primary context register for one access only', () => {
    const m = loaded().setRegister('primaryContext', 9)
    expect(m.translate(0x2000, { context: 5 }).ok).toBe(true)
    expect(m.register('primaryContext')).toBe(9n)
  })

  test('loading an entry leaves tag access as it was', () => {
    const m = mmu()
    m.translate(0x1234_4000, { context: 3 })
    m.loadEntry({ va: 0x8000, pa: 0 })
    expect(m.register('dataTagAccess')).toBe(0x1234_4003n)
  })

  test('refuses entries that cannot be, and changes nothing', () => {
    const m = mmu()
    expect(() => m.loadEntry({ va: 0, pa: 0x2000, size: '4M' })).toThrow(/multiple of 4194304/)
    expect(() => m.loadEntry({ va: -1, pa: 0 })).toThrow(/va: expected a non-negative safe integer/)
    expect(() => m.setRegister('dataSfar', 1)).toThrow(RangeError)
    expect(m.toString()).toBe('data TLB: 0 of 64 entries\ninstruction TLB: 0 of 64 entries')
  })
})
