import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** objdump's text of each word, the first of which lies at `address`; comments dropped, blanks made single. */
export function objdump(tool: string, words: readonly number[], address = 0n, machine = 'sparc:v9b'): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
  try {
    const image = Buffer.alloc(words.length * 4)
    for (const [index, word] of words.entries()) image.writeUInt32BE(word >>> 0, index * 4)
    const file = join(directory, 'words')
    writeFileSync(file, image)
    const options = ['-D', '-z', '-b', 'binary', '-EB', '-m', machine, `--adjust-vma=0x${address.toString(16)}`]
    const output = execFileSync(tool, [...options, file], { encoding: 'latin1', maxBuffer: 2 ** 30 })
    return output
      .split('\n')
      .map((line) => /^ *[0-9a-f]+:\t[^\t]*\t(.*)$/.exec(line)?.[1])
      .filter((text) => text !== undefined)
      .map((text) => text.replace(/\t!.*/, '').trim().replace(/\s+/g, ' '))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
