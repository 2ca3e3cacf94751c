export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  /** Blanks in front of the column; default 2. */
  readonly gap?: number
}

/** Lines of a table: titles, then rows, each column as wide as its widest cell. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, n) => Math.max(title.length, ...rows.map((row) => row[n]!.length)))
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align, gap = 2 }, n) => {
        const cell = cells[n]!
        const padded = align === 'left' ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!)
        return ' '.repeat(n === 0 ? 0 : gap) + padded
      })
      .join('')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)]
}

/** 1234567 as `1,234,567`. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}
