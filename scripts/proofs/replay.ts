/**
 * Deterministic replay: runs are made again in new machines, and the hash of all state must be the same every 10,000 instructions: with
 * another division of the run, from a snapshot in the middle restored in a new machine, by the recorded schedule, and in another process.
 *
 *     tsx scripts/proofs/replay.ts --count 50        the sample of CI
 *     tsx scripts/proofs/replay.ts --count 2000      full size
 *     tsx scripts/proofs/replay.ts --seed 1 --run 17
 */
import { integerOption, parseOptions, runScript } from './arguments'
import { CHUNK_OPTIONS, proveInChunks, Tally } from './chunk-pool'
import { otherProcess } from './replay/other-process'
import { replayRuns } from './replay/runs'

const TEXTS = { title: 'replay', unit: 'runs' }

async function main(args: readonly string[]): Promise<boolean> {
  const { run, ...options } = parseOptions(args, {
    ...CHUNK_OPTIONS,
    count: '50',
    run: undefined as string | undefined,
  })
  if (run === undefined) {
    const worker = new URL('replay/worker.ts', import.meta.url)
    return proveInChunks({ ...TEXTS, worker, chunkSize: 1 }, options)
  }
  const chunk = { seed: integerOption('seed', options.seed, 0), number: integerOption('run', run, 0), count: 1 }
  const tally = new Tally(TEXTS, 1)
  const { close, elsewhere } = otherProcess()
  tally.add(await replayRuns(chunk, elsewhere).finally(close))
  return tally.finish()
}

await runScript(main)
