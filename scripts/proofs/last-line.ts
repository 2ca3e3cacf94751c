/**
 * What the last line of a proof says: `NAME: <count> <unit>, <n> different[, further counts]`, with further counts on either side of
 * the difference; a mutant that has survived and a test that has failed are differences, too.
 */
export interface LastLine {
  readonly count: number
  readonly unit: string
  readonly different: number
  /** Further counts, such as `3 skipped`; empty if there are none. */
  readonly more: string
}

/** @returns undefined if `line` is not the last line of the proof `name` */
export function parseLastLine(name: string, line: string): LastLine | undefined {
  const prefix = `${name}: `
  if (!line.startsWith(prefix)) return undefined
  const [, count, unit, before, different, after] =
    /^(\d+) ([^,]+), (?:(.*?), )?(\d+) (?:different|survived|failed)(?:[,;] (.*))?$/.exec(line.slice(prefix.length)) ??
    []
  if (unit === undefined) return undefined
  const more = [before, after].filter((text) => text !== undefined).join(', ')
  return { count: Number(count), unit, different: Number(different), more }
}
