/** A moment of the machine: instructions executed by all CPUs. */
export type Moment = number

export type ViolationKind =
  /** A translation was used that a completed flush should have removed. */
  | 'stale-translation'
  /** A translation was used whose frame had been freed since its page-table entry was written. */
  | 'freed-frame'
  /** A translation was used under a context that belonged to another mm when it was filled. */
  | 'foreign-context'

/** A coherence violation: plain data, printable as JSON. Addresses and page-table entries are hexadecimal strings. */
export interface TlbViolation {
  readonly kind: ViolationKind
  /** The CPU that used the translation. */
  readonly cpu: number
  readonly when: Moment
  readonly side: 'instruction' | 'data'
  readonly va: string
  readonly context: number
  readonly tte: string
  /** The event that made it stale. */
  readonly staleSince: {
    readonly cpu: number
    readonly when: Moment
    readonly what: string
    readonly before?: string
    readonly after?: string
  }
  /** The flush that should have reached the CPU; absent if none was to. */
  readonly missing?: MissingCall
}

export interface MissingCall {
  readonly flush: string
  readonly from: number
  readonly to: number
  readonly completed: Moment
  /** Whether a cross call went there at all. */
  readonly sent: boolean
  /** The mask that the flush read, if it read one. */
  readonly mask?: string
  readonly why: string
  /** Who took the CPU's bit out of the mask. */
  readonly bitLost?: { readonly cpu: number; readonly when: Moment; readonly by: string }
}

/** Earlier than a violation: a CPU runs an mm, holds translations of it and is not in its mask. */
export interface OracleWarning {
  readonly kind: 'not-in-mask'
  readonly cpu: number
  readonly context: number
  readonly entries: number
  readonly clearedBy: number
  readonly by: string
  readonly when: Moment
}

/** One sentence a line: what was used, since when it is stale, and what never came. */
export function describeViolation(violation: TlbViolation): string {
  const { staleSince, missing } = violation
  const what = {
    'stale-translation': 'used a stale translation',
    'freed-frame': 'used a translation to a freed frame',
    'foreign-context': 'used a translation of another address space',
  }[violation.kind]
  const lines = [
    `CPU ${violation.cpu} ${what}: va ${violation.va}, context ${violation.context}, ${violation.side} TLB, entry ${violation.tte}`,
    `  stale since ${staleSince.what} by CPU ${staleSince.cpu}` +
      (staleSince.before === undefined ? '' : ` (${staleSince.before} -> ${staleSince.after})`),
  ]
  if (missing) {
    const { flush, from, to, sent, why, bitLost } = missing
    const call = sent || from === to ? 'completed' : `never sent a cross call to CPU ${to}`
    lines.push(`  ${flush} on CPU ${from} ${call}: ${why}`)
    if (bitLost) lines.push(`  bit ${to} of the mask was lost to ${bitLost.by} on CPU ${bitLost.cpu}`)
  }
  return lines.join('\n')
}
