import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FIRMWARE_ORIGIN, firmwareSource } from '../../scripts/build-firmware'
import { FIRMWARE } from '../../src/firmware-image'
import { disassemble } from '../../src/isa'
import { assemble } from '../../src/isa/assemble'
import { requireTool } from '../support/tools'
import { gas, hasGas } from './gas'
import { objdump } from './objdump'

const tool = requireTool('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')
const GATE_OPCODE = 0x81b8_2060
const GATE_MASK = 0xffff_ffe0

const isGate = (word: number): boolean => (word & GATE_MASK) >>> 0 === GATE_OPCODE
const wordsOf = (bytes: Uint8Array): number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 4 }, (_, n) => view.getUint32(n * 4))
}

describe('the firmware', () => {
  const source = firmwareSource()
  const { bytes, symbols } = assemble(source, { origin: FIRMWARE_ORIGIN, file: 'firmware' })

  it('is in src/firmware-image.ts as the sources give it', () => {
    expect(FIRMWARE.bytes).toEqual(bytes)
    for (const [name, offset] of Object.entries(FIRMWARE.symbols))
      expect([name, BigInt(offset) + FIRMWARE_ORIGIN]).toEqual([name, symbols.get(name)])
    const script = join(import.meta.dirname, '../../scripts/build-firmware.ts')
    expect(() => execFileSync('npx', ['tsx', script, '--check'], { stdio: 'pipe' })).not.toThrow()
  })

  it('begins with a trap table whose two halves go to the same handlers', () => {
    expect([FIRMWARE.symbols.trap_table, FIRMWARE_ORIGIN % 0x8000n]).toEqual([0, 0n])
    const words = wordsOf(bytes)
    const targets = [0, 0x4000].map((half) =>
      [0x10, 0x30, 0x60, 0x64, 0x68, 0x6c, 0x16d].map((tt) => {
        const at = half + tt * 32
        return disassemble(words[at / 4]!, FIRMWARE_ORIGIN + BigInt(at))
      }),
    )
    expect(targets[0]).toEqual(targets[1])
    expect(new Set(targets[0]).size).toBe(5)
    for (const text of targets[0]!) expect(text).toMatch(/^b,a %xcc, 0xf00/)
  })

  it.skipIf(!hasGas)('equals what gas and ld make of the sources, byte for byte', () => {
    expect(Buffer.compare(Buffer.from(gas(source, FIRMWARE_ORIGIN)), Buffer.from(bytes))).toBe(0)
  })

  it.skipIf(tool === undefined)('disassembles as by objdump', () => {
    const words = wordsOf(bytes)
    const theirs = objdump(tool!, words, FIRMWARE_ORIGIN)
    expect(theirs).toHaveLength(words.length)
    const different = words.flatMap((word, n) => {
      const ours = disassemble(word, FIRMWARE_ORIGIN + BigInt(n * 4))
      return isGate(word) || ours === theirs[n] ? [] : [`${word.toString(16)}: ${ours} | ${theirs[n]}`]
    })
    expect(different).toEqual([])
  })

  it('re-assembles from its disassembly to the same words', () => {
    const words = wordsOf(bytes)
    const written = (word: number, n: number) =>
      isGate(word) || word === 0 ? `.word ${word}` : disassemble(word, FIRMWARE_ORIGIN + BigInt(n * 4))
    const text = words.map((word, n) => `${written(word, n)}\n`).join('')
    const again = wordsOf(assemble(text, { origin: FIRMWARE_ORIGIN }).bytes)
    expect(again).toEqual(words)
  })
})
