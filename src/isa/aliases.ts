import type { FieldName } from './encoding'
import { RESERVED_WRITES } from './instructions/ancillary'
import { binary, INTEGER_CONDITIONS } from './instructions/conditions'
import { PRIVILEGED_REGISTERS } from './instructions/privileged'

const DOUBLE_LOGICALS = [
  ...['fzero', 'fone', 'fsrc1', 'fsrc2', 'fnot1', 'fnot2', 'for', 'fnor', 'fand', 'fnand', 'fxor', 'fxnor'],
  ...['fornot1', 'fornot2', 'fandnot1', 'fandnot2'],
]
const PIXEL_COMPARISONS = ['gt', 'le', 'ne', 'eq'].flatMap((test) => [`cmp${test}16`, `cmp${test}32`])
const BYTE_COMPARISONS = ['le', 'ne', 'gt', 'eq'].map((test) => `cmp${test}8`)
const EDGES = ['edge8', 'edge8l', 'edge16', 'edge16l', 'edge32', 'edge32l']

/**
 * Another way to write instructions that the rows define: a name that GNU as prefers, or a synthetic instruction of one
 * word (V9 G.3). The pattern and syntax are like those of a row; `same` names two fields that have to be equal.
 */
export interface Alias {
  readonly name: string
  readonly pattern: string
  readonly syntax: string
  readonly same?: readonly [FieldName, FieldName]
}

/** Rows that objdump calls by another name, with the same operands. */
export const PRINTED_NAMES: Readonly<Record<string, string>> = {
  ba: 'b',
  fba: 'fb',
  lduw: 'ld',
  lduwa: 'lda',
  stw: 'st',
  stwa: 'sta',
  movrz: 'movre',
  movrnz: 'movrne',
  ...Object.fromEntries(
    ['s', 'd', 'q'].flatMap((w) => [
      [`fmovr${w}z`, `fmovr${w}e`],
      [`fmovr${w}nz`, `fmovr${w}ne`],
    ]),
  ),
  ...Object.fromEntries(DOUBLE_LOGICALS.map((name) => [name, `${name}d`])),
  ...Object.fromEntries(PIXEL_COMPARISONS.map((name) => [`f${name}`, `fp${name}`])),
  ...Object.fromEntries(BYTE_COMPARISONS.map((name) => [`fu${name}`, `fpcmpu${name.slice(3)}`])),
  ...Object.fromEntries(EDGES.map((name) => [name, `${name}cc`])),
}

/** What objdump prints in place of the row, wherever pattern and `same` match; the first that does counts. */
export function printedAliases(): Alias[] {
  return [...synthetic(), ...jumps(), ...loadsAndStores(), ...traps(), ...stateRegisters(), ...floats()]
}

function alias(name: string, pattern: string, syntax: string, same?: readonly [FieldName, FieldName]): Alias {
  return same === undefined ? { name, pattern, syntax } : { name, pattern, syntax, same }
}

function synthetic(): Alias[] {
  return [
    alias('nop', '00 00000 100 0000000000000000000000', ''),
    alias('clr', '10 rd 000010 00000 1 0000000000000', '%rd'),
    alias('clr', '10 00000 000010 00000 0 -------- 00000', '%rd'),
    alias('mov', '10 rd 000010 00000 i src2', 'src2, %rd'),
    alias('mov', '10 rd 000010 rs1 0 -------- 00000', '%rs1, %rd'),
    alias('mov', '10 rd 000010 rs1 1 0000000000000', '%rs1, %rd'),
    alias('tst', '10 00000 010010 rs1 0 -------- 00000', '%rs1'),
    alias('tst', '10 00000 010010 rs1 1 0000000000000', '%rs1'),
    alias('tst', '10 00000 010010 00000 0 -------- rs2', '%rs2'),
    alias('btst', '10 00000 010001 rs1 0 -------- rs2', '%rs1, %rs2'),
    alias('btst', '10 00000 010001 rs1 1 simm13', 'simm13, %rs1'),
    alias('inc', '10 rd 000000 rs1 1 0000000000001', '%rd', ['rs1', 'rd']),
    alias('dec', '10 rd 000100 rs1 1 0000000000001', '%rd', ['rs1', 'rd']),
    alias('inccc', '10 rd 010000 rs1 1 0000000000001', '%rd', ['rs1', 'rd']),
    alias('deccc', '10 rd 010100 rs1 1 0000000000001', '%rd', ['rs1', 'rd']),
    alias('cmp', '10 00000 010100 rs1 i src2', '%rs1, src2'),
    alias('neg', '10 rd 000100 00000 0 -------- rs2', '%rd', ['rs2', 'rd']),
    alias('neg', '10 rd 000100 00000 0 -------- rs2', '%rs2, %rd'),
    alias('clruw', '10 rd 100110 rs1 0 0 ------- 00000', '%rd', ['rs1', 'rd']),
    alias('clruw', '10 rd 100110 rs1 0 0 ------- 00000', '%rs1, %rd'),
    alias('signx', '10 rd 100111 rs1 0 0 ------- 00000', '%rd', ['rs1', 'rd']),
    alias('signx', '10 rd 100111 rs1 0 0 ------- 00000', '%rs1, %rd'),
    alias('save', '10 00000 111100 00000 0 -------- 00000', ''),
    alias('restore', '10 00000 111101 00000 0 -------- 00000', ''),
    alias('restore', '10 00000 111101 00000 1 0000000000000', ''),
  ]
}

