import { type MmuDriver, machineDriver } from '../../../src/testing'

async function globalEntriesSurvive(m: MmuDriver) {
  await m.reset()
  await m.loadEntry({ va: 0x4000, pa: 0x8000, context: 7 })
  await m.loadEntry({ va: 0x6000, pa: 0xa000, context: 7, global: true })
  await m.setRegister('primaryContext', 7)
  await m.demapContext('primary')
  for (const va of [0x4000, 0x6000]) {
    const report = await m.translate(va, { context: 'primary' })
    console.log(m.name, `0x${va.toString(16)}`, report.ok ? `0x${report.pa?.toString(16)}` : report.trap)
  }
}

const driver = await machineDriver()
await globalEntriesSurvive(driver)
await driver.close()
