/** What the last line of a proof says: `NAME: <count> <unit>, <n> different[, further counts]`. */
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
  const [, count, unit, different, more] =
    /^(\d+) ([^,]+), (\d+) different(?:[,;] (.*))?$/.exec(line.slice(prefix.length)) ?? []
  if (unit === undefined) return undefined
  return { count: Number(count), unit, different: Number(different), more: more ?? '' }
}
