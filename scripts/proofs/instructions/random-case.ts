import type { Random } from '../random'
import { CASE_BYTES, INPUTS, MEMORY, MEMORY_BYTES } from './case-record'
import { conditionHolds } from './conditions'
import { putFloat, putInteger, putRelative, putWord } from './random-operands'
import { type FloatOperand, isArray, isLittleEndian, type JudgedWord } from './random-word'

/** Where a case and the judged word lie in guest memory. */
export interface Place {
  readonly caseAddress: number
  readonly wordAddress: number
}

/** fcc1-3; RD, fcc0, aexc and cexc; TEM, without which no operation traps (V9 5.1.7). */
const FSR_HIGH = 0x3f
const FSR_LOW = 0xc000_0fff
const FSR_TRAP_ENABLES = 0x0f80_0000
const FLOAT_OPERATIONS = [0x34, 0x35, 0x37]
const MULTIPLE = 32
const FPRS_ENABLE = 4

/** Fills a case at `at` with random state for which the word does not trap. */
export function putCase(view: DataView, at: number, judged: JudgedWord, place: Place, random: Random): void {
  const { frd, frs1, frs2, frs3, row } = judged
  for (let n = 0; n < MEMORY_BYTES; n += 4) view.setUint32(at + MEMORY + n, random.next())
  if (judged.isBlock) for (let n = 0; n < MEMORY_BYTES; n += 4) view.setUint32(at + n, random.next())
  putWord(view, at + INPUTS.fsr, random.next() & FSR_HIGH, random.next() & stateMask(judged))
  putGraphicsState(view, at, random)
  putWord(view, at + INPUTS.y, 0, random.next())
  putWord(view, at + INPUTS.ccr, 0, conditionCodes(judged, random))
  if (frd !== undefined && !judged.isBlock) putFloat(view, at + INPUTS.frd, frd.width, random)
  if (frs3) putFloat(view, at + INPUTS.frs3, frs3.width, random)
  if (frs1) putFloat(view, at + INPUTS.frs1, frs1.width, random)
  if (frs2) putSecondFloat(view, at, frs1, frs2, random)
  if (judged.rd !== undefined) putInteger(view, at + INPUTS.rd, random)
  if (judged.isPair) putInteger(view, at + INPUTS.rdOdd, random)
  if (judged.rs1 !== undefined) putInteger(view, at + INPUTS.rs1, random)
  if (judged.rs2 !== undefined) {
    if (judged.rs1 !== undefined && random.chance(20)) putRelative(view, at + INPUTS.rs2, at + INPUTS.rs1, 8, random)
    else putInteger(view, at + INPUTS.rs2, random)
  }
  if (isArray(row)) putWord(view, at + INPUTS.rs2, 0, random.below(6))
  if (/^t(?:add|sub)cctv$/.test(row.name)) withoutTagOverflow(view, at)
  if (/^[su]div/.test(row.name)) withoutZeroDivisor(view, at, judged)
  if (judged.address !== 'none') putAddress(view, at, judged, place)
  if (/^casx?a$/.test(row.name)) putComparison(view, at, judged, random)
  if (row.syntax.startsWith('[') && row.syntax.endsWith('%fsr')) maskLoadedState(view, at, judged)
  if (row.syntax === '%rs1, src2, %fprs') putEnabledFprs(view, at, judged, random)
}

/** The case is all of CASE_BYTES: what the guest writes is zero before. */
export function clearCase(bytes: Uint8Array, at: number): void {
  bytes.fill(0, at, at + CASE_BYTES)
}

/** What may be random of the lower half of FSR. */
function stateMask({ row, word }: JudgedWord): number {
  const canRaise =
    word >>> 30 === 2 && (FLOAT_OPERATIONS.includes((word >>> 19) & 0x3f) || row.name.startsWith('flcmp'))
  return canRaise ? FSR_LOW : FSR_LOW | FSR_TRAP_ENABLES
}

/** QEMU 10 has no siam and rounds by FSR alone: where GSR.IM is set, GSR.IRND is what FSR.RD is. */
function putGraphicsState(view: DataView, at: number, random: Random): void {
  const INTERVAL_MODE = 1 << 27
  const low = random.next()
  const rounding = (view.getUint32(at + INPUTS.fsr + 4) >>> 30) << 25
  putWord(view, at + INPUTS.gsr, random.next(), low & INTERVAL_MODE ? (low & ~(3 << 25)) | rounding : low)
}

