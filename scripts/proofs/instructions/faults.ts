import { INPUTS, OUTPUTS } from './case-record'
import { isLittleEndian, type JudgedWord } from './random-word'

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

const NEGATIVE_NAN_TO_INTEGER: Readonly<Record<string, readonly [ours: bigint, theirs: bigint]>> = {
  i: [0x8000_0000_0000_0000n, 0x7fff_ffff_0000_0000n],
  x: [0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
}
const INVALID_ACCRUED = 0x200n
const UNORDERED = 3n

export const FAULTS: readonly Fault[] = [
  {
    name: 'quiet NaN compared',
    section: 'V9 A.13',
    explains: (different) =>
      /^fcmp[sdq]$/.test(different.judged.row.name) &&
      equalBut(different, OUTPUTS.fsr) &&
      fcc(different) === UNORDERED &&
      (output(different.ours, 'fsr') & CURRENT_EXCEPTIONS) === 0n &&
      output(different.theirs, 'fsr') === (output(different.ours, 'fsr') | INVALID_ACCRUED),
  },
  {
    name: 'negative NaN to integer',
    section: 'V9 B.5',
    explains: (different) => {
      const to = /^f[sdq]to([ix])$/.exec(different.judged.row.name)?.[1]
      if (to === undefined || !equalBut(different, OUTPUTS.frd)) return false
      const [ours, theirs] = NEGATIVE_NAN_TO_INTEGER[to]!
      return output(different.ours, 'frd') === ours && output(different.theirs, 'frd') === theirs
    },
  },
  {
    name: 'FPRS with bits above 2',
    section: 'V9 5.1.6',
    explains: (different) =>
      different.judged.row.syntax === '%rs1, src2, %fprs' &&
      equalBut(different, OUTPUTS.path) &&
      output(different.ours, 'path') === (output(different.theirs, 'path') & 7n) &&
      output(different.theirs, 'path') === (writtenValue(different) & 0xffn),
  },
  {
    name: 'bshuffle',
    section: 'VIS 2',
    explains: (different) =>
      different.judged.row.name === 'bshuffle' &&
      equalBut(different, OUTPUTS.frd) &&
      output(different.theirs, 'frd') === different.ours.getBigUint64(OUTPUTS.frd, true),
  },
  {
    name: 'fmean16 of negative sums',
    section: 'Oracle SPARC Architecture 2015 FMEAN16',
    explains: (different) =>
      different.judged.row.name === 'fmean16' &&
      equalBut(different, OUTPUTS.frd) &&
      [48n, 32n, 16n, 0n].every((shift) => {
        const lane = (value: bigint): bigint => BigInt.asIntN(16, value >> shift)
        const sum = lane(operandOf(different, 'frs1')) + lane(operandOf(different, 'frs2')) + 1n
        return lane(output(different.theirs, 'frd')) === BigInt.asIntN(16, sum / 2n)
      }),
  },
  {
    name: 'signaling NaN multiplied with a quiet one',
    section: 'V9 B.2.2',
    explains: (different) => {
      const { judged, theirs } = different
      if (!/^(?:fn?smuld|fdmulq)$/.test(judged.row.name) || !equalBut(different, OUTPUTS.frd, OUTPUTS.frd + 8))
        return false
      const format = judged.frs1!.width === 's' ? SINGLE : DOUBLE
      const [first, second] = (['frs1', 'frs2'] as const).map((name) => operandOf(different, name) >> format.unused)
      if (!isSignaling(first!, format) || !isNaNOf(second!, format) || isSignaling(second!, format)) return false
      const [high, low] = format.widened(second!)
      return output(theirs, 'frd') === high && (low === undefined || theirs.getBigUint64(OUTPUTS.frd + 8) === low)
    },
  },
  {
    name: 'underflow that rounds to the least normal number',
    section: 'UltraSPARC-I 14.3.2',
    explains: (different) => {
      const { given, judged, ours, theirs } = different
      if (judged.frd === undefined || !equalBut(different, OUTPUTS.fsr)) return false
      const magnitude = ours.getBigUint64(OUTPUTS.frd) & 0x7fff_ffff_ffff_ffffn
      if (magnitude !== LEAST_NORMAL[judged.frd.width]) return false
      if (judged.frd.width === 'q' && ours.getBigUint64(OUTPUTS.frd + 8) !== 0n) return false
      const accruedBefore = given.getBigUint64(INPUTS.fsr) & UNDERFLOW_ACCRUED
      const without = output(ours, 'fsr') & ~(UNDERFLOW_CURRENT | UNDERFLOW_ACCRUED)
      return (output(ours, 'fsr') & UNDERFLOW_CURRENT) !== 0n && output(theirs, 'fsr') === (without | accruedBefore)
    },
  },
  {
    name: 'little-endian quad',
    section: 'V9 6.3.1.2',
    explains: (different) =>
      different.judged.row.name === 'ldqa' &&
      isLittleEndian(different.judged) &&
      equalBut(different, OUTPUTS.frd, OUTPUTS.frd + 8) &&
      different.theirs.getBigUint64(OUTPUTS.frd) === different.ours.getBigUint64(OUTPUTS.frd + 8) &&
      different.theirs.getBigUint64(OUTPUTS.frd + 8) === different.ours.getBigUint64(OUTPUTS.frd),
  },
  {
    name: 'sll of 32 bits',
    section: 'V9 A.49',
    explains: (different) =>
      different.judged.row.name === 'sll' &&
      equalBut(different, OUTPUTS.rd) &&
      output(different.theirs, 'rd') === BigInt.asUintN(32, output(different.ours, 'rd')),
  },
]

/** Whether the records are equal but for the doublewords at these offsets. */
export function equalBut({ ours, theirs }: DifferentCase, ...offsets: readonly number[]): boolean {
  for (let at = 0; at < ours.byteLength; at += 8)
    if (!offsets.includes(at) && ours.getBigUint64(at) !== theirs.getBigUint64(at)) return false
  return true
}

const [UNDERFLOW_CURRENT, UNDERFLOW_ACCRUED] = [0x4n, 0x80n]
const LEAST_NORMAL = { s: 0x0080_0000_0000_0000n, d: 1n << 52n, q: 1n << 48n } as const

/** A format by the masks of its fields, in a doubleword without its unused bits. */
interface Format {
  readonly unused: bigint
  readonly sign: bigint
  readonly infinite: bigint
  readonly quiet: bigint
  /** A NaN in the format of twice the width. */
  readonly widened: (value: bigint) => readonly [high: bigint, low?: bigint]
}

const SINGLE: Format = {
  unused: 32n,
  sign: 1n << 31n,
  infinite: 0xffn << 23n,
  quiet: 1n << 22n,
  widened: (value) => [((value >> 31n) << 63n) | (0x7ffn << 52n) | ((value & 0x7f_ffffn) << 29n)],
}
const DOUBLE: Format = {
  unused: 0n,
  sign: 1n << 63n,
  infinite: 0x7ffn << 52n,
  quiet: 1n << 51n,
  widened: (value) => [
    ((value >> 63n) << 63n) | (0x7fffn << 48n) | (BigInt.asUintN(52, value) >> 4n),
    BigInt.asUintN(64, value << 60n),
  ],
}

const isNaNOf = (value: bigint, { infinite, sign }: Format): boolean => (value & ~sign) > infinite
const isSignaling = (value: bigint, format: Format): boolean => isNaNOf(value, format) && (value & format.quiet) === 0n

/** What an f register held: one that is both sources holds the first. */
function operandOf({ given, judged }: DifferentCase, name: 'frs1' | 'frs2'): bigint {
  const isFirst = judged.frs1?.register === judged.frs2?.register
  return given.getBigUint64(isFirst ? INPUTS.frs1 : INPUTS[name])
}

const CURRENT_EXCEPTIONS = 0x1fn

/** The condition code that a comparison of floating-point numbers has set. */
function fcc({ judged, ours }: DifferentCase): bigint {
  const number = (judged.word >>> 25) & 3
  return (output(ours, 'fsr') >> BigInt(number === 0 ? 10 : 30 + 2 * number)) & 3n
}

/** What a wr writes: its operands, exclusive or. */
function writtenValue(different: DifferentCase): bigint {
  const { immediate, rs1, rs2 } = different.judged
  const first = rs1 === 0 ? 0n : input(different, 'rs1')
  const second = rs2 === undefined ? immediate : rs2 === 0 ? 0n : input(different, rs1 === rs2 ? 'rs1' : 'rs2')
  return BigInt.asUintN(64, first ^ second)
}

export const input = ({ given }: DifferentCase, name: keyof typeof INPUTS): bigint => given.getBigUint64(INPUTS[name])
export const output = (view: DataView, name: keyof typeof OUTPUTS): bigint => view.getBigUint64(OUTPUTS[name])
