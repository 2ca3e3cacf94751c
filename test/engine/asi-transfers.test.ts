import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MachineFixture, machine } from '../../src/testing'

const DATA = 0x2_0000
const ALL = (1n << 64n) - 1n
const doubleword = fc.bigInt(0n, ALL)

function swapped(value: bigint, size: number): bigint {
  let result = 0n
  for (let n = 0; n < size; n++) result = (result << 8n) | ((value >> BigInt(8 * n)) & 0xffn)
  return result
}

/** The data side's fault after a snippet that trapped. */
function fault(fixture: MachineFixture, source: string, address: number, privileged = true) {
  const result = fixture.run(source, { registers: { '%o0': address, '%o1': 0 }, privileged })
  const { faultType, context, asi, write } = fixture.mmus[0]!.sfsr()
  return { trap: result.trap?.name, faultType, context, asi, write, address: fixture.mmus[0]!.register('dataSfar') }
}

describe('128-bit atomic loads (UltraSPARC-I 13.6.3)', () => {
  it.each([
    [0x24, false],
    [0x2c, true],
  ])('ASI 0x%s loads two doublewords of the nucleus, each in its byte order', (asi, little) => {
    const fixture = machine().translate([{ va: DATA, pa: DATA, context: 0 }])
    fixture.mmus[0]!.setRegister('primaryContext', 5)
    fixture.poke(DATA + 16, 0x0102_0304_0506_0708n).poke(DATA + 24, 0x1112_1314_1516_1718n)
    const { register } = fixture.run(`ldda [%o0] ${asi}, %o2`, { registers: { '%o0': DATA + 16 } })
    const order = (value: bigint) => (little ? swapped(value, 8) : value)
    expect(register('%o2')).toBe(order(0x0102_0304_0506_0708n))
    expect(register('%o3')).toBe(order(0x1112_1314_1516_1718n))
  })

  it.each([1, 4, 8])('traps mem_address_not_aligned %i bytes behind a 16-byte boundary', (offset) => {
    expect(fault(machine(), 'ldda [%o0] 0x24, %o2', DATA + offset)).toMatchObject({
      trap: 'mem_address_not_aligned',
      faultType: 0,
      context: 'nucleus',
      address: BigInt(DATA + offset),
    })
  })

  it('traps data_access_exception of type 4 for memory that is not cacheable', () => {
    const fixture = machine().translate([{ va: DATA, pa: DATA, context: 0, cacheable: false }])
    expect(fault(fixture, 'ldda [%o0] 0x24, %o2', DATA)).toMatchObject({ trap: 'data_access_exception', faultType: 4 })
  })

  it('an odd register is an illegal_instruction', () => {
    // ldda [%o0] 0x24, %o3
    expect(machine().run('.word 0xd69a0480', { registers: { '%o0': DATA } }).trap?.name).toBe('illegal_instruction')
  })
})

