import { compilePattern, type FieldName, getField, type Instruction, immediateOf, withField } from '../../../src/isa'
import { fieldWidth } from '../../../src/isa/encoding'
import { type FloatRegisterWidth, floatRegisterBits, parseSyntax } from '../../../src/isa/operands'
import type { Random } from '../random'
import { MEMORY_BYTES } from './case-record'

export interface FloatOperand {
  /** 0 to 63. */
  readonly register: number
  readonly width: FloatRegisterWidth
}

/** One word of a row, with what must stand around it to judge it. */
export interface JudgedWord {
  readonly row: Instruction
  readonly word: number
  /** r registers of operands, 0 to 31. */
  readonly rs1?: number
  readonly rs2?: number
  readonly rd?: number
  /** rd and rd + 1 are both operands. */
  readonly isPair: boolean
  readonly frs1?: FloatOperand
  readonly frs2?: FloatOperand
  readonly frs3?: FloatOperand
  readonly frd?: FloatOperand
  /** frd is the first of eight doubles. */
  readonly isBlock: boolean
  /** The second operand if it is an immediate. */
  readonly immediate: bigint
  readonly address: AddressKind
  /** Where in the memory of a case the instruction works. */
  readonly memoryOffset: number
  /** Instructions from the word to where it transfers control; undefined if it does not. */
  readonly distance?: number
  /** Of the word, or of register ASI. */
  readonly asi?: number
  readonly window?: 'save' | 'restore'
  /** The ancillary register that it reads or writes. */
  readonly ancillary?: number
  /** Registers left for the code around it. */
  readonly pointer: number
  readonly end: number
  readonly temporary: number
}

/** What rs1 and the second operand add up to. */
export type AddressKind = 'none' | 'memory' | 'code'

const PRIMARY_AND_SECONDARY = [0x80, 0x81, 0x88, 0x89]
const NO_FAULT = [0x82, 0x83, 0x8a, 0x8b]
const BLOCK_COMMITS = [0xe0, 0xe1]
const BLOCK_TRANSFERS = [0xf0, 0xf1, 0xf8, 0xf9, ...BLOCK_COMMITS]
const BLOCK_LOADS = BLOCK_TRANSFERS.filter((asi) => !BLOCK_COMMITS.includes(asi))
const SHORT_8 = [0xd0, 0xd1, 0xd8, 0xd9]
const SHORT_16 = [0xd2, 0xd3, 0xda, 0xdb]
const CALL_RETURN = 15
/** V9 A.42: those that are neither reserved nor trap. */
const PREFETCH_FUNCTIONS = [0, 1, 2, 3, 4, 16, 17, 20, 31]
/** See code-around-word.ts. */
const DISTANCES = [-4, -3, -2, -1, 2, 3, 4, 5, 6]
const FLOAT_REGISTERS = { s: 32, d: 32, q: 16 } as const
const FLOAT_SPACING = { s: 1, d: 2, q: 4 } as const

