import { describe, expect, test } from 'vitest'
import { decodeSfsr } from '../../src/mmu/index'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

describe('what a trap leaves in the registers (UltraSPARC-I table 6-3)', () => {
  test('a data miss writes tag access only', () => {
    const m = mmu().setRegister('primaryContext', 0x123)
    m.translate(0x7f_1234_5678n, { context: 'primary', privileged: false })
    expect(m.register('dataTagAccess')).toBe(0x7f_1234_4123n)
    expect(m.register('dataSfsr')).toBe(0n)
    expect(m.register('dataSfar')).toBe(0n)
    expect(m.register('instructionTagAccess')).toBe(0n)
  })

  test('an instruction miss writes its tag access only', () => {
    const m = mmu().setRegister('primaryContext', 0x123)
    m.translate(0x7f_1234_5678n, { access: 'fetch', context: 'primary' })
    expect(m.register('instructionTagAccess')).toBe(0x7f_1234_4123n)
    expect(m.register('instructionSfsr')).toBe(0n)
    expect(m.register('dataTagAccess')).toBe(0n)
  })

  test('a nucleus miss has context 0, a secondary one the secondary context', () => {
    const m = mmu().setRegister('primaryContext', 1).setRegister('secondaryContext', 2)
    m.translate(0x4000, { context: 'nucleus' })
    expect(m.register('dataTagAccess')).toBe(0x4000n)
    m.translate(0x4000, { context: 'secondary' })
    expect(m.register('dataTagAccess')).toBe(0x4002n)
  })

  test('a protection trap writes SFSR, SFAR and tag access; FT stays 0', () => {
    const m = mmu().setRegister('secondaryContext', 3)
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 3 })
    m.translate(0x2468, { access: 'store', context: 'secondary', privileged: false, asi: 0x11 })
    expect(m.sfsr()).toMatchObject({
      asi: 0x11,
      faultType: 0,
      sideEffect: false,
      context: 'secondary',
      privileged: false,
      write: true,
      overwritten: false,
      valid: true,
    })
    expect(m.register('dataSfar')).toBe(0x2468n)
    expect(m.register('dataTagAccess')).toBe(0x2003n)
  })

  test('a data access exception writes SFSR, SFAR and tag access, E from the entry', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true, sideEffect: true })
    m.translate(0x2468, { privileged: false })
    expect(m.sfsr()).toMatchObject({ faultType: 1, sideEffect: true, context: 'nucleus', asi: 0x04, write: false })
    expect(m.register('dataSfar')).toBe(0x2468n)
    expect(m.register('dataTagAccess')).toBe(0x2000n)
  })

  test('an instruction access exception writes I-SFSR: W and E 0, ASI that of the trap level (table 6-6)', () => {
    const m = mmu().setRegister('primaryContext', 4)
    m.loadEntry({ va: 0x2000, pa: 0x4000, global: true, privileged: true, side: 'instruction' })
    m.translate(0x2004, { access: 'fetch', context: 'primary', privileged: false })
    expect(m.sfsr('instruction')).toMatchObject({
      asi: 0x80,
      faultType: 1,
      sideEffect: false,
      context: 'primary',
      privileged: false,
      write: false,
      overwritten: false,
      valid: true,
    })
    expect(m.register('instructionTagAccess')).toBe(0x2004n)
    expect(m.register('dataSfsr')).toBe(0n)
    m.translate(0x2004, { access: 'fetch', context: 'nucleus', privileged: false })
    expect(m.sfsr('instruction')).toMatchObject({ asi: 0x04, context: 'nucleus', overwritten: true })
  })

  test('OW tells that FV was still set, until SFSR is written 0 (6.9.4)', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.translate(0x2000, { access: 'store' })
    expect(m.sfsr().overwritten).toBe(false)
    m.translate(0x2008, { access: 'store' })
    expect(m.sfsr().overwritten).toBe(true)
    expect(m.register('dataSfar')).toBe(0x2008n)
    m.setRegister('dataSfsr', 0)
    m.translate(0x2010, { access: 'store' })
    expect(m.sfsr()).toMatchObject({ overwritten: false, valid: true })
  })

  test('a miss does not disturb a recorded fault', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000 })
    m.translate(0x2000, { access: 'store' })
    const before = m.register('dataSfsr')
    m.translate(0x8000)
    expect(m.register('dataSfsr')).toBe(before)
    expect(m.register('dataSfar')).toBe(0x2000n)
    expect(m.register('dataTagAccess')).toBe(0x8000n)
  })

  test('SFAR and tag access are sign-extended from bit 43 (14.1.6)', () => {
    const m = mmu()
    m.translate(0x0800_0000_1234n)
    expect(m.register('dataSfar')).toEqualU64(0xffff_f800_0000_1234n)
    expect(m.register('dataTagAccess')).toEqualU64(0xffff_f800_0000_0000n)
    m.translate(0xffff_f700_0000_1234n)
    expect(m.register('dataSfar')).toEqualU64(0x0700_0000_1234n)
  })

  test('AS_IF_USER: checked as a user, PR tells the real privilege', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
    const request = {
      va: 0x2000n,
      context: 'nucleus',
      access: 'load',
      privileged: false,
      supervisor: true,
      asi: 0x10,
    } as const
    expect(m.mmu.translateData(request)).toBe(false)
    expect(m.sfsr()).toMatchObject({ faultType: 1, privileged: true })
  })

  test('an access that succeeds changes no register', () => {
    const m = mmu()
    m.loadEntry({ va: 0x2000, pa: 0x4000, writable: true })
    m.translate(0x2000, { access: 'atomic' })
    for (const name of ['dataSfsr', 'dataSfar', 'dataTagAccess'] as const) expect(m.register(name)).toBe(0n)
  })
})

