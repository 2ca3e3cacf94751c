import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { disassemble } from '../../src/isa'
import { requireTool } from '../support/tools'
import { isSparc64Elf, textSections } from './elf-text'
import { objdumpDifferences, textWithExtensions } from './objdump-differences'

const tool = requireTool('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')
const PROGRAMS = join(import.meta.dirname, '../programs')
const RANDOM_WORDS = 100_000

describe.skipIf(tool === undefined)('our text equals objdump on', () => {
  it('random bits, wherever it knows one of our instructions', { timeout: 120_000 }, () => {
    const words = randomWords(RANDOM_WORDS)
    const theirs = textWithExtensions(tool!, words, 0n)
    const wrong = words
      .map((word, index) => ({ word, ours: disassemble(word, index * 4), theirs: theirs[index]! }))
      .filter(({ ours, theirs }) => ours !== 'unknown' && ours !== theirs && !ours.startsWith('stqa '))
    expect(wrong.map(({ word, ours, theirs }) => `${word.toString(16)}: ${ours} | ${theirs}`)).toEqual([])
  })

  const programs = filesBelow(PROGRAMS).filter(isSparc64Elf)
  it('every instruction of the programs', { timeout: 300_000 }, () => {
    expect(programs.length).toBeGreaterThan(0)
    const seen = new Set<number>()
    for (const file of programs) {
      for (const { address, words } of textSections(file)) {
        const fresh = words.filter((word) => isPcRelative(word) || !seen.has(word))
        for (const word of fresh) seen.add(word)
        expect(objdumpDifferences(tool!, fresh, address), file).toEqual([])
      }
    }
  })
})

/** Branches and calls: their text depends on where they stand. */
function isPcRelative(word: number): boolean {
  const op = word >>> 30
  const op2 = (word >>> 22) & 7
  return op === 1 || (op === 0 && op2 !== 0 && op2 !== 4)
}

function randomWords(count: number): number[] {
  let state = 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state ^ (state >>> 15)) >>> 0
  })
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}
