import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism, setPriority } from 'node:os'
import { integerOption } from './arguments'

const NICENESS = 5
const MOST_JOBS = 64

/** A piece of a proof's cases, which a worker process judges. */
export interface Chunk {
  readonly seed: number
  readonly number: number
  readonly count: number
}

/** A case that nothing excuses. */
export interface Difference {
  /** What was asked, expected and got. */
  readonly text: string
  /** Options of the proof's script that judge this case alone. */
  readonly repeat: string
}

/** What a worker found in a chunk. */
export interface ChunkReport {
  readonly judged: number
  /** How often each other thing worth a count was seen, by its name. */
  readonly counts: Readonly<Record<string, number>>
  readonly differences: readonly Difference[]
}

export interface ProofOfChunks {
  /** First word of the last line, and the name of the script. */
  readonly title: string
  /** Of what is counted, such as `words`. */
  readonly unit: string
  readonly worker: URL
  readonly chunkSize: number
  readonly workerArguments?: readonly string[]
}

export const CHUNK_OPTIONS = { count: '1000000', seed: '1', jobs: String(availableParallelism()) }

const MOST_DIFFERENCES = 20
const PROGRESS_SECONDS = 20

/**
 * Judges `count` cases in worker processes, prints differences and progress, and the counts as the last line.
 *
 * @returns whether nothing differs and something was judged
 * @throws Error when a worker fails
 * @throws UsageError for options that are no numbers
 */
export async function proveInChunks(proof: ProofOfChunks, options: typeof CHUNK_OPTIONS): Promise<boolean> {
  const count = integerOption('count', options.count, 1)
  const seed = integerOption('seed', options.seed, 0)
  const jobs = integerOption('jobs', options.jobs, 1, MOST_JOBS)
  const chunks = chunksOf(count, proof.chunkSize, seed)
  const tally = new Tally(proof, count)
  let taken = 0
  const work = async (): Promise<void> => {
    const worker = startWorker(proof.worker, proof.workerArguments)
    try {
      for (let chunk = chunks[taken++]; chunk; chunk = chunks[taken++]) tally.add(await ask(worker, chunk))
    } finally {
      taken = chunks.length
      if (worker.connected) worker.disconnect()
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, chunks.length) }, work))
  return tally.finish()
}

function chunksOf(count: number, size: number, seed: number): Chunk[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, number) => ({
    seed,
    number,
    count: Math.min(size, count - number * size),
  }))
}

/** Adds reports up and tells about them. */
export class Tally {
  private judged = 0
  private different = 0
  private readonly counts = new Map<string, number>()
  private readonly started = Date.now()
  private told = Date.now()

  constructor(
    private readonly proof: Pick<ProofOfChunks, 'title' | 'unit'>,
    private readonly wanted: number,
  ) {}

  add({ judged, counts, differences }: ChunkReport): void {
    const { title, unit } = this.proof
    this.judged += judged
    for (const [name, n] of Object.entries(counts)) this.counts.set(name, (this.counts.get(name) ?? 0) + n)
    for (const { text, repeat } of differences.slice(0, Math.max(0, MOST_DIFFERENCES - this.different))) {
      console.log(`DIFFERENT ${text}\n  repeat: npx tsx scripts/proofs/${title}.ts ${repeat}`)
    }
    this.different += differences.length
    if (Date.now() - this.told < PROGRESS_SECONDS * 1000) return
    this.told = Date.now()
    const seconds = (Date.now() - this.started) / 1000
    console.log(
      `${title}: ${this.judged} of ${this.wanted} ${unit}, ${Math.round(this.judged / seconds)} a second, ${this.different} different`,
    )
  }

  finish(): boolean {
    const others = [...this.counts].sort().map(([name, n]) => `, ${n} ${name}`)
    console.log(`${this.proof.title}: ${this.judged} ${this.proof.unit}, ${this.different} different${others.join('')}`)
    return this.different === 0 && this.judged > 0
  }
}

/** Called in a worker process: answers each chunk with its report. */
export function serveChunks(judge: (chunk: Chunk) => Promise<ChunkReport>): void {
  process.on('message', (chunk: Chunk) => {
    judge(chunk).then(
      (report) => process.send!({ report }),
      (error: Error) => process.send!({ failure: error.stack ?? error.message }),
    )
  })
  process.on('disconnect', () => process.exit())
}

type Answer = { readonly report: ChunkReport } | { readonly failure: string }

function startWorker(script: URL, args: readonly string[] = []): ChildProcess {
  const worker = fork(script, args, { execArgv: ['--import', 'tsx'] })
  setPriority(worker.pid!, NICENESS)
  return worker
}

function ask(worker: ChildProcess, chunk: Chunk): Promise<ChunkReport> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', answered).off('exit', exited)
    }
    const answered = (answer: Answer): void => {
      settle()
      if ('report' in answer) resolve(answer.report)
      else reject(new Error(answer.failure))
    }
    const exited = (code: number | null, signal: string | null): void => {
      settle()
      reject(new Error(`a worker ended in chunk ${chunk.number} of seed ${chunk.seed}: ${signal ?? code}`))
    }
    worker.on('message', answered).on('exit', exited)
    worker.send(chunk)
  })
}
