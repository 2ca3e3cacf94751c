import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GateResult } from '../../src/engine/engine'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { decodeSfsr } from '../../src/mmu'
import type { Machine } from '../../src/smp'
import { bareMachine, PROGRAM } from './bare-machine'
import { PSTATE, trapped } from './trapped'

const DATA = 0x30_0000
const GATE = '.word 0x81b82065'

describe('jumps', () => {
  const jumped = (target: bigint, prepare: (cpu: ReferenceCpu) => void) => {
    const { machine } = bareMachine('jmpl %g1, %o7\nnop', { model: 'cheetah' })
    const cpu = machine.cpus[0]!
    cpu.setR(1, target)
    prepare(cpu)
    cpu.modeChanged()
    machine.step(0)
    return cpu
  }

  it('go to all 64 bits of the address, 32 with PSTATE.AM', () => {
    for (const target of [0x1234_5678_9abc_def0n, 0xffff_ffff_8000_0000n, 4n]) {
      expect(jumped(target, () => {}).get('npc')).toBe(target)
      const masked = jumped(target, (cpu) => cpu.set('pstate', cpu.get('pstate') | PSTATE.AM))
      expect(masked.get('npc')).toBe(target & 0xffff_ffffn)
    }
  })

  it.each([1n, 2n, 3n])('to a multiple of 4 and %i trap, and tell the address', (by) => {
    const cpu = jumped(0x1_0000_0000n + by, (one) => one.set('asi', 0n))
    expect([cpu.get('tt', 0), cpu.get('tpc', 0), cpu.r(15)]).toEqual([0x34n, PROGRAM, 0n])
    expect(cpu.mmu.loadAsi(0x58, 0x20n)).toBe(0x1_0000_0000n + by)
    expect(decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n))).toMatchObject({ write: false, asi: 0x80, valid: true })
  })
})

it('call reaches 2 GB each way', () => {
  const { machine } = bareMachine('nop')
  const cpu = machine.cpus[0]!
  for (const words of [0x1fff_ffff, 0x1000_0000, 1, -1, -0x1000_0000, -0x2000_0000]) {
    machine.poke(Number(PROGRAM), 4, 0x4000_0000 | (words & 0x3fff_ffff))
    machine.start(0, PROGRAM)
    machine.step(0)
    expect([words, cpu.get('npc')]).toEqual([words, BigInt.asUintN(64, PROGRAM + BigInt(words) * 4n)])
  }
})

describe('doubles of the FPU', () => {
  it.each([
    ['ldd [%g1], %f2', 0x35],
    ['std %f2, [%g1]', 0x36],
  ] as const)('%s: at a multiple of 4 that is none of 8 it has a trap of its own', (source, own) => {
    for (let by = 0n; by < 16n; by++) {
      const { machine } = bareMachine(source)
      const cpu = machine.cpus[0]!
      cpu.setR(1, BigInt(DATA) + by)
      machine.step(0)
      expect([by, Number(cpu.get('tt', 0))]).toEqual([by, by % 8n === 0n ? 0 : by % 4n === 0n ? own : 0x34])
      if (by % 8n !== 0n) expect(decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n)).write).toBe(own === 0x36)
    }
  })
})

describe('software traps (V9 A.61)', () => {
  it('have the low 7 bits of the sum as their number', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    const property = fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(127), (rs1, immediate) => {
      cpu.setSmall('tl', 0)
      cpu.set('pstate', 0x14n)
      cpu.modeChanged()
      cpu.setR(1, rs1)
      machine.poke(Number(PROGRAM), 4, 0x91d0_6000 + immediate)
      cpu.set('pc', PROGRAM)
      machine.engine.run(0, 1)
      expect(cpu.get('tt', 0)).toBe(0x100n + ((rs1 + BigInt(immediate)) & 0x7fn))
    })
    fc.assert(property, { numRuns: 150, seed: 1 })
  })

  it('are none where the condition does not hold', () => {
    expect(trapped('te %icc, 3\ntne %icc, 4').event.type).toBe(0x104)
  })
})

it('an address is masked by PSTATE.AM, and as it is without', () => {
  const cpu = bareMachine('nop').machine.cpus[0]!
  expect(cpu.maskAddress(-2n)).toBe(-2n)
  cpu.set('pstate', cpu.get('pstate') | PSTATE.AM)
  cpu.modeChanged()
  expect([cpu.maskAddress(-2n), cpu.maskAddress(0x1_8000_0000n)]).toEqual([0xffff_fffen, 0x8000_0000n])
})

