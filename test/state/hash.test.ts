import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Machine } from '../../src/smp'
import { Hash64 } from '../../src/state/hash'

const hashOf = (value: unknown) => new Hash64().data(value).digest()
const plain = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.bigInt(),
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { maxKeys: 4 }),
  ),
})).tree

describe('the hash function', () => {
  it('is that of earlier versions: replay tokens hold its values', () => {
    const digests = [
      new Hash64(),
      new Hash64(7),
      new Hash64().word(1).word(-2),
      new Hash64(1).words(Int32Array.of(3, -4, 5, 0x7fff_ffff)),
      new Hash64(1).words(Int32Array.of(9, 3, -4, 5, 0x7fff_ffff), 1, 4),
      new Hash64().text('flush'),
      new Hash64().data({ b: [1, 2.5, -1n, 'x', true, false, null, undefined], a: {} }),
      new Hash64(5).data([0, 2, -2, -0, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 2 ** 53, 0.5, Number.NaN, Infinity]),
      new Hash64(5).data([35n, 36n, -1295n, (1n << 64n) - 1n]),
    ].map((hash) => hash.digest())
    expect(digests).toEqual([
      0x8a8e_1158_52e4_cd7fn,
      0x2275_a7b7_88fd_7811n,
      0xeade_26f3_011d_051cn,
      0xc74c_a85e_ee71_ccben,
      0x6592_0a92_3c3e_d7fbn,
      0xb0b2_66dd_76b3_06d8n,
      0x1f52_e5e3_5924_8bdan,
      0x8701_a719_de93_06a9n,
      0x8aa2_7e98_7f59_1352n,
    ])
  })
})

describe('the hash of plain data', () => {
  it('does not depend on the order in which keys were made', () => {
    const property = fc.property(fc.dictionary(fc.string(), plain), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse())
      expect(hashOf(reversed)).toBe(hashOf(object))
    })
    fc.assert(property, { numRuns: 100, seed: 1 })
  })

  it.each([
    [1, 1n],
    [1, '1'],
    [0, false],
    [null, undefined],
    [[], {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[[1], 2], [[1, 2]]],
    [
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ],
    [{ ab: 'c' }, { a: 'bc' }],
    [
      ['ab', 'c'],
      ['a', 'bc'],
    ],
    [-1n, 1n],
    [0.5, 0.25],
  ])('tells %o from %o', (a, b) => {
    expect(hashOf(a)).not.toBe(hashOf(b))
  })

  it('refuses what is no plain data', () => {
    expect(() => hashOf(() => 1)).toThrow(TypeError)
    expect(() => hashOf([Symbol('x')])).toThrow(/plain data/)
  })

  it('has no collisions among many small values', () => {
    const hashes = new Set<bigint>()
    for (let n = 0; n < 20_000; n++) hashes.add(hashOf([n, BigInt(n)]))
    expect(hashes.size).toBe(20_000)
  })
})

describe('the hashes of a machine', () => {
  it('follow every register and every word of RAM, and come back with them', () => {
    const machine = new Machine({ cpus: 2, ramBytes: 1 << 20 })
    const before = [machine.replayHash(), machine.explorationHash().digest()]
    const property = fc.property(
      fc.nat((1 << 17) - 1),
      fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
      (slot, value) => {
        machine.poke(slot * 8, 8, value)
        expect(machine.replayHash()).not.toBe(before[0])
        expect(machine.explorationHash().digest()).not.toBe(before[1])
        machine.poke(slot * 8, 8, 0n)
        expect([machine.replayHash(), machine.explorationHash().digest()]).toEqual(before)
      },
    )
    fc.assert(property, { numRuns: 100, seed: 2 })
    for (const cpu of machine.cpus) {
      cpu.set('otherwin', 1n)
      expect(machine.replayHash()).not.toBe(before[0])
      cpu.set('otherwin', 0n)
    }
    expect(machine.replayHash()).toBe(before[0])
  })

  it('tell the same page at two places apart', () => {
    const [a, b] = [new Machine({ ramBytes: 1 << 20 }), new Machine({ ramBytes: 1 << 20 })]
    a.poke(0x2000, 8, 5n)
    b.poke(0x4000, 8, 5n)
    expect(a.replayHash()).not.toBe(b.replayHash())
    a.poke(0x4000, 8, 5n)
    b.poke(0x2000, 8, 5n)
    expect(a.replayHash()).toBe(b.replayHash())
  })

  it('come back with a snapshot, whatever was written since', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    const address = fc.nat((1 << 17) - 1).map((slot) => slot * 8)
    const writes = fc.array(fc.tuple(address, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })), { maxLength: 6 })
    const property = fc.property(writes, writes, (before, after) => {
      for (const [pa, value] of before) machine.poke(pa, 8, value)
      const [snapshot, hash] = [machine.snapshot(), machine.replayHash()]
      for (const [pa, value] of after) machine.poke(pa, 8, value)
      const changed = machine.replayHash()
      machine.restore(snapshot)
      expect(machine.replayHash()).toBe(hash)
      const values = after.map(([pa]) => machine.peek(pa, 8))
      for (const [pa, value] of after) machine.poke(pa, 8, value)
      expect(machine.replayHash()).toBe(changed)
      for (const [n, [pa]] of after.entries()) machine.poke(pa, 8, values[n]!)
    })
    fc.assert(property, { numRuns: 60, seed: 3 })
  })

  it('the explorer’s leaves out time and counters', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    const before = [machine.replayHash(), machine.explorationHash().digest()]
    machine.clock.advance(5n)
    expect([machine.replayHash() === before[0], machine.explorationHash().digest() === before[1]]).toEqual([
      false,
      true,
    ])
  })
})
