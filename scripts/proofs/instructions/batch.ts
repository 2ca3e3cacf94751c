import type { Instruction } from '../../../src/isa'
import { Random } from '../random'
import { CASE_BYTES, REGISTERS_BYTES } from './case-record'
import { codeAround } from './code-around-word'
import { add, addRegisters, branchNonZero, or, SYSTEM_CALL, set, subRegisters, wrImmediate } from './machine-words'
import { putCase } from './random-case'
import { putInteger, putWord } from './random-operands'
import { type JudgedWord, randomWord } from './random-word'

/** Where the program is loaded, in QEMU and in our machine. */
export const ORIGIN = 0x20_0000
const HEADERS = 128

/** What makes the words and cases of a run: the same choice makes the same ones, however they are put together. */
export interface Choice {
  readonly rows: readonly Instruction[]
  readonly seed: number
  /** Cases of each word. */
  readonly cases: number
}

/** Some words in one program. */
export interface Batch {
  readonly words: readonly BatchWord[]
  /** An executable ELF file; the words' registers and cases are its end. */
  readonly executable: Uint8Array
  readonly finish: number
  /** Offset of the registers and cases in the file. */
  readonly data: number
}

export interface BatchWord {
  readonly index: number
  readonly judged: JudgedWord
  readonly address: number
  /** Offset of its registers in the data; its cases follow. */
  readonly at: number
}

/** The program of words `first` to `first + count - 1`: word n is of row n modulo the number of rows. */
export function makeBatch(choice: Choice, first: number, count: number): Batch {
  const made = Array.from({ length: count }, (_, n) => {
    const random = new Random(Math.imul(choice.seed, 0x01000193) + first + n)
    return { index: first + n, random, judged: randomWord(choice.rows[(first + n) % choice.rows.length]!, random) }
  })
  const wordBytes = REGISTERS_BYTES + choice.cases * CASE_BYTES
  const code = (data: number) => {
    const start = [wrImmediate(4, 6)]
    const bodies = made.map(({ judged }, n) => {
      const registers = data + n * wordBytes
      return codeAround(judged, registers, registers + REGISTERS_BYTES, choice.cases)
    })
    let at = ORIGIN + HEADERS + start.length * 4
    const addresses = bodies.map(({ index, words }) => {
      const address = at + index * 4
      at += words.length * 4
      return address
    })
    const words = [...start, ...bodies.flatMap((body) => body.words), ...finish(data, count * wordBytes)]
    return { addresses, finish: at, words }
  }
  const codeBytes = code(ORIGIN).words.length * 4
  const data = Math.ceil((HEADERS + codeBytes) / 64) * 64
  const { addresses, words, finish: finishAddress } = code(ORIGIN + data)
  const executable = new Uint8Array(data + count * wordBytes)
  const view = new DataView(executable.buffer)
  putHeaders(view)
  for (const [n, word] of words.entries()) view.setUint32(HEADERS + n * 4, word)
  const batchWords = made.map(({ index, judged, random }, n) => {
    const at = n * wordBytes
    putRegisters(view, data + at, random)
    for (let k = 0; k < choice.cases; k++) {
      const offset = data + at + REGISTERS_BYTES + k * CASE_BYTES
      putCase(view, offset, judged, { caseAddress: ORIGIN + offset, wordAddress: addresses[n]! }, random)
    }
    return { index, judged, address: addresses[n]!, at }
  })
  return { words: batchWords, executable, finish: finishAddress, data }
}

function putRegisters(view: DataView, at: number, random: Random): void {
  for (let n = 0; n < REGISTERS_BYTES / 2; n += 8) putInteger(view, at + n, random)
  for (let n = REGISTERS_BYTES / 2; n < REGISTERS_BYTES; n += 8) putWord(view, at + n, random.next(), random.next())
}

const SYS_EXIT = 1
const SYS_WRITE = 4
const [G1, O0, O1, O2, L0, L1] = [1, 8, 9, 10, 16, 17]

/** Writes the data to standard output and exits. */
function finish(data: number, bytes: number): number[] {
  const loop = [or(0, 1, O0), or(L0, 0, O1), or(L1, 0, O2), or(0, SYS_WRITE, G1), SYSTEM_CALL, subRegisters(L1, O0, L1)]
  return [
    ...set(data, L0),
    ...set(bytes, L1),
    ...loop,
    branchNonZero(L1, -loop.length),
    addRegisters(L0, O0, L0),
    add(0, 0, O0),
    or(0, SYS_EXIT, G1),
    SYSTEM_CALL,
  ]
}

const EM_SPARCV9 = 43

/** An executable of one segment that is the whole file. */
function putHeaders(view: DataView): void {
  const bytes = BigInt(view.byteLength)
  for (const [n, byte] of [0x7f, 0x45, 0x4c, 0x46, 2, 2, 1].entries()) view.setUint8(n, byte)
  view.setUint16(16, 2)
  view.setUint16(18, EM_SPARCV9)
  view.setUint32(20, 1)
  view.setBigUint64(24, BigInt(ORIGIN + HEADERS))
  view.setBigUint64(32, 64n)
  view.setUint16(52, 64)
  view.setUint16(54, 56)
  view.setUint16(56, 1)
  view.setUint32(64, 1)
  view.setUint32(68, 7)
  view.setBigUint64(80, BigInt(ORIGIN))
  view.setBigUint64(88, BigInt(ORIGIN))
  view.setBigUint64(96, bytes)
  view.setBigUint64(104, bytes)
  view.setBigUint64(112, 0x2000n)
}
