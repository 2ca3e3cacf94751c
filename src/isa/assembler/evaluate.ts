import { AssemblyError, type SourcePosition } from './error'
import type { BinaryOperator, Expression, Place, SectionBase, UnaryOperator } from './expression'
import { applyRelocationOperator, PC_RELATIVE } from './relocation-operators'

/** A number (section undefined), or an offset into a section whose address is not known yet. */
export interface Value {
  readonly section: SectionBase | undefined
  readonly value: bigint
  /** The run of a place; undefined for numbers. */
  readonly run?: number | undefined
  /** False for a distance across an alignment: known to us, yet not where gas asks for a constant. */
  readonly constant: boolean
}

/** What a symbol is: undefined if it is not (yet) defined. */
export type SymbolLookup = (name: string) => Place | Expression | undefined

const MAX_DEPTH = 4_000

/**
 * The value of an expression, or undefined while it takes symbols or addresses that are not known yet.
 *
 * @param here address of the place the expression stands at, for distances such as `%pc22`
 * @throws AssemblyError for operations without a meaning: division by zero, the sum of two addresses
 */
export function evaluate(expression: Expression, lookup: SymbolLookup, here?: bigint, depth = 0): Value | undefined {
  if (depth > MAX_DEPTH) {
    const position = positionOf(expression) ?? { file: '<source>', line: 1, column: 1 }
    throw new AssemblyError(position, 'symbol defined in terms of itself')
  }
  switch (expression.kind) {
    case 'number':
      return { section: undefined, value: BigInt.asIntN(64, expression.value), constant: true }
    case 'place':
      return atPlace(expression.place)
    case 'symbol': {
      const found = lookup(expression.name)
      if (found === undefined) return undefined
      return 'kind' in found ? evaluate(found, lookup, here, depth + 1) : atPlace(found)
    }
    case 'unary': {
      const operand = evaluate(expression.operand, lookup, here, depth + 1)
      if (operand === undefined || (operand.section !== undefined && expression.operator !== '+')) return undefined
      return { ...operand, value: BigInt.asIntN(64, unary(expression.operator, operand.value)) }
    }
    case 'relocation': {
      const operand = evaluate(expression.operand, lookup, here, depth + 1)
      if (operand === undefined || operand.section !== undefined) return undefined
      if (!PC_RELATIVE.has(expression.operator)) {
        return { ...operand, value: applyRelocationOperator(expression.operator, operand.value) }
      }
      if (here === undefined) return undefined
      return { ...operand, value: applyRelocationOperator(expression.operator, operand.value - here) }
    }
    case 'binary': {
      const left = evaluate(expression.left, lookup, here, depth + 1)
      const right = evaluate(expression.right, lookup, here, depth + 1)
      return left && right && combine(expression.operator, left, right, expression.position)
    }
  }
}

function atPlace({ section, offset, run }: Place): Value {
  if (section.address === undefined) return { section, value: offset, run, constant: true }
  return { section: undefined, value: BigInt.asIntN(64, section.address + offset), constant: true }
}

function combine(operator: BinaryOperator, left: Value, right: Value, position: SourcePosition): Value | undefined {
  const constant = left.constant && right.constant
  if (left.section === undefined && right.section === undefined) {
    const value = BigInt.asIntN(64, binary(operator, left.value, right.value, position))
    return { section: undefined, value, constant }
  }
  if (left.section === right.section && operator !== '+') {
    const value = binary(operator, left.value, right.value, position)
    return { section: undefined, value, constant: constant && left.run === right.run }
  }
  if (operator === '+' && (left.section === undefined || right.section === undefined)) {
    const { section, run } = left.section === undefined ? right : left
    return { section, run, value: left.value + right.value, constant }
  }
  if (operator === '-' && right.section === undefined) {
    return { section: left.section, run: left.run, value: left.value - right.value, constant }
  }
  return undefined
}

function unary(operator: UnaryOperator, value: bigint): bigint {
  if (operator === '-') return -value
  return operator === '~' ? ~value : value
}

function binary(operator: BinaryOperator, left: bigint, right: bigint, position: SourcePosition): bigint {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
    case '%':
      if (right === 0n) throw new AssemblyError(position, 'division by zero')
      return operator === '/' ? left / right : left % right
    case '<<':
    case '>>': {
      const count = BigInt.asUintN(64, right)
      if (count > 63n) return 0n
      return operator === '<<' ? left << count : BigInt.asUintN(64, left) >> count
    }
    case '|':
      return left | right
    case '&':
      return left & right
    case '^':
      return left ^ right
    case '==':
      return truth(left === right)
    case '!=':
    case '<>':
      return truth(left !== right)
    case '<':
      return truth(left < right)
    case '>':
      return truth(left > right)
    case '<=':
      return truth(left <= right)
    case '>=':
      return truth(left >= right)
    case '&&':
      return left !== 0n && right !== 0n ? 1n : 0n
    case '||':
      return left !== 0n || right !== 0n ? 1n : 0n
  }
}

/** gas: all ones for true. */
function truth(condition: boolean): bigint {
  return condition ? -1n : 0n
}

/**
 * The expression with variables replaced by what they are now, so that a later `.set` does not change it. Labels and
 * symbols without a definition stay.
 */
export function fold(expression: Expression, lookup: SymbolLookup): Expression {
  switch (expression.kind) {
    case 'symbol': {
      const found = lookup(expression.name)
      return found !== undefined && 'kind' in found ? found : expression
    }
    case 'unary':
      return { ...expression, operand: fold(expression.operand, lookup) }
    case 'relocation':
      return { ...expression, operand: fold(expression.operand, lookup) }
    case 'binary':
      return { ...expression, left: fold(expression.left, lookup), right: fold(expression.right, lookup) }
    default:
      return expression
  }
}

/** The first symbol of an expression that has no definition, for the message that says so. */
export function undefinedSymbol(
  expression: Expression,
  lookup: SymbolLookup,
  seen = new Set<string>(),
): { name: string; position: SourcePosition } | undefined {
  switch (expression.kind) {
    case 'symbol': {
      const found = lookup(expression.name)
      if (found === undefined) return expression
      if (!('kind' in found) || seen.has(expression.name)) return undefined
      return undefinedSymbol(found, lookup, seen.add(expression.name))
    }
    case 'unary':
    case 'relocation':
      return undefinedSymbol(expression.operand, lookup, seen)
    case 'binary':
      return undefinedSymbol(expression.left, lookup, seen) ?? undefinedSymbol(expression.right, lookup, seen)
    default:
      return undefined
  }
}

export function positionOf(expression: Expression): SourcePosition | undefined {
  switch (expression.kind) {
    case 'symbol':
    case 'binary':
    case 'relocation':
      return expression.position
    case 'unary':
      return positionOf(expression.operand)
    default:
      return undefined
  }
}
