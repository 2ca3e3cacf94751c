import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Machine, MachineError, RoundRobin, SeededRandom } from '../../src/smp'
import { U64Error } from '../../src/u64'
import { type BareConfig, bareMachine, PROGRAM, setVector } from '../engine/bare-machine'
import { PSTATE } from '../engine/trapped'

const SPIN = 'ba .\nnop'
const small = (config: object = {}) => new Machine({ ramBytes: 1 << 20, ...config })

describe('peek and poke', () => {
  const size = fc.constantFrom(1, 2, 4, 8)
  const bytesOf = (machine: Machine) => Array.from({ length: 16 }, (_, at) => Number(machine.peek(at, 1)))

  it('are big-endian, and poke changes its bytes only', () => {
    const machine = small()
    fc.assert(
      fc.property(size, fc.nat(7), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (bytes, place, word) => {
        const pa = place - (place % bytes)
        const value = BigInt.asUintN(8 * bytes, word)
        const expected = bytesOf(machine)
        for (let n = 0; n < bytes; n++) expected[pa + n] = Number((value >> BigInt(8 * (bytes - 1 - n))) & 0xffn)
        machine.poke(pa, bytes, value)
        expect(bytesOf(machine)).toEqual(expected)
        expect(machine.peek(pa, bytes)).toBe(value)
      }),
    )
  })

  it.each([1, 2, 4, 8] as const)('a value of %i bytes may be signed or unsigned, and no wider', (bytes) => {
    const machine = small()
    const [least, most] = [-(1n << BigInt(8 * bytes - 1)), (1n << BigInt(8 * bytes)) - 1n]
    for (const value of [least, least + 1n, -1n, 0n, 1n, -least - 1n, -least, most]) {
      machine.poke(8, bytes, value)
      expect(machine.peek(8, bytes)).toBe(BigInt.asUintN(8 * bytes, value))
    }
    const wide = bytes === 8 ? [] : [(1n << 63n) | 5n, 5n - (1n << 63n)]
    for (const value of [least - 1n, most + 1n, ...wide])
      expect(() => machine.poke(8, bytes, value)).toThrow(
        bytes === 8 ? U64Error : new MachineError(`value: ${value} does not fit in ${bytes} bytes`),
      )
    expect(machine.peek(8, bytes)).toBe(most)
  })

  it('reach all of RAM, aligned, and nothing else', () => {
    const machine = small()
    for (const bytes of [1, 2, 4, 8] as const) {
      for (const pa of [0, bytes, (1 << 20) - bytes]) {
        machine.poke(pa, bytes, 1)
        expect(machine.peek(pa, bytes)).toBe(1n)
      }
      const beyond: readonly [number, string][] = [
        [1 << 20, '0x100000 is not RAM'],
        [-bytes, `0x-${bytes} is not RAM`],
        ...(bytes > 1 ? ([[bytes / 2, `0x${bytes / 2} is not a multiple of ${bytes}`]] as [number, string][]) : []),
      ]
      for (const [pa, words] of beyond) {
        expect(() => machine.peek(pa, bytes)).toThrow(new MachineError(`peek: ${words}`))
        expect(() => machine.poke(pa, bytes, 0)).toThrow(new MachineError(`poke: ${words}`))
      }
      expect(() => machine.peek(0.5, bytes)).toThrow(new MachineError('peek: 0x0.8 is not RAM'))
    }
    for (const bytes of [0, 3, 16])
      expect(() => machine.peek(0, bytes as 8)).toThrow(new MachineError(`size: expected 1, 2, 4 or 8, got ${bytes}`))
  })
})

