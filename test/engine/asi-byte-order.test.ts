import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MachineFixture, machine } from '../../src/testing'

const ALL = (1n << 64n) - 1n
const DATA = 0x2_0000
const RESULT = 0x2_1000
/** PEF and PRIV; CLE. */
const PSTATE = 0x14n
const PSTATE_CLE = 0x200n

/** ASI numbers by name and whether they are little-endian (UltraSPARC-I 8.3.1, 8.3.2). */
const MEMORY_ASIS = [
  [0x04, 0x0c],
  [0x10, 0x18],
  [0x11, 0x19],
  [0x14, 0x1c],
  [0x15, 0x1d],
  [0x80, 0x88],
  [0x81, 0x89],
] as const
const NO_FAULT_ASIS = [
  [0x82, 0x8a],
  [0x83, 0x8b],
] as const

const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count })

function valueAt(memory: Uint8Array, at: number, size: number, little: boolean): bigint {
  const part = memory.slice(at, at + size)
  if (little) part.reverse()
  return part.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function fill(fixture: MachineFixture, memory: Uint8Array, pa = DATA): void {
  for (const [n, byte] of memory.entries()) fixture.poke(pa + n, byte, 1)
}

function memoryOf(fixture: MachineFixture, count: number, pa = DATA): Uint8Array {
  return Uint8Array.from({ length: count }, (_, n) => Number(fixture.peek(pa + n, 1)))
}

const hex = (asi: number) => `0x${asi.toString(16)}`

describe.each(
  [...MEMORY_ASIS, ...NO_FAULT_ASIS].flatMap(([big, little]) => [
    [hex(big), big, false] as const,
    [hex(little), little, true] as const,
  ]),
)('loads through ASI %s', (_, asi, little) => {
  const fixture = machine()
  const load = (instruction: string, memory: Uint8Array) => {
    fill(fixture, memory)
    const source = `${instruction}\nsta %f0, [%o3] 0x80\nstda %f2, [%o4] 0x80`
    return fixture.run(source, {
      registers: { '%o0': DATA, '%o3': RESULT, '%o4': RESULT + 8 },
      state: { asi, pstate: PSTATE },
    })
  }

  it.each([
    ['lduba', 1, false],
    ['lduha', 2, false],
    ['lduwa', 4, false],
    ['ldxa', 8, false],
    ['ldsba', 1, true],
    ['ldsha', 2, true],
    ['ldswa', 4, true],
  ] as const)('%s (V9 6.3.1.2)', (name, size, signed) => {
    fc.assert(
      fc.property(bytes(8), (memory) => {
        const value = valueAt(memory, 0, size, little)
        const expected = signed ? BigInt.asUintN(64, BigInt.asIntN(8 * size, value)) : value
        for (const address of [asi, '%asi']) {
          const suffix = address === '%asi' ? '%asi' : asi
          expect(load(`${name} [%o0] ${suffix}, %o1`, memory).register('%o1')).toBe(expected)
        }
      }),
      { numRuns: 5 },
    )
  })

  it('ldda loads two words, each in the byte order of its ASI', () => {
    fc.assert(
      fc.property(bytes(8), (memory) => {
        const result = load(`ldda [%o0] ${asi}, %o2`, memory)
        expect([result.register('%o2'), result.register('%o3')]).toEqual([
          valueAt(memory, 0, 4, little),
          valueAt(memory, 4, 4, little),
        ])
      }),
      { numRuns: 5 },
    )
  })

  it('lda and ldda load f registers', () => {
    fc.assert(
      fc.property(bytes(8), (memory) => {
        load(`lda [%o0] ${asi}, %f0\nldda [%o0] ${asi}, %f2`, memory)
        expect(fixture.peek(RESULT, 4)).toBe(valueAt(memory, 0, 4, little))
        expect(fixture.peek(RESULT + 8)).toBe(valueAt(memory, 0, 8, little))
      }),
      { numRuns: 5 },
    )
  })
})

describe.each(
  MEMORY_ASIS.flatMap(([big, little]) => [[hex(big), big, false] as const, [hex(little), little, true] as const]),
)('stores and atomics through ASI %s', (_, asi, little) => {
  const fixture = machine()
  const run = (source: string, memory: Uint8Array, value: bigint) => {
    fill(fixture, memory)
    return fixture.run(source, { registers: { '%o0': DATA, '%o2': value, '%o3': value ^ ALL, '%o4': RESULT } })
  }

  it.each([
    ['stba', 1],
    ['stha', 2],
    ['stwa', 4],
    ['stxa', 8],
  ] as const)('%s (V9 6.3.1.2)', (name, size) => {
    fc.assert(
      fc.property(bytes(8), fc.bigInt(0n, ALL), (memory, value) => {
        run(`${name} %o2, [%o0] ${asi}`, memory, value)
        const after = memoryOf(fixture, 8)
        expect(valueAt(after, 0, size, little)).toBe(BigInt.asUintN(8 * size, value))
        expect(after.slice(size)).toEqual(memory.slice(size))
      }),
      { numRuns: 5 },
    )
  })

  it('stda stores two words, each in the byte order of its ASI', () => {
    fc.assert(
      fc.property(bytes(8), fc.bigInt(0n, ALL), (memory, value) => {
        run(`stda %o2, [%o0] ${asi}`, memory, value)
        const after = memoryOf(fixture, 8)
        expect(valueAt(after, 0, 4, little)).toBe(BigInt.asUintN(32, value))
        expect(valueAt(after, 4, 4, little)).toBe(BigInt.asUintN(32, value ^ ALL))
      }),
      { numRuns: 5 },
    )
  })

  it('sta and stda store f registers', () => {
    fc.assert(
      fc.property(bytes(8), fc.bigInt(0n, ALL), (memory, value) => {
        run(`stx %o2, [%o4]\nldd [%o4], %f2\nstda %f2, [%o0] ${asi}`, memory, value)
        expect(valueAt(memoryOf(fixture, 8), 0, 8, little)).toBe(value)
        run(`stx %o2, [%o4]\nldd [%o4], %f2\nsta %f2, [%o0] ${asi}`, memory, value)
        expect(valueAt(memoryOf(fixture, 8), 0, 4, little)).toBe(value >> 32n)
      }),
      { numRuns: 5 },
    )
  })

  it.each([
    ['casa', 4],
    ['casxa', 8],
    ['swapa', 4],
    ['ldstuba', 1],
  ] as const)('%s', (name, size) => {
    fc.assert(
      fc.property(bytes(8), fc.bigInt(0n, ALL), fc.boolean(), (memory, value, matches) => {
        const old = valueAt(memory, 0, size, little)
        const compares = name.startsWith('cas')
        fill(fixture, memory)
        const operands = compares ? '%o1, %o2' : '%o2'
        const result = fixture.run(`${name} [%o0] ${asi}, ${operands}`, {
          registers: { '%o0': DATA, '%o1': matches ? old : old ^ 1n, '%o2': value },
        })
        // Atomics are for cacheable memory alone (UltraSPARC-I 6.4.4)
        if (asi === 0x15 || asi === 0x1d) {
          expect(result.trap?.name).toBe('data_access_exception')
          expect(fixture.mmus[0]!.sfsr()).toMatchObject({ faultType: 4, sideEffect: true, context: 'none' })
          return
        }
        expect(result.register('%o2')).toBe(old)
        const stored = name === 'ldstuba' ? 0xffn : BigInt.asUintN(8 * size, value)
        expect(valueAt(memoryOf(fixture, 8), 0, size, little)).toBe(compares && !matches ? old : stored)
      }),
      { numRuns: 8 },
    )
  })
})

describe('PSTATE.CLE and TTE.IE', () => {
  const SOURCES = [
    ['ldx [%o0], %o1', 8, true],
    ['lduw [%o0], %o1', 4, true],
    ['lduh [%o0], %o1', 2, true],
    ['ldxa [%o0] 0x80, %o1', 8, false],
    ['ldxa [%o0] 0x88, %o1', 8, false],
  ] as const

  it.each(SOURCES)(
    '%s: CLE turns implicit accesses, IE turns all (UltraSPARC-I 6.2, V9 5.2.1)',
    (source, size, implicit) => {
      const memory = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
      for (const cle of [false, true])
        for (const invertEndian of [false, true]) {
          const fixture = machine().translate([{ va: DATA, pa: DATA, writable: true, global: true, invertEndian }])
          fill(fixture, memory)
          const { register } = fixture.run(source, {
            registers: { '%o0': DATA },
            state: { pstate: PSTATE | (cle ? PSTATE_CLE : 0n) },
          })
          const little = (source.includes('0x88') || (implicit && cle)) !== invertEndian
          expect(register('%o1')).toBe(valueAt(memory, 0, size, little))
        }
    },
  )

  it.each([
    ['ldd [%o0], %o2', 'std %o2, [%o0 + 8]'],
    ['ldda [%o0] 0x80, %o2', 'stda %o2, [%o1] 0x80'],
  ])('%s on a page with IE swaps within the words', (load, store) => {
    const fixture = machine().translate([{ va: DATA, pa: DATA, writable: true, global: true, invertEndian: true }])
    fill(fixture, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0))
    const { register } = fixture.run(`${load}\n${store}`, { registers: { '%o0': DATA, '%o1': DATA + 8 } })
    expect([register('%o2'), register('%o3')]).toEqual([0x0403_0201n, 0x0807_0605n])
    expect(fixture.peek(DATA + 8)).toBe(0x0102_0304_0506_0708n)
  })

  it('a fault of an implicit access names the little-endian ASI when CLE is set (UltraSPARC-I 6.9.4)', () => {
    const fixture = machine()
    fixture.run('ldx [%o0], %o1', { registers: { '%o0': DATA + 1 }, state: { pstate: PSTATE | PSTATE_CLE } })
    expect(fixture.mmus[0]!.sfsr()).toMatchObject({ asi: 0x88, faultType: 0, context: 'primary' })
  })

  it('registers are big-endian always (UltraSPARC-I 8.3)', () => {
    const fixture = machine()
    const { register } = fixture.run('stxa %o2, [%o0] 0x58\nldxa [%o0] 0x58, %o1', {
      registers: { '%o0': 0x08, '%o2': 0x123 },
      state: { pstate: PSTATE | PSTATE_CLE },
    })
    expect(register('%o1')).toBe(0x123n)
    expect(fixture.mmus[0]!.register('primaryContext')).toBe(0x123n)
  })
})
