/** Where a statement begins in the source, or where in it something was found. Line and column count from 1. */
export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
  /** What a macro or repetition was doing there, for statements it made. */
  readonly expansion?: string
}

/** Source text that is not assembly: says where, what was found and what was expected. */
export class AssemblyError extends Error {
  readonly code = 'SPARC64_ASSEMBLY'
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(position: SourcePosition, message: string) {
    const expansion = position.expansion === undefined ? '' : ` (${position.expansion})`
    super(`${position.file}:${position.line}:${position.column}: ${message}${expansion}`)
    this.name = 'AssemblyError'
    this.file = position.file
    this.line = position.line
    this.column = position.column
  }
}
