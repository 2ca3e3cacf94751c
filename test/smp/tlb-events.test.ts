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
