import type { AccessReport, MmuDriver } from '../../src/testing/index'

const BEYOND_THE_WINDOW = 0x90_0000
/** `ba,a .` twice */
const LOOP = 0x3080_0000_3080_0000n

/** Jumps to an instruction that never ends. */
export async function endlessLoop(driver: MmuDriver): Promise<AccessReport> {
  await driver.loadEntry({ va: 0x4000, pa: BEYOND_THE_WINDOW, writable: true })
  await driver.loadEntry({ va: 0x4000, pa: BEYOND_THE_WINDOW, side: 'instruction' })
  await driver.translate(0x4000, { access: 'store', value: LOOP })
  return driver.translate(0x4000, { access: 'fetch' })
}
