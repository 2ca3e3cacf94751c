/**
 * Runs gcc.c-torture/execute in qemu-sparc64 and in our machine and compares exit status and output.
 *
 *     tsx scripts/proofs/torture.ts --count 300 --levels 2     the sample of CI
 *     tsx scripts/proofs/torture.ts                            all programs at -O0, -O1, -O2 and -Os
 *     tsx scripts/proofs/torture.ts --only 20000112-1 --levels 2 --work DIRECTORY
 */
import { integerOption, parseOptions, runScript, UsageError } from './arguments'
import type { ProofCase } from './judge'
import { inWorkDirectory, PROOF_OPTIONS, proofSettings, prove } from './proof'
import { gccSourceArchive, listPrograms, shuffled, type TortureProgram, unpackSuite } from './torture-suite'

const LEVELS = ['0', '1', '2', '3', 's', 'g', 'fast']

const OPTIONS = {
  ...PROOF_OPTIONS,
  archive: undefined as string | undefined,
  /** Programs a level, taken from an order that the seed makes; all of them without it. */
  count: undefined as string | undefined,
  /** More options of the compiler, such as `-mcpu=v9`. */
  flags: '',
  levels: '0,1,2,s',
  only: undefined as string | undefined,
  seed: '1',
}

async function main(args: readonly string[]): Promise<boolean> {
  const options = parseOptions(args, OPTIONS)
  const settings = proofSettings(options)
  const levels = parseLevels(options.levels)
  const seed = integerOption('seed', options.seed, 0)
  const count = options.count === undefined ? undefined : integerOption('count', options.count, 1)
  const archive = options.archive ?? gccSourceArchive()
  if (archive === undefined)
    throw new UsageError("gcc's sources were not found: install the Debian package gcc-12-source")
  return inWorkDirectory(settings.work, async (directory) => {
    const programs = choose(listPrograms(unpackSuite(archive, directory)), options.only, seed, count)
    const cases = levels.flatMap((level) => programs.map((program) => caseOf(program, `-O${level}`, options.flags)))
    return prove(cases, directory, settings, {
      title: 'torture',
      subject: `${cases.length} programs at ${levels.map((level) => `-O${level}`).join(' ')}${options.flags && ` ${options.flags}`}`,
    })
  })
}

function parseLevels(text: string): string[] {
  const levels = text.split(',')
  const wrong = levels.find((level) => !LEVELS.includes(level))
  if (wrong !== undefined) throw new UsageError(`--levels is a list of ${LEVELS.join(', ')}; there is no '${wrong}'`)
  return levels
}

function choose(
  programs: readonly TortureProgram[],
  only: string | undefined,
  seed: number,
  count: number | undefined,
): readonly TortureProgram[] {
  if (only === undefined) return count === undefined ? programs : shuffled(programs, seed).slice(0, count)
  return only.split(',').map((name) => {
    const program = programs.find((candidate) => candidate.name === name)
    if (!program) throw new UsageError(`--only: there is no program '${name}' in gcc.c-torture/execute`)
    return program
  })
}

function caseOf({ flags, name, printsAddresses, sources }: TortureProgram, level: string, more: string): ProofCase {
  const chosen = [level, ...more.split(/\s+/).filter((flag) => flag !== '')]
  return {
    name,
    path: `${chosen.join('').replaceAll('/', '_')}/${name}`,
    sources,
    flags: [...chosen, ...flags],
    repeat: `--only ${name} --levels ${level.slice(2)}${more && ` '--flags=${more}'`}`,
    printsAddresses,
  }
}

await runScript(main)
