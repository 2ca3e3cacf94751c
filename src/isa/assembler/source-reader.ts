import { AssemblyError, type SourcePosition } from './error'
import type { Statement } from './statements'

interface Frame {
  statements: readonly Statement[]
  next: number
  /** The statements that follow these, asked when these have been read. */
  readonly more: () => readonly Statement[] | undefined
  /** Called when the frame is left, at its end or by `.exitm`. */
  readonly leave: () => void
  readonly isMacro: boolean
}

const NO_MORE = (): undefined => undefined
const MAX_NESTING = 200
const MAX_STATEMENTS = 20_000_000

/** The statements to come: the source, and on top of it the expansions of macros and repetitions. */
export class SourceReader {
  private readonly frames: Frame[] = []
  private read = 0

  constructor(statements: readonly Statement[]) {
    this.frames.push({ statements, next: 0, more: NO_MORE, leave: () => {}, isMacro: false })
  }

  next(): Statement | undefined {
    for (;;) {
      const frame = this.frames.at(-1)
      if (frame === undefined) return undefined
      const statement = frame.statements[frame.next]
      if (statement !== undefined) {
        frame.next += 1
        this.countRead(statement.position)
        return statement
      }
      const more = frame.more()
      if (more !== undefined) {
        frame.statements = more
        frame.next = 0
      } else {
        this.frames.pop()
        frame.leave()
      }
    }
  }

  /** Reads the statements of a macro before all others. */
  pushMacro(statements: readonly Statement[], position: SourcePosition, leave: () => void): void {
    this.push({ statements, next: 0, more: NO_MORE, leave, isMacro: true }, position)
  }

  /** Reads each of these bodies before all others. */
  pushRepetition(bodies: Iterator<readonly Statement[], undefined>, position: SourcePosition): void {
    const more = () => {
      const { value, done } = bodies.next()
      this.countRead(position)
      return done === true ? undefined : value
    }
    this.push({ statements: [], next: 0, more, leave: () => {}, isMacro: false }, position)
  }

  private push(frame: Frame, position: SourcePosition): void {
    if (this.frames.length > MAX_NESTING) {
      throw new AssemblyError(position, `macros nested more than ${MAX_NESTING} deep`)
    }
    this.frames.push(frame)
  }

  private countRead(position: SourcePosition): void {
    this.read += 1
    if (this.read > MAX_STATEMENTS) {
      throw new AssemblyError(position, `expected at most ${MAX_STATEMENTS} statements after expansion`)
    }
  }

  /** Leaves the innermost macro. False if there is none. */
  leaveMacro(): boolean {
    if (!this.frames.some(({ isMacro }) => isMacro)) return false
    for (;;) {
      const frame = this.frames.pop()!
      frame.leave()
      if (frame.isMacro) return true
    }
  }

  /**
   * The statements up to the one that closes a block, which is consumed; blocks inside are kept whole.
   *
   * @throws AssemblyError at the position given if the block has no end
   */
  block(opens: RegExp, closes: RegExp, position: SourcePosition, expected: string): Statement[] {
    const body: Statement[] = []
    const frame = this.frames.at(-1)!
    let depth = 1
    for (; frame.next < frame.statements.length; frame.next += 1) {
      const statement = frame.statements[frame.next]!
      const text = statement.text.replace(/^(?:[\w.$]+:\s*)+/, '')
      if (opens.test(text)) depth += 1
      if (closes.test(text)) depth -= 1
      if (depth === 0) {
        frame.next += 1
        return body
      }
      body.push(statement)
    }
    throw new AssemblyError(position, `block without an end: expected ${expected}`)
  }
}
