import { describe, expect, test } from 'vitest'
import {
  attributeLetters,
  attributeNames,
  type DecodedEntry,
  faultTypeNames,
  formatSfsr,
  formatTlb,
  pageSizeName,
} from '../../src/mmu'

const ENTRY: DecodedEntry = {
  index: 3,
  array: 'T16',
  slot: 3,
  valid: true,
  va: 0x2000n,
  pa: 0x4000n,
  context: 5,
  pageBytes: 0x2000,
  noFaultOnly: false,
  invertEndian: false,
  locked: false,
  cacheable: false,
  cacheableVirtually: false,
  sideEffect: false,
  privileged: false,
  writable: false,
  global: false,
  used: false,
  observed: false,
}

const ATTRIBUTES = [
  ['noFaultOnly', 'n', 'NFO', 0, 8],
  ['invertEndian', 'i', 'IE', 1, 9],
  ['locked', 'L', 'L', 2, 1],
  ['cacheable', 'c', 'CP', 3, 2],
  ['cacheableVirtually', 'v', 'CV', 4, 3],
  ['sideEffect', 'e', 'E', 5, 4],
  ['privileged', 'p', 'P', 6, 5],
  ['writable', 'w', 'W', 7, 6],
  ['global', 'g', 'G', 8, 7],
] as const

describe('attributes', () => {
  test('that are off are dashes, as wide as the names', () => {
    expect(attributeLetters(ENTRY)).toBe('---------')
    expect(attributeNames({ ...ENTRY, valid: false })).toBe('- - -  -  - - - - -   - ')
    expect(attributeNames(ENTRY)).toBe('V - -  -  - - - - -   - ')
  })

  test.each(ATTRIBUTES)('%s is %s or %s, in its place', (attribute, letter, name, at, column) => {
    const entry = { ...ENTRY, [attribute]: true }
    expect(attributeLetters(entry)).toBe(`${'-'.repeat(at)}${letter}${'-'.repeat(8 - at)}`)
    expect(attributeNames(entry).split(/ +/)[column]).toBe(name)
    expect(attributeNames(entry)).toHaveLength(attributeNames(ENTRY).length)
  })

  test('page sizes have names', () => {
    expect([0x2000, 0x10000, 0x80000, 0x400000, 17].map(pageSizeName)).toEqual(['8K', '64K', '512K', '4M', '17'])
  })
})

describe('a table of entries', () => {
  test('wide: first and last address, names, and what is remarkable', () => {
    const entries: DecodedEntry[] = [
      { ...ENTRY, used: true, observed: true },
      { ...ENTRY, index: 4, slot: 4, locked: true, global: true, va: 0x40_0000n, pageBytes: 0x40_0000 },
      { ...ENTRY, index: 5, slot: 5, valid: false },
    ]
    expect(formatTlb(entries, { wide: true, all: true, marks: new Map([[4, 'kernel']]) }).split('\n')).toEqual([
      'TLB: 3 of 3 entries',
      'entry  virtual                                context  physical       size  attributes',
      '3      0x0000000000002000-0x0000000000003fff  5        0x00000004000  8K    V - -  -  - - - - -   -   used observed',
      '4      0x0000000000400000-0x00000000007fffff  *        0x00000004000  4M    V L -  -  - - - G -   -   locked kernel',
      '5      0x0000000000002000-0x0000000000003fff  5        0x00000004000  8K    - - -  -  - - - - -   -   invalid',
    ])
  })

  test('of several arrays names the array of each', () => {
    const entries: DecodedEntry[] = [
      { ...ENTRY, locked: true },
      { ...ENTRY, array: 'T512_0', index: 20, slot: 4 },
      { ...ENTRY, array: 'T512_0', index: 21, slot: 5, valid: false },
    ]
    expect(formatTlb(entries, { title: 'D-TLB' }).split('\n')).toEqual([
      'D-TLB: 2 of 3 entries',
      'array   entry  virtual             context  physical       size  attributes',
      'T16     3      0x0000000000002000  5        0x00000004000  8K    --L------',
      'T512_0  4      0x0000000000002000  5        0x00000004000  8K    ---------',
    ])
  })
})

describe('an SFSR (UltraSPARC-I 6.9.4, table 6-11; SPARC64 V JPS1 supplement F.10.9)', () => {
  test('each fault type has words, and several are joined', () => {
    expect([0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80].map(faultTypeNames)).toEqual([
      'none',
      'privilege violation',
      'speculative load or flush of a side-effect page',
      'atomic to an uncacheable page',
      'illegal ASI, address, direction or size',
      'no-fault-only page',
      'address out of range',
      'jump to an address out of range',
      'none',
    ])
    expect(faultTypeNames(0x41)).toBe('privilege violation and jump to an address out of range')
  })

  test('without FV there is no fault, but there may have been a miss', () => {
    expect([0n, 1n << 15n, (0x80n << 16n) | 0xen].map(formatSfsr)).toEqual(['no fault', 'no fault, a miss', 'no fault'])
  })

  test.each([
    [0x80n << 16n, 'read, ASI 0x80, context primary, user, fault type 0x0 (none)'],
    [4n | (1n << 4n), 'write, ASI 0x0, context secondary, user, fault type 0x0 (none)'],
    [8n | (2n << 4n), 'read, ASI 0x0, context nucleus, privileged, fault type 0x0 (none)'],
    [
      (3n << 4n) | (8n << 7n),
      'read, ASI 0x0, context none, user, fault type 0x8 (illegal ASI, address, direction or size)',
    ],
    [1n << 6n, 'read, ASI 0x0, context primary, user, fault type 0x0 (none), side effect'],
    [1n << 24n, 'read, ASI 0x0, context primary, user, fault type 0x0 (none), non-faulting load'],
    [2n, 'read, ASI 0x0, context primary, user, fault type 0x0 (none), an earlier fault was overwritten'],
  ])('0x%s', (fields, words) => {
    expect(formatSfsr(fields | 1n)).toBe(words)
  })
})
