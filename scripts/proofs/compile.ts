import { spawnSync } from 'node:child_process'

const COMPILER = 'sparc64-linux-gnu-gcc'
const LONGEST_COMPILATION = 120_000

/**
 * Compiles and links C sources to a static sparc64 program.
 *
 * @param flags come after `-std=gnu17`, so they can choose another standard
 * @returns the compiler's complaint, or undefined when `output` was made
 * @throws Error when the compiler cannot be started
 */
export function compileStatic(
  sources: readonly string[],
  flags: readonly string[],
  output: string,
): string | undefined {
  const command = ['-std=gnu17', '-w', '-static', '-s', ...flags, ...sources, '-lm', '-o', output]
  const result = spawnSync(COMPILER, command, { encoding: 'utf8', timeout: LONGEST_COMPILATION, maxBuffer: 2 ** 26 })
  if (result.error && result.status === null && result.signal === null) {
    throw new Error(`${COMPILER} cannot be run: ${result.error.message}`)
  }
  if (result.status === 0) return undefined
  return (
    result.stderr.split('\n').find((line) => /error:|undefined|multiple definition|cannot/.test(line)) ??
    `status ${result.status}`
  )
}
