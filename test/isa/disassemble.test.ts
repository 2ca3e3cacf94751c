import { describe, expect, it } from 'vitest'
import { disassemble } from '../../src/isa'

/** Texts of objdump 2.40, -m sparc:v9b. */
const CASES: readonly (readonly [word: number, text: string])[] = [
  [0x9de3_bf40, 'save %sp, -192, %sp'],
  [0x8200_7801, 'add %g1, -2047, %g1'],
  [0x9002_2001, 'inc %o0'],
  [0x9002_2004, 'add %o0, 4, %o0'],
  [0x9410_2000, 'clr %o2'],
  [0x9412_8000, 'mov %o2, %o2'],
  [0x80a2_2000, 'cmp %o0, 0'],
  [0x0316_747f, 'sethi %hi(0x59d1fc00), %g1'],
  [0x0100_0000, 'nop'],
  [0x81c7_e008, 'ret'],
  [0x81c3_e008, 'retl'],
  [0x9fc0_4000, 'call %g1'],
  [0x4000_0001, 'call 0x10004'],
  [0x12bf_ffff, 'bne 0xfffc'],
  [0x3240_0004, 'bne,a,pn %icc, 0x10010'],
  [0x3048_0002, 'b,a %icc, 0x10008'],
  [0x91d0_206d, 'ta 0x6d'],
  [0x91d0_3005, 'ta %xcc, -4091'],
  [0x8143_e00f, 'membar #StoreStore|#LoadStore|#StoreLoad|#LoadLoad'],
  [0xc058_b3e4, 'ldx [ %g2 + -3100 ], %g0'],
  [0xc0dc_8bc0, 'ldxa [ %l2 ] #ASI_DTLB_TAG_READ, %g0'],
  [0xc4f8_4001, 'swapa [ %g1 + %g1 ] (0), %g2'],
  [0xd5f2_100b, 'casx [ %o0 ], %o3, %o2'],
  [0xd5e2_200b, 'casa [ %o0 ] %asi, %o3, %o2'],
  [0xc022_2000, 'clr [ %o0 ]'],
  [0xc168_4000, 'prefetch [ %g1 ], #n_reads'],
  [0xb780_2080, 'wr 0x80, %asr27'],
  [0x8590_6003, 'wrpr %g1, 3, %tstate'],
  [0x8f90_2001, 'wrpr 1, %tl'],
  [0x0000_0005, 'illtrap 0x5'],
]

describe('disassemble', () => {
  it.each(CASES.map(([word, text]) => [word.toString(16).padStart(8, '0'), text, word] as const))(
    '%s is %s',
    (_, text, word) => expect(disassemble(word, 0x1_0000)).toBe(text),
  )

  it('takes a signed word for the same as an unsigned one', () => {
    expect(disassemble(0x9de3_bf40 | 0, 0)).toBe('save %sp, -192, %sp')
  })

  it('prints targets as 64-bit addresses', () => {
    expect(disassemble(0x10bf_ffff, 0)).toBe('b 0xfffffffffffffffc')
    expect(disassemble(0x1080_0001, 0xffff_ffff_ffff_fffcn)).toBe('b 0x0')
  })

  it('knows nothing of reserved bits, of holes in the opcode space and of the gate', () => {
    for (const word of [0x8000_1000, 0x81d8_0020, 0x01c0_0000, 0x81b8_2061])
      expect(disassemble(word, 0)).toBe('unknown')
  })
})
