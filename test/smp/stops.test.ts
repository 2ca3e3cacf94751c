import { describe, expect, it } from 'vitest'
import { ListenerError, Machine, type MachineConfig, MachineError, SeededRandom } from '../../src/smp'
import { U64Error } from '../../src/u64'
import { bareMachine, PROGRAM, setVector } from '../engine/bare-machine'
import { sendingMachine } from './programs'

const LOOP = 'loop: inc %o0\nother: inc %o1\nba loop\nnop'

describe('breakpoints', () => {
  it('stop before the instruction, and running on passes it', () => {
    const { machine, at } = bareMachine(LOOP)
    machine.addBreakpoint(at('other'))
    for (let round = 1n; round <= 3n; round++) {
      const result = machine.run(1000)
      expect(result).toEqual({ reason: 'breakpoint', cpu: 0, instructions: round === 1n ? 1 : 4 })
      expect([machine.cpus[0]!.get('pc'), machine.cpus[0]!.r(8), machine.cpus[0]!.r(9)]).toEqual([
        at('other'),
        round,
        round - 1n,
      ])
    }
    expect(machine.removeBreakpoint(at('other'))).toBe(true)
    expect(machine.removeBreakpoint(at('other'))).toBe(false)
    expect(machine.run(1000).reason).toBe('budget')
  })

  it('stop at the very first instruction too', () => {
    const { machine } = bareMachine(LOOP)
    machine.addBreakpoint(PROGRAM)
    expect(machine.run(5)).toEqual({ reason: 'breakpoint', cpu: 0, instructions: 0 })
    expect(machine.run(5).reason).toBe('breakpoint')
    expect(machine.run(3).instructions).toBe(3)
  })

  it.each([1, 2, 3, 4, 5, 7])('are not skipped where a turn or a budget of %i ends', (quantum) => {
    const { machine, at } = bareMachine(LOOP, { cpus: 2, scheduler: new SeededRandom(quantum, quantum) })
    machine.start(1, at('loop'))
    machine.addBreakpoint(at('other'))
    const hits = [0n, 0n]
    for (let n = 0; n < 400; n++) {
      const { reason, cpu } = machine.run(quantum)
      if (reason === 'breakpoint') hits[cpu!]!++
    }
    // %o1 counts passages; a CPU that stands at the breakpoint has been stopped once more
    for (const cpu of machine.cpus) {
      const stands = cpu.get('pc') === at('other') && cpu.stoppedAt !== undefined ? 1n : 0n
      expect(hits[cpu.index]).toBe(cpu.r(9) + stands)
      expect(hits[cpu.index]).toBeGreaterThan(3n)
    }
  })

  it('do not change the run', () => {
    const make = () => sendingMachine({ cpus: 4, scheduler: new SeededRandom(8, 11) }, 20n).machine
    const plain = make()
    plain.run(3000)
    const stopped = make()
    stopped.addBreakpoint(PROGRAM + 8n)
    stopped.addBreakpoint(PROGRAM + 44n)
    let stops = 0
    for (let left = 3000; left > 0; ) {
      const { reason, instructions } = stopped.run(left)
      left -= instructions
      if (reason === 'breakpoint') stops++
    }
    expect(stops).toBeGreaterThan(50)
    expect(stopped.replayHash()).toBe(plain.replayHash())
  })

  it('at a trap handler are found', () => {
    const { machine } = bareMachine('ta 1')
    machine.addBreakpoint(0x10_0000n + 0x101n * 32n)
    expect(machine.run(10)).toEqual({ reason: 'breakpoint', cpu: 0, instructions: 0 })
  })
})

