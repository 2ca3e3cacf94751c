import { describe, expect, it } from 'vitest'
import { atomicRows } from '../../../src/isa/instructions/atomic'
import { floatLoadStoreRows } from '../../../src/isa/instructions/float-load-store'
import { loadStoreRows } from '../../../src/isa/instructions/load-store'
import { MemorySemantics } from '../memory-semantics'

const integer = loadStoreRows()
const float = floatLoadStoreRows()
const atomic = atomicRows()
const DOUBLEWORD = 0x81a2_83c4_85e6_87f8n
const REGISTER = 0x1020_3040_5060_7080n

/** Runs every row of a name, the forms with an ASI in the word and in %asi: they do the same. */
function* runs(rows: typeof integer, name: string, operands: Partial<MemorySemantics>, syntax = /./) {
  const found = rows.filter((row) => row.name === name && syntax.test(row.syntax))
  expect(found.length).toBeGreaterThan(0)
  for (const row of found)
    yield Object.assign(new MemorySemantics(), { doubleword: DOUBLEWORD, ...operands }).run(row) as MemorySemantics
}

const bytes = (value: bigint, at: number, size: number) =>
  BigInt.asUintN(8 * size, value >> BigInt(8 * (8 - at - size)))
const replaced = (at: number, size: number, value: bigint) => {
  const shift = BigInt(8 * (8 - at - size))
  const mask = ((1n << BigInt(8 * size)) - 1n) << shift
  return (DOUBLEWORD & ~mask) | ((value << shift) & mask)
}

describe.each(['', 'a'])('loads and stores of integers, suffix "%s" (V9 A.27, A.28, A.54, A.55)', (suffix) => {
  const space = suffix === 'a' ? 'alternate ' : ''
  const LOADS = [
    ['ldub', 1, false],
    ['lduh', 2, false],
    ['lduw', 4, false],
    ['ldx', 8, false],
    ['ldsb', 1, true],
    ['ldsh', 2, true],
    ['ldsw', 4, true],
  ] as const
  it.each(LOADS)('%s has %i bytes, signed %s', (name, size, signed) => {
    for (let at = 0; at < 8; at += size) {
      for (const s of runs(integer, name + suffix, { r1: 0x1000n, r2: BigInt(at) })) {
        expect(s.events).toEqual([`${space}load ${size} at ${0x1000 + at}`, 'read for load'])
        const loaded = bytes(DOUBLEWORD, at, size)
        expect(s.rd_).toBe(signed ? BigInt.asUintN(64, BigInt.asIntN(8 * size, loaded)) : loaded)
        expect(s.doubleword).toBe(DOUBLEWORD)
      }
    }
  })

  const STORES = [
    ['stb', 1],
    ['sth', 2],
    ['stw', 4],
    ['stx', 8],
  ] as const
  it.each(STORES)('%s has %i bytes', (name, size) => {
    for (let at = 0; at < 8; at += size) {
      for (const s of runs(integer, name + suffix, { r1: 0x1000n, r2: BigInt(at), rd_: REGISTER })) {
        expect(s.events).toEqual([`${space}store ${size} at ${0x1000 + at}`, 'write for store'])
        expect([s.doubleword, s.rd_]).toEqual([replaced(at, size, REGISTER), REGISTER])
      }
    }
  })
})

describe('two registers at once', () => {
  const operands = { r1: 0x1000n, r2: 8n, pair: [0x1111_1111n, 0x2222_2222n] }

  it('ldd and std are of one doubleword, the even register first, and rd is even', () => {
    for (const s of runs(integer, 'ldd', operands)) {
      expect(s.events).toEqual(['even rd', `load 8 at ${0x1008}`, 'read for load', 'read for load'])
      expect(s.pair).toEqual([DOUBLEWORD >> 32n, DOUBLEWORD & 0xffff_ffffn])
    }
    for (const s of runs(integer, 'std', operands)) {
      expect(s.events).toEqual(['even rd', `store 8 at ${0x1008}`, 'write for store', 'write for store'])
      expect(s.doubleword).toBe(0x1111_1111_2222_2222n)
    }
  })

  it('ldda and stda are handed over whole, once rd is known to be even', () => {
    for (const s of runs(integer, 'ldda', operands)) expect(s.events).toEqual(['even rd', `twin load at ${0x1008}`])
    for (const s of runs(integer, 'stda', operands)) expect(s.events).toEqual(['even rd', `twin store at ${0x1008}`])
  })
})

