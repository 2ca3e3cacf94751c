import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type ObjdumpMachine = 'sparc:v9b' | 'sparc:v9m8'

const OBJDUMP = 'sparc64-linux-gnu-objdump'

/**
 * objdump's text of each word, comments dropped and blanks made single, told as it comes.
 *
 * @param address of the first word
 * @throws Error when objdump cannot be run or does not print a line a word
 */
export async function objdumpWords(
  words: Uint32Array,
  address: bigint,
  machine: ObjdumpMachine,
  onText: (index: number, text: string) => void,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-words-'))
  try {
    const file = join(directory, 'words')
    writeFileSync(file, bigEndian(words))
    const options = ['-D', '-z', '-b', 'binary', '-EB', '-m', machine, `--adjust-vma=0x${address.toString(16)}`]
    const child = spawn(OBJDUMP, [...options, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    let index = 0
    child.stdout.setEncoding('latin1')
    createInterface({ input: child.stdout }).on('line', (line) => {
      const text = textOf(line)
      if (text !== undefined) onText(index++, text)
    })
    const status = await ended
    if (status !== 0 || index !== words.length) {
      throw new Error(`${OBJDUMP} -m ${machine}: status ${status}, ${index} lines for ${words.length} words`)
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export function bigEndian(words: Uint32Array): Buffer {
  const image = Buffer.alloc(words.length * 4)
  for (const [index, word] of words.entries()) image.writeUInt32BE(word, index * 4)
  return image
}

/** What stands behind address and bytes; undefined for a line that shows no word. */
function textOf(line: string): string | undefined {
  const bytes = line.indexOf(':\t')
  if (bytes < 0) return undefined
  const start = line.indexOf('\t', bytes + 2) + 1
  const comment = line.indexOf('\t!', start)
  return (comment < 0 ? line.slice(start) : line.slice(start, comment)).trim().replace(/ {2,}/, ' ')
}