describe('watchpoints', () => {
  const DATA = 0x30_0000
  const ACCESS = (instruction: string) =>
    `set ${DATA}, %g1\nset 7, %g2\nnop\n${instruction}\nmov 1, %o5\nloop: ba loop\nnop`

  it.each([
    ['ldx [%g1 + 8], %o0', 'load', 8],
    ['ldub [%g1 + 15], %o0', 'load', 1],
    ['stx %g2, [%g1 + 8]', 'store', 8],
    ['stb %g2, [%g1 + 8]', 'store', 1],
    ['std %g2, [%g1 + 8]', 'store', 8],
    ['add %g1, 8, %g3\ncasx [%g3], %g0, %g2', 'store', 8],
    ['ldstub [%g1 + 9], %o0', 'store', 1],
    ['ldda [%g1] 0xf0, %f0', 'load', 64],
    ['add %g1, 8, %g3\nldxa [%g3] 0x14, %o0', 'load', 8],
    ['add %g1, 8, %g3\nstxa %g2, [%g3] 0x88', 'store', 8],
  ] as const)('%s stops the machine before the access', (instruction, access, size) => {
    for (const space of ['virtual', 'physical'] as const) {
      const { machine } = bareMachine(ACCESS(instruction))
      machine.poke(DATA + 8, 8, 0n)
      const watchpoint = machine.addWatchpoint({ space, address: DATA + 8, access })
      const result = machine.run(100)
      expect(result.reason).toBe('watchpoint')
      expect(result.watched).toMatchObject({ watchpoint, access, size })
      expect([machine.peek(DATA + 8, 8), machine.cpus[0]!.r(8), machine.cpus[0]!.r(13)]).toEqual([0n, 0n, 0n])
      expect(machine.run(100).reason).toBe('budget')
      expect(machine.cpus[0]!.r(13)).toBe(1n)
      if (access === 'store') expect(machine.peek(DATA + 8, 8)).not.toBe(0n)
    }
  })

  it('do not stop for other bytes, kinds of access or spaces', () => {
    const { machine } = bareMachine(ACCESS('ldx [%g1], %o0\nstx %o0, [%g1 + 16]\nldx [%g1 + 8], %o1'))
    machine.addWatchpoint({ space: 'virtual', address: DATA + 8, length: 8, access: 'store' })
    machine.addWatchpoint({ space: 'physical', address: DATA + 24, length: 100 })
    machine.addWatchpoint({ space: 'virtual', address: 0x1234_5678_0000n, length: 1 << 20 })
    expect(machine.run(100).reason).toBe('budget')
  })

  it('see an access whose page was in the fast table before they were set, and none after they are removed', () => {
    const { machine } = bareMachine(`set ${DATA}, %g1\nloop: ldx [%g1], %o0\nstx %o0, [%g1 + 8]\nba loop\ninc %o1`)
    machine.run(100)
    const watchpoint = machine.addWatchpoint({ space: 'virtual', address: DATA + 8, access: 'store' })
    for (let n = 0; n < 3; n++) expect(machine.run(100).reason).toBe('watchpoint')
    expect(machine.watchpoints).toEqual([watchpoint])
    expect(machine.removeWatchpoint(watchpoint)).toBe(true)
    expect(machine.removeWatchpoint(watchpoint)).toBe(false)
    expect(machine.run(100).reason).toBe('budget')
  })

  it('do not change the run', () => {
    const source = `set ${DATA}, %g1\nloop: ldx [%g1], %o0\ninc %o0\nstx %o0, [%g1]\nba loop\ninc %o1`
    const make = () => {
      const { machine } = bareMachine(source, { cpus: 2, scheduler: new SeededRandom(2, 5) })
      machine.start(1, PROGRAM)
      return machine
    }
    const [plain, watched] = [make(), make()]
    plain.run(2000)
    watched.addWatchpoint({ space: 'physical', address: DATA, access: 'store' })
    for (let left = 2000; left > 0; ) left -= watched.run(left).instructions
    expect(watched.replayHash()).toBe(plain.replayHash())
  })

  it('that cannot be are refused', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    expect(() => machine.addWatchpoint({ space: 'virtual', address: 0, length: 0 })).toThrow(MachineError)
    expect(() => machine.addWatchpoint({ space: 'virtual', address: (1n << 64n) - 4n })).toThrow(MachineError)
    expect(() => machine.addWatchpoint({ space: 'logical' as 'virtual', address: 0 })).toThrow(/space/)
    expect(() => machine.addWatchpoint({ space: 'virtual', address: 0, access: 'fetch' as 'load' })).toThrow(/access/)
    expect(() => machine.addWatchpoint({ space: 'virtual', address: -1 })).toThrow(U64Error)
    expect(machine.watchpoints).toEqual([])
  })
})

describe('stop reasons', () => {
  it('halted when every CPU is, also when asked again', () => {
    const machine = new Machine({ cpus: 2, ramBytes: 1 << 20 })
    expect(machine.run(10)).toEqual({ reason: 'halted', instructions: 0 })
    expect(machine.run(10).reason).toBe('halted')
  })

  it('a CPU halted from outside runs no more, the others do', () => {
    const { machine, at } = bareMachine(LOOP, { cpus: 2 })
    machine.start(1, at('loop'))
    machine.halt(0)
    machine.run(100)
    expect([machine.instructions(0), machine.instructions(1)]).toEqual([0n, 100n])
  })
})

