import { describe, expect, it } from 'vitest'
import type { ResetName } from '../../src/engine/reference-traps'
import { assemble } from '../../src/isa'
import { Machine } from '../../src/smp'
import { bareMachine, PROGRAM } from './bare-machine'
import { PSTATE } from './trapped'

const RSTV = 0xffff_ffff_f000_0000n
/** A RED_state trap table in RAM. */
const TABLE = 0x8_0000n
const IN_RED = PSTATE.RED | PSTATE.PEF | PSTATE.PRIV | PSTATE.AG
const MMU_ENABLES = 0xcn

function withTable(source: string, handlers: Partial<Record<number, string>> = {}, config = {}) {
  const bare = bareMachine(source, { resetVector: TABLE, ...config })
  for (const [offset, handler] of Object.entries(handlers)) {
    const origin = TABLE + BigInt(offset)
    bare.machine.memory.writeBytes(Number(origin), assemble(handler!, { origin }).bytes)
  }
  return { ...bare, cpu: bare.machine.cpus[0]! }
}

describe('machine.reset', () => {
  const resets: [ResetName, bigint, bigint][] = [
    ['watchdog_reset', 0x40n, 2n],
    ['externally_initiated_reset', 0x60n, 3n],
    ['software_initiated_reset', 0x80n, 4n],
  ]

  it.each(resets)('%s: state is saved one level up, in RED_state, at offset %s (V9 7.6.2)', (name, offset, tt) => {
    const { machine } = bareMachine('wr %g0, 0x5a, %ccr\nwr %g0, 0x81, %asi\nnop')
    const cpu = machine.cpus[0]!
    machine.step(0, 2)
    cpu.set('pstate', cpu.get('pstate') | PSTATE.RMO | PSTATE.TLE | PSTATE.AM)
    cpu.modeChanged()
    const pstate = cpu.get('pstate')
    machine.reset(name, 0)
    expect([cpu.get('tl'), cpu.get('tt', 0), cpu.get('pc'), cpu.get('npc')]).toEqual([
      1n,
      tt,
      RSTV + offset,
      RSTV + offset + 4n,
    ])
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([PROGRAM + 8n, PROGRAM + 12n])
    expect(cpu.get('tstate', 0)).toBe((0x5an << 32n) | (0x81n << 24n) | (pstate << 8n))
    expect(cpu.get('pstate')).toBe(IN_RED | PSTATE.TLE | PSTATE.CLE)
    expect(cpu.get('lsuControl') & MMU_ENABLES).toBe(0n)
  })

  it('power_on_reset: TL is MAXTL, TT 1, offset 0x20; FSR and timers are cleared, TLBs stay (UltraSPARC-I 6.7)', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    cpu.set('fsr', 0xc000_0000n)
    cpu.set('mondoReceive', 0x21n)
    const entries = cpu.mmu.entries('data')
    machine.reset()
    expect([cpu.get('tl'), cpu.get('tt', 4), cpu.get('pc'), cpu.get('pstate'), cpu.get('fsr')]).toEqual([
      5n,
      1n,
      RSTV + 0x20n,
      IN_RED,
      0n,
    ])
    expect(cpu.get('mondoReceive')).toBe(0n)
    expect(cpu.mmu.entries('data')).toEqual(entries)
  })

  it.each([...resets, ['power_on_reset', 0x20n, 1n] as const])('%s tells of the trap', (name, _, tt) => {
    const { machine } = bareMachine('nop\nnop')
    machine.step(0)
    const seen: object[] = []
    machine.events.on('trap', ({ name, type, level, pc }) => seen.push({ name, type, level, pc }))
    machine.reset(name)
    expect(seen).toEqual([{ name, type: Number(tt), level: name === 'power_on_reset' ? 5 : 1, pc: PROGRAM + 4n }])
  })

  it('power_on_reset forgets the byte order of traps', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    cpu.set('pstate', cpu.get('pstate') | PSTATE.TLE)
    machine.reset()
    expect(cpu.get('pstate')).toBe(IN_RED)
  })

  it('TICK is cleared and NPT set by power-on and XIR only (UltraSPARC-I 14.1.7)', () => {
    for (const name of [
      'power_on_reset',
      'externally_initiated_reset',
      'watchdog_reset',
      'software_initiated_reset',
    ] as const) {
      const { machine, cpu } = withTable('nop\nnop\nnop\nnop', {
        32: 'rdpr %tick, %o0',
        64: 'rdpr %tick, %o0',
        96: 'rdpr %tick, %o0',
        128: 'rdpr %tick, %o0',
      })
      machine.step(0, 3)
      machine.reset(name)
      machine.step(0, 1)
      const clears = name === 'power_on_reset' || name === 'externally_initiated_reset'
      expect([name, cpu.r(8)]).toEqual([name, clears ? 1n << 63n : 3n])
    }
  })

  it('at MAXTL: XIR stays there, SIR leads to error_state (V9 7.2.1)', () => {
    const { machine } = bareMachine('wrpr %g0, 5, %tl\nnop')
    const cpu = machine.cpus[0]!
    machine.step(0)
    machine.reset('externally_initiated_reset')
    expect([cpu.get('tl'), cpu.get('tt', 4)]).toEqual([5n, 3n])
    machine.reset('software_initiated_reset')
    expect([cpu.get('tt', 4), cpu.get('pc')]).toEqual([3n, RSTV + 0x60n])
    expect(machine.run(10)).toEqual({ reason: 'error-state', instructions: 0 })
  })

  it('brings a halted CPU and one in error_state to life', () => {
    const { machine } = bareMachine('wrpr %g0, 5, %tl\nta 1', { cpus: 2, resetVector: TABLE })
    expect(machine.run(5000).reason).toBe('error-state')
    machine.memory.writeBytes(Number(TABLE) + 0x60, assemble('mov 7, %o0\n1: ba 1b\nnop').bytes)
    machine.reset('externally_initiated_reset')
    expect(machine.run(5000).reason).toBe('budget')
    expect(machine.cpus.map((cpu) => cpu.r(8))).toEqual([7n, 7n])
  })

  it('resets one CPU of several, and refuses what is no reset', () => {
    const { machine } = bareMachine('1: ba 1b\nnop', { cpus: 2 })
    machine.reset('externally_initiated_reset', 1)
    expect(machine.cpus.map((cpu) => cpu.get('tl'))).toEqual([0n, 1n])
    expect(() => machine.reset('reboot' as never)).toThrow(/reset: expected one of power_on_reset/)
    expect(() => machine.reset('power_on_reset', 2)).toThrow(/cpu/)
    expect(() => new Machine({ errorState: 'ignore' as never })).toThrow(/errorState: expected 'stop' or 'watchdog'/)
    expect(() => new Machine({ resetVector: 0x20 })).toThrow(/resetVector: expected a multiple of 256/)
  })
})

