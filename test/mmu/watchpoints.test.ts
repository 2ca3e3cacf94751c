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
})
