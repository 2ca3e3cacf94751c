import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { add, type Judgement } from './judge-batch'
import type { WorkerReply, WorkerRequest } from './worker'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))

export interface PoolOptions {
  readonly jobs: number
  /** For the programs. */
  readonly directory: string
  onJudgement(judgement: Judgement): void
}

/**
 * Judges in worker processes.
 *
 * @throws Error when a worker fails
 */
export async function judgeAll(
  requests: readonly Omit<WorkerRequest, 'path'>[],
  { directory, jobs, onJudgement }: PoolOptions,
): Promise<Judgement> {
  const sum: Judgement = { cases: 0, different: 0, excused: {}, reports: [] }
  let taken = 0
  const work = async (_: unknown, n: number): Promise<void> => {
    const worker = fork(WORKER, { execArgv: ['--import', 'tsx'] })
    try {
      for (let request = requests[taken++]; request; request = requests[taken++]) {
        const answer = await ask(worker, { ...request, path: join(directory, `program-${n}`) })
        if ('failure' in answer) throw new Error(answer.failure)
        add(sum, answer.judgement)
        onJudgement(answer.judgement)
      }
    } finally {
      taken = requests.length
      if (worker.connected) worker.disconnect()
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, requests.length) }, work))
  return sum
}

function ask(worker: ChildProcess, request: WorkerRequest): Promise<WorkerReply> {
  return new Promise((resolve) => {
    const exited = (code: number | null) => resolve({ failure: `a worker ended with status ${code}` })
    worker.once('exit', exited)
    worker.once('message', (reply: WorkerReply) => {
      worker.off('exit', exited)
      resolve(reply)
    })
    worker.send(request)
  })
}
