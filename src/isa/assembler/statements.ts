import { AssemblyError, type SourcePosition } from './error'

/** One statement: no comment, no `;`, no label split off yet. The position is that of its first character. */
export interface Statement {
  readonly text: string
  readonly position: SourcePosition
}

const LINE_MARKER = /^#\s*(?:line\s+)?(\d+)(?:\s+"([^"]*)")?(?:\s+\d+)*\s*$/

/**
 * Splits source text into statements and drops the comments: `!` and `//` to the end of the line, `#` at the start of a line,
 * and the C form. A preprocessor's line marker (`# 12 "name.S"`) sets the file and line of what follows.
 *
 * @throws AssemblyError at a string or comment without an end
 */
export function splitStatements(source: string, fileName: string): Statement[] {
  const statements: Statement[] = []
  let file = fileName
  let line = 1
  let lineStart = 0
  let at = 0
  let text = ''
  let textStart = -1

  const here = (): SourcePosition => ({ file, line, column: at - lineStart + 1 })
  const endStatement = () => {
    if (text.trim() !== '') {
      const lead = text.length - text.trimStart().length
      const position = { file, line, column: textStart - lineStart + lead + 1 }
      statements.push({ text: text.trim(), position })
    }
    text = ''
    textStart = -1
  }
  const take = (length: number) => {
    if (textStart < 0) textStart = at
    text += source.slice(at, at + length)
    at += length
  }
  const endOfLine = (): number => {
    const newline = source.indexOf('\n', at)
    return newline < 0 ? source.length : newline
  }

  while (at < source.length) {
    const character = source[at]!
    if (character === '\n') {
      endStatement()
      at += 1
      line += 1
      lineStart = at
    } else if (character === '#' && source.slice(lineStart, at).trim() === '') {
      const end = endOfLine()
      const marker = LINE_MARKER.exec(source.slice(at, end).trimEnd())
      at = end
      if (marker !== null) {
        line = Number(marker[1]) - 1
        file = marker[2] ?? file
      }
    } else if (character === '!' || source.startsWith('//', at)) {
      at = endOfLine()
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      if (end < 0) throw new AssemblyError(here(), 'comment without an end: expected */')
      take(0)
      text += ' '
      const comment = source.slice(at, end + 2)
      const newlines = comment.split('\n').length - 1
      if (newlines > 0) {
        endStatement()
        line += newlines
        lineStart = at + comment.lastIndexOf('\n') + 1
      } else {
        text += ' '.repeat(comment.length - 1)
      }
      at = end + 2
    } else if (character === '"') {
      take(stringLength(source, at, here()))
    } else if (character === "'") {
      take(Math.min(characterLength(source, at), endOfLine() - at))
    } else if (character === ';') {
      endStatement()
      at += 1
    } else {
      take(1)
    }
  }
  endStatement()
  return statements
}

function stringLength(source: string, start: number, position: SourcePosition): number {
  for (let at = start + 1; at < source.length && source[at] !== '\n'; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === '"') return at + 1 - start
  }
  throw new AssemblyError(position, 'string without an end: expected " on the same line')
}

function characterLength(source: string, start: number): number {
  const length = source[start + 1] === '\\' ? 3 : 2
  return source[start + length] === "'" ? length + 1 : length
}
