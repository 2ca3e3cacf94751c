import { expect, test } from 'vitest'
import type { MachineEvents } from '../../src/smp'
import { machine } from '../../src/testing'

const TLB_EVENTS = ['tlb-miss', 'tlb-fill', 'tlb-evict', 'tlb-demap'] as const

/** What a machine's TLBs say while it executes a source; addresses that it loads from miss. */
function heard(source: string, registers: Record<string, number | bigint> = {}) {
  const fixture = machine().translate([{ va: 0x10000, pa: 0x10000 }])
  const events: [string, Record<string, unknown>][] = []
  for (const name of TLB_EVENTS)
    fixture.machine.events.on(name, (event: Parameters<MachineEvents[typeof name]>[0]) =>
      events.push([name, { ...event }]),
    )
  fixture.run(source, { registers })
  return events
}

test('a miss tells its address and context', () => {
  expect(heard('ldx [%g1], %g2', { '%g1': 0x7654320 })).toEqual([
    ['tlb-miss', expect.objectContaining({ cpu: 0, side: 'data', va: 0x7654320n, context: 0 })],
  ])
})

test('an entry that is loaded is a fill, one that it overwrites an eviction', () => {
  const source = `
    mov 0x30, %g3
    stxa %g1, [%g3] 0x58
    mov 0x28, %g4
    stxa %g2, [%g4] 0x5d
    stxa %g2, [%g4] 0x5d
  `
  const data = (1n << 63n) | 0x8000n
  const fill = ['tlb-fill', expect.objectContaining({ side: 'data', index: 5, tag: 0x4000n, data })]
  const evict = expect.objectContaining({ side: 'data', index: 5, tag: 0x4000n, data, why: 'overwrite' })
  expect(heard(source, { '%g1': 0x4000, '%g2': data })).toEqual([fill, ['tlb-evict', evict], fill])
})

test('a demap tells its kind, and each entry that goes', () => {
  const source = `
    mov 0x30, %g3
    stxa %g1, [%g3] 0x58
    mov 0x28, %g4
    stxa %g2, [%g4] 0x5d
    stxa %g0, [%g5] 0x5f
  `
  const registers = { '%g1': 0x4000, '%g2': (1n << 63n) | 0x8000n, '%g5': 0x4020 }
  expect(heard(source, registers).slice(1)).toEqual([
    ['tlb-demap', expect.objectContaining({ side: 'data', kind: 'page', context: 0, va: 0x4000n })],
    ['tlb-evict', expect.objectContaining({ side: 'data', index: 5, why: 'demap' })],
  ])
})

test('an event tells the CPU, its own time and whose side it is', () => {
  const fixture = machine({ cpus: 2 }).translate([], 1)
  const misses: unknown[] = []
  fixture.machine.events.on('tlb-miss', (event) => misses.push(event))
  fixture.run('nop\nnop')
  fixture.run('nop\nldx [%g1], %g2', { cpu: 1, registers: { '%g1': 0x7654320 } })
  fixture.run('jmpl %g1, %g0\nnop', { cpu: 0, registers: { '%g1': 0x7654320 } })
  expect(misses).toEqual([
    { cpu: 1, instructions: 1n, side: 'data', va: 0x7654320n, context: 0 },
    { cpu: 0, instructions: 4n, side: 'instruction', va: 0x7654320n, context: 0 },
  ])
})

const REPLACES = `
  mov 0x30, %g3
  stxa %g1, [%g3] 0x58
  mov 0x28, %g4
  stxa %g2, [%g4] 0x5d
  stxa %g2, [%g4] 0x5d
  ldx [%g6], %g3
  stxa %g0, [%g5] 0x5f
  ldx [%g1], %g3`
const REGISTERS = { '%g1': 0x4000, '%g2': (1n << 63n) | 0x8000n, '%g5': 0x4020, '%g6': 0x10000 }
const ALL = ['fill', 'evict', 'demap', 'miss', 'use'] as const

/** What observers of a CPU are told, in the order in which they are. */
function observed(observers: number, cpu = 0) {
  const fixture = machine({ cpus: 2 }).translate([{ va: 0x10000, pa: 0x10000 }])
  const { cpus } = fixture.machine
  const { index } = cpus[0]!.mmu.entries('data').find((entry) => entry.valid)!
  cpus[0]!.mmu.setObserved('data', index, true)
  const told: unknown[][] = []
  for (let n = 0; n < observers; n++)
    fixture.machine.observeTlb(
      cpu,
      Object.fromEntries(ALL.map((what) => [what, (...args: unknown[]) => told.push([n, what, ...args])])),
    )
  fixture.machine.observeTlb(cpu, {})
  fixture.run(REPLACES, { registers: REGISTERS })
  return told
}

test('observers are told of fills, evictions, demaps, misses, and uses of entries that are observed', () => {
  const data = (1n << 63n) | 0x8000n
  expect(observed(1)).toEqual([
    [0, 'fill', 'data', 5, 0x4000n, data],
    [0, 'evict', 'data', 5, 0x4000n, data, 'overwrite'],
    [0, 'fill', 'data', 5, 0x4000n, data],
    [0, 'use', 'data', expect.any(Number), 0x10000n, 'load'],
    [0, 'demap', 'data', 'page', 0, 0x4000n],
    [0, 'evict', 'data', 5, 0x4000n, data, 'demap'],
    [0, 'miss', 'data', 0x4000n, 0],
  ])
})

test('each observer of a CPU is told all of it, in the order in which they came; those of another CPU nothing', () => {
  const [alone, three] = [observed(1), observed(3)]
  expect(three).toEqual(alone.flatMap(([, ...what]) => [0, 1, 2].map((n) => [n, ...what])))
  expect(observed(2, 1)).toEqual([])
})
