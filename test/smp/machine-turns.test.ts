import { describe, expect, it } from 'vitest'
import type { GateResult } from '../../src/engine/engine'
import { ListenerError, Machine, MachineError, SeededRandom } from '../../src/smp'
import { PAGE_OBSERVED } from '../../src/state/physical-memory'
import { type BareConfig, bareMachine, PROGRAM, setVector, TRAP_TABLE } from '../engine/bare-machine'
import { PSTATE } from '../engine/trapped'

/** The gate instruction, entry 5. */
const GATE = '.word 0x81b82065'
const SPIN = 'ba .\nnop'
const TICK_INTERRUPT = 0x4e

interface GatedConfig extends BareConfig {
  /** What stands before the gate. */
  source?: string
}

/** A machine whose gate does what a function says; interrupts are on. */
function gated(step: (cpu: number) => GateResult, config: GatedConfig = {}) {
  const { source = '', ...rest } = config
  const bare = bareMachine(`${source}\ngate: ${GATE}\nspin: ${SPIN}`, { ...rest, gate: { step } })
  for (const cpu of bare.machine.cpus) {
    cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    cpu.modeChanged()
  }
  return bare
}

/** Arms TICK_COMPARE of a CPU. */
function armTimer(machine: Machine, cpu: number, tick: number): void {
  const registers = machine.cpus[cpu]!
  registers.w64[(registers.base + machine.layout.time.tickCompare) >> 3] = BigInt(tick)
  machine.clock.changed()
}

describe('CPUs that wait', () => {
  it('are asked again after others have executed something', () => {
    let word = 0n
    const { machine, at } = gated(() => (word === 0n ? 'wait' : 'return'), {
      cpus: 2,
      scheduler: new SeededRandom(1, 3),
    })
    machine.start(0, at('gate'))
    machine.start(1, at('spin'))
    expect(machine.run(200)).toStrictEqual({ reason: 'budget', instructions: 200 })
    expect([machine.instructions(0), machine.instructions(1)]).toEqual([0n, 200n])
    word = 1n
    machine.run(200)
    expect(machine.cpus[0]!.get('pc')).toBeGreaterThanOrEqual(at('spin'))
    expect(machine.instructions(0)).toBeGreaterThan(50n)
  })

  it('stop the machine if no other can run, until something changes from outside', () => {
    let asked = 0
    const waits = () => {
      asked++
      return 'wait' as const
    }
    const { machine, at } = gated(waits, { cpus: 2, resetVector: TRAP_TABLE })
    for (const cpu of [0, 1]) machine.start(cpu, at('gate'))
    const changes: (() => void)[] = [
      () => machine.wake(),
      () => machine.poke(0, 1, 1),
      () => machine.start(1, at('gate')),
      () => machine.restore(machine.snapshot()),
    ]
    for (const [n, change] of changes.entries()) {
      expect(machine.run(9)).toStrictEqual({ reason: 'deadlock', instructions: 0 })
      const before = asked
      expect(machine.run(9)).toStrictEqual({ reason: 'deadlock', instructions: 0 })
      expect([n, asked]).toEqual([n, before])
      change()
      machine.run(9)
      expect(asked).toBe(n === 3 ? before : before + 2)
    }
    machine.reset('watchdog_reset', 0)
    expect(machine.run(1).instructions).toBe(1)
  })

  it('are told with what the others have executed before', () => {
    const { machine } = gated(() => 'wait', { source: 'nop\nnop\nnop' })
    expect(machine.run(9)).toStrictEqual({ reason: 'deadlock', instructions: 3 })
  })

  it('sleep until the next timer, which wakes them all', () => {
    const asked = [0, 0]
    const { machine, at } = gated(
      (cpu) => {
        asked[cpu]!++
        return 'wait'
      },
      { cpus: 2 },
    )
    for (const cpu of [0, 1]) machine.start(cpu, at('gate'))
    setVector(machine, TICK_INTERRUPT, `rd %tick, %o0\n${SPIN}`)
    armTimer(machine, 1, 5000)
    expect(machine.run(100)).toStrictEqual({ reason: 'budget', instructions: 100 })
    expect([machine.cpus[1]!.get('tt', 0), machine.cpus[1]!.r(8)]).toEqual([BigInt(TICK_INTERRUPT), 5000n])
    expect(machine.clock.now).toBe(5100n)
    expect([machine.instructions(0), machine.instructions(1)]).toEqual([0n, 100n])
    expect(asked[0]).toBeGreaterThanOrEqual(2)
  })

  it('that take no interrupts sleep through their timers, and then there is nothing to wait for', () => {
    const { machine, at } = gated(() => 'wait')
    machine.start(0, at('gate'))
    machine.cpus[0]!.set('pil', 15n)
    armTimer(machine, 0, 70)
    expect(machine.run(100)).toStrictEqual({ reason: 'deadlock', instructions: 0 })
    expect([machine.clock.now, machine.cpus[0]!.get('softint')]).toEqual([70n, 1n])
  })
})

