import { type Instruction, insn } from '../instruction'
import type { FloatBinary, FloatFormat, FloatWidth, QuadOperation } from '../semantics'
import { binary, FLOAT_CONDITION_CODES } from './conditions'
import { floatLoadStoreRows } from './float-load-store'
import { floatMoveRows } from './float-move'

/** The floating-point instructions of V9, loads and stores included; FBfcc and FBPfcc are among the branches. */
export function floatRows(): Instruction[] {
  return [
    ...arithmetic(),
    ...squareRoots(),
    ...wideningProducts(),
    ...comparisons(),
    ...conversions(),
    ...floatMoveRows(),
    ...floatLoadStoreRows(),
  ]
}

const WIDTHS = ['s', 'd'] as const

/** Of opf, the two low bits are the width: 1 single, 2 double, 3 quad. */
const WIDTH_BITS = { s: 1, d: 2, q: 3 } as const

function arithmetic(): Instruction[] {
  return [
    ...arithmeticRows('add', 0x40, 'V9 A.12'),
    ...arithmeticRows('sub', 0x44, 'V9 A.12'),
    ...arithmeticRows('mul', 0x48, 'V9 A.18'),
    ...arithmeticRows('div', 0x4c, 'V9 A.18'),
  ]
}

function arithmeticRows(operation: FloatBinary, opf: number, section: string): Instruction[] {
  return [
    ...WIDTHS.map((width) =>
      insn(`f${operation}${width}`, binaryPattern(opf + WIDTH_BITS[width]), binarySyntax(width), section, (s) => {
        s.requireFloat()
        s.setFrd(width, s.floatBinary(operation, width, s.frs1(width), s.frs2(width)))
      }),
    ),
    insn(`f${operation}q`, binaryPattern(opf + WIDTH_BITS.q), binarySyntax('q'), section, (s) => {
      s.requireFloat()
      s.quad(`f${operation}q`)
    }),
  ]
}

function squareRoots(): Instruction[] {
  return [
    ...WIDTHS.map((width) =>
      insn(`fsqrt${width}`, unaryPattern(0x28 + WIDTH_BITS[width]), unarySyntax(width, width), 'V9 A.19', (s) => {
        s.requireFloat()
        s.setFrd(width, s.floatUnary('sqrt', width, s.frs2(width)))
      }),
    ),
    insn('fsqrtq', unaryPattern(0x2b), unarySyntax('q', 'q'), 'V9 A.19', (s) => {
      s.requireFloat()
      s.quad('fsqrtq')
    }),
  ]
}

function wideningProducts(): Instruction[] {
  return [
    insn('fsmuld', binaryPattern(0x69), '%frs1s, %frs2s, %frdd', 'V9 A.18', (s) => {
      s.requireFloat()
      s.setFrd('d', s.floatMultiplyWiden(s.frs1('s'), s.frs2('s')))
    }),
    insn('fdmulq', binaryPattern(0x6e), '%frs1d, %frs2d, %frdq', 'V9 A.18', (s) => {
      s.requireFloat()
      s.quad('fdmulq')
    }),
  ]
}

function comparisons(): Instruction[] {
  return FLOAT_CONDITION_CODES.flatMap((fcc) => [
    ...WIDTHS.flatMap((width) => [comparison('fcmp', 0x50, width, fcc), comparison('fcmpe', 0x54, width, fcc)]),
    quadComparison('fcmpq', 0x53, fcc),
    quadComparison('fcmpeq', 0x57, fcc),
  ])
}

function comparison(name: 'fcmp' | 'fcmpe', opf: number, width: FloatWidth, fcc: number): Instruction {
  const signaling = name === 'fcmpe'
  const pattern = comparisonPattern(opf + WIDTH_BITS[width], fcc)
  return insn(`${name}${width}`, pattern, `%fcc${fcc}, %frs1${width}, %frs2${width}`, 'V9 A.13', (s) => {
    s.requireFloat()
    s.floatCompare(width, signaling, fcc, s.frs1(width), s.frs2(width))
  })
}

function quadComparison(name: 'fcmpq' | 'fcmpeq', opf: number, fcc: number): Instruction {
  return insn(name, comparisonPattern(opf, fcc), `%fcc${fcc}, %frs1q, %frs2q`, 'V9 A.13', (s) => {
    s.requireFloat()
    s.quad(name)
  })
}

const TO_INTEGER = 'V9 A.14'
const BETWEEN_FORMATS = 'V9 A.15'
const FROM_INTEGER = 'V9 A.16'

function conversions(): Instruction[] {
  return [
    conversion('s', 'x', 0x81, TO_INTEGER),
    conversion('d', 'x', 0x82, TO_INTEGER),
    quadConversion('fqtox', 'q', 'd', 0x83, TO_INTEGER),
    conversion('s', 'i', 0xd1, TO_INTEGER),
    conversion('d', 'i', 0xd2, TO_INTEGER),
    quadConversion('fqtoi', 'q', 's', 0xd3, TO_INTEGER),
    conversion('d', 's', 0xc6, BETWEEN_FORMATS),
    quadConversion('fqtos', 'q', 's', 0xc7, BETWEEN_FORMATS),
    conversion('s', 'd', 0xc9, BETWEEN_FORMATS),
    quadConversion('fqtod', 'q', 'd', 0xcb, BETWEEN_FORMATS),
    quadConversion('fstoq', 's', 'q', 0xcd, BETWEEN_FORMATS),
    quadConversion('fdtoq', 'd', 'q', 0xce, BETWEEN_FORMATS),
    conversion('x', 's', 0x84, FROM_INTEGER),
    conversion('x', 'd', 0x88, FROM_INTEGER),
    quadConversion('fxtoq', 'd', 'q', 0x8c, FROM_INTEGER),
    conversion('i', 's', 0xc4, FROM_INTEGER),
    conversion('i', 'd', 0xc8, FROM_INTEGER),
    quadConversion('fitoq', 's', 'q', 0xcc, FROM_INTEGER),
  ]
}

/** The registers that hold each format: an int32 lies in a single, an int64 in a double register. */
const REGISTER_WIDTH = { s: 's', d: 'd', i: 's', x: 'd' } as const

function conversion(from: FloatFormat, to: FloatFormat, opf: number, section: string): Instruction {
  const source = REGISTER_WIDTH[from]
  const destination = REGISTER_WIDTH[to]
  return insn(`f${from}to${to}`, unaryPattern(opf), unarySyntax(source, destination), section, (s) => {
    s.requireFloat()
    s.setFrd(destination, s.floatConvert(from, to, s.frs2(source)))
  })
}

function quadConversion(
  name: QuadOperation,
  source: string,
  destination: string,
  opf: number,
  section: string,
): Instruction {
  return insn(name, unaryPattern(opf), unarySyntax(source, destination), section, (s) => {
    s.requireFloat()
    s.quad(name)
  })
}

function binaryPattern(opf: number): string {
  return `10 rd 110100 rs1 ${binary(opf, 9)} rs2`
}

function unaryPattern(opf: number): string {
  return `10 rd 110100 ----- ${binary(opf, 9)} rs2`
}

function comparisonPattern(opf: number, fcc: number): string {
  return `10 000${binary(fcc, 2)} 110101 rs1 ${binary(opf, 9)} rs2`
}

function binarySyntax(width: string): string {
  return `%frs1${width}, %frs2${width}, %frd${width}`
}

function unarySyntax(source: string, destination: string): string {
  return `%frs2${source}, %frd${destination}`
}
