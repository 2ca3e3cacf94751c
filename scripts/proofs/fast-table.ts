/**
 * Compares the fast table and the data TLB of each MMU model with a plain TLB, over random operations: fills, data access writes,
 * replacement, demaps, context writes, privilege, used bits, watchpoints, snapshots.
 *
 *     tsx scripts/proofs/fast-table.ts --count 100000       the sample of CI
 *     tsx scripts/proofs/fast-table.ts --count 10000000     full size
 *     tsx scripts/proofs/fast-table.ts --seed 1 --chunk 7 --count 1234
 */
import { integerOption, parseOptions, runScript } from './arguments'
import { CHUNK_OPTIONS, proveInChunks, Tally } from './chunk-pool'
import { compareFastTable } from './fast-table/compare'

const TEXTS = { title: 'fast-table', unit: 'operations' }
const CHUNK_SIZE = 5000

async function main(args: readonly string[]): Promise<boolean> {
  const { chunk, ...options } = parseOptions(args, { ...CHUNK_OPTIONS, chunk: undefined as string | undefined })
  if (chunk === undefined)
    return proveInChunks(
      { ...TEXTS, worker: new URL('fast-table/worker.ts', import.meta.url), chunkSize: CHUNK_SIZE },
      options,
    )
  const count = integerOption('count', options.count, 1)
  const tally = new Tally(TEXTS, count)
  const seed = integerOption('seed', options.seed, 0)
  tally.add(compareFastTable({ seed, number: integerOption('chunk', chunk, 0), count }))
  return tally.finish()
}

await runScript(main)
