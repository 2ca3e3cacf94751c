import { disassemble } from '../../../src/isa'
import type { WrittenWord } from './compare-with-gas'
import { stratifiedWords } from './stratified-words'

/** Chunks of a seed above any chunk's number, for the words that make up for those without a text. */
const MORE = 2 ** 40

/** The first `count` words of a chunk's stream that are instructions, each with the text it has at its address. */
export function writtenWords(seed: number, chunk: number, count: number, address: bigint): WrittenWord[] {
  const written: WrittenWord[] = []
  for (let piece = 0; written.length < count; piece++) {
    for (const word of stratifiedWords(seed, chunk + piece * MORE, count)) {
      const text = disassemble(word, address + BigInt(written.length * 4))
      if (text === 'unknown') continue
      written.push({ word, text })
      if (written.length === count) break
    }
  }
  return written
}
