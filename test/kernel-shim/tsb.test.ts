import { describe, expect, it } from 'vitest'
import { tsb_entry, tsb_tag } from '../../src/kernel-shim/tsb'
import { mmu } from '../../src/testing/index'

const TSB = 0x40_2000n
/** The kernel's TSB of 512 entries: size code 0. */
const TSB_REGISTER = TSB

describe('what the kernel writes into a TSB is what the MMU looks for (UltraSPARC-I 6.3.1, 6.9.2)', () => {
  it.each([
    [0x2000n, 1n],
    [0x70_0000_0000n, 0x1fffn],
    [0x7ff_ffff_e000n, 0x1555n],
    [0x20_6000n, 0x0abcn],
    [0x40_0000n, 3n],
    [0xffff_f800_0000_2000n, 7n],
  ])('page %i in context %i', (va, context) => {
    const m = mmu().setRegister('dataTsb', TSB_REGISTER).setRegister('primaryContext', context)
    expect(m.translate(va + 0x18n, { context: 'primary' }).ok).toBe(false)
    expect(tsb_tag(context, va)).toBe(m.register('dataTagTarget'))
    expect(tsb_entry(TSB, va)).toBe(m.register('dataTsbPointer8K'))
  })
})
