/** A process of the pool: judges one range of words at a time, sent by the parent. */

import { type Judgement, judgeWords } from './judge-batch'
import { JUDGED_ROWS } from './judged-rows'

export interface WorkerRequest {
  readonly rows: readonly string[] | undefined
  readonly seed: number
  readonly cases: number
  readonly first: number
  readonly count: number
  readonly qemu: string
  readonly path: string
}

export type WorkerReply = { readonly judgement: Judgement } | { readonly failure: string }

process.on('message', (request: WorkerRequest) => {
  process.send!(reply(request))
})
process.on('disconnect', () => process.exit())

function reply({ cases, count, first, path, qemu, rows, seed }: WorkerRequest): WorkerReply {
  try {
    return { judgement: judgeWords({ rows: rowsNamed(rows), seed, cases }, first, count, { qemu, path }) }
  } catch (error) {
    return { failure: (error as Error).stack ?? String(error) }
  }
}

function rowsNamed(names: readonly string[] | undefined) {
  return names === undefined ? JUDGED_ROWS : JUDGED_ROWS.filter(({ name }) => names.includes(name))
}
