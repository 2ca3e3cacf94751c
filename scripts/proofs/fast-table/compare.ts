import {
  FastTableComparison,
  FastTableDifference,
  operationOf,
  TESTED_MODELS,
} from '../../../test/mmu/fast-table-operations'
import type { Chunk, ChunkReport } from '../chunk-pool'
import { RandomBits } from '../random-bits'

const COMPARE_ENTRIES_EVERY = 500

/** Performs the operations of a chunk on one of the models, from an empty or a crowded TLB. */
export function compareFastTable({ count, number, seed }: Chunk): ChunkReport {
  const tested = TESTED_MODELS[number % TESTED_MODELS.length]!
  const crowded = Math.floor(number / TESTED_MODELS.length) % 2 === 1
  const comparison = new FastTableComparison(tested, crowded)
  const random = new RandomBits(seed, number)
  let judged = 0
  const report = (differences: ChunkReport['differences']): ChunkReport => ({
    judged,
    counts: { 'fast hits': comparison.hits, 'of them of stores': comparison.writeHits },
    differences,
  })
  while (judged < count) {
    const operation = operationOf(random)
    judged++
    try {
      comparison.step(operation)
      if (judged === count || judged % COMPARE_ENTRIES_EVERY === 0) comparison.requireSameEntries()
    } catch (error) {
      if (!(error instanceof FastTableDifference)) throw error
      const text = `${tested.model}, operation ${judged} (${operation.kind}): ${error.message}`
      return report([{ text, repeat: `--seed ${seed} --chunk ${number} --count ${judged}` }])
    }
  }
  return report([])
}