describe('barriers of a CPU with a store buffer (UltraSPARC-I 5.3.2)', () => {
  /** Stores that are still buffered after an instruction that stands behind one. */
  const left = (source: string, prepare?: (machine: Machine) => void) => {
    const { machine } = bareMachine(`stx %g2, [%g1]\n${source}\nnop`, { memoryModel: 'tso' })
    machine.cpus[0]!.setR(1, BigInt(DATA))
    machine.step(0)
    prepare?.(machine)
    machine.step(0)
    return machine.bufferedStores(0).length
  }

  it('membar waits for it with #StoreLoad, #Lookaside, #MemIssue and #Sync, of all 7 bits', () => {
    const WAITS = [1, 4, 5, 6]
    for (let bit = 0; bit < 7; bit++)
      expect([bit, left(`.word ${0x8143_e000 + (1 << bit)}`)]).toEqual([bit, WAITS.includes(bit) ? 0 : 1])
    expect(left(`.word ${0x8143_e000 + 0x0d}`)).toBe(1)
    expect(left(`.word ${0x8143_e000}`)).toBe(1)
  })

  it('flush waits for it', () => {
    expect([left('flush %g1'), left('nop')]).toEqual([0, 1])
  })

  it.each(['membar #Sync', 'flush %g1'])('%s before which an interrupt is taken does not', (source) => {
    const interrupted = (machine: Machine) => {
      const cpu = machine.cpus[0]!
      cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
      cpu.set('mondoReceive', 0x20n)
      cpu.modeChanged()
    }
    expect(left(source, interrupted)).toBe(1)
  })
})

it.each([
  ['ultrasparc-ii', 0x68n],
  ['cheetah', 0n],
] as const)('flush of an address without translation, on %s', (model, tt) => {
  const { machine } = bareMachine('flush %g1', { model })
  const cpu = machine.cpus[0]!
  cpu.setR(1, 0x7000_0000n)
  machine.step(0)
  expect(cpu.get('tt', 0)).toBe(tt)
})

describe('the gate', () => {
  function gated(step: (machine: Machine, cpu: ReferenceCpu) => GateResult, entry = 5) {
    let machine: Machine | undefined
    let steps = 0
    const bare = bareMachine(`.word ${0x81b8_2060 + entry}\nnop`, {
      gate: {
        step: (index, number) => {
          steps++
          expect(number).toBe(entry)
          return step(machine!, machine!.cpus[index]!)
        },
      },
    })
    machine = bare.machine
    return { machine, cpu: machine.cpus[0]!, steps: () => steps }
  }

  it.each([0, 1, 31])('names entry %i', (entry) => {
    const { machine, steps } = gated(() => 'stay', entry)
    machine.step(0)
    expect(steps()).toBe(1)
  })

  it('is for privileged code', () => {
    expect(trapped(GATE, { unprivileged: true }).event.name).toBe('privileged_opcode')
  })

  it('whose operation trapped enters that trap', () => {
    const { machine, cpu } = gated((_, one) => {
      one.trapType = 0x68
      return 'trapped'
    })
    machine.step(0)
    expect([cpu.get('tt', 0), cpu.get('tpc', 0), cpu.get('tl')]).toEqual([0x68n, PROGRAM, 1n])
  })

  it('performs nothing where an interrupt comes before it', () => {
    const { machine, cpu, steps } = gated(() => 'stay')
    cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
    cpu.set('mondoReceive', 0x20n)
    cpu.modeChanged()
    machine.step(0)
    expect([cpu.get('tt', 0), steps()]).toEqual([0x60n, 0])
  })

  it('that waits has executed nothing; one that stays, halts or goes on has executed one instruction', () => {
    for (const [result, executed, stop] of [
      ['wait', 0, 'waiting'],
      ['stay', 1, 'budget'],
      ['return', 1, 'budget'],
      ['switched', 1, 'budget'],
      ['halt', 1, 'halted'],
    ] as const) {
      const { machine, cpu } = gated(() => result)
      expect([result, machine.engine.run(0, 1), machine.engine.executed]).toEqual([result, stop, executed])
      const pc = result === 'return' ? PROGRAM + 4n : PROGRAM
      expect([result, cpu.get('pc'), cpu.get('npc')]).toEqual([result, pc, pc + 4n])
    }
  })

  describe('with watchpoints', () => {
    const watched = (accesses: (machine: Machine) => void, space: 'physical' | 'virtual' = 'physical') => {
      const { machine, cpu, steps } = gated((one) => {
        accesses(one)
        return 'return'
      })
      const watchpoint = machine.addWatchpoint({ space, address: DATA + 8, access: 'store' })
      return { result: machine.run(1), watchpoint, pc: cpu.get('pc'), machine, steps }
    }

    it('stops after an operation that makes a watched access', () => {
      const { machine, pc, result, steps, watchpoint } = watched((one) => {
        one.memory.load(DATA, 8)
        one.memory.store(DATA + 8, 4, 1n)
        one.memory.store(DATA + 16, 8, 1n)
      })
      expect(result).toMatchObject({ reason: 'watchpoint', cpu: 0, instructions: 1 })
      expect(result.watched).toEqual({ watchpoint, access: 'store', va: undefined, pa: BigInt(DATA + 8), size: 4 })
      expect([pc, steps()]).toEqual([PROGRAM + 4n, 1])
      expect(machine.run(1).reason).toBe('budget')
    })

    it('goes on after others', () => {
      expect(watched((one) => one.memory.store(DATA, 8, 1n)).result.reason).toBe('budget')
      expect(watched((one) => one.memory.load(DATA + 8, 8)).result.reason).toBe('budget')
      expect(watched((one) => one.memory.store(DATA + 8, 8, 1n), 'virtual').result.reason).toBe('budget')
    })

    it('is told of no access that is not of its operation', () => {
      const { machine } = watched(() => {})
      expect(machine.memory.accessed).toBeUndefined()
    })
  })
})
