/**
 * Compares our float arithmetic, results and flags, with the host's FPU and with MPFR, half and half.
 *
 *     tsx scripts/proofs/soft-float.ts --count 1000000      the sample of CI
 *     tsx scripts/proofs/soft-float.ts --count 100000000    full size
 *     tsx scripts/proofs/soft-float.ts --case mpfr,divd,1,3ff0000000000000,4008000000000000,0
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseOptions, runScript, UsageError } from './arguments'
import { CHUNK_OPTIONS, proveInChunks, Tally } from './chunk-pool'
import { buildOracle } from './float/build-oracle'
import { compareWithOracle } from './float/compare-with-oracle'
import { FLOAT_OPERATIONS } from './float/operations'

const TEXTS = { title: 'soft-float', unit: 'operations' }
const MOST_IN_A_CHUNK = 400_000
const FEWEST_CHUNKS = 4

async function main(args: readonly string[]): Promise<boolean> {
  const { case: named, ...options } = parseOptions(args, { ...CHUNK_OPTIONS, case: undefined as string | undefined })
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-float-'))
  const program = join(directory, 'float-oracle')
  try {
    buildOracle(program)
    if (named !== undefined) {
      const tally = new Tally(TEXTS, 1)
      const [oracle, ...rest] = parseCase(named)
      tally.add(await compareWithOracle(program, oracle, rest))
      return tally.finish()
    }
    const worker = new URL('float/soft-float-worker.ts', import.meta.url)
    const chunkSize = Math.min(MOST_IN_A_CHUNK, Math.ceil(Number(options.count) / FEWEST_CHUNKS) || 1)
    return await proveInChunks({ ...TEXTS, worker, chunkSize, workerArguments: [program] }, options)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function parseCase(text: string): ['host' | 'mpfr', ...string[]] {
  const [, oracle, name, mode, ...operands] =
    /^(host|mpfr),(\w+),([0-3]),([0-9a-f]{1,32}),([0-9a-f]{1,32}),([0-9a-f]{1,32})$/i.exec(text) ?? []
  if (name === undefined || !FLOAT_OPERATIONS.has(name)) {
    throw new UsageError(`--case is host or mpfr, an operation, a mode of 0 to 3 and three operands, not '${text}'`)
  }
  return [oracle as 'host' | 'mpfr', name, mode!, ...operands]
}

await runScript(main)
