import type { SourcePosition } from './error'
import type { Scanner } from './scanner'
import type { Statement } from './statements'

interface Parameter {
  readonly name: string
  readonly fallback: string
  readonly required: boolean
  readonly variable: boolean
}

export interface Macro {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly body: readonly Statement[]
}

const WORD = /[\w.$]/

/** Reads the parameters of `.macro name a, b=1, c:req, d:vararg`. */
export function parseParameters(scanner: Scanner): Parameter[] {
  const parameters: Parameter[] = []
  while (!scanner.done) {
    const at = scanner.at
    const name = scanner.expectName('a parameter name')
    if (parameters.some((other) => other.name === name)) throw scanner.error(`parameter '${name}' stands twice`, at)
    let required = false
    let variable = false
    let fallback = ''
    if (scanner.accept(':')) {
      const qualifier = scanner.expectName("'req' or 'vararg'")
      required = qualifier === 'req'
      variable = qualifier === 'vararg'
      if (!required && !variable) throw scanner.error(`expected 'req' or 'vararg' after :, found '${qualifier}'`)
    }
    if (scanner.accept('=')) fallback = readArgument(scanner)
    parameters.push({ name, fallback, required, variable })
    scanner.accept(',')
    if (variable) scanner.expectEnd()
  }
  return parameters
}

/** The text of each parameter in a call: by position, by `name=value`, or its default. */
export function bindArguments(macro: Macro, scanner: Scanner): Map<string, string> {
  const bound = new Map<string, string>()
  let position = 0
  while (!scanner.done) {
    const keyword = scanner.match(/\s*([A-Za-z_.$][\w.$]*)\s*=(?!=)/y)
    const named = keyword && macro.parameters.find(({ name }) => name === keyword[1])
    if (keyword !== undefined && named === undefined) {
      throw scanner.error(`macro '${macro.name}' has no parameter '${keyword[1]}'`, scanner.at - keyword[0].length)
    }
    const parameter = named ?? macro.parameters[position]
    if (parameter === undefined) {
      throw scanner.unexpected(`at most ${macro.parameters.length} arguments for macro '${macro.name}'`)
    }
    if (named === undefined) position += 1
    if (parameter.variable) {
      bound.set(parameter.name, scanner.rest().trim())
      scanner.at = scanner.text.length
      break
    }
    bound.set(parameter.name, readArgument(scanner))
    scanner.accept(',')
  }
  for (const { name, fallback, required } of macro.parameters) {
    if ((bound.get(name) ?? '') !== '') continue
    if (required) throw scanner.error(`macro '${macro.name}' needs a value for '${name}'`)
    bound.set(name, fallback)
  }
  return bound
}

/** Arguments of `.irp`, separated as those of a macro. */
export function readArguments(scanner: Scanner): string[] {
  const values: string[] = []
  while (!scanner.done) {
    values.push(readArgument(scanner))
    scanner.accept(',')
  }
  return values
}

/**
 * One argument: up to a comma, or a blank between two words, outside brackets. Blanks beside operators do not count, as gas
 * has dropped them by then. Quotes around a whole argument are removed.
 */
function readArgument(scanner: Scanner): string {
  if (scanner.sees('"')) {
    const quoted = scanner.match(/"((?:[^"\\]|\\.)*)"/y)
    if (quoted === undefined) throw scanner.unexpected('"')
    return quoted[1]!
  }
  scanner.skipBlanks()
  const { text } = scanner
  const start = scanner.at
  let depth = 0
  let at = start
  for (; at < text.length; at += 1) {
    const character = text[at]!
    if (character === '"') {
      const end = /"(?:[^"\\]|\\.)*"/y
      end.lastIndex = at
      at += (end.exec(text)?.[0].length ?? 1) - 1
    } else if (character === '(' || character === '[') depth += 1
    else if (character === ')' || character === ']') depth -= 1
    else if (depth <= 0 && character === ',') break
    else if (depth <= 0 && /\s/.test(character)) {
      const next = /\S/.exec(text.slice(at))
      if (WORD.test(text[at - 1] ?? '') && next !== null && WORD.test(next[0])) break
    }
  }
  scanner.at = at
  return text.slice(start, at).trim()
}

/**
 * The body with `\name`, `\@` (how many macros ran before) and `\()` replaced. Errors in it are found at the statement that
 * asked for the expansion.
 */
export function substitute(
  body: readonly Statement[],
  values: ReadonlyMap<string, string>,
  count: number,
  origin: SourcePosition,
  what: string,
): Statement[] {
  return body.map(({ text, position }) => ({
    text: text
      .replace(/\\(@|\(\)|[A-Za-z_$][\w$]*)/g, (whole, name: string) => {
        if (name === '@') return String(count)
        if (name === '()') return ''
        return values.get(name) ?? whole
      })
      .trim(),
    position: origin.expansion === undefined ? { ...origin, expansion: `${what}, line ${position.line}` } : origin,
  }))
}
