import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  annulOf,
  compilePattern,
  displacementOf,
  getField,
  immediateOf,
  reservedBitsSet,
  selectsImmediate,
  withField,
} from '../../src/isa'

const ADD = { pattern: '10 rd 000000 rs1 i src2' }
const BRANCH = { pattern: '00 a 1000 010 disp22' }
const CALL = { pattern: '01 disp30' }
const ON_REGISTER = { pattern: '00 a 0 001 011 d16hi p rs1 d16lo' }
const word32 = fc.integer({ min: 0, max: 0xffff_ffff })

describe('a pattern', () => {
  it('gives the mask and value of its literal bits', () => {
    const { mask, value } = compilePattern(ADD.pattern)
    expect(mask.toString(16)).toBe('c1f80000')
    expect(value.toString(16)).toBe('80000000')
  })

  it('reserves the bits that the second operand leaves over', () => {
    expect(reservedBitsSet(ADD, 0x8000_0020)).toBe(0x20)
    expect(reservedBitsSet(ADD, 0x8000_2020)).toBe(0)
    expect(reservedBitsSet({ pattern: '10 rd 100101 rs1 i 0 src2_shift32' }, 0x8128_2020)).toBe(0x20)
    expect(reservedBitsSet({ pattern: '10 rd 100101 rs1 i 1 src2_shift64' }, 0x8128_3020)).toBe(0)
  })

  it.each([
    ['10 rd 000000 rs1 i', '19 bits, expected 32'],
    ['10 rd 000000 rs1 i src2 0', '33 bits, expected 32'],
    ['10 rs1 000000 rd i src2', 'rs1 lies at bit 14, not 25'],
    ['10 rd 000000 rs1 i source', "no field of an instruction word is called 'source'"],
  ])('%s is refused', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message)
  })
})

describe('fields', () => {
  test.prop([word32, fc.constantFrom('rd', 'rs1', 'rs2', 'simm13', 'imm22', 'disp30', 'd16hi', 'imm_asi'), word32])(
    'hold what is put in and leave the other bits',
    (word, name, bits) => {
      const field = { rd: [25, 5], rs1: [14, 5], rs2: [0, 5], simm13: [0, 13], imm22: [0, 22] }
      const [shift, width] = { ...field, disp30: [0, 30], d16hi: [20, 2], imm_asi: [5, 8] }[name] as [number, number]
      const changed = withField(word, name, bits)
      expect(getField(changed, name)).toBe(bits % 2 ** width)
      expect(withField(changed, name, Math.floor(word / 2 ** shift) % 2 ** width)).toBe(word)
    },
  )
})

describe('immediates', () => {
  it('are sign-extended, and 0 if the word selects rs2', () => {
    expect(immediateOf(ADD, 0x8000_3fff)).toBe(-1n)
    expect(immediateOf(ADD, 0x8000_2fff)).toBe(0xfffn)
    expect(immediateOf(ADD, 0x8000_1fff)).toBe(0n)
    expect(selectsImmediate(ADD, 0x8000_1fff)).toBe(false)
  })

  it('of sethi are its field times 1024', () => {
    expect(immediateOf({ pattern: '00 rd 100 imm22' }, 0x033f_ffff)).toBe(0xffff_fc00n)
  })
})

describe('displacements', () => {
  it('reach both ways', () => {
    expect(displacementOf(BRANCH, 0x10bf_ffff)).toBe(-4)
    expect(displacementOf(BRANCH, 0x10a0_0000)).toBe(-0x80_0000)
    expect(displacementOf(CALL, 0x5fff_ffff)).toBe(0x7fff_fffc)
    expect(displacementOf(CALL, 0x6000_0000)).toBe(-0x8000_0000)
    expect(displacementOf(ADD, 0x8000_2001)).toBe(0)
  })

  it('of a branch on a register are joined from two fields', () => {
    expect(displacementOf(ON_REGISTER, withField(withField(0, 'd16hi', 2), 'd16lo', 1))).toBe((-0x8000 + 1) * 4)
    expect(displacementOf(ON_REGISTER, withField(withField(0, 'd16hi', 1), 'd16lo', 5))).toBe((0x4000 + 5) * 4)
  })

  it('of a call do not hide an annul bit', () => {
    expect(annulOf(CALL, 0x7fff_ffff)).toBe(false)
    expect(annulOf(BRANCH, 0x30bf_ffff)).toBe(true)
    expect(annulOf(BRANCH, 0x10bf_ffff)).toBe(false)
  })
})
