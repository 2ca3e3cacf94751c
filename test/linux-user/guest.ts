import { assemble } from '../../src/isa'
import { type RunOptions, type RunResult, runProgram } from '../../src/linux-user'
import { elfFile } from '../loader/elf-file'

export const TEXT = 0x100000n
export const DATA = 0x200000n

const PROLOGUE = `
        .macro  system number
        mov     \\number, %g1
        ta      0x6d
        .endm
`

export interface Guest {
  result: RunResult
  stdout: string
  messages: string[]
}

/** Assembles a program whose text starts at _start and runs it; \`data\` labels are at {@link DATA}. */
export function runGuest(source: string, options: Partial<RunOptions> = {}): Guest {
  const elf = guestElf(source)
  let stdout = ''
  const messages: string[] = []
  const result = runProgram({
    elf,
    ramBytes: 32 << 20,
    maxInstructions: 2_000_000,
    onStdout: (bytes) => {
      stdout += new TextDecoder().decode(bytes)
    },
    onMessage: (message) => messages.push(message),
    ...options,
  })
  return { result, stdout, messages }
}

/** An executable of assembled text and 64 KB of zeroed, writable data. */
export function guestElf(source: string): Uint8Array {
  const { bytes } = assemble(PROLOGUE + source, { origin: TEXT, symbols: { data: DATA } })
  return elfFile({
    segments: [
      { va: TEXT, contents: bytes, flags: 5 },
      { va: DATA, contents: new Uint8Array(0), memoryBytes: 0x10000n, flags: 6, offset: 0 },
    ],
    entry: TEXT,
  })
}

/** Words of machine code as a program. */
export function wordsElf(words: readonly number[]): Uint8Array {
  const contents = new Uint8Array(words.length * 4)
  const view = new DataView(contents.buffer)
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word)
  return elfFile({
    segments: [
      { va: TEXT, contents, flags: 7 },
      { va: DATA, contents: new Uint8Array(0), memoryBytes: 0x10000n, flags: 6, offset: 0 },
    ],
    entry: TEXT,
  })
}
