import type { Assembly } from './assembly'
import type { SourcePosition } from './error'
import type { Scanner } from './scanner'

/** Does what a directive says; the scanner stands behind its name. */
export type Directive = (assembly: Assembly, scanner: Scanner, position: SourcePosition) => void

export const DATA_DIRECTIVES: Readonly<Record<string, Directive>> = {
  ...integers(1, '.byte', '.dc.b'),
  ...integers(2, '.half', '.hword', '.short', '.2byte', '.uahalf', '.dc.w'),
  ...integers(4, '.word', '.long', '.int', '.4byte', '.uaword', '.dc.l'),
  ...integers(8, '.xword', '.quad', '.8byte', '.nword', '.uaxword'),
  '.ascii': text(false),
  '.asciz': text(true),
  '.string': text(true),
  '.float': floats(4),
  '.single': floats(4),
  '.double': floats(8),
  '.skip': skip,
  '.space': skip,
  '.zero': skip,
  '.fill': fill,
  '.org': org,
  '.align': align((bound) => bound),
  '.balign': align((bound) => bound),
  '.p2align': align((bound) => (bound > 31 ? Number.NaN : 2 ** bound)),
}

const MAX_ALIGNMENT = 1 << 24

function integers(length: number, ...names: string[]): Record<string, Directive> {
  const directive: Directive = (assembly, scanner) => {
    if (scanner.done) return
    do {
      scanner.skipBlanks()
      const position = scanner.position()
      assembly.emitInteger(length, assembly.expression(scanner), position)
    } while (scanner.accept(','))
  }
  return Object.fromEntries(names.map((name) => [name, directive]))
}

function text(terminated: boolean): Directive {
  return (assembly, scanner, position) => {
    if (scanner.done) return
    do {
      let bytes = scanner.string()
      if (bytes === undefined) throw scanner.unexpected('a string in double quotes')
      for (let next = scanner.string(); next !== undefined && !terminated; next = scanner.string()) {
        bytes = Uint8Array.from([...bytes, ...next])
      }
      appendBytes(assembly, bytes, position)
      if (terminated) appendBytes(assembly, Uint8Array.of(0), position)
    } while (scanner.accept(','))
  }
}

function floats(length: 4 | 8): Directive {
  return (assembly, scanner, position) => {
    if (scanner.done) return
    do {
      scanner.skipBlanks()
      const literal = scanner.match(
        /(?:0[rRfFdD])?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf(?:inity)?|nan)/iy,
      )
      if (literal === undefined) throw scanner.unexpected('a decimal number')
      const value = Number(literal[1]!.replace(/inf(?:inity)?/i, 'Infinity').replace(/nan/i, 'NaN'))
      const bytes = new DataView(new ArrayBuffer(length))
      if (length === 4) bytes.setFloat32(0, value)
      else bytes.setFloat64(0, value)
      if (Number.isNaN(value)) bytes.setUint32(0, length === 4 ? 0x7fffffff : 0x7fffffff)
      if (Number.isNaN(value) && length === 8) bytes.setUint32(4, 0xffffffff)
      appendBytes(assembly, new Uint8Array(bytes.buffer), position)
    } while (scanner.accept(','))
  }
}

function appendBytes(assembly: Assembly, bytes: Uint8Array, position: SourcePosition): void {
  const { section } = assembly
  const at = assembly.reserveContents(bytes.length, position)
  for (const [index, byte] of bytes.entries()) section.put(at + index, 1, BigInt(byte))
}

function skip(assembly: Assembly, scanner: Scanner, position: SourcePosition): void {
  const length = assembly.count(scanner, 'a number of bytes')
  const value = scanner.accept(',') ? Number(assembly.constant(scanner, 'a fill value') & 0xffn) : 0
  pad(assembly, length, position, value)
}

function pad(assembly: Assembly, length: number, position: SourcePosition, value: number): void {
  const at = assembly.reserve(length, position)
  assembly.section.fillBytes(at, at + length, value)
}

/** gas takes four bytes of the value and puts zeros behind them if the size is more. */
function fill(assembly: Assembly, scanner: Scanner, position: SourcePosition): void {
  const repeat = assembly.count(scanner, 'a repeat count')
  const size = scanner.accept(',') ? Math.min(assembly.count(scanner, 'a size in bytes'), 8) : 1
  const value = scanner.accept(',') ? assembly.constant(scanner, 'a fill value') : 0n
  const { section } = assembly
  const at = assembly.reserveContents(repeat * size, position)
  const significant = Math.min(size, 4)
  for (let index = 0; index < repeat; index += 1) section.put(at + index * size, significant, value)
}

function org(assembly: Assembly, scanner: Scanner, position: SourcePosition): void {
  scanner.skipBlanks()
  const expression = assembly.expression(scanner)
  const value = assembly.value(expression)
  if (value === undefined || (value.section !== undefined && value.section !== assembly.section)) {
    throw scanner.error('expected a place in this section that is known here')
  }
  const byte = scanner.accept(',') ? Number(assembly.constant(scanner, 'a fill value') & 0xffn) : 0
  const length = value.value - BigInt(assembly.section.size)
  if (length < 0n) throw scanner.error(`expected a place at or behind ${assembly.section.size}, found ${value.value}`)
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw scanner.error(`expected a nearer place, found ${value.value}`)
  pad(assembly, Number(length), position, byte)
  assembly.section.run += 1
}

function align(boundOf: (argument: number) => number): Directive {
  return (assembly, scanner, position) => {
    const bound = boundOf(assembly.count(scanner, 'an alignment')) || 1
    if (!(bound <= MAX_ALIGNMENT) || (bound & (bound - 1)) !== 0) {
      throw scanner.error(`expected an alignment that is a power of two up to ${MAX_ALIGNMENT}, found ${bound}`)
    }
    let value: number | undefined
    let most = bound
    if (scanner.accept(',')) {
      if (!scanner.done && !scanner.sees(',')) value = Number(assembly.constant(scanner, 'a fill value') & 0xffn)
      if (scanner.accept(',')) most = assembly.count(scanner, 'a most number of bytes')
    }
    const { section } = assembly
    section.run += 1
    section.alignment = Math.max(section.alignment, bound)
    const length = (bound - (section.size % bound)) % bound
    if (length > most) return
    const at = assembly.reserve(length, position)
    if (value === undefined && section.executable) section.fillWithCode(at, at + length)
    else section.fillBytes(at, at + length, value ?? 0)
  }
}
