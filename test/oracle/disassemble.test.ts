import { env } from 'node:process'
import { describe, expect, it } from 'vitest'
import { type Instruction, makeRows } from '../../src/isa'
import { sampleWords } from '../isa/instruction-words'
import { requireTool } from '../support/tools'
import { objdumpDifferences } from './objdump-differences'

const tool = requireTool('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')
const WORDS_OF_A_ROW = Number(env.SPARC64_SMP_WORDS_OF_A_ROW ?? 150)

/** objdump 2.40 knows stqa with an immediate ASI only where the ASI is 0, though gas assembles all of them. */
const isStqaOfAnyAsi = ({ name, pattern }: Instruction) => name === 'stqa' && pattern.includes('imm_asi')

describe.skipIf(tool === undefined)('our text equals objdump on', () => {
  it('words of every row', { timeout: 120_000 }, () => {
    const words = makeRows()
      .filter((row) => !isStqaOfAnyAsi(row))
      .flatMap((row) => sampleWords(row, WORDS_OF_A_ROW))
    expect(objdumpDifferences(tool!, words, 0xffff_fff0_0000_0000n)).toEqual([])
  })
})
