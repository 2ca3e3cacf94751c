import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareMachine, PROGRAM, setVector, TRAP_TABLE } from './bare-machine'
import { PSTATE, trapped } from './trapped'

const CONDITION_CODES = 0x5an

describe('entering a trap', () => {
  it('saves PC, nPC, type, CCR, ASI, PSTATE and CWP (V9 7.6.1)', () => {
    const { cpu, at } = trapped(
      `wr %g0, ${CONDITION_CODES}, %ccr
       wr %g0, 0x81, %asi
       wrpr %g0, 3, %cwp
      trap: ta 5`,
      { prepare: (cpu) => cpu.set('pstate', cpu.get('pstate') | PSTATE.RMO) },
    )
    expect(cpu.get('tl')).toBe(1n)
    expect(cpu.get('tt', 0)).toBe(0x105n)
    expect(cpu.get('tpc', 0)).toBe(at('trap'))
    expect(cpu.get('tnpc', 0)).toBe(at('trap') + 4n)
    const pstate = PSTATE.PEF | PSTATE.PRIV | PSTATE.RMO
    expect(cpu.get('tstate', 0)).toBe((CONDITION_CODES << 32n) | (0x81n << 24n) | (pstate << 8n) | 3n)
  })

  it('goes to TBA, trap type and the half of the trap level (V9 5.2.8)', () => {
    const first = trapped('ta 5')
    expect(first.cpu.get('pc')).toBe(TRAP_TABLE + 0x105n * 32n + 4n)
    first.machine.step(0, 7)
    first.machine.memory.writeBytes(Number(TRAP_TABLE) + 0x106 * 32, Uint8Array.of(0x91, 0xd0, 0x20, 0x07))
    first.machine.step(0)
    expect(first.cpu.get('tl')).toBe(2n)
    expect(first.cpu.get('tt', 1)).toBe(0x107n)
    expect(first.cpu.get('pc')).toBe(TRAP_TABLE + 0x4000n + 0x107n * 32n + 4n)
  })

  it.each([
    ['alternate', 'ta 1', PSTATE.AG],
    ['alternate', 'ldx [%g0 + 1], %g1', PSTATE.AG],
    ['MMU', 'sethi %hi(0x80000000), %g1\nldx [%g1], %g2', PSTATE.MG],
    ['MMU', 'ldxa [%g0] 0x83, %g1\nmov 1, %g1\nstxa %g1, [%g0] 0x82', PSTATE.MG],
  ])('selects the %s globals for %s (UltraSPARC-I 14.5.9)', (_, source, globals) => {
    const { cpu } = trapped(source)
    expect(cpu.get('pstate')).toBe(PSTATE.PEF | PSTATE.PRIV | globals)
  })

  it('selects the interrupt globals for a mondo', () => {
    const { machine } = bareMachine('1: ba 1b\nnop')
    const cpu = machine.cpus[0]!
    cpu.set('mondoReceive', 0x20n)
    cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    machine.step(0)
    expect(cpu.get('tt', 0)).toBe(0x60n)
    expect(cpu.get('pstate')).toBe(PSTATE.PEF | PSTATE.PRIV | PSTATE.IG)
  })

  it('keeps each set of globals apart', () => {
    const { machine } = bareMachine('mov 1, %g1\nta 0\nmov %g1, %o0')
    setVector(machine, 0x100, 'mov 2, %g1\nadd %g1, 1, %o1\ndone')
    machine.step(0, 6)
    expect([machine.cpus[0]!.r(8), machine.cpus[0]!.r(9)]).toEqual([1n, 3n])
  })

  it('copies TLE to CLE, keeps TLE and MM, clears IE and AM, sets PEF and PRIV (V9 7.6.1)', () => {
    const { cpu } = trapped('ta 1', {
      unprivileged: true,
      prepare: (cpu) => cpu.set('pstate', PSTATE.TLE | PSTATE.IE | PSTATE.AM | PSTATE.RMO),
    })
    expect(cpu.get('pstate')).toBe(PSTATE.TLE | PSTATE.CLE | PSTATE.RMO | PSTATE.PEF | PSTATE.PRIV | PSTATE.AG)
    expect((cpu.get('tstate', 0) >> 8n) & 0xfffn).toBe(PSTATE.TLE | PSTATE.IE | PSTATE.AM | PSTATE.RMO)
  })

  it('clears CLE when TLE is clear', () => {
    const { cpu } = trapped('ta 1', { prepare: (cpu) => cpu.set('pstate', PSTATE.PRIV | PSTATE.CLE) })
    expect(cpu.get('pstate') & PSTATE.CLE).toBe(0n)
  })

  it('saves 32 bits of PC and nPC while PSTATE.AM is set (UltraSPARC-I 14.1.10)', () => {
    for (const am of [0n, PSTATE.AM]) {
      const { cpu, event } = trapped('ta 1', {
        origin: 0x20_0000n,
        prepare: (cpu) => {
          cpu.set('pstate', PSTATE.PRIV | am)
          cpu.set('npc', 0x7ff_ffff_fffcn)
          if (am) cpu.set('pc', PROGRAM | (0x123n << 32n))
        },
      })
      expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([PROGRAM, am ? 0xffff_fffcn : 0x7ff_ffff_fffcn])
      expect(event).toMatchObject({ type: 0x101, level: 1, pc: PROGRAM })
    }
  })

  it('saves the branch target as TNPC for a trap in a delay slot (V9 6.3.4)', () => {
    const { cpu, at } = trapped('ba target\nslot: ta 1\nnop\ntarget: nop')
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([at('slot'), at('target')])
  })

  it.each(['bn,a', 'be,a'])('does not happen in a delay slot that %s annuls (V9 A.7)', (branch) => {
    const { cpu, at } = trapped(`cmp %g0, 1\n${branch} target\nta 1\nnext: ta 2\ntarget: ta 3`)
    expect([cpu.get('tt', 0), cpu.get('tpc', 0)]).toEqual([0x102n, at('next')])
  })

  it('happens in the delay slot of ba only if it does not annul', () => {
    expect(trapped('ba,a target\nta 1\ntarget: ta 3').event.type).toBe(0x103)
    expect(trapped('ba target\nta 1\ntarget: ta 3').event.type).toBe(0x101)
  })

  it('counts no instruction, and changes nothing but the trap state', () => {
    const { machine } = bareMachine('mov 7, %o0\nmov 8, %o1\nldx [%o0], %o0')
    expect(machine.run(2).instructions).toBe(2)
    const before = machine.instructions(0)
    machine.run(1)
    const cpu = machine.cpus[0]!
    expect(machine.instructions(0) - before).toBe(1n)
    expect(cpu.get('tt', 0)).toBe(0x34n)
    expect([cpu.r(8), cpu.r(9)]).toEqual([7n, 8n])
  })
})