describe('faults found elsewhere (UltraSPARC-I 6.4.6, 6.4.8, 6.9.4, table 6-11)', () => {
  test('mem_address_not_aligned: SFSR with FT 0, and SFAR', () => {
    const m = mmu()
    m.mmu.recordDataFault({ va: 0x1003n, asi: 0x80, context: 'primary', privileged: false, write: true })
    expect(m.sfsr()).toMatchObject({
      asi: 0x80,
      faultType: 0,
      context: 'primary',
      privileged: false,
      write: true,
      valid: true,
    })
    expect(m.register('dataSfar')).toBe(0x1003n)
    expect(m.register('dataTagAccess')).toBe(0n)
  })

  test('privileged_action: context 3, for the ASI may be any', () => {
    const m = mmu()
    m.mmu.recordDataFault({ va: 0x18n, asi: 0x58, privileged: false, write: false })
    expect(m.sfsr()).toMatchObject({ asi: 0x58, context: 'none', privileged: false })
  })

  test('an illegal ASI has fault type 0x08', () => {
    const m = mmu()
    m.mmu.recordDataFault({ va: 0n, asi: 0x40, privileged: true, write: false, faultType: 0x08 })
    expect(m.register('dataSfsr')).toBe(BigInt((0x40 << 16) | (8 << 7) | (3 << 4) | 8 | 1))
  })

  test('a jump into the hole has fault type 0x40 (14.1.6)', () => {
    const m = mmu()
    expect(m.mmu.inRange(0x0800_0000_0000n)).toBe(false)
    expect(m.mmu.inRange(0xffff_f800_0000_0000n)).toBe(true)
    m.mmu.recordInstructionFault({ context: 'primary', privileged: true, faultType: 0x40 })
    expect(m.sfsr('instruction')).toMatchObject({ faultType: 0x40, asi: 0x80, privileged: true, valid: true })
  })
})

describe('probe', () => {
  test('says what a translation would, and leaves no trace', () => {
    const m = mmu().setRegister('primaryContext', 5)
    m.loadEntry({ va: 0x2000, pa: 0x4000, context: 5, privileged: true })
    const before = m.mmu.entries('data')
    const generation = m.mmu.instructionGeneration
    expect(m.probe(0x2000, { context: 'primary' })).toMatchObject({ ok: true, pa: 0x4000n })
    expect(m.probe(0x2000, { context: 'primary', privileged: false })).toFault('data_access_exception', 1)
    expect(m.probe(0x2000, { context: 'primary', access: 'store' })).toFault('fast_data_access_protection')
    expect(m.probe(0x9000)).toFault('fast_data_access_MMU_miss')
    expect(m.probe(0x9000, { access: 'fetch' })).toFault('fast_instruction_access_MMU_miss')
    expect(m.mmu.entries('data')).toEqual(before)
    for (const name of ['dataSfsr', 'dataSfar', 'dataTagAccess', 'instructionTagAccess'] as const)
      expect(m.register(name)).toBe(0n)
    expect(m.mmu.instructionGeneration).toBe(generation)
    expect(m.mmu.trap).toBeUndefined()
  })
})

test('SFSR fields are where the manual has them (UltraSPARC-I 6.9.4, figure 6-7)', () => {
  const all = {
    asi: 0xa5,
    faultType: 0x55,
    sideEffect: true,
    privileged: true,
    write: true,
    overwritten: true,
    valid: true,
    noFault: false,
    miss: false,
  }
  expect(decodeSfsr(0xa5_2acfn | (1n << 4n))).toEqual({ ...all, context: 'secondary' })
})

describe('an atomic access to a register (UltraSPARC-I table 6-11)', () => {
  const VALID = 1n << 63n
  const CP = 1n << 5n

  test.each([
    ['cacheable', CP, 8],
    ['uncacheable', 0n, 4],
  ] as const)('at D-TLB Data Access tells whether the page of the entry is cacheable: %s', (_, cp, faultType) => {
    const { mmu: m } = mmu()
    m.storeAsi(0x5d, 3n << 3n, VALID | (cp ^ CP))
    m.storeAsi(0x5d, 5n << 3n, VALID | cp)
    expect(m.atomicRefusal(0x5d, 5n << 3n)).toBe(faultType)
    expect(m.atomicRefusal(0x5d, 3n << 3n)).toBe(12 - faultType)
  })

  test.each([0x50, 0x54, 0x55, 0x58, 0x5c, 0x45])('is one of the wrong size elsewhere: ASI %i', (asi) => {
    const { mmu: m } = mmu()
    m.storeAsi(0x55, 0n, VALID)
    expect(m.atomicRefusal(asi, 0n)).toBe(8)
  })
})