describe('listeners', () => {
  const faulty = (listener: (machine: Machine) => void) => {
    const { machine } = bareMachine('mov 1, %o0\nta 1\nnop')
    setVector(machine, 0x101, 'mov 2, %o1\ndone')
    machine.events.on('trap', () => listener(machine))
    return machine
  }

  it('that throw give a ListenerError with the cause; the machine stands after a whole step and goes on', () => {
    const cause = new Error('mine')
    const machine = faulty(() => {
      throw cause
    })
    expect(() => machine.run(3)).toThrow(expect.objectContaining({ name: 'ListenerError', cause }))
    machine.events.removeAllListeners()
    machine.run(3 - Number(machine.instructions()))
    const { machine: other } = bareMachine('mov 1, %o0\nta 1\nnop')
    setVector(other, 0x101, 'mov 2, %o1\ndone')
    other.run(3)
    expect(machine.replayHash()).toBe(other.replayHash())
  })

  it.each([
    ['run', (machine: Machine) => machine.run(1)],
    ['step', (machine: Machine) => machine.step(0)],
    ['restore', (machine: Machine) => machine.restore(new Machine().snapshot())],
    ['snapshot', (machine: Machine) => machine.snapshot()],
  ])('that call %s get a ListenerError', (_, listener) => {
    expect(() => faulty(listener).run(5)).toThrow(ListenerError)
  })

  it('may peek and poke', () => {
    const machine = faulty((m) => m.poke(0x8000, 8, m.peek(0x8000, 8) + 1n))
    machine.run(4)
    expect(machine.peek(0x8000, 8)).toBe(1n)
  })
})

describe('bad input', () => {
  const configs: readonly (readonly [string, MachineConfig])[] = [
    ['cpus', { cpus: 0 }],
    ['cpus', { cpus: 33 }],
    ['cpus', { cpus: 1.5 }],
    ['cpus', { cpus: Number.NaN }],
    ['ramBytes', { ramBytes: 100 }],
    ['ramBytes', { ramBytes: 8193 }],
    ['ramBytes', { ramBytes: -8192 }],
    ['model', { model: 'z80' as 'ultrasparc-i' }],
    ['mondoDelay', { mondoDelay: -1 }],
  ]
  it.each(configs)('an impossible %s is a MachineError: %o', (what, config) => {
    expect(() => new Machine(config)).toThrow(MachineError)
    expect(() => new Machine(config)).toThrow(what)
  })

  it('RAM that the host cannot address is a typed error', () => {
    expect(() => new Machine({ ramBytes: 2 ** 31 })).toThrow(/2147483648|bytes/)
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a budget of %s is refused', (budget) => {
    expect(() => new Machine({ ramBytes: 1 << 20 }).run(budget)).toThrow(MachineError)
  })

  it('peek and poke outside of RAM, unaligned or of odd size are refused, and nothing changes', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    const hash = machine.replayHash()
    for (const [pa, size] of [
      [1 << 20, 8],
      [-8, 8],
      [4, 8],
      [1, 2],
      [0.5, 1],
      [Number.NaN, 8],
    ] as const) {
      expect(() => machine.peek(pa, size)).toThrow(MachineError)
      expect(() => machine.poke(pa, size, 1n)).toThrow(MachineError)
    }
    expect(() => machine.peek(0, 3 as 4)).toThrow(/size/)
    expect(() => machine.poke(0, 1, 256n)).toThrow(/fit/)
    expect(() => machine.poke(0, 8, -1)).toThrow(U64Error)
    expect(machine.replayHash()).toBe(hash)
    machine.poke(0, 1, -1n)
    expect(machine.peek(0, 1)).toBe(0xffn)
  })

  it('a CPU that does not exist is refused', () => {
    const machine = new Machine({ cpus: 2, ramBytes: 1 << 20 })
    for (const cpu of [-1, 2, 0.5]) {
      expect(() => machine.step(cpu)).toThrow(MachineError)
      expect(() => machine.start(cpu, 0n)).toThrow(MachineError)
      expect(() => machine.translate(cpu, 0n)).toThrow(MachineError)
    }
  })

  it('a machine that was disposed of runs no more', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    machine.dispose()
    expect(() => machine.run(1)).toThrow(/disposed/)
  })
})
