/**
 * Puts faults into our own code, one at a time, and runs the tests of the room that the code is in: a fault that no test notices has
 * survived. Mutants that do not compile are not counted, nor are those of mutation/equivalents.ts.
 *
 *     tsx scripts/proofs/mutation.ts --count 40 --seed 1
 *     tsx scripts/proofs/mutation.ts --seed 1 --only src/mmu/tlb.ts:93:12
 *     tsx scripts/proofs/mutation.ts --count 100 --rooms mmu,state
 */
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { integerOption, parseOptions, runScript, UsageError } from './arguments'
import { EQUIVALENT_MUTANTS } from './mutation/equivalents'
import { type Mutant, OPERATORS } from './mutation/operators'
import { MutationPool } from './mutation/pool'
import { LEFT_OUT, MUTATION_ROOMS, type MutationRoom } from './mutation/rooms'
import { seededOrder } from './mutation/seeded'
import { MutationSources } from './mutation/sources'

const OPTIONS = {
  count: '40',
  jobs: undefined as string | undefined,
  /** `FILE:LINE:COLUMN`: the mutants of one place, FILE:LINE those of a line, FILE those of a file. */
  only: undefined as string | undefined,
  /** The share of mutants that must be caught, in percent. */
  required: '95',
  rooms: undefined as string | undefined,
  seed: '1',
  /** Also tells which test caught each mutant. */
  verbose: '0',
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const PROGRESS_EVERY = 20
/** Processor seconds that a test file may take beside a multiple of what it takes without a mutant. */
const LEAST_LIMIT = 8
const TIMES_AS_LONG = 5

interface Candidate {
  readonly room: MutationRoom
  readonly mutant: Mutant
}

async function main(args: readonly string[]): Promise<boolean> {
  const options = parseOptions(args, OPTIONS)
  const seed = integerOption('seed', options.seed!, 0)
  const count = options.only === undefined ? integerOption('count', options.count!, 1) : Number.MAX_SAFE_INTEGER
  const required = integerOption('required', options.required!, 0, 100)
  const jobs = integerOption('jobs', options.jobs ?? String(availableParallelism()), 1, 64)
  const verbose = options.verbose !== '0'
  const rooms = chooseRooms(options.rooms)
  const sources = new MutationSources(ROOT)
  const candidates = choose(sources, rooms, seed, options.only)
  const pool = new MutationPool(ROOT, jobs)
  try {
    const times = await timeTests(pool, rooms)
    const order = new TestOrder(times)
    const tally = new Tally(seed)
    let taken = 0
    const work = async (): Promise<void> => {
      for (let candidate = candidates[taken++]; candidate && tally.wanted(count); candidate = candidates[taken++]) {
        const { mutant, room } = candidate
        if (!sources.compiles(mutant)) {
          tally.uncompilable++
          continue
        }
        tally.running++
        const tests = order.testsOf(room, mutant.file).map((file) => ({
          file,
          limit: LEAST_LIMIT + (TIMES_AS_LONG * times.get(file)!) / 1000,
        }))
        const { failures, seconds } = await pool.run({
          root: ROOT,
          file: mutant.file,
          text: sources.mutated(mutant),
          tests,
        })
        tally.running--
        if (failures[0] !== undefined) order.caught(room, failures[0].split(':')[0]!)
        tally.add(mutant, sources, failures, verbose ? seconds : undefined)
      }
    }
    await Promise.all(Array.from({ length: jobs }, work))
    console.log(tally.lastLine())
    return tally.judged > 0 && tally.caught * 100 >= required * tally.judged
  } finally {
    pool.close()
  }
}

function chooseRooms(names: string | undefined): readonly MutationRoom[] {
  if (names === undefined) return MUTATION_ROOMS
  return names.split(',').map((name) => {
    const room = MUTATION_ROOMS.find((known) => known.name === name)
    if (!room)
      throw new UsageError(
        `--rooms is a list of ${MUTATION_ROOMS.map((known) => known.name).join(', ')}, not '${name}'`,
      )
    return room
  })
}

/** Each room and operator in turn, in an order that the seed makes. */
function choose(
  sources: MutationSources,
  rooms: readonly MutationRoom[],
  seed: number,
  only: string | undefined,
): Candidate[] {
  const groups = rooms.flatMap((room) => {
    const mutants = sources.filesUnder(room.sources).flatMap((file) => sources.mutants(file, seed))
    const wanted = only === undefined ? mutants : mutants.filter((mutant) => `${place(mutant)}:`.startsWith(`${only}:`))
    const ordered = seededOrder(seed, wanted, ({ identity }) => identity)
    return OPERATORS.map((operator) =>
      ordered.filter((m) => m.operator === operator).map((mutant) => ({ room, mutant })),
    )
  })
  if (groups.every((group) => group.length === 0)) throw new UsageError(`--only: there is no mutant at '${only}'`)
  const shuffled = seededOrder(seed, groups, (group) => group[0]?.mutant.identity ?? '')
  const candidates: Candidate[] = []
  for (let round = 0; shuffled.some((group) => group.length > round); round++)
    candidates.push(...shuffled.flatMap((group) => group[round] ?? []))
  return candidates
}

function place({ column, file, line }: Mutant): string {
  return `${file}:${line}:${column}`
}

/**
 * Runs all tests without a mutant.
 *
 * @returns milliseconds by test file
 * @throws Error when one fails: then nothing would be known of mutants
 */
async function timeTests(pool: MutationPool, rooms: readonly MutationRoom[]): Promise<Map<string, number>> {
  const files = [...new Set(rooms.flatMap(({ tests }) => tests.flatMap(testFiles)))]
  const limit = 600
  const shares = Array.from({ length: pool.jobs }, (_, job) => files.filter((__, at) => at % pool.jobs === job))
  const replies = await Promise.all(
    shares.map((share) => pool.run({ root: ROOT, tests: share.map((file) => ({ file, limit })) })),
  )
  const failures = replies.flatMap((reply) => reply.failures)
  if (failures.length > 0) throw new Error(`tests fail without a mutant:\n${failures.join('\n')}`)
  const total = replies.reduce((sum, { seconds }) => sum + seconds, 0)
  const times = new Map(replies.flatMap(({ took }) => Object.entries(took)))
  console.log(`mutation: ${files.length} test files pass without a mutant, ${total.toFixed()} s of processor time`)
  return times
}

function testFiles(path: string): string[] {
  if (path.endsWith('.test.ts')) return [path]
  const names = readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${path}/${name}`)
    .filter((file) => !LEFT_OUT.includes(file))
    .sort()
}

/** In which order tests run: what has caught mutants of the room in little time comes first. */
class TestOrder {
  private readonly catches = new Map<string, number>()

  constructor(private readonly times: ReadonlyMap<string, number>) {}

  caught({ name }: MutationRoom, test: string): void {
    this.catches.set(`${name} ${test}`, (this.catches.get(`${name} ${test}`) ?? 0) + 1)
  }

  testsOf(room: MutationRoom, file: string): string[] {
    const own = file.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
    const cost = (test: string): number => {
      const catches = (this.catches.get(`${room.name} ${test}`) ?? 0) + (test === own ? OWN_TEST : 0)
      return (this.times.get(test)! + STARTED_TEST) / (1 + catches)
    }
    return [...new Set(room.tests.flatMap(testFiles))].sort((a, b) => cost(a) - cost(b))
  }
}

/** As many catches is the test of a file's own name thought to be worth. */
const OWN_TEST = 5
/** Milliseconds that any test file takes beside its tests. */
const STARTED_TEST = 200

class Tally {
  judged = 0
  caught = 0
  equivalent = 0
  uncompilable = 0
  /** Mutants whose tests run now. */
  running = 0

  constructor(private readonly seed: number) {}

  /** Whether another mutant is to be started. */
  wanted(count: number): boolean {
    return this.judged + this.running < count
  }

  add(mutant: Mutant, sources: MutationSources, failures: readonly string[], seconds?: number): void {
    const { after, before } = changedLine(mutant, sources)
    if (failures.length === 0 && isEquivalent(mutant, before, after)) {
      this.equivalent++
      return
    }
    this.judged++
    if (failures.length > 0) {
      this.caught++
      if (seconds !== undefined) {
        const by = failures[0]!.split('\n')[0]
        console.log(`caught in ${seconds.toFixed(1)} s: ${place(mutant)} ${mutant.operator}: ${after}\n  by ${by}`)
      }
    } else {
      if (seconds !== undefined) console.log(`after ${seconds.toFixed(1)} s`)
      console.log(`SURVIVED ${place(mutant)} ${mutant.operator}\n  - ${before}\n  + ${after}`)
      console.log(`  repeat: npx tsx scripts/proofs/mutation.ts --seed ${this.seed} --only ${place(mutant)}`)
    }
    if (this.judged % PROGRESS_EVERY === 0) console.log(`mutation: ${this.judged} judged, ${this.caught} caught`)
  }

  lastLine(): string {
    const survived = this.judged - this.caught
    const percent = this.judged === 0 ? 0 : Math.floor((this.caught / this.judged) * 1000) / 10
    const further = `${survived} survived, ${this.equivalent} equivalent, ${this.uncompilable} that do not compile`
    return `mutation: ${this.judged} mutants, ${this.caught} caught (${percent.toFixed(1)} %), ${further}`
  }
}

/** The changed lines of a file before and after, without indentation. */
function changedLine(mutant: Mutant, sources: MutationSources): { before: string; after: string } {
  const original = sources.text(mutant.file)
  const from = original.lastIndexOf('\n', mutant.start - 1) + 1
  const to = (original.indexOf('\n', mutant.end) + original.length + 1) % (original.length + 1)
  const after = original.slice(from, mutant.start) + mutant.text + original.slice(mutant.end, to)
  return { before: original.slice(from, to).trim(), after: after.trim() }
}

function isEquivalent({ file }: Mutant, before: string, after: string): boolean {
  return EQUIVALENT_MUTANTS.some(
    ({ file: where, line, mutated }) =>
      where === file && line === before && (mutated instanceof RegExp ? mutated.test(after) : mutated.includes(after)),
  )
}

await runScript(main)