function jumps(): Alias[] {
  return [
    alias('ret', '10 00000 111000 11111 1 0000000001000', ''),
    alias('retl', '10 00000 111000 01111 1 0000000001000', ''),
    alias('jmp', '10 00000 111000 rs1 i src2', 'address'),
    alias('call', '10 01111 111000 rs1 i src2', 'address'),
    alias('iprefetch', '00 0 0000 001 10 1 disp19', 'disp19'),
    alias('flush', '10 ----- 111011 rs1 i src2', '[address]'),
  ]
}

function loadsAndStores(): Alias[] {
  return [
    alias('ldtw', '11 rd 000011 rs1 i src2', '[address], %rd'),
    ...alternateLoad('ldtwa', '010011'),
    alias('clr', '11 00000 000100 rs1 i src2', '[address]'),
    alias('clrb', '11 00000 000101 rs1 i src2', '[address]'),
    alias('clrh', '11 00000 000110 rs1 i src2', '[address]'),
    alias('clrx', '11 00000 001110 rs1 i src2', '[address]'),
    alias('sttw', '11 rd 000111 rs1 i src2', '%rd, [address]'),
    ...alternateStore('sttwa', '010111'),
    alias('cas', '11 rd 111100 rs1 0 10000000 rs2', '[%rs1], %rs2, %rd'),
    alias('casl', '11 rd 111100 rs1 0 10001000 rs2', '[%rs1], %rs2, %rd'),
    alias('casx', '11 rd 111110 rs1 0 10000000 rs2', '[%rs1], %rs2, %rd'),
    alias('casxl', '11 rd 111110 rs1 0 10001000 rs2', '[%rs1], %rs2, %rd'),
  ]
}

function alternateLoad(name: string, op3: string): Alias[] {
  return [
    alias(name, `11 rd ${op3} rs1 0 imm_asi rs2`, '[address_register] imm_asi, %rd'),
    alias(name, `11 rd ${op3} rs1 1 simm13`, '[address_immediate] %asi, %rd'),
  ]
}

function alternateStore(name: string, op3: string): Alias[] {
  return [
    alias(name, `11 rd ${op3} rs1 0 imm_asi rs2`, '%rd, [address_register] imm_asi'),
    alias(name, `11 rd ${op3} rs1 1 simm13`, '%rd, [address_immediate] %asi'),
  ]
}

function traps(): Alias[] {
  return INTEGER_CONDITIONS.map((name, condition) =>
    alias(`t${name}`, `10 - ${binary(condition, 4)} 111010 rs1 i 00 src2_trap`, 'software_trap'),
  )
}

function stateRegisters(): Alias[] {
  return [
    ...writesOfOneOperand(0, 'y'),
    ...RESERVED_WRITES.flatMap((number) => writesOfOneOperand(number, `asr${number}`)),
    alias('wr', '10 10100 110000 rs1 i src2', '%rs1, src2, %softint_set'),
    alias('wr', '10 10101 110000 rs1 i src2', '%rs1, src2, %softint_clear'),
    ...PRIVILEGED_REGISTERS.flatMap((name, number) => [
      alias('wrpr', `10 ${binary(number, 5)} 110010 rs1 0 -------- 00000`, `%rs1, %${name}`),
      alias('wrpr', `10 ${binary(number, 5)} 110010 00000 1 simm13`, `simm13, %${name}`),
    ]),
  ]
}

function writesOfOneOperand(number: number, register: string): Alias[] {
  const start = `10 ${binary(number, 5)} 110000`
  return [
    alias('wr', `${start} rs1 0 -------- 00000`, `%rs1, %${register}`),
    alias('wr', `${start} 00000 0 -------- rs2`, `%rs2, %${register}`),
    alias('wr', `${start} rs1 1 0000000000000`, `%rs1, %${register}`),
    alias('wr', `${start} 00000 1 simm13`, `simm13, %${register}`),
  ]
}

/** Width letter and bits 2:0 of opf (V9 A.13). */
const FLOAT_WIDTHS = [
  ['s', '01'],
  ['d', '10'],
  ['q', '11'],
] as const

function floats(): Alias[] {
  return FLOAT_WIDTHS.flatMap(([width, bits]) => [
    alias(`fcmp${width}`, `10 00000 110101 rs1 0010100${bits} rs2`, `%frs1${width}, %frs2${width}`),
    alias(`fcmpe${width}`, `10 00000 110101 rs1 0010101${bits} rs2`, `%frs1${width}, %frs2${width}`),
  ])
}
