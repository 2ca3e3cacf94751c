import { compilePattern, disassemble, getField, INSTRUCTION_SETS, makeRows, withField } from '../../../src/isa'
import { registerName } from '../../../src/isa/assembler-names'
import { LATER_INSTRUCTIONS } from './later-instructions'

/** A text of objdump 2.40 that the manual does not bear out. */
export interface ObjdumpFault {
  readonly name: string
  /** What the manual says, with its section. */
  readonly rule: string
  /** A word that shows it, at address 0, and what objdump prints. */
  readonly input: readonly [word: number, text: string]
  /** The wrong text that objdump prints for a word; undefined where the fault does not touch the word. */
  readonly predict: (word: number, address: bigint) => string | undefined
}

const OP_BRANCH = 0
const OP_ARITHMETIC = 2
const OP_MEMORY = 3
const OP3_WRASR = 0x30
const OP3_WRPR = 0x32
const OP3_WRHPR = 0x33
const OP3_FPOP2 = 0x35
const OP3_VIS = 0x36
const OP3_TCC = 0x3a
const OP3_RDASR = 0x28
const OP3_RDPR = 0x2a
const OP3_RDHPR = 0x29
const OP3_STQFA = 0x36

const BPCC_CC0 = 1 << 20
const FMOVR_BIT_13 = 1 << 13
const TCC_RESERVED_OR_CC0 = (1 << 29) | (0xfe0 & ~(1 << 12))
const RET = 0x81c7_e008
const RETL = 0x81c3_e008
const GL = 16
const READ_ONLY: Readonly<Record<number, string>> = { 15: 'fq', 31: 'ver' }
const MCDPER = 14
const PMCDPER = 23
const COPROCESSOR_CONDITIONS = [
  'n',
  '123',
  '12',
  '13',
  '1',
  '23',
  '2',
  '3',
  '',
  '0',
  '03',
  '02',
  '023',
  '01',
  '013',
  '012',
]
const HYPERPRIVILEGED: Readonly<Record<number, string>> = {
  0: 'hpstate',
  1: 'htstate',
  3: 'hintp',
  5: 'htba',
  6: 'hver',
  23: 'hmcdper',
  24: 'hmcddfr',
  27: 'hva_mask_nz',
  28: 'hstick_offset',
  29: 'hstick_enable',
  31: 'hstick_cmpr',
}

