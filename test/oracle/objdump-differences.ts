import { disassemble } from '../../src/isa'
import { objdump } from './objdump'

/** Where our text of words that lie at `address` is not objdump's. */
export function objdumpDifferences(tool: string, words: readonly number[], address: bigint): string[] {
  if (words.length === 0) return []
  const theirs = textWithExtensions(tool, words, address)
  if (theirs.length !== words.length) throw new Error(`objdump printed ${theirs.length} of ${words.length} words`)
  const found: string[] = []
  for (const [index, word] of words.entries()) {
    const ours = disassemble(word, address + BigInt(index) * 4n)
    if (ours !== theirs[index]) found.push(`${word.toString(16)}: ${ours} | ${theirs[index]}`)
  }
  return found.slice(0, 20)
}

/** objdump's text for UltraSPARC; for words that are nothing there, its text for a chip that has all extensions. */
export function textWithExtensions(tool: string, words: readonly number[], address: bigint): string[] {
  const extended = objdump(tool, words, address, 'sparc:v9m8')
  return objdump(tool, words, address).map((text, index) => (text === 'unknown' ? extended[index]! : text))
}