describe('the sir instruction', () => {
  it('resets the CPU in privileged mode, and is a nop in user mode (UltraSPARC-I 14.1.5)', () => {
    const { machine, cpu } = withTable('sir 0\nmov 1, %o0')
    expect(machine.run(10).reason).toBe('red-state')
    expect([cpu.get('pc'), cpu.get('tt', 0), cpu.get('tl'), cpu.get('tpc', 0)]).toEqual([
      TABLE + 0x80n,
      4n,
      1n,
      PROGRAM,
    ])
    const user = withTable('sir 0\nmov 1, %o0')
    user.cpu.set('pstate', user.cpu.get('pstate') & ~PSTATE.PRIV)
    user.cpu.modeChanged()
    user.machine.step(0, 2)
    expect(user.cpu.r(8)).toBe(1n)
  })

  it('is error_state at MAXTL', () => {
    const { machine } = withTable('wrpr %g0, 5, %tl\nsir 0')
    expect(machine.run(10).reason).toBe('error-state')
  })
})

describe('RED_state', () => {
  it('fetches physically whatever LSU control says, data by its enable bit (UltraSPARC-I 6.7)', () => {
    const { machine, cpu } = withTable('nop', { 96: 'mov 5, %o0\nstxa %o1, [%g0] 0x45\nldx [%o2], %o3\nnop' })
    cpu.mmu.storeAsi(0x57, 0x80n, 0n)
    for (let entry = 0; entry < 64; entry++) cpu.mmu.writeEntry('instruction', entry, 0n)
    cpu.setR(9, 0xfn)
    cpu.setR(10, 0x30_0000n)
    machine.poke(0x30_0000, 8, 0x1234n)
    machine.reset('externally_initiated_reset')
    const start = machine.instructions(0)
    expect(machine.run(3).reason).toBe('budget')
    expect(machine.instructions(0) - start).toBe(3n)
    expect([cpu.r(8), cpu.r(11), cpu.get('lsuControl')]).toEqual([5n, 0x1234n, 0xfn])
    expect(cpu.mmu.entries('data').some(({ used }) => used)).toBe(true)
  })

  it('by wrpr %pstate turns the I-MMU off and leaves its enable bit (SPARC64 V JPS1 supplement O.2.1)', () => {
    const { machine, cpu } = withTable(
      'rdpr %pstate, %g1\nwrpr %g1, 0x20, %pstate\nmov 1, %o0\nrdpr %pstate, %g1\nwrpr %g1, 0x20, %pstate\nmov 2, %o0',
    )
    for (let entry = 0; entry < 64; entry++)
      if (machine.mmus[0]!.entryAt('instruction', entry).valid) cpu.mmu.writeEntry('instruction', entry, 0n)
    cpu.mmu.storeAsi(0x45, 0n, 0xfn & ~4n)
    machine.step(0, 2)
    cpu.mmu.storeAsi(0x45, 0n, 0xfn)
    expect(cpu.mmu.redState).toBe(true)
    machine.step(0, 3)
    expect([cpu.r(8), cpu.get('lsuControl')]).toEqual([1n, 0xfn])
    const names: string[] = []
    machine.events.on('trap', ({ name }) => names.push(name))
    machine.step(0)
    expect(names[0]).toBe('fast_instruction_access_MMU_miss')
  })

  it('is left by retry, which restores PSTATE', () => {
    const { machine, cpu, at } = withTable('nop\nhere: mov 3, %o1', {
      96: 'mov 15, %g1\nstxa %g1, [%g0] 0x45\nretry',
    })
    machine.step(0)
    machine.reset('externally_initiated_reset')
    machine.step(0, 4)
    expect([cpu.get('tl'), cpu.get('pstate') & PSTATE.RED, cpu.r(9), cpu.get('pc')]).toEqual([
      0n,
      0n,
      3n,
      at('here') + 4n,
    ])
  })

  it('traps in it go to offset 0xa0 and keep their types and globals (UltraSPARC-I 14.5.9)', () => {
    const { machine, cpu } = withTable('nop', { 96: 'ta 3', 160: 'ldx [%g0 + 1], %g1' })
    machine.reset('externally_initiated_reset')
    expect(machine.run(10).reason).toBe('red-state')
    expect([cpu.get('tt', 1), cpu.get('pc'), cpu.get('tl')]).toEqual([0x103n, TABLE + 0xa0n, 2n])
    machine.run(1)
    expect([cpu.get('tt', 2), cpu.get('pstate')]).toEqual([0x34n, IN_RED])
  })

  it('is privileged with 64-bit addresses and globals of its own, whatever was interrupted', () => {
    const { machine, cpu } = withTable('mov 1, %g1\nta 3', { 160: 'rdpr %tl, %o0\nmov 2, %g1\nnop\nnop' })
    cpu.setSmall('tl', 4)
    cpu.set('pstate', PSTATE.AM)
    cpu.modeChanged()
    expect(machine.run(10).reason).toBe('red-state')
    machine.step(0, 4)
    expect([cpu.r(8), cpu.get('globals', 1), cpu.r(1), cpu.get('pc')]).toEqual([5n, 1n, 2n, TABLE + 0xb0n])
  })

  it('a window handler in it runs in its window', () => {
    const { machine, cpu } = withTable('save')
    for (const [field, value] of Object.entries({ tl: 4, cwp: 3, cansave: 0, canrestore: 6 }))
      cpu.setSmall(field as 'tl', value)
    cpu.modeChanged()
    expect(machine.run(10).reason).toBe('red-state')
    expect([cpu.get('cwp'), cpu.get('tt', 4), cpu.get('tstate', 4) & 7n]).toEqual([5n, 0x80n, 3n])
  })

  it('a miss at MAXTL - 1 selects the MMU globals', () => {
    const { machine, cpu } = withTable('wrpr %g0, 4, %tl\nsethi %hi(0x80000000), %g1\nldx [%g1], %g2')
    expect(machine.run(10).reason).toBe('red-state')
    expect([cpu.get('pstate'), cpu.get('pc')]).toEqual([
      PSTATE.RED | PSTATE.PEF | PSTATE.PRIV | PSTATE.MG,
      TABLE + 0xa0n,
    ])
  })
})