describe('a mondo that is delayed', () => {
  const DISPATCH = 'set 0x4070, %g1\nsend: stxa %g0, [%g1] 0x77\nba .\nnop'
  const DELAY = 40

  /** CPU 1 has a mondo, and executes `ahead` instructions before it waits. */
  function waiting(ahead: number) {
    const bare = gated(() => 'wait', { cpus: 2, mondoDelay: DELAY, source: `${DISPATCH}\n${'nop\n'.repeat(ahead)}` })
    const { machine, at } = bare
    machine.step(0, 3)
    machine.halt(0)
    machine.start(1, at('gate') - BigInt(4 * ahead))
    expect(machine.cpus[1]!.small('mondoCountdown')).toBe(DELAY)
    return { machine, cpu: machine.cpus[1]! }
  }

  it.each([0, 1, 7])('is taken at once by a CPU that waits: after %i instructions', (ahead) => {
    for (const go of [(m: Machine) => m.run(ahead + 2), (m: Machine) => m.step(1, ahead + 2)]) {
      const { machine, cpu } = waiting(ahead)
      const taken: unknown[] = []
      machine.events.on('mondo-taken', (event) => taken.push(event))
      go(machine)
      expect(taken).toEqual([{ cpu: 1, instructions: BigInt(ahead), words: [0n, 0n, 0n] }])
      expect([cpu.get('tt', 0), machine.instructions(1)]).toEqual([0x60n, BigInt(ahead + 2)])
    }
  })

  it.each([1, 3, DELAY])('waits for its delay where a CPU has something to do, in runs of %i as well', (part) => {
    const { machine, cpu } = waiting(DELAY + 3)
    for (let left = DELAY; left > 0; left -= part) machine.run(Math.min(left, part))
    expect([cpu.get('tl'), cpu.small('mondoCountdown')]).toEqual([0n, 0])
    machine.run(1)
    expect(cpu.get('tt', 0)).toBe(0x60n)
  })

  it('does not keep a CPU awake that takes no interrupts', () => {
    const { machine, cpu } = waiting(0)
    cpu.set('pstate', cpu.get('pstate') & ~PSTATE.IE)
    expect(machine.step(1, 5)).toBe('waiting')
    expect(machine.run(5)).toStrictEqual({ reason: 'deadlock', instructions: 0 })
  })
})

