import { describe, expect, test } from 'vitest'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const ALL = (1n << 64n) - 1n

describe('which registers there are (UltraSPARC-I table 6-10)', () => {
  const both = ['load', 'store'] as const
  const rows: [string, number, bigint, readonly ('load' | 'store')[]][] = [
    ['LSU control', 0x45, 0x00n, both],
    ['I tag target', 0x50, 0x00n, ['load']],
    ['I SFSR', 0x50, 0x18n, both],
    ['I TSB', 0x50, 0x28n, both],
    ['I tag access', 0x50, 0x30n, both],
    ['I 8K pointer', 0x51, 0x00n, ['load']],
    ['I 64K pointer', 0x52, 0x00n, ['load']],
    ['I data in', 0x54, 0x00n, ['store']],
    ['I data access', 0x55, 0x1f8n, both],
    ['I tag read', 0x56, 0x1f8n, ['load']],
    ['I demap', 0x57, 0x2040n, ['store']],
    ['D tag target', 0x58, 0x00n, ['load']],
    ['primary context', 0x58, 0x08n, both],
    ['secondary context', 0x58, 0x10n, both],
    ['D SFSR', 0x58, 0x18n, both],
    ['SFAR', 0x58, 0x20n, ['load']],
    ['D TSB', 0x58, 0x28n, both],
    ['D tag access', 0x58, 0x30n, both],
    ['VA watchpoint', 0x58, 0x38n, both],
    ['PA watchpoint', 0x58, 0x40n, both],
    ['D 8K pointer', 0x59, 0x00n, ['load']],
    ['D 64K pointer', 0x5a, 0x00n, ['load']],
    ['D direct pointer', 0x5b, 0x00n, ['load']],
    ['D data in', 0x5c, 0x00n, ['store']],
    ['D data access', 0x5d, 0x1f8n, both],
    ['D tag read', 0x5e, 0x1f8n, ['load']],
    ['D demap', 0x5f, 0x2040n, ['store']],
  ]
  test.each(rows)('%s at ASI %i, VA %i', (_, asi, va, allowed) => {
    const m = mmu()
    expect(m.mmu.handles(asi)).toBe(true)
    for (const access of both) {
      const trap = m.mmu.checkAsi(asi, va, access)
      expect(trap).toBe(allowed.includes(access) ? undefined : 'data_access_exception')
      if (trap) expect(m.sfsr()).toMatchObject({ faultType: 0x08, asi, context: 'none', write: access === 'store' })
    }
  })

  test.each([
    [0x50, 0x08n],
    [0x50, 0x20n],
    [0x50, 0x38n],
    [0x58, 0x48n],
    [0x59, 0x08n],
    [0x5c, 0x08n],
    [0x5d, 0x200n],
    [0x5f, 0x8n],
    [0x45, 0x8n],
  ])('nothing at ASI %i, VA %i', (asi, va) => {
    const m = mmu()
    expect(m.mmu.checkAsi(asi, va, 'load')).toBe('data_access_exception')
    expect(m.mmu.checkAsi(asi, va, 'store')).toBe('data_access_exception')
    expect(() => m.mmu.loadAsi(asi, va)).toThrow(RangeError)
    expect(() => m.mmu.storeAsi(asi, va, 0n)).toThrow(RangeError)
  })

  test.each([1n, 2n, 4n, 8n])('a demap address with bit %i is no register', (bit) => {
    for (const asi of [0x57, 0x5f])
      for (const va of [bit, 0x2040n | bit]) expect(() => mmu().mmu.storeAsi(asi, va, 0n)).toThrow(RangeError)
  })

  test.each([0x44, 0x46, 0x49, 0x53, 0x60, 0x77, 0x80])('ASI %i is not the MMU’s', (asi) => {
    expect(mmu().mmu.handles(asi)).toBe(false)
  })

  test.each([1n, 2n, 3n, 4n, 5n, 6n, 7n])(
    'the low three address bits must be 0: mem_address_not_aligned (6.9.1), %i',
    (low) => {
      for (const access of ['load', 'store', 'atomic'] as const) {
        const m = mmu()
        expect(m.mmu.checkAsi(0x58, 0x08n | low, access)).toBe('mem_address_not_aligned')
        const fields = { faultType: 0, asi: 0x58, valid: true, privileged: true, write: access !== 'load' }
        expect(m.sfsr()).toMatchObject(fields)
        expect(m.register('dataSfar')).toBe(0x08n | low)
      }
    },
  )

  test.each([1, 2, 4, 7, 9, 16, 64])('accesses of %i bytes are refused (6.5)', (size) => {
    for (const access of ['load', 'store'] as const)
      for (const va of [0x08n, 0x0cn]) {
        const m = mmu()
        expect(m.mmu.checkAsi(0x58, va, access, size)).toBe('data_access_exception')
        expect(m.sfsr()).toMatchObject({ faultType: 0x08, write: access === 'store' })
      }
  })

  test('accesses that are no plain load or store are refused (6.5)', () => {
    for (const access of ['atomic', 'quad', 'flush', 'fetch'] as const) {
      const m = mmu()
      expect(m.mmu.checkAsi(0x58, 0x08n, access)).toBe('data_access_exception')
      expect(m.sfsr()).toMatchObject({ faultType: 0x08, write: access === 'atomic' })
    }
  })

  test('a refused access changes nothing but SFSR and SFAR', () => {
    const m = mmu().setRegister('primaryContext', 7)
    m.mmu.checkAsi(0x58, 0x00n, 'store')
    expect(m.register('primaryContext')).toBe(7n)
    expect(m.register('dataTagAccess')).toBe(0n)
  })
})

