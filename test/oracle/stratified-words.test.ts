import { describe, expect, it } from 'vitest'
import { stratifiedWords } from '../../scripts/proofs/words/stratified-words'
import { INSTRUCTION_SETS, makeDecoder, makeRows, reservedBitsSet } from '../../src/isa'

const words = stratifiedWords(1, 0, 200_000)

describe('the words that the proofs judge', () => {
  it('are the same for the same seed and chunk, and others for another', () => {
    expect(stratifiedWords(1, 0, 1_000)).toEqual(words.slice(0, 1_000))
    expect(stratifiedWords(1, 1, 1_000)).not.toEqual(words.slice(0, 1_000))
    expect(stratifiedWords(2, 0, 1_000)).not.toEqual(words.slice(0, 1_000))
  })

  it('are of every row, with and without reserved bits', () => {
    const rows = makeRows(INSTRUCTION_SETS)
    const decode = makeDecoder(rows)
    const clean = new Set<unknown>()
    const reserved = new Set<unknown>()
    for (const word of words) {
      const row = decode(word)
      if (row !== undefined) (reservedBitsSet(row, word) === 0 ? clean : reserved).add(row)
    }
    expect(rows.filter((row) => !clean.has(row))).toEqual([])
    const withReservedBits = rows.filter((row) => reservedBitsSet(row, 0xffff_dfff) !== 0)
    expect(withReservedBits.filter((row) => !reserved.has(row))).toEqual([])
  })

  it.each([0x34, 0x35, 0x36, 0x37])('have every opf with op3 = %i', (op3) => {
    const seen = new Set([...words].filter((word) => isOf(word, 2, op3)).map((word) => (word >>> 5) & 0x1ff))
    expect(seen.size).toBe(512)
  })

  it('have every op3, every condition of each branch and every ASI of the alternate space', () => {
    const keys = (op: number, key: (word: number) => number) =>
      new Set([...words].filter((word) => word >>> 30 === op).map(key)).size
    expect(keys(2, (word) => (word >>> 19) & 0x3f)).toBe(64)
    expect(keys(3, (word) => (word >>> 19) & 0x3f)).toBe(64)
    expect(keys(0, (word) => (word >>> 22) & 0x7f)).toBe(128)
    const withAsi = [...words].filter((word) => word >>> 30 === 3 && (word >>> 23) & 1 && !((word >>> 13) & 1))
    expect(new Set(withAsi.map((word) => (word >>> 5) & 0xff)).size).toBe(256)
  })
})

function isOf(word: number, op: number, op3: number): boolean {
  return word >>> 30 === op && ((word >>> 19) & 0x3f) === op3
}
