import { asiNumber, MEMBAR_NAMES, PREFETCH_NAMES, REGISTER_NUMBERS } from '../assembler-names'
import { type FieldName, fieldWidth, withField } from '../encoding'
import { floatRegisterBits, immediateRange, type Operand } from '../operands'
import { AssemblyError, type SourcePosition } from './error'
import type { Expression } from './expression'
import { isRelocationOperator } from './relocation-operators'
import type { Scanner } from './scanner'

/** A field that waits for the value of an expression. */
export interface FieldPatch {
  readonly expression: Expression
  readonly position: SourcePosition
  /** The word with the value in it. Throws AssemblyError if it does not fit. */
  readonly place: (word: number, value: bigint, address: bigint) => number
}

/** An instruction word in the making. */
export interface Draft {
  word: number
  readonly patches: FieldPatch[]
}

type ReadExpression = (scanner: Scanner) => Expression

/**
 * Reads what stands for an operand and puts it into its fields.
 *
 * @throws AssemblyError if something else stands there
 */
export function readOperand(operand: Operand, scanner: Scanner, draft: Draft, readExpression: ReadExpression): void {
  const immediate = (field: FieldName, what = 'an expression') =>
    patchImmediate(field, what, scanner, draft, readExpression)
  switch (operand.form) {
    case 'register':
      set(draft, operand.field, expectRegister(scanner))
      return
    case 'float-register':
      set(draft, operand.field, floatRegister(scanner, operand.width))
      return
    case 'register-or-immediate': {
      const register = acceptRegister(scanner)
      if (register !== undefined) set(draft, 'rs2', register)
      else withImmediate(draft, () => immediate(operand.immediate, 'a register or an expression'))
      return
    }
    case 'immediate':
    case 'illegal-constant':
    case 'high-immediate':
      immediate(operand.field)
      return
    case 'address':
      readAddress(operand.offset, 'simm13', scanner, draft, readExpression)
      return
    case 'trap-number':
      readAddress('register-or-immediate', 'trap7', scanner, draft, readExpression)
      return
    case 'displacement':
      patchDisplacement(operand.fields, scanner, draft, readExpression)
      return
    case 'asi':
      if (scanner.accept('#')) set(draft, 'imm_asi', named(scanner, 'an ASI name', asiNumber))
      else immediate('imm_asi')
      return
    case 'membar-mask':
      readMembarMask(scanner, draft, readExpression)
      return
    case 'prefetch-function':
      if (scanner.accept('#')) set(draft, 'fcn', named(scanner, 'a prefetch function', prefetchFunction))
      else immediate('fcn')
      return
    case 'annul':
    case 'prediction':
      return
    default:
      operand satisfies never
  }
}

function set(draft: Draft, field: FieldName, bits: number): void {
  draft.word = withField(draft.word, field, bits)
}

function withImmediate(draft: Draft, patch: () => void): void {
  set(draft, 'i', 1)
  patch()
}

/** r register by name; not moved and undefined if none stands here. */
export function acceptRegister(scanner: Scanner): number | undefined {
  scanner.skipBlanks()
  const start = scanner.at
  const name = scanner.percentName()
  const number = name === undefined ? undefined : REGISTER_NUMBERS.get(name)
  if (number === undefined) scanner.at = start
  return number
}

function expectRegister(scanner: Scanner): number {
  const number = acceptRegister(scanner)
  if (number === undefined) throw scanner.unexpected('an integer register')
  return number
}

function floatRegister(scanner: Scanner, width: 's' | 'd' | 'q'): number {
  scanner.skipBlanks()
  const start = scanner.at
  const digits = /^f(\d+)$/.exec(scanner.percentName() ?? '')?.[1]
  scanner.at = start
  const bits = digits === undefined ? undefined : floatRegisterBits(Number(digits), width)
  if (bits === undefined) {
    const which = { s: 'from %f0 to %f31', d: 'with an even number up to %f62', q: 'with a multiple of 4 up to %f60' }
    throw scanner.unexpected(`a floating-point register ${which[width]}`)
  }
  scanner.percentName()
  return bits
}

/** `%r`, `%r + %r`, `%r + n`, `%r - n`, `n`, `n + %r`. */
function readAddress(
  offset: 'register-or-immediate' | 'register' | 'immediate',
  field: FieldName,
  scanner: Scanner,
  draft: Draft,
  readExpression: ReadExpression,
): void {
  const immediate = () => {
    if (offset === 'register') throw scanner.unexpected('a register')
    if (offset === 'register-or-immediate') set(draft, 'i', 1)
    patchImmediate(field, 'a register or an expression', scanner, draft, readExpression)
  }
  const base = acceptRegister(scanner)
  if (base === undefined) {
    immediate()
    if (scanner.accept('+')) set(draft, 'rs1', expectRegister(scanner))
    return
  }
  set(draft, 'rs1', base)
  const adds = scanner.accept('+')
  if (!adds && !scanner.sees('-')) return
  const start = scanner.at
  const index = adds ? acceptRegister(scanner) : undefined
  if (index === undefined) {
    immediate()
  } else if (offset === 'immediate') {
    scanner.at = start
    throw scanner.unexpected('an immediate offset')
  } else {
    set(draft, 'rs2', index)
  }
}

