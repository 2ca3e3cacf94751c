import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena } from '../../src/state/arena'
import { Hash64 } from '../../src/state/hash'
import { cpuBlock, createLayout } from '../../src/state/layout'
import { PAGE_BYTES, PhysicalMemory } from '../../src/state/physical-memory'
import { SnapshotStore } from '../../src/state/snapshot'

const PAGES = 4
const CPUS = 2

function fresh(clock = 0) {
  const layout = createLayout({ cpus: CPUS, ramBytes: PAGES * PAGE_BYTES, itlbEntries: 4, dtlbEntries: 4 })
  const arena = new Arena({ ...layout, clock })
  const memory = new PhysicalMemory(arena)
  return { arena, memory, store: new SnapshotStore(arena, memory) }
}

/** The hash as replay tokens hold it: the pages of RAM in any order, then each CPU's block, then the clock. */
function expectedHash({ arena, memory }: ReturnType<typeof fresh>, timeless: boolean): bigint {
  const { layout, words32 } = arena
  let ram = 0n
  for (let page = 0; page < PAGES; page++) {
    const start = (memory.ramOffset + page * PAGE_BYTES) / 4
    const words = words32.slice(start, start + PAGE_BYTES / 4)
    if (words.some((word) => word !== 0)) ram ^= new Hash64(page + 1).words(words).digest()
  }
  const hash = new Hash64().words(new Int32Array(BigUint64Array.of(ram).buffer))
  for (let cpu = 0; cpu < CPUS; cpu++) {
    const start = cpuBlock(layout, cpu)
    hash.words(words32.slice(start / 4, (start + (timeless ? layout.timeless : layout.cpuBlockBytes)) / 4))
  }
  if (!timeless) hash.words(words32.slice(layout.clock / 4, layout.clock / 4 + 2))
  return hash.digest()
}

const write = fc.tuple(fc.nat((PAGES * PAGE_BYTES) / 8 - 1), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }))
const register = fc.tuple(fc.nat(CPUS - 1), fc.nat(200), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }))

describe('the hash of a machine', () => {
  it('is that of earlier versions: of pages that are not all zero, of registers and TLBs, and unless timeless of time', () => {
    const property = fc.property(
      fc.array(write),
      fc.array(register),
      fc.bigInt(0n, 1n << 40n),
      fc.nat(127),
      (writes, registers, now, clockSlot) => {
        const state = fresh(clockSlot * 8)
        const { arena, memory, store } = state
        for (const [slot, value] of writes) {
          memory.store(slot * 8, 8, value)
          expect(store.hash(true).digest()).toBe(expectedHash(state, true))
        }
        for (const [cpu, slot, value] of registers) {
          const block = cpuBlock(arena.layout, cpu)
          arena.words64[(block + ((slot * 8) % arena.layout.cpuBlockBytes)) >> 3] = value
          arena.words64[(block + arena.layout.time.tickCompare) >> 3] = value
        }
        arena.words64[arena.layout.clock >> 3] = now
        expect(store.hash(false).digest()).toBe(expectedHash(state, false))
        expect(store.hash(true).digest()).toBe(expectedHash(state, true))
      },
    )
    fc.assert(property, { numRuns: 30, seed: 4 })
  })
})

describe('snapshots', () => {
  it('in any order give RAM, registers and hash of their moment', () => {
    const property = fc.property(
      fc.array(fc.array(write, { maxLength: 5 }), { minLength: 2, maxLength: 5 }),
      (rounds) => {
        const { arena, memory, store } = fresh()
        const moments = rounds.map((writes, round) => {
          for (const [slot, value] of writes) memory.store(slot * 8, 8, value)
          arena.words64[cpuBlock(arena.layout, round % CPUS) >> 3] = BigInt(round + 1)
          const image = store.take()
          return { image, bytes: arena.bytes.slice(), hash: store.hash(false).digest() }
        })
        for (const { image, bytes, hash } of [...moments].reverse().concat(moments)) {
          store.restore(image)
          expect(Buffer.compare(arena.bytes, bytes)).toBe(0)
          expect(store.hash(false).digest()).toBe(hash)
        }
      },
    )
    fc.assert(property, { numRuns: 30, seed: 5 })
  })

  it('make a page all zero again, whatever was written to it, and no word beside it', () => {
    const { memory, store } = fresh()
    const ones = new Uint8Array(PAGE_BYTES).fill(255)
    memory.writeBytes(2 * PAGE_BYTES, ones)
    const before = store.take()
    memory.writeBytes(PAGE_BYTES, ones)
    store.restore(before)
    for (let page = 0; page < PAGES; page++)
      expect(memory.readBytes(page * PAGE_BYTES, PAGE_BYTES).every((byte) => byte === (page === 2 ? 255 : 0))).toBe(
        true,
      )
  })

  it('share the pages that were not written between them, and a restore writes only those that differ', () => {
    const { memory, store } = fresh()
    for (let page = 0; page < PAGES; page++) memory.store(page * PAGE_BYTES, 8, 7n)
    const first = store.take()
    memory.store(2 * PAGE_BYTES + 8, 8, 8n)
    const second = store.take()
    expect(second.pages.map((page, n) => page === first.pages[n])).toEqual([true, true, false, true])
    const written: unknown[] = []
    memory.onCodeStore = (pa, size) => written.push([pa, size])
    for (let page = 0; page < PAGES; page++) memory.setPageFlag(page * PAGE_BYTES, 1, true)
    store.restore(first)
    expect(written).toEqual([[2 * PAGE_BYTES, PAGE_BYTES]])
    const again = store.take().pages
    expect(again.map((page, n) => page === first.pages[n])).toEqual([true, true, true, true])
  })
})
