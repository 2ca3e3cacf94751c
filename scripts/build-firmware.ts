/** Assembles firmware/*.S into src/firmware-image.ts; with --check compares instead of writing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { assemble } from '../src/isa/assemble'

const root = fileURLToPath(new URL('..', import.meta.url))
export const FIRMWARE_SOURCES = ['definitions', 'trap-table', 'gate', 'tlb-miss', 'cross-call']
export const FIRMWARE_ORIGIN = 0xf000_8000n

export function firmwareSource(): string {
  return FIRMWARE_SOURCES.map((name) => readFileSync(`${root}/firmware/${name}.S`, 'utf8')).join('\n')
}

const LINE = 116

function image(): string {
  const source = firmwareSource()
  const { bytes, symbols } = assemble(source, { origin: FIRMWARE_ORIGIN, file: 'firmware' })
  const names = [...source.matchAll(/^\t\.globl\t(\w+)$/gm)].map(([, name]) => name)
  const offsets = names.map((name) => `    ${name}: 0x${(symbols.get(name)! - FIRMWARE_ORIGIN).toString(16)},`)
  const runs = encodeRuns(bytes)
  const lines = runs.match(new RegExp(`.{1,${LINE}}`, 'g'))!.map((line) => `  '${line}'`)
  return `// Generated from firmware/ by scripts/build-firmware.ts: npm run firmware\n
export interface FirmwareImage {
  readonly bytes: Uint8Array
  /** Offsets of global labels. */
  readonly symbols: Readonly<Record<string, number>>
}

/** Words in hexadecimal; \`word*count\` repeats. */
const WORDS =
${lines.join(' +\n')}

function decode(words: string): Uint8Array {
  const bytes: number[] = []
  for (const item of words.split(' ')) {
    const [word, count = '1'] = item.split('*') as [string, string?]
    const value = Number.parseInt(word, 16)
    for (let n = Number(count); n > 0; n--) bytes.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
  }
  return Uint8Array.from(bytes)
}

export const FIRMWARE: FirmwareImage = {
  bytes: decode(WORDS),
  symbols: {
${offsets.join('\n')}
  },
}
`
}

function encodeRuns(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const items: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const word = view.getUint32(at)
    let count = 1
    while (at + count * 4 < bytes.length && view.getUint32(at + count * 4) === word) count++
    items.push(count === 1 ? word.toString(16) : `${word.toString(16)}*${count}`)
    at += count * 4
  }
  return items.join(' ')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = `${root}/src/firmware-image.ts`
  const text = image()
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    console.error('src/firmware-image.ts is not what firmware/ assembles to: run npm run firmware')
    process.exitCode = 1
  }
}
