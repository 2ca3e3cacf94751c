import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type MmuDriver, machineDriver } from '../../src/testing/index'
import { qemuDriver } from '../../src/testing/qemu-driver-node'
import { requireTool } from '../support/tools'
import { RULES } from './mmu-driver-rules'

const qemu = requireTool('qemu-system-sparc64', 'qemu-system-sparc')

describe.each([
  { implementation: 'this library', make: () => machineDriver(), missing: false },
  { implementation: 'qemu-system-sparc64', make: () => qemuDriver({ binary: qemu }), missing: qemu === undefined },
])('UltraSPARC II: $implementation', ({ make, missing }) => {
  let driver: MmuDriver
  beforeAll(async () => {
    if (!missing) driver = await make()
  })
  afterAll(() => driver?.close())
  beforeEach(() => driver?.reset())

  test.skipIf(missing).each(RULES)('$name ($manual)', async ({ feature, body }) => {
    const deviation = feature && driver.deviations[feature]
    if (deviation === undefined) await body(driver)
    else
      await expect(body(driver), `it is said to differ: ${deviation}`).rejects.toThrow(
        /expected|took data_access_error/,
      )
  })
})
