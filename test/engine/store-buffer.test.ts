import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StoreBuffer, StoreBuffers } from '../../src/engine/store-buffer'
import { Machine } from '../../src/smp'
import { Arena } from '../../src/state/arena'
import { cpuBlock, createLayout } from '../../src/state/layout'
import { PAGE_BYTES, PAGE_HAS_CODE, PAGE_OBSERVED, PhysicalMemory } from '../../src/state/physical-memory'
import { ModelBuffers, wordOf } from './store-buffer-model'

const CPUS = 3
const RAM = 2 * PAGE_BYTES
/** The host, who makes no access here. */
const HOST = -1
const CODE_PAGE = PAGE_BYTES
const DEVICE = 1 << 20

/** Buffers whose page 0 an observer sees and whose page 1 holds decoded instructions; what is told of them is in `log`. */
function buffers(entries: number) {
  const layout = createLayout({
    cpus: CPUS,
    ramBytes: RAM,
    itlbEntries: 1,
    dtlbEntries: 1,
    storeBufferEntries: entries,
  })
  const arena = new Arena(layout)
  // What is behind a buffer is no store, whatever it holds
  for (let cpu = 0; cpu < CPUS; cpu++)
    arena.words64.fill(
      0x8ffn,
      (cpuBlock(layout, cpu) + layout.timeless) >> 3,
      (cpuBlock(layout, cpu) + layout.cpuBlockBytes) >> 3,
    )
  const memory = new PhysicalMemory(arena)
  memory.writeBytes(0, new Uint8Array(RAM).fill(0xff))
  const all = new StoreBuffers(memory, arena)
  const log: unknown[][] = []
  all.onDrain = (cpu) => log.push(['drained', cpu])
  memory.setPageFlag(0, PAGE_OBSERVED, true)
  memory.setPageFlag(CODE_PAGE, PAGE_HAS_CODE, true)
  memory.observer = {
    load: (cpu, pa, size) => log.push(['observed load', cpu, pa, size]),
    store: (cpu, pa, size, before, after) => log.push(['observed store', cpu, pa, size, before, after]),
  }
  memory.onCodeStore = (pa, size) => log.push(['code', pa, size])
  memory.accessed = (pa, size, access) => log.push([access, pa, size])
  memory.addDevice({
    name: 'device',
    base: DEVICE,
    bytes: 64,
    load: (offset, size) => BigInt(log.push(['device load', offset, size])),
    store: (offset, size, value) => log.push(['device store', offset, size, value]),
  })
  return { layout, arena, memory, all, log }
}

const SIZES = [1, 2, 4, 8] as const
const value = fc.bigInt(-(1n << 63n), (1n << 64n) - 1n)
const place = fc
  .record({
    base: fc.constantFrom(8, 8, 8, 0, CODE_PAGE - 8, CODE_PAGE, RAM - 8),
    at: fc.nat(7),
    size: fc.constantFrom(...SIZES),
  })
  .map(({ base, at, size }) => ({ pa: base + at - (at % size), size }))
const simple = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('store' as const, 'write' as const, 'writeOn' as const),
      place,
      value,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constantFrom('load' as const, 'read' as const, 'peek' as const), place }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constantFrom('drainOldest' as const, 'drain' as const, 'stores' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('drainThrough' as const, 'metBy' as const),
      place,
      bytes: fc.integer({ min: 1, max: 255 }),
    }),
  },
)
const cpu = fc.nat(CPUS - 1)
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ cpu, acts: fc.tuple(simple), within: fc.constant('nothing' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      cpu,
      acts: fc.array(simple, { maxLength: 4 }),
      within: fc.constantFrom('inOrder' as const, 'metDuring' as const),
    }),
  },
)
type Act = typeof simple extends fc.Arbitrary<infer T> ? T : never

/** What an act gives, on buffers or on their model. */
function perform(all: Pick<StoreBuffers, 'metBy'>, buffer: Buffer, act: Act): unknown {
  switch (act.what) {
    case 'store':
    case 'write':
    case 'writeOn':
      return buffer[act.what](act.place.pa, act.place.size, act.value)
    case 'load':
    case 'read':
    case 'peek':
      return buffer[act.what](act.place.pa, act.place.size)
    case 'drainThrough': {
      const held = buffer.holds(act.place.pa, act.bytes)
      buffer.drainThrough(act.place.pa)
      return held
    }
    case 'metBy':
      return all.metBy(buffer.cpu, { pa: act.place.pa & ~7, bytes: act.bytes, value: 0n })
    case 'stores':
      return [buffer.stores, buffer.length]
    default:
      return buffer[act.what]()
  }
}
type Buffer = Pick<
  StoreBuffer,
  | 'cpu'
  | 'store'
  | 'write'
  | 'writeOn'
  | 'load'
  | 'read'
  | 'peek'
  | 'holds'
  | 'drain'
  | 'drainOldest'
  | 'drainThrough'
  | 'stores'
  | 'length'
>

