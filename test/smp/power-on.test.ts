import { describe, expect, it } from 'vitest'
import type { ResetName } from '../../src/engine/reference-traps'
import { MODELS, type ModelName } from '../../src/isa/models'
import { Machine } from '../../src/smp'
import { NWINDOWS, REGISTER, type RegisterField } from '../../src/state/layout'

const TIMER_OFF = -(1n << 63n)

/** The words of each CPU's block that are not zero, by byte offset. */
function words(machine: Machine): Map<number, bigint>[] {
  const { cpuBlockBytes } = machine.layout
  return machine.cpus.map(({ base, w64 }) => {
    const block = Array.from(w64.slice(base >> 3, (base + cpuBlockBytes) >> 3), (word, at) => [at * 8, word] as const)
    return new Map(block.filter(([, word]) => word !== 0n))
  })
}

describe.each(Object.keys(MODELS) as ModelName[])('a new %s', (model) => {
  it('is halted and privileged, with its FPU on, all windows clean and free, timers off, and all else zero', () => {
    const machine = new Machine({ model, cpus: 2, ramBytes: 1 << 20 })
    const expected = new Map([
      [REGISTER.fprs, 4n],
      [REGISTER.pstate, 0x14n],
      [REGISTER.cansave, BigInt(NWINDOWS - 2)],
      [REGISTER.cleanwin, BigInt(NWINDOWS - 1)],
      [REGISTER.status, 1n],
      [machine.layout.time.tickCompare, TIMER_OFF],
      [machine.layout.time.stickCompare, TIMER_OFF],
    ])
    expect(words(machine).map((found) => new Map([...found].sort(([a], [b]) => a - b)))).toEqual([expected, expected])
  })

  it('executes nothing before it is started', () => {
    const machine = new Machine({ model, ramBytes: 1 << 20 })
    expect(machine.run(10)).toEqual({ reason: 'halted', instructions: 0 })
    const cpu = machine.cpus[0]!
    expect([cpu.supervisor, cpu.floatEnabled, cpu.addressMask, cpu.trapLevel]).toEqual([true, true, false, 0])
  })
})

describe('a reset (UltraSPARC-I 14.1.7, V9 7.6.2)', () => {
  const NOW = 777n
  const MMU_ENABLES = 0xcn

  /** A halted CPU at trap level 1 with something in each register; gives what a reset changes, by name. */
  function changes(name: ResetName): Record<string, bigint> {
    const machine = new Machine({ model: 'cheetah', ramBytes: 1 << 20, resetVector: 0x1000 })
    const cpu = machine.cpus[0]!
    const { base, w64 } = cpu
    const { clock, cpuBlockBytes, time } = machine.layout
    w64.fill(3n, base >> 3, (base + cpuBlockBytes) >> 3)
    w64[clock >> 3] = NOW
    const valid = { status: 1n, tl: 1n, pstate: 0x106n, lsuControl: MMU_ENABLES }
    for (const [field, value] of Object.entries(valid)) cpu.set(field as RegisterField, value)
    cpu.modeChanged()
    const block = () => w64.slice(base >> 3, (base + cpuBlockBytes) >> 3)
    const before = block()
    machine.reset(name)
    const fields = Object.entries({ ...REGISTER, ...time }).sort(([, a], [, b]) => b - a)
    return Object.fromEntries(
      [...block().entries()].flatMap(([word, value]) => {
        const [field, offset] = fields.find(([, first]) => first <= 8 * word)!
        const element = word - offset / 8
        return value === before[word] ? [] : [[element === 0 ? field : `${field}[${element}]`, value]]
      }),
    )
  }

  const inRedState = { status: 0n, pstate: 0x335n, lsuControl: 0n }
  const at = (offset: bigint) => ({ pc: 0x1000n + offset, npc: 0x1004n + offset })
  const trapped = { tl: 2n, 'tstate[1]': (3n << 32n) | (3n << 24n) | (0x106n << 8n) | 3n }
  const tickCleared = { tickProtect: 1n, tickOffset: -NOW }

  it('changes nothing but the trap state, and what makes RED_state', () => {
    expect(changes('watchdog_reset')).toEqual({ ...inRedState, ...trapped, ...at(0x40n), 'tt[1]': 2n })
    expect(changes('software_initiated_reset')).toEqual({ ...inRedState, ...trapped, ...at(0x80n), 'tt[1]': 4n })
  })

  it('from outside also sets NPT, and TICK begins at zero', () => {
    // TT gets type 3, which it has
    const expected = { ...inRedState, ...trapped, ...at(0x60n), ...tickCleared }
    expect(changes('externally_initiated_reset')).toEqual(expected)
  })

  it('at power-on also turns timers off, forgets mondos and clears FSR', () => {
    const forgotten = ['fsr', 'softint', 'mondoReceive', 'mondoDispatchStatus', 'mondoCountdown']
    expect(changes('power_on_reset')).toEqual({
      ...inRedState,
      pstate: 0x35n,
      tl: 5n,
      'tt[4]': 1n,
      ...at(0x20n),
      ...tickCleared,
      tickCompare: TIMER_OFF,
      stickCompare: TIMER_OFF,
      ...Object.fromEntries(forgotten.map((field) => [field, 0n])),
    })
  })

  it('leaves the TLBs as they are (UltraSPARC-I 6.7)', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    const { base, w64 } = machine.cpus[0]!
    const { itlb, storeBuffer } = machine.layout
    const tlbs = () => w64.slice((base + itlb) >> 3, (base + storeBuffer) >> 3)
    for (let at = base + itlb; at < base + storeBuffer; at += 8) w64[at >> 3] = BigInt(at)
    const before = tlbs()
    machine.reset()
    expect(tlbs()).toEqual(before)
  })

  it('of a CPU lets its stores become visible, and no others', () => {
    const machine = new Machine({ cpus: 2, ramBytes: 1 << 20, memoryModel: 'tso' })
    for (const cpu of [0, 1])
      for (const n of [0, 1]) machine.memoryOf(cpu).store(16 * cpu + 8 * n, 8, BigInt(10 * cpu + n + 1))
    machine.reset('watchdog_reset', 1)
    expect([0, 8, 16, 24].map((pa) => machine.peek(pa, 8))).toEqual([0n, 0n, 11n, 12n])
    expect([0, 1].map((cpu) => machine.bufferedStores(cpu).length)).toEqual([2, 0])
  })
})
