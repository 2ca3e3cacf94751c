import { INPUTS, OUTPUTS } from './case-record'
import type { JudgedWord } from './random-word'

/** A case that ended in two ways. Each is the whole record; inputs are those of `given`. */
export interface DifferentCase {
  readonly judged: JudgedWord
  readonly given: DataView
  readonly ours: DataView
  readonly theirs: DataView
}

/** A fault of QEMU 10 (test/oracle/known-faults.md shows an input of each). */
export interface Fault {
  readonly name: string
  /** Of the manual that says what is right. */
  readonly section: string
  /** Whether the fault, and nothing else, makes the difference. */
  readonly explains: (different: DifferentCase) => boolean
}

export const FAULTS: readonly Fault[] = []

/** Whether the records are equal but for the doublewords at these offsets. */
export function equalBut({ ours, theirs }: DifferentCase, ...offsets: readonly number[]): boolean {
  for (let at = 0; at < ours.byteLength; at += 8)
    if (!offsets.includes(at) && ours.getBigUint64(at) !== theirs.getBigUint64(at)) return false
  return true
}

export const input = ({ given }: DifferentCase, name: keyof typeof INPUTS): bigint => given.getBigUint64(INPUTS[name])
export const output = (view: DataView, name: keyof typeof OUTPUTS): bigint => view.getBigUint64(OUTPUTS[name])
