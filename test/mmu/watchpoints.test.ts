import { describe, expect, test } from 'vitest'
import { LSU_DM, LSU_PM_SHIFT, LSU_PR, LSU_PW, LSU_VM_SHIFT, LSU_VR, LSU_VW } from '../../src/mmu/index'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

function watched(lsu: bigint, virtual = 0x2008, physical = 0x4008) {
  const m = mmu().setRegister('virtualWatchpoint', virtual).setRegister('physicalWatchpoint', physical)
  m.setRegister('lsuControl', lsu | LSU_DM)
  m.loadEntry({ va: 0x2000, pa: 0x4000, writable: true })
  return m
}

const anyByte = (shift: bigint) => 0xffn << shift

describe('data watchpoints (UltraSPARC-I A.5, A.6.4)', () => {
  test.each([
    ['load', LSU_VR, true],
    ['load', LSU_VW, false],
    ['store', LSU_VR, false],
    ['store', LSU_VW, true],
    ['atomic', LSU_VR, true],
    ['atomic', LSU_VW, true],
    ['quad', LSU_VR, true],
    ['flush', LSU_VR | LSU_VW, false],
  ] as const)('virtual, %s with enables %i: %s', (access, enable, traps) => {
    const m = watched(enable | anyByte(LSU_VM_SHIFT))
    const translation = m.translate(0x2008, { access })
    if (traps) expect(translation).toFault('VA_watchpoint')
    else expect(translation.ok).toBe(true)
  })

  test.each([
    ['load', LSU_PR, true],
    ['load', LSU_PW, false],
    ['store', LSU_PR, false],
    ['store', LSU_PW, true],
  ] as const)('physical, %s with enables %i: %s', (access, enable, traps) => {
    const m = watched(enable | anyByte(LSU_PM_SHIFT))
    const translation = m.translate(0x2008, { access })
    if (traps) expect(translation).toFault('PA_watchpoint')
    else expect(translation.ok).toBe(true)
  })

  test('the mask names bytes of the doubleword (table A-3: 0x32 is bytes 5, 4 and 1)', () => {
    const m = watched(LSU_VR | (0x32n << LSU_VM_SHIFT))
    const hits = [0, 1, 2, 3, 4, 5, 6, 7].filter((byte) => !m.probe(0x2008 + byte, { size: 1 }).ok)
    expect(hits).toEqual([1, 4, 5])
    expect(m.probe(0x200a, { size: 2 }).ok).toBe(true)
    expect(m.probe(0x2008, { size: 4 }).ok).toBe(false)
    expect(m.probe(0x2000, { size: 8 }).ok).toBe(true)
    expect(m.probe(0x2010, { size: 8 }).ok).toBe(true)
    expect(m.probe(0x2000, { size: 64 }).ok).toBe(false)
  })

  test('an empty mask watches nothing', () => {
    expect(watched(LSU_VR | LSU_VW | LSU_PR | LSU_PW).probe(0x2008).ok).toBe(true)
  })

  test('a virtual one comes before a miss, a physical one after the checks (table 8-6)', () => {
    const m = watched(LSU_VR | anyByte(LSU_VM_SHIFT), 0x8000)
    expect(m.probe(0x8000)).toFault('VA_watchpoint')
    const p = watched(LSU_PW | anyByte(LSU_PM_SHIFT))
    p.demapPage(0x2000).loadEntry({ va: 0x2000, pa: 0x4000 })
    expect(p.probe(0x2008, { access: 'store' })).toFault('fast_data_access_protection')
  })

  test('leave SFSR and SFAR, FT 0, and tag access alone (table 6-3)', () => {
    const m = watched(LSU_VR | anyByte(LSU_VM_SHIFT))
    m.translate(0x2008)
    expect(m.sfsr()).toMatchObject({ valid: true, faultType: 0, context: 'nucleus', asi: 0x04 })
    expect(m.register('dataSfar')).toBe(0x2008n)
    expect(m.register('dataTagAccess')).toBe(0n)
    expect(m).toHoldEntry({ va: 0x2000, used: false })
  })

  test('a physical one does, too', () => {
    const m = watched(LSU_PR | anyByte(LSU_PM_SHIFT))
    m.translate(0x2008)
    expect(m.sfsr()).toMatchObject({ valid: true, faultType: 0, context: 'nucleus', asi: 0x04 })
    expect([m.register('dataSfar'), m.register('dataTagAccess')]).toEqual([0x2008n, 0n])
  })

  test('with the D-MMU off only the physical one watches (table A-1)', () => {
    const m = watched(LSU_VR | anyByte(LSU_VM_SHIFT) | LSU_PR | anyByte(LSU_PM_SHIFT))
    m.setRegister('lsuControl', m.register('lsuControl') & ~LSU_DM)
    expect(m.probe(0x2008).ok).toBe(true)
    expect(m.probe(0x4008)).toFault('PA_watchpoint')
  })

  test('the physical one watches bypass accesses', () => {
    const m = watched(LSU_PW | anyByte(LSU_PM_SHIFT))
    const request = { va: 0x4008n, context: 'nucleus', access: 'store', privileged: true, asi: 0x14, size: 8 } as const
    expect(m.mmu.translateBypass(request, true)).toBe(false)
    expect(m.mmu.trap).toBe('PA_watchpoint')
    expect(m.mmu.translateBypass({ ...request, va: 0x4010n }, true)).toBe(true)
  })

  test.each([
    ['virtual', 'virtualWatchpoint', LSU_VR | anyByte(LSU_VM_SHIFT), 0x2010, 'VA_watchpoint'],
    ['physical', 'physicalWatchpoint', LSU_PR | anyByte(LSU_PM_SHIFT), 0x4010, 'PA_watchpoint'],
  ] as const)('an armed %s one moves with its address register', (_, register, enables, address, trap) => {
    const m = watched(enables)
    m.translate(0x2010)
    m.mmu.fillFast(0x2010n, 'nucleus', true)
    expect(m.probe(0x2008)).toFault(trap)
    m.setRegister(register, address)
    expect(m.probe(0x2008).ok).toBe(true)
    expect(m.probe(0x2010)).toFault(trap)
    m.setRegister(register, 0x10_0000)
    m.translate(0x2010)
    m.mmu.fillFast(0x2010n, 'nucleus', true)
    const fast = () => m.mmu.data.lookup(0x2010, 0, m.mmu.contextTag('nucleus', true), 8, false)
    expect(fast()).toBeGreaterThan(0)
    m.setRegister(register, address)
    expect(fast()).toBe(-1)
  })

  test('each byte of the mask is one of the doubleword, for accesses of every size at every byte', () => {
    const SIZES = [1, 2, 4, 8, 16, 64]
    for (const [shift, enable, base] of [
      [LSU_VM_SHIFT, LSU_VR, 0x2040],
      [LSU_PM_SHIFT, LSU_PR, 0x4040],
    ] as const) {
      for (const mask of [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x81, 0x5a]) {
        const m = watched(enable | (BigInt(mask) << shift), base, base)
        const hit = (at: number, size: number) =>
          Array.from({ length: size }, (_, byte) => at + byte - 0x2040).some(
            (byte) => byte >= 0 && byte < 8 && mask & (1 << byte),
          )
        for (const size of SIZES) {
          const places = Array.from({ length: 192 / size }, (_, n) => 0x2000 + n * size)
          const found = places.filter((at) => !m.probe(at, { size }).ok)
          expect(found).toEqual(places.filter((at) => hit(at, size)))
        }
      }
    }
  })

  test.each([
    ['an empty mask', LSU_VR | LSU_VW | LSU_PR | LSU_PW],
    ['no enable', anyByte(LSU_VM_SHIFT) | anyByte(LSU_PM_SHIFT)],
  ])('with %s they keep no page out of the fast table', (_, enables) => {
    const m = watched(enables)
    m.translate(0x2008)
    m.mmu.fillFast(0x2008n, 'nucleus', true)
    expect(m.mmu.data.lookup(0x2008, 0, m.mmu.contextTag('nucleus', true), 8, false)).toBeGreaterThan(0)
  })

  test('an access whose size is not told is one of 1 byte', () => {
    const request = { context: 'nucleus', access: 'load', privileged: true, asi: 4 } as const
    for (const [enable, shift] of [
      [LSU_VR, LSU_VM_SHIFT],
      [LSU_PR, LSU_PM_SHIFT],
    ] as const) {
      const { mmu: m } = watched(enable | (0x02n << shift))
      const trap = (va: bigint) => m.probe({ ...request, va }).trap !== undefined
      expect([0x2008n, 0x2009n, 0x200an].map(trap)).toEqual([false, true, false])
      if (enable !== LSU_PR) continue
      const bypassed = (va: bigint) => !m.translateBypass({ ...request, va }, true)
      expect([0x4008n, 0x4009n, 0x400an].map(bypassed)).toEqual([false, true, false])
    }
  })

  test.each([
    ['virtual', LSU_VW | anyByte(LSU_VM_SHIFT), 'VA_watchpoint', ['store', 'atomic']],
    ['virtual', LSU_VR | anyByte(LSU_VM_SHIFT), 'VA_watchpoint', ['load', 'atomic', 'quad']],
    ['physical', LSU_PW | anyByte(LSU_PM_SHIFT), 'PA_watchpoint', ['store', 'atomic']],
    ['physical', LSU_PR | anyByte(LSU_PM_SHIFT), 'PA_watchpoint', ['load', 'atomic', 'quad']],
  ] as const)('of all kinds of access, a %s one with enables %i: %s for %j', (kind, enables, trap, trapping) => {
    const { mmu: m } = watched(enables)
    const accesses = ['load', 'store', 'atomic', 'quad', 'flush'] as const
    const request = { va: 0x2008n, context: 'nucleus', privileged: true, asi: 4, size: 8 } as const
    expect(accesses.filter((access) => m.probe({ ...request, access }).trap === trap)).toEqual(trapping)
    const bypass = { ...request, va: 0x4008n }
    expect(m.probe({ ...request, access: trapping[0] }).faultType).toBe(0)
    const bypassed = accesses.filter((access) => !m.translateBypass({ ...bypass, access }, true))
    if (kind === 'physical')
      expect([m.translateBypass({ ...bypass, access: trapping[0] }, true), m.faultType]).toEqual([false, 0])
    expect(bypassed).toEqual(kind === 'virtual' ? [] : trapping)
  })

  test.each([
    ['virtual', 0x3ff8, 0x4000, LSU_VW | anyByte(LSU_VM_SHIFT)],
    ['virtual', 0x2000, 0x4000, LSU_VR | anyByte(LSU_VM_SHIFT)],
    ['physical', 0x2000, 0x5ff8, LSU_PR | anyByte(LSU_PM_SHIFT)],
    ['physical', 0x2000, 0x4000, LSU_PW | anyByte(LSU_PM_SHIFT)],
  ] as const)(
    'a %s one anywhere on a page keeps that page out of the fast table, and no other',
    (_, virtual, physical, enables) => {
      const m = watched(enables, virtual, physical)
      m.loadEntry({ va: 0, pa: 0x2000 })
      m.loadEntry({ va: 0x4000, pa: 0x6000 })
      const inTable = [0, 0x2000, 0x4000].filter((va) => {
        m.translate(va + 0x800)
        m.mmu.fillFast(BigInt(va) + 0x800n, 'nucleus', true)
        return m.mmu.data.lookup(va, 0, m.mmu.contextTag('nucleus', true), 8, false) >= 0
      })
      expect(inTable).toEqual([0, 0x4000])
    },
  )
})
