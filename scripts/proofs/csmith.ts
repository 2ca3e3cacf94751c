/**
 * Runs random programs of csmith in qemu-sparc64 and in our machine and compares their checksums.
 *
 *     tsx scripts/proofs/csmith.ts --count 30      the sample of CI
 *     tsx scripts/proofs/csmith.ts --count 1000    full size
 *     tsx scripts/proofs/csmith.ts --first 17 --count 1 --work DIRECTORY
 */
import { existsSync } from 'node:fs'
import { integerOption, parseOptions, runScript, UsageError } from './arguments'
import type { ProofCase } from './judge'
import { inWorkDirectory, PROOF_OPTIONS, proofSettings, prove } from './proof'

/** libcsmith-dev's. */
const HEADERS = '/usr/include/csmith'
/** Programs by csmith are the same on machines of either endianness without these. */
const PORTABLE = ['--no-unions', '--no-bitfields', '--no-packed-struct']
const LEVELS = ['0', '1', '2', 's']

const OPTIONS = { ...PROOF_OPTIONS, count: '1000', first: '1', 'qemu-seconds': '3' }

async function main(args: readonly string[]): Promise<boolean> {
  const options = parseOptions(args, OPTIONS)
  const settings = proofSettings(options)
  const count = integerOption('count', options.count, 1)
  const first = integerOption('first', options.first, 0, 2 ** 32 - 1 - count)
  if (!existsSync(HEADERS))
    throw new UsageError(`${HEADERS} was not found: install the Debian packages csmith and libcsmith-dev`)
  const cases = Array.from({ length: count }, (_, index) => caseOf(first + index))
  return inWorkDirectory(settings.work, (directory) =>
    prove(cases, directory, settings, {
      title: 'csmith',
      subject: `${count} programs from seed ${first}`,
    }),
  )
}

const caseOf = (seed: number): ProofCase => ({
  name: String(seed),
  path: `csmith-${seed}`,
  sources: [],
  repeat: `--first ${seed} --count 1`,
  flags: [`-O${LEVELS[seed % LEVELS.length]}`, '-I', HEADERS],
  generator: ['csmith', '--seed', String(seed), ...PORTABLE],
})

await runScript(main)
