import { expect } from 'vitest'
import { ASI } from '../../src/isa/index'
import { LSU_IM, LSU_VM_SHIFT, LSU_VR } from '../../src/mmu/index'
import type { MmuDriver, MmuFeature } from '../../src/testing/index'

/** A rule of the manual, as a test that any implementation of UltraSPARC I or II must pass. */
export interface Rule {
  readonly name: string
  readonly manual: string
  /** An implementation that deviates in this fails the rule. */
  readonly feature?: MmuFeature
  readonly body: (m: MmuDriver) => Promise<void>
}

const PAGES = { '8K': 0x2000, '64K': 0x1_0000, '512K': 0x8_0000, '4M': 0x40_0000 } as const
const FT = {
  privilege: 1,
  sideEffect: 2,
  uncacheable: 4,
  illegal: 8,
  noFaultOnly: 0x10,
  range: 0x20,
  jumpRange: 0x40,
} as const
const HOLE = 0x0000_0800_0000_0000n

const TRANSLATION: readonly Rule[] = [
  ...(Object.keys(PAGES) as (keyof typeof PAGES)[]).map(
    (size): Rule => ({
      name: `a ${size} page translates the bits above its offset, for loads and stores`,
      manual: 'UltraSPARC-I 6.2, table 6-1',
      body: async (m) => {
        const offset = PAGES[size] - 0x18
        await m.loadEntry({ va: 0x7_0080_0000n, pa: 0x40_0000, size, writable: true })
        expect(await m.translate(0x7_0080_0000n + BigInt(offset))).toMatchObject({
          ok: true,
          pa: 0x40_0000n + BigInt(offset),
        })
        const stored = await m.translate(0x7_0080_0000n + BigInt(offset), { access: 'store' })
        expect(stored).toMatchObject({ ok: true, pa: 0x40_0000n + BigInt(offset) })
        expect(await m.translate(0x7_0080_0000n + BigInt(PAGES[size]))).toMatchObject({
          trap: 'fast_data_access_MMU_miss',
        })
      },
    }),
  ),
  {
    name: 'fetches go through instruction entries only, loads through data entries only',
    manual: 'UltraSPARC-I tables 6-4 and 6-5',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, side: 'instruction' })
      await m.loadEntry({ va: 0x6000, pa: 0xa000 })
      expect(await m.translate(0x4008, { access: 'fetch' })).toMatchObject({ ok: true, pa: 0x8008n })
      expect(await m.translate(0x4008)).toMatchObject({ trap: 'fast_data_access_MMU_miss' })
      expect(await m.translate(0x6008)).toMatchObject({ ok: true, pa: 0xa008n })
      expect(await m.translate(0x6008, { access: 'fetch' })).toMatchObject({ trap: 'fast_instruction_access_MMU_miss' })
    },
  },
  {
    name: 'an entry serves the context it was loaded for',
    manual: 'UltraSPARC-I 6.9.3',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 5 })
      await m.loadEntry({ va: 0x4000, pa: 0xa000, context: 6 })
      await m.loadEntry({ va: 0x4000, pa: 0xc000, context: 0 })
      await m.setRegister('primaryContext', 5)
      await m.setRegister('secondaryContext', 6)
      expect(await m.translate(0x4000, { context: 'primary' })).toMatchObject({ pa: 0x8000n })
      expect(await m.translate(0x4000, { context: 'secondary' })).toMatchObject({ pa: 0xa000n })
      expect(await m.translate(0x4000, { context: 'nucleus' })).toMatchObject({ pa: 0xc000n })
      await m.setRegister('primaryContext', 7)
      expect(await m.translate(0x4000, { context: 'primary' })).toMatchObject({ trap: 'fast_data_access_MMU_miss' })
    },
  },
  {
    name: 'a fetch is in the primary context at trap level 0, in the nucleus above',
    manual: 'UltraSPARC-I table 6-5, V9 6.2.1',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 5, side: 'instruction' })
      await m.loadEntry({ va: 0x4000, pa: 0xc000, context: 0, side: 'instruction' })
      await m.setRegister('primaryContext', 5)
      expect(await m.translate(0x4000, { context: 'primary', access: 'fetch' })).toMatchObject({ pa: 0x8000n })
      expect(await m.translate(0x4000, { context: 'nucleus', access: 'fetch' })).toMatchObject({ pa: 0xc000n })
    },
  },
  {
    name: 'a global entry serves every context',
    manual: 'UltraSPARC-I 6.2',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 5, global: true })
      await m.setRegister('primaryContext', 9)
      expect(await m.translate(0x4000, { context: 'primary' })).toMatchObject({ pa: 0x8000n })
      expect(await m.translate(0x4000, { context: 'nucleus' })).toMatchObject({ pa: 0x8000n })
    },
  },
  {
    name: 'the byte order of a page with IE is the other one, in both kinds of ASI',
    manual: 'UltraSPARC-I 6.2, table 6-8',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, invertEndian: true })
      await m.loadEntry({ va: 0x6000, pa: 0xa000 })
      expect(await m.translate(0x4008)).toMatchObject({ pa: 0x8008n, invertEndian: true })
      expect(await m.translate(0x4008, { asi: ASI.ASI_NUCLEUS_LITTLE })).toMatchObject({
        pa: 0x8008n,
        invertEndian: true,
      })
      expect(await m.translate(0x6008)).toMatchObject({ pa: 0xa008n, invertEndian: false })
      expect(await m.translate(0x6008, { asi: ASI.ASI_NUCLEUS_LITTLE })).toMatchObject({ invertEndian: false })
    },
  },
  {
    name: 'PSTATE.AM takes away the upper half of a data address',
    manual: 'V9 5.2.1.7',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      expect(await m.translate(0x0000_0012_0000_4008n, { addressMask: true })).toMatchObject({ ok: true, pa: 0x8008n })
      expect(await m.translate(0x0000_0012_0000_4008n)).toMatchObject({ trap: 'fast_data_access_MMU_miss' })
    },
  },
  {
    name: 'with the D-MMU off a load goes to the address itself',
    manual: 'UltraSPARC-I 6.7',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      await m.setRegister('lsuControl', LSU_IM)
      expect(await m.translate(0x4008, { context: 'primary' })).toMatchObject({ ok: true, pa: 0x4008n })
      expect(await m.translate(0x4008, { context: 'secondary', access: 'store' })).toMatchObject({ pa: 0x4008n })
    },
  },
  {
    name: 'with the D-MMU off so does one with ASI_NUCLEUS',
    manual: 'UltraSPARC-I 6.7',
    feature: 'nucleus-with-mmu-off',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      await m.setRegister('lsuControl', LSU_IM)
      expect(await m.translate(0x4008)).toMatchObject({ ok: true, pa: 0x4008n })
    },
  },
  {
    name: 'a non-faulting load with the D-MMU off: type 2, for every page then has E',
    manual: 'UltraSPARC-I 6.7',
    feature: 'no-fault-with-mmu-off',
    body: async (m) => {
      await m.setRegister('lsuControl', LSU_IM)
      expect(await m.translate(0x4008, { context: 'primary', noFault: true })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.sideEffect,
      })
    },
  },
  {
    name: 'the quad load is one access of 16 bytes, of the nucleus',
    manual: 'UltraSPARC-I 6.4.4',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      const quad = { access: 'quad', asi: ASI.ASI_NUCLEUS_QUAD_LDD } as const
      expect(await m.translate(0x4010, quad)).toMatchObject({ ok: true, pa: 0x8010n })
      expect(await m.translate(0x4018, quad)).toMatchObject({ trap: 'mem_address_not_aligned' })
      expect(await m.translate(0x6010, quad)).toMatchObject({ trap: 'fast_data_access_MMU_miss' })
    },
  },
  {
    name: 'a bypass ASI goes to the address itself, whatever the entries say',
    manual: 'UltraSPARC-I 6.10',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      expect(await m.translate(0x4008, { asi: ASI.ASI_PHYS_USE_EC })).toMatchObject({ ok: true, pa: 0x4008n })
      expect(await m.translate(0x4010, { asi: ASI.ASI_PHYS_USE_EC, access: 'store' })).toMatchObject({ pa: 0x4010n })
    },
  },
]

