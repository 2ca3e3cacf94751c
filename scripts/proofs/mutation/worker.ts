/**
 * A process of the mutation proof: keeps vitest warm and runs test files with one source file replaced in memory. A run that takes
 * more processor time than it may is told as such, and then the process is of no
 * more use, because a loop in a test cannot be stopped.
 */
import { join } from 'node:path'
import { createVitest, type TestModule, type TestSpecification } from 'vitest/node'

export interface MutationRequest {
  /** Directory of the package. */
  readonly root: string
  /** The source file that is replaced, relative to the package; undefined for a run without a mutant. */
  readonly file?: string
  readonly text?: string
  /** Test files in the order in which they run, and the seconds of processor time that each of them may take. */
  readonly tests: readonly { readonly file: string; readonly limit: number }[]
}

/** Sent when a test file begins. */
export interface MutationProgress {
  readonly running: string
}

export interface MutationReply {
  /** What failed, in words; empty if nothing did. The first failure ends the run. */
  readonly failures: readonly string[]
  /** The test file of the first failure, if one is known. */
  readonly failedIn?: string
  /** Processor seconds. */
  readonly seconds: number
  /** Milliseconds that each test file took that ran. */
  readonly took: Readonly<Record<string, number>>
  /** The process is lost in a test, and of no more use. */
  readonly endsWorker?: boolean
}

const WATCH_EVERY = 100
const TEST_TIMEOUT = 120_000

let replaced = { id: '', text: '' }
/** Processor seconds at which the test file that runs has had its time. */
let deadline = Number.POSITIVE_INFINITY
let running = ''
let began = 0
let limits = new Map<string, number>()

const seconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}

function begin({ moduleId, relativeModuleId }: Pick<TestModule, 'moduleId' | 'relativeModuleId'>): void {
  running = relativeModuleId
  process.send!({ running } satisfies MutationProgress)
  deadline = seconds() + (limits.get(moduleId) ?? Number.POSITIVE_INFINITY)
}

setInterval(() => {
  if (seconds() < deadline) return
  deadline = Number.POSITIVE_INFINITY
  const reply: MutationReply = {
    failures: [`${running}: takes too long`],
    failedIn: running,
    took: {},
    seconds: seconds() - began,
    endsWorker: true,
  }
  process.send!(reply)
}, WATCH_EVERY).unref()

class GivenOrder {
  sort(files: TestSpecification[]): TestSpecification[] {
    return files
  }

  shard(files: TestSpecification[]): TestSpecification[] {
    return files
  }
}

async function startVitest(root: string) {
  const vitest = await createVitest(
    'test',
    {
      root,
      config: false,
      watch: false,
      pool: 'threads',
      isolate: false,
      maxWorkers: 1,
      bail: 1,
      cache: false,
      testTimeout: TEST_TIMEOUT,
      include: ['test/**/*.test.ts'],
      sequence: { sequencer: GivenOrder },
      reporters: [{ onTestModuleQueued: begin, onTestModuleStart: begin }],
    },
    {
      server: { watch: null },
      plugins: [
        {
          name: 'mutant',
          enforce: 'pre',
          load: (id) => (id === replaced.id ? replaced.text : undefined),
        },
      ],
    },
  )
  await vitest.standalone()
  return vitest
}

let started: ReturnType<typeof startVitest> | undefined

async function run({ file, root, tests, text }: MutationRequest): Promise<MutationReply> {
  began = seconds()
  started ??= startVitest(root)
  const vitest = await started
  const before = replaced.id
  replaced = file === undefined ? { id: '', text: '' } : { id: join(root, file), text: text! }
  for (const id of [before, replaced.id]) if (id !== '') vitest.invalidateFile(id)
  // Failures of earlier runs would count for `bail`
  vitest.state.filesMap.clear()
  vitest.state.idMap.clear()
  const project = vitest.getRootProject()
  limits = new Map(tests.map((test) => [join(root, test.file), test.limit]))
  const result = await vitest.runTestSpecifications(
    tests.map((test) => project.createSpecification(join(root, test.file))),
  )
  deadline = Number.POSITIVE_INFINITY
  return {
    failures: [...result.testModules.flatMap(failuresOf), ...result.unhandledErrors.map((error) => messageOf(error))],
    failedIn: result.testModules.find((module) => failuresOf(module).length > 0)?.relativeModuleId,
    seconds: seconds() - began,
    took: Object.fromEntries(
      result.testModules.filter(hasRun).map((module) => [module.relativeModuleId, timeOf(module.diagnostic())]),
    ),
  }
}

/** After a failure the others are only queued. */
function hasRun(module: TestModule): boolean {
  return module.state() === 'passed' || module.state() === 'failed'
}

function timeOf({ collectDuration, duration }: { collectDuration: number; duration: number }): number {
  return collectDuration + duration
}

function failuresOf(module: TestModule): string[] {
  const failures = module.errors().map((error) => messageOf(error))
  for (const { fullName } of module.children.allTests('failed')) failures.push(fullName)
  for (const suite of module.children.allSuites()) failures.push(...suite.errors().map((error) => messageOf(error)))
  return failures.map((failure) => `${module.relativeModuleId}: ${failure}`)
}

function messageOf(error: unknown): string {
  return String((error as Error)?.message ?? error)
}

process.on('message', (request: MutationRequest) => {
  run(request).then(
    (reply) => process.send!(reply),
    (error: unknown) => process.send!({ failures: [messageOf(error)], took: {}, seconds: 0 } satisfies MutationReply),
  )
})
process.on('disconnect', () => process.exit(0))
