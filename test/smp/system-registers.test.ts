import { describe, expect, it } from 'vitest'
import type { ModelName } from '../../src/isa/models'
import { Machine } from '../../src/smp'
import { REGISTER, type RegisterField } from '../../src/state/layout'
import { machine } from '../../src/testing'

const ALL = (1n << 64n) - 1n
const I_II: ModelName[] = ['ultrasparc-i', 'ultrasparc-ii']
const SAFARI: ModelName[] = ['cheetah', 'cheetah-plus']
const III: ModelName[] = [...SAFARI, 'jalapeno']

function bench(model: ModelName, cpus = 1) {
  const fixture = machine({ model, cpus })
  const run = (source: string, va: bigint, value = 0n, cpu = 0) =>
    fixture.run(source, { cpu, registers: { '%o0': va, '%o2': value } })
  return {
    load: (asi: number, va: bigint, cpu = 0) => run(`ldxa [%o0] ${asi}, %o1`, va, 0n, cpu).register('%o1'),
    store: (asi: number, va: bigint, value: bigint) =>
      expect(run(`stxa %o2, [%o0] ${asi}`, va, value).trap).toBeUndefined(),
    refused: (asi: number, va: bigint, access: 'load' | 'store') => {
      const source = access === 'load' ? `ldxa [%o0] ${asi}, %o1` : `stxa %o2, [%o0] ${asi}`
      const trap = run(source, va).trap?.name
      if (trap === undefined) return false
      expect(trap).toBe('data_access_exception')
      expect(fixture.mmus[0]!.sfsr()).toMatchObject({ faultType: 8, context: 'none', asi, write: access === 'store' })
      return true
    },
  }
}

describe.each(I_II)('the system interface of %s', (model) => {
  it('UPA configuration has the module id and what the module is able to do (UltraSPARC-I 8.3.3.2)', () => {
    const { load, store } = bench(model, 4)
    for (const cpu of [0, 1, 2, 3]) expect(load(0x4a, 0n, cpu)).toBe((BigInt(cpu) << 17n) | 0x803bn)
    store(0x4a, 0n, ALL)
    expect(load(0x4a, 0n)).toBe((ALL & ~0x3f_ffffn) | 0x803bn)
  })

  it('the fault status has no error to show, and keeps nothing that is stored (UltraSPARC-I table 11-2)', () => {
    const { load, store } = bench(model)
    store(0x4c, 0n, ALL)
    expect(load(0x4c, 0n)).toBe(0n)
  })

  it('the fault address keeps PA<40:4> (UltraSPARC-I table 11-5)', () => {
    const { load, store } = bench(model)
    store(0x4d, 0n, ALL)
    expect(load(0x4d, 0n)).toBe(0x1ff_ffff_fff0n)
  })

  it('the error enables keep their bits (UltraSPARC-I 11.3.1)', () => {
    const { load, store } = bench(model)
    store(0x4b, 0n, ALL)
    expect(load(0x4b, 0n)).toBe(7n)
  })

  it.each([0x20n, 0x38n])(
    'the data buffer control register at 0x%s keeps F_MODE and FCBV (UltraSPARC-I 11.4)',
    (va) => {
      const { load, store, refused } = bench(model)
      store(0x77, va, ALL)
      expect(load(0x7f, va)).toBe(0x1ffn)
      expect(load(0x7f, va ^ 0x18n)).toBe(0n)
      expect(refused(0x77, va, 'load')).toBe(true)
      expect(refused(0x7f, va, 'store')).toBe(true)
    },
  )

  it.each([0x00n, 0x18n])('the data buffer error register at 0x%s has no error', (va) => {
    const { load, store } = bench(model)
    store(0x77, va, ALL)
    expect(load(0x7f, va)).toBe(0n)
  })

  it.each([0x4a, 0x4b, 0x4c, 0x4d])('ASI 0x%s has one register, at VA 0', (asi) => {
    const { refused } = bench(model)
    for (const va of [8n, 0x10n, 0x100n])
      for (const access of ['load', 'store'] as const) expect(refused(asi, va, access)).toBe(true)
  })

  it.each([
    [0x46, 0x3ff8n, 'rw'],
    [0x47, 0x3fe0n, 'rw'],
    [0x4e, 0n, 'rw'],
    [0x76, (1n << 39n) | 0xff_fff8n, 'w'],
    [0x76, (2n << 39n) | 0xff_fff8n, 'w'],
    [0x7e, (1n << 39n) | 0xff_fff8n, 'r'],
    [0x7e, (2n << 39n) | 0xff_fff8n, 'r'],
  ])('cache ASI 0x%s takes stores and reads as an invalid line up to the end of the array', (asi, last, access) => {
    const { load, store, refused } = bench(model)
    if (access !== 'r') store(asi, last, ALL)
    else expect(refused(asi, last, 'store')).toBe(true)
    if (access !== 'w') expect(load(asi, last)).toBe(0n)
    else expect(refused(asi, last, 'load')).toBe(true)
    for (const beyond of [(last & ~0xfffn) + 0x100_0000n, last | (1n << 41n)])
      expect(refused(asi, beyond, access === 'r' ? 'load' : 'store')).toBe(true)
  })

  it.each([0x66, 0x67, 0x6e, 0x6f])('I-cache ASI 0x%s is read by ldda alone (UltraSPARC-I 6.5)', (asi) => {
    const fixture = machine({ model })
    const source = `stxa %o4, [%o0] ${asi}\nstda %f0, [%o0] ${asi}\nldda [%o0] ${asi}, %o2`
    const { trap, register } = fixture.run(source, { registers: { '%o0': 0x3fe0, '%o2': 1, '%o3': 2, '%o4': ALL } })
    expect(trap).toBeUndefined()
    expect([register('%o2'), register('%o3')]).toEqual([0n, 0n])
    expect(bench(model).refused(asi, 0n, 'load')).toBe(true)
  })

  it('the registers of UltraSPARC III do not exist', () => {
    const { refused } = bench(model)
    for (const asi of [0x30, 0x38, 0x42, 0x43, 0x53, 0x60, 0x68, 0x72, 0x74, 0x75])
      for (const access of ['load', 'store'] as const) expect(refused(asi, 0n, access)).toBe(true)
  })
})

