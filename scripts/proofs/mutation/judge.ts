import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { MutationPool } from './pool'
import { LEFT_OUT, type MutationRoom } from './rooms'
import type { MutationReply } from './worker'

/** Processor seconds that a test file may take beside a multiple of what it took before. */
const LEAST_LIMIT = 8
const TIMES_AS_LONG = 5
/** Of a test file that has not been run yet. */
const FIRST_LIMIT = 60
const NO_LIMIT = 600
/** Milliseconds that a test file is thought to take that has not been run yet. */
const USUAL_TIME = 800
/** Milliseconds that any test file takes beside its tests. */
const STARTED_TEST = 200
/** As many catches is the test of a file's own name thought to be worth. */
const OWN_TEST = 5

/**
 * Runs the tests of a room on a mutant: what has caught mutants of the room in little time comes first. A test file that has failed
 * is run once without a mutant, where it must pass.
 */
export class Judge {
  /** Milliseconds by test file. */
  private readonly times = new Map<string, number>()
  private readonly catches = new Map<string, number>()
  private readonly sound = new Map<string, Promise<void>>()

  /** @param within leaves out the tests that come after so many seconds: then what survives may be caught by these. */
  constructor(
    private readonly pool: MutationPool,
    private readonly within = Number.POSITIVE_INFINITY,
  ) {}

  /** @throws Error if what fails does so without a mutant: then nothing is known of this one */
  async run(room: MutationRoom, file: string, text: string): Promise<Pick<MutationReply, 'failures' | 'seconds'>> {
    const tests = this.testsOf(room, file)
    const reply = await this.pool.run({
      root: this.pool.root,
      file,
      text,
      tests: tests.map((test) => ({ file: test, limit: this.limit(test) })),
    })
    const { failedIn, failures, seconds } = reply
    for (const [test, time] of Object.entries(reply.took)) if (test !== failedIn) this.times.set(test, time)
    if (failures.length === 0) return reply
    const tookTooLong = failedIn !== undefined && reply.endsWorker && !this.times.has(failedIn)
    await this.requireSound(failedIn === undefined ? tests : [failedIn])
    if (tookTooLong && this.limit(failedIn) > FIRST_LIMIT) return this.run(room, file, text)
    if (failedIn !== undefined) this.catches.set(key(room, failedIn), this.caughtBy(room, failedIn) + 1)
    return { failures, seconds }
  }

  /** What each test file takes and has caught, for people. */
  lines(): string[] {
    const slowest = [...this.times].sort(([, a], [, b]) => b - a)
    return [
      ...slowest.map(([test, time]) => `${(time / 1000).toFixed(1)} s: ${test}`),
      ...[...this.catches].sort().map(([test, catches]) => `${catches} by ${test}`),
    ]
  }

  private async requireSound(tests: readonly string[]): Promise<void> {
    for (const test of tests) {
      if (!this.sound.has(test)) this.sound.set(test, this.runWithoutMutant(test))
      await this.sound.get(test)
    }
  }

  private async runWithoutMutant(test: string): Promise<void> {
    const tests = [{ file: test, limit: NO_LIMIT }]
    const { failures, took } = await this.pool.run({ root: this.pool.root, tests })
    if (failures.length > 0) throw new Error(`tests fail without a mutant:\n${failures.join('\n')}`)
    this.times.set(test, took[test]!)
  }

  private limit(test: string): number {
    const time = this.times.get(test)
    return time === undefined ? FIRST_LIMIT : LEAST_LIMIT + (TIMES_AS_LONG * time) / 1000
  }

  private testsOf(room: MutationRoom, file: string): string[] {
    const own = file.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
    const cost = (test: string): number => {
      const catches = this.caughtBy(room, test) + (test === own ? OWN_TEST : 0)
      return this.expected(test) / (1 + catches)
    }
    const files = new Set(room.tests.flatMap((path) => this.testFiles(path)))
    let seconds = 0
    return [...files]
      .sort((a, b) => cost(a) - cost(b))
      .filter((test) => (seconds += this.expected(test) / 1000) <= this.within)
  }

  /** Milliseconds. */
  private expected(test: string): number {
    return (this.times.get(test) ?? USUAL_TIME) + STARTED_TEST
  }

  private caughtBy(room: MutationRoom, test: string): number {
    return this.catches.get(key(room, test)) ?? 0
  }

  private testFiles(path: string): string[] {
    if (path.endsWith('.test.ts')) return [path]
    const names = readdirSync(join(this.pool.root, path), { recursive: true, encoding: 'utf8' })
    return names
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `${path}/${name}`)
      .filter((file) => !LEFT_OUT.includes(file))
      .sort()
  }
}

function key({ name }: MutationRoom, test: string): string {
  return `${name}: ${test}`
}
