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
 */
export async function compareWithGas(written: readonly WrittenWord[], address: bigint): Promise<ChunkReport> {
  const differences: Difference[] = []
  const counts: Record<string, number> = {}
  const wordsOfNoText = new Set<number>()
  const tell = (index: number, who: string, what: string): void => {
    const { word, text } = written[index]!
    const at = `0x${(address + BigInt(index * 4)).toString(16)}`
    differences.push({
      text: `${hex(word)} at ${at}: '${text}', ${who}: ${what}`,
      repeat: `--words ${hex(word)} --address ${at}`,
    })
  }
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1
  }

  const ourLines = written.map(({ text }) => text)
  const gasLines = written.map(({ text }, index) => withDistance(text, address + BigInt(index * 4)))
  const refusedByGas: number[] = []
  for (const [index, { word, text }] of written.entries()) {
    const ambiguity = ambiguityOf(word)
    if (ambiguity !== undefined) {
      count(ambiguity)
      wordsOfNoText.add(index)
      ourLines[index] = NOTHING
      if (ambiguity === 'quad registers that do not exist') {
        refusedByGas.push(index)
        if (complaintOf(text) === undefined) tell(index, 'our assembler', 'takes registers that do not exist')
      }
    } else if (isIlltrapRefusedByGas(word)) {
      count('illtrap constants that gas refuses')
      refusedByGas.push(index)
    }
  }
  const complaints = await gasComplaints(refusedByGas.map((index) => gasLines[index]!))
  for (const [n, index] of refusedByGas.entries()) {
    if (!complaints.has(n)) tell(index, 'gas', 'takes it, though it is known to refuse it')
  }
  for (const index of [...wordsOfNoText, ...refusedByGas]) gasLines[index] = NOTHING

  const ours = ourWords(ourLines, address, (index, message) => tell(index, 'our assembler', message))
  const theirs = await wordsOfGas(gasLines, (index, message) => tell(index, 'gas', message))
  for (const [index, { word, text }] of written.entries()) {
    if (wordsOfNoText.has(index)) continue
    const expected = ours[index] === word ? word : assembledWord(word, text)
    if (expected !== word) count('two words of one text')
    if (ourLines[index] !== NOTHING || text === NOTHING) check(index, 'our assembler', ours[index]!, expected)
    if (gasLines[index] !== NOTHING || text === NOTHING) check(index, 'gas', theirs[index]!, expected)
  }
  return { judged: written.length, counts, differences }

  function check(index: number, who: string, made: number, expected: number): void {
    if (made !== expected) tell(index, who, `${hex(made)}, expected ${hex(expected)}`)
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

/** What our assembler says of a line that it refuses. */
function complaintOf(line: string): string | undefined {
  try {
    assemble(line)
    return undefined
  } catch (error) {
    if (error instanceof AssemblyError) return error.message
    throw error
  }
}

function ourWords(lines: string[], origin: bigint, onRefused: (index: number, message: string) => void): Uint32Array {
  for (let refused = 0; ; refused++) {
    try {
      const { bytes } = assemble(lines.join('\n'), { origin })
      if (bytes.length !== lines.length * 4) throw new Error(`${bytes.length} bytes of ${lines.length} lines`)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      return Uint32Array.from(lines, (_, index) => view.getUint32(index * 4))
    } catch (error) {
      if (!(error instanceof AssemblyError) || refused === MOST_REFUSED) throw error
      const index = error.line - 1
      onRefused(index, error.message)
      lines[index] = NOTHING
    }
  }
}

async function wordsOfGas(lines: string[], onRefused: (index: number, message: string) => void): Promise<Uint32Array> {
  const first = await gasWords(lines)
  if (first.refused.size === 0) return first.words
  for (const [index, message] of first.refused) {
    onRefused(index, message)
    lines[index] = NOTHING
  }
  return (await gasWords(lines)).words
}

async function gasComplaints(lines: readonly string[]): Promise<ReadonlyMap<number, string>> {
  return lines.length === 0 ? new Map() : (await gasWords(lines)).refused
}
