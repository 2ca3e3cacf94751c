import type { Assembly } from './assembly'
import { acceptRegister } from './operand-reader'
import type { Scanner } from './scanner'

/**
 * Synthetic instructions that put a value into a register in as many instructions as it takes (V9 G.3). gas takes the short
 * forms only where it knows the number at once; a symbol always gets the full form.
 */
type SetInstruction = (assembly: Assembly, scanner: Scanner, emit: Emit) => void
type Emit = (instruction: string) => void

const SET_INSTRUCTIONS: Readonly<Record<string, SetInstruction>> = {
  set: unsigned32,
  setuw: unsigned32,
  setsw: signed32,
  setx: any64,
}

/** The instruction of this name; undefined if it is not one of these. */
export function setInstruction(mnemonic: string): SetInstruction | undefined {
  return Object.hasOwn(SET_INSTRUCTIONS, mnemonic) ? SET_INSTRUCTIONS[mnemonic] : undefined
}

interface Operands {
  /** The expression as it is written, in brackets. */
  readonly text: string
  /** Its value if it is a number by now. */
  readonly constant: bigint | undefined
}

function readValue(assembly: Assembly, scanner: Scanner): Operands {
  scanner.skipBlanks()
  const start = scanner.at
  const expression = assembly.expression(scanner)
  const value = assembly.value(expression)
  const isConstant = value !== undefined && value.section === undefined && value.constant
  return { text: `(${scanner.text.slice(start, scanner.at)})`, constant: isConstant ? value.value : undefined }
}

function readRegister(scanner: Scanner): string {
  scanner.expect(',')
  const number = acceptRegister(scanner)
  if (number === undefined) throw scanner.unexpected('an integer register')
  return `%r${number}`
}

const fitsSimm13 = (value: bigint) => BigInt.asIntN(13, value) === value
const low10 = (value: bigint) => value & 0x3ffn
const high22 = (value: bigint) => BigInt.asUintN(32, value) >> 10n

function unsigned32(assembly: Assembly, scanner: Scanner, emit: Emit): void {
  const { text, constant } = readValue(assembly, scanner)
  const rd = readRegister(scanner)
  scanner.expectEnd()
  if (constant === undefined) {
    emit(`sethi %hi${text}, ${rd}`)
    emit(`or ${rd}, %lo${text}, ${rd}`)
  } else if (constant < -0x8000_0000n || constant > 0xffff_ffffn) {
    throw scanner.error(`expected a number of 32 bits, found ${constant}`, 0)
  } else if (fitsSimm13(constant)) {
    emit(`or %g0, ${constant}, ${rd}`)
  } else {
    emit(`sethi ${high22(constant)}, ${rd}`)
    if (low10(constant) !== 0n) emit(`or ${rd}, ${low10(constant)}, ${rd}`)
  }
}

function signed32(assembly: Assembly, scanner: Scanner, emit: Emit): void {
  const { text, constant } = readValue(assembly, scanner)
  const rd = readRegister(scanner)
  scanner.expectEnd()
  if (constant === undefined) {
    emit(`sethi %hi${text}, ${rd}`)
    emit(`or ${rd}, %lo${text}, ${rd}`)
    emit(`sra ${rd}, %g0, ${rd}`)
    return
  }
  if (constant < -0x8000_0000n || constant > 0xffff_ffffn) {
    throw scanner.error(`expected a number of 32 bits, found ${constant}`, 0)
  }
  const value = BigInt.asIntN(32, constant)
  if (fitsSimm13(value)) {
    emit(`or %g0, ${value}, ${rd}`)
  } else if (value < 0n) {
    emit(`sethi ${high22(~value)}, ${rd}`)
    emit(`xor ${rd}, ${low10(value) - 0x400n}, ${rd}`)
  } else {
    emit(`sethi ${high22(value)}, ${rd}`)
    if (low10(value) !== 0n) emit(`or ${rd}, ${low10(value)}, ${rd}`)
  }
}

function any64(assembly: Assembly, scanner: Scanner, emit: Emit): void {
  const { text, constant } = readValue(assembly, scanner)
  const temporary = readRegister(scanner)
  const rd = readRegister(scanner)
  scanner.expectEnd()
  if (constant === undefined) {
    emit(`sethi %hh${text}, ${temporary}`)
    emit(`sethi %lm${text}, ${rd}`)
    emit(`or ${temporary}, %hm${text}, ${temporary}`)
    emit(`or ${rd}, %lo${text}, ${rd}`)
    emit(`sllx ${temporary}, 32, ${temporary}`)
    emit(`or ${rd}, ${temporary}, ${rd}`)
    return
  }
  const low = BigInt.asIntN(32, constant)
  const high = BigInt.asIntN(32, constant >> 32n)
  if (high === -1n && !(low < 0n && fitsSimm13(low))) {
    emit(`sethi ${high22(~low)}, ${rd}`)
    emit(`xor ${rd}, ${low10(low) - 0x400n}, ${rd}`)
  } else if (high === 0n || high === -1n) {
    for (const instruction of half(high === 0n ? BigInt.asUintN(32, low) : low, rd)) emit(instruction)
  } else if (low === 0n) {
    for (const instruction of half(high, rd)) emit(instruction)
    emit(`sllx ${rd}, 32, ${rd}`)
  } else {
    const halves = [...half(high, temporary), ...half(BigInt.asUintN(32, low), rd)]
    const isSethi = (instruction: string) => instruction.startsWith('sethi')
    for (const instruction of halves.filter(isSethi)) emit(instruction)
    for (const instruction of halves.filter((other) => !isSethi(other))) emit(instruction)
    emit(`sllx ${temporary}, 32, ${temporary}`)
    emit(`or ${rd}, ${temporary}, ${rd}`)
  }
}

/** A number in a register: of 13 bits sign-extended, else of 32 bits zero-extended. */
function half(value: bigint, register: string): string[] {
  if (fitsSimm13(value)) return [`or %g0, ${value}, ${register}`]
  const sethi = `sethi ${high22(value)}, ${register}`
  return low10(value) === 0n ? [sethi] : [sethi, `or ${register}, ${low10(value)}, ${register}`]
}
