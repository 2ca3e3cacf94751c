import { Argument, Command } from 'commander'
import { type Assembled, type AssembledSection, assemble, disassemble } from '../isa'
import { hex } from '../u64'
import { jsonOption, unsigned64 } from './arguments'
import type { CommandContext } from './command-context'
import { readInput, writeOutput } from './input'
import { toJson } from './json'

export function assembleCommand({ terminal }: CommandContext): Command {
  return new Command('assemble')
    .description('assemble a source in the syntax of GNU as; prints a listing, or writes the bytes with -o')
    .addArgument(new Argument('<file>', "a file, or '-' for standard input"))
    .option('--address <address>', 'address of .text; default 0', unsigned64)
    .option('-o, --output <file>', 'write the bytes of all sections here')
    .addOption(jsonOption())
    .action((path: string, options: { address?: bigint; output?: string; json?: true }) => {
      const source = new TextDecoder().decode(readInput(path))
      const assembled = assemble(source, { origin: options.address ?? 0n, file: path === '-' ? '<stdin>' : path })
      if (options.output !== undefined) writeOutput(options.output, assembled.bytes)
      if (options.json) terminal.print(toJson(jsonOf(path, assembled, options.output)))
      else if (options.output === undefined) for (const line of listing(assembled)) terminal.print(line)
    })
}

function* listing({ sections, symbols }: Assembled): Generator<string> {
  for (const section of sections) {
    yield `section ${section.name}, ${section.size} bytes at ${hex(section.address)}`
    yield* section.name === '.text' ? codeLines(section) : dataLines(section)
    yield ''
  }
  if (symbols.size > 0) yield 'symbols'
  for (const [name, value] of symbols) yield `${hex(value).padStart(20)}  ${name}`
}

function* codeLines({ address, bytes }: AssembledSection): Generator<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    const va = address + BigInt(at)
    yield `${hex(va).padStart(12)}:  ${hexBytes(bytes, at, 4)}  ${disassemble(view.getUint32(at), va)}`
  }
  if (at < bytes.length) yield `${hex(address + BigInt(at)).padStart(12)}:  ${hexBytes(bytes, at, 4)}`
}

function* dataLines({ address, bytes }: AssembledSection): Generator<string> {
  const BYTES_A_LINE = 16
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE)
    yield `${hex(address + BigInt(at)).padStart(12)}:  ${hexBytes(bytes, at, BYTES_A_LINE)}`
}

function jsonOf(file: string, { sections, symbols, origin, bytes }: Assembled, output: string | undefined): object {
  return {
    file,
    ...(output === undefined ? {} : { output }),
    origin: hex(origin),
    size: bytes.length,
    sections: sections.map((section) => ({
      name: section.name,
      address: hex(section.address),
      size: section.size,
      bytes: hexBytes(section.bytes, 0, section.bytes.length),
    })),
    symbols: Object.fromEntries([...symbols].map(([name, value]) => [name, hex(value)])),
  }
}

function hexBytes(bytes: Uint8Array, from: number, count: number): string {
  return Array.from(bytes.subarray(from, from + count), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