const FAULTS: readonly Rule[] = [
  {
    name: 'a data miss leaves the page and the context in tag access, and no fault status',
    manual: 'UltraSPARC-I 6.9.4, 6.9.7',
    body: async (m) => {
      await m.setRegister('secondaryContext', 0x123)
      const { registers } = await m.translate(0x7_6543_2108n, { context: 'secondary' })
      expect(registers).toMatchObject({ dataTagAccess: 0x7_6543_2123n, dataSfsr: 0n })
      expect(await m.register('dataTagTarget')).toBe((0x123n << 48n) | (0x7_6543_2000n >> 22n))
    },
  },
  {
    name: 'an instruction miss leaves the page and the context in its own tag access',
    manual: 'UltraSPARC-I 6.9.4, 6.9.7',
    body: async (m) => {
      await m.setRegister('primaryContext', 0x17)
      const { registers } = await m.translate(0x7_6543_2108n, { context: 'primary', access: 'fetch' })
      expect(registers).toMatchObject({ instructionTagAccess: 0x7_6543_2017n, dataTagAccess: 0n })
    },
  },
  {
    name: 'a store to a page without W: fast_data_access_protection, SFSR W, CT, PR and FV',
    manual: 'UltraSPARC-I 6.4.5, 6.9.4',
    body: async (m) => {
      await m.setRegister('primaryContext', 3)
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 3 })
      const report = await m.translate(0x4008, { access: 'store', context: 'primary' })
      expect(report).toMatchObject({ trap: 'fast_data_access_protection' })
      expect(report.registers.dataTagAccess).toBe(0x4003n)
      expect(await m.sfsr()).toMatchObject({
        valid: true,
        write: true,
        context: 'primary',
        privileged: true,
        overwritten: false,
      })
    },
  },
  {
    name: 'SFAR holds the address of a protection fault to the byte',
    manual: 'UltraSPARC-I 6.9.5.2',
    feature: 'sfar-offset',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      const { registers } = await m.translate(0x4018, { access: 'store' })
      expect(registers.dataSfar).toBe(0x4018n)
    },
  },
  {
    name: 'SFSR.ASI holds the ASI of a protection fault',
    manual: 'UltraSPARC-I 6.9.4',
    feature: 'sfsr-asi',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      await m.translate(0x4018, { access: 'store' })
      expect(await m.sfsr()).toMatchObject({ asi: ASI.ASI_NUCLEUS })
    },
  },
  {
    name: 'a user on a page with P: data_access_exception of type 1, PR 0',
    manual: 'UltraSPARC-I 6.4.4, table 6-11',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, privileged: true })
      expect(await m.translate(0x4000, { context: 'primary', privileged: false })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.privilege,
      })
      expect(await m.sfsr()).toMatchObject({ privileged: false, write: false, context: 'primary' })
      expect(await m.translate(0x4000, { context: 'primary' })).toMatchObject({ ok: true })
    },
  },
  {
    name: 'an as-if-user access to a page with P faults although it is privileged',
    manual: 'UltraSPARC-I 6.4.4, table 6-11',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, privileged: true })
      expect(await m.translate(0x4000, { asi: ASI.ASI_AS_IF_USER_PRIMARY })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.privilege,
      })
    },
  },
  {
    name: 'SFSR.PR of an as-if-user access is that of the CPU',
    manual: 'UltraSPARC-I 6.9.4',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, privileged: true })
      await m.translate(0x4000, { asi: ASI.ASI_AS_IF_USER_PRIMARY })
      expect(await m.sfsr()).toMatchObject({ privileged: true })
    },
  },
  {
    name: 'a user fetching from a page with P: instruction_access_exception of type 1',
    manual: 'UltraSPARC-I 6.4.2, 6.9.4',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, privileged: true, side: 'instruction' })
      const fetch = { access: 'fetch', context: 'primary' } as const
      expect(await m.translate(0x4000, { ...fetch, privileged: false })).toMatchObject({
        trap: 'instruction_access_exception',
        faultType: FT.privilege,
      })
      expect(await m.sfsr('instruction')).toMatchObject({ valid: true, privileged: false, context: 'primary' })
      expect(await m.translate(0x4000, fetch)).toMatchObject({ ok: true, pa: 0x8000n })
    },
  },
  {
    name: 'a load of a page with NFO: data_access_exception of type 0x10',
    manual: 'UltraSPARC-I 6.2, table 6-11',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, noFaultOnly: true })
      expect(await m.translate(0x4000, { context: 'primary' })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.noFaultOnly,
      })
    },
  },
  {
    name: 'a non-faulting load of a page with NFO goes through',
    manual: 'UltraSPARC-I 6.2, table 6-11',
    feature: 'no-fault-only',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, noFaultOnly: true })
      expect(await m.translate(0x4000, { context: 'primary', noFault: true })).toMatchObject({ ok: true, pa: 0x8000n })
    },
  },
  {
    name: 'a non-faulting load that misses, misses as others do',
    manual: 'UltraSPARC-I table 6-4',
    body: async (m) => {
      expect(await m.translate(0x4000, { context: 'primary', noFault: true })).toMatchObject({
        trap: 'fast_data_access_MMU_miss',
      })
    },
  },
  {
    name: 'a store with a non-faulting ASI: data_access_exception of type 8',
    manual: 'UltraSPARC-I 6.5, table 6-11',
    feature: 'illegal-asi',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, writable: true })
      expect(await m.translate(0x4000, { context: 'primary', noFault: true, access: 'store' })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.illegal,
      })
    },
  },
  {
    name: 'a non-faulting load of a page with E: type 2',
    manual: 'UltraSPARC-I 6.4.4, table 6-11',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, sideEffect: true })
      expect(await m.translate(0x4000, { context: 'primary', noFault: true })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.sideEffect,
      })
      expect(await m.translate(0x4000, { context: 'primary' })).toMatchObject({ ok: true })
    },
  },
  {
    name: 'SFSR.E tells that the page has E',
    manual: 'UltraSPARC-I 6.9.4',
    feature: 'sfsr-side-effect',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, sideEffect: true })
      await m.translate(0x4000, { context: 'primary', noFault: true })
      expect(await m.sfsr()).toMatchObject({ sideEffect: true })
    },
  },
  {
    name: 'an atomic on a page without CP: type 4',
    manual: 'UltraSPARC-I 6.4.4, table 6-11',
    feature: 'uncacheable-atomics',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, writable: true, cacheable: false })
      expect(await m.translate(0x4000, { access: 'atomic' })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.uncacheable,
      })
    },
  },
  {
    name: 'a quad load of a page without CP: type 4',
    manual: 'UltraSPARC-I 6.4.4, table 6-11',
    feature: 'uncacheable-atomics',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, cacheable: false })
      expect(await m.translate(0x4000, { access: 'quad', asi: ASI.ASI_NUCLEUS_QUAD_LDD })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.uncacheable,
      })
    },
  },
  {
    name: 'casx, swap and ldstub on a writable page go through as loads and stores do',
    manual: 'UltraSPARC-I tables 6-4 and 6-5',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, writable: true })
      for (const size of [8, 4, 1] as const)
        expect(await m.translate(0x4028, { access: 'atomic', size })).toMatchObject({ ok: true, pa: 0x8028n })
    },
  },
  {
    name: 'an atomic on a page without W: fast_data_access_protection',
    manual: 'UltraSPARC-I tables 6-4 and 6-5',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      expect(await m.translate(0x4000, { access: 'atomic' })).toMatchObject({ trap: 'fast_data_access_protection' })
      expect(await m.sfsr()).toMatchObject({ write: true })
    },
  },
  {
    name: 'a load in the hole of virtual addresses: data_access_exception of type 0x20',
    manual: 'UltraSPARC-I 14.1.6, table 6-11',
    feature: 'virtual-address-hole',
    body: async (m) => {
      expect(await m.translate(HOLE)).toMatchObject({ trap: 'data_access_exception', faultType: FT.range })
    },
  },
  {
    name: 'a demap in the hole of virtual addresses: data_access_exception of type 0x20',
    manual: 'UltraSPARC-I 6.9.10',
    feature: 'virtual-address-hole',
    body: async (m) => {
      expect(await m.translate(HOLE, { asi: ASI.ASI_DMMU_DEMAP, access: 'store' })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.range,
      })
    },
  },
  {
    name: 'a jump into the hole of virtual addresses: instruction_access_exception of type 0x40',
    manual: 'UltraSPARC-I 6.4.2, 14.1.6',
    feature: 'virtual-address-hole',
    body: async (m) => {
      expect(await m.translate(HOLE, { access: 'fetch' })).toMatchObject({
        trap: 'instruction_access_exception',
        faultType: FT.jumpRange,
      })
    },
  },
  {
    name: 'the last byte below the hole is no part of it',
    manual: 'UltraSPARC-I 14.1.6',
    body: async (m) => {
      await m.loadEntry({ va: HOLE - 0x2000n, pa: 0x8000 })
      expect(await m.translate(HOLE - 8n)).toMatchObject({ ok: true, pa: 0x9ff8n })
    },
  },
  {
    name: 'a fault before the last was read sets OW; writing 0 ends both',
    manual: 'UltraSPARC-I 6.9.4',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      await m.translate(0x4000, { access: 'store' })
      expect(await m.sfsr()).toMatchObject({ valid: true, overwritten: false })
      await m.translate(0x4000, { access: 'store' })
      expect(await m.sfsr()).toMatchObject({ valid: true, overwritten: true })
      await m.setRegister('dataSfsr', 0)
      await m.translate(0x4000, { access: 'store' })
      expect(await m.sfsr()).toMatchObject({ valid: true, overwritten: false })
    },
  },
  {
    name: 'a misaligned load: mem_address_not_aligned, before any look-up',
    manual: 'UltraSPARC-I 6.4.8',
    body: async (m) => {
      expect(await m.translate(0x4004)).toMatchObject({ trap: 'mem_address_not_aligned' })
      expect(await m.register('dataTagAccess')).toBe(0n)
    },
  },
  {
    name: 'a misaligned load leaves its address in SFAR, and SFSR valid',
    manual: 'UltraSPARC-I 6.4.8',
    body: async (m) => {
      const { registers } = await m.translate(0x4004)
      expect(registers.dataSfar).toBe(0x4004n)
      expect(registers.dataSfsr & 1n).toBe(1n)
      expect(await m.sfsr()).toMatchObject({ context: 'nucleus', faultType: 0, write: false })
    },
  },
  {
    name: 'a restricted ASI from a user: privileged_action',
    manual: 'UltraSPARC-I 6.4.6',
    body: async (m) => {
      expect(await m.translate(0x4000, { asi: ASI.ASI_NUCLEUS, privileged: false })).toMatchObject({
        trap: 'privileged_action',
      })
    },
  },
  {
    name: 'privileged_action leaves its address in SFAR, and SFSR valid',
    manual: 'UltraSPARC-I 6.9.4',
    feature: 'privileged-action-sfsr',
    body: async (m) => {
      const { registers } = await m.translate(0x4010, { asi: ASI.ASI_NUCLEUS, privileged: false })
      expect(registers.dataSfar).toBe(0x4010n)
      expect(await m.sfsr()).toMatchObject({ valid: true, privileged: false })
    },
  },
  {
    name: 'a load of 4 bytes from a register of the MMU: data_access_exception of type 8',
    manual: 'UltraSPARC-I 6.5',
    feature: 'illegal-asi-size',
    body: async (m) => {
      expect(await m.translate(0x08, { asi: ASI.ASI_DMMU, size: 4 })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.illegal,
      })
    },
  },
  {
    name: 'a store to a read-only register of the MMU: data_access_exception of type 8',
    manual: 'UltraSPARC-I 6.4.4, table 6-11',
    feature: 'illegal-asi',
    body: async (m) => {
      expect(await m.translate(0x20, { asi: ASI.ASI_DMMU_TSB_8KB_PTR_REG, access: 'store' })).toMatchObject({
        trap: 'data_access_exception',
        faultType: FT.illegal,
      })
    },
  },
  {
    name: 'a load of a watched byte: VA_watchpoint',
    manual: 'UltraSPARC-I A.5, A.6.4',
    feature: 'watchpoints',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000 })
      await m.setRegister('virtualWatchpoint', 0x4008)
      await m.setRegister('lsuControl', (await m.register('lsuControl')) | LSU_VR | (0xffn << LSU_VM_SHIFT))
      expect(await m.translate(0x4000)).toMatchObject({ ok: true })
      expect(await m.translate(0x4008)).toMatchObject({ trap: 'VA_watchpoint' })
    },
  },
]