describe('which bits they keep (UltraSPARC-I 6.9.2, 6.9.3, 6.9.4, 6.9.6, A.5, A.6)', () => {
  test.each([
    ['primaryContext', ALL, 0x1fffn],
    ['secondaryContext', ALL, 0x1fffn],
    ['dataSfsr', ALL, 0xff_3fffn],
    ['instructionSfsr', ALL, 0xff_3fbbn],
    ['dataTsb', ALL, 0xffff_ffff_ffff_f007n],
    ['instructionTsb', 0x0000_0fff_ffff_ffffn, 0xffff_ffff_ffff_f007n],
    ['dataTsb', 0xffff_f7ff_ffff_ffffn, 0x0000_07ff_ffff_f007n],
    ['dataTagAccess', 0x0000_0800_0000_0000n, 0xffff_f800_0000_0000n],
    ['dataTagAccess', 0xffff_f000_0000_1fffn, 0x1fffn],
    ['instructionTagAccess', 0x0000_0fff_ffff_ffffn, ALL],
    ['virtualWatchpoint', 0x0000_0800_0000_000fn, 0xffff_f800_0000_0008n],
    ['physicalWatchpoint', 0x0000_01ff_ffff_ffffn, 0x0000_01ff_ffff_fff8n],
    ['lsuControl', ALL, 0x1ff_ffef_ffffn],
  ] as const)('%s written %i reads %i', (name, value, read) => {
    expect(mmu().setRegister(name, value).register(name)).toEqualU64(read)
  })

  test('tag target is tag access in the layout of a TSB tag (6.9.2)', () => {
    const m = mmu().setRegister('dataTagAccess', 0x0000_0712_3456_7abcn)
    expect(m.register('dataTagTarget')).toEqualU64((0x1abcn << 48n) | (0x0712_3456_7abcn >> 22n))
    m.setRegister('instructionTagAccess', 0xffff_f800_0040_0001n)
    expect(m.register('instructionTagTarget')).toEqualU64((1n << 48n) | 0x3ff_ffe0_0001n)
  })

  test('tag target follows a miss', () => {
    const m = mmu().setRegister('primaryContext', 0x55)
    m.translate(0x1_2340_0000n, { context: 'primary' })
    expect(m.register('dataTagTarget')).toEqualU64((0x55n << 48n) | (0x1_2340_0000n >> 22n))
  })
})

