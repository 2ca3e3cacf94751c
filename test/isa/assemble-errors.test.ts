import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssemblyError, assemble } from '../../src/isa/assemble'

function errorOf(source: string): AssemblyError {
  try {
    assemble(source, { file: 'boot.s' })
  } catch (error) {
    if (error instanceof AssemblyError) return error
    throw error
  }
  throw new Error(`assembled although it should not: ${source}`)
}

describe('bad assembly', () => {
  it.each([
    ['nop\n foo %g1', 2, 2, "no instruction or directive is called 'foo'"],
    [' .foo 1', 1, 2, "no directive is called '.foo'"],
    [' add %g1, %g2', 1, 14, "expected ',', found the end of the statement"],
    [' add %g1, %q2, %g3', 1, 11, "expected a register or an expression, found '%q2, %g3'"],
    [' add %g1, %g2, %g3, %g4', 1, 19, "expected the end of the statement, found ', %g4'"],
    [' add %g1, 4096, %g3', 1, 11, 'expected a value from -4096 to 4095, found 4096'],
    [' sll %g1, 32, %g3', 1, 11, 'expected a value from 0 to 31, found 32'],
    [' ta 128', 1, 5, 'expected a value from 0 to 127, found 128'],
    [' ld [%g1 + %g2 + %g3], %g4', 1, 16, "expected ']', found '+ %g3], %g4'"],
    [' ld [%g1, %g4', 1, 9, "expected ']', found ', %g4'"],
    [' lda [%g1 + 4] 0x80, %g2', 1, 16, "expected '%asi', found '0x80, %g2'"],
    [' lda [%g1] #ASI_NONE, %g2', 1, 13, "expected an ASI name after #, found 'ASI_NONE, %g2'"],
    [' lda [%g1] 256, %g2', 1, 12, 'expected a value from 0 to 255, found 256'],
    [' membar #Everything', 1, 10, "expected a membar bit after #, found 'Everything'"],
    [
      ' faddd %f1, %f2, %f4',
      1,
      8,
      "expected a floating-point register with an even number up to %f62, found '%f1, %f2, %f4'",
    ],
    [' bne,pn foo\nfoo:', 1, 9, "expected '%icc', found 'foo'"],
    [' brz,a,a %g1, .', 1, 5, 'brz does not take ,a,a with these operands'],
    [' ba nowhere', 1, 5, "symbol 'nowhere' is not defined"],
    [' ba 1f', 1, 5, "symbol '1f' is not defined"],
    [' ba 1b', 1, 5, 'no local label 1: stands before this'],
    [' ba . + 2', 1, 5, 'expected a target at a multiple of 4 bytes, found a distance of 2'],
    [' brz %g1, . + 0x20000', 1, 11, 'expected a target within 131072 bytes, found a distance of 131072'],
    ['a: nop\n\n a: nop', 3, 2, "symbol 'a' is already defined"],
    [' a = b\n b = a + 1\n .word a', 2, 2, "symbol 'b' is defined in terms of itself"],
    [' .byte 256', 1, 8, 'expected a value of 8 bits, found 256'],
    [' .byte 1 +', 1, 11, 'expected an expression, found the end of the statement'],
    [' .byte 1 / 0', 1, 10, 'division by zero'],
    [' .byte 09', 1, 8, "expected octal digits after 0, found '09'"],
    [' .byte 1\n nop', 2, 2, 'expected instructions at a multiple of 4 bytes, found offset 1'],
    [' .align 3', 1, 10, 'expected an alignment that is a power of two up to 16777216, found 3'],
    [' .skip -1', 1, 8, 'expected a number of bytes from 0 to 268435456, found -1'],
    [' .skip later\n later = 4', 1, 8, "expected a number of bytes that is known here; 'later' is not defined yet"],
    [' .skip 1 << 60', 1, 8, 'expected a number of bytes from 0 to 268435456, found 1152921504606846976'],
    [' nop\n .org 0', 2, 8, 'expected a place at or behind 4, found 0'],
    [' .ascii "abc', 1, 9, 'string without an end: expected " on the same line'],
    [' nop /* \n', 1, 6, 'comment without an end: expected */'],
    [' .if 1\n nop', 1, 2, '.if without an end: expected .endif'],
    [' .else', 1, 2, 'no .if stands before this'],
    [' .macro m\n nop', 1, 2, 'block without an end: expected .endm'],
    [' .rept 2\n nop', 1, 2, 'block without an end: expected .endr'],
    [' .macro m a:req\n .endm\n m', 3, 3, "macro 'm' needs a value for 'a'"],
    [' .macro m a\n .endm\n m 1, 2', 3, 7, "expected at most 1 arguments for macro 'm', found '2'"],
    [' .bss\n .word 1', 2, 8, 'section .bss holds no contents: expected .skip or .space'],
    [' set 0x100000000, %g1', 1, 2, 'expected a number of 32 bits, found 4294967296'],
    [' .error "stop here"', 1, 2, 'stop here'],
    [' nop\n%g1', 2, 1, "expected a label, a directive or an instruction, found '%g1'"],
  ])('%j is refused where it goes wrong', (source, line, column, message) => {
    const error = errorOf(source)
    expect({ line: error.line, column: error.column, message: error.message }).toEqual({
      line,
      column,
      message: `boot.s:${line}:${column}: ${message}`,
    })
    expect(error.file).toBe('boot.s')
  })

  it('of a macro is refused where the macro is used, with the line of its body', () => {
    const error = errorOf(' .macro bad\n nop\n frob %g1\n .endm\n nop\n bad')
    expect(error.line).toBe(6)
    expect(error.message).toContain("no instruction or directive is called 'frob' (in macro 'bad', line 3)")
  })

  it('behind a line marker is refused in the file that it names', () => {
    const error = errorOf('# 40 "other.S"\n nop\n frob')
    expect([error.file, error.line]).toEqual(['other.S', 41])
  })

  it.each([
    ['a macro that calls itself', ' .macro m\n m\n .endm\n m', /nested more than/],
    ['a repetition of repetitions', ' .rept 9999999\n .rept 9999999\n .endr\n .endr', /at most \d+ statements/],
    ['an image without bounds', ' .rept 9\n .skip 0x8000000\n .endr', /bytes of output/],
    ['an expression that doubles', ` a = u\n${' a = a + a\n'.repeat(64)} .xword a`, /at most \d+ terms/],
    ['brackets without end', ` .xword ${'('.repeat(100_000)}`, /levels of nesting/],
    ['minus signs without end', ` .xword ${'-'.repeat(100_000)}1`, /levels of nesting/],
    ['a sum without end', ` .xword 1${'+1'.repeat(100_000)}`, /at most \d+ terms/],
  ])('%s ends with an error', (_, source, message) => {
    expect(errorOf(source).message).toMatch(message)
  })

  it('of any kind is refused with a typed error, in little time', () => {
    const fragment = fc.constantFrom(
      ...[
        'add',
        '%g1',
        ',',
        '[',
        ']',
        '+',
        '-',
        '(',
        ')',
        '%hi(',
        '%',
        '1f',
        '1b',
        '1:',
        'x:',
        'x',
        '=',
        '.',
        '"',
        "'",
        '\\',
      ],
      ...[
        '.word',
        '.macro',
        '.endm',
        '.rept',
        '.endr',
        '.if',
        '.else',
        '.endif',
        '.align',
        '.org',
        '.skip',
        '.set',
        '\n',
        ' ',
      ],
      ...[
        '0x',
        '9',
        '077',
        '08',
        '#',
        '!',
        '/*',
        '*/',
        '//',
        ';',
        'ba,a',
        'ld',
        'set',
        'setx',
        '\\x',
        '\\@',
        '.irp',
        '%asi',
      ],
    )
    const source = fc.oneof(
      fc.array(fragment, { maxLength: 30 }).map((parts) => parts.join(' ')),
      fc.string({ maxLength: 60 }),
    )
    fc.assert(
      fc.property(source, (text) => {
        try {
          assemble(text)
        } catch (error) {
          expect(error).toBeInstanceOf(AssemblyError)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