describe('block loads and stores (UltraSPARC-I chapter 13)', () => {
  const BLOCK_ASIS = [
    [0x70, 'primary', false],
    [0x71, 'secondary', false],
    [0x78, 'primary', true],
    [0x79, 'secondary', true],
    [0xf0, 'primary', false],
    [0xf1, 'secondary', false],
    [0xf8, 'primary', true],
    [0xf9, 'secondary', true],
    [0xe0, 'primary', false],
    [0xe1, 'secondary', false],
  ] as const

  it.each(BLOCK_ASIS)('ASI 0x%s moves 64 bytes in its context and byte order', (asi, context, little) => {
    fc.assert(
      fc.property(fc.array(doubleword, { minLength: 8, maxLength: 8 }), (values) => {
        const other = DATA + 0x2000
        const fixture = machine().translate([
          { va: DATA, pa: DATA, context: 1, writable: true },
          { va: DATA, pa: other, context: 2, writable: true },
          { va: 0x8000, pa: 0x8000, global: true, writable: true },
        ])
        fixture.mmus[0]!.setRegister('primaryContext', 1).setRegister('secondaryContext', 2)
        for (const [n, value] of values.entries()) fixture.poke(0x8000 + 8 * n, value)
        const store = `ldda [%o1] 0xf0, %f16\nstda %f16, [%o0] ${asi}`
        fixture.run(store, { registers: { '%o0': DATA, '%o1': 0x8000 } })
        const pa = context === 'primary' ? DATA : other
        const stored = values.map((_, n) => fixture.peek(pa + 8 * n))
        expect(stored).toEqual(values.map((value) => (little ? swapped(value, 8) : value)))
        if (asi === 0xe0 || asi === 0xe1) return
        const load = `ldda [%o0] ${asi}, %f32\nstda %f32, [%o1] 0xf0`
        fixture.run(load, { registers: { '%o0': DATA, '%o1': 0x8040 } })
        expect(values.map((_, n) => fixture.peek(0x8040 + 8 * n))).toEqual(values)
      }),
      { numRuns: 3 },
    )
  })

  it.each([1, 4, 8, 16, 32])('traps mem_address_not_aligned %i bytes behind a 64-byte boundary', (offset) => {
    for (const [asi, context] of BLOCK_ASIS)
      for (const source of [`ldda [%o0] ${asi}, %f0`, `stda %f0, [%o0] ${asi}`]) {
        if (asi >= 0xe0 && asi <= 0xe1 && source.startsWith('ldda')) continue
        expect(fault(machine(), source, DATA + offset)).toMatchObject({
          trap: 'mem_address_not_aligned',
          context,
          asi,
          write: source.startsWith('stda'),
        })
      }
  })

  it.each([2, 4, 6, 10, 34, 62])(
    'a first register %%f%i that is no multiple of 8 doubles is an illegal_instruction',
    (f) => {
      for (const source of [`ldda [%o0] 0xf0, %f${f}`, `stda %f${f}, [%o0] 0xf0`, `stda %f${f}, [%o0] 0xe0`])
        expect(machine().run(source, { registers: { '%o0': DATA } }).trap?.name).toBe('illegal_instruction')
    },
  )

  it('are allowed where memory is not cacheable', () => {
    const fixture = machine().translate([{ va: DATA, pa: DATA, global: true, cacheable: false, writable: true }])
    fixture.poke(DATA + 56, 77)
    expect(
      fixture.run('ldda [%o0] 0xf0, %f0\nstda %f0, [%o0] 0xe0', { registers: { '%o0': DATA } }).trap,
    ).toBeUndefined()
    expect(fixture.peek(DATA + 56)).toBe(77n)
  })

  it.each([
    [8, 'LDDF_mem_address_not_aligned', 4],
    [8, 'mem_address_not_aligned', 2],
    [8, 'data_access_exception', 0],
  ])(
    'lddfa with a commit or partial ASI: alignment of %i bytes, then the ASI (SPARC64 V JPS1 supplement L.3)',
    (_, trap, offset) => {
      for (const asi of [0xe0, 0xe1, 0xc0, 0xc3, 0xcd])
        expect(fault(machine(), `ldda [%o0] ${asi}, %f2`, DATA + offset)).toMatchObject({
          trap,
          asi,
          faultType: trap === 'data_access_exception' ? 8 : 0,
          context: asi & 1 ? 'secondary' : 'primary',
        })
    },
  )
})

describe('partial stores (UltraSPARC-I chapter 13)', () => {
  const PARTIAL_ASIS = [
    [0xc0, 1, false],
    [0xc1, 1, false],
    [0xc2, 2, false],
    [0xc3, 2, false],
    [0xc4, 4, false],
    [0xc5, 4, false],
    [0xc8, 1, true],
    [0xc9, 1, true],
    [0xca, 2, true],
    [0xcb, 2, true],
    [0xcc, 4, true],
    [0xcd, 4, true],
  ] as const

  it.each(PARTIAL_ASIS)('ASI 0x%s stores the elements of %i bytes that the mask selects', (asi, size, little) => {
    const fixture = machine()
    fc.assert(
      fc.property(doubleword, doubleword, fc.integer({ min: 0, max: 255 }), (value, before, mask) => {
        fixture.poke(DATA, before).poke(DATA + 64, value)
        const registers = { '%o0': DATA, '%o1': DATA + 64, '%o2': mask }
        fixture.run(`ldd [%o1], %f4\n${partialStore(asi)}`, { registers })
        const elements = 8 / size
        let expected = little ? swapped(before, 8) : before
        for (let n = 0; n < elements; n++) {
          if (!((mask >> n) & 1)) continue
          const bits = ((1n << BigInt(8 * size)) - 1n) << BigInt(8 * size * n)
          expected = (expected & ~bits) | (value & bits)
        }
        expect(fixture.peek(DATA)).toBe(little ? swapped(expected, 8) : expected)
      }),
      { numRuns: 10 },
    )
  })

  it('the byte order of one does not stay for the next', () => {
    const fixture = machine()
    fixture.poke(DATA, 0).poke(DATA + 64, 0x0102_0304_0506_0708n)
    const source = `ldd [%o1], %f4\n${partialStore(0xc8)}\n${partialStore(0xc0)}`
    fixture.run(source, { registers: { '%o0': DATA, '%o1': DATA + 64, '%o2': 0b1000_0010 } })
    expect(fixture.peek(DATA)).toBe(0x0107_0000_0000_0701n)
  })

  it('on a page with IE the byte order is that of the page', () => {
    const fixture = machine().translate([
      { va: DATA, pa: DATA, global: true, writable: true, invertEndian: true },
      { va: 0x8000, pa: 0x8000, global: true },
    ])
    fixture.poke(DATA, 0).poke(0x8000, 0x0102_0304_0506_0708n)
    fixture.run(`ldd [%o1], %f4\n${partialStore(0xc2)}`, { registers: { '%o0': DATA, '%o1': 0x8000, '%o2': 0b1001 } })
    expect(fixture.peek(DATA)).toBe(0x0807_0000_0000_0201n)
  })

  it.each([1, 2, 4])('traps mem_address_not_aligned %i bytes behind a doubleword', (offset) => {
    for (const [asi] of PARTIAL_ASIS)
      expect(fault(machine(), partialStore(asi), DATA + offset)).toMatchObject({ trap: 'mem_address_not_aligned', asi })
  })

  it('has no immediate form: illegal_instruction', () => {
    for (const [asi] of PARTIAL_ASIS)
      expect(machine().run('stda %f0, [%o0] %asi', { registers: { '%o0': DATA }, state: { asi } }).trap?.name).toBe(
        'illegal_instruction',
      )
  })
})

