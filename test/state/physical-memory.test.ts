import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena } from '../../src/state/arena'
import { createLayout } from '../../src/state/layout'
import {
  type Device,
  PAGE_BYTES,
  PAGE_CLEAN,
  PAGE_HAS_CODE,
  PAGE_OBSERVED,
  PhysicalAddressError,
  PhysicalMemory,
} from '../../src/state/physical-memory'

const RAM = 4 * PAGE_BYTES
const layoutOf = (ramBytes: number) => createLayout({ cpus: 1, ramBytes, itlbEntries: 64, dtlbEntries: 64 })
const memoryOf = () => new PhysicalMemory(new Arena(layoutOf(RAM)))

const access = fc.record({
  size: fc.constantFrom(1, 2, 4, 8),
  slot: fc.nat(RAM / 8 - 1),
  part: fc.nat(7),
  value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
})

describe('RAM', () => {
  it('is big-endian for accesses of every size', () => {
    const property = fc.property(fc.array(access, { maxLength: 60 }), (accesses) => {
      const memory = memoryOf()
      const plain = new DataView(new ArrayBuffer(RAM))
      for (const { size, slot, part, value } of accesses) {
        const pa = slot * 8 + (part % (8 / size)) * size
        memory.store(pa, size, value)
        for (let n = 0; n < size; n++) plain.setUint8(pa + n, Number((value >> BigInt(8 * (size - 1 - n))) & 0xffn))
      }
      for (const { size, slot, part } of accesses) {
        const pa = slot * 8 + (part % (8 / size)) * size
        const expected = {
          1: () => BigInt(plain.getUint8(pa)),
          2: () => BigInt(plain.getUint16(pa)),
          4: () => BigInt(plain.getUint32(pa)),
          8: () => plain.getBigUint64(pa),
        }[size]!()
        expect([memory.load(pa, size), memory.peek(pa, size)]).toEqual([expected, expected])
      }
      expect(Buffer.compare(memory.readBytes(0, RAM), new Uint8Array(plain.buffer))).toBe(0)
    })
    fc.assert(property, { numRuns: 40, seed: 3 })
  })

  it('takes bytes at any address and gives them back', () => {
    const property = fc.property(fc.nat(RAM - 100), fc.uint8Array({ maxLength: 100 }), (pa, bytes) => {
      const memory = memoryOf()
      memory.writeBytes(pa, bytes)
      expect(memory.readBytes(pa, bytes.length)).toEqual(bytes)
      if (bytes.length > 0) expect(memory.peek(pa, 1)).toBe(BigInt(bytes[0]!))
    })
    fc.assert(property, { numRuns: 50, seed: 4 })
  })

  it('is cleared in a range and nowhere else', () => {
    const memory = memoryOf()
    memory.writeBytes(0, new Uint8Array(64).fill(0xaa))
    memory.clear(16, 24)
    expect([...memory.readBytes(0, 64)].map((byte) => byte !== 0)).toEqual(
      Array.from({ length: 64 }, (_, n) => n < 16 || n >= 40),
    )
  })

  it('has ends', () => {
    const memory = memoryOf()
    for (const [pa, length] of [
      [-1, 1],
      [-8, 8],
      [RAM, 1],
      [RAM - 4, 8],
      [0, RAM + 1],
    ] as const) {
      expect(() => memory.readBytes(pa, length)).toThrow(PhysicalAddressError)
      expect(() => memory.writeBytes(pa, new Uint8Array(length))).toThrow(PhysicalAddressError)
      expect(() => memory.clear(pa, length)).toThrow(PhysicalAddressError)
    }
    expect(() => memory.load(RAM, 8)).toThrow(/nothing at physical address 0x8000/)
    expect(() => memory.load(-8, 8)).toThrow(PhysicalAddressError)
    expect(() => memory.store(-8, 8, 1n)).toThrow(PhysicalAddressError)
    expect([...memory.arena.bytes].every((byte) => byte === 0)).toBe(true)
  })

  it('tells an observer of loads and stores on observed pages only', () => {
    const memory = memoryOf()
    const seen: unknown[] = []
    memory.observer = {
      load: (cpu, pa, size) => seen.push(['load', cpu, pa, size]),
      store: (cpu, pa, size, before, after) => seen.push(['store', cpu, pa, size, before, after]),
    }
    memory.setPageFlag(PAGE_BYTES, PAGE_OBSERVED, true)
    memory.accessor = 3
    memory.store(8, 8, 1n)
    memory.store(PAGE_BYTES + 12, 4, 7n)
    memory.load(PAGE_BYTES + 8, 8)
    expect(seen).toEqual([
      ['store', 3, PAGE_BYTES + 8, 8, 0n, 7n],
      ['load', 3, PAGE_BYTES + 8, 8],
    ])
  })

  it('is accessed by the host, CPU -1, unless said otherwise', () => {
    const memory = memoryOf()
    const seen: number[] = []
    memory.observer = { load: (cpu) => seen.push(cpu), store: (cpu) => seen.push(cpu) }
    memory.setPageFlag(0, PAGE_OBSERVED, true)
    memory.load(0, 8)
    memory.store(0, 8, 1n)
    expect(seen).toEqual([-1, -1])
  })

  it('tells its observer of the whole doubleword, before and after a store of any size', () => {
    const memory = memoryOf()
    const doubleword = 0x1122_3344_5566_7788n
    const seen: unknown[] = []
    memory.observer = { load: () => {}, store: (_, ...store) => seen.push(store) }
    memory.store(PAGE_BYTES + 16, 8, doubleword)
    memory.setPageFlag(PAGE_BYTES, PAGE_OBSERVED, true)
    for (const size of [1, 2, 4, 8]) {
      for (let at = 0; at < 8; at += size) {
        const [mask, shift] = [(1n << BigInt(8 * size)) - 1n, BigInt(8 * (8 - at - size))]
        const after = doubleword & ~(mask << shift)
        memory.store(PAGE_BYTES + 16 + at, size, 0n)
        expect(seen.pop()).toEqual([PAGE_BYTES + 16, 8, doubleword, after])
        memory.store(PAGE_BYTES + 16, 8, doubleword)
        expect(seen.pop()).toEqual([PAGE_BYTES + 16, 8, after, doubleword])
      }
    }
  })

  it('is observed page by page, until it is not', () => {
    const memory = memoryOf()
    const seen: number[] = []
    memory.observer = { load: (_, pa) => seen.push(pa), store: (_, pa) => seen.push(pa) }
    memory.setPageFlag(PAGE_BYTES + 8, PAGE_OBSERVED, true)
    for (const pa of [PAGE_BYTES - 8, PAGE_BYTES, 2 * PAGE_BYTES - 8, 2 * PAGE_BYTES]) {
      memory.load(pa, 8)
      memory.store(pa, 8, 1n)
      expect(memory.hasPageFlag(pa, PAGE_OBSERVED)).toBe(pa >= PAGE_BYTES && pa < 2 * PAGE_BYTES)
    }
    memory.setPageFlag(PAGE_BYTES, PAGE_OBSERVED, false)
    memory.load(PAGE_BYTES, 8)
    memory.store(PAGE_BYTES, 8, 1n)
    expect(seen).toEqual([PAGE_BYTES, PAGE_BYTES, 2 * PAGE_BYTES - 8, 2 * PAGE_BYTES - 8])
    expect(memory.hasPageFlag(PAGE_BYTES, PAGE_OBSERVED)).toBe(false)
    memory.setPageFlag(0, PAGE_HAS_CODE, true)
    memory.setPageFlag(0, PAGE_OBSERVED, false)
    expect(memory.hasPageFlag(0, PAGE_HAS_CODE)).toBe(true)
  })

  it('tells of loads and stores of RAM, but not of those that are asked for without', () => {
    const memory = memoryOf()
    const seen: unknown[] = []
    memory.accessed = (...access) => seen.push(access)
    memory.store(8, 4, 1n)
    memory.load(16, 2)
    memory.storeRam(8, 8, 2n)
    expect(memory.loadRam(8, 8)).toBe(2n)
    expect(memory.peek(8, 8)).toBe(2n)
    expect(seen).toEqual([
      [8, 4, 'store'],
      [16, 2, 'load'],
    ])
  })

  it('says so before a page that holds code is written, in whatever way', () => {
    const memory = memoryOf()
    const seen: unknown[] = []
    memory.onCodeStore = (pa, size) => seen.push([pa, size, memory.peek(PAGE_BYTES, 8)])
    memory.setPageFlag(PAGE_BYTES, PAGE_HAS_CODE, true)
    memory.store(PAGE_BYTES - 8, 8, 1n)
    memory.store(PAGE_BYTES, 8, 1n)
    memory.store(PAGE_BYTES, 8, 1n)
    memory.store(2 * PAGE_BYTES, 8, 1n)
    memory.setPageFlag(PAGE_BYTES, PAGE_OBSERVED, true)
    memory.observer = { load: () => {}, store: () => {} }
    memory.store(PAGE_BYTES + 4, 4, 2n)
    memory.writeBytes(PAGE_BYTES - 1, new Uint8Array(2).fill(9))
    memory.clear(PAGE_BYTES, 8)
    memory.writeBytes(2 * PAGE_BYTES, new Uint8Array(2))
    memory.writeBytes(PAGE_BYTES - 2, new Uint8Array(2))
    expect(seen).toEqual([
      [PAGE_BYTES, 8, 0n],
      [PAGE_BYTES, 8, 1n],
      [PAGE_BYTES + 4, 4, 1n],
      [PAGE_BYTES, PAGE_BYTES, 2n],
      [PAGE_BYTES, PAGE_BYTES, 0x0900_0000_0000_0002n],
    ])
  })

  it('has the pages that a range of bytes touches written, and no other', () => {
    const range = fc.tuple(fc.nat(RAM - 1), fc.integer({ min: 1, max: RAM }))
    const property = fc.property(range, fc.boolean(), ([first, most], clears) => {
      const unit = clears ? 8 : 1
      const pa = first - (first % unit)
      const length = Math.ceil(Math.min(most, RAM - pa) / unit) * unit
      const memory = memoryOf()
      const pages = [0, 1, 2, 3].map((page) => page * PAGE_BYTES)
      for (const page of pages) memory.setPageFlag(page, PAGE_HAS_CODE, true)
      const told: unknown[] = []
      memory.onCodeStore = (page, size) => told.push([page, size])
      if (clears) memory.clear(pa, length)
      else memory.writeBytes(pa, new Uint8Array(length))
      const written = pages.filter((page) => page < pa + length && page + PAGE_BYTES > pa)
      expect(told).toEqual(written.map((page) => [page, PAGE_BYTES]))
      expect(memory.takeDirty()).toEqual(written.map((page) => (memory.ramOffset + page) / PAGE_BYTES))
    })
    fc.assert(property, { numRuns: 100, seed: 8 })
  })

  it('ends with its last byte, for every size', () => {
    const memory = memoryOf()
    for (const size of [1, 2, 4, 8]) {
      expect([memory.isRam(RAM - size, size), memory.isRam(RAM - size + 1, size)]).toEqual([true, false])
      expect([memory.isRam(0, size), memory.isRam(-1, size)]).toEqual([true, false])
      memory.store(RAM - size, size, 1n)
      expect(memory.load(RAM - size, size)).toBe(1n)
    }
    expect([memory.isRam(RAM - 1), memory.isRam(RAM)]).toEqual([true, false])
    expect(() => memory.clear(RAM - 8, 16)).toThrow(PhysicalAddressError)
    expect(() => memory.clear(RAM - 8, 8)).not.toThrow()
    expect(() => memory.writeBytes(RAM - 1, new Uint8Array(1))).not.toThrow()
  })

  it('has a flag byte for each page of the arena, at first clean pages of RAM', () => {
    const { arena, pageFlags, ramOffset } = memoryOf()
    const pages = Array.from({ length: arena.layout.totalBytes / PAGE_BYTES }, (_, page) => page * PAGE_BYTES)
    expect([...pageFlags]).toEqual(pages.map((at) => (at < ramOffset ? 0 : PAGE_CLEAN)))
  })

  it('names the pages written since the last question', () => {
    const memory = memoryOf()
    memory.takeDirty()
    memory.store(2 * PAGE_BYTES + 8, 1, 1n)
    memory.store(2 * PAGE_BYTES + 16, 8, 1n)
    const page = (memory.ramOffset >>> 13) + 2
    expect(memory.takeDirty()).toEqual([page])
    expect(memory.takeDirty()).toEqual([])
    for (let times = 0; times < 2; times++) memory.writeBytes(2 * PAGE_BYTES - 1, new Uint8Array(2))
    expect([...memory.takeDirty()].sort()).toEqual([page - 1, page])
  })
})

