import { compilePattern, type Patterned } from './encoding'
import type { Instruction } from './instruction'

export type Decoder<T = Instruction> = (word: number) => T | undefined

/** Rows that share op and opcode field; `mask` is what all of them fix, `byValue` the rows by those bits. */
interface Bucket<T> {
  readonly mask: number
  readonly byValue: Map<number, Candidate<T>[]>
}

interface Candidate<T> {
  readonly mask: number
  readonly value: number
  readonly instruction: T
}

/**
 * A decoder of 32-bit words, signed or unsigned; undefined means that no row matches. Reserved bits are ignored.
 * Where two rows match, the one that fixes more bits wins.
 */
export function makeDecoder<T extends Patterned = Instruction>(rows: readonly T[]): Decoder<T> {
  const buckets = makeBuckets(rows)
  return (word) => {
    const bucket = buckets[bucketOf(word)]
    if (bucket === undefined) return undefined
    const candidates = bucket.byValue.get(word & bucket.mask)
    if (candidates === undefined) return undefined
    for (const { mask, value, instruction } of candidates) {
      if ((word & mask) === value) return instruction
    }
    return undefined
  }
}

const BUCKETS = 256

/** op and op2 for op = 0, op alone for call, op and op3 otherwise. */
function bucketOf(word: number): number {
  const op = word >>> 30
  if (op === 0) return (word >>> 22) & 7
  return op === 1 ? 64 : (op << 6) | ((word >>> 19) & 0x3f)
}

function makeBuckets<T extends Patterned>(rows: readonly T[]): (Bucket<T> | undefined)[] {
  const sorted: Candidate<T>[][] = Array.from({ length: BUCKETS }, () => [])
  for (const instruction of rows) {
    const { mask, value } = compilePattern(instruction.pattern)
    sorted[bucketOf(value)]!.push({ mask: mask | 0, value: value | 0, instruction })
  }
  return sorted.map((candidates) => {
    if (candidates.length === 0) return undefined
    const mask = candidates.reduce((common, candidate) => common & candidate.mask, -1)
    const byValue = new Map<number, Candidate<T>[]>()
    for (const candidate of candidates.sort((a, b) => bitCount(b.mask) - bitCount(a.mask))) {
      const key = candidate.value & mask
      const sameKey = byValue.get(key)
      if (sameKey === undefined) byValue.set(key, [candidate])
      else sameKey.push(candidate)
    }
    return { mask, byValue }
  })
}

function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++
  return count
}
