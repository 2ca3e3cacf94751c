/** A process of the pool: judges one case at a time, sent by the parent. */
import { judge, type Limits, type Outcome, type ProofCase } from './judge'

export interface WorkerRequest {
  readonly index: number
  readonly proof: ProofCase
  readonly directory: string
  readonly limits: Limits
  readonly keep: boolean
}

export type WorkerReply = { readonly index: number } & ({ readonly outcome: Outcome } | { readonly failure: string })

process.on('message', ({ index, proof, directory, limits, keep }: WorkerRequest) => {
  process.send!(reply(index, () => judge(proof, directory, limits, keep)))
})
process.on('disconnect', () => process.exit())

function reply(index: number, work: () => Outcome): WorkerReply {
  try {
    return { index, outcome: work() }
  } catch (error) {
    return { index, failure: (error as Error).message }
  }
}