/** Reads an expression, after a better word if a register stands there that does not belong. */
function expectExpression(what: string, scanner: Scanner, readExpression: ReadExpression): Expression {
  scanner.skipBlanks()
  const start = scanner.at
  const percent = scanner.percentName()
  scanner.at = start
  if (percent !== undefined && !isRelocationOperator(percent)) throw scanner.unexpected(what)
  return readExpression(scanner)
}

function patchImmediate(
  field: FieldName,
  what: string,
  scanner: Scanner,
  draft: Draft,
  readExpression: ReadExpression,
): void {
  scanner.skipBlanks()
  const position = scanner.position()
  const expression = expectExpression(what, scanner, readExpression)
  const { minimum, maximum } = immediateRange(field, fieldWidth(field))
  draft.patches.push({
    expression,
    position,
    place: (word, value) => {
      if (field === 'const22' && isSignExtended(value)) return (word | Number(value & 0x3fffffn)) >>> 0
      if (field === 'trap7' && isTrapNumberOfObjdump(word, value)) return (word | Number(value & 0x7fn)) >>> 0
      if (value < BigInt(minimum) || value > BigInt(maximum)) {
        throw new AssemblyError(position, `expected a value from ${minimum} to ${maximum}, found ${value}`)
      }
      return withField(word, field, Number(value))
    },
  })
}

/** objdump prints the 22 bits of illtrap sign-extended to 32. */
function isSignExtended(value: bigint): boolean {
  return value >= 0xffe0_0000n && value <= 0xffff_ffffn
}

/** objdump prints 13 bits of a Tcc with an immediate, so the condition code field (bits 12 and 11) is in the number. */
function isTrapNumberOfObjdump(word: number, value: bigint): boolean {
  return value >= -0x1000n && value < 0n && Number(BigInt.asUintN(13, value) & ~0x7fn) === (word & 0x1f80)
}

function patchDisplacement(
  fields: readonly FieldName[],
  scanner: Scanner,
  draft: Draft,
  readExpression: ReadExpression,
): void {
  scanner.skipBlanks()
  const position = scanner.position()
  const expression = expectExpression('a target address', scanner, readExpression)
  const width = fields.reduce((total, field) => total + fieldWidth(field), 0)
  draft.patches.push({
    expression,
    position,
    place: (word, value, address) => {
      const distance = BigInt.asIntN(64, value - address)
      if ((distance & 3n) !== 0n) {
        throw new AssemblyError(position, `expected a target at a multiple of 4 bytes, found a distance of ${distance}`)
      }
      const words = distance >> 2n
      if (BigInt.asIntN(width, words) !== words) {
        const reach = 2n ** BigInt(width + 1)
        throw new AssemblyError(position, `expected a target within ${reach} bytes, found a distance of ${distance}`)
      }
      let placed = word
      let rest = BigInt.asUintN(width, words)
      for (const field of [...fields].reverse()) {
        placed = withField(placed, field, Number(BigInt.asUintN(fieldWidth(field), rest)))
        rest >>= BigInt(fieldWidth(field))
      }
      return placed
    },
  })
}

function named(scanner: Scanner, what: string, find: (name: string) => number | undefined): number {
  const start = scanner.at
  const name = scanner.name()
  const number = name === undefined ? undefined : find(name)
  if (number === undefined) {
    scanner.at = start
    throw scanner.unexpected(`${what} after #`)
  }
  return number
}

function prefetchFunction(name: string): number | undefined {
  return PREFETCH_NAMES.find(([known]) => known === name)?.[1]
}

function membarBit(name: string): number | undefined {
  return MEMBAR_NAMES.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1]
}

function readMembarMask(scanner: Scanner, draft: Draft, readExpression: ReadExpression): void {
  if (scanner.sees('#')) {
    let mask = 0
    do {
      scanner.expect('#')
      mask |= named(scanner, 'a membar bit', membarBit)
    } while (scanner.accept('|'))
    draft.word = (draft.word | mask) >>> 0
    return
  }
  scanner.skipBlanks()
  const position = scanner.position()
  const expression = readExpression(scanner)
  draft.patches.push({
    expression,
    position,
    place: (word, value) => {
      if (value < 0n || value > 0x7fn)
        throw new AssemblyError(position, `expected a mask from 0 to 127, found ${value}`)
      return (word | Number(value)) >>> 0
    },
  })
}
