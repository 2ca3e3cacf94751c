import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ElfError, parseElf, readSymbols } from '../../src/loader'
import { elfFile } from './elf-file'

const text = Uint8Array.from({ length: 64 }, (_, i) => i)
const data = Uint8Array.from([1, 2, 3, 4])
const parts = {
  segments: [
    { va: 0x100000n, contents: text, flags: 5 },
    { va: 0x200010n, contents: data, flags: 6, memoryBytes: 0x5000n, offset: 2 * 8192 + 16 },
  ],
  entry: 0x100010n,
  symbols: [
    { name: 'start', address: 0x100000n, size: 0x20n, type: 2 },
    { name: 'inner', address: 0x100010n, size: 0n, type: 0 },
    { name: 'last', address: 0x100020n, size: 0x20n, type: 2 },
    { name: 'table', address: 0x200010n, size: 4n, type: 1 },
  ],
}
const good = elfFile(parts)

function changed(offset: number, ...bytes: number[]): Uint8Array {
  const copy = good.slice()
  copy.set(bytes, offset)
  return copy
}

function refusal(bytes: Uint8Array): ElfError {
  try {
    parseElf(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(ElfError)
    return error as ElfError
  }
  throw new Error('the file was accepted')
}

describe('a static executable', () => {
  it('gives its segments, entry and end', () => {
    const image = parseElf(good)
    expect(image.entry).toBe(0x100010n)
    expect(image.end).toBe(0x205010n)
    expect(image.segments).toHaveLength(2)
    expect(image.segments[0]).toMatchObject({
      va: 0x100000n,
      memoryBytes: 64n,
      read: true,
      write: false,
      execute: true,
    })
    expect([...image.segments[0].contents]).toEqual([...text])
    expect(image.segments[1]).toMatchObject({ va: 0x200010n, memoryBytes: 0x5000n, write: true, execute: false })
    expect([...image.segments[1].contents]).toEqual([1, 2, 3, 4])
    expect(image.programHeaders).toEqual({ va: 0n, count: 2, entryBytes: 56 })
  })

  it('gives the address of program headers that a segment holds', () => {
    const contents = new Uint8Array(512)
    const file = elfFile({ segments: [{ va: 0x100000n, contents, offset: 8192 }] })
    const view = new DataView(file.buffer)
    view.setBigUint64(64 + 8, 0n)
    expect(parseElf(file).programHeaders).toEqual({ va: 0x100040n, count: 1, entryBytes: 56 })
  })

  it('gives its symbols by name and by address', () => {
    const symbols = readSymbols(good)
    expect(symbols.get('last')).toEqual({ name: 'last', address: 0x100020n, size: 0x20n, kind: 'function' })
    expect(symbols.describe(0x100014n)).toBe('start+0x14')
    expect(symbols.describe(0x100010n)).toBe('start+0x10')
    expect(symbols.describe(0x100020n)).toBe('last')
    expect(symbols.describe(0x200013n)).toBe('table+0x3')
    expect(symbols.describe(0x200014n)).toBeUndefined()
    expect(symbols.describe(0n)).toBeUndefined()
  })

  it('has no symbols when it was stripped', () => {
    expect(readSymbols(elfFile({ ...parts, symbols: [] })).symbols).toEqual([])
  })
})

describe('a file that cannot be loaded is refused by what, where and what was expected', () => {
  const cases: [string, Uint8Array, number, RegExp][] = [
    ['empty', new Uint8Array(0), 0, /end of file.*0x7f/],
    ['a script', new TextEncoder().encode('#!/bin/sh\n'.repeat(20)), 0, /not an ELF file: 0x23/],
    ['32-bit', changed(4, 1), 4, /class 1 .*ELFCLASS64/],
    ['little-endian', changed(5, 1), 5, /data encoding 1 .*big-endian/],
    ['for x86-64', changed(18, 0, 62), 18, /machine 62 .*43 \(SPARC V9\)/],
    ['for 32-bit SPARC', changed(18, 0, 2), 18, /machine 2 /],
    ['position independent', changed(16, 0, 3), 16, /-no-pie/],
    ['an object file', changed(16, 0, 1), 16, /file type 1/],
    ['dynamically linked', changed(64, 0, 0, 0, 3), 64, /dynamic linker/],
    ['without segments', changed(64, 0, 0, 0, 4, ...good.subarray(68, 120), 0, 0, 0, 4), 64, /no segment/],
    ['entry outside', changed(24, 0, 0, 0, 0, 0, 0x20, 0, 0x10), 24, /executable segment/],
    ['odd entry', changed(24, 0, 0, 0, 0, 0, 0x10, 0, 0x11), 24, /multiple of 4/],
    ['more in the file than in memory', changed(64 + 40, 0, 0, 0, 0, 0, 0, 0, 1), 64 + 40, /p_filesz <= p_memsz/],
    ['above user space', changed(120 + 16, 0, 0, 8), 120 + 16, /up to 0x80000000000/],
    ['wrapping around', changed(120 + 40, 255, 255, 255, 255, 255, 255, 255, 255), 120 + 16, /up to/],
    ['on page 0', changed(64 + 16, 0, 0, 0, 0, 0, 0, 0, 0), 64 + 16, /addresses from 0x2000/],
    ['overlapping', changed(64 + 40, 0, 0, 0, 0, 0, 0x20, 0, 0), 120 + 16, /overlaps/],
    ['not congruent', changed(120 + 8, 0, 0, 0, 0, 0, 0, 0x40, 0x18), 120 + 8, /same place within a page/],
    ['segment cut off', changed(64 + 8, 0, 0, 0, 0, 0, 0, 0x60, 0), 64 + 8, /at most the length|beyond the end/],
    ['strange program headers', changed(54, 0, 32), 54, /headers of 32 bytes/],
  ]
  for (const [what, bytes, where, message] of cases)
    it(what, () => {
      const error = refusal(bytes)
      expect(error.message).toMatch(message)
      if (what !== 'segment cut off') expect(error.where).toBe(where)
      expect(error.expected).not.toBe('')
    })

  it('cut off anywhere', () => {
    for (let length = 0; length < 2 * 8192 + 20; length += length < 200 ? 1 : 997) refusal(good.subarray(0, length))
  })

  it('or mutated anywhere: nothing but ElfError, never a hang, contents only from the file', () => {
    const edit = fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 }))
    const tail = fc.tuple(fc.integer({ min: good.length - 320, max: good.length - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(
        fc.array(fc.oneof(edit, tail), { minLength: 1, maxLength: 8 }),
        fc.nat({ max: good.length }),
        (edits, cut) => {
          const bytes = good.slice(0, cut % 3 === 0 ? cut : good.length)
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value
          for (const read of [parseElf, readSymbols])
            try {
              const result = read(bytes)
              if ('segments' in result)
                for (const { va, contents, memoryBytes } of result.segments) {
                  expect(BigInt(contents.length) <= memoryBytes).toBe(true)
                  expect(va + memoryBytes <= 1n << 43n).toBe(true)
                  expect(contents.buffer).toBe(bytes.buffer)
                }
            } catch (error) {
              expect(error).toBeInstanceOf(ElfError)
            }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
