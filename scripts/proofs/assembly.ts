/**
 * Assembles the disassembly of words with our assembler and with gas: both have to make the word again.
 *
 *     tsx scripts/proofs/assembly.ts --count 1000000     the sample of CI
 *     tsx scripts/proofs/assembly.ts --count 50000000    full size
 *     tsx scripts/proofs/assembly.ts --words 9bb2026d,01000000 --address 0x1000
 */
import { disassemble } from '../../src/isa'
import { parseOptions, runScript } from './arguments'
import { CHUNK_OPTIONS, proveInChunks, Tally } from './chunk-pool'
import { requireProgram } from './require-program'
import { compareWithGas } from './words/compare-with-gas'
import { namedWords, WORD_OPTIONS } from './words/named-words'

const TEXTS = { title: 'assembly', unit: 'words' }

async function main(args: readonly string[]): Promise<boolean> {
  const { words, address, ...options } = parseOptions(args, { ...CHUNK_OPTIONS, ...WORD_OPTIONS })
  requireProgram('sparc64-linux-gnu-as', 'binutils-sparc64-linux-gnu')
  const named = namedWords(words, address)
  if (named !== undefined) {
    const tally = new Tally(TEXTS, named.words.length)
    const written = [...named.words].map((word, index) => ({
      word,
      text: disassemble(word, named.address + BigInt(index * 4)),
    }))
    tally.add(await compareWithGas(written, named.address))
    return tally.finish()
  }
  const worker = new URL('words/assembly-worker.ts', import.meta.url)
  return proveInChunks({ ...TEXTS, worker, chunkSize: 40_000 }, options)
}

await runScript(main)