const TLB: readonly Rule[] = [
  {
    name: 'Data Access and Tag Read give back every field of an entry',
    manual: 'UltraSPARC-I 6.2, 6.9.9',
    body: async (m) => {
      const fields = {
        va: 0x7_0008_0000n,
        context: 0x1abc,
        pa: 0x10_0000n,
        locked: true,
        writable: true,
        privileged: true,
      }
      const flags = { sideEffect: true, invertEndian: true, noFaultOnly: true, global: true }
      await m.loadEntry({ ...fields, ...flags, size: '512K', index: 17 })
      expect((await m.entries())[17]).toMatchObject({ ...fields, ...flags, pageBytes: 0x8_0000, valid: true })
      await m.loadEntry({ va: 0x6000, pa: 0x2000, cacheable: false, index: 18 })
      expect((await m.entries())[18]).toMatchObject({ va: 0x6000n, pa: 0x2000n, cacheable: false, global: false })
    },
  },
  {
    name: 'Soft bits of TTE data read as zero',
    manual: 'UltraSPARC-I 6.2',
    feature: 'reserved-bits',
    body: async (m) => {
      await m.storeAsi(ASI.ASI_DTLB_DATA_ACCESS_REG, 0x30, 0x87fc_0000_0000_9fa0n)
      const data = await m.loadAsi(ASI.ASI_DTLB_DATA_ACCESS_REG, 0x30)
      expect(data & 0x07fc_0000_0000_1f80n).toBe(0n)
    },
  },
  {
    name: 'an access marks the entry that it used, and no other',
    manual: 'UltraSPARC-I 6.2, 6.11.2',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, index: 3 })
      await m.loadEntry({ va: 0x6000, pa: 0x8000, index: 4 })
      await m.translate(0x4000)
      const entries = await m.entries()
      expect([entries[3]!.used, entries[4]!.used]).toEqual([true, false])
    },
  },
  {
    name: 'Data In takes the first invalid entry',
    manual: 'UltraSPARC-I 6.11.2',
    body: async (m) => {
      for (let index = 0; index < 5; index++) if (index !== 2) await m.loadEntry({ va: 0x2000 * index, pa: 0, index })
      await m.loadEntry({ va: 0x20_0000, pa: 0x4000 })
      expect((await m.entries())[2]).toMatchObject({ valid: true, va: 0x20_0000n })
    },
  },
  {
    name: 'Data In takes the first entry that is neither locked nor used once all are valid',
    manual: 'UltraSPARC-I 6.11.2',
    body: async (m) => {
      for (let index = 0; index < 64; index++)
        await m.loadEntry({ va: 0x2000 * index, pa: 0, index, locked: index === 1 })
      for (const index of [0, 2, 3]) await m.translate(0x2000 * index)
      await m.loadEntry({ va: 0x20_0000, pa: 0x4000 })
      expect((await m.entries())[4]).toMatchObject({ va: 0x20_0000n })
    },
  },
  {
    name: 'Data In clears all used bits when all unlocked entries are used, and takes the first',
    manual: 'UltraSPARC-I 6.11.2',
    body: async (m) => {
      for (let index = 0; index < 64; index++)
        await m.loadEntry({ va: 0x2000 * index, pa: 0, index, locked: index < 2 })
      for (let index = 0; index < 64; index++) await m.translate(0x2000 * index)
      expect((await m.entries()).every(({ used }) => used)).toBe(true)
      await m.loadEntry({ va: 0x20_0000, pa: 0x4000 })
      const entries = await m.entries()
      expect(entries[2]).toMatchObject({ va: 0x20_0000n })
      expect(entries.filter(({ used }) => used)).toEqual([])
    },
  },
  {
    name: 'Data In takes the last entry when all are locked',
    manual: 'UltraSPARC-I 6.2, L',
    body: async (m) => {
      for (let index = 0; index < 64; index++) await m.loadEntry({ va: 0x2000 * index, pa: 0, index, locked: true })
      await m.loadEntry({ va: 0x20_0000, pa: 0x4000 })
      expect((await m.entries())[63]).toMatchObject({ va: 0x20_0000n })
    },
  },
  {
    name: 'the instruction side replaces by the same rule',
    manual: 'UltraSPARC-I 6.11.2',
    body: async (m) => {
      for (let index = 0; index < m.reserved.index; index++)
        await m.loadEntry({ va: 0x2000 * index, pa: 0, index, locked: index < 4, side: 'instruction' })
      await m.translate(0x2000 * 4, { access: 'fetch' })
      await m.loadEntry({ va: 0x20_0000, pa: 0x4000, side: 'instruction' })
      expect((await m.entries('instruction'))[5]).toMatchObject({ va: 0x20_0000n })
    },
  },
  {
    name: 'demap page takes the page of its context, locked or not, and leaves other contexts',
    manual: 'UltraSPARC-I 6.9.10',
    body: async (m) => {
      await m.setRegister('primaryContext', 5)
      await m.setRegister('secondaryContext', 6)
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 5, locked: true, index: 0 })
      await m.loadEntry({ va: 0x4000, pa: 0xa000, context: 6, index: 1 })
      await m.loadEntry({ va: 0x6000, pa: 0xc000, context: 5, index: 2 })
      await m.demapPage(0x4000, 'primary')
      expect(await validEntries(m)).toEqual([1, 2])
      await m.demapPage(0x4000, 'secondary')
      expect(await validEntries(m)).toEqual([2])
    },
  },
  {
    name: 'demap page matches the page of the entry, whatever its size',
    manual: 'UltraSPARC-I 6.9.10',
    body: async (m) => {
      await m.loadEntry({ va: 0x40_0000, pa: 0, size: '512K', index: 0 })
      await m.demapPage(0x47_e000)
      expect(await validEntries(m)).toEqual([])
    },
  },
  {
    name: 'demap page takes global entries',
    manual: 'UltraSPARC-I 6.2, 6.9.10',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 5, global: true, index: 0 })
      await m.demapPage(0x4000, 'nucleus')
      expect(await validEntries(m)).toEqual([])
    },
  },
  {
    name: 'demap context takes all entries of the context but for global ones',
    manual: 'UltraSPARC-I 6.9.10',
    body: async (m) => {
      await m.setRegister('secondaryContext', 6)
      await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 6, locked: true, index: 0 })
      await m.loadEntry({ va: 0x40_0000, pa: 0, size: '4M', context: 6, index: 1 })
      await m.loadEntry({ va: 0x6000, pa: 0xa000, context: 6, global: true, index: 2 })
      await m.loadEntry({ va: 0x8000, pa: 0xc000, context: 0, index: 3 })
      await m.demapContext('secondary')
      expect(await validEntries(m)).toEqual([2, 3])
    },
  },
  {
    name: 'the sides are demapped apart',
    manual: 'UltraSPARC-I 6.9.10',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, index: 0 })
      await m.loadEntry({ va: 0x4000, pa: 0x8000, index: 0, side: 'instruction' })
      await m.demapPage(0x4000, 'nucleus', 'instruction')
      expect(await validEntries(m)).toEqual([0])
      expect(await validEntries(m, 'instruction')).toEqual([m.reserved.index])
    },
  },
  {
    name: 'a demap in the reserved context does nothing',
    manual: 'UltraSPARC-I table 6-15',
    body: async (m) => {
      await m.loadEntry({ va: 0x4000, pa: 0x8000, index: 0 })
      await m.loadEntry({ va: 0x6000, pa: 0x8000, index: 1, global: true })
      await m.storeAsi(ASI.ASI_DMMU_DEMAP, 0x4030, 0)
      await m.storeAsi(ASI.ASI_DMMU_DEMAP, 0x6030, 0)
      await m.storeAsi(ASI.ASI_DMMU_DEMAP, 0x70, 0)
      expect(await validEntries(m)).toEqual([0, 1])
    },
  },
]

