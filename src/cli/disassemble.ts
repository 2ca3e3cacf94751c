import { Argument, Command } from 'commander'
import { disassemble } from '../isa'
import { hex } from '../u64'
import { jsonOption, unsigned64 } from './arguments'
import type { CommandContext } from './command-context'
import { type CodeSection, isElf, readCode } from './elf-code'
import { InputError, inFile, readInput } from './input'
import { toJson } from './json'

interface Line {
  readonly address: bigint
  readonly word: number
  readonly text: string
  /** The symbol that begins here. */
  readonly label?: string
  /** What the branch or call goes to, as `symbol+0x10`. */
  readonly target?: string
}

interface NameOfAddress {
  /** The symbol that begins at an address. */
  at(address: bigint): string | undefined
  /** `symbol` or `symbol+0x10`. */
  describe(address: bigint): string | undefined
}

export function disassembleCommand({ terminal }: CommandContext): Command {
  return new Command('disassemble')
    .description('print the instructions of an ELF file, or of a file of raw big-endian words')
    .addArgument(new Argument('<file>', "a file, or '-' for standard input"))
    .option('--address <address>', 'address of the first word of a raw file; default 0', unsigned64)
    .addOption(jsonOption())
    .action((path: string, options: { address?: bigint; json?: true }) => {
      const bytes = readInput(path)
      const format = isElf(bytes) ? 'elf' : 'raw'
      const { sections, names } =
        format === 'elf' ? elfSections(path, bytes) : rawSection(path, bytes, options.address ?? 0n)
      if (options.json) terminal.print(toJson({ file: path, format, sections: sections.map((s) => jsonOf(s, names)) }))
      else
        for (const section of sections) printSection(section, names, format === 'elf', (text) => terminal.print(text))
    })
}

function elfSections(path: string, bytes: Uint8Array): { sections: readonly CodeSection[]; names: NameOfAddress } {
  const { sections, symbols } = inFile(path, () => readCode(bytes))
  const names = {
    at: (address: bigint) => (symbols.find(address)?.offset === 0n ? symbols.describe(address) : undefined),
    describe: (address: bigint) => symbols.describe(address),
  }
  return { sections, names }
}

function rawSection(path: string, bytes: Uint8Array, address: bigint): ReturnType<typeof elfSections> {
  if (bytes.length % 4 !== 0)
    throw new InputError(`${path}: ${bytes.length} bytes that are not an ELF file, expected words of 4 bytes`)
  const none = () => undefined
  return { sections: [{ name: path, address, bytes }], names: { at: none, describe: none } }
}

function* linesOf({ address, bytes }: CodeSection, names: NameOfAddress): Generator<Line> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const va = BigInt.asUintN(64, address + BigInt(at))
    const word = view.getUint32(at)
    const text = disassemble(word, va)
    const label = names.at(va)
    const target = targetOf(word, text)
    const described = target === undefined ? undefined : names.describe(target)
    yield {
      address: va,
      word,
      text,
      ...(label === undefined ? {} : { label }),
      ...(described === undefined ? {} : { target: described }),
    }
  }
}

/** Of call (format 1) and of branches (format 2 without illtrap and sethi): the address that ends their text. */
function targetOf(word: number, text: string): bigint | undefined {
  const format = word >>> 30
  const op2 = (word >>> 22) & 7
  const branches = format === 1 || (format === 0 && op2 !== 0 && op2 !== 4)
  const address = branches ? /0x[\da-f]+$/.exec(text)?.[0] : undefined
  return address === undefined ? undefined : BigInt(address)
}

function printSection(
  section: CodeSection,
  names: NameOfAddress,
  headed: boolean,
  print: (text: string) => void,
): void {
  if (headed) print(`\nsection ${section.name}`)
  for (const { address, word, text, label, target } of linesOf(section, names)) {
    if (label !== undefined) print(`\n${hex64(address)} <${label}>:`)
    print(`${hex(address).padStart(12)}:  ${hexWord(word)}  ${text}${target === undefined ? '' : ` <${target}>`}`)
  }
}

function jsonOf(section: CodeSection, names: NameOfAddress): object {
  return {
    name: section.name,
    address: hex(section.address),
    instructions: [...linesOf(section, names)].map(({ address, word, ...rest }) => ({
      address: hex(address),
      word: `0x${hexWord(word)}`,
      ...rest,
    })),
  }
}

const hexWord = (word: number) => word.toString(16).padStart(8, '0')
const hex64 = (address: bigint) => address.toString(16).padStart(16, '0')
