import type { SourcePosition } from './error'
import { isRelocationOperator, type RelocationOperator } from './relocation-operators'
import type { Scanner } from './scanner'

/** A place in a section. Distances within one run are known at once; alignment may lie between two runs. */
export interface Place {
  readonly section: SectionBase
  readonly offset: bigint
  readonly run: number
}

/** What expressions need to know of a section; the address is set when all sections have their sizes. */
export interface SectionBase {
  readonly name: string
  address: bigint | undefined
}

export type UnaryOperator = '-' | '~' | '+'
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '<<'
  | '>>'
  | '|'
  | '&'
  | '^'
  | '+'
  | '-'
  | '=='
  | '!='
  | '<>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '&&'
  | '||'

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'symbol'; readonly name: string; readonly position: SourcePosition }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
      readonly position: SourcePosition
    }
  | {
      readonly kind: 'relocation'
      readonly operator: RelocationOperator
      readonly operand: Expression
      readonly position: SourcePosition
    }

/** Names that stand for something when an expression is read: the location counter and local labels. */
export interface Names {
  here(): Place
  /** The latest definition of a local label, or the name that its next definition will have. */
  backward(label: string): Place | undefined
  forward(label: string): string
}

/** gas binds `| & ^` tighter than `+ -`, and compares last. */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<>': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '|': 5,
  '&': 5,
  '^': 5,
  '*': 6,
  '/': 6,
  '%': 6,
  '<<': 6,
  '>>': 6,
}
const OPERATORS = /\s*(<<|>>|<=|>=|<>|==|!=|&&|\|\||[-*/%|&^+<>])/y
const HEX = /0[xX]([0-9a-fA-F]+)(?![\w.$])/y
const BINARY = /0[bB]([01]+)(?![\w.$])/y
const LOCAL_LABEL = /(\d+)([fb])(?![\w.$])/y
const DECIMAL = /(\d+)(?![\w.$])/y
const MAX_DEPTH = 200
const MAX_TERMS = 1_000

/**
 * Reads an expression in gas syntax. Numbers wrap at 64 bits.
 *
 * @throws AssemblyError if none stands here
 */
export function parseExpression(scanner: Scanner, names: Names): Expression {
  return parseBinary(scanner, names, 0, 0)
}

function parseBinary(scanner: Scanner, names: Names, weakest: number, depth: number): Expression {
  if (depth > MAX_DEPTH) throw scanner.error(`expected at most ${MAX_DEPTH} levels of nesting in an expression`)
  let left = parseUnary(scanner, names, depth)
  for (let terms = 1; ; terms += 1) {
    if (terms > MAX_TERMS) throw scanner.error(`expected at most ${MAX_TERMS} terms in an expression`)
    const before = scanner.at
    const found = scanner.match(OPERATORS)
    const operator = found?.[1] as BinaryOperator | undefined
    if (operator === undefined || PRECEDENCE[operator] <= weakest || isRegisterNext(scanner)) {
      scanner.at = before
      return left
    }
    const position = scanner.position(scanner.at - operator.length)
    const right = parseBinary(scanner, names, PRECEDENCE[operator], depth + 1)
    left = { kind: 'binary', operator, left, right, position }
  }
}

/** `4 + %g1`: the register is not part of the expression. */
function isRegisterNext(scanner: Scanner): boolean {
  const start = scanner.at
  const name = scanner.percentName()
  scanner.at = start
  return name !== undefined && !isRelocationOperator(name)
}

function parseUnary(scanner: Scanner, names: Names, depth: number): Expression {
  for (const operator of ['-', '~', '+'] as const) {
    if (!scanner.accept(operator)) continue
    if (depth > MAX_DEPTH) throw scanner.error(`expected at most ${MAX_DEPTH} levels of nesting in an expression`)
    return { kind: 'unary', operator, operand: parseUnary(scanner, names, depth + 1) }
  }
  if (scanner.accept('(')) {
    const inner = parseBinary(scanner, names, 0, depth + 1)
    scanner.expect(')')
    return inner
  }
  return parsePrimary(scanner, names, depth)
}

function parsePrimary(scanner: Scanner, names: Names, depth: number): Expression {
  scanner.skipBlanks()
  const position = scanner.position()
  const start = scanner.at
  const hex = scanner.match(HEX)
  if (hex !== undefined) return number(BigInt(`0x${hex[1]}`))
  const binary = scanner.match(BINARY)
  if (binary !== undefined) return number(BigInt(`0b${binary[1]}`))
  const local = scanner.match(LOCAL_LABEL)
  if (local !== undefined) {
    const label = String(Number(local[1]))
    if (local[2] === 'f') return { kind: 'symbol', name: names.forward(label), position }
    const place = names.backward(label)
    if (place === undefined) throw scanner.error(`no local label ${label}: stands before this`, start)
    return { kind: 'place', place }
  }
  const decimal = scanner.match(DECIMAL)?.[1]
  if (decimal !== undefined) {
    if (!/^0[0-9]/.test(decimal)) return number(BigInt(decimal))
    if (/[89]/.test(decimal)) throw scanner.error(`expected octal digits after 0, found '${decimal}'`, start)
    return number(BigInt(`0o${decimal}`))
  }
  const character = scanner.character()
  if (character !== undefined) return number(character)
  const percent = scanner.percentName()
  if (percent !== undefined) {
    if (!isRelocationOperator(percent)) {
      throw scanner.error(`expected an expression, found %${percent}`, start)
    }
    scanner.expect('(')
    const operand = parseBinary(scanner, names, 0, depth + 1)
    scanner.expect(')')
    return { kind: 'relocation', operator: percent, operand, position }
  }
  const name = scanner.name()
  if (name === '.') return { kind: 'place', place: names.here() }
  if (name !== undefined) return { kind: 'symbol', name, position }
  throw scanner.unexpected('an expression')
}

function number(value: bigint): Expression {
  return { kind: 'number', value }
}
