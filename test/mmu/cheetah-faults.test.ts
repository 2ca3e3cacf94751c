import { describe, expect, test } from 'vitest'
import {
  DCU_CP,
  formatSfsr,
  LSU_DM,
  LSU_IM,
  LSU_PM_SHIFT,
  LSU_PR,
  LSU_PW,
  LSU_VM_SHIFT,
  LSU_VR,
} from '../../src/mmu/index'
import { mmu } from '../../src/testing/index'
import '../../src/testing/vitest'

const MODELS = ['cheetah', 'cheetah-plus', 'jalapeno'] as const

describe.each(MODELS)(
  '%s: what misses and faults leave in SFSR and SFAR (SPARC64 V JPS1 supplement F.10.9, table F-10)',
  (model) => {
    test('a fresh miss: TM, W, PR and CT, no FV; SFAR', () => {
      const m = mmu({ model })
      m.translate(0x2468, { access: 'store', context: 'secondary', privileged: false })
      expect(m.sfsr()).toMatchObject({ valid: false, overwritten: false, miss: true, faultType: 0 })
      expect(m.sfsr()).toMatchObject({ write: true, privileged: false, context: 'secondary' })
      expect(m.register('dataSfar')).toBe(0x2468n)
      expect(m.register('dataTagAccess')).toBe(0x2000n)
    })

    test('a fetch that misses: TM in the I-SFSR; SFAR is the D-MMU’s', () => {
      const m = mmu({ model })
      m.translate(0x2468, { access: 'fetch', context: 'nucleus' })
      expect(m.sfsr('instruction')).toMatchObject({ valid: false, miss: true, faultType: 0, context: 'nucleus' })
      expect(m.register('dataSfsr')).toBe(0n)
      expect(m.register('dataSfar')).toBe(0n)
    })

    test('an exception after a miss: FV, no OW, its type; TM stays', () => {
      const m = mmu({ model })
      m.translate(0x8000)
      m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
      m.translate(0x2008, { privileged: false })
      expect(m.sfsr()).toMatchObject({ valid: true, overwritten: false, miss: true, faultType: 0x01 })
      expect(m.register('dataSfar')).toBe(0x2008n)
    })

    test('a fault after a miss: FV, no OW, no type; TM stays', () => {
      const m = mmu({ model })
      m.translate(0x8000)
      m.loadEntry({ va: 0x2000, pa: 0x4000 })
      m.translate(0x2008, { access: 'store' })
      expect(m.sfsr()).toMatchObject({ valid: true, overwritten: false, miss: true, faultType: 0, write: true })
    })

    test('a fresh exception: FV, no TM', () => {
      const m = mmu({ model })
      m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
      m.translate(0x2008, { privileged: false })
      expect(m.sfsr()).toMatchObject({ valid: true, overwritten: false, miss: false, faultType: 0x01 })
    })

    test('an exception after a fault: OW, and everything of the later one', () => {
      const m = mmu({ model })
      m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
      m.translate(0x2008, { access: 'store' })
      m.translate(0x2010, { privileged: false })
      expect(m.sfsr()).toMatchObject({ valid: true, overwritten: true, faultType: 0x01, write: false })
      expect(m.register('dataSfar')).toBe(0x2010n)
    })

    test('a fault after an exception keeps the type', () => {
      const m = mmu({ model })
      m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
      m.translate(0x2010, { privileged: false })
      m.translate(0x2008, { access: 'store' })
      expect(m.sfsr()).toMatchObject({ valid: true, overwritten: true, faultType: 0x01, write: true, privileged: true })
      expect(m.register('dataSfar')).toBe(0x2008n)
    })

    test('a miss after a fault: only TM is added (no page of a manual at hand)', () => {
      const m = mmu({ model })
      m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
      m.translate(0x2010, { privileged: false })
      const before = m.register('dataSfsr')
      m.translate(0x8000, { access: 'store' })
      expect(m.register('dataSfsr')).toEqualU64(before | 0x8000n)
      expect(m.register('dataSfar')).toBe(0x2010n)
      expect(m.register('dataTagAccess')).toBe(0x8000n)
    })

    test.each([
      [0n, 0],
      [1n, 0x7f],
      [0x8000n, 0x7f],
    ])(
      'a fault without a type leaves the type that is there only beside FV or TM: SFSR 0x%s',
      (recorded, faultType) => {
        const m = mmu({ model }).setRegister('dataSfsr', recorded | (0x7fn << 7n))
        m.loadEntry({ va: 0x2000, pa: 0x4000 })
        m.translate(0x2008, { access: 'store' })
        expect(m.sfsr()).toMatchObject({
          valid: true,
          faultType,
          miss: recorded === 0x8000n,
          overwritten: recorded === 1n,
        })
      },
    )

    test('OW stays, FV or not', () => {
      const m = mmu({ model }).setRegister('dataSfsr', 2)
      m.loadEntry({ va: 0x2000, pa: 0x4000 })
      m.translate(0x2008, { access: 'store' })
      expect(m.sfsr()).toMatchObject({ valid: true, overwritten: true })
    })

    test('a non-faulting load is marked NF', () => {
      const m = mmu({ model })
      m.loadEntry({ va: 0x2000, pa: 0x4000, sideEffect: true })
      expect(m.translate(0x2000, { noFault: true })).toFault('data_access_exception', 0x02)
      expect(m.sfsr()).toMatchObject({ noFault: true, asi: 0x04, sideEffect: true })
      expect(formatSfsr(m.register('dataSfsr'))).toContain('non-faulting load')
      m.setRegister('dataSfsr', 0).translate(0x2000, { access: 'atomic', context: 'primary' })
      expect(m.sfsr().noFault).toBe(false)
    })
  },
)

