import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const GAS = 'sparc64-linux-gnu-as'
const OBJCOPY = 'sparc64-linux-gnu-objcopy'
/** Registers that gas wants declared before their first use, which takes no place in the section. */
const HEADER = ['.register %g2, #scratch', '.register %g3, #scratch']

export interface GasAnswer {
  /** Big-endian, one word a line; only if no line was refused. */
  readonly words: Uint32Array
  /** What gas says of lines that it refuses, by index. */
  readonly refused: ReadonlyMap<number, string>
}

/**
 * The words that gas makes of instructions, one a line, for a chip with all extensions.
 *
 * @throws Error when gas cannot be run or does not make a word a line
 */
export async function gasWords(lines: readonly string[]): Promise<GasAnswer> {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-words-'))
  try {
    const [source, object, image] = ['in.s', 'out.o', 'out.bin'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(source, `${[...HEADER, ...lines].join('\n')}\n`)
    const { status, complaints } = await run(GAS, ['-64', '-Av9m8', '-W', '-o', object, source])
    const refused = refusedLines(complaints)
    if (refused.size > 0) return { words: new Uint32Array(), refused }
    if (status !== 0) throw new Error(`${GAS}: status ${status}: ${complaints}`)
    execFileSync(OBJCOPY, ['-O', 'binary', '-j', '.text', object, image])
    const bytes = readFileSync(image)
    if (bytes.length !== lines.length * 4) throw new Error(`${GAS} made ${bytes.length} bytes of ${lines.length} lines`)
    return { words: Uint32Array.from(lines, (_, index) => bytes.readUInt32BE(index * 4)), refused }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function run(program: string, options: readonly string[]): Promise<{ status: number | null; complaints: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'] })
    const complaints: Buffer[] = []
    child.stderr.on('data', (data: Buffer) => complaints.push(data))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, complaints: Buffer.concat(complaints).toString('latin1') }))
  })
}

function refusedLines(complaints: string): Map<number, string> {
  const refused = new Map<number, string>()
  for (const [, line, message] of complaints.matchAll(/^[^\n]*in\.s:(\d+): Error: (.*)$/gm)) {
    refused.set(Number(line) - 1 - HEADER.length, message!)
  }
  return refused
}