describe('atomics (V9 A.9, A.29, A.30, A.57, A.58)', () => {
  const operands = { r1: 0x1000n, r2: 4n, rd_: REGISTER }
  const atomically = (space: string, size: number) => [
    `${space}atomic ${size} at ${0x1004}`,
    'read for atomic',
    'write for atomic',
  ]

  it.each([
    ['', ''],
    ['a', 'alternate '],
  ])('ldstub%s sets a byte, swap%s exchanges a word, and rd has what was there', (suffix, space) => {
    for (const s of runs(atomic, `ldstub${suffix}`, operands)) {
      expect(s.events).toEqual(atomically(space, 1))
      expect([s.rd_, s.doubleword]).toEqual([0x85n, replaced(4, 1, 0xffn)])
    }
    for (const s of runs(atomic, `swap${suffix}`, operands)) {
      expect(s.events).toEqual(atomically(space, 4))
      expect([s.rd_, s.doubleword]).toEqual([0x85e6_87f8n, replaced(4, 4, REGISTER)])
    }
  })

  it('casa and casxa compare with rs2, in 32 and 64 bits, at rs1', () => {
    const upper = DOUBLEWORD >> 32n
    for (const [r2, swaps] of [
      [0xffff_ffff_0000_0000n | upper, true],
      [upper ^ 1n, false],
    ] as const) {
      for (const s of runs(atomic, 'casa', { r1: 0x1000n, r2, rd_: REGISTER })) {
        expect(s.events).toEqual([`alternate atomic 4 at ${0x1000}`])
        expect([s.rd_, s.doubleword]).toEqual([upper, swaps ? replaced(0, 4, REGISTER) : DOUBLEWORD])
      }
    }
    for (const [r2, swaps] of [
      [DOUBLEWORD, true],
      [DOUBLEWORD ^ (1n << 63n), false],
    ] as const) {
      for (const s of runs(atomic, 'casxa', { r1: 0x1000n, r2, rd_: REGISTER })) {
        expect(s.events).toEqual([`alternate atomic 8 at ${0x1000}`])
        expect([s.rd_, s.doubleword]).toEqual([DOUBLEWORD, swaps ? REGISTER : DOUBLEWORD])
      }
    }
  })
})

describe('f registers and FSR (V9 A.25, A.26, A.52, A.53)', () => {
  it.each([
    ['ld', 's', ''],
    ['lda', 's', 'alternate '],
    ['ldd', 'd', ''],
  ])('%s: a load of f[rd], width %s', (name, width, space) => {
    const size = width === 's' ? 4 : 8
    for (const s of runs(float, name, { r1: 0x1000n, r2: 8n }, /%frd/)) {
      expect(s.events).toEqual([`${space}load ${size} at ${0x1008}`, 'read for load', `to f[rd], width ${width}`])
      expect(s.fd).toBe(bytes(DOUBLEWORD, 0, size))
    }
  })

  it.each([
    ['st', 's', ''],
    ['sta', 's', 'alternate '],
    ['std', 'd', ''],
  ])('%s: a store of f[rd], width %s', (name, width, space) => {
    const size = width === 's' ? 4 : 8
    const fd = bytes(REGISTER, 0, size)
    for (const s of runs(float, name, { r1: 0x1000n, r2: 8n, fd }, /%frd/)) {
      expect(s.events).toEqual([`${space}store ${size} at ${0x1008}`, `f[rd], width ${width}`, 'write for store'])
      expect(s.doubleword).toBe(replaced(0, size, fd))
    }
  })

  it.each([
    ['ld', 'st', 4],
    ['ldx', 'stx', 8],
  ])('%s and %s of FSR have %i bytes', (load, store, size) => {
    for (const s of runs(float, load, { r1: 0x1000n, r2: 8n }, /%fsr/)) {
      expect(s.events).toEqual([`load ${size} at ${0x1008}`, 'read for load', `fsr ${8 * size}`])
      expect(s.state).toBe(bytes(DOUBLEWORD, 0, size))
    }
    for (const s of runs(float, store, { r1: 0x1000n, r2: 8n, state: REGISTER }, /%fsr/)) {
      expect(s.events).toEqual([`store ${size} at ${0x1008}`, 'write for store', 'clear ftt'])
      expect(s.doubleword).toBe(replaced(0, size, REGISTER))
    }
  })

  it('all but quad transfers need the FPU, and ask for it first', () => {
    for (const row of float.filter(({ syntax }) => !syntax.includes('%frdq'))) {
      const s = Object.assign(new MemorySemantics(), { floatEnabled: false, r1: 1n })
      expect(() => s.run(row), row.name).toThrow('fp_disabled')
      expect(s.events).toEqual([])
    }
  })
})