describe('TLB entries as ASIs see them (UltraSPARC-I 6.9.9, table 6-13)', () => {
  const DATA = 0x8000_0000_0000_4036n

  test('data in writes the entry of the replacement policy, tag from tag access, which stays', () => {
    const m = mmu().setRegister('dataTagAccess', 0x2005)
    m.mmu.storeAsi(0x5c, 0n, DATA)
    expect(m).toHoldEntry({ index: 0, va: 0x2000, context: 5, pa: 0x4000, writable: true, privileged: true })
    expect(m.register('dataTagAccess')).toBe(0x2005n)
  })

  test('data access writes and reads the entry in VA<8:3>', () => {
    const m = mmu().setRegister('dataTagAccess', 0x2005)
    m.mmu.storeAsi(0x5d, 37n << 3n, DATA)
    expect(m).toHoldEntry({ index: 37, va: 0x2000, context: 5, pa: 0x4000 })
    expect(m.mmu.loadAsi(0x5d, 37n << 3n)).toEqualU64(DATA)
    expect(m.mmu.loadAsi(0x5e, 37n << 3n)).toEqualU64(0x2005)
    expect(m.mmu.loadAsi(0x5d, 36n << 3n)).toBe(0n)
  })

  test('soft bits read as zero (6.2)', () => {
    const m = mmu()
    m.mmu.storeAsi(0x5d, 0n, 0x87fc_0000_0000_1f80n | DATA)
    expect(m.mmu.loadAsi(0x5d, 0n)).toEqualU64(DATA)
  })

  test.each([
    [0n, 0n],
    [1n, 0b001_001n],
    [2n, 0b011_011n],
    [3n, 0b111_111n],
  ])('the diagnostic bits of size %i are %i (6.2)', (size, diagnostics) => {
    const m = mmu()
    m.mmu.storeAsi(0x5d, 0n, (1n << 63n) | (size << 61n))
    expect((m.mmu.loadAsi(0x5d, 0n) >> 42n) & 0x3fn).toBe(diagnostics)
  })

  test('the used bit is read and written as Diag<0> (6.2)', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    expect(m.mmu.loadAsi(0x5d, 0n) & (1n << 41n)).toBe(0n)
    m.translate(0x2000)
    expect(m.mmu.loadAsi(0x5d, 0n) & (1n << 41n)).toBe(1n << 41n)
    m.setRegister('dataTagAccess', 0x2000)
    m.mmu.storeAsi(0x5d, 0n, DATA)
    expect(m).toHoldEntry({ index: 0, used: false })
    m.mmu.storeAsi(0x5d, 0n, DATA | (1n << 41n))
    expect(m).toHoldEntry({ index: 0, used: true })
  })

  test('a store of 0 by data access invalidates, as a flush of all entries does it', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, locked: true })
    m.mmu.storeAsi(0x5d, 0n, 0n)
    expect(m).not.toTranslate(0x2000)
    expect(m.loadEntry({ va: 0x2000, pa: 0x6000 })).toBe(0)
  })

  test('the instruction side has its own', () => {
    const m = mmu().setRegister('instructionTagAccess', 0x2000)
    m.mmu.storeAsi(0x55, 5n << 3n, DATA)
    expect(m).toHoldEntry({ index: 5, va: 0x2000, writable: false }, 'instruction')
    expect(m.mmu.loadAsi(0x55, 5n << 3n)).toEqualU64(DATA & ~0x12n)
    expect(m.mmu.loadAsi(0x56, 5n << 3n)).toBe(0x2000n)
    expect(m.entries().some((entry) => entry.valid)).toBe(false)
  })
})
