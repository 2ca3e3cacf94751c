import { describe, expect, test } from 'vitest'
import { MMU_MODELS, type MmuModelName } from '../../src/mmu/index'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const MODELS = Object.keys(MMU_MODELS) as MmuModelName[]
const PLUS = ['cheetah-plus', 'jalapeno'] as const
const SIDES = ['data', 'instruction'] as const
const BITS = Array.from({ length: 13 }, (_, bit) => 1 << bit)

describe.each(MODELS)('%s: all 13 bits of a context number count (UltraSPARC-I 6.9.3)', (model) => {
  test.each(SIDES.flatMap((side) => [false, true].map((locked) => [side, locked] as const)))(
    'in a look-up of the %s TLB, locked %s',
    (side, locked) => {
      const access = side === 'data' ? 'load' : 'fetch'
      for (const bit of BITS) {
        const m = mmu({ model })
        m.loadEntry({ va: 0x2000, pa: 0x4000, context: 0x1fff ^ bit, locked, side })
        expect(m)
          .toTranslate(0x2000, { context: 0x1fff ^ bit, access })
          .to(0x4000)
        expect(m).not.toTranslate(0x2000, { context: 0x1fff, access })
      }
    },
  )

  test.each(SIDES)('in a demap of a context of the %s TLB', (side) => {
    const m = mmu({ model })
    for (const bit of BITS)
      for (const locked of [false, true]) m.loadEntry({ va: bit << 13, pa: 0, context: bit, locked, side })
    const contexts = () => m.entries(side).flatMap(({ context, valid }) => (valid ? [context] : []))
    for (const [done, bit] of BITS.entries()) {
      m.setRegister('primaryContext', bit).demapContext('primary', side)
      expect(new Set(contexts())).toEqual(new Set(BITS.slice(done + 1)))
    }
  })

  test('in tag access and tag target after a miss', () => {
    const m = mmu({ model })
    for (const bit of [...BITS, 0x1fff]) {
      m.setRegister('primaryContext', bit)
      m.translate(0x2000, { context: 'primary' })
      expect(m.register('dataTagAccess')).toBe(0x2000n | BigInt(bit))
      expect(m.register('dataTagTarget')).toEqualU64(BigInt(bit) << 48n)
      m.translate(0x2000, { context: 'primary', access: 'fetch' })
      expect(m.register('instructionTagTarget')).toEqualU64(BigInt(bit) << 48n)
    }
  })

  test('in the registers, each of its own; nucleus is 0', () => {
    const m = mmu({ model })
    for (const bit of BITS) {
      m.setRegister('primaryContext', bit).setRegister('secondaryContext', 0x1fff ^ bit)
      expect(m.mmu.contextNumber('primary')).toBe(bit)
      expect(m.mmu.contextNumber('secondary')).toBe(0x1fff ^ bit)
      expect(m.mmu.contextNumber('nucleus')).toBe(0)
    }
  })
})

describe.each(PLUS)(
  '%s: page sizes beside the context number (Linux arch/sparc/include/asm/mmu_64.h CTX_PGSZ*)',
  (model) => {
    const CODES = Array.from({ length: 64 }, (_, codes) => [codes & 7, codes >> 3] as const)

    test('primary and secondary have theirs in 18:16 and 21:19', () => {
      const m = mmu({ model })
      const found = CODES.map(([first, second]) => {
        m.setRegister('primaryContext', (BigInt(second) << 19n) | (BigInt(first) << 16n) | 0x1fffn)
        m.setRegister('secondaryContext', (BigInt(first) << 19n) | (BigInt(second) << 16n) | 0x1fffn)
        const sizes = (['primary', 'secondary', 'nucleus'] as const).map((kind) => m.mmu.pageSizes(kind))
        return [...sizes, m.mmu.contextNumber('primary')]
      })
      expect(found).toEqual(CODES.map(([first, second]) => [first | (second << 3), second | (first << 3), 0, 0x1fff]))
    })

    test('nucleus has its in 63:61 and 60:58 of the primary context register', () => {
      const m = mmu({ model })
      const found = CODES.map(([first, second]) => {
        m.setRegister('primaryContext', (BigInt(first) << 61n) | (BigInt(second) << 58n))
        return [m.mmu.pageSizes('nucleus'), m.mmu.pageSizes('primary'), m.mmu.contextNumber('primary')]
      })
      expect(found).toEqual(CODES.map(([first, second]) => [first | (second << 3), 0, 0]))
    })

    test('codes that no page has find nothing, though the set would have an entry', () => {
      for (const code of [4, 5, 6, 7]) {
        const m = mmu({ model }).setRegister('dataTagAccessExtension', 0)
        m.loadEntry({ va: 0, pa: 0x4000 })
        expect(m).toTranslate(0).to(0x4000)
        m.setRegister('primaryContext', (BigInt(code) << 61n) | (BigInt(code) << 58n))
        expect(m).not.toTranslate(0)
      }
    })
  },
)