describe('trap levels', () => {
  const nested = (level: bigint) => bareMachine(`wrpr %g0, ${level}, %tl\nta 1`)

  it.each([0n, 1n, 2n, 3n])('a trap at TL = %i is taken normally', (level) => {
    const { machine } = nested(level)
    expect(machine.run(2).reason).toBe('budget')
    expect(machine.cpus[0]!.get('tl')).toBe(level + 1n)
    const saved = (['tstate', 'tpc', 'tnpc'] as const).map((field) => machine.cpus[0]!.get(field, Number(level)))
    expect(saved).toEqual([(PSTATE.PEF | PSTATE.PRIV) << 8n, PROGRAM + 4n, PROGRAM + 8n])
    expect(machine.cpus[0]!.get('pstate') & PSTATE.RED).toBe(0n)
  })

  it('a trap at TL = MAXTL - 1 enters RED_state: RED vector, MMUs off, and the machine stops (UltraSPARC-I 14.1.3, 6.7)', () => {
    const { machine } = nested(4n)
    const cpu = machine.cpus[0]!
    cpu.set('pstate', cpu.get('pstate') | PSTATE.RMO)
    const result = machine.run(2)
    expect(result).toEqual({ reason: 'red-state', cpu: 0, instructions: 1 })
    expect([cpu.get('tl'), cpu.get('tt', 4), cpu.get('tpc', 4)]).toEqual([5n, 0x101n, PROGRAM + 4n])
    expect(cpu.get('pstate')).toBe(PSTATE.RED | PSTATE.PEF | PSTATE.PRIV | PSTATE.AG)
    expect(cpu.get('pc')).toBe(0xffff_ffff_f000_00a0n)
    expect(cpu.get('lsuControl') & 0xcn).toBe(0n)
  })

  it('a trap at MAXTL enters error state, which lasts (V9 7.2.1)', () => {
    const { machine } = nested(5n)
    expect(machine.run(2)).toEqual({ reason: 'error-state', cpu: 0, instructions: 1 })
    expect(machine.cpus[0]!.get('tl')).toBe(5n)
    expect(machine.run(100)).toEqual({ reason: 'error-state', instructions: 0 })
    expect(nested(5n).machine.step(0, 9)).toBe('error-state')
  })

  it('a trap while PSTATE.RED is set is taken in RED_state', () => {
    const { machine } = bareMachine('ta 1')
    machine.cpus[0]!.set('pstate', PSTATE.RED | PSTATE.PRIV)
    expect(machine.run(1).reason).toBe('red-state')
    expect(machine.cpus[0]!.get('tl')).toBe(1n)
  })

  it('another CPU goes on when one is in error state', () => {
    const { machine, at } = bareMachine('wrpr %g0, 5, %tl\nta 1\nloop: ba loop\ninc %g1', { cpus: 2 })
    machine.start(1, at('loop'))
    expect(machine.run(5000).reason).toBe('error-state')
    expect(machine.run(5000).reason).toBe('budget')
    expect(machine.instructions(1)).toBeGreaterThanOrEqual(5000n)
  })
})