describe('store buffers', () => {
  it('are lists of stores: the youngest of each byte is seen by its CPU, the oldest drains first (UltraSPARC-I 15.2.1)', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (operations, entries) => {
        const { arena, memory, all, log } = buffers(entries)
        const model = new ModelBuffers(CPUS, entries, new Uint8Array(RAM).fill(0xff), { observed: 0, code: CODE_PAGE })
        memory.accessor = HOST
        const [found, expected]: unknown[][] = [[], []]
        for (const { cpu, acts, within } of operations) {
          const run = () => found.push(...acts.map((act) => perform(all, all.all[cpu]!, act)))
          const runModel = () => expected.push(...acts.map((act) => perform(model, model.all[cpu]!, act)))
          if (within === 'inOrder') {
            found.push(all.all[cpu]!.inOrder(run))
            expected.push(model.all[cpu]!.inOrder(runModel))
          } else if (within === 'metDuring') {
            found.push(all.metDuring(cpu, run))
            expected.push(model.metDuring(cpu, runModel))
          } else {
            run()
            runModel()
          }
          found.push(...log.splice(0), all.buffering())
          expected.push(...model.log.splice(0), model.buffering())
        }
        expect(found).toEqual(expected)
        const bytes = memory.readBytes(0, RAM)
        for (const base of [0, 8, CODE_PAGE - 8, CODE_PAGE, RAM - 8])
          expect(wordOf(bytes, base, 8)).toBe(model.inMemory(base, 8))
        expect(memory.accessor).toBe(HOST)
        expect(state(arena)).toBe(state(filled(entries, model)))
      }),
      { numRuns: 150 },
    )
  })

  it('are in their part of the CPU blocks, and nothing else is written', () => {
    const { layout, arena, all } = buffers(4)
    const before = arena.words64.slice()
    for (const { cpu, write } of all.all.map((buffer) => ({ cpu: buffer.cpu, write: buffer.write.bind(buffer) })))
      for (let n = 0; n < 4; n++) write(8 * n, 8, -1n - BigInt(cpu))
    const changed = [...before.keys()].filter((at) => arena.words64[at] !== before[at])
    const places = all.all.flatMap(({ cpu }) => {
      const block = cpuBlock(layout, cpu)
      const words = (layout.timeless - layout.storeBuffer) >> 3
      return Array.from({ length: words }, (_, n) => ((block + layout.storeBuffer) >> 3) + n)
    })
    expect(changed).toEqual(places)
    expect(all.buffering()).toEqual([0, 1, 2])
    all.all.forEach((buffer) => void buffer.drain())
    const registers = layout.ram >> 3
    expect(arena.words64.subarray(0, registers)).toEqual(before.subarray(0, registers))
  })

  it('tell whom a CPU met in ascending order, whoever came first', () => {
    const { all } = buffers(2)
    const [reader, second, third] = all.all
    third!.write(8, 8, 1n)
    second!.write(16, 8, 1n)
    const reads = () => {
      reader!.read(8, 8)
      reader!.read(16, 8)
    }
    expect(all.metDuring(0, reads)).toEqual([1, 2])
  })

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('drain through the last store to a doubleword, if only to its byte %i', (byte) => {
    const { all } = buffers(4)
    const [buffer] = all.all
    for (const pa of [16, 8 + byte, 24]) buffer!.write(pa, 1, 1n)
    buffer!.drainThrough(8)
    expect(buffer!.stores.map(({ pa }) => pa)).toEqual([24])
  })

  it('let accesses to devices by', () => {
    const { all, log } = buffers(2)
    const [buffer] = all.all
    buffer!.write(8, 8, 1n)
    buffer!.store(DEVICE + 8, 4, 5n)
    expect(buffer!.load(DEVICE + 16, 2)).toBe(2n)
    expect(log).toEqual([
      ['device store', 8, 4, 5n],
      ['device load', 16, 2],
    ])
    expect(buffer!.length).toBe(1)
  })

  it('let stores wait again, and forget whom they met, after what threw', () => {
    const { all } = buffers(2)
    const [buffer, other] = all.all
    const failing = () => {
      buffer!.store(8, 8, 1n)
      throw new RangeError('mine')
    }
    expect(() => buffer!.inOrder(failing)).toThrow('mine')
    expect(buffer!.length).toBe(0)
    buffer!.store(8, 8, 2n)
    expect(buffer!.length).toBe(1)
    const meeting = () => {
      other!.read(8, 8)
      failing()
    }
    expect(() => all.metDuring(1, meeting)).toThrow('mine')
    expect(all.metDuring(1, () => {})).toEqual([])
  })

  it('are nothing at all in the layout of a machine with sequential consistency', () => {
    const shape = { cpus: 3, ramBytes: RAM, itlbEntries: 64, dtlbEntries: 64 }
    const { storeBufferEntries: _, ...none } = createLayout({ ...shape, storeBufferEntries: 0 })
    expect(none).toEqual(createLayout(shape))
    expect(none.timeless).toBe(none.storeBuffer)
    expect(new Machine({ memoryModel: 'sc', storeBufferEntries: 20 }).layout).toEqual(new Machine().layout)
  })
})

/** Buffers that have never held anything but what the model holds now. */
function filled(entries: number, model: ModelBuffers): Arena {
  const { arena, all } = buffers(entries)
  for (const { cpu, waiting } of model.all)
    for (const { pa, bytes } of waiting)
      for (const [n, [at, byte]] of [...bytes].entries())
        all.all[cpu]![n === 0 ? 'write' : 'writeOn'](pa + at, 1, BigInt(byte))
  return arena
}

/** All but RAM. */
function state({ words64, layout }: Arena): string {
  return words64.subarray(0, layout.ram >> 3).join()
}
