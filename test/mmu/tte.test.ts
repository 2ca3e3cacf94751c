import { describe, expect, test } from 'vitest'
import { decodeEntry, encodeTag, encodeTte, type PAGE_SIZES } from '../../src/mmu/index'

const state = { used: false, observed: false }

describe('TTE data word (UltraSPARC-I 6.2, figure 6-1)', () => {
  test.each([
    ['V', {}, 1n << 63n],
    ['no-fault-only', { noFaultOnly: true }, (1n << 63n) | (1n << 60n)],
    ['invert endianness', { invertEndian: true }, (1n << 63n) | (1n << 59n)],
    ['lock', { locked: true }, (1n << 63n) | 0x40n],
    ['CP and CV', { cacheable: true }, (1n << 63n) | 0x30n],
    ['side effect', { sideEffect: true }, (1n << 63n) | 8n],
    ['privileged', { privileged: true }, (1n << 63n) | 4n],
    ['writable', { writable: true }, (1n << 63n) | 2n],
    ['global', { global: true }, (1n << 63n) | 1n],
  ])('has %s where the manual has it', (_, fields, word) => {
    expect(encodeTte({ pa: 0n, cacheable: false, ...fields })).toBe(word)
  })

  test.each([
    [0x2000, 0n],
    [0x10000, 1n],
    [0x80000, 2n],
    [0x400000, 3n],
  ] as const)('encodes a page of %i bytes as size %i (table 6-1)', (size, code) => {
    expect((encodeTte({ pa: 0n, size }) >> 61n) & 3n).toBe(code)
    expect(decodeEntry(0, 0n, encodeTte({ pa: 0n, size }), 41, state).pageBytes).toBe(size)
  })

  test('refuses an address that the page size does not divide, and one beyond 43 bits', () => {
    expect(() => encodeTte({ pa: 0x2000n, size: 0x10000 })).toThrow(/multiple of 65536/)
    expect(() => encodeTte({ pa: 1n << 43n })).toThrow(RangeError)
    expect(() => encodeTte({ pa: -0x2000n })).toThrow(RangeError)
    expect(() => encodeTte({ pa: 0n, size: 0x4000 as (typeof PAGE_SIZES)[number] })).toThrow(/page size 16384/)
  })

  test('a tag word is VA<63:13> and the context (6.9.7)', () => {
    expect(encodeTag(0xffff_f800_0000_3fffn, 0x1234)).toBe(0xffff_f800_0000_3234n)
    expect(encodeTag(-1n, 0)).toBe(0xffff_ffff_ffff_e000n)
  })

  test('decoding leaves out the page-offset bits that larger pages store (6.9.9)', () => {
    const entry = decodeEntry(
      3,
      encodeTag(0x41_2000n, 7),
      encodeTte({ pa: 0x80_0000n, size: 0x400000 }) | 0x2000n,
      41,
      state,
    )
    expect(entry).toMatchObject({ index: 3, va: 0x40_0000n, pa: 0x80_0000n, context: 7, valid: true })
  })
})
