import { describe, expect, it } from 'vitest'
import { Machine, MachineError, type MachineEvents } from '../../src/smp'
import { type BareConfig, bareMachine, PROGRAM, setVector } from '../engine/bare-machine'
import { PSTATE } from '../engine/trapped'

const SPIN = 'ba .\nnop'
const CELL = 0x30_0000

function heard(machine: Machine, ...names: (keyof MachineEvents)[]): unknown[][] {
  const events: unknown[][] = []
  for (const name of names) machine.events.on(name, (event: object) => events.push([name, event]))
  return events
}

/** CPU 0 sends a mondo of three words to CPU %o3; CPU 1 spins, with interrupts on. */
function sending(target: bigint, config: BareConfig = {}) {
  const source = `
    mov 0x40, %g1
    stxa %o0, [%g1] 0x77
    mov 0x50, %g1
    stxa %o1, [%g1] 0x77
    mov 0x60, %g1
    stxa %o2, [%g1] 0x77
    sllx %o3, 14, %g1
    or %g1, 0x70, %g1
    stxa %g0, [%g1] 0x77
    spin: ${SPIN}`
  const { machine, at } = bareMachine(source, { cpus: 2, ...config })
  machine.start(1, at('spin'))
  for (const [n, word] of [0x1111n, 0x2222n, 0x3333n, target].entries()) machine.cpus[0]!.setR(8 + n, word)
  for (const cpu of machine.cpus) {
    cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    cpu.modeChanged()
  }
  return machine
}

const BEFORE_DISPATCH = 8
const MONDO_EVENTS = ['mondo-sent', 'mondo-accepted', 'mondo-nacked', 'mondo-taken'] as const
const WORDS = [0x1111n, 0x2222n, 0x3333n]

describe('events', () => {
  it('of a trap tell its type, name and level, the PC, and when it was', () => {
    const { machine } = bareMachine('nop\nmov 1, %o0\nta 5\nnop')
    setVector(machine, 0x105, 'nop\nta 1\nnop')
    setVector(machine, 0x101, SPIN, 1)
    const events = heard(machine, 'trap')
    machine.run(10)
    const common = { cpu: 0 }
    expect(events).toEqual([
      ['trap', { ...common, instructions: 2n, type: 0x105, name: 'trap_instruction_0x5', level: 1, pc: PROGRAM + 8n }],
      [
        'trap',
        {
          ...common,
          instructions: 3n,
          type: 0x101,
          name: 'trap_instruction_0x1',
          level: 2,
          pc: 0x10_0000n + 0x105n * 32n + 4n,
        },
      ],
    ])
  })

  it('of a mondo tell who sends it to whom with what words, and when it is taken', () => {
    const machine = sending(1n)
    const events = heard(machine, ...MONDO_EVENTS)
    machine.step(0, 20)
    machine.step(1, 3)
    const sent = { cpu: 0, instructions: BigInt(BEFORE_DISPATCH), target: 1, words: WORDS }
    expect(events).toEqual([
      ['mondo-sent', sent],
      ['mondo-accepted', sent],
      ['mondo-taken', { cpu: 1, instructions: 0n, words: WORDS }],
    ])
  })

  it('of a mondo that is refused tell so', () => {
    const machine = sending(17n)
    const events = heard(machine, ...MONDO_EVENTS)
    machine.step(0, 20)
    const sent = { cpu: 0, instructions: BigInt(BEFORE_DISPATCH), target: 17, words: WORDS }
    expect(events).toEqual([
      ['mondo-sent', sent],
      ['mondo-nacked', sent],
    ])
  })

  it('of mondos are none where another interrupt is taken', () => {
    const { machine } = bareMachine(SPIN)
    const [cpu] = machine.cpus
    cpu!.set('pstate', cpu!.get('pstate') | PSTATE.IE)
    cpu!.set('softint', 2n)
    const events = heard(machine, 'mondo-taken', 'trap')
    machine.step(0)
    expect(events).toMatchObject([['trap', { type: 0x41 }]])
  })

  it('are told to each of several listeners', () => {
    const { machine } = bareMachine('ta 1')
    const events = [heard(machine, 'trap'), heard(machine, 'trap')]
    machine.step(0)
    expect(events.map((each) => each.length)).toEqual([1, 1])
  })

  it.each([0, 1])('stop CPU %i where it tells one to a listener that throws', (cpu) => {
    const { machine } = bareMachine('nop\nta 1\nnop', { cpus: 2 })
    machine.events.on('trap', () => {
      throw new Error('of the listener')
    })
    machine.halt(0)
    machine.start(cpu, PROGRAM)
    expect(() => machine.run(100)).toThrow("a listener of 'trap' failed: of the listener")
    expect([machine.instructions(), machine.cpus[cpu]!.get('tl')]).toEqual([1n, 1n])
  })

  it('that others tell arrive with what they tell', () => {
    const machine = new Machine({ ramBytes: 8192 })
    const events = heard(machine, 'context-switch')
    machine.emit('context-switch', { cpu: 0, instructions: 3n, from: 1, to: 2 })
    machine.tell('context-switch', 0, () => ({ from: 2, to: 3 }))
    machine.tell('flush-begin', 0, () => {
      throw new Error('nobody listens')
    })
    expect(events).toEqual([
      ['context-switch', { cpu: 0, instructions: 3n, from: 1, to: 2 }],
      ['context-switch', { cpu: 0, instructions: 0n, from: 2, to: 3 }],
    ])
  })
})

