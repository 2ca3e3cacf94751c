import { decodeSfsr } from './registers'
import type { DecodedEntry } from './tte'

const SIZE_NAMES = new Map([
  [0x2000, '8K'],
  [0x10000, '64K'],
  [0x80000, '512K'],
  [0x400000, '4M'],
])

/** `8K`, `64K`, `512K`, `4M`, or the number of bytes. */
export function pageSizeName(bytes: number): string {
  return SIZE_NAMES.get(bytes) ?? `${bytes}`
}

/** One letter an attribute, `-` where it is off: NFO, IE, lock, CP, CV, E, P, W, G. */
export function attributeLetters(entry: DecodedEntry): string {
  const letters: [boolean, string][] = [
    [entry.noFaultOnly, 'n'],
    [entry.invertEndian, 'i'],
    [entry.locked, 'L'],
    [entry.cacheable, 'c'],
    [entry.cacheableVirtually, 'v'],
    [entry.sideEffect, 'e'],
    [entry.privileged, 'p'],
    [entry.writable, 'w'],
    [entry.global, 'g'],
  ]
  return letters.map(([on, letter]) => (on ? letter : '-')).join('')
}

/** The manual's names of the attributes that an entry has, in columns of their own: V L CP CV E P W G NFO IE. */
export function attributeNames(entry: DecodedEntry): string {
  const names: [boolean, string][] = [
    [entry.valid, 'V'],
    [entry.locked, 'L'],
    [entry.cacheable, 'CP'],
    [entry.cacheableVirtually, 'CV'],
    [entry.sideEffect, 'E'],
    [entry.privileged, 'P'],
    [entry.writable, 'W'],
    [entry.global, 'G'],
    [entry.noFaultOnly, 'NFO'],
    [entry.invertEndian, 'IE'],
  ]
  return names.map(([on, name]) => (on ? name : '-'.padEnd(name.length))).join(' ')
}

export interface TlbTableOptions {
  readonly title?: string
  /** Invalid entries, too. */
  readonly all?: boolean
  /** First and last address of pages, and attributes by name; else the first address and letters. */
  readonly wide?: boolean
  /** Words at the end of the line of the entry with an index. */
  readonly marks?: ReadonlyMap<number, string>
}

/** A table of TLB entries, in columns; only valid ones unless `all`. Where a TLB has several arrays, entries are numbered within theirs. */
export function formatTlb(entries: readonly DecodedEntry[], options: TlbTableOptions = {}): string {
  const shown = entries.filter((entry) => options.all || entry.valid)
  const arrays = new Set(entries.map((entry) => entry.array)).size > 1
  const headings = ['array', 'entry', 'virtual', 'context', 'physical', 'size', 'attributes', '']
  const rows = shown.map((entry) => [
    entry.array,
    `${entry.slot}`,
    options.wide ? `${address(entry.va)}-${address(entry.va + BigInt(entry.pageBytes - 1))}` : address(entry.va),
    entry.global ? '*' : `${entry.context}`,
    `0x${entry.pa.toString(16).padStart(11, '0')}`,
    pageSizeName(entry.pageBytes),
    options.wide ? attributeNames(entry) : attributeLetters(entry),
    [
      entry.valid ? '' : 'invalid',
      entry.used ? 'used' : '',
      options.wide && entry.locked ? 'locked' : '',
      entry.observed ? 'observed' : '',
      options.marks?.get(entry.index),
    ]
      .filter(Boolean)
      .join(' '),
  ])
  const title = `${options.title ?? 'TLB'}: ${shown.length} of ${entries.length} entries`
  if (rows.length === 0) return title
  const widths = headings.map((heading, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]!.length), heading.length),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .slice(arrays ? 0 : 1)
      .join('  ')
      .trimEnd()
  return [title, line(headings), ...rows.map(line)].join('\n')
}

function address(va: bigint): string {
  return `0x${va.toString(16).padStart(16, '0')}`
}

const FAULT_TYPES = [
  'privilege violation',
  'speculative load or flush of a side-effect page',
  'atomic to an uncacheable page',
  'illegal ASI, address, direction or size',
  'no-fault-only page',
  'address out of range',
  'jump to an address out of range',
] as const

/** The bits of FT in words, ` and ` between them. */
export function faultTypeNames(faultType: number): string {
  return FAULT_TYPES.filter((_, bit) => faultType & (1 << bit)).join(' and ') || 'none'
}

/** An SFSR in one line. */
export function formatSfsr(sfsr: bigint): string {
  const fault = decodeSfsr(sfsr)
  if (!fault.valid) return fault.miss ? 'no fault, a miss' : 'no fault'
  return [
    `${fault.write ? 'write' : 'read'}, ASI 0x${fault.asi.toString(16)}`,
    `context ${fault.context}`,
    fault.privileged ? 'privileged' : 'user',
    `fault type 0x${fault.faultType.toString(16)} (${faultTypeNames(fault.faultType)})`,
    ...(fault.sideEffect ? ['side effect'] : []),
    ...(fault.noFault ? ['non-faulting load'] : []),
    ...(fault.overwritten ? ['an earlier fault was overwritten'] : []),
  ].join(', ')
}
