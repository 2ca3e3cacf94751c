import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

/** UltraSPARC-I 6.3.1: base bits, then the page number's low bits as an index of 16-byte entries, half chosen if split. */
function expectedPointer(
  va: bigint,
  base: bigint,
  split: boolean,
  size: number,
  pageShift: bigint,
  upperHalf: boolean,
) {
  const entries = 512n << BigInt(size)
  const index = (va >> pageShift) % entries
  const bytes = entries * 16n
  const whole = split ? bytes * 2n : bytes
  const start = base - (base % whole)
  return start + (split && upperHalf ? bytes : 0n) + index * 16n
}

describe('TSB pointers (UltraSPARC-I 6.3.1, 6.9.8, 6.11.3)', () => {
  const va = fc.bigInt({ min: 0n, max: (1n << 43n) - 1n })
  const base = fc.bigInt({ min: 0n, max: (1n << 30n) - 1n }).map((page) => page << 13n)
  const size = fc.integer({ min: 0, max: 7 })

  propertyTest.prop([
    va,
    base,
    size,
    fc.boolean(),
    fc.nat(0x1fff),
    fc.constantFrom('data' as const, 'instruction' as const),
  ])('are base, half and index, whatever the context', (address, tsbBase, tsbSize, split, context, side) => {
    const m = mmu()
    m.setRegister(`${side}Tsb`, tsbBase | (split ? 0x1000n : 0n) | BigInt(tsbSize))
    m.setRegister(`${side}TagAccess`, (address & ~0x1fffn) | BigInt(context))
    const page = address & ~0x1fffn
    expect(m.register(`${side}TsbPointer8K`)).toBe(expectedPointer(page, tsbBase, split, tsbSize, 13n, false))
    expect(m.register(`${side}TsbPointer64K`)).toBe(expectedPointer(page, tsbBase, split, tsbSize, 16n, true))
  })

  test('by hand: 512 entries, common', () => {
    const m = mmu().setRegister('dataTsb', 0x70_0000).setRegister('dataTagAccess', 0x123_4000)
    expect(m.register('dataTsbPointer8K')).toBe(0x70_0000n + 16n * ((0x123_4000n / 0x2000n) % 512n))
    expect(m.register('dataTsbPointer64K')).toBe(0x70_0000n + 16n * 0x123n)
  })

  test('by hand: split, the 64K half lies above', () => {
    const m = mmu().setRegister('dataTsb', 0x70_1000).setRegister('dataTagAccess', 0x123_4000)
    expect(m.register('dataTsbPointer64K')).toBe(0x70_2000n + 16n * 0x123n)
  })

  test('are sign-extended from bit 43', () => {
    const m = mmu().setRegister('dataTsb', 0xffff_f800_0000_0000n)
    expect(m.register('dataTsbPointer8K')).toEqualU64(0xffff_f800_0000_0000n)
  })

  test('follow a miss', () => {
    const m = mmu().setRegister('dataTsb', 0x70_0000)
    m.translate(0x6008)
    expect(m.register('dataTsbPointer8K')).toBe(0x70_0030n)
  })

  test.each([
    ['8K', '8K'],
    ['64K', '64K'],
    ['512K', '8K'],
    ['4M', '8K'],
  ] as const)('the direct pointer after a protection trap on a %s page is the %s pointer', (size, pointer) => {
    const m = mmu().setRegister('dataTsb', 0x70_1000)
    m.loadEntry({ va: 0x80_0000, pa: 0, size })
    m.loadEntry({ va: 0x100_0000, pa: 0, size: size === '64K' ? '8K' : '64K' })
    m.translate(0x100_0000, { access: 'store' })
    m.translate(0x80_0000, { access: 'store' })
    const other = pointer === '8K' ? '64K' : '8K'
    expect(m.register('dataTsbDirectPointer')).toBe(m.register(`dataTsbPointer${pointer}`))
    expect(m.register('dataTsbDirectPointer')).not.toBe(m.register(`dataTsbPointer${other}`))
  })
})