test('UltraSPARC I records no misses, and types of 0 in every fault (UltraSPARC-I table 6-3, 6.9.4)', () => {
  const m = mmu()
  m.loadEntry({ va: 0x2000, pa: 0x4000, privileged: true })
  m.translate(0x8000)
  expect(m.register('dataSfsr')).toBe(0n)
  m.translate(0x2010, { privileged: false })
  m.translate(0x2008, { access: 'store' })
  expect(m.sfsr()).toMatchObject({ faultType: 0, overwritten: true })
})

test('an SFSR with only a miss, in words', () => {
  const m = mmu({ model: 'cheetah' })
  m.translate(0x8000)
  expect(formatSfsr(m.register('dataSfsr'))).toBe('no fault, a miss')
})

describe('faults', () => {
  test.each(MODELS)(
    '%s: an atomic access to an MMU register is fault type 4 (SPARC64 V JPS1 supplement table F-9)',
    (model) => {
      const m = mmu({ model })
      expect(m.mmu.checkAsi(0x58, 0x30n, 'atomic')).toBe('data_access_exception')
      expect(m.sfsr()).toMatchObject({ faultType: 0x04, context: 'none', asi: 0x58 })
    },
  )

  test.each(MODELS)('%s: other refusals are fault type 8 (SPARC64 V JPS1 supplement table F-9)', (model) => {
    const m = mmu({ model })
    expect(m.mmu.checkAsi(0x58, 0x20n, 'store')).toBe('data_access_exception')
    expect(m.sfsr()).toMatchObject({ faultType: 0x08 })
    expect(m.mmu.checkAsi(0x58, 0x30n, 'load', 4)).toBe('data_access_exception')
    expect(m.mmu.checkAsi(0x58, 0x34n, 'load')).toBe('mem_address_not_aligned')
  })

  test.each([
    ['privilege', { privileged: true }, { privileged: false }, 0x01],
    ['side effect, non-faulting', { sideEffect: true }, { noFault: true }, 0x02],
    ['atomic, uncacheable', { cacheable: false, writable: true }, { access: 'atomic' }, 0x04],
    ['quad, uncacheable', { cacheable: false }, { access: 'quad', size: 16 }, 0x04],
    ['no-fault only', { noFaultOnly: true }, {}, 0x10],
  ] as const)('an entry of a two-way array: %s (SPARC64 V JPS1 supplement table F-9)', (_, entry, access, type) => {
    const m = mmu({ model: 'cheetah' })
    m.loadEntry({ va: 0x2000, pa: 0x4000, ...entry })
    expect(m.translate(0x2000, access)).toFault('data_access_exception', type)
    expect(m.sfsr()).toMatchObject({ faultType: type, valid: true })
  })

  test('a store to an entry without W: protection, and which pointer is direct', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dataTsb', 0x1_0000_0000n)
    m.loadEntry({ va: 0x1_0000, pa: 0, size: '64K' })
    expect(m.translate(0x1_2000, { access: 'store' })).toFault('fast_data_access_protection')
    expect(m.register('dataTsbDirectPointer')).toBe(m.register('dataTsbPointer64K'))
    m.loadEntry({ va: 0x4000, pa: 0 })
    expect(m.translate(0x4000, { access: 'store' })).toFault('fast_data_access_protection')
    expect(m.register('dataTsbDirectPointer')).toBe(m.register('dataTsbPointer8K'))
  })

  test.each(MODELS)(
    '%s: FLUSH ignores its address (FreeBSD sys/sparc64/sparc64/cheetah.c CHEETAH_FLUSH_LSU_IC)',
    (model) => {
      const m = mmu({ model })
      expect(m.translate(0xdead_0000, { access: 'flush' }).ok).toBe(true)
      m.loadEntry({ va: 0x2000, pa: 0x4000, sideEffect: true, privileged: true })
      expect(m.translate(0x2000, { access: 'flush', privileged: false }).ok).toBe(true)
      expect(mmu().translate(0xdead_0000, { access: 'flush' })).toFault('fast_data_access_MMU_miss')
    },
  )
})