describe('a mondo with a delay', () => {
  const DELAY = 6
  it.each([0n, 1n])('is taken so many instructions later, to CPU %i', (target) => {
    const machine = sending(target, { mondoDelay: DELAY })
    const events = heard(machine, 'mondo-taken')
    machine.step(0, BEFORE_DISPATCH + 1 + (target === 0n ? DELAY : 0))
    if (target === 1n) machine.step(1, DELAY)
    expect(events).toEqual([])
    machine.step(Number(target), 1)
    const instructions = BigInt(DELAY + (target === 0n ? BEFORE_DISPATCH + 1 : 0))
    expect(events).toEqual([['mondo-taken', { cpu: Number(target), instructions, words: WORDS }]])
  })
})

describe('time', () => {
  it('is exact within a slice: %tick, the count of each CPU, and that of all', () => {
    const { machine } = bareMachine(`nop\nnop\nrdpr %tick, %o0\nta 1\n`, { cpus: 2 })
    machine.start(1, PROGRAM)
    const counts: bigint[][] = []
    machine.events.on('trap', ({ cpu, instructions }) =>
      counts.push([
        BigInt(cpu),
        instructions,
        machine.instructions(0),
        machine.instructions(1),
        machine.instructions(),
      ]),
    )
    machine.step(0, 5)
    machine.step(1, 5)
    expect(counts).toEqual([
      [0n, 3n, 3n, 0n, 3n],
      [1n, 3n, 5n, 3n, 8n],
    ])
    expect(machine.cpus.map((cpu) => cpu.r(8))).toEqual([2n, 7n])
    expect([machine.instructions(0), machine.instructions(1), machine.instructions(), machine.clock.now]).toEqual([
      5n,
      5n,
      10n,
      10n,
    ])
    expect(machine.moment(1)).toEqual({ cpu: 1, instructions: 5n })
  })

  it('is known to have been read or not', () => {
    for (const [source, read] of [
      ['nop', false],
      ['rd %tick, %g1', true],
      ['rdpr %tick, %g1', true],
    ] as const) {
      const { machine } = bareMachine(source)
      expect(machine.clockWasRead).toBe(false)
      machine.step(0)
      expect([source, machine.clockWasRead]).toEqual([source, read])
    }
  })

  it('may be set within a slice: the timer then comes by the new time', () => {
    const { machine } = bareMachine(`wr %g0, 50, %tick_cmpr\nwrpr %g0, 20, %tick\n${SPIN}`)
    const [cpu] = machine.cpus
    cpu!.set('pstate', cpu!.get('pstate') | PSTATE.IE)
    const events = heard(machine, 'trap')
    machine.run(50)
    expect(events).toMatchObject([['trap', { type: 0x4e, instructions: 31n }]])
  })
})

