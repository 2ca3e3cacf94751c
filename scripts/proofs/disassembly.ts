/**
 * Compares our disassembly with objdump's, and so which words are instructions at all.
 *
 *     tsx scripts/proofs/disassembly.ts --count 1000000     the sample of CI
 *     tsx scripts/proofs/disassembly.ts --count 50000000    full size
 *     tsx scripts/proofs/disassembly.ts --words 9bb2026d,01000000 --address 0x1000
 */
import { parseOptions, runScript } from './arguments'
import { CHUNK_OPTIONS, proveInChunks, Tally } from './chunk-pool'
import { requireProgram } from './require-program'
import { compareWithObjdump } from './words/compare-with-objdump'
import { namedWords, WORD_OPTIONS } from './words/named-words'

const TEXTS = { title: 'disassembly', unit: 'words' }

async function main(args: readonly string[]): Promise<boolean> {
  const { words, address, ...options } = parseOptions(args, { ...CHUNK_OPTIONS, ...WORD_OPTIONS })
  requireProgram('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')
  const named = namedWords(words, address)
  if (named !== undefined) {
    const tally = new Tally(TEXTS, named.words.length)
    tally.add(await compareWithObjdump(named.words, named.address))
    return tally.finish()
  }
  const worker = new URL('words/disassembly-worker.ts', import.meta.url)
  return proveInChunks({ ...TEXTS, worker, chunkSize: 100_000 }, options)
}

await runScript(main)