export const OBJDUMP_FAULTS: readonly ObjdumpFault[] = [
  {
    name: 'stqa with an immediate ASI',
    rule: 'V9 A.53: stqa takes any imm_asi',
    input: [0xc1b10090, 'unknown'],
    predict: (word) =>
      is(word, OP_MEMORY, OP3_STQFA) && getField(word, 'i') === 0 && getField(word, 'imm_asi') !== 0
        ? 'unknown'
        : undefined,
  },
  {
    name: 'BPcc with cc0',
    rule: 'V9 A.7: cc1:cc0 of 01 and 11 are reserved',
    input: [0x105cbd88, 'b %icc, 0xfffffffffff2f620'],
    predict: (word, address) =>
      op(word) === OP_BRANCH && op2(word) === 1 && word & BPCC_CC0
        ? disassemble(word & ~BPCC_CC0, address).replace(/^iprefetch /, 'bn %xcc, ')
        : undefined,
  },
  {
    name: 'coprocessor branches',
    rule: 'V9 A.6, A.7 and E: op2 = 7 is reserved; V8 had coprocessors',
    input: [0x11d78c5e, 'cb 0x5e3178'],
    predict: (word, address) => {
      if (op(word) !== OP_BRANCH || op2(word) !== 7) return undefined
      const always = withField((word & ~(7 << 22) & ~(15 << 25)) | (2 << 22) | (8 << 25), 'a', getField(word, 'a'))
      return disassemble(always, address).replace(/^b/, `cb${COPROCESSOR_CONDITIONS[(word >>> 25) & 15]!}`)
    },
  },
  {
    name: 'Tcc with cc0 or reserved bits',
    rule: 'V9 A.61: cc1:cc0 of 01 and 11 and bits 10:7 are reserved',
    input: [0x8bd029be, 'tcs 0x9be'],
    predict: (word) =>
      is(word, OP_ARITHMETIC, OP3_TCC) && word & TCC_RESERVED_OR_CC0 ? trapWithAllBits(word) : undefined,
  },
  {
    name: 'fcmp with bits 29:27',
    rule: 'V9 A.13: bits 29:27 are zero',
    input: [0xa5af0a40, 'fcmpd %fcc2, %f28, %f0'],
    predict: (word, address) => {
      const isComparison = is(word, OP_ARITHMETIC, OP3_FPOP2) || is(word, OP_ARITHMETIC, OP3_VIS)
      if (!isComparison || word >>> 27 === 0b10_000) return undefined
      const text = disassemble(word & ~(7 << 27), address)
      if (!/^fl?cmp/.test(text)) return undefined
      return text.includes('%fcc') ? text : text.replace(' ', ' %fcc0, ')
    },
  },
  {
    name: 'fmovr with bit 13',
    rule: 'V9 A.34: bit 13 is zero',
    input: [0x81a8a4d0, 'fmovrde %g2, %f16, %f0'],
    predict: (word, address) => {
      if (!is(word, OP_ARITHMETIC, OP3_FPOP2) || !(word & FMOVR_BIT_13)) return undefined
      const text = disassemble(word & ~FMOVR_BIT_13, address)
      return text.startsWith('fmovr') ? text : undefined
    },
  },
  {
    name: 'cmask with rd',
    rule: 'Oracle SPARC Architecture 2015 CMASK: rd is reserved',
    input: [0x89b003b8, 'cmask16 %i0'],
    predict: (word, address) => {
      if (!is(word, OP_ARITHMETIC, OP3_VIS)) return undefined
      const text = disassemble(word & ~((31 << 25) | (31 << 14)), address)
      return text.startsWith('cmask') ? text : undefined
    },
  },
  {
    name: 'ret and retl with rd',
    rule: 'V9 G.3: ret and retl are jmpl with rd = %g0; with another rd the return address is written',
    input: [0xa5c7e008, 'ret'],
    predict: (word) => {
      if (getField(word, 'rd') === 0) return undefined
      const withoutRd = withField(word, 'rd', 0)
      return withoutRd === RET ? 'ret' : withoutRd === RETL ? 'retl' : undefined
    },
  },
  {
    name: 'wr %asr15',
    rule: 'V9 A.50 and A.63: rd = 15 is sir with rs1 = 0 and i = 1, else reserved',
    input: [0x9f800005, 'wr %g5, %asr15'],
    predict: (word, address) =>
      is(word, OP_ARITHMETIC, OP3_WRASR) && getField(word, 'rd') === 15
        ? writeWithoutAlias(withField(word, 'rd', 14), address).replace('%asr14', '%asr15')
        : undefined,
  },
  {
    name: 'rd %asr15',
    rule: 'V9 A.44: rs1 = 15 is stbar with rd = 0 and i = 0 and membar with rd = 0 and i = 1, else reserved',
    input: [0x8343c000, 'rd %asr15, %g1'],
    predict: (word, address) =>
      is(word, OP_ARITHMETIC, OP3_RDASR) && getField(word, 'rs1') === 15
        ? withoutReservedBits(withField(withField(word, 'rs1', 14), 'i', 0), address).replace('%asr14', '%asr15')
        : undefined,
  },
  {
    name: '%gl',
    rule: 'V9 A.43 and A.62: register 16 is reserved; UltraSPARC Architecture 2005 has GL there, no model of ours has',
    input: [0x91540000, 'rdpr %gl, %o0'],
    predict: (word, address) => {
      if (is(word, OP_ARITHMETIC, OP3_RDPR) && getField(word, 'rs1') === GL)
        return withoutReservedBits(withField(word, 'rs1', 0), address).replace('%tpc', '%gl')
      if (is(word, OP_ARITHMETIC, OP3_WRPR) && getField(word, 'rd') === GL)
        return writeWithoutAlias(withField(word, 'rd', 0), address).replace('%tpc', '%gl')
      return undefined
    },
  },
  {
    name: 'wrpr of registers that are read only',
    rule: 'V9 A.62: rd = 15 (FQ) and 31 (VER) are reserved',
    input: [0x9f949012, 'wrpr %l2, %l2, %fq'],
    predict: (word, address) => {
      const name = is(word, OP_ARITHMETIC, OP3_WRPR) ? READ_ONLY[getField(word, 'rd')] : undefined
      return name && writeWithoutAlias(withField(word, 'rd', 0), address).replace('%tpc', `%${name}`)
    },
  },
  {
    name: 'registers of later chips',
    rule: 'V9 A.43, A.44 and A.63: rdpr of 23 is reserved, and asr14; Oracle SPARC Architecture 2015 has MCDPER and PMCDPER',
    input: [0x9d82ca76, 'wr %o3, %l6, %mcdper'],
    predict: (word, address) => {
      if (is(word, OP_ARITHMETIC, OP3_RDPR) && getField(word, 'rs1') === PMCDPER)
        return withoutReservedBits(withField(word, 'rs1', 0), address).replace('%tpc', '%pmcdper')
      if (is(word, OP_ARITHMETIC, OP3_RDASR) && getField(word, 'rs1') === MCDPER)
        return withoutReservedBits(word, address).replace('%asr14', '%mcdper')
      if (is(word, OP_ARITHMETIC, OP3_WRPR) && getField(word, 'rd') === PMCDPER)
        return writeWithoutAlias(withField(word, 'rd', 0), address).replace('%tpc', '%pmcdper')
      return is(word, OP_ARITHMETIC, OP3_WRASR) && getField(word, 'rd') === MCDPER
        ? writeWithoutAlias(word, address).replace('%asr14', '%mcdper')
        : undefined
    },
  },
  {
    name: 'wrpr with reserved bits',
    rule: 'V9 A.62: with i = 0 bits 12:5 are reserved, and rs2 = %g0 is the same as no second operand',
    input: [0x8f908a60, 'wrpr %g2, %g0, %tl'],
    predict: (word, address) =>
      is(word, OP_ARITHMETIC, OP3_WRPR) && word & 0x1fe0 ? writeWithoutAlias(word, address) : undefined,
  },
  {
    name: 'hyperprivileged registers',
    rule: 'V9 E: op3 of 29 and 33 (hexadecimal) are not of V9; UltraSPARC Architecture 2005 has them, no model of ours has',
    input: [0x839994d6, 'wrhpr %g6, %l6, %htstate'],
    predict: (word, address) => {
      if (is(word, OP_ARITHMETIC, OP3_RDHPR)) {
        const name = HYPERPRIVILEGED[getField(word, 'rs1')]
        const read = withField(((word & ~(0x3f << 19)) | (OP3_RDPR << 19)) >>> 0, 'rs1', 0)
        return name && withoutReservedBits(read, address).replace('rdpr %tpc', `rdhpr %${name}`)
      }
      if (is(word, OP_ARITHMETIC, OP3_WRHPR)) {
        const name = HYPERPRIVILEGED[getField(word, 'rd')]
        const write = withField(((word & ~(0x3f << 19)) | (OP3_WRPR << 19)) >>> 0, 'rd', 0)
        return name && writeWithoutAlias(write, address).replace('wrpr', 'wrhpr').replace('%tpc', `%${name}`)
      }
      return undefined
    },
  },
]

