import { BLOCK, BLOCK_DOUBLES, CASE_BYTES, FLOAT_REGISTERS, INPUTS, OUTPUTS } from './case-record'
import {
  add,
  branchAlways,
  branchNonZero,
  doubleField,
  lddf,
  ldf,
  ldx,
  ldxFsr,
  NOP,
  or,
  RESTORE,
  rd,
  SAVE,
  set,
  stdf,
  stf,
  stx,
  stxFsr,
  subRegisters,
  wr,
  wrImmediate,
} from './machine-words'
import type { FloatOperand, JudgedWord } from './random-word'

const [Y, CCR, ASI, GSR] = [0, 2, 3, 19]
const STATE = [
  [CCR, 'ccr'],
  [Y, 'y'],
  [GSR, 'gsr'],
] as const
/** What `wr` may have changed beside the state of every case. */
const READ_BACK: readonly number[] = [ASI, 6]
const PRIMARY = 0x80
/** Instructions behind a control transfer that it can skip, and before it that it can come back to. */
const FORWARD = 5
const BACKWARD = 4

export interface CodeAroundWord {
  readonly words: readonly number[]
  /** Where the judged word is among them. */
  readonly index: number
}

/**
 * Code that loads all registers from `registers`, executes the word on each of the cases, and stores all registers again.
 *
 * @param registers address of REGISTERS_BYTES
 * @param cases address of `count` cases
 */
export function codeAround(judged: JudgedWord, registers: number, cases: number, count: number): CodeAroundWord {
  const { end, pointer, temporary } = judged
  const words = [...set(registers, pointer), ...loadRegisters(pointer)]
  words.push(...set(cases, pointer), ...set(cases + count * CASE_BYTES, end))
  words.push(wrImmediate(judged.asi ?? PRIMARY, ASI))
  const top = words.length
  words.push(...loadOperands(judged))
  const body = judged.distance === undefined ? [judged.word] : withLandings(judged)
  const index = words.length + (judged.distance === undefined ? 0 : BACKWARD + 1)
  words.push(...body, ...storeResults(judged))
  words.push(add(pointer, CASE_BYTES, pointer), subRegisters(pointer, end, temporary))
  words.push(branchNonZero(temporary, top - words.length), NOP)
  words.push(...set(registers, pointer), ...storeRegisters(pointer))
  return { words, index }
}

const R_REGISTERS = Array.from({ length: 31 }, (_, n) => n + 1)
const DOUBLES = Array.from({ length: 32 }, (_, n) => n * 2)

function loadRegisters(pointer: number): number[] {
  const others = R_REGISTERS.filter((register) => register !== pointer)
  return [
    ...others.map((register) => ldx(register, pointer, register * 8)),
    ...DOUBLES.map((register) => lddf(doubleField(register), pointer, FLOAT_REGISTERS + register * 4)),
  ]
}

function storeRegisters(pointer: number): number[] {
  return [
    ...R_REGISTERS.map((register) => stx(register, pointer, register * 8)),
    ...DOUBLES.map((register) => stdf(doubleField(register), pointer, FLOAT_REGISTERS + register * 4)),
  ]
}

function loadOperands(judged: JudgedWord): number[] {
  const { frd, frs1, frs2, frs3, isBlock, isPair, pointer, rd: target, rs1, rs2, temporary, window } = judged
  const words = STATE.flatMap(([ancillary, name]) => [ldx(temporary, pointer, INPUTS[name]), wr(temporary, ancillary)])
  words.push(ldxFsr(pointer, INPUTS.fsr), or(0, 0, temporary))
  if (isBlock) words.push(...eightDoubles(frd!).map((register, n) => lddf(register, pointer, BLOCK + n * 8)))
  else words.push(...loadFloat(frd, pointer, INPUTS.frd))
  words.push(...loadFloat(frs3, pointer, INPUTS.frs3), ...loadFloat(frs2, pointer, INPUTS.frs2))
  words.push(...loadFloat(frs1, pointer, INPUTS.frs1))
  if (window === 'restore') words.push(SAVE)
  // A register that is two operands holds the first source
  if (target !== undefined && window === undefined) words.push(ldx(target, pointer, INPUTS.rd))
  if (isPair) words.push(ldx(target! + 1, pointer, INPUTS.rdOdd))
  if (rs2 !== undefined) words.push(ldx(rs2, pointer, INPUTS.rs2))
  if (rs1 !== undefined) words.push(ldx(rs1, pointer, INPUTS.rs1))
  return words
}

function storeResults(judged: JudgedWord): number[] {
  const { ancillary, distance, frd, isBlock, isPair, pointer, rd: target, temporary, window } = judged
  const words: number[] = []
  if (distance !== undefined) words.push(stx(temporary, pointer, OUTPUTS.path))
  if (target !== undefined) words.push(stx(target, pointer, OUTPUTS.rd))
  if (isPair) words.push(stx(target! + 1, pointer, OUTPUTS.rdOdd))
  if (window === 'save') words.push(RESTORE)
  if (isBlock) words.push(...eightDoubles(frd!).map((register, n) => stdf(register, pointer, BLOCK + n * 8)))
  else words.push(...storeFloat(frd, pointer, OUTPUTS.frd))
  for (const [number, name] of STATE) words.push(rd(number, temporary), stx(temporary, pointer, OUTPUTS[name]))
  words.push(stxFsr(pointer, OUTPUTS.fsr))
  if (ancillary !== undefined && READ_BACK.includes(ancillary))
    words.push(rd(ancillary, temporary), stx(temporary, pointer, OUTPUTS.path))
  return words
}

const eightDoubles = ({ register }: FloatOperand): number[] =>
  Array.from({ length: BLOCK_DOUBLES }, (_, n) => doubleField(register + n * 2))

function loadFloat(operand: FloatOperand | undefined, pointer: number, offset: number): number[] {
  if (operand === undefined) return []
  const { register, width } = operand
  if (width === 's') return [ldf(register, pointer, offset)]
  const first = lddf(doubleField(register), pointer, offset)
  return width === 'd' ? [first] : [first, lddf(doubleField(register + 2), pointer, offset + 8)]
}

function storeFloat(operand: FloatOperand | undefined, pointer: number, offset: number): number[] {
  if (operand === undefined) return []
  const { register, width } = operand
  if (width === 's') return [stf(register, pointer, offset)]
  const first = stdf(doubleField(register), pointer, offset)
  return width === 'd' ? [first] : [first, stdf(doubleField(register + 2), pointer, offset + 8)]
}

/** The word among instructions that each set a bit of the temporary register: its delay slot, landings before and behind it. */
function withLandings({ temporary, word }: JudgedWord): number[] {
  const mark = (bit: number): number => or(temporary, 1 << bit, temporary)
  const behind = Array.from({ length: FORWARD }, (_, n) => mark(n))
  const before = Array.from({ length: BACKWARD - 1 }, (_, n) => mark(FORWARD + n))
  return [branchAlways(BACKWARD + 1), ...before, branchAlways(FORWARD + 2), word, ...behind]
}
