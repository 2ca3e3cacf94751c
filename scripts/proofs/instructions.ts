/**
 * Executes single instructions on random state in qemu-sparc64 10 and in our machine and compares what they leave.
 *
 *     tsx scripts/proofs/instructions.ts --count 200000      CI size
 *     tsx scripts/proofs/instructions.ts --count 20000000    full size
 *     tsx scripts/proofs/instructions.ts --seed 1 --word 17  one word of that seed
 *     tsx scripts/proofs/instructions.ts --rows fmuld,fdivd --count 100000
 */
import { integerOption, parseOptions, runScript, UsageError } from './arguments'
import { CASE_BYTES } from './instructions/case-record'
import { EXCLUDED_STATE, excludedRows, JUDGED_ROWS } from './instructions/judged-rows'
import { judgeAll } from './instructions/pool'
import { newerQemu } from './newer-qemu'
import { inWorkDirectory, PROOF_OPTIONS } from './proof'

const OPTIONS = {
  count: '200000',
  /** Cases of each word: registers and immediates change from word to word, all other state from case to case. */
  cases: '64',
  jobs: PROOF_OPTIONS.jobs,
  rows: undefined as string | undefined,
  seed: '1',
  word: undefined as string | undefined,
  work: undefined as string | undefined,
}
/** Words of a program: as many as keep it below 4 MB. */
const wordsOfProgram = (cases: number): number => Math.max(1, Math.floor((4 << 20) / (CASE_BYTES * cases + 2048)))
const MOST_REPORTS = 50
const MILLISECONDS_BETWEEN_LINES = 10_000

async function main(args: readonly string[]): Promise<boolean> {
  const options = parseOptions(args, OPTIONS)
  const seed = integerOption('seed', options.seed!, 0, 2 ** 32 - 1)
  const cases = integerOption('cases', options.cases!, 1, 1000)
  const count = integerOption('count', options.count!, 1)
  const jobs = integerOption('jobs', options.jobs!, 1, 64)
  const names = options.rows?.split(',')
  const unknown = names?.find((wanted) => !JUDGED_ROWS.some(({ name }) => name === wanted))
  if (unknown !== undefined) throw new UsageError(`--rows: no judged instruction is called '${unknown}'`)
  const rows = names === undefined ? JUDGED_ROWS : JUDGED_ROWS.filter(({ name }) => names.includes(name))
  const wordsOfRow = Math.ceil(count / (rows.length * cases))
  const [first, words] =
    options.word === undefined ? [0, wordsOfRow * rows.length] : [integerOption('word', options.word, 0), 1]
  const qemu = newerQemu()
  const together = wordsOfProgram(cases)
  if (names === undefined) {
    for (const [reason, excluded] of excludedRows()) console.log(`not judged: ${excluded} rows, ${reason}`)
    for (const state of EXCLUDED_STATE) console.log(`not judged: ${state}`)
  }
  const requests = Array.from({ length: Math.ceil(words / together) }, (_, n) => ({
    rows: names,
    seed,
    cases,
    first: first + n * together,
    count: Math.min(together, words - n * together),
    qemu,
  }))
  const repeat = `npx tsx scripts/proofs/instructions.ts --seed ${seed} --cases ${cases}${names ? ` --rows ${names}` : ''}`
  let judged = 0
  let reported = 0
  let told = Date.now()
  const sum = await inWorkDirectory(options.work, (directory) =>
    judgeAll(requests, {
      jobs,
      directory,
      onJudgement(judgement) {
        judged += judgement.cases
        for (const { text, wordIndex } of judgement.reports) {
          if (reported++ < MOST_REPORTS) console.log(`DIFFERENT ${text}\n  repeat: ${repeat} --word ${wordIndex}`)
        }
        if (Date.now() - told < MILLISECONDS_BETWEEN_LINES) return
        told = Date.now()
        console.log(`instructions: ${judged} of ${words * cases} cases`)
      },
    }),
  )
  if (reported > MOST_REPORTS) console.log(`and ${reported - MOST_REPORTS} reports more`)
  const excused = Object.entries(sum.excused).map(([name, times]) => `${times} ${name}`)
  const rowsJudged = options.word === undefined ? `${rows.length} rows of ${wordsOfRow * cases} cases each` : '1 word'
  console.log(
    `instructions: ${sum.cases} cases, ${sum.different} different, ${rowsJudged}, ` +
      `${excused.length === 0 ? '0' : excused.join(' and ')} by faults of QEMU`,
  )
  return sum.different === 0 && sum.cases > 0
}

await runScript(main)