/** Whether objdump's text is of an instruction that came with chips after ours. */
export function isOfLaterChip(text: string): boolean {
  const mnemonic = text.split(' ', 1)[0]!
  return LATER_INSTRUCTIONS.has(mnemonic) || /%efsr$|^faligndata (?:%f\d+, ){3}%f\d+$/.test(text)
}

function op(word: number): number {
  return word >>> 30
}

function op2(word: number): number {
  return (word >>> 22) & 7
}

function is(word: number, ofOp: number, op3: number): boolean {
  return op(word) === ofOp && ((word >>> 19) & 0x3f) === op3
}

const registerWrites = makeRows(INSTRUCTION_SETS).filter(({ name }) => /^(?:wr|rd)(?:pr)?$/.test(name))

function withoutReservedBits(word: number, address: bigint): string {
  const row = registerWrites.find(({ pattern }) => {
    const { mask, value } = compilePattern(pattern)
    return (word & mask) >>> 0 === value
  })
  const registerForm = row !== undefined && compilePattern(row.pattern).hasI && getField(word, 'i') === 0
  return disassemble(registerForm ? word & ~0x1fe0 : row?.name.startsWith('rd') ? word & ~0x3fff : word, address)
}

/** A write of a register; with both operands written, whatever they are, if it has reserved bits. */
function writeWithoutAlias(word: number, address: bigint): string {
  if (getField(word, 'i') === 1 || !(word & 0x1fe0)) return disassemble(word, address)
  const operands = `${registerName(getField(word, 'rs1'))}, ${registerName(getField(word, 'rs2'))}`
  return disassemble((word & ~((31 << 14) | 0x1fff)) | (1 << 14) | 1, address).replace('%g1, %g1', operands)
}

/** The number as 13 bits, whatever part of them it is. */
function trapWithAllBits(word: number): string {
  const named = disassemble((word & ~0x2000_2fff & ~(31 << 14)) | (1 << 14), 0n).replace('%g1', '')
  const rs1 = registerName(getField(word, 'rs1'))
  const second = getField(word, 'i')
    ? written(BigInt.asIntN(13, BigInt(getField(word, 'simm13'))))
    : registerName(getField(word, 'rs2'))
  const none = second === '0' || (getField(word, 'i') === 0 && getField(word, 'rs2') === 0)
  const alone = getField(word, 'i') === 1 && getField(word, 'rs1') === 0
  return named + (alone ? second : none ? rs1 : `${rs1} + ${second}`)
}

function written(value: bigint): string {
  return value <= 9n ? `${value}` : `0x${value.toString(16)}`
}
