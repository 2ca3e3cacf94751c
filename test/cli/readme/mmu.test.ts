import { expect, test } from 'vitest'
import { machine, mmu } from '../../../src/testing'
import '../../../src/testing/vitest'

test('a store to a page without W takes fast_data_access_protection', () => {
  const m = mmu()
  m.loadEntry({ va: 0x4000, pa: 0x8000, context: 7 })
  expect(m).toTranslate(0x4008, { context: 7 }).to(0x8008)
  expect(m.translate(0x4008, { context: 7, access: 'store' })).toFault('fast_data_access_protection')
})

test('demapping a context leaves its global entries', () => {
  const m = mmu()
  m.loadEntry({ va: 0x4000, pa: 0x8000, context: 7 })
  m.loadEntry({ va: 0x6000, pa: 0xa000, context: 7, global: true })
  m.setRegister('secondaryContext', 7).demapContext('secondary')
  expect(m).not.toHoldEntry({ va: 0x4000 })
  expect(m).toHoldEntry({ va: 0x6000, pa: 0xa000, global: true })
})

test('a miss leaves address and context in tag access', () => {
  const m = machine().translate([{ va: 0x10000, pa: 0x10000 }])
  const { trap } = m.run('ldx [%g1], %g2', { registers: { '%g1': 0x7654321 } })
  expect(trap?.name).toBe('mem_address_not_aligned')
  expect(m.run('ldx [%g1], %g2', { registers: { '%g1': 0x7654320 } }).trap?.name).toBe('fast_data_access_MMU_miss')
  expect(m.mmus[0]!.register('dataTagAccess')).toEqualU64(0x7654000)
})
