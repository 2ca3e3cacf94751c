import { expect, it } from 'vitest'
import { createMmu, encodeTag, encodeTte, type Mmu, type MmuObserver } from '../../src/mmu'
import { attachOracle, TlbOracle } from '../../src/oracle'

const MM = 0x4000
const CONTEXT = 5
const VA = 0x10000n
const PTE = encodeTte({ pa: 0x20000n, writable: true })

function twoCpus() {
  const mmus = [createMmu(), createMmu()]
  for (const mmu of mmus) {
    mmu.storeAsi(0x45, 0n, 0xfn)
    mmu.storeAsi(0x58, 0x08n, BigInt(CONTEXT))
  }
  const oracle = new TlbOracle({ cpus: 2 })
  oracle.contextAssigned(0, MM, CONTEXT)
  oracle.pteWrite(0, MM, VA, 0n, PTE)
  const observeTlb = (cpu: number, observer: MmuObserver) => {
    mmus[cpu]!.observer = observer
  }
  return { mmus, oracle, host: { mmus, observeTlb } }
}

const fill = (mmu: Mmu) => {
  mmu.storeAsi(0x58, 0x30n, encodeTag(VA, CONTEXT))
  mmu.storeAsi(0x5c, 0n, PTE)
}
const access = (mmu: Mmu) =>
  mmu.translateData({ va: VA + 16n, context: 'primary', access: 'load', privileged: false, asi: 0x80, noFault: false })
const unmapAndFlush = (oracle: TlbOracle, flush: () => void) => {
  oracle.pteWrite(0, MM, VA, PTE, 0n)
  const id = oracle.flushBegin(0, MM, CONTEXT, [VA], 'smp_flush_tlb_page')
  flush()
  oracle.flushEnd(0, id)
}

it('an oracle attached to MMUs hears the use of a stale entry, and of no other', () => {
  const { mmus, oracle, host } = twoCpus()
  attachOracle(oracle, host)
  mmus.forEach(fill)
  unmapAndFlush(oracle, () => mmus[0]!.storeAsi(0x5f, VA, 0n))
  expect(access(mmus[0]!)).toBe(false)
  expect(oracle.violation).toBeUndefined()
  expect(access(mmus[1]!)).toBe(true)
  expect(oracle.violation).toMatchObject({ cpu: 1, va: '0x10010', context: CONTEXT, side: 'data' })
})

it('entries that were there before it was attached are judged too', () => {
  const { mmus, oracle, host } = twoCpus()
  mmus.forEach(fill)
  attachOracle(oracle, host)
  unmapAndFlush(oracle, () => {})
  expect(access(mmus[1]!)).toBe(true)
  expect(oracle.violation).toMatchObject({ cpu: 1 })
})

it('only suspect entries are kept out of the fast table', () => {
  const { mmus, oracle, host } = twoCpus()
  attachOracle(oracle, host)
  const mmu = mmus[1]!
  fill(mmu)
  const index = mmu.entries('data').findIndex((entry) => entry.valid)
  expect(mmu.isObserved('data', index)).toBe(false)
  oracle.pteWrite(0, MM, VA, PTE, 0n)
  expect(mmu.isObserved('data', index)).toBe(true)
  oracle.pteWrite(0, MM, VA, 0n, PTE)
  expect(mmu.isObserved('data', index)).toBe(false)
})