/** stda %f4, [%o0] %o2, asi: the mask is in r[rs2], which is no part of the address. */
function partialStore(asi: number): string {
  const word = (3 << 30) | (4 << 25) | (0b110111 << 19) | (8 << 14) | (asi << 5) | 10
  return `.word 0x${(word >>> 0).toString(16)}`
}

describe('short loads and stores of f registers (UltraSPARC-I chapter 13)', () => {
  const SHORT_ASIS = [
    [0xd0, 1, false],
    [0xd1, 1, false],
    [0xd2, 2, false],
    [0xd3, 2, false],
    [0xd8, 1, true],
    [0xd9, 1, true],
    [0xda, 2, true],
    [0xdb, 2, true],
  ] as const

  it.each(SHORT_ASIS)('ASI 0x%s moves %i bytes, and a load clears the rest', (asi, size, little) => {
    const fixture = machine()
    fc.assert(
      fc.property(doubleword, doubleword, (memory, value) => {
        const offset = 4 + size
        fixture.poke(DATA, memory).poke(DATA + 64, value)
        const registers = { '%o0': DATA + offset, '%o1': DATA + 64 }
        fixture.run(`ldda [%o0] ${asi}, %f6\nstd %f6, [%o1 + 8]`, { registers })
        const raw = (memory >> BigInt(64 - 8 * (offset + size))) & ((1n << BigInt(8 * size)) - 1n)
        expect(fixture.peek(DATA + 72)).toBe(little ? swapped(raw, size) : raw)
        fixture.run(`ldd [%o1], %f6\nstda %f6, [%o0] ${asi}`, { registers })
        const low = BigInt.asUintN(8 * size, value)
        const stored = fixture.peek(DATA + offset, size)
        expect(stored).toBe(little ? swapped(low, size) : low)
        const rest = ALL ^ (((1n << BigInt(8 * size)) - 1n) << BigInt(64 - 8 * (offset + size)))
        expect(fixture.peek(DATA) & rest).toBe(memory & rest)
      }),
      { numRuns: 10 },
    )
  })

  it('halfwords are aligned to 2 bytes, bytes to none', () => {
    for (const [asi, size] of SHORT_ASIS)
      for (const source of [`ldda [%o0] ${asi}, %f0`, `stda %f0, [%o0] ${asi}`])
        expect(fault(machine(), source, DATA + 1).trap).toBe(size === 2 ? 'mem_address_not_aligned' : undefined)
  })
})

describe('order of the traps (UltraSPARC-I table 8-6)', () => {
  it.each([
    ['alignment before privilege', 'ldxa [%o0] 0x04, %o2', DATA + 4, 'mem_address_not_aligned'],
    ['alignment before an illegal ASI', 'lduha [%o0] 0x85, %o2', DATA + 1, 'mem_address_not_aligned'],
    ['LDDF alignment before privilege', 'ldda [%o0] 0x04, %f0', DATA + 4, 'LDDF_mem_address_not_aligned'],
    ['STDF alignment before an illegal ASI', 'stda %f0, [%o0] 0x85', DATA + 4, 'STDF_mem_address_not_aligned'],
    ['other alignment of doubles', 'ldda [%o0] 0x80, %f0', DATA + 2, 'mem_address_not_aligned'],
    ['privilege before an illegal ASI', 'lduba [%o0] 0x05, %o2', DATA, 'privileged_action'],
    ['privilege before an illegal size', 'lduba [%o0] 0x58, %o2', 8, 'privileged_action'],
    ['privilege before a miss', 'ldxa [%o0] 0x04, %o2', 0x100_0000, 'privileged_action'],
    ['an illegal ASI before a miss', 'ldxa [%o0] 0x85, %o2', 0x100_0000, 'data_access_exception'],
    ['an illegal use of an ASI before a miss', 'stxa %o2, [%o0] 0x82', 0x100_0000, 'data_access_exception'],
    ['illegal_instruction before privilege', 'ldda [%o0] 0x70, %f2', DATA, 'illegal_instruction'],
    ['a miss', 'ldxa [%o0] 0x81, %o2', 0x100_0000, 'fast_data_access_MMU_miss'],
  ])('%s', (_, source, address, trap) => {
    expect(fault(machine(), source, address, false).trap).toBe(trap)
  })

  it.each([
    ['illegal_instruction', 'ldda [%o0] 0x70, %f2'],
    ['illegal_instruction', 'stda %f0, [%o0] %asi'],
    ['fp_disabled', 'ldda [%o0] 0x70, %f0'],
    ['fp_disabled', 'stda %f0, [%o0] 0x85'],
    ['fp_disabled', 'lda [%o0] 0x04, %f0'],
    ['fp_disabled', 'sta %f0, [%o0] 0x04'],
  ])('%s comes first for %s with the FPU off', (trap, source) => {
    const state = { fprs: 0, asi: 0xc0 }
    expect(machine().run(source, { registers: { '%o0': DATA + 1 }, state, privileged: false }).trap?.name).toBe(trap)
  })
})

