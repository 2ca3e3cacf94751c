/**
 * Puts faults into our own code, one at a time, and runs the tests of the room that the code is in: a fault that no test notices has
 * survived. Mutants that do not compile are not counted, nor are those of mutation/equivalents.ts.
 *
 *     tsx scripts/proofs/mutation.ts --count 40 --seed 1
 *     tsx scripts/proofs/mutation.ts --seed 1 --only src/mmu/tlb.ts:93:12
 *     tsx scripts/proofs/mutation.ts --count 100 --rooms mmu,state
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { integerOption, parseOptions, runScript, UsageError } from './arguments'
import { EQUIVALENT_MUTANTS } from './mutation/equivalents'
import { Judge } from './mutation/judge'
import { type Mutant, OPERATORS } from './mutation/operators'
import { MutationPool } from './mutation/pool'
import { MUTATION_ROOMS, type MutationRoom } from './mutation/rooms'
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
  /** Seconds after which no further test file is begun for a mutant: quicker, and what survives is only suspect. */
  within: undefined as string | undefined,
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const PROGRESS_EVERY = 20

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
    const within = options.within === undefined ? undefined : integerOption('within', options.within, 1)
    const judge = new Judge(pool, within)
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
        const { failures, seconds } = await judge.run(room, mutant.file, sources.mutated(mutant))
        tally.running--
        tally.add(mutant, sources, failures, verbose ? seconds : undefined)
      }
    }
    await Promise.all(Array.from({ length: jobs }, work))
    if (verbose) for (const line of judge.lines()) console.log(line)
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
    if (failures.length === 0 && isEquivalent(mutant, sources.text(mutant.file), before, after)) {
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

function isEquivalent({ end, file, operator, start }: Mutant, text: string, before: string, after: string): boolean {
  const changed = text.slice(start, end)
  return EQUIVALENT_MUTANTS.some(
    (known) =>
      looksLike(file, known.file) &&
      looksLike(before, known.line) &&
      (known.mutated instanceof RegExp ? known.mutated.test(after) : (known.mutated?.includes(after) ?? true)) &&
      (known.change === undefined || (known.change.operator === operator && known.change.of.test(changed))),
  )
}

function looksLike(text: string, wanted: string | RegExp | undefined): boolean {
  return wanted instanceof RegExp ? wanted.test(text) : wanted === undefined || text === wanted
}

await runScript(main)
