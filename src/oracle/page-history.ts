import type { PageHistory, PageValue, Revocation } from './state'
import { madeFrom, permits } from './translation-value'

/** Distinct translations of one page that are remembered; an older one counts as revoked by the oldest remembered. */
const REMEMBERED = 24

/** A page's history before anything is known but its present translation. */
export function newHistory(translation: bigint, writtenAt: number): PageHistory {
  return { flushed: 0, values: [{ translation, writtenAt }] }
}

/** Whether writing `after` takes a permission away that the present translation gives. */
export function isRevoked(history: PageHistory, after: bigint): boolean {
  return !permits(after, present(history).translation)
}

export function present(history: PageHistory): PageValue {
  return history.values[history.values.length - 1]!
}

/** The history after a write of `after`; `revocation` is that write, if it revokes anything. */
export function written(history: PageHistory, after: bigint, writtenAt: number, revocation: Revocation): PageHistory {
  const values: PageValue[] = []
  for (const value of history.values) {
    if (value.translation === after) continue
    const { translation } = value
    if (permits(after, translation)) values.push({ translation, writtenAt: value.writtenAt })
    else values.push(value.revokedBy ? value : { ...value, revokedBy: revocation })
  }
  values.push({ translation: after, writtenAt })
  return { ...history, values: values.slice(-REMEMBERED) }
}

/**
 * The value of the page's history that an entry with `translation` was made from: the newest that fits. For one that was never
 * seen it is the value revoked first.
 */
export function originOf(history: PageHistory, translation: bigint): PageValue {
  const now = present(history)
  if (permits(now.translation, translation)) return now
  let oldest: PageValue | undefined
  for (let i = history.values.length - 1; i >= 0; i--) {
    const value = history.values[i]!
    if (madeFrom(value.translation, translation)) return value
    const { revokedBy } = value
    if (revokedBy && (oldest?.revokedBy === undefined || revokedBy.version < oldest.revokedBy.version)) oldest = value
  }
  return oldest ?? now
}