describe('done and retry (V9 A.11)', () => {
  it('done goes on behind the trapped instruction, retry at it', () => {
    for (const [way, count] of [
      ['done', 1n],
      ['retry', 2n],
    ] as const) {
      const { machine } = bareMachine('ta 3\nwr %g0, 0, %y\nmov 1, %o5')
      setVector(machine, 0x103, `inc %o0\ncmp %o0, 2\nbe 1f\nnop\n${way}\n1: done`)
      machine.run(40)
      expect(machine.cpus[0]!.r(8)).toBe(count)
    }
  })

  it('restore CCR, ASI, PSTATE and CWP', () => {
    const { machine } = bareMachine('wr %g0, 0x5a, %ccr\nwr %g0, 0x81, %asi\nwrpr %g0, 2, %cwp\nta 3\nnop\nnop')
    const cpu = machine.cpus[0]!
    cpu.set('pstate', cpu.get('pstate') | PSTATE.RMO | PSTATE.TLE)
    const pstate = cpu.get('pstate')
    setVector(machine, 0x103, 'wr %g0, 0, %ccr\nwr %g0, 0, %asi\nwrpr %g0, 5, %cwp\ndone')
    machine.run(8)
    expect([cpu.get('ccr'), cpu.get('asi'), cpu.get('cwp'), cpu.get('tl')]).toEqual([0x5an, 0x81n, 2n, 0n])
    expect(cpu.get('pstate')).toBe(pstate)
  })

  it('take CCR, ASI, PSTATE and CWP from the fields of TSTATE, PC and nPC from TPC and TNPC, cut to 32 bits by PSTATE.AM', () => {
    const word = fc.bigInt(0n, (1n << 64n) - 1n)
    const property = fc.property(fc.boolean(), word, word, word, fc.integer({ min: 1, max: 5 }), (retry, ...state) => {
      const [tstate, tpc, tnpc, level] = state
      const { machine } = bareMachine(
        `wrpr %g0, ${level}, %tl\nwrpr %o0, 0, %tstate\nwrpr %o1, 0, %tpc\nwrpr %o2, 0, %tnpc\n${retry ? 'retry' : 'done'}`,
      )
      const cpu = machine.cpus[0]!
      for (const [n, value] of [tstate & ~(PSTATE.RED << 8n), tpc, tnpc].entries()) cpu.setR(8 + n, value)
      machine.step(0, 5)
      const pstate = (tstate >> 8n) & 0xfffn & ~PSTATE.RED
      const seen = (address: bigint) => BigInt.asUintN(pstate & PSTATE.AM ? 32 : 64, address)
      const [first, second] = [tpc, tnpc].map((address) => BigInt.asIntN(44, address & ~3n))
      expect({
        ccr: cpu.get('ccr'),
        asi: cpu.get('asi'),
        pstate: cpu.get('pstate'),
        cwp: cpu.get('cwp'),
        tl: cpu.get('tl'),
        pc: cpu.get('pc'),
        npc: cpu.get('npc'),
      }).toEqual({
        ccr: (tstate >> 32n) & 0xffn,
        asi: (tstate >> 24n) & 0xffn,
        pstate,
        cwp: tstate & 7n,
        tl: BigInt(level) - 1n,
        pc: seen(retry ? first! : second!),
        npc: seen(retry ? second! : second! + 4n),
      })
    })
    fc.assert(property, { numRuns: 60 })
  })

  it('are told of with the level that they leave', () => {
    const { machine } = bareMachine('wrpr %g0, 3, %tl\nretry', { cpus: 2 })
    const left: number[][] = []
    machine.environment.hooks.trapReturn = (...told) => left.push(told)
    machine.start(1, PROGRAM)
    machine.step(1, 2)
    expect(left).toEqual([[1, 3]])
  })

  it('retry of a trap in a delay slot goes to the branch target afterwards', () => {
    const { machine, at } = bareMachine('ba target\ntne %icc, 4\nmov 9, %o1\ntarget: mov 1, %o2\nstop: nop')
    setVector(
      machine,
      0x104,
      'rdpr %tstate, %g1\nmov 1, %g2\nsllx %g2, 34, %g2\nor %g1, %g2, %g1\nwrpr %g1, 0, %tstate\nretry',
    )
    machine.addBreakpoint(at('stop'))
    expect(machine.run(50).reason).toBe('breakpoint')
    expect([machine.cpus[0]!.r(9), machine.cpus[0]!.r(10)]).toEqual([0n, 1n])
  })

  it.each([
    ['done', 'illegal_instruction', false],
    ['retry', 'illegal_instruction', false],
    ['done', 'privileged_opcode', true],
    ['retry', 'privileged_opcode', true],
  ])('%s at TL = 0 is %s', (source, name, unprivileged) => {
    expect(trapped(source, { unprivileged }).event.name).toBe(name)
  })
})
