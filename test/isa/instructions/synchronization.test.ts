import { describe, expect, it } from 'vitest'
import { makeDecoder, makeRows } from '../../../src/isa'
import { OperandSemantics, Trapped } from '../operand-semantics'

const decode = makeDecoder(makeRows())
const MEMBAR = 0x8143_e000
const STBAR = 0x8143_c000
const FLUSH = 0x81d8_0000
const RESERVED_FUNCTIONS = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

function eventsOf(word: number, operands: Partial<OperandSemantics> = {}): readonly string[] {
  return Object.assign(new OperandSemantics(), operands).run(decode(word)!).events
}

describe('barriers', () => {
  it('membar has the mask of its word; stbar is membar #StoreStore (V9 A.32, A.51)', () => {
    for (const membarMask of [0, 0x2, 0x40, 0x7f])
      expect(eventsOf(MEMBAR, { membarMask })).toEqual([`membar ${membarMask}`])
    expect(eventsOf(STBAR, { membarMask: 0x7f })).toEqual(['membar 8'])
  })

  it('flush is of the sum of its operands (V9 A.20)', () => {
    expect(eventsOf(FLUSH, { r1: 0x1000n, r2: 0x23n })).toEqual([`flush ${0x1023}`])
  })
})

describe('prefetch and prefetcha (V9 A.42)', () => {
  const words = (fcn: number) =>
    [0xc168_0000, 0xc168_2000, 0xc1e8_0000, 0xc1e8_2000].map((word) => (word | (fcn << 25)) >>> 0)

  it.each(Array.from({ length: 32 }, (_, fcn) => fcn))(
    'function %i is reserved, or does nothing that one can see',
    (fcn) => {
      for (const word of words(fcn)) {
        const found = decode(word)!
        expect(found.name).toBe((word >>> 19) & 0x10 ? 'prefetcha' : 'prefetch')
        const s = Object.assign(new OperandSemantics(), { floatEnabled: false, r1: 1n })
        if (RESERVED_FUNCTIONS.includes(fcn)) expect(() => s.run(found)).toThrow(new Trapped('illegal_instruction'))
        else expect(s.run(found).events).toEqual([])
      }
    },
  )
})
