import { AssemblyError, assemble } from '../../../src/isa'
import type { ChunkReport, Difference } from '../chunk-pool'
import { gasWords } from './gas-words'
import { ambiguityOf, assembledWord, isIlltrapRefusedByGas } from './spellings'

/** An instruction word and its text at its place in the source. */
export interface WrittenWord {
  readonly word: number
  readonly text: string
}

const NOTHING = 'nop'
const MOST_REFUSED = 20

/**
 * Assembles the text of each word with our assembler and with gas: both have to make the word again.
 *
 * @param written in the order of their addresses
 * @param address of the first
 * @throws Error when gas cannot be run, or our assembler refuses more than a few lines
 */
export function compareWithGas(written: readonly WrittenWord[], address: bigint): Promise<ChunkReport> {
  return new Comparison(written, address).report()
}

class Comparison {
  private readonly differences: Difference[] = []
  private readonly counts: Record<string, number> = {}
  private readonly ourLines: string[]
  private readonly gasLines: string[]
  /** Indexes of texts that no assembler takes back to their word, and of those that gas is known to refuse. */
  private readonly ambiguous = new Set<number>()
  private readonly refusedByGas: number[] = []

  constructor(
    private readonly written: readonly WrittenWord[],
    private readonly address: bigint,
  ) {
    this.ourLines = written.map(({ text }) => text)
    this.gasLines = written.map(({ text }, index) => withDistance(text, address + BigInt(index * 4)))
  }

  async report(): Promise<ChunkReport> {
    for (const index of this.written.keys()) this.sortOut(index)
    await this.expectRefusals()
    for (const index of this.ambiguous) this.ourLines[index] = NOTHING
    for (const index of [...this.ambiguous, ...this.refusedByGas]) this.gasLines[index] = NOTHING
    const ours = this.ourWords()
    const theirs = await this.wordsOfGas()
    for (const index of this.written.keys()) this.compare(index, ours[index]!, theirs[index]!)
    return { judged: this.written.length, counts: this.counts, differences: this.differences }
  }

  private sortOut(index: number): void {
    const { word, text } = this.written[index]!
    const ambiguity = ambiguityOf(word)
    if (ambiguity !== undefined) {
      this.count(ambiguity)
      this.ambiguous.add(index)
    }
    if (ambiguity === 'quad registers that do not exist') {
      this.refusedByGas.push(index)
      if (!isRefusedByUs(text)) this.tell(index, 'our assembler', 'takes registers that do not exist')
    } else if (isIlltrapRefusedByGas(word)) {
      this.count('illtrap constants that gas refuses')
      this.refusedByGas.push(index)
    }
  }

  private async expectRefusals(): Promise<void> {
    if (this.refusedByGas.length === 0) return
    const { refused } = await gasWords(this.refusedByGas.map((index) => this.gasLines[index]!))
    for (const [n, index] of this.refusedByGas.entries()) {
      if (!refused.has(n)) this.tell(index, 'gas', 'takes it, though it is known to refuse it')
    }
  }

  private compare(index: number, ours: number, theirs: number): void {
    const { word, text } = this.written[index]!
    if (this.ambiguous.has(index)) return
    const expected = ours === word ? word : assembledWord(word, text)
    if (expected !== word) this.count('two words of one text')
    const check = (who: string, line: string, made: number): void => {
      if (made === expected || (line === NOTHING && text !== NOTHING)) return
      this.tell(index, who, `${hex(made)}, expected ${hex(expected)}`)
    }
    check('our assembler', this.ourLines[index]!, ours)
    check('gas', this.gasLines[index]!, theirs)
  }

  private ourWords(): Uint32Array {
    const lines = this.ourLines
    for (let refused = 0; ; refused++) {
      try {
        const { bytes } = assemble(lines.join('\n'), { origin: this.address })
        if (bytes.length !== lines.length * 4) throw new Error(`${bytes.length} bytes of ${lines.length} lines`)
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        return Uint32Array.from(lines, (_, index) => view.getUint32(index * 4))
      } catch (error) {
        if (!(error instanceof AssemblyError) || refused === MOST_REFUSED) throw error
        const index = error.line - 1
        this.tell(index, 'our assembler', error.message)
        lines[index] = NOTHING
      }
    }
  }

  private async wordsOfGas(): Promise<Uint32Array> {
    const { words, refused } = await gasWords(this.gasLines)
    if (refused.size === 0) return words
    for (const [index, message] of refused) {
      this.tell(index, 'gas', message)
      this.gasLines[index] = NOTHING
    }
    return (await gasWords(this.gasLines)).words
  }

  private count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }

  private tell(index: number, who: string, what: string): void {
    const { word, text } = this.written[index]!
    const at = `0x${(this.address + BigInt(index * 4)).toString(16)}`
    this.differences.push({
      text: `${hex(word)} at ${at}: '${text}', ${who}: ${what}`,
      repeat: `--words ${hex(word)} --address ${at}`,
    })
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}

/** Branch targets as distances, for which gas needs no linker. */
function withDistance(text: string, address: bigint): string {
  return text.replace(
    /^((?:f?b[a-z,]*|call|iprefetch|c[wx]b[a-z]+) (?:.*, )?)(0x[0-9a-f]+|\d+)$/,
    (_, start: string, target: string) => `${start}. + (${BigInt.asIntN(64, BigInt(target) - address)})`,
  )
}

function isRefusedByUs(line: string): boolean {
  try {
    assemble(line)
    return false
  } catch (error) {
    if (error instanceof AssemblyError) return true
    throw error
  }
}
