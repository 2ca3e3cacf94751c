import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './judge'
import type { WorkerReply, WorkerRequest } from './worker'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const NICENESS = 5

export interface PoolOptions {
  readonly jobs: number
  /** Host seconds after which a worker that does not answer is replaced. */
  readonly deadline: number
  /** Called with the outcomes in the order of the requests. */
  onOutcome(index: number, outcome: Outcome): void
}

/**
 * Judges cases in worker processes. A worker that dies or does not answer makes its case a different one.
 *
 * @throws Error when a case could not be judged at all, such as for want of a compiler
 */
export async function judgeAll(requests: readonly WorkerRequest[], options: PoolOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let taken = 0
  let told = 0
  const work = async (): Promise<void> => {
    let worker: ChildProcess | undefined
    try {
      for (let request = requests[taken++]; request; request = requests[taken++]) {
        worker ??= startWorker()
        const answer = await ask(worker, request, options.deadline)
        if ('lost' in answer) {
          worker.kill('SIGKILL')
          worker = undefined
        }
        outcomes[request.index] = outcomeOf(answer)
        for (let outcome = outcomes[told]; outcome; outcome = outcomes[told]) options.onOutcome(told++, outcome)
      }
    } finally {
      taken = requests.length
      worker?.disconnect()
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.jobs, requests.length) }, work))
  return outcomes
}

function startWorker(): ChildProcess {
  const worker = fork(WORKER, { execArgv: ['--import', 'tsx'] })
  setPriority(worker.pid!, NICENESS)
  return worker
}

type Answer = WorkerReply | { readonly lost: string }

function outcomeOf(answer: Answer): Outcome {
  if ('outcome' in answer) return answer.outcome
  if ('failure' in answer) throw new Error(answer.failure)
  return { kind: 'different', expected: 'an answer', got: answer.lost }
}

function ask(worker: ChildProcess, request: WorkerRequest, deadline: number): Promise<Answer> {
  return new Promise((resolve) => {
    const answered = (reply: WorkerReply) => settle(reply)
    const exited = (code: number | null, signal: string | null) => settle({ lost: `worker ended: ${signal ?? code}` })
    const timer = setTimeout(() => settle({ lost: `no answer after ${deadline} s` }), deadline * 1000)
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      worker.off('message', answered).off('exit', exited)
      resolve(answer)
    }
    worker.on('message', answered).on('exit', exited)
    worker.send(request)
  })
}