describe('halted CPUs', () => {
  const halting = (cpus: number, config: GatedConfig = {}) => {
    const bare = gated(
      (cpu) => {
        bare.machine.halt(cpu)
        return 'halt'
      },
      { cpus, ...config },
    )
    return bare
  }

  it('stop the machine with the last one, also if that was the last instruction of the budget', () => {
    const { machine, at } = halting(2)
    machine.start(0, at('gate'))
    expect(machine.run(1)).toStrictEqual({ reason: 'halted', instructions: 1 })
    machine.start(0, at('gate'))
    machine.start(1, at('spin'))
    expect(machine.run(5)).toStrictEqual({ reason: 'budget', instructions: 5 })
    machine.start(1, at('gate'))
    expect(machine.run(5)).toStrictEqual({ reason: 'halted', instructions: 2 })
  })

  it('stop it once their stores are visible', () => {
    const source = 'set cell, %g1\nstx %g1, [%g1]\nba gate\nnop\n.align 8\ncell: .xword 0'
    for (const budget of [5, 6, 100]) {
      const { machine, at } = halting(2, { memoryModel: 'tso', source })
      const GATE_AT = 5
      expect(machine.run(GATE_AT)).toStrictEqual({ reason: 'budget', instructions: GATE_AT })
      const stored = machine.bufferedStores(0).length
      expect(stored).toBe(1)
      expect(machine.run(budget - GATE_AT).reason).toBe(budget <= GATE_AT + 1 ? 'budget' : 'halted')
      expect([machine.run(100).reason, machine.peek(Number(at('cell')), 8), machine.bufferedStores(0)]).toEqual([
        'halted',
        at('cell'),
        [],
      ])
    }
  })

  it('take no time: an armed timer does not wake them', () => {
    const machine = new Machine({ ramBytes: 8192 })
    armTimer(machine, 0, 10)
    expect(machine.run(100)).toStrictEqual({ reason: 'halted', instructions: 0 })
    expect([machine.clock.now, machine.cpus[0]!.get('softint')]).toEqual([0n, 0n])
  })

  it('run from where they are started, with the registers that were set before', () => {
    const { machine, at } = bareMachine(`spin: ${SPIN}\nuser: rdpr %pil, %g1`, { cpus: 2 })
    const cpu = machine.cpus[1]!
    cpu.set('pstate', 0n)
    cpu.set('cwp', 2n)
    machine.start(1, at('user'))
    expect([cpu.get('pc'), cpu.get('npc'), cpu.supervisor]).toEqual([at('user'), at('user') + 4n, false])
    cpu.setR(16, 77n)
    expect(cpu.get('windows', 2 * 16 + 8)).toBe(77n)
    machine.step(1)
    expect([machine.instructions(1), cpu.get('tt', 0)]).toEqual([1n, 0x11n])
  })

  it('are asked for by number', () => {
    const machine = new Machine({ cpus: 2, ramBytes: 8192 })
    for (const cpu of [-1, 2, 0.5])
      for (const call of [() => machine.halt(cpu), () => machine.start(cpu, 0n), () => machine.step(cpu)])
        expect(call).toThrow(new MachineError(`cpu: expected 0 to 1, got ${cpu}`))
  })
})

describe('a CPU in error_state', () => {
  const broken = (cpus: number) => {
    const bare = bareMachine(`ta 1\nspin: ${SPIN}`, { cpus })
    bare.machine.cpus[0]!.set('tl', 5n)
    bare.machine.start(0, PROGRAM)
    return bare
  }

  it('stops the machine when it gets there, and when nobody else can run', () => {
    const { machine } = broken(2)
    expect(machine.run(9)).toStrictEqual({ reason: 'error-state', instructions: 0, cpu: 0 })
    expect(machine.run(9)).toStrictEqual({ reason: 'error-state', instructions: 0 })
    expect(machine.step(0)).toBe('error-state')
  })

  it('lets the others go on', () => {
    const { machine, at } = broken(3)
    machine.run(9)
    machine.start(2, at('spin'))
    expect(machine.run(9)).toStrictEqual({ reason: 'budget', instructions: 9 })
    expect(machine.instructions(2)).toBe(9n)
    machine.halt(2)
    expect(machine.run(9)).toStrictEqual({ reason: 'error-state', instructions: 0 })
  })
})

