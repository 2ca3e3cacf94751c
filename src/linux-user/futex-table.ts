import { FUTEX_BITSET_MATCH_ANY } from './constants'

/** A thread asleep on a futex word. The list is in order of arrival: who waits longest is woken first. */
export interface FutexWaiter {
  tid: number
  address: bigint
  bitset: number
}

export type FutexTable = FutexWaiter[]

export function addWaiter(table: FutexTable, tid: number, address: bigint, bitset = FUTEX_BITSET_MATCH_ANY): void {
  table.push({ tid, address, bitset: bitset >>> 0 })
}

/** Takes a thread out. Returns whether it waited: if not, it has been woken already. */
export function removeWaiter(table: FutexTable, tid: number): boolean {
  const index = table.findIndex((waiter) => waiter.tid === tid)
  if (index < 0) return false
  table.splice(index, 1)
  return true
}

/** Takes out at most `count` threads that wait at `address` with a bit of `bitset`. Returns their ids. */
export function takeWaiters(
  table: FutexTable,
  address: bigint,
  count: number,
  bitset = FUTEX_BITSET_MATCH_ANY,
): number[] {
  const taken: number[] = []
  for (let i = 0; i < table.length && taken.length < count; ) {
    const waiter = table[i]
    if (waiter.address === address && (waiter.bitset & bitset) !== 0) {
      taken.push(waiter.tid)
      table.splice(i, 1)
    } else i++
  }
  return taken
}

/** Lets at most `count` threads that wait at `from` wait at `to` instead, behind those already there. Returns how many. */
export function moveWaiters(table: FutexTable, from: bigint, to: bigint, count: number): number {
  if (from === to) return Math.min(count, table.filter((waiter) => waiter.address === from).length)
  const moved: FutexWaiter[] = []
  for (let i = 0; i < table.length && moved.length < count; ) {
    if (table[i].address === from) moved.push(...table.splice(i, 1))
    else i++
  }
  for (const waiter of moved) table.push({ ...waiter, address: to })
  return moved.length
}

/** The encoded operation of FUTEX_WAKE_OP (Linux include/uapi/linux/futex.h FUTEX_OP). */
export interface WakeOperation {
  /** The new value of the word. */
  apply(old: number): number
  /** Whether the second futex is woken, from the old value of its word. */
  wakes(old: number): boolean
}

const OPARG_SHIFT = 8

/** Returns undefined if `encoded` names no operation or comparison. */
export function decodeWakeOperation(encoded: number): WakeOperation | undefined {
  const operation = (encoded >>> 28) & 7
  const comparison = (encoded >>> 24) & 15
  const signed12 = (value: number) => (value << 20) >> 20
  const field = signed12(encoded >>> 12)
  const operand = (encoded >>> 28) & OPARG_SHIFT ? 1 << (field & 31) : field
  const compared = signed12(encoded)
  const apply = OPERATIONS[operation]
  const compare = COMPARISONS[comparison]
  if (apply === undefined || compare === undefined) return undefined
  return { apply: (old) => apply(old, operand) | 0, wakes: (old) => compare(old | 0, compared) }
}

const OPERATIONS: readonly ((old: number, operand: number) => number)[] = [
  (_, operand) => operand,
  (old, operand) => old + operand,
  (old, operand) => old | operand,
  (old, operand) => old & ~operand,
  (old, operand) => old ^ operand,
]

const COMPARISONS: readonly ((old: number, compared: number) => boolean)[] = [
  (old, compared) => old === compared,
  (old, compared) => old !== compared,
  (old, compared) => old < compared,
  (old, compared) => old <= compared,
  (old, compared) => old > compared,
  (old, compared) => old >= compared,
]
