import ts from 'typescript'
import { seededNumber } from './seeded'

export const OPERATORS = [
  'flipped-condition',
  'dropped-statement',
  'wrong-bit',
  'swapped-operands',
  'off-by-one',
  'wrong-operator',
  'dropped-not',
  'wrong-name',
] as const
export type Operator = (typeof OPERATORS)[number]

/** One change of one source file: the text from `start` to `end` becomes `text`. */
export interface Mutant {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly start: number
  readonly end: number
  readonly text: string
  readonly operator: Operator
  /** Tells mutants of a seed apart, whatever changes in other lines of the file. */
  readonly identity: string
}

const OTHER_OPERATOR = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.AmpersandToken, '|'],
  [ts.SyntaxKind.BarToken, '&'],
  [ts.SyntaxKind.CaretToken, '|'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.LessThanLessThanToken, '>>'],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, '<<'],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, '<<'],
  [ts.SyntaxKind.AmpersandEqualsToken, '|='],
  [ts.SyntaxKind.BarEqualsToken, '&='],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
])

const OPPOSITE = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
])

const WITH_OR_WITHOUT_EQUAL = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
])

const ORDERED = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PercentToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
])

/**
 * All mutants of a source file. Where a place has several, such as the bits of a literal, the seed chooses one. What a host
 * is told by an error is left alone.
 */
export function findMutants(source: ts.SourceFile, file: string, checker: ts.TypeChecker, seed: number): Mutant[] {
  const mutants: Mutant[] = []

  const change = (operator: Operator, node: ts.Node, text: string): void => {
    const start = node.getStart(source)
    const { line, character } = source.getLineAndCharacterOfPosition(start)
    const identity = `${placeInLine(node)} ${operator}`
    mutants.push({ file, line: line + 1, column: character + 1, start, end: node.getEnd(), text, operator, identity })
  }
  const placeInLine = (node: ts.Node): string => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
    const [first, next] = [line, line + 1].map((at) => source.getLineStarts()[at] ?? source.end)
    const whole = source.text.slice(first, next)
    return `${file} ${whole.trim()} ${character - (whole.length - whole.trimStart().length)}`
  }
  const choose = (node: ts.Node, bound: number): number => seededNumber(seed, placeInLine(node), bound)

  const condition = (node: ts.Expression | undefined): void => {
    if (node) change('flipped-condition', node, `!(${node.getText(source)})`)
  }

  const binary = (node: ts.BinaryExpression): void => {
    const { left, operatorToken, right } = node
    const kind = operatorToken.kind
    const other = OTHER_OPERATOR.get(kind)
    if (other !== undefined) change('wrong-operator', operatorToken, other)
    const opposite = OPPOSITE.get(kind)
    if (opposite !== undefined) change('flipped-condition', operatorToken, opposite)
    const bounded = WITH_OR_WITHOUT_EQUAL.get(kind)
    if (bounded !== undefined) change('off-by-one', operatorToken, bounded)
    if (ORDERED.has(kind)) {
      const swapped = `(${right.getText(source)}) ${operatorToken.getText(source)} (${left.getText(source)})`
      change('swapped-operands', node, swapped)
    }
  }

  const call = (node: ts.CallExpression): void => {
    const [first, second] = node.arguments
    if (!first || !second) return
    const [a, b] = [first, second].map((argument) => checker.getTypeAtLocation(argument))
    if (!checker.isTypeAssignableTo(a!, b!) && !checker.isTypeAssignableTo(b!, a!)) return
    const rest = node.arguments.slice(2).map((argument) => argument.getText(source))
    const swapped = [second.getText(source), first.getText(source), ...rest].join(', ')
    change('swapped-operands', node, `${node.expression.getText(source)}(${swapped})`)
  }

  const numeric = (node: ts.NumericLiteral | ts.BigIntLiteral): void => {
    const text = node.getText(source)
    const value = BigInt(text.replaceAll('_', '').replace(/n$/, ''))
    const suffix = ts.isBigIntLiteral(node) ? 'n' : ''
    if (/^0x/i.test(text)) {
      const bit = BigInt(choose(node, Math.max(1, value.toString(2).length)))
      change('wrong-bit', node, `0x${(value ^ (1n << bit)).toString(16)}${suffix}`)
    } else {
      const wrong = value === 0n || choose(node, 2) === 1 ? value + 1n : value - 1n
      change('off-by-one', node, `${wrong}${suffix}`)
    }
  }

  /** The names that may stand in the place of this one; none if it is not one of several. */
  const otherNames = (node: ts.StringLiteral): string[] => {
    const { parent } = node
    const comparedWith = ts.isBinaryExpression(parent) && OPPOSITE.has(parent.operatorToken.kind) ? parent : undefined
    const type = comparedWith
      ? checker.getTypeAtLocation(comparedWith.left === node ? comparedWith.right : comparedWith.left)
      : checker.getContextualType(node)
    const members = type?.isUnion() ? type.types : []
    return members.flatMap((member) => (member.isStringLiteral() && member.value !== node.text ? [member.value] : []))
  }

  const string = (node: ts.StringLiteral): void => {
    const digits = [...node.text.matchAll(/(?<=^|\s)[01]+(?=\s|$)/g)].flatMap(({ 0: word, index }) =>
      Array.from(word, (_, at) => index + at),
    )
    if (/^[01]{2} /.test(node.text)) {
      const at = digits[choose(node, digits.length)]!
      const flipped = node.text[at] === '0' ? '1' : '0'
      change('wrong-bit', node, `'${node.text.slice(0, at)}${flipped}${node.text.slice(at + 1)}'`)
      return
    }
    const names = otherNames(node)
    if (names.length > 0) change('wrong-name', node, `'${names[choose(node, names.length)]!}'`)
  }

  const visit = (node: ts.Node): void => {
    if (
      ts.isThrowStatement(node) ||
      ts.isTypeNode(node) ||
      ts.isImportDeclaration(node) ||
      ts.isExportDeclaration(node)
    )
      return
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) condition(node.expression)
    else if (ts.isConditionalExpression(node)) condition(node.condition)
    else if (ts.isForStatement(node)) condition(node.condition)
    else if (ts.isExpressionStatement(node) && !isSuperCall(node.expression)) change('dropped-statement', node, ';')
    else if (ts.isArrowFunction(node) && ts.isCallExpression(node.body)) {
      if (checker.getTypeAtLocation(node.body).flags & ts.TypeFlags.Void) change('dropped-statement', node.body, '{}')
    } else if (ts.isBinaryExpression(node)) binary(node)
    else if (ts.isCallExpression(node)) call(node)
    else if (ts.isNumericLiteral(node) || ts.isBigIntLiteral(node)) numeric(node)
    else if (ts.isStringLiteral(node)) string(node)
    else if (ts.isPrefixUnaryExpression(node) && isNot(node.operator))
      change('dropped-not', node, node.operand.getText(source))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return mutants
}

function isNot(operator: ts.PrefixUnaryOperator): boolean {
  return operator === ts.SyntaxKind.ExclamationToken || operator === ts.SyntaxKind.TildeToken
}

function isSuperCall(node: ts.Expression): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword
}

/** The text of a file with the change made. */
export function mutate(original: string, { end, start, text }: Mutant): string {
  return original.slice(0, start) + text + original.slice(end)
}