describe('translate', () => {
  const [VA, PA] = [0x700_0000_0000n, 0x30_0000n]
  const V = 1n << 63n
  const [G, W, P] = [1n, 2n, 4n]

  /** A machine with one page at {@link VA} beside those of its program, in a context. */
  function mapping(bits: bigint, context = 0n) {
    const { machine } = bareMachine(SPIN, { cpus: 2 })
    const { mmu } = machine.cpus[1]!
    for (const [asi, dataIn] of [
      [0x58, 0x5c],
      [0x50, 0x54],
    ] as const) {
      mmu.storeAsi(asi, 0x30n, VA | context)
      mmu.storeAsi(dataIn, 0n, V | PA | 0x30n | bits)
    }
    const hash = machine.replayHash()
    const where = (va: bigint, access?: 'load' | 'store' | 'fetch') => {
      const pa = machine.translate(1, va, access)
      expect(machine.replayHash()).toBe(hash)
      return pa
    }
    return { machine, cpu: machine.cpus[1]!, where }
  }

  it('tells where loads, stores and fetches of a CPU go, and changes nothing', () => {
    const { machine, where } = mapping(W | P | G)
    expect([where(VA + 0x123n), where(VA, 'load'), where(VA, 'store'), where(VA, 'fetch')]).toEqual([
      0x30_0123, 0x30_0000, 0x30_0000, 0x30_0000,
    ])
    expect([where(VA + 0x2000n), where(VA - 1n, 'store'), where(VA - 1n, 'fetch')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(machine.translate(0, VA)).toBeUndefined()
  })

  it('knows what may not be stored to, and what is for privileged software', () => {
    const readOnly = mapping(P | G)
    expect([readOnly.where(VA), readOnly.where(VA, 'store')]).toEqual([0x30_0000, undefined])
    readOnly.cpu.set('pstate', readOnly.cpu.get('pstate') & ~PSTATE.PRIV)
    readOnly.cpu.modeChanged()
    expect([readOnly.machine.translate(1, VA), readOnly.machine.translate(1, VA, 'fetch')]).toEqual([
      undefined,
      undefined,
    ])
  })

  it('goes by the primary context, or by that of the nucleus in a trap', () => {
    const { machine, cpu } = mapping(W, 5n)
    expect(machine.translate(1, VA)).toBeUndefined()
    cpu.mmu.storeAsi(0x58, 8n, 5n)
    expect(machine.translate(1, VA)).toBe(0x30_0000)
    cpu.set('tl', 1n)
    cpu.modeChanged()
    expect(machine.translate(1, VA)).toBeUndefined()
  })

  it('takes signed addresses as well', () => {
    const { machine } = bareMachine(SPIN)
    const { mmu } = machine.cpus[0]!
    mmu.storeAsi(0x58, 0x30n, 0xffff_ffff_ffff_e000n)
    mmu.storeAsi(0x5c, 0n, V | PA | 0x31n)
    expect([machine.translate(0, -8n), machine.translate(0, (1n << 64n) - 8n)]).toEqual([0x30_1ff8, 0x30_1ff8])
  })
})

describe('reset', () => {
  it('of one CPU leaves the others as they are, of none named resets all', () => {
    const machine = small({ cpus: 3, resetVector: 0x1000 })
    const statuses = () => machine.cpus.map((cpu) => [cpu.small('status'), cpu.get('pc')])
    const halted = [1, 0n]
    machine.reset('externally_initiated_reset', 1)
    expect(statuses()).toEqual([halted, [0, 0x1060n], halted])
    machine.reset('power_on_reset')
    expect(statuses()).toEqual([1, 2, 3].map(() => [0, 0x1020n]))
  })

  it('is power-on if nothing else is said, and refuses what is none', () => {
    const machine = small({ cpus: 2 })
    machine.reset()
    expect(machine.cpus.map((cpu) => cpu.get('tt', 4))).toEqual([1n, 1n])
    const words = 'reset: expected one of power_on_reset, '
    expect(() => machine.reset('trap' as 'power_on_reset')).toThrow(MachineError)
    expect(() => machine.reset('trap' as 'power_on_reset')).toThrow(words)
    expect(() => machine.reset('watchdog_reset', 2)).toThrow(new MachineError('cpu: expected 0 to 1, got 2'))
  })

  it('brings timers back that had passed: TICK begins anew (UltraSPARC-I 14.1.7)', () => {
    const { machine } = bareMachine(`wr %g0, 30, %tick_cmpr\n${SPIN}`, {
      resetVector: PROGRAM,
      origin: PROGRAM + 0x5cn,
    })
    const [cpu] = machine.cpus
    cpu!.set('pil', 15n)
    machine.run(100)
    expect(cpu!.get('softint')).toBe(1n)
    cpu!.set('softint', 0n)
    machine.reset('externally_initiated_reset', 0)
    machine.run(29)
    expect(cpu!.get('softint')).toBe(0n)
    machine.run(1)
    expect(cpu!.get('softint')).toBe(1n)
  })

  it('turns the timers of power-on off: none comes that was looked up before', () => {
    const { machine } = bareMachine(`wr %g0, 50, %tick_cmpr\n${SPIN}`, { resetVector: PROGRAM + 0x100n })
    const [cpu] = machine.cpus
    machine.run(5)
    machine.reset('power_on_reset', 0)
    machine.run(20)
    machine.start(0, PROGRAM + 4n)
    machine.run(200)
    expect(cpu!.get('softint')).toBe(0n)
  })
})

describe('a replay hash', () => {
  const after = (instructions: number, config: BareConfig) => {
    const { machine, at } = bareMachine(`spin: ${SPIN}`, { cpus: 2, ...config })
    machine.start(1, at('spin'))
    machine.run(instructions)
    return machine.replayHash()
  }

  it('has what is left of the turn, the state of the scheduler, and the companion', () => {
    const companion = (value: unknown) => ({ save: () => value, restore: () => {} })
    const hashes = [
      after(4, { scheduler: new RoundRobin(10) }),
      after(4, { scheduler: new RoundRobin(20) }),
      after(4, { scheduler: new RoundRobin(4) }),
      after(0, { scheduler: new RoundRobin(10) }),
      after(0, { scheduler: new SeededRandom(1) }),
      after(0, { scheduler: new SeededRandom(2) }),
      after(4, { scheduler: new RoundRobin(10), companion: companion('a') }),
      after(4, { scheduler: new RoundRobin(10), companion: companion({ b: 1 }) }),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(after(4, { scheduler: new RoundRobin(10), companion: companion('a') })).toBe(hashes[6])
  })

  it('is one in which equal states meet; that of a search leaves out time and counters', () => {
    const { machine } = bareMachine(SPIN)
    machine.run(2)
    const hashes = () => [machine.replayHash(), machine.explorationHash().digest()] as const
    const [first, search] = hashes()
    machine.run(4)
    expect(hashes()[0]).not.toBe(first)
    expect(hashes()[1]).toBe(search)
    machine.run(1)
    expect(hashes()[1]).not.toBe(search)
  })
})

describe('a snapshot', () => {
  /** Loads from a page, counts in memory and in a register, and takes timer interrupts. */
  const LOOP = `
    set 0x300000, %g1
  loop: ldx [%g1], %g2
    add %g2, 1, %g2
    stx %g2, [%g1]
    rd %tick, %g3
    add %g3, 40, %g3
    wr %g3, 0, %tick_cmpr
    ba loop
    inc %g4`
  const make = (config: BareConfig = {}) => {
    const { machine } = bareMachine(LOOP, { cpus: 2, scheduler: new SeededRandom(3, 9), ...config })
    setVector(machine, 0x4e, 'inc %g5\nwr %g0, 1, %clear_softint\nretry')
    for (const cpu of machine.cpus) {
      machine.start(cpu.index, PROGRAM)
      cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
      cpu.modeChanged()
    }
    return machine
  }

  it.each([1, 30, 37, 41])('after %i instructions is where a machine goes on', (steps) => {
    const machine = make()
    machine.run(steps)
    const snapshot = machine.snapshot()
    machine.run(100)
    const expected = machine.replayHash()
    machine.run(7)
    machine.restore(snapshot)
    machine.run(100)
    expect(machine.replayHash()).toBe(expected)
    const other = make()
    other.run(11)
    other.restore(snapshot)
    other.run(100)
    expect(other.replayHash()).toBe(expected)
  })

  it('has the mappings and modes of its moment', () => {
    const { machine } = bareMachine(`ldx [%g1], %o0\n${SPIN}`)
    const [cpu] = machine.cpus
    const { mmu } = cpu!
    const place = (pa: bigint) => {
      mmu.storeAsi(0x58, 0x30n, 0x700000n)
      mmu.storeAsi(0x5f, 0x700000n, 0n)
      mmu.storeAsi(0x58, 0x30n, 0x700000n)
      mmu.storeAsi(0x5c, 0n, (1n << 63n) | pa | 0x36n)
    }
    const loaded = () => {
      machine.start(0, PROGRAM)
      cpu!.setR(1, 0x700000n)
      machine.step(0)
      return cpu!.r(8)
    }
    machine.poke(0x30_0000, 8, 1)
    machine.poke(0x30_2000, 8, 2)
    place(0x30_0000n)
    expect(loaded()).toBe(1n)
    const snapshot = machine.snapshot()
    place(0x30_2000n)
    expect(loaded()).toBe(2n)
    cpu!.set('pstate', 0n)
    cpu!.set('cwp', 3n)
    cpu!.modeChanged()
    machine.restore(snapshot)
    expect([cpu!.supervisor, cpu!.get('cwp')]).toEqual([true, 0n])
    expect(loaded()).toBe(1n)
  })

  it('has the timers that were to come', () => {
    const { machine } = bareMachine(`wr %g0, 50, %tick_cmpr\n${SPIN}`)
    const [cpu] = machine.cpus
    cpu!.set('pil', 15n)
    machine.run(10)
    const snapshot = machine.snapshot()
    for (let n = 0; n < 2; n++) {
      machine.run(90)
      expect(cpu!.get('softint')).toBe(1n)
      machine.restore(snapshot)
      expect(cpu!.get('softint')).toBe(0n)
    }
    machine.run(39)
    expect(cpu!.get('softint')).toBe(0n)
  })

  it('has whether CPUs wait', () => {
    const { machine } = bareMachine(`.word 0x81b82065\n${SPIN}`, {
      gate: { step: () => (machine.peek(0, 8) === 0n ? 'wait' : 'return') },
    })
    machine.poke(0, 8, 1)
    const snapshot = machine.snapshot()
    machine.poke(0, 8, 0)
    expect(machine.run(5).reason).toBe('deadlock')
    const waiting = machine.snapshot()
    machine.restore(snapshot)
    expect(machine.run(5)).toEqual({ reason: 'budget', instructions: 5 })
    machine.restore(waiting)
    expect(machine.run(5)).toEqual({ reason: 'deadlock', instructions: 0 })
  })

  it('of a machine that runs is refused, and so is a reset', () => {
    const machine = make()
    const snapshot = machine.snapshot()
    const calls = [() => machine.snapshot(), () => machine.restore(snapshot), () => machine.reset()]
    const words: string[] = []
    machine.events.on('trap', () => {
      for (const call of calls)
        try {
          call()
        } catch (error) {
          words.push(String(error))
        }
    })
    machine.cpus[0]!.set('softint', 1n)
    machine.step(0)
    expect(words).toEqual(
      ['snapshot', 'restore', 'reset'].map((what) => `ListenerError: ${what}: the machine is running`),
    )
  })
})

describe('break and watch points', () => {
  it('are listed, each once, and removed', () => {
    const machine = small()
    for (const va of [8, 16n, -8n, 8]) machine.addBreakpoint(va)
    expect(machine.breakpoints).toEqual([8n, 16n, 0xffff_ffff_ffff_fff8n])
    expect([machine.removeBreakpoint(16), machine.removeBreakpoint(16)]).toEqual([true, false])
    expect(machine.breakpoints).toEqual([8n, 0xffff_ffff_ffff_fff8n])
    const [first, second] = [0, 8].map((address) => machine.addWatchpoint({ space: 'physical', address }))
    expect(machine.watchpoints).toEqual([first, second])
    expect([machine.removeWatchpoint(first!), machine.removeWatchpoint(first!)]).toEqual([true, false])
    expect(machine.watchpoints).toEqual([second])
  })

  it('are found by a CPU that has used the page before', () => {
    const { machine } = bareMachine(`set 0x300000, %g1\nloop: ldx [%g1 + 8], %o0\nba loop\nnop`, { cpus: 2 })
    machine.start(1, PROGRAM)
    machine.run(3000)
    machine.addWatchpoint({ space: 'physical', address: 0x30_0008, length: 1 })
    for (const cpu of [0, 1]) expect(machine.step(cpu, 100)).toBe('watchpoint')
  })
})

it('a machine that was disposed of tells nobody anything, and does not run', () => {
  const machine = small()
  machine.events.on('trap', () => {})
  machine.dispose()
  expect(machine.events.listenerCount('trap')).toBe(0)
  for (const call of [() => machine.run(1), () => machine.step(0)])
    expect(call).toThrow(new MachineError('the machine was disposed of'))
})