describe.each(III)('the system interface of %s', (model) => {
  it('the bus configuration has the agent id (Linux arch/sparc/include/asm/trap_block.h __GET_CPUID)', () => {
    const { load, store, refused } = bench(model, 3)
    expect(load(0x4a, 0n, 2)).toBe(2n << 17n)
    store(0x4a, 0n, ALL)
    expect((load(0x4a, 0n) >> 17n) & (model === 'jalapeno' ? 0x1fn : 0x3ffn)).toBe(0n)
    expect(refused(0x4a, 8n, 'load')).toBe(model === 'jalapeno')
    if (model === 'jalapeno') return
    store(0x4a, 8n, 0x400_0000_0000n)
    expect(load(0x4a, 8n)).toBe(0x400_0000_0000n)
  })

  it('no error is recorded, and none can be stored (Linux arch/sparc/include/asm/chafsr.h)', () => {
    const { load, store, refused } = bench(model)
    store(0x4c, 0n, ALL)
    expect(load(0x4c, 0n)).toBe(0n)
    expect(refused(0x4c, 8n, 'load')).toBe(model === 'cheetah')
    expect(refused(0x4c, 8n, 'store')).toBe(true)
    store(0x4d, 0n, ALL)
    expect(load(0x4d, 0n)).toBe(0x7ff_ffff_fff0n)
  })

  it('memory controller registers keep what is stored, each its own (Linux arch/sparc/include/asm/chmctrl.h)', () => {
    const { load, store, refused } = bench(model)
    const addresses = [0x00n, 0x08n, 0x10n, 0x18n, 0x20n, 0x28n, 0x30n, 0x38n, 0x40n]
    for (const va of addresses) store(0x72, va, ALL - va)
    for (const va of addresses) expect(load(0x72, va)).toBe(ALL - va)
    expect(refused(0x72, 0x48n, 'load')).toBe(true)
  })

  it('E-cache control keeps what is stored; staging registers and arrays read as a cache without lines', () => {
    const { load, store } = bench(model)
    store(0x75, 0n, 0x1234n)
    expect(load(0x75, 0n)).toBe(0x1234n)
    for (const va of [0n, 8n, 0x10n, 0x18n, 0x20n]) {
      store(0x74, va, ALL)
      expect(load(0x74, va)).toBe(0n)
    }
    for (const asi of [
      0x30, 0x31, 0x32, 0x33, 0x38, 0x39, 0x3a, 0x3b, 0x43, 0x44, 0x46, 0x47, 0x4e, 0x66, 0x67, 0x68,
    ]) {
      store(asi, 0x3fe0n, ALL)
      expect(load(asi, 0x3fe0n)).toBe(0n)
    }
  })

  it('D-cache invalidation is a store (Linux arch/sparc/mm/ultra.S __cheetah_flush_dcache_page)', () => {
    const { store, refused } = bench(model)
    store(0x42, 0x1_2340n, 0n)
    expect(refused(0x42, 0x1_2340n, 'load')).toBe(true)
  })

  it('the serial number is read-only', () => {
    const { load, refused } = bench(model)
    expect(load(0x53, 0n)).toBe(0n)
    expect(refused(0x53, 0n, 'store')).toBe(true)
  })

  it('the data buffers of UltraSPARC I do not exist', () => {
    const { refused } = bench(model)
    for (const va of [0x00n, 0x18n, 0x20n, 0x38n]) {
      expect(refused(0x77, va, 'store')).toBe(true)
      expect(refused(0x7f, va, 'load')).toBe(true)
    }
  })
})

