import { expect, it } from 'vitest'
import { ASI } from '../../src/asi'
import { ldxa, shim, stxa } from '../../src/kernel-shim'
import { record, recorded, runThreads, testKernel } from './harness'

const SECONDARY_CONTEXT = 0x10n
const write_and_read = shim('test_asi_write', function* (asi: number, va: bigint, value: bigint) {
  yield* stxa(asi, va, value)
  yield* record(yield* ldxa(asi, va))
})
const read = shim('test_asi_read', function* (asi: number, va: bigint) {
  yield* record(yield* ldxa(asi, va))
})

it('ldxa and stxa reach the registers of the CPU that performs them', () => {
  const kernel = testKernel({ cpus: 2 })
  runThreads(kernel, [undefined, write_and_read(ASI.ASI_DMMU, SECONDARY_CONTEXT, 0x123n)])
  expect(recorded(kernel)).toEqual([0x123n])
  expect(kernel.machine.mmus.map((mmu) => mmu.loadAsi(ASI.ASI_DMMU, SECONDARY_CONTEXT))).toEqual([0n, 0x123n])
})

it('an ASI without registers, an address without one and one that cannot be written are errors that say so', () => {
  for (const [call, message] of [
    [read(0x80, 0n), /^ASI 0x80 has no registers/],
    [read(ASI.ASI_INTR_DISPATCH_STATUS, 8n), /^ASI 0x48 refuses VA 0x8: fault type 0x8/],
    [write_and_read(ASI.ASI_INTR_DISPATCH_STATUS, 0n, 1n), /^ASI 0x48 refuses VA 0x0: fault type 0x8/],
  ] as const) {
    const kernel = testKernel()
    expect(() => runThreads(kernel, [call])).toThrow(message)
  }
})
