import { describe, expect, it } from 'vitest'
import { FLAG_DZ, FLAG_NV, FLAG_NX, FLAG_OF, FLAG_TINY, FLAG_UF, settleExceptions } from '../../../src/isa/softfloat'

describe('FSR.cexc after an operation (V9 5.1.7)', () => {
  it('has invalid, overflow, underflow, division by zero and inexact in this order', () => {
    expect([FLAG_NV, FLAG_OF, FLAG_UF, FLAG_DZ, FLAG_NX]).toEqual([0x10, 8, 4, 2, 1])
  })

  it.each([
    ['nothing enabled: all raised flags', FLAG_OF | FLAG_NX, 0, FLAG_OF | FLAG_NX, false],
    ['overflow enabled: overflow alone', FLAG_OF | FLAG_NX, FLAG_OF | FLAG_NX, FLAG_OF, true],
    ['only inexact enabled: inexact alone', FLAG_OF | FLAG_NX, FLAG_NX, FLAG_NX, true],
    ['an exact tiny result is no underflow', FLAG_TINY, 0, 0, false],
    ['an exact tiny result traps if underflow is enabled', FLAG_TINY, FLAG_UF, FLAG_UF, true],
    ['an inexact tiny result is underflow and inexact', FLAG_TINY | FLAG_UF | FLAG_NX, 0, FLAG_UF | FLAG_NX, false],
    ['underflow goes before inexact', FLAG_TINY | FLAG_UF | FLAG_NX, FLAG_UF | FLAG_NX, FLAG_UF, true],
    ['an enabled flag that was not raised does not trap', FLAG_NX, FLAG_NV | FLAG_DZ | FLAG_OF, FLAG_NX, false],
    ['invalid', FLAG_NV, FLAG_NV, FLAG_NV, true],
  ])('%s', (_, raised, enabled, cexc, traps) => {
    expect(settleExceptions(raised, enabled)).toEqual({ cexc, traps })
  })

  const outcomes = [0, FLAG_NV, FLAG_DZ, FLAG_OF | FLAG_NX, FLAG_NX, FLAG_TINY, FLAG_TINY | FLAG_UF | FLAG_NX]
  it.each(outcomes)('outcome %i with each mask of traps: one bit if it traps, else all that were raised', (raised) => {
    for (let enabled = 0; enabled < 32; enabled++) {
      const tiny = raised & FLAG_TINY && enabled & FLAG_UF
      const trapping = (raised | tiny) & enabled & 31
      const first = trapping & ~FLAG_NX || trapping
      const expected = trapping === 0 ? { cexc: raised & 31, traps: false } : { cexc: first, traps: true }
      expect(settleExceptions(raised, enabled)).toEqual(expected)
    }
  })
})
