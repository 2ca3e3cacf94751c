import type { Chunk, ChunkReport } from '../chunk-pool'
import { RandomBits } from '../random-bits'
import { bareRun, mondoRun } from './bare-runs'
import { programRun } from './program-runs'
import { scenarioRun } from './scenario-runs'

/** A run that can be made again. */
export interface ReplayableRun {
  /** What runs, in words. */
  readonly what: string
  readonly make: () => MadeRun
}

export interface MadeRun {
  readonly instructions: number
  /** State hashes on the way and at the end. */
  readonly hashes: readonly bigint[]
  /** Makes the run in new machines: otherwise divided, from a snapshot, by the recorded schedule. */
  readonly repeat: () => Repetitions
}

export interface Repetitions {
  /** Hashes that were compared. */
  readonly compared: number
  /** The first hash that was another one, in words. */
  readonly difference?: string
}

/** The hashes of a run that another process made. */
export type Elsewhere = (seed: number, number: number) => Promise<readonly bigint[]>

const KINDS: readonly ((random: RandomBits) => ReplayableRun)[] = [programRun, bareRun, scenarioRun, mondoRun]

/** The number chooses the kind, seed and number all else. */
export function runOf(seed: number, number: number): ReplayableRun {
  return KINDS[number % KINDS.length]!(new RandomBits(seed, number))
}

/** Makes one run for each chunk, repeats it here and compares it with one made elsewhere. */
export async function replayRuns({ number, seed }: Chunk, elsewhere: Elsewhere): Promise<ChunkReport> {
  const run = runOf(seed, number)
  const [other, made] = await Promise.all([elsewhere(seed, number), run.make()])
  const { compared, difference } = made.repeat()
  const found = difference ?? firstDifference('in another process', 'of the run', other, made.hashes)
  const text = `run ${number}, ${run.what}: ${found}`
  return {
    judged: 1,
    counts: { hashes: compared + other.length, instructions: made.instructions },
    differences: found === undefined ? [] : [{ text, repeat: `--seed ${seed} --run ${number}` }],
  }
}

/** Says where two lists of hashes part; undefined if they are the same. */
export function firstDifference(how: string, unit: string, found: readonly bigint[], wanted: readonly bigint[]) {
  if (found.length !== wanted.length) return `${how} has ${found.length} hashes, the first run ${wanted.length}`
  const at = found.findIndex((hash, n) => hash !== wanted[n])
  if (at < 0) return undefined
  return `${how}, hash ${at} (${unit}): ${found[at]!.toString(16)}, in the first run ${wanted[at]!.toString(16)}`
}