describe('a timer', () => {
  it.each([1, 30, 99])('is seen at its tick by a CPU that is stepped: %i', (tick) => {
    for (const go of [(m: Machine) => m.step(0, 100), (m: Machine) => m.run(100)]) {
      const { machine } = gated(() => 'stay')
      setVector(machine, TICK_INTERRUPT, `rd %tick, %o0\n${SPIN}`)
      armTimer(machine, 0, tick)
      go(machine)
      expect([machine.cpus[0]!.r(8), machine.instructions()]).toEqual([BigInt(tick), 100n])
    }
  })

  it('adds to the interrupts that are pending', () => {
    const { machine } = gated(() => 'stay')
    machine.cpus[0]!.set('pil', 15n)
    machine.cpus[0]!.set('softint', 0x18n)
    armTimer(machine, 0, 4)
    machine.run(3)
    expect(machine.cpus[0]!.get('softint')).toBe(0x18n)
    machine.run(1)
    expect(machine.cpus[0]!.get('softint')).toBe(0x19n)
  })
})

describe('what the schedule does not depend on', () => {
  const SOURCE = `set cells, %g1\nloop: inc %o0\nta 1\nstx %o0, [%g1]\nldx [%g1 + 8], %o1\nba loop\nnop\n.align 8\ncells: .xword 0, 0`
  const make = () => {
    const { machine } = bareMachine(SOURCE, { cpus: 3, scheduler: new SeededRandom(5, 20) })
    for (const cpu of machine.cpus) machine.start(cpu.index, PROGRAM)
    setVector(machine, 0x101, 'inc %o2\ndone')
    return machine
  }
  const TOTAL = 600
  const expected = () => {
    const machine = make()
    machine.run(TOTAL)
    return machine.replayHash()
  }

  it('listeners that throw: the machine stands after a whole step each time', () => {
    const machine = make()
    machine.events.on('trap', () => {
      throw new Error('mine')
    })
    let failures = 0
    while (machine.instructions() < BigInt(TOTAL))
      try {
        machine.run(TOTAL - Number(machine.instructions()))
      } catch (error) {
        expect(error).toBeInstanceOf(ListenerError)
        failures++
      }
    expect(failures).toBeGreaterThan(60)
    expect(machine.replayHash()).toBe(expected())
  })

  it('whether each access that others can see stops the engine, as for an explorer', () => {
    const machine = make()
    machine.environment.exploring = true
    expect(machine.run(TOTAL)).toStrictEqual({ reason: 'budget', instructions: TOTAL })
    expect(machine.replayHash()).toBe(expected())
    expect(machine.step(0, 100)).toBe('visible')
  })

  it('breakpoints and watchpoints', () => {
    const machine = make()
    machine.addBreakpoint(PROGRAM + 12n)
    machine.addWatchpoint({ space: 'physical', address: PROGRAM, length: 0x100, access: 'store' })
    const reasons = new Set<string>()
    for (let left = TOTAL; left > 0; ) {
      const { reason, instructions } = machine.run(left)
      reasons.add(reason)
      left -= instructions
    }
    expect(reasons).toEqual(new Set(['breakpoint', 'watchpoint', 'budget']))
    expect(machine.replayHash()).toBe(expected())
  })
})

describe('what a listener throws', () => {
  const failing = (thrown: unknown) => {
    const { machine } = bareMachine('mov 1, %o0\nta 1\nnop')
    setVector(machine, 0x101, SPIN)
    machine.events.once('trap', () => {
      throw thrown
    })
    return machine
  }

  it.each([
    [new TypeError('no such thing'), 'no such thing'],
    ['just words', 'just words'],
  ])('is told once, by run and by step: %s', (thrown, words) => {
    for (const go of [(m: Machine) => m.run(9), (m: Machine) => m.step(0, 9)]) {
      const machine = failing(thrown)
      expect(() => go(machine)).toThrow(
        expect.objectContaining({
          name: 'ListenerError',
          cause: thrown,
          message: `a listener of 'trap' failed: ${words}`,
        }),
      )
      expect([machine.instructions(), machine.cpus[0]!.get('tl')]).toEqual([1n, 1n])
      expect(() => go(machine)).not.toThrow()
      expect(machine.instructions()).toBe(10n)
    }
  })
})

