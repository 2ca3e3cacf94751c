import { disassemble } from '../../../src/isa'
import { type Batch, type BatchWord, type Choice, makeBatch } from './batch'
import {
  BLOCK,
  BLOCK_DOUBLES,
  CASE_BYTES,
  FLOAT_REGISTERS,
  INPUTS,
  MEMORY,
  OUTPUTS,
  REGISTERS_BYTES,
} from './case-record'
import { type DifferentCase, FAULTS } from './faults'
import { type Run, runInMachine, runInQemu } from './run-batch'

export interface Judgement {
  cases: number
  different: number
  /** Cases that a known fault of QEMU explains, by its name. */
  readonly excused: Record<string, number>
  readonly reports: Report[]
}

export interface Report {
  readonly wordIndex: number
  readonly text: string
}

export interface Emulators {
  readonly qemu: string
  /** A file that may be written. */
  readonly path: string
}

/** Judges `count` words from `first` on. A program that does not end is taken apart until the word is alone that ends it. */
export function judgeWords(choice: Choice, first: number, count: number, emulators: Emulators): Judgement {
  const batch = makeBatch(choice, first, count)
  const theirs = runInQemu(emulators.qemu, emulators.path, batch)
  const ours = runInMachine(batch)
  if ('data' in theirs && 'data' in ours) return compare(choice, batch, ours.data, theirs.data)
  if (count > 1) {
    const half = count >> 1
    const judged = judgeWords(choice, first, half, emulators)
    add(judged, judgeWords(choice, first + half, count - half, emulators))
    return judged
  }
  const { index, judged } = batch.words[0]!
  const text = `${describeWord(batch.words[0]!)} (${judged.row.section})\n  QEMU: ${describeRun(theirs)}\n  ours: ${describeRun(ours)}`
  return { cases: choice.cases, different: choice.cases, excused: {}, reports: [{ wordIndex: index, text }] }
}

/** Adds the counts and reports of `more` to `sum`. */
export function add(sum: Judgement, more: Judgement): void {
  sum.cases += more.cases
  sum.different += more.different
  for (const [name, count] of Object.entries(more.excused)) sum.excused[name] = (sum.excused[name] ?? 0) + count
  sum.reports.push(...more.reports)
}

const describeRun = (run: Run): string => ('failure' in run ? run.failure : 'ends')
const describeWord = ({ address, judged }: BatchWord): string =>
  `${disassemble(judged.word, BigInt(address))}    0x${judged.word.toString(16)}`

/** Compares what the words of a batch left in our machine and in QEMU. */
export function compare({ cases }: Choice, batch: Batch, ours: Uint8Array, theirs: Uint8Array): Judgement {
  const judgement: Judgement = { cases: batch.words.length * cases, different: 0, excused: {}, reports: [] }
  for (const word of batch.words) {
    for (const data of [ours, theirs]) withoutVersion(data, word, cases)
    const end = word.at + REGISTERS_BYTES + cases * CASE_BYTES
    if (Buffer.compare(ours.subarray(word.at, end), theirs.subarray(word.at, end)) === 0) continue
    for (let n = 0; n < cases; n++) compareCase(batch, word, n, ours, theirs, judgement)
    compareRegisters(word, ours, theirs, judgement)
  }
  return judgement
}

/** FSR.ver, bits 19:17, tells implementations apart (V9 5.1.7). */
function withoutVersion(data: Uint8Array, { at, judged }: BatchWord, cases: number): void {
  const VERSION = 0x0e
  const stored = /^stx?$/.test(judged.row.name) && judged.row.syntax.startsWith('%fsr') ? judged : undefined
  for (let n = 0; n < cases; n++) {
    const from = at + REGISTERS_BYTES + n * CASE_BYTES
    data[from + OUTPUTS.fsr + 5]! &= ~VERSION
    if (stored) data[from + MEMORY + stored.memoryOffset + (stored.row.name === 'stx' ? 5 : 1)]! &= ~VERSION
  }
}

