import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { disassemble, type Instruction, makeRows } from '../../src/isa'
import { sampleWords } from '../isa/instruction-words'
import { requireTool } from '../support/tools'
import { isSparc64Elf, textSections } from './elf-text'
import { objdump } from './objdump'

const tool = requireTool('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')
const PROGRAMS = join(import.meta.dirname, '../programs')
const WORDS_OF_A_ROW = 150
const RANDOM_WORDS = 100_000

/** objdump 2.40 knows stqa with an immediate ASI only where the ASI is 0, though gas assembles all of them. */
const isStqaOfAnyAsi = ({ name, pattern }: Instruction) => name === 'stqa' && pattern.includes('imm_asi')

describe.skipIf(tool === undefined)('our text equals objdump on', () => {
  it('words of every row', { timeout: 120_000 }, () => {
    const rows = makeRows().filter((row) => !isStqaOfAnyAsi(row))
    expect(
      differences(
        rows.flatMap((row) => sampleWords(row, WORDS_OF_A_ROW)),
        0xffff_fff0_0000_0000n,
      ),
    ).toEqual([])
  })

  it('random bits, wherever it knows one of our instructions', { timeout: 120_000 }, () => {
    const words = randomWords(RANDOM_WORDS)
    const theirs = withExtensions(words, 0n)
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
        expect(differences(fresh, address), file).toEqual([])
      }
    }
  })
})

function differences(words: readonly number[], address: bigint): string[] {
  if (words.length === 0) return []
  const theirs = withExtensions(words, address)
  expect(theirs.length).toBe(words.length)
  const found: string[] = []
  for (const [index, word] of words.entries()) {
    const ours = disassemble(word, address + BigInt(index) * 4n)
    if (ours !== theirs[index]) found.push(`${word.toString(16)}: ${ours} | ${theirs[index]}`)
  }
  return found.slice(0, 20)
}

/** objdump's text for UltraSPARC; for words that are nothing there, its text for a chip that has all extensions. */
function withExtensions(words: readonly number[], address: bigint): string[] {
  const extended = objdump(tool!, words, address, 'sparc:v9m8')
  return objdump(tool!, words, address).map((text, index) => (text === 'unknown' ? extended[index]! : text))
}

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
