import { AssemblyError, type SourcePosition } from './error'

const BLANK = /[\s]*/y
const NAME = /[A-Za-z_.$][\w.$]*/y
const REGISTER_LIKE = /%[A-Za-z_][\w]*/y

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, b: 8, f: 12, r: 13, v: 11 }

/** Reads one statement from left to right. Blanks between tokens are skipped. */
export class Scanner {
  at = 0

  constructor(
    readonly text: string,
    private readonly start: SourcePosition,
  ) {}

  /** Skips blanks and says whether nothing is left. */
  get done(): boolean {
    this.skipBlanks()
    return this.at >= this.text.length
  }

  position(at: number = this.at): SourcePosition {
    return this.start.expansion === undefined ? { ...this.start, column: this.start.column + at } : this.start
  }

  error(message: string, at: number = this.at): AssemblyError {
    return new AssemblyError(this.position(at), message)
  }

  /** An error that names what stands at the current place. */
  unexpected(expected: string): AssemblyError {
    const found = this.done ? 'the end of the statement' : `'${this.rest().slice(0, 24)}'`
    return this.error(`expected ${expected}, found ${found}`)
  }

  rest(): string {
    return this.text.slice(this.at)
  }

  skipBlanks(): void {
    this.match(BLANK)
  }

  /** True if the text comes next; does not move. */
  sees(text: string): boolean {
    this.skipBlanks()
    return this.text.startsWith(text, this.at)
  }

  accept(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  expect(text: string, what = `'${text}'`): void {
    if (!this.accept(text)) throw this.unexpected(what)
  }

  /** Moves past a sticky regular expression if it matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }

  /** A symbol name, directive or mnemonic. */
  name(): string | undefined {
    this.skipBlanks()
    return this.match(NAME)?.[0]
  }

  /** `%name`, in lower case and without the percent sign; `at` is not moved if there is none. */
  percentName(): string | undefined {
    this.skipBlanks()
    return this.match(REGISTER_LIKE)?.[0].slice(1).toLowerCase()
  }

  expectName(what: string): string {
    const name = this.name()
    if (name === undefined) throw this.unexpected(what)
    return name
  }

  expectEnd(): void {
    if (!this.done) throw this.unexpected('the end of the statement')
  }

  /** A string in double quotes, as bytes: escapes as in C, other text as UTF-8. */
  string(): Uint8Array | undefined {
    if (!this.sees('"')) return undefined
    const bytes: number[] = []
    this.at += 1
    while (this.text[this.at] !== '"') {
      const code = this.text.codePointAt(this.at)
      if (code === undefined) throw this.unexpected('"')
      if (code === 0x5c) {
        bytes.push(this.escape())
      } else {
        const character = String.fromCodePoint(code)
        bytes.push(...new TextEncoder().encode(character))
        this.at += character.length
      }
    }
    this.at += 1
    return Uint8Array.from(bytes)
  }

  /** A character constant: `'a`, `'a'` or with an escape. */
  character(): bigint | undefined {
    if (!this.sees("'") || this.at + 1 >= this.text.length) return undefined
    this.at += 1
    let value: number
    if (this.text[this.at] === '\\') {
      value = this.escape()
    } else {
      value = this.text.codePointAt(this.at)!
      this.at += value > 0xffff ? 2 : 1
    }
    if (this.text[this.at] === "'") this.at += 1
    return BigInt(value)
  }

  private escape(): number {
    const octal = this.match(/\\(\d{1,3})/y)
    if (octal !== undefined) return [...octal[1]!].reduce((value, digit) => value * 8 + Number(digit), 0) & 0xff
    const hex = this.match(/\\[xX]([0-9a-fA-F]+)/y)
    if (hex !== undefined) return Number.parseInt(hex[1]!.slice(-2), 16)
    const character = this.text[this.at + 1]
    if (character === undefined) throw this.error('expected a character after \\')
    this.at += 2
    return ESCAPES[character] ?? character.charCodeAt(0)
  }
}