describe('devices', () => {
  const device = (base: number, bytes: number, name = 'uart'): Device & { log: unknown[] } => {
    const log: unknown[] = []
    return {
      name,
      base,
      bytes,
      log,
      load: (offset, size) => {
        log.push(['load', offset, size])
        return 0x5an
      },
      store: (offset, size, value) => {
        log.push(['store', offset, size, value])
      },
    }
  }

  it('are reached by offset', () => {
    const memory = memoryOf()
    const uart = device(0x1f0_0000_0000, 64)
    memory.addDevice(uart)
    expect(memory.load(0x1f0_0000_0008, 1)).toBe(0x5an)
    memory.store(0x1f0_0000_003c, 4, 9n)
    expect(uart.log).toEqual([
      ['load', 8, 1],
      ['store', 0x3c, 4, 9n],
    ])
  })

  it('are where their bytes are', () => {
    const memory = memoryOf()
    const [low, high] = [device(0x10_0000, 0x100, 'low'), device(0x10_0100, 8, 'high')]
    memory.addDevice(high)
    memory.addDevice(low)
    const names = [0xf_ffff, 0x10_0000, 0x10_00ff, 0x10_0100, 0x10_0107, 0x10_0108].map(
      (pa) => memory.deviceAt(pa)?.name,
    )
    expect(names).toEqual([undefined, 'low', 'low', 'high', 'high', undefined])
    expect(() => memory.store(0x10_0108, 1, 0n)).toThrow(/nothing at physical address 0x100108/)
  })

  it('may begin where RAM ends, and end where another begins', () => {
    const memory = memoryOf()
    memory.addDevice(device(RAM + 8, 8, 'second'))
    expect(() => memory.addDevice(device(RAM, 9))).toThrow(/overlaps second/)
    expect(() => memory.addDevice(device(RAM + 15, 1))).toThrow(/overlaps second/)
    expect(() => memory.addDevice(device(RAM, 8))).not.toThrow()
  })

  it('that overlap RAM or each other are refused', () => {
    const memory = memoryOf()
    memory.addDevice(device(0x10_0000, 0x100, 'first'))
    expect(() => memory.addDevice(device(RAM - 1, 8))).toThrow(/overlaps RAM/)
    expect(() => memory.addDevice(device(0x10_00ff, 8))).toThrow(/overlaps first/)
    expect(() => memory.addDevice(device(0x10_0100, 8, 'second'))).not.toThrow()
  })
})
