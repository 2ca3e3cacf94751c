import { type ChildProcess, fork } from 'node:child_process'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { MUTATION_ENVIRONMENT } from './rooms'
import type { MutationProgress, MutationReply, MutationRequest } from './worker'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** What one thread of a worker may allocate, in MiB: a mutant may allocate without end. */
const HEAP = 1500

/** Worker processes that run tests; one that ends is replaced, and its run is one that failed. */
export class MutationPool {
  private readonly idle: ChildProcess[] = []
  private readonly waiting: ((worker: ChildProcess) => void)[] = []

  constructor(
    readonly root: string,
    jobs: number,
  ) {
    for (let job = 0; job < jobs; job++) this.idle.push(this.start())
  }

  async run(request: MutationRequest): Promise<MutationReply> {
    const worker = this.idle.pop() ?? (await new Promise<ChildProcess>((resolve) => this.waiting.push(resolve)))
    const { lives, reply } = await ask(worker, request)
    if (!lives) worker.kill('SIGKILL')
    const next = lives ? worker : this.start()
    const waiting = this.waiting.shift()
    if (waiting) waiting(next)
    else this.idle.push(next)
    return reply
  }

  close(): void {
    for (const worker of this.idle) worker.kill('SIGKILL')
  }

  private start(): ChildProcess {
    return fork(WORKER, {
      cwd: this.root,
      env: { ...env, ...MUTATION_ENVIRONMENT },
      execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
  }
}

function ask(worker: ChildProcess, request: MutationRequest): Promise<{ lives: boolean; reply: MutationReply }> {
  return new Promise((resolve) => {
    let failedIn: string | undefined
    const told = (message: MutationReply | MutationProgress): void => {
      if ('running' in message) failedIn = message.running
      else settle(!message.endsWorker, message)
    }
    const exited = (code: number | null, signal: string | null): void => {
      const failures = [`${failedIn}: the test process ended: ${signal ?? code}`]
      settle(false, { failures, failedIn, took: {}, seconds: 0 })
    }
    const settle = (lives: boolean, reply: MutationReply): void => {
      worker.off('message', told).off('exit', exited)
      resolve({ lives, reply })
    }
    worker.on('message', told).on('exit', exited)
    worker.send(request)
  })
}