describe('DCU control (illumos usr/src/uts/sun4u/sys/cheetahregs.h DCU_*)', () => {
  test('with the MMUs off, CP decides whether accesses are cacheable', () => {
    for (const [control, cacheable] of [
      [0n, false],
      [DCU_CP, true],
    ] as const) {
      const m = mmu({ model: 'cheetah', enabled: false }).setRegister('dcuControl', control)
      for (const access of ['load', 'fetch'] as const)
        expect(m.translate(0x7ff_ffff_e000n, { access })).toMatchObject({
          ok: true,
          pa: 0x7ff_ffff_e000n,
          cacheable,
          sideEffect: !cacheable,
        })
      expect(m.translate(0x2000, { access: 'atomic' }).ok).toBe(cacheable)
    }
  })

  test('CP changes nothing while they are on, nor on UltraSPARC I', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dcuControl', DCU_CP | LSU_DM | LSU_IM)
    m.loadEntry({ va: 0x2000, pa: 0x4000, cacheable: false })
    expect(m.translate(0x2000)).toMatchObject({ cacheable: false })
    const first = mmu({ enabled: false }).setRegister('lsuControl', DCU_CP)
    expect(first.translate(0x2000)).toMatchObject({ cacheable: false })
  })

  test('each MMU has its enable', () => {
    const m = mmu({ model: 'cheetah' }).setRegister('dcuControl', LSU_IM)
    expect(m.translate(0x2000)).toMatchObject({ ok: true, pa: 0x2000n })
    expect(m.translate(0x2000, { access: 'fetch' })).toFault('fast_instruction_access_MMU_miss')
    m.mmu.disable()
    expect(m.translate(0x2000, { access: 'fetch' })).toMatchObject({ ok: true, pa: 0x2000n })
  })

  test('addresses are truncated to 43 bits while the MMU is off', () => {
    const m = mmu({ model: 'cheetah', enabled: false })
    expect(m.translate(0xffff_ffff_ffff_e000n)).toMatchObject({ pa: 0x7ff_ffff_e000n })
  })

  test.each(MODELS)('%s: the virtual watchpoint sees the bytes of its mask', (model) => {
    const m = mmu({ model }).setRegister('virtualWatchpoint', 0x8000_0000_0000_2000n)
    m.setRegister('dcuControl', LSU_DM | LSU_VR | (0x0fn << LSU_VM_SHIFT))
    m.loadEntry({ va: 0x8000_0000_0000_2000n, pa: 0x4000 })
    expect(m.translate(0x8000_0000_0000_2003n, { size: 1 })).toFault('VA_watchpoint')
    expect(m.translate(0x8000_0000_0000_2004n, { size: 4 }).ok).toBe(true)
    expect(m.translate(0x2003, { size: 1 })).toFault('fast_data_access_MMU_miss')
  })

  test.each(MODELS)('%s: the physical watchpoint has all 43 bits', (model) => {
    const m = mmu({ model }).setRegister('physicalWatchpoint', 0x7ff_ffff_e008n)
    m.setRegister('dcuControl', LSU_DM | LSU_PR | LSU_PW | (0xffn << LSU_PM_SHIFT))
    m.loadEntry({ va: 0x2000, pa: 0x7ff_ffff_e000n })
    m.loadEntry({ va: 0x4000, pa: 0x3ff_ffff_e000n })
    expect(m.translate(0x2008)).toFault('PA_watchpoint')
    expect(m.translate(0x2010).ok).toBe(true)
    expect(m.translate(0x4008).ok).toBe(true)
  })
})