it('a listener may not run the machine that tells it, nor another run begin', () => {
  const { machine } = bareMachine('ta 1')
  const words: string[] = []
  machine.events.on('trap', () => {
    for (const go of [() => machine.run(1), () => machine.step(0), () => machine.run(-1)])
      try {
        go()
      } catch (error) {
        words.push(String(error))
      }
  })
  const running = 'ListenerError: the machine is running: a listener may not run it'
  const budget = `MachineError: budget: expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}, got -1`
  for (const go of [() => machine.run(1), () => machine.step(0)]) {
    machine.start(0, PROGRAM)
    machine.cpus[0]!.set('tl', 0n)
    go()
    expect(words.splice(0)).toEqual([running, running, budget])
  }
})

describe('what a host throws in the middle of an instruction', () => {
  it.each([0, 1])('leaves CPU %i and the clock after the instructions before it', (cpu) => {
    const { machine, at } = gated(
      () => {
        throw new RangeError('of the host')
      },
      { cpus: 2, source: 'start: nop\nnop\nnop' },
    )
    machine.halt(0)
    for (const go of [(m: Machine) => m.run(100), (m: Machine) => m.step(cpu, 100)]) {
      const before = machine.clock.now
      machine.start(cpu, at('start'))
      expect(() => go(machine)).toThrow(new RangeError('of the host'))
      expect(machine.clock.now - before).toBe(3n)
      expect(machine.cpus[cpu]!.get('pc')).toBe(at('gate'))
    }
    expect([machine.instructions(), machine.instructions(cpu)]).toEqual([6n, 6n])
    machine.start(cpu, at('spin'))
    expect(machine.run(10).instructions).toBe(10)
  })
})

it('an observer of memory is told which CPU it is, and -1 for the host between two runs', () => {
  const { machine } = bareMachine(`set 0x300000, %g1\nstx %g1, [%g1]\n${SPIN}`, { cpus: 2 })
  const stores: number[] = []
  machine.memory.setPageFlag(0x30_0000, PAGE_OBSERVED, true)
  machine.memory.observer = { load: () => {}, store: (cpu) => stores.push(cpu) }
  machine.start(1, PROGRAM)
  machine.poke(0x30_0000, 8, 1n)
  machine.run(2500)
  machine.poke(0x30_0000, 8, 1n)
  expect(stores).toEqual([-1, 0, 1, -1])
})

describe('runAsync', () => {
  const spinning = () => bareMachine(`loop: ${SPIN}`)

  it('runs in slices of 500,000 instructions, and tells how far it is after each', async () => {
    const { machine } = spinning()
    const progress: number[] = []
    const result = await machine.runAsync(500_001, { onProgress: (done) => progress.push(done) })
    expect(result).toStrictEqual({ reason: 'budget', instructions: 500_001 })
    expect(progress).toEqual([500_000, 500_001])
    expect(machine.instructions()).toBe(500_001n)
  })

  it('runs no slice after the last one, and needs nobody who listens', async () => {
    const { machine } = spinning()
    const progress: number[] = []
    await machine.runAsync(20, { slice: 10, onProgress: (done) => progress.push(done) })
    expect(progress).toEqual([10, 20])
    expect(await machine.runAsync(3)).toStrictEqual({ reason: 'budget', instructions: 3 })
  })

  it('ends with the slice in which the machine stops', async () => {
    const { machine, at } = bareMachine('nop\nnop\nnop\nnop\nstop: nop\nba stop\nnop')
    machine.addBreakpoint(at('stop'))
    const stop = { reason: 'breakpoint', cpu: 0, instructions: 4 }
    expect(await machine.runAsync(100, { slice: 3 })).toStrictEqual(stop)
  })

  it('lets other things happen between two slices', async () => {
    const { machine } = spinning()
    const seen: bigint[] = []
    setTimeout(() => seen.push(machine.instructions()))
    await machine.runAsync(30, { slice: 10 })
    expect(seen).toEqual([10n])
  })

  it('does not begin once it is aborted', async () => {
    const { machine } = spinning()
    await expect(machine.runAsync(30, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    expect(machine.instructions()).toBe(0n)
  })
})
