import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disassemble, makeRows } from '../../src/isa'
import { asm } from '../../src/isa/asm'
import { type Assembled, assemble } from '../../src/isa/assemble'
import { wordsOf } from './instruction-words'

function words({ bytes }: Assembled): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length >> 2 }, (_, index) =>
    view
      .getUint32(index * 4)
      .toString(16)
      .padStart(8, '0'),
  )
}

describe('instructions', () => {
  it('have the words of the V9 formats', () => {
    // Words by the formats of V9 6.2, op / rd / op3 / rs1 / i / src2 put together by hand.
    const source = 'add %g1, %g2, %g3\n ldx [%o0 + 8], %o1\n sethi %hi(0xdeadbeef), %l0\n retry\n membar #Sync'
    expect(words(assemble(source))).toEqual(['86004002', 'd25a2008', '2137ab6f', '83f00000', '8143e040'])
  })

  it('are assembled from the text of the disassembler, for words of every row', () => {
    const rows = makeRows()
    const anyWord = fc.integer({ min: 0, max: rows.length - 1 }).chain((index) => wordsOf(rows[index]!))
    const origin = 0x4000_0000n
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 50, maxLength: 50 }), (sample) => {
        const texts = sample.map((word, index) => disassemble(word, origin + BigInt(index) * 4n))
        const known = texts.map((text) => (text === 'unknown' || hasOddQuad(text) ? 'nop' : text))
        const made = assemble(known.join('\n'), { origin })
        const again = words(made).map((word, index) =>
          disassemble(Number.parseInt(word, 16), origin + BigInt(index) * 4n),
        )
        expect(again.map(withoutClr)).toEqual(known.map(withoutClr))
      }),
      { numRuns: 60 },
    )
  })

  it('take the symbols of the caller as constants', () => {
    const symbols = { SIZE: 8n, WIDE: 0x12345678n }
    const source = 'set SIZE, %g1\n set WIDE, %g1\n ld [%g2 + SIZE * 2], %g3'
    expect(words(assemble(source, { symbols }))).toEqual(['82102008', '03048d15', '82106278', 'c600a010'])
  })

  it('reach their targets forwards and backwards, wherever the origin lies', () => {
    const source = 'top: ba,pt %xcc, end\n nop\n call top\n nop\nend: brnz %o0, top'
    const near = words(assemble(source))
    expect(near).toEqual(['10680004', '01000000', '7ffffffe', '01000000', '0afa3ffc'])
    expect(words(assemble(source, { origin: 0xffff_ffff_f000_0000n }))).toEqual(near)
  })
})

/** objdump prints registers that no quad can start at; the assembler refuses them. */
function hasOddQuad(text: string): boolean {
  const isQuad = /^(?:f[a-z]*q|fq|ldq|stq|f[sdxi]toq|fdmulq)/.test(text)
  return isQuad && [...text.matchAll(/%f(\d+)/g)].some(([, number]) => Number(number) % 4 !== 0)
}

/** objdump calls `or %g0, 0` clr, and gas makes `or %g0, %g0` of it. */
function withoutClr(text: string): string {
  return text.replace(/^clr (%.*)$/, 'mov %g0, $1')
}

describe('symbols', () => {
  it('are given with the addresses they have behind the origin', () => {
    const made = assemble('a: nop\n b: nop\n c = b - a\n .set d, b + 1\n 1: nop', { origin: 0x1000n })
    expect([...made.symbols]).toEqual([
      ['a', 0x1000n],
      ['b', 0x1004n],
      ['c', 4n],
      ['d', 0x1005n],
    ])
  })

  it('set again have the value of the moment', () => {
    expect([...assemble('x = 1\n .byte x\n x = x + 1\n .byte x\n .byte y\n y = 9').bytes]).toEqual([1, 2, 9])
  })

  it('of number labels mean the nearest one', () => {
    expect([...assemble('1: .byte 2f - 1b\n 2: .byte 1f - 2b\n 1: .byte 1b - 2b, 1f - 1b\n 1:').bytes]).toEqual([
      1, 1, 1, 2,
    ])
  })
})

describe('sections', () => {
  it('follow each other: code, constants, data, and .bss without bytes', () => {
    const source = `
      .data
      value: .xword code
      .section .rodata
      text: .asciz "abc"
      .text
      code: nop
      .bss
      .align 16
      zeros: .skip 32`
    const made = assemble(source, { origin: 0x100n })
    expect(made.sections.map(({ name, address, size }) => [name, address, size])).toEqual([
      ['.text', 0x100n, 4],
      ['.rodata', 0x104n, 4],
      ['.data', 0x108n, 8],
      ['.bss', 0x110n, 32],
    ])
    expect(words(made)).toEqual(['01000000', '61626300', '00000000', '00000100'])
    expect(made.symbols.get('zeros')).toBe(0x110n)
  })
})

describe('the asm template', () => {
  it('puts in numbers of either sign, wide numbers, and names', () => {
    const register = '%o3'
    const made = asm`
      add ${register}, ${-4}, %o0
      ld [%g1 + ${8n}], %g2
      .xword ${0xffff_ffff_ffff_ffffn}, ${-1n}`
    expect(words(made)).toEqual(['9002fffc', 'c4006008', ...Array(4).fill('ffffffff')])
  })

  it('keeps backslashes for macros and strings', () => {
    expect(
      asm`
      .macro two x
      .byte \x, \x
      .endm
      two 7
      .ascii "\n"`.bytes,
    ).toEqual(Uint8Array.of(7, 7, 10))
  })

  it('takes an origin and symbols', () => {
    const made = asm.with({ origin: 0x4000n, symbols: { N: 3n } })`here: .xword here + N`
    expect(words(made)).toEqual(['00000000', '00004003'])
  })

  it('refuses numbers that it cannot write exactly', () => {
    expect(() => asm`set ${2 ** 60}, %g1`).toThrow(RangeError)
    expect(() => asm`set ${0.5}, %g1`).toThrow(RangeError)
    expect(() => asm`.xword ${1n << 64n}`).toThrow(RangeError)
  })
})
