import { parseArgs } from 'node:util'

/** Bad usage of a proof script. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The options that a script takes, with their defaults as text; undefined where there is none. */
export type OptionDefaults = Readonly<Record<string, string | undefined>>

/**
 * Parses `--name value` options.
 *
 * @throws UsageError for unknown options, missing values and anything that is no option
 */
export function parseOptions<D extends OptionDefaults>(
  args: readonly string[],
  defaults: D,
): { [K in keyof D]: string | D[K] } {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]))
  try {
    return { ...defaults, ...parseArgs({ args: [...args], options, strict: true }).values } as never
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** @throws UsageError unless `text` is a decimal integer of `least` to `most` */
export function integerOption(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `of ${least} to ${most}`
  throw new UsageError(`--${name} must be an integer ${range}, not '${text}'`)
}

/** Runs a script's main function: bad usage is one line and exit status 2, a failed proof 1. */
export async function runScript(main: (args: readonly string[]) => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
