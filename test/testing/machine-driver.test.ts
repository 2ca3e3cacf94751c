import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ASI } from '../../src/isa/index'
import { DriverError, type MmuDriver, machineDriver, mmu } from '../../src/testing/index'
import { endlessLoop } from './endless-loop'

describe('a driver', () => {
  let driver: MmuDriver
  beforeAll(async () => {
    driver = await machineDriver()
  })
  afterAll(() => driver.close())
  beforeEach(() => driver.reset())

  test('tells the physical address of every kind and size of access', async () => {
    await driver.loadEntry({ va: 0x4000, pa: 0x12_4000, writable: true })
    await driver.loadEntry({ va: 0x4000, pa: 0x12_6000, side: 'instruction' })
    for (const size of [1, 2, 4, 8] as const) {
      expect(await driver.translate(0x4008 + size, { size: size })).toMatchObject(
        size === 8 ? { pa: 0x12_4010n } : { pa: BigInt(0x12_4008 + size) },
      )
      expect(await driver.translate(0x4010, { size, access: 'store' })).toMatchObject({ pa: 0x12_4010n })
    }
    expect(await driver.translate(0x4ff8, { access: 'fetch' })).toMatchObject({ pa: 0x12_6ff8n })
  })

  test('puts memory back after stores', async () => {
    await driver.loadEntry({ va: 0x4000, pa: 0x12_4000, writable: true })
    const before = await driver.translate(0x4010)
    await driver.translate(0x4010, { access: 'store', value: 0x1234 })
    const after = await driver.translate(0x4010)
    expect(before.ok && after.ok && before.value === after.value).toBe(true)
  })

  test('gives no physical address beyond its window', async () => {
    await driver.loadEntry({ va: 0x4000, pa: driver.reserved.va - 0x2000n })
    expect(await driver.translate(0x4000)).toMatchObject({ ok: true, pa: undefined })
  })

  test('goes on behind an access that traps', async () => {
    await driver.loadEntry({ va: 0x4000, pa: 0x8000 })
    const load = (va: number) => ({ access: 'load', asi: ASI.ASI_NUCLEUS, va }) as const
    const reports = await driver.perform([load(0x4000), load(0x6000), load(0x4008)])
    expect(reports.map(({ ok }) => ok)).toEqual([true, false, true])
  })

  test('performs as many accesses as it is given', async () => {
    const reads = Array.from({ length: 300 }, () => ({ access: 'load', asi: ASI.ASI_DMMU, va: 0x08 }) as const)
    expect(await driver.perform(reads)).toHaveLength(300)
    expect(await driver.perform([])).toEqual([])
  })

  test('refuses accesses that no instruction makes', async () => {
    await expect(driver.translate(0x4000, { access: 'atomic', size: 2 })).rejects.toThrow(
      /size of atomic: expected 1, 4, 8/,
    )
    await expect(driver.translate(0x4004, { access: 'fetch' })).rejects.toThrow(/multiple of 8/)
    await expect(driver.translate(0x4000, { access: 'fetch', context: 'secondary' })).rejects.toThrow(RangeError)
    await expect(driver.translate(0x4000, { asi: 256 })).rejects.toThrow(/asi: expected 0 to 255/)
    await expect(driver.translate(-1)).rejects.toThrow(/non-negative/)
    await expect(driver.loadEntry({ va: 0, pa: 0x2000, size: '4M' })).rejects.toThrow(RangeError)
    await expect(driver.loadEntry({ va: 0, pa: 0, context: 8192 })).rejects.toThrow(/context/)
    await expect(driver.loadEntry({ va: 0, pa: 0, index: 64 })).rejects.toThrow(/TLB entry 64/)
  })

  test('a register operation that traps is an error that names it', async () => {
    await expect(driver.loadAsi(ASI.ASI_DMMU, 0x78)).rejects.toThrow(DriverError)
    await expect(driver.loadAsi(ASI.ASI_DMMU, 0x78)).rejects.toThrow(
      /load at ASI 0x58, VA 0x78 took data_access_exception/,
    )
  })

  test('reset brings back what a fresh driver has', async () => {
    const fresh = [await driver.entries('data'), await driver.entries('instruction')]
    await driver.loadEntry({ va: 0x4000, pa: 0x8000 })
    await driver.setRegister('primaryContext', 5)
    await driver.translate(0x4000, { access: 'store' })
    await driver.reset()
    expect(await driver.register('primaryContext')).toBe(0n)
    expect(await driver.sfsr()).toMatchObject({ valid: false })
    const strip = (entries: typeof fresh) =>
      entries.map((side) => side.filter(({ valid }) => valid).map(({ va, pa }) => ({ va, pa })))
    expect(strip([await driver.entries('data'), await driver.entries('instruction')])).toEqual(strip(fresh))
  })

  test('a CPU that does not come back is reported', async () => {
    const other = await machineDriver()
    await expect(endlessLoop(other)).rejects.toThrow(/did not come back, but budget after/)
    await other.close()
  })

  test('a closed driver says so', async () => {
    const other = await machineDriver()
    await other.close()
    await expect(other.register('dataSfsr')).rejects.toThrow(/is closed/)
  })
})

test('the driver and the fixture see the same translations', async () => {
  const driver = await machineDriver()
  const fixture = mmu()
  const entries = [
    { va: 0x4000, pa: 0x8000, writable: true },
    { va: 0x1_0000, pa: 0x2_0000, size: '64K', privileged: true },
    { va: 0x8_0000, pa: 0x10_0000, size: '512K', context: 3 },
    { va: 0x40_0000, pa: 0x40_0000, size: '4M', global: true },
  ] as const
  for (const entry of entries) {
    await driver.loadEntry(entry)
    fixture.loadEntry(entry)
  }
  for (const va of [0x4010, 0x1_8000, 0x8_0000, 0x7f_fff8, 0x6000])
    for (const access of ['load', 'store'] as const)
      for (const privileged of [true, false]) {
        const options = { access, privileged, context: 'primary' } as const
        const [ours, probed] = [await driver.translate(va, options), fixture.translate(va, options)]
        expect(ours.ok ? ours.pa : [ours.trap, ours.faultType]).toEqual(
          probed.ok ? probed.pa : [probed.trap, probed.faultType],
        )
      }
  await driver.close()
})