describe('data watchpoints', () => {
  /** VR and VW, all bytes (UltraSPARC-I A.6). */
  const WATCH = (0xffn << 25n) | (3n << 21n) | 0xfn

  it.each([
    ['ldda [%o0] 0x24, %o2', DATA],
    ['ldda [%o0] 0xf0, %f0', DATA],
    ['stda %f0, [%o0] 0xe0', DATA],
  ])('see the first doubleword of %s (SPARC64 V JPS1 supplement A.30)', (source, address) => {
    for (const [watched, trap] of [
      [DATA, 'VA_watchpoint'],
      [DATA + 8, undefined],
    ] as const) {
      const fixture = machine()
      fixture.mmus[0]!.setRegister('virtualWatchpoint', watched).setRegister('lsuControl', WATCH)
      expect(fault(fixture, source, address).trap).toBe(trap)
    }
  })

  it('see no register (UltraSPARC-I table A-1)', () => {
    const fixture = machine()
    fixture.mmus[0]!.setRegister('virtualWatchpoint', 8).setRegister('lsuControl', WATCH)
    expect(fault(fixture, 'ldxa [%o0] 0x58, %o2', 8).trap).toBeUndefined()
  })
})

describe('quads of f registers, where the CPU has them (V9 A.25, A.26, A.52, A.53)', () => {
  const QUAD = [0x0102_0304_0506_0708n, 0x1112_1314_1516_1718n] as const
  const bench = () => {
    const fixture = machine({ emulation: 'hardware' })
    return fixture.poke(DATA, QUAD[0]).poke(DATA + 8, QUAD[1])
  }

  it.each([
    [0x80, false],
    [0x88, true],
    [0x14, false],
    [0x1c, true],
  ])('ldqa and stqa through ASI 0x%s reverse all 16 bytes or none', (asi, little) => {
    const fixture = bench()
    fixture.run(`ldqa [%o0] ${asi}, %f4\nstd %f4, [%o1]\nstd %f6, [%o1 + 8]\nstqa %f4, [%o2] ${asi}`, {
      registers: { '%o0': DATA, '%o1': DATA + 64, '%o2': DATA + 128 },
    })
    const loaded = little ? [swapped(QUAD[1], 8), swapped(QUAD[0], 8)] : QUAD
    expect([fixture.peek(DATA + 64), fixture.peek(DATA + 72)]).toEqual(loaded)
    expect([fixture.peek(DATA + 128), fixture.peek(DATA + 136)]).toEqual(QUAD)
  })

  it.each([0x24, 0xf0, 0xc0, 0xd0, 0x58, 0x46, 0x05])('ASI 0x%s is not for them', (asi) => {
    for (const source of [`ldqa [%o0] ${asi}, %f4`, `stqa %f4, [%o0] ${asi}`])
      expect(fault(bench(), source, DATA)).toMatchObject({ trap: 'data_access_exception', faultType: 8, asi })
  })

  it('misaligned at a multiple of 4 they have a trap of their own, which SFSR and SFAR record', () => {
    expect(fault(bench(), 'ldqa [%o0] 0x81, %f4', DATA + 8)).toMatchObject({
      trap: 'LDQF_mem_address_not_aligned',
      asi: 0x81,
      context: 'secondary',
      address: BigInt(DATA + 8),
    })
    expect(fault(bench(), 'stqa %f4, [%o0] 0x80', DATA + 4)).toMatchObject({
      trap: 'STQF_mem_address_not_aligned',
      write: true,
    })
  })
})