/** Chooses registers, immediates and everything else of a word of the row. */
export function randomWord(row: Instruction, random: Random): JudgedWord {
  const { fields, hasI, immediate: immediateField, displacement, value } = compilePattern(row.pattern)
  const has = (field: FieldName): boolean => fields.some(({ name }) => name === field)
  const operands = parseSyntax(row.syntax).parts.filter((part) => typeof part !== 'string')
  const isFloat = operands.some(({ form }) => form === 'float-register')
  const isMemory = row.name === 'flush' || (row.syntax.includes('[') && !row.name.startsWith('prefetch'))
  const isWindow = ['save', 'restore', 'return'].includes(row.name)
  const isPair = isMemory && !isFloat && /^(?:ldd|std)/.test(row.name)
  const address: AddressKind = isMemory ? 'memory' : ['jmpl', 'return'].includes(row.name) ? 'code' : 'none'
  const asi = /imm_asi|\] %asi/.test(row.syntax) ? random.pick(asisOf(row, isFloat)) : undefined
  const isBlock = asi !== undefined && BLOCK_TRANSFERS.includes(asi)
  const size = isBlock ? MEMORY_BYTES : isMemory ? accessBytes(row, asi) : 1

  let word = value
  const put = (field: FieldName, bits: number): void => {
    word = withField(word, field, bits)
  }
  for (const { name } of fields) if (name !== 'rs2' && name !== immediateField?.name) put(name, anyBits(name, random))
  const usesImmediate = immediateField !== undefined && (!hasI || getField(word, 'i') === 1)
  if (usesImmediate) put(immediateField.name, immediateBits(row, immediateField.name, random))
  else if (has('rs2')) put('rs2', anyBits('rs2', random))
  if (has('imm_asi')) put('imm_asi', asi!)
  if (has('fcn')) put('fcn', random.pick(PREFETCH_FUNCTIONS))
  if (isPair) put('rd', random.below(16) * 2)

  const floats = new Map<string, FloatOperand>()
  for (const operand of operands) {
    if (operand.form !== 'float-register') continue
    const { field, width } = operand
    const register = random.below(isBlock ? 4 : FLOAT_REGISTERS[width]) * (isBlock ? 16 : FLOAT_SPACING[width])
    put(field, floatRegisterBits(register, width)!)
    floats.set(field, { register, width })
  }

  const isRegister = (field: 'rs1' | 'rs2' | 'rd'): boolean => has(field) && !floats.has(field)
  const readsRs2 = isRegister('rs2') && !usesImmediate
  if (isRegister('rs1') && (address !== 'none' || row.syntax === '%rs1, src2, %fprs')) {
    // rs1 alone makes the sum what it must be
    do put('rs1', 1 + random.below(31))
    while (readsRs2 && getField(word, 'rs1') === getField(word, 'rs2'))
  }
  // The size of an array is less than 6, whatever the point is
  if (isArray(row)) while (getField(word, 'rs1') === getField(word, 'rs2')) put('rs2', random.below(32))
  while (readsRs2 && /^[su]div/.test(row.name) && getField(word, 'rs2') === 0) put('rs2', random.below(32))
  const distance = displacement.length > 0 || address === 'code' ? random.pick(DISTANCES) : undefined
  if (displacement.length > 0) word = withDistance(word, row, distance!)

  const rs1 = isRegister('rs1') ? getField(word, 'rs1') : undefined
  const rs2 = readsRs2 ? getField(word, 'rs2') : undefined
  const rd = row.name === 'call' ? CALL_RETURN : isRegister('rd') ? getField(word, 'rd') : undefined
  const taken = new Set([0, rs1, rs2, rd, isPair ? rd! + 1 : undefined])
  const free = Array.from({ length: isWindow ? 8 : 32 }, (_, n) => n).filter((n) => !taken.has(n))
  const choose = (): number => free.splice(random.below(free.length), 1)[0]!
  return {
    row,
    word,
    rs1,
    rs2,
    rd,
    isPair,
    frs1: floats.get('rs1'),
    frs2: floats.get('rs2'),
    frs3: floats.get('rs3'),
    frd: floats.get('rd'),
    isBlock,
    immediate: usesImmediate ? immediateOf(row, word) : 0n,
    address,
    memoryOffset: random.below(MEMORY_BYTES / size) * size,
    distance,
    asi: has('imm_asi') ? undefined : asi,
    window: row.name === 'save' ? 'save' : isWindow ? 'restore' : undefined,
    ancillary: row.name === 'rd' ? getField(word, 'rs1') : row.name === 'wr' ? getField(word, 'rd') : undefined,
    pointer: choose(),
    end: choose(),
    temporary: choose(),
  }
}

/** Whether the ASI of a memory access is: those that are have bit 3 set (UltraSPARC-I table 8-2). */
export const isLittleEndian = ({ asi, word }: JudgedWord): boolean => ((asi ?? word >>> 5) & 8) !== 0

export const isArray = ({ name }: Instruction): boolean => /^array(?:8|16|32)$/.test(name)

function asisOf({ name }: Instruction, isFloat: boolean): readonly number[] {
  if (/^(?:ldstub|swap|cas)/.test(name)) return PRIMARY_AND_SECONDARY
  const ofVis = isFloat && /^(?:ldd|std)a$/.test(name) ? [...SHORT_8, ...SHORT_16] : []
  if (name.startsWith('st')) return [...PRIMARY_AND_SECONDARY, ...ofVis, ...(ofVis.length > 0 ? BLOCK_TRANSFERS : [])]
  return [...PRIMARY_AND_SECONDARY, ...NO_FAULT, ...ofVis, ...(ofVis.length > 0 ? BLOCK_LOADS : [])]
}

const BYTES_OF_SUFFIX: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, x: 8, d: 8, q: 16 }

function accessBytes({ name }: Instruction, asi: number | undefined): number {
  if (asi !== undefined && SHORT_8.includes(asi)) return 1
  if (asi !== undefined && SHORT_16.includes(asi)) return 2
  if (name === 'flush') return 8
  if (name.startsWith('ldstub')) return 1
  if (name.startsWith('swap') || name === 'casa') return 4
  if (name === 'casxa') return 8
  const suffix = /^(?:ld[su]?|st)([bhwxdq]?)a?$/.exec(name)?.[1]
  if (suffix === undefined) throw new RangeError(`how much ${name} accesses is not known`)
  return suffix === '' ? 4 : BYTES_OF_SUFFIX[suffix]!
}

const ENDS = [0, 1, 2, -1, -2]

const anyBits = (field: FieldName, random: Random): number => random.below(2 ** fieldWidth(field))

function immediateBits({ name }: Instruction, field: FieldName, random: Random): number {
  const any = anyBits(field, random)
  const half = 2 ** (fieldWidth(field) - 1)
  const bits = random.chance(70) ? any : random.pick([...ENDS, half, half - 1, half + 1])
  if (/^[su]div/.test(name) && bits === 0) return 1
  return /^t(?:add|sub)cctv$/.test(name) ? bits & ~3 : bits
}

function withDistance(word: number, row: Instruction, distance: number): number {
  const { displacement } = compilePattern(row.pattern)
  let changed = word
  let low = 0
  for (const { name } of [...displacement].reverse()) {
    changed = withField(changed, name, distance >> low)
    low += fieldWidth(name)
  }
  return changed
}