const REGISTERS: readonly Rule[] = [
  {
    name: 'context registers keep 13 bits',
    manual: 'UltraSPARC-I 6.9.3',
    feature: 'reserved-bits',
    body: async (m) => {
      await m.setRegister('primaryContext', 0xffff_ffff_ffff_ffffn)
      await m.setRegister('secondaryContext', 0x2005)
      expect(await m.register('primaryContext')).toBe(0x1fffn)
      expect(await m.register('secondaryContext')).toBe(5n)
    },
  },
  {
    name: 'tag access and tag target are one register in two forms',
    manual: 'UltraSPARC-I 6.9.2, 6.9.7',
    body: async (m) => {
      await m.setRegister('dataTagAccess', 0x7_0123_4567n)
      expect(await m.register('dataTagTarget')).toBe((0x567n << 48n) | (0x7_0123_4567n >> 22n))
      await m.setRegister('instructionTagAccess', 0x5_0123_4067n)
      expect(await m.register('instructionTagTarget')).toBe((0x67n << 48n) | (0x5_0123_4067n >> 22n))
    },
  },
  {
    name: 'TSB pointers: common TSB of the smallest size',
    manual: 'UltraSPARC-I 6.11.3',
    body: async (m) => {
      await m.setRegister('dataTsb', 0x4000_0000)
      await m.setRegister('dataTagAccess', 0x1234_6000)
      expect(await m.register('dataTsbPointer8K')).toBe(0x4000_0000n | ((0x1234_6000n >> 9n) & 0x1ff0n))
      expect(await m.register('dataTsbPointer64K')).toBe(0x4000_0000n | ((0x1234_6000n >> 12n) & 0x1ff0n))
    },
  },
  {
    name: 'TSB pointers: split TSB of 4096 entries a half',
    manual: 'UltraSPARC-I 6.11.3',
    body: async (m) => {
      await m.setRegister('dataTsb', 0x4000_1003)
      await m.setRegister('dataTagAccess', 0x7234_6000)
      expect(await m.register('dataTsbPointer8K')).toBe(0x4000_0000n | ((0x7234_6000n >> 9n) & 0xfff0n))
      expect(await m.register('dataTsbPointer64K')).toBe(0x4001_0000n | ((0x7234_6000n >> 12n) & 0xfff0n))
    },
  },
  {
    name: 'TSB pointers of the instruction side are made from its own registers',
    manual: 'UltraSPARC-I 6.11.3',
    body: async (m) => {
      await m.setRegister('instructionTsb', 0x5000_0001)
      await m.setRegister('instructionTagAccess', 0x6_4321_4000n)
      expect(await m.register('instructionTsbPointer8K')).toBe(0x5000_0000n | ((0x6_4321_4000n >> 9n) & 0x3ff0n))
      expect(await m.register('instructionTsbPointer64K')).toBe(0x5000_0000n | ((0x6_4321_4000n >> 12n) & 0x3ff0n))
    },
  },
  {
    name: 'the direct pointer is that of the page size of the last protection fault',
    manual: 'UltraSPARC-I 6.9.6, 6.11.3',
    feature: 'direct-pointer',
    body: async (m) => {
      await m.setRegister('dataTsb', 0x4000_0000)
      await m.loadEntry({ va: 0x1234_0000, pa: 0, size: '64K' })
      await m.translate(0x1234_6000, { access: 'store' })
      expect(await m.register('dataTsbDirectPointer')).toBe(await m.register('dataTsbPointer64K'))
      await m.reset()
      await m.setRegister('dataTsb', 0x4000_0000)
      await m.loadEntry({ va: 0x1234_6000, pa: 0, size: '8K' })
      await m.translate(0x1234_6000, { access: 'store' })
      expect(await m.register('dataTsbDirectPointer')).toBe(await m.register('dataTsbPointer8K'))
    },
  },
]

async function validEntries(m: MmuDriver, side: 'data' | 'instruction' = 'data'): Promise<number[]> {
  return (await m.entries(side)).filter(({ valid }) => valid).map(({ index }) => index)
}

/** What the manual says of UltraSPARC I and II. */
export const RULES: readonly Rule[] = [...TRANSLATION, ...FAULTS, ...TLB, ...REGISTERS]