describe('what a CPU has stored and others cannot see', () => {
  const STORES = [1, 2, 3, 4].map((n) => `mov ${n}, %g2\nstx %g2, [%g1 + ${8 * n}]`).join('\n')
  const storing = (config: BareConfig = {}) => {
    const bare = bareMachine(`set ${CELL}, %g1\n${STORES}\n${SPIN}`, { cpus: 2, memoryModel: 'tso', ...config })
    bare.machine.step(0, 10)
    return bare.machine
  }
  const store = (n: number) => ({ pa: CELL + 8 * n, bytes: 0xff, value: BigInt(n) })

  it('is seen by itself, and in RAM once it is drained: the oldest, some, or all', () => {
    const machine = storing()
    expect(machine.bufferedStores(0)).toEqual([1, 2, 3, 4].map(store))
    expect(machine.bufferedStores(1)).toEqual([])
    const seen = () =>
      [0, 1, -1].map((cpu) => [1, 2, 3, 4].map((n) => Number(machine.memoryOf(cpu).peek(CELL + 8 * n, 8))))
    const own = [1, 2, 3, 4]
    expect(seen()).toEqual([own, [0, 0, 0, 0], [0, 0, 0, 0]])
    expect(machine.drain(0)).toEqual([store(1)])
    expect(seen()).toEqual([own, [1, 0, 0, 0], [1, 0, 0, 0]])
    expect(machine.drain(0, 0)).toEqual([])
    expect(machine.drain(0, 2)).toEqual([store(2), store(3)])
    expect(seen()).toEqual([own, [1, 2, 3, 0], [1, 2, 3, 0]])
    expect(machine.drain(0, 9)).toEqual([store(4)])
    expect([seen(), machine.drain(0), machine.bufferedStores(0)]).toEqual([[own, own, own], [], []])
  })

  it('is nothing with sequential consistency', () => {
    const machine = storing({ memoryModel: 'sc' })
    expect([machine.bufferedStores(0), machine.drain(0, 2)]).toEqual([[], []])
    expect([0, 1, -1].map((cpu) => machine.memoryOf(cpu).peek(CELL + 8, 8))).toEqual([1n, 1n, 1n])
  })

  it('is asked for by the number of the CPU', () => {
    const machine = new Machine({ cpus: 3, ramBytes: 8192 })
    for (const cpu of [-1, 3, 0.5, Number.NaN]) {
      const refused = new MachineError(`cpu: expected 0 to 2, got ${cpu}`)
      for (const call of [
        () => machine.drain(cpu),
        () => machine.bufferedStores(cpu),
        () => machine.observeTlb(cpu, {}),
      ])
        expect(call).toThrow(refused)
    }
    for (const cpu of [0, 1, 2]) expect(machine.drain(cpu)).toEqual([])
  })

  it('wakes CPUs that wait for it as it becomes visible', () => {
    for (const drain of [(m: Machine) => void m.drain(0), () => {}]) {
      const { machine } = bareMachine(`set ${CELL}, %g1\nstx %g1, [%g1]\ngate: .word 0x81b82065\n${SPIN}`, {
        cpus: 2,
        memoryModel: 'tso',
        scheduler: {
          next: ([cpu], [full]) => (cpu === undefined ? { cpu: full!, stores: 1 } : { cpu, instructions: 9 }),
          save: () => 0,
          restore: () => {},
        },
        gate: {
          step: (cpu) => {
            if (cpu === 1) return machine.memoryOf(1).peek(CELL, 8) === 0n ? 'wait' : 'return'
            machine.halt(0)
            return 'halt'
          },
        },
      })
      machine.step(0, 3)
      machine.start(1, machine.cpus[0]!.get('pc'))
      expect(machine.step(1)).toBe('waiting')
      const before = machine.instructions(0)
      drain(machine)
      expect(machine.run(20)).toMatchObject({ reason: 'budget' })
      expect(machine.instructions(1)).toBeGreaterThan(10n)
      expect(machine.instructions(0) - before).toBeLessThanOrEqual(1n)
    }
  })
})
