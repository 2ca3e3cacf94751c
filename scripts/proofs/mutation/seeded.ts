import { createHash } from 'node:crypto'

/** A number of 0 to `bound` - 1 that depends on the seed and the text alone. */
export function seededNumber(seed: number, text: string, bound: number): number {
  return createHash('sha256').update(`${seed} ${text}`).digest().readUInt32BE(0) % bound
}

/** The items in an order that depends on the seed and their names alone. */
export function seededOrder<T>(seed: number, items: readonly T[], nameOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({
    item,
    key: createHash('sha256')
      .update(`${seed} ${nameOf(item)}`)
      .digest('hex'),
  }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item)
}