function compareCase(batch: Batch, word: BatchWord, n: number, a: Uint8Array, b: Uint8Array, into: Judgement): void {
  const at = word.at + REGISTERS_BYTES + n * CASE_BYTES
  const view = (bytes: Uint8Array, from = at) => new DataView(bytes.buffer, bytes.byteOffset + from, CASE_BYTES)
  const [ours, theirs] = [view(a), view(b)]
  const offsets = differentOffsets(ours, theirs)
  if (offsets.length === 0) return
  const { judged } = word
  const different: DifferentCase = { judged, given: view(batch.executable, batch.data + at), ours, theirs }
  const fault = FAULTS.find(({ explains }) => explains(different))
  if (fault) {
    into.excused[fault.name] = (into.excused[fault.name] ?? 0) + 1
    return
  }
  into.different++
  const lines = offsets.map(
    (offset) =>
      `  ${nameOf(offset)}: QEMU ${hex(theirs, offset)}, ours ${hex(ours, offset)}, before ${hex(different.given, offset)}`,
  )
  const head = `${describeWord(word)} (${judged.row.section}), case ${n} at 0x${(word.address + 0).toString(16)}`
  into.reports.push({ wordIndex: word.index, text: [head, `  ${describeInputs(different)}`, ...lines].join('\n') })
}

/** Registers that are no destinations of the word stay as they were; those that are have been judged with each case. */
function compareRegisters(
  { at, index, judged, ...word }: BatchWord,
  a: Uint8Array,
  b: Uint8Array,
  into: Judgement,
): void {
  const { frd, isBlock, isPair, rd } = judged
  const destinations = new Set<number>()
  if (rd !== undefined) destinations.add(rd * 8)
  if (isPair) destinations.add((rd! + 1) * 8)
  const doubles = isBlock ? BLOCK_DOUBLES : frd?.width === 'q' ? 2 : frd ? 1 : 0
  for (let n = 0; n < doubles; n++) destinations.add(FLOAT_REGISTERS + ((frd!.register >> 1) + n) * 8)
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset + at, REGISTERS_BYTES)
  const offsets = differentOffsets(view(a), view(b)).filter((offset) => !destinations.has(offset))
  if (offsets.length === 0) return
  into.different++
  const lines = offsets.map((offset) => {
    const name = offset < FLOAT_REGISTERS ? `r${offset / 8}` : `f${(offset - FLOAT_REGISTERS) / 4}`
    return `  ${name} at the end: QEMU ${hex(view(b), offset)}, ours ${hex(view(a), offset)}`
  })
  into.reports.push({ wordIndex: index, text: [describeWord({ at, index, judged, ...word }), ...lines].join('\n') })
}

function differentOffsets(a: DataView, b: DataView): number[] {
  const offsets: number[] = []
  for (let at = 0; at < a.byteLength; at += 8) if (a.getBigUint64(at) !== b.getBigUint64(at)) offsets.push(at)
  return offsets
}

function describeInputs({ given, judged }: DifferentCase): string {
  const used: (keyof typeof INPUTS)[] = ['ccr', 'y', 'gsr', 'fsr']
  const operands = (['rs1', 'rs2', 'rd', 'frs1', 'frs2', 'frs3', 'frd'] as const).filter(
    (name) => judged[name] !== undefined,
  )
  return [...operands, ...used]
    .map((name) => {
      const width = name.startsWith('f') && name !== 'fsr' ? judged[name as 'frd']?.width : undefined
      const rest = width === 'q' ? `_${hex(given, INPUTS[name] + 8)}` : ''
      return `${name} ${hex(given, INPUTS[name])}${rest}`
    })
    .join(', ')
}

function nameOf(offset: number): string {
  if (offset >= MEMORY) return `memory + ${offset - MEMORY}`
  const output = Object.entries(OUTPUTS).find(([, at]) => at === offset)?.[0]
  if (output) return output
  return offset < BLOCK + BLOCK_DOUBLES * 8 ? `double ${(offset - BLOCK) / 8} of the block` : `second half of frd`
}

const hex = (view: DataView, at: number): string => view.getBigUint64(at).toString(16).padStart(16, '0')
