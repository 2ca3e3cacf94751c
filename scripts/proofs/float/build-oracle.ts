import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../arguments'

const SOURCE = fileURLToPath(new URL('float-oracle.c', import.meta.url))
/** Nothing may be computed at compile time, out of order or with another rounding than the one that is set. */
const FLAGS = ['-O1', '-w', '-frounding-math', '-fsignaling-nans', '-ffp-contract=off', '-fno-builtin']

/**
 * Compiles the oracle's program.
 *
 * @throws UsageError when the compiler or a library is missing
 */
export function buildOracle(output: string): void {
  const { error, status, stderr } = spawnSync('gcc', [...FLAGS, '-o', output, SOURCE, '-lmpfr', '-lgmp', '-lm'], {
    encoding: 'utf8',
  })
  if (error || status !== 0) {
    const reason = error?.message ?? stderr.split('\n').find((line) => /error/.test(line)) ?? `status ${status}`
    throw new UsageError(`the float oracle does not compile (Debian packages gcc, libmpfr-dev, libgmp-dev): ${reason}`)
  }
}
