import { AssemblyError, type SourcePosition } from './error'
import { evaluate, fold, type SymbolLookup } from './evaluate'
import type { Expression, Place } from './expression'

const MAX_NODES = 10_000

/** Labels, which are defined once, and variables, which `.set` and `=` may redefine. */
export class SymbolTable {
  private readonly entries = new Map<string, Place | Expression>()
  private readonly localCounts = new Map<string, number>()

  readonly lookup: SymbolLookup = (name) => this.entries.get(name)

  has(name: string): boolean {
    return this.entries.has(name)
  }

  defineLabel(name: string, place: Place, position: SourcePosition): void {
    if (this.entries.has(name)) throw new AssemblyError(position, `symbol '${name}' is already defined`)
    this.entries.set(name, place)
  }

  /** A local label: a number that may be defined again and again. */
  defineLocal(label: string, place: Place): void {
    const count = (this.localCounts.get(label) ?? 0) + 1
    this.localCounts.set(label, count)
    this.entries.set(localName(label, count), place)
  }

  defineVariable(name: string, expression: Expression, position: SourcePosition): void {
    const known = this.entries.get(name)
    if (known !== undefined && !('kind' in known)) {
      throw new AssemblyError(position, `symbol '${name}' is already defined as a label`)
    }
    const folded = fold(expression, this.lookup)
    if (mentions(folded, name, { nodes: MAX_NODES }, position)) {
      throw new AssemblyError(position, `symbol '${name}' is defined in terms of itself`)
    }
    this.entries.set(name, simplify(folded, this.lookup))
  }

  /** The latest definition of a local label. */
  backward(label: string): Place | undefined {
    const found = this.entries.get(localName(label, this.localCounts.get(label) ?? 0))
    return found as Place | undefined
  }

  /** The name under which the next definition of a local label will be found. */
  forward(label: string): string {
    return localName(label, (this.localCounts.get(label) ?? 0) + 1)
  }

  /** Every symbol with a name of its own, in the order of definition. */
  *named(): Iterable<[string, Place | Expression]> {
    for (const entry of this.entries) if (!entry[0].includes('\u0001')) yield entry
  }
}

/** How a symbol is called in messages. */
export function displayName(name: string): string {
  const mark = name.indexOf('\u0001')
  return mark < 0 ? name : `${name.slice(0, mark)}f`
}

function localName(label: string, count: number): string {
  return `${label}\u0001${count}`
}

function simplify(expression: Expression, lookup: SymbolLookup): Expression {
  const value = evaluate(expression, lookup)
  if (value === undefined || !value.constant) return expression
  if (value.section === undefined) return { kind: 'number', value: value.value }
  return { kind: 'place', place: { section: value.section, offset: value.value, run: value.run ?? 0 } }
}

/** Also bounds the size of an expression that grows by mentioning others. */
function mentions(expression: Expression, name: string, left: { nodes: number }, position: SourcePosition): boolean {
  left.nodes -= 1
  if (left.nodes < 0) throw new AssemblyError(position, `expected at most ${MAX_NODES} terms in an expression`)
  switch (expression.kind) {
    case 'symbol':
      return expression.name === name
    case 'unary':
    case 'relocation':
      return mentions(expression.operand, name, left, position)
    case 'binary':
      return mentions(expression.left, name, left, position) || mentions(expression.right, name, left, position)
    default:
      return false
  }
}