it('system registers are part of snapshots and of the replay hash', () => {
  const fixture = machine({ model: 'cheetah' })
  const { machine: m } = fixture
  const before = m.snapshot()
  const store = (value: number) => fixture.run('stxa %o2, [%o0] 0x72', { registers: { '%o0': 0x10, '%o2': value } })
  store(1)
  const one = m.replayHash()
  m.restore(before)
  store(2)
  expect(m.replayHash()).not.toBe(one)
})

describe('each register of the system interface is a field of the CPU, whose bits it keeps, and is nothing else', () => {
  type Kept = readonly [asi: number, va: bigint, field: RegisterField, word: number, keeps: bigint]
  // Linux arch/sparc/include/asm/estate.h ESTATE_ERROR_*
  const ENABLES = 0x40000n | 0x3c000n | 0x2000n | 0x1ff0n | 8n | 2n | 1n
  const UPA: readonly Kept[] = [
    [0x4a, 0n, 'upaConfig', 0, ALL & ~0x3f_ffffn],
    [0x4b, 0n, 'errorEnable', 0, 7n],
    [0x4d, 0n, 'asyncFaultAddress', 0, 0x1ff_ffff_fff0n],
    [0x77, 0x20n, 'dataBufferControl', 0, 0x1ffn],
    [0x77, 0x38n, 'dataBufferControl', 1, 0x1ffn],
  ]
  const ULTRASPARC_3: readonly Kept[] = [
    [0x4b, 0n, 'errorEnable', 0, ENABLES],
    [0x4d, 0n, 'asyncFaultAddress', 0, 0x7ff_ffff_fff0n],
    [0x60, 0n, 'instructionTrap', 0, ALL],
    [0x75, 0n, 'ecacheControl', 0, ALL],
    ...Array.from({ length: 9 }, (_, word): Kept => [0x72, BigInt(8 * word), 'memoryControl', word, ALL]),
  ]
  const SAFARI_BUS: readonly Kept[] = [
    ...ULTRASPARC_3,
    [0x4a, 0n, 'upaConfig', 0, ALL & ~0x7fe_0000n],
    [0x4a, 8n, 'systemAddress', 0, ALL],
  ]
  const models: readonly (readonly [ModelName, readonly Kept[]])[] = [
    ['ultrasparc-i', UPA],
    ['ultrasparc-ii', UPA],
    ['cheetah', SAFARI_BUS],
    ['cheetah-plus', SAFARI_BUS],
    ['jalapeno', [...ULTRASPARC_3, [0x4a, 0n, 'upaConfig', 0, ALL & ~0x3e_0000n]]],
  ]
  it.each(models)('%s', (model, kept) => {
    const { machine: m } = machine({ model, cpus: 2 })
    const { environment, layout } = m
    const registers = () => m.cpus.map(({ base, w64 }) => w64.slice(base >> 3, (base + layout.itlb) >> 3))
    for (const [asi, va, field, word, keeps] of kept) {
      const device = environment.asiDevices.find((one) => one.handles(asi))!
      const expected = registers()
      expected[1]![(REGISTER[field] >> 3) + word] = BigInt.asIntN(64, keeps)
      expect(device.refusal(1, asi, va, 'store')).toBe(0)
      device.store(1, asi, va, ALL)
      expect(registers()).toEqual(expected)
    }
  })

  // Linux arch/sparc/include/asm/chafsr.h: all but M_SYNDROME and E_SYNDROME are cleared by a stored 1
  it.each([
    ['ultrasparc-i', 0x1_fff0_0000n],
    ['cheetah', ALL & ~0xf_01ffn],
    ['jalapeno', ALL & ~0xf_01ffn],
  ] as const)('an error that was recorded is cleared by storing ones, its syndrome stays: %s', (model, clearing) => {
    const { machine: m } = machine({ model })
    const device = m.environment.asiDevices.find((one) => one.handles(0x4c))!
    for (let bit = 0n; bit < 64n; bit++) {
      m.cpus[0]!.set('asyncFaultStatus', ALL)
      device.store(0, 0x4c, 0n, 1n << bit)
      expect(device.load(0, 0x4c, 0n)).toBe(ALL & ~((1n << bit) & clearing))
      m.cpus[0]!.set('asyncFaultStatus', 0n)
      device.store(0, 0x4c, 0n, 1n << bit)
      expect(device.load(0, 0x4c, 0n)).toBe(0n)
    }
  })
})

// UPA: UltraSPARC-I 8.3.3.2; Safari: Linux arch/sparc/include/asm/trap_block.h __GET_CPUID. A port id of JBus has 5 bits
it.each([
  ['ultrasparc-ii', 31, 31n],
  ['cheetah', 63, 63n],
  ['jalapeno', 63, 31n],
] as const)('the configuration register of %s has as many bits of the id as its bus: CPU %i', (model, last, id) => {
  const { environment } = new Machine({ model, cpus: last + 1, ramBytes: 8192 })
  const device = environment.asiDevices.find((one) => one.handles(0x4a))!
  expect((device.load(last, 0x4a, 0n) >> 17n) & 0x3ffn).toBe(id)
})
