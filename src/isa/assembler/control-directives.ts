import type { Assembly } from './assembly'
import type { Directive } from './data-directives'
import { AssemblyError, type SourcePosition } from './error'
import { bindArguments, parseParameters, readArguments, substitute } from './macros'
import type { Scanner } from './scanner'
import type { Statement } from './statements'

/** Directives that hold inside a block that does not count, too. */
export const CONDITIONAL_DIRECTIVES: Readonly<Record<string, Directive>> = {
  '.if': compare((value) => value !== 0n),
  '.ifne': compare((value) => value !== 0n),
  '.ifeq': compare((value) => value === 0n),
  '.ifgt': compare((value) => value > 0n),
  '.ifge': compare((value) => value >= 0n),
  '.iflt': compare((value) => value < 0n),
  '.ifle': compare((value) => value <= 0n),
  '.ifdef': ifDefined(true),
  '.ifndef': ifDefined(false),
  '.ifnotdef': ifDefined(false),
  '.ifb': ifBlank(true),
  '.ifnb': ifBlank(false),
  '.ifc': ifSame(true),
  '.ifnc': ifSame(false),
  '.ifeqs': ifSame(true),
  '.ifnes': ifSame(false),
  '.elseif': (assembly, scanner, position) => {
    const condition = () => assembly.constant(scanner, 'a condition') !== 0n
    assembly.conditionals.alternative(condition, false, position)
    skipRestUnlessActive(assembly, scanner)
  },
  '.else': (assembly, _, position) => assembly.conditionals.alternative(() => true, true, position),
  '.endif': (assembly, _, position) => assembly.conditionals.close(position),
}

export const CONTROL_DIRECTIVES: Readonly<Record<string, Directive>> = {
  '.macro': macro,
  '.endm': (_, scanner) => {
    throw scanner.error('no .macro stands before this .endm', 0)
  },
  '.purgem': (assembly, scanner) => {
    const name = scanner.expectName('a macro name')
    if (!assembly.macros.delete(name)) throw scanner.error(`no macro is named '${name}'`)
  },
  '.exitm': (assembly, scanner) => {
    if (!assembly.reader.leaveMacro()) throw scanner.error('.exitm stands outside a macro', 0)
  },
  '.rept': (assembly, scanner, position) => {
    repeat(assembly, times(assembly.count(scanner, 'a repeat count', MAX_REPEATS)), undefined, position)
  },
  '.irp': (assembly, scanner, position) => {
    const name = scanner.expectName('a parameter name')
    scanner.accept(',')
    const values = readArguments(scanner)
    repeat(assembly, values.length === 0 ? [''] : values, name, position)
  },
  '.irpc': (assembly, scanner, position) => {
    const name = scanner.expectName('a parameter name')
    scanner.accept(',')
    const text = readArguments(scanner).join('')
    repeat(assembly, text === '' ? [''] : [...text], name, position)
  },
  '.endr': (_, scanner) => {
    throw scanner.error('no .rept stands before this .endr', 0)
  },
  '.end': (assembly, scanner) => {
    assembly.ended = true
    scanner.at = scanner.text.length
  },
  '.err': (_, scanner) => {
    throw scanner.error('.err', 0)
  },
  '.error': (_, scanner) => {
    const text = scanner.string()
    throw scanner.error(text === undefined ? '.error' : new TextDecoder().decode(text), 0)
  },
  '.warning': ignore,
  '.print': ignore,
}

const MAX_REPEATS = 10_000_000

function ignore(_: Assembly, scanner: Scanner): void {
  scanner.at = scanner.text.length
}

function compare(holds: (value: bigint) => boolean): Directive {
  return (assembly, scanner, position) => {
    assembly.conditionals.open(() => holds(assembly.constant(scanner, 'a condition')), position)
    skipRestUnlessActive(assembly, scanner)
  }
}

/** Conditions of blocks that do not count are not read. */
function skipRestUnlessActive(assembly: Assembly, scanner: Scanner): void {
  if (!assembly.conditionals.active) scanner.at = scanner.text.length
}

function ifDefined(wanted: boolean): Directive {
  return (assembly, scanner, position) => {
    const name = scanner.expectName('a symbol name')
    assembly.conditionals.open(() => assembly.symbols.has(name) === wanted, position)
  }
}

function ifBlank(wanted: boolean): Directive {
  return (assembly, scanner, position) => {
    const blank = scanner.done
    scanner.at = scanner.text.length
    assembly.conditionals.open(() => blank === wanted, position)
  }
}

function ifSame(wanted: boolean): Directive {
  return (assembly, scanner, position) => {
    const operands = /^\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,]*)\s*,\s*(.*)$/.exec(scanner.rest())
    if (operands === null && assembly.conditionals.active)
      throw scanner.unexpected('two texts with a comma between them')
    const same = operands !== null && unquoted(operands[1]!) === unquoted(operands[2]!)
    scanner.at = scanner.text.length
    assembly.conditionals.open(() => same === wanted, position)
  }
}

function unquoted(text: string): string {
  const trimmed = text.trim()
  return /^(?:".*"|'.*')$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed
}

function macro(assembly: Assembly, scanner: Scanner, position: SourcePosition): void {
  const name = scanner.expectName('a macro name')
  scanner.accept(',')
  const parameters = parseParameters(scanner)
  const body = assembly.reader.block(/^\.macro\b/i, /^\.endm(?:acro)?\b/i, position, '.endm')
  if (assembly.macros.has(name)) throw new AssemblyError(position, `macro '${name}' is already defined`)
  assembly.macros.set(name, { name, parameters, body })
}

/** Puts the statements of a macro before what comes next. @returns false if no macro has this name */
export function expandMacro(assembly: Assembly, name: string, scanner: Scanner, position: SourcePosition): boolean {
  const found = assembly.macros.get(name)
  if (found === undefined) return false
  const values = bindArguments(found, scanner)
  const statements = substitute(found.body, values, assembly.macrosRun, position, `in macro '${name}'`)
  assembly.macrosRun += 1
  const { depth } = assembly.conditionals
  assembly.reader.pushMacro(statements, position, () => assembly.conditionals.closeTo(depth))
  return true
}

/** Reads the block up to `.endr` once for each value. */
function repeat(
  assembly: Assembly,
  values: Iterable<string>,
  parameter: string | undefined,
  position: SourcePosition,
): void {
  const body = assembly.reader.block(/^\.(?:rept|irpc?)\b/i, /^\.endr\b/i, position, '.endr')
  function* bodies(): Generator<Statement[], undefined> {
    for (const value of values) {
      const bound = new Map(parameter === undefined ? [] : [[parameter, value]])
      yield substitute(body, bound, assembly.macrosRun, position, 'in a repetition')
    }
  }
  assembly.reader.pushRepetition(bodies(), position)
}

function* times(count: number): Iterable<string> {
  for (let index = 0; index < count; index += 1) yield ''
}