function conditionCodes({ row, word }: JudgedWord, random: Random): number {
  const codes = random.below(256)
  if (!row.syntax.endsWith('software_trap')) return codes
  const condition = (word >>> 25) & 15
  const extended = row.syntax.startsWith('%xcc')
  for (let n = 0; ; n = (n + 1) & 15) {
    const tried = codes ^ (extended ? n << 4 : n)
    if (!conditionHolds(condition, extended ? tried >> 4 : tried & 15)) return tried
  }
}

const WIDTH_BYTES = { s: 4, d: 8, q: 16 } as const

function putSecondFloat(
  view: DataView,
  at: number,
  first: FloatOperand | undefined,
  { width }: FloatOperand,
  random: Random,
): void {
  if (first?.width === width && random.chance(20)) {
    putRelative(view, at + INPUTS.frs2, at + INPUTS.frs1, WIDTH_BYTES[width], random)
  } else putFloat(view, at + INPUTS.frs2, width, random)
}

/** Tags of zero, and sums of 32 bits that do not overflow (V9 A.59). */
function withoutTagOverflow(view: DataView, at: number): void {
  for (const operand of [INPUTS.rs1, INPUTS.rs2]) {
    const low = at + operand + 4
    view.setInt32(low, (view.getInt32(low) >> 1) & ~3)
  }
}

function withoutZeroDivisor(view: DataView, at: number, { rs1, rs2 }: JudgedWord): void {
  if (rs2 === undefined) return
  const low = at + (rs1 === rs2 ? INPUTS.rs1 : INPUTS.rs2) + 4
  if (view.getUint32(low) === 0) view.setUint32(low, 3)
}

/** rs1 such that it points to the case's memory, or to where the word transfers control. */
function putAddress(view: DataView, at: number, judged: JudgedWord, { caseAddress, wordAddress }: Place): void {
  const target =
    judged.address === 'code' ? wordAddress + judged.distance! * 4 : caseAddress + MEMORY + judged.memoryOffset
  const isAdded = !/^casx?a$/.test(judged.row.name)
  const offset = isAdded ? secondOperand(view, at, judged) : 0n
  view.setBigUint64(at + INPUTS.rs1, BigInt.asUintN(64, BigInt(target) - offset))
}

/** As the register holds it: the first source is loaded last, then the second, then rd. */
function secondOperand(view: DataView, at: number, { immediate, rs2 }: JudgedWord): bigint {
  if (rs2 === undefined) return immediate
  return rs2 === 0 ? 0n : view.getBigInt64(at + INPUTS.rs2)
}

/** Half of the comparisons succeed. */
function putComparison(view: DataView, at: number, judged: JudgedWord, random: Random): void {
  const { memoryOffset, rs2, row } = judged
  if (rs2 === undefined || rs2 === 0 || random.chance(50)) return
  const littleEndian = isLittleEndian(judged)
  const from = at + MEMORY + memoryOffset
  const to = at + INPUTS.rs2
  if (row.name === 'casxa') view.setBigUint64(to, view.getBigUint64(from, littleEndian))
  else view.setUint32(to + 4, view.getUint32(from, littleEndian))
}

function maskLoadedState(view: DataView, at: number, { memoryOffset, row }: JudgedWord): void {
  const from = at + MEMORY + memoryOffset
  const low = row.name === 'ldx' ? from + 4 : from
  view.setUint32(low, (view.getUint32(low) & (FSR_LOW | FSR_TRAP_ENABLES)) >>> 0)
  if (row.name === 'ldx') view.setUint32(from, view.getUint32(from) & FSR_HIGH)
}

function putEnabledFprs(view: DataView, at: number, judged: JudgedWord, random: Random): void {
  const wanted = BigInt(FPRS_ENABLE | random.below(4) | (random.below(MULTIPLE) << 3))
  view.setBigUint64(at + INPUTS.rs1, BigInt.asUintN(64, wanted ^ secondOperand(view, at, judged)))
}
