import type { Chunk, ChunkReport } from '../chunk-pool'
import { RandomBits } from '../random-bits'
import { bareRun, mondoRun } from './bare-runs'
import { programRun } from './program-runs'
import { scenarioRun } from './scenario-runs'

/** What one run was, and what its repetitions gave. */
export interface ReplayedRun {
  /** What ran, in words. */
  readonly what: string
  readonly instructions: number
  /** Hashes that were compared. */
  readonly hashes: number
  /** The first hash that was another one, in words. */
  readonly difference?: string
}

const KINDS: readonly ((random: RandomBits) => ReplayedRun)[] = [programRun, bareRun, scenarioRun, mondoRun]

/** One run for each chunk: the number chooses the kind, seed and number all else. */
export function replayRuns({ number, seed }: Chunk): ChunkReport {
  const run = KINDS[number % KINDS.length]!(new RandomBits(seed, number))
  const text = `run ${number}, ${run.what}: ${run.difference}`
  return {
    judged: 1,
    counts: { hashes: run.hashes, instructions: run.instructions },
    differences: run.difference === undefined ? [] : [{ text, repeat: `--seed ${seed} --run ${number}` }],
  }
}

/** Says where two lists of hashes part; undefined if they are the same. */
export function firstDifference(how: string, unit: string, found: readonly bigint[], wanted: readonly bigint[]) {
  if (found.length !== wanted.length) return `${how} has ${found.length} hashes, the first run ${wanted.length}`
  const at = found.findIndex((hash, n) => hash !== wanted[n])
  if (at < 0) return undefined
  return `${how}, hash ${at} (${unit}): ${found[at]!.toString(16)}, in the first run ${wanted[at]!.toString(16)}`
}