describe('error_state', () => {
  it('is where a machine without memory at RSTVaddr ends, and run() returns each time', () => {
    const { machine } = bareMachine('wrpr %g0, 4, %tl\nta 1')
    const cpu = machine.cpus[0]!
    expect(machine.run(100).reason).toBe('red-state')
    expect(machine.run(100)).toEqual({ reason: 'error-state', cpu: 0, instructions: 0 })
    expect([cpu.get('tl'), cpu.get('pc')]).toEqual([5n, RSTV + 0xa0n])
  })

  it('is reached from any level when nothing can be fetched', () => {
    const machine = new Machine({ ramBytes: 1 << 20 })
    machine.reset('externally_initiated_reset')
    const reasons = Array.from({ length: 6 }, () => machine.run(10).reason)
    expect(reasons).toEqual(['red-state', 'red-state', 'red-state', 'red-state', 'error-state', 'error-state'])
  })

  it('with errorState: watchdog the CPU runs on from offset 0x40, TT telling the trap that led there', () => {
    const { machine, cpu } = withTable(
      'wrpr %g0, 5, %tl\nta 6',
      { 64: 'mov 8, %o0\n1: ba 1b\nnop' },
      { errorState: 'watchdog' },
    )
    const types: number[] = []
    machine.events.on('trap', ({ type }) => types.push(type))
    expect(machine.run(10).reason).toBe('red-state')
    expect([cpu.get('tl'), cpu.get('tt', 4), cpu.get('tpc', 4), cpu.get('pc')]).toEqual([
      5n,
      0x106n,
      PROGRAM + 4n,
      TABLE + 0x40n,
    ])
    expect(machine.run(10).reason).toBe('budget')
    expect([cpu.r(8), types]).toEqual([8n, [0x106]])
  })

  it('a watchdog reset whose own entry traps is the end', () => {
    const { machine } = bareMachine('wrpr %g0, 5, %tl\nta 6', { errorState: 'watchdog' })
    expect(machine.run(10).reason).toBe('red-state')
    expect(machine.run(10).reason).toBe('error-state')
    expect(machine.run(10).reason).toBe('error-state')
  })

  it('an instruction_access_error at every vector ends there too', () => {
    const { machine } = bareMachine('ta 1')
    const cpu = machine.cpus[0]!
    cpu.set('tba', 0x8000_0000n)
    for (const [tag, data] of [[0x50, 0x54]] as const) {
      cpu.mmu.storeAsi(tag, 0x30n, 0x8000_0000n)
      cpu.mmu.storeAsi(data, 0n, (1n << 63n) | (3n << 61n) | 0x8000_0072n)
    }
    const reasons: string[] = []
    while (reasons.at(-1) !== 'error-state' && reasons.length < 10) reasons.push(machine.run(1000).reason)
    expect(reasons).toEqual(['red-state', 'error-state'])
    expect(Array.from({ length: 5 }, (_, level) => cpu.get('tt', level))).toEqual([0x101n, 0xan, 0xan, 0xan, 0xan])
  })
})
