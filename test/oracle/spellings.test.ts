import { describe, expect, it } from 'vitest'
import { compareWithGas } from '../../scripts/proofs/words/compare-with-gas'
import { disassemble } from '../../src/isa'
import { hasGas } from './gas'

const ADDRESS = 0x4000n

/** Texts that no assembler takes back, texts of two words, and one plain word. */
const CASES = [
  [0xa1a0_4166, 'quad registers that do not exist'],
  [0x9fc0_2b68, 'jmpl printed as call'],
  [0x0020_0200, 'illtrap constants that gas refuses'],
  [0xa010_2000, 'two words of one text'],
  [0xac14_e000, 'two words of one text'],
  [0x8090_0001, 'two words of one text'],
  [0x8180_4000, 'two words of one text'],
  [0xc02e_e000, 'two words of one text'],
  [0x9bb2_026d, undefined],
] as const

describe.skipIf(!hasGas)('assembly of the text of one word', () => {
  it.each(CASES)('%i is counted as: %s', async (word, name) => {
    const report = await compareWithGas([{ word, text: disassemble(word, ADDRESS) }], ADDRESS)
    expect(report).toEqual({ judged: 1, counts: name === undefined ? {} : { [name]: 1 }, differences: [] })
  })

  it('is different where a word has the text of another', async () => {
    const report = await compareWithGas([{ word: 0x9bb2_026d, text: 'nop' }], ADDRESS)
    expect(report.differences.map(({ text }) => text)).toEqual([
      "9bb2026d at 0x4000: 'nop', our assembler: 01000000, expected 9bb2026d",
      "9bb2026d at 0x4000: 'nop', gas: 01000000, expected 9bb2026d",
    ])
  })
})
