import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DriverError } from '../../src/testing/index'
import { qemuDriver } from '../../src/testing/qemu-driver-node'
import { requireTool } from '../support/tools'
import { endlessLoop } from './endless-loop'

const qemu = requireTool('qemu-system-sparc64', 'qemu-system-sparc')
const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-test-'))
afterAll(() => rmSync(directory, { recursive: true }))

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('sparc64-smp-qemu-'))

function script(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return path
}

describe('a QEMU that cannot be used', () => {
  test('is missing: the error names the Debian package', async () => {
    const before = leftovers()
    await expect(qemuDriver({ binary: '/no/such/qemu' })).rejects.toThrow(DriverError)
    await expect(qemuDriver({ binary: '/no/such/qemu' })).rejects.toThrow(
      /install the Debian package qemu-system-sparc/,
    )
    expect(leftovers()).toEqual(before)
  })

  test('ends at once: the error says how, and what it complained about', async () => {
    const binary = script('ends', 'echo no such machine >&2; exit 3')
    await expect(qemuDriver({ binary })).rejects.toThrow(/ended with exit code 3: no such machine/)
  })

  test('never listens: the error comes when the time is over, and the process is gone', async () => {
    const pidFile = join(directory, 'pid')
    const binary = script('hangs', `echo $$ > ${pidFile}; exec sleep 1000`)
    const began = performance.now()
    await expect(qemuDriver({ binary, timeoutMs: 300 })).rejects.toThrow(/cannot connect to .*gdb/)
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(existsSync(pidFile)).toBe(true)
  })
})

describe.skipIf(qemu === undefined)('a QEMU that works', () => {
  test('ends with its driver, and leaves nothing behind', async () => {
    const before = leftovers()
    const driver = await qemuDriver({ binary: qemu })
    expect(leftovers().length).toBeGreaterThan(before.length)
    await driver.close()
    await driver.close()
    expect(leftovers()).toEqual(before)
    await expect(driver.register('dataSfsr')).rejects.toThrow(/is closed/)
  })

  test('that dies is reported by the operation that it dies in, and by all later ones', async () => {
    const driver = await qemuDriver({ binary: qemu })
    try {
      const lost = driver.demapPage(driver.reserved.va, 'nucleus', 'instruction')
      await expect(lost).rejects.toThrow(/ended with SIGABRT: qemu: fatal: Trap 0x0064[^\n]*$/)
      await expect(driver.register('dataSfsr')).rejects.toThrow(DriverError)
    } finally {
      await driver.close()
    }
  })

  test('whose CPU does not come back is reported when the time is over', async () => {
    const driver = await qemuDriver({ binary: qemu, timeoutMs: 1500 })
    try {
      await expect(endlessLoop(driver)).rejects.toThrow(/no answer to 'c\w+' within 1500 ms/)
      await expect(driver.register('dataSfsr')).rejects.toThrow(DriverError)
    } finally {
      await driver.close()
    }
  })

  test.each(['Sun UltraSparc III', 'Sun UltraSparc IIIi'])(
    "whose %s still has UltraSPARC II's TLBs, and demaps a page for all",
    async (cpu) => {
      const driver = await qemuDriver({ binary: qemu, cpu })
      try {
        await driver.loadEntry({ va: 0x4000, pa: 0x8000 })
        await driver.loadEntry({ va: 0x6000, pa: 0xa000, index: 40 })
        await driver.demapAll()
        const valid = (await driver.entries()).filter((entry) => entry.valid)
        expect(valid.map(({ va, index }) => [va, index])).toEqual([
          [0x4000n, 0],
          [0x6000n, 40],
        ])
        expect(await driver.translate(0x6010)).toMatchObject({ ok: true, pa: 0xa010n })
      } finally {
        await driver.close()
      }
    },
  )

  test('that has no such CPU says so', async () => {
    await expect(qemuDriver({ binary: qemu, cpu: 'no such CPU' })).rejects.toThrow(/ended with exit code 1/)
  })
})
