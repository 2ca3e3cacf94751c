import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { assemble } from '../../src/isa'
import type { PrivilegedRegister } from '../../src/isa/semantics'
import type { Machine, MachineConfig } from '../../src/smp'
import { REGISTER, type RegisterField } from '../../src/state/layout'
import { bareMachine, PROGRAM, setVector } from './bare-machine'

const ONES = (1n << 64n) - 1n
const PRIVILEGED_OPCODE = 0x11
const ILLEGAL = 0x10
const PRIVILEGED_ACTION = 0x37
const KERNEL = 0x14
const USER = 0x10

const word64 = fc.oneof(
  fc.bigInt({ min: 0n, max: ONES }),
  fc.integer({ min: 0, max: 63 }).map((bit) => 1n << BigInt(bit)),
  fc.constantFrom(0n, ONES),
)

interface Outcome {
  readonly tt: number
  /** The registers that the instruction changed, by offset, but for PC, nPC and the count of instructions. */
  readonly changed: Readonly<Record<number, bigint>>
  readonly o0: bigint
}

const assembled = new Map<string, Uint8Array>()

function bytesOf(source: string): Uint8Array {
  const known = assembled.get(source) ?? assemble(source).bytes
  assembled.set(source, known)
  return known
}

class OneInstruction {
  readonly machine: Machine
  readonly cpu: ReferenceCpu

  constructor(config: MachineConfig = {}) {
    this.machine = bareMachine('nop', config).machine
    this.cpu = this.machine.cpus[0]!
  }

  /** Executes an instruction whose operand, if any, is in %g1 of any globals. */
  run(source: string, { operand = 0n, pstate = KERNEL, tl = 0, set = {} }: Partial<Given> = {}): Outcome {
    const { cpu, machine } = this
    const { timeless, time, itlb } = machine.layout
    cpu.w64.fill(0n, cpu.base >> 3, (cpu.base + itlb) >> 3)
    cpu.w64.fill(0n, (cpu.base + timeless) >> 3, (cpu.base + timeless + 48) >> 3)
    cpu.set('lsuControl', 0xfn)
    cpu.setSmall('pstate', pstate)
    cpu.setSmall('tl', tl)
    cpu.set('tba', 0x10_0000n)
    for (let globals = 0; globals < 4; globals++) cpu.set('globals', operand, globals * 8 + 1)
    for (const [field, value] of Object.entries(set)) cpu.set(field as RegisterField, value)
    cpu.set('pc', PROGRAM)
    cpu.set('npc', PROGRAM + 4n)
    machine.memory.writeBytes(Number(PROGRAM), bytesOf(source))
    cpu.mmu.restored()
    cpu.modeChanged()
    const words = () => cpu.w64.slice(cpu.base >> 3, (cpu.base + machine.layout.cpuBlockBytes) >> 3)
    const before = words()
    machine.engine.run(0, 1)
    const after = words()
    const changed: Record<number, bigint> = {}
    for (let at = 0; at < after.length; at++) {
      if (at === itlb >> 3) at = timeless >> 3
      if (after[at] !== before[at]) changed[at * 8] = BigInt.asUintN(64, after[at]!)
    }
    const tt = cpu.small('tl') > tl ? Number(cpu.get('tt', tl)) : 0
    for (const at of [REGISTER.pc, REGISTER.npc, time.instructions]) delete changed[at]
    return { tt, changed, o0: cpu.r(8) }
  }
}

interface Given {
  operand: bigint
  pstate: number
  tl: number
  set: Partial<Record<RegisterField, bigint>>
}

const virtual = (value: bigint) => BigInt.asUintN(64, BigInt.asIntN(44, value))

describe('wrpr and rdpr (V9 5.2, A.43, A.62)', () => {
  const one = new OneInstruction()
  /** What the register holds of a value, and the trap level whose register it is, if it is one of several. */
  const KEPT: readonly (readonly [RegisterField & PrivilegedRegister, (value: bigint) => bigint, number])[] = [
    ['tpc', (value) => virtual(value & ~3n), 3],
    ['tnpc', (value) => virtual(value & ~3n), 3],
    ['tstate', (value) => value & 0xff_ff0f_ff07n, 3],
    ['tt', (value) => value & 0x1ffn, 3],
    ['tba', (value) => virtual(value & ~0x7fffn), 0],
    ['pil', (value) => value & 15n, 0],
    ['cwp', (value) => value & 7n, 0],
    ['cansave', (value) => value & 7n, 0],
    ['canrestore', (value) => value & 7n, 0],
    ['cleanwin', (value) => value & 7n, 0],
    ['otherwin', (value) => value & 7n, 0],
    ['wstate', (value) => value & 63n, 0],
  ]

  it.each(KEPT)('%s holds its bits of what is written, and nothing else changes', (name, kept, level) => {
    const property = fc.property(word64, (operand) => {
      const at = REGISTER[name] + (level > 0 ? (level - 1) * 8 : 0)
      const before = name === 'tba' ? 0x10_0000n : 0n
      const { tt, changed } = one.run(`wrpr %g1, 0, %${name}`, { operand, tl: level })
      expect(tt).toBe(0)
      expect(changed).toEqual(kept(operand) === before ? {} : { [at]: kept(operand) })
    })
    fc.assert(property, { numRuns: 80, seed: 1 })
  })

  it.each(KEPT)('%s is read', (name, kept, level) => {
    for (let n = 0n; n < 64n; n++) {
      const value = kept(1n << n)
      one.run('nop', { tl: level })
      one.cpu.set(name, value, Math.max(level - 1, 0))
      expect([n, readBack(one, name)]).toEqual([n, value])
    }
  })

  it('PSTATE takes each of its bits; two sets of globals at once are illegal (UltraSPARC-I table 14-13)', () => {
    for (let bit = 0; bit < 64; bit++) {
      const operand = 1n << BigInt(bit)
      const { tt, changed } = one.run('wrpr %g1, 0, %pstate', { operand })
      const kept = bit < 12 ? operand : 0n
      expect([bit, tt, changed]).toEqual([bit, 0, kept === BigInt(KERNEL) ? {} : { [REGISTER.pstate]: kept }])
      for (const other of [0, 10, 11])
        for (const third of [2, 0, 10]) {
          const several = new Set([bit, other, third].filter((n) => n === 0 || n === 10 || n === 11)).size > 1
          const both = operand | (1n << BigInt(other)) | (1n << BigInt(third))
          expect([bit, other, third, one.run('wrpr %g1, 0, %pstate', { operand: both }).tt]).toEqual([
            bit,
            other,
            third,
            several ? ILLEGAL : 0,
          ])
        }
    }
  })

  it('TL takes three bits, up to MAXTL', () => {
    for (let value = 0n; value < 16n; value++) {
      const { tt, changed } = one.run('wrpr %g1, 0, %tl', { operand: value })
      const level = value & 7n
      if (level > 5n) expect([value, tt]).toEqual([value, ILLEGAL])
      else expect([value, tt, changed]).toEqual([value, 0, level === 0n ? {} : { [REGISTER.tl]: level }])
    }
  })

  it('CWP selects the window at once', () => {
    const { machine } = bareMachine('wrpr %g0, 5, %cwp\nmov 7, %l2')
    machine.step(0, 2)
    expect(machine.cpus[0]!.get('windows', 5 * 16 + 8 + 2)).toBe(7n)
  })

  it('there is no FQ, and VER is read', () => {
    expect(one.run('rdpr %fq, %o0').tt).toBe(ILLEGAL)
    expect(one.run('rdpr %ver, %o0').o0).toBe(0x0017_0011_2000_0507n)
  })

  const all = [...KEPT.map(([name]) => name), 'tick', 'pstate', 'tl'] as const
  it.each([...all, 'ver', 'fq'] as const)('%s is for privileged code', (name) => {
    expect(one.run(`rdpr %${name}, %o0`, { pstate: USER, tl: 1 }).tt).toBe(PRIVILEGED_OPCODE)
  })
  it.each(all)('%s is written by privileged code', (name) => {
    const { tt, changed } = one.run(`wrpr %g1, 0, %${name}`, { pstate: USER, tl: 1, operand: 1n })
    expect(tt).toBe(PRIVILEGED_OPCODE)
    if (name !== 'tl' && name !== 'pstate' && name !== 'cwp')
      expect(changed[REGISTER[name as RegisterField]]).toBe(undefined)
  })

  it.each(['tpc', 'tnpc', 'tstate', 'tt'] as const)('%s does not exist at trap level 0', (name) => {
    expect(one.run(`rdpr %${name}, %o0`).tt).toBe(ILLEGAL)
    expect(one.run(`wrpr %g1, 0, %${name}`).tt).toBe(ILLEGAL)
    for (const tl of [1, 2, 3, 4, 5])
      expect(one.run(`wrpr %g1, 0, %${name}`, { tl, operand: 4n }).changed).toEqual({
        [REGISTER[name] + (tl - 1) * 8]: 4n,
      })
  })

  it.each(['done', 'retry'])('%s needs privilege first, then a trap level', (source) => {
    expect(one.run(source, { pstate: USER }).tt).toBe(PRIVILEGED_OPCODE)
    expect(one.run(source, { pstate: USER, tl: 1 }).tt).toBe(PRIVILEGED_OPCODE)
    expect(one.run(source).tt).toBe(ILLEGAL)
  })
})

/** Reads a register by `rdpr` without changing any before. */
function readBack({ cpu, machine }: OneInstruction, name: string): bigint {
  machine.memory.writeBytes(Number(PROGRAM), bytesOf(`rdpr %${name}, %o0`))
  cpu.set('pc', PROGRAM)
  cpu.set('npc', PROGRAM + 4n)
  cpu.modeChanged()
  machine.engine.run(0, 1)
  return cpu.r(8)
}

describe('ancillary state registers (UltraSPARC-I 8.4; V9 A.44, A.63)', () => {
  const { time } = new OneInstruction().machine.layout
  const PLACES: Readonly<Record<number, number>> = {
    3: REGISTER.asi,
    6: REGISTER.fprs,
    16: REGISTER.pcr,
    17: time.pic,
    18: REGISTER.dcr,
    20: REGISTER.softint,
    21: REGISTER.softint,
    22: REGISTER.softint,
    23: time.tickCompare,
    25: time.stickCompare,
  }
  const WIDTHS: Readonly<Record<number, number>> = { 3: 8, 6: 3, 20: 16, 21: 16, 22: 16 }
  const readable = [3, 4, 6, 16, 17, 18, 22, 23]
  const writable = [3, 6, 16, 17, 18, 20, 21, 22, 23]
  const forPrivileged = [16, 18, 20, 21, 22, 23, 24, 25]
  const ofSystemTick = [24, 25]
  const read = (number: number) => `.word ${0x9140_0000 + number * 0x4000}`
  const write = (number: number) => `.word ${0x8180_4000 + number * 0x200_0000}`
  const others = Array.from({ length: 32 }, (_, n) => n).filter((n) => ![0, 2, 5, 15, 19].includes(n))

  it.each([
    ['ultrasparc-ii', readable, writable],
    ['cheetah', [...readable, ...ofSystemTick], [...writable, ...ofSystemTick]],
  ] as const)('of %s: those that exist, and who may use them', (model, reads, writes) => {
    const one = new OneInstruction({ model })
    for (const number of others) {
      const deniedRead = forPrivileged.includes(number) && number !== 24 ? PRIVILEGED_OPCODE : 0
      const deniedWrite = forPrivileged.includes(number) ? PRIVILEGED_OPCODE : 0
      const traps = [read(number), write(number)].flatMap((source) => [
        one.run(source).tt,
        one.run(source, { pstate: USER }).tt,
      ])
      const expected = [
        ...(reads.includes(number) ? [0, deniedRead] : [ILLEGAL, ILLEGAL]),
        ...(writes.includes(number) ? [0, deniedWrite] : [ILLEGAL, ILLEGAL]),
      ]
      expect([number, traps]).toEqual([number, expected])
    }
  })

  it('that do not exist raise illegal_instruction however they are asked for', () => {
    const { cpu } = new OneInstruction({ model: 'cheetah' })
    for (const number of others) {
      const traps = [() => cpu.readAncillary(number), () => cpu.writeAncillary(number, 0n)].map((use) => {
        cpu.trapType = 0
        try {
          use()
        } catch {
          return cpu.trapType
        }
        return 0
      })
      expect([number, traps]).toEqual([
        number,
        [...[readable, writable]].map((known) => ([...known, ...ofSystemTick].includes(number) ? 0 : ILLEGAL)),
      ])
    }
  })

  it.each(writable.filter((number) => number !== 20 && number !== 21))('%i holds what is written', (number) => {
    const one = new OneInstruction()
    const property = fc.property(word64, (operand) => {
      const { changed } = one.run(write(number), { operand })
      const kept = BigInt.asUintN(WIDTHS[number] ?? 64, operand)
      expect(changed).toEqual(kept === 0n ? {} : { [PLACES[number]!]: kept })
      one.cpu.set('pc', PROGRAM)
      one.machine.memory.writeBytes(Number(PROGRAM), bytesOf(read(number)))
      one.machine.engine.run(0, 1)
      expect(one.cpu.r(8)).toBe(kept)
    })
    fc.assert(property, { numRuns: 60, seed: 2 })
  })

  it('SOFTINT: bits are set and cleared by numbers 20 and 21; bit 16 is there with STICK only', () => {
    for (const [model, bits] of [
      ['ultrasparc-ii', 16],
      ['cheetah', 17],
    ] as const) {
      const one = new OneInstruction({ model })
      const property = fc.property(word64, word64, (operand, softint) => {
        const before = BigInt.asUintN(bits, softint)
        const set = { softint: before, pil: 15n }
        for (const [number, after] of [
          [20, before | operand],
          [21, before & ~operand],
          [22, operand],
        ] as const) {
          one.run(write(number), { operand, set })
          expect([number, one.cpu.get('softint')]).toEqual([number, BigInt.asUintN(bits, after)])
        }
      })
      fc.assert(property, { numRuns: 60, seed: 3 })
    }
  })

  it('PCR.PRIV, and no other bit, keeps the counters from users', () => {
    const one = new OneInstruction()
    for (const source of [read(17), write(17)])
      for (let bit = 0n; bit < 64n; bit++) {
        const set = { pcr: 1n << bit }
        expect([bit, one.run(source, { set }).tt]).toEqual([bit, 0])
        expect([bit, one.run(source, { set, pstate: USER }).tt]).toEqual([bit, bit === 0n ? PRIVILEGED_ACTION : 0])
      }
  })

  it.each([
    ['wrpr %g0, 7, %pil\nwr %g0, 0x80, %set_softint\nwrpr %g0, 6, %pil\nmov 1, %o1', 3],
    ['wrpr %g0, 0, %pil\nwr %g0, 0x80, %set_softint\nmov 1, %o1', 2],
    ['wrpr %g0, 0, %pil\nwr %g0, 0x80, %softint\nmov 1, %o1', 2],
  ])('an interrupt that a write lets in comes before the next instruction: %s', (source, before) => {
    const { machine, at } = bareMachine(`${source}\nend: nop`)
    const cpu = machine.cpus[0]!
    cpu.setSmall('pstate', KERNEL | 2)
    cpu.modeChanged()
    machine.run(before + 1)
    expect([cpu.get('tt', 0), cpu.get('tpc', 0), cpu.r(9)]).toEqual([0x47n, at('end') - 4n, 0n])
  })

  it('a write to FPRS turns the FPU on and off at once', () => {
    for (const [fprs, tt] of [
      [0n, 0x20n],
      [3n, 0x20n],
      [4n, 0n],
    ]) {
      const { machine } = bareMachine(`wr %g0, ${fprs}, %fprs\nfzero %f2`)
      machine.step(0, 2)
      expect(machine.cpus[0]!.get('tt', 0)).toBe(tt)
    }
  })
})

describe('%tick and %stick (V9 5.1.4.1; UltraSPARC-I 14.1.7)', () => {
  const COUNTERS = [
    ['tick', 'wrpr %g1, 0, %tick', ['rdpr %tick, %o0', 'rd %tick, %o0']],
    ['stick', 'wr %g1, 0, %stick', ['rd %stick, %o0']],
  ] as const

  it.each(COUNTERS)('%s counts instructions in 63 bits from what is written, and keeps NPT', (name, write, reads) => {
    const machines = reads.map((read) => bareMachine(`${write}\nnop\nnop\n${read}`, { model: 'cheetah' }).machine)
    const property = fc.property(word64, (operand) => {
      for (const machine of machines) {
        const cpu = machine.cpus[0]!
        cpu.setR(1, operand)
        cpu.set('pc', PROGRAM)
        cpu.set('npc', PROGRAM + 4n)
        machine.step(0, 4)
        const count = BigInt.asUintN(63, BigInt.asUintN(63, operand) + 3n)
        expect(cpu.r(8)).toBe((operand & (1n << 63n)) | count)
        expect(cpu.get(`${name}Protect`)).toBe(operand >> 63n)
      }
    })
    fc.assert(property, { numRuns: 80, seed: 4, examples: [[(1n << 63n) - 1n]] })
  })

  it.each(COUNTERS)('%s with NPT is for privileged code', (name, _, reads) => {
    const one = new OneInstruction({ model: 'cheetah' })
    const read = reads.at(-1)!
    for (const [npt, pstate, tt] of [
      [0n, USER, 0],
      [1n, USER, PRIVILEGED_ACTION],
      [1n, KERNEL, 0],
    ] as const)
      expect(one.run(read, { pstate, set: { [`${name}Protect`]: npt } }).tt).toBe(tt)
  })

  it.each(COUNTERS)('%s is machine time: reading it is, writing it is not', (name, write, reads) => {
    for (const read of reads) {
      const { machine } = bareMachine(`${write}\n${read}`, { model: 'cheetah' })
      machine.step(0)
      expect([name, machine.clockWasRead]).toEqual([name, false])
      machine.step(0)
      expect([name, machine.clockWasRead]).toEqual([name, true])
    }
  })

  it.each([
    ['%tick', 'wrpr %g2, 0, %tick', '%tick_cmpr'],
    ['%tick_cmpr', 'wr %g3, 0, %tick_cmpr', '%tick_cmpr'],
    ['%stick', 'wr %g2, 0, %stick', '%stick_cmpr'],
    ['%stick_cmpr', 'wr %g3, 0, %stick_cmpr', '%stick_cmpr'],
  ])('a write to %s moves the interrupt that is due', (_, write, compare) => {
    for (const npt of [0n, 1n << 63n]) {
      const { machine } = bareMachine(`wr %g1, 0, ${compare}\nnop\n${write}\n1: ba 1b\nnop`, { model: 'cheetah' })
      const cpu = machine.cpus[0]!
      cpu.set('pil', 15n)
      cpu.setR(1, 1000n)
      cpu.setR(2, npt | 962n)
      cpu.setR(3, 40n)
      machine.run(3)
      machine.run(36)
      expect(cpu.get('softint')).toBe(0n)
      machine.run(6)
      expect(cpu.get('softint')).not.toBe(0n)
    }
  })
})

describe('a search of schedules stops a CPU after what other CPUs can see or what lets interrupts in', () => {
  const stopOf = (source: string, exploring = true) => {
    const { machine } = bareMachine(source)
    const cpu = machine.cpus[0]!
    cpu.setSmall('tl', 1)
    cpu.set('tstate', BigInt(KERNEL) << 8n, 0)
    cpu.set('tpc', PROGRAM, 0)
    cpu.set('tnpc', PROGRAM + 4n, 0)
    cpu.modeChanged()
    machine.environment.exploring = exploring
    return machine.step(0, 1)
  }

  it.each([
    ['wrpr %g0, 3, %pil', 'visible'],
    ['wrpr %g0, 0x14, %pstate', 'visible'],
    ['done', 'visible'],
    ['retry', 'visible'],
    ['wrpr %g0, 3, %cwp', 'budget'],
    ['wrpr %g0, 1, %tl', 'budget'],
    ['add %g1, 1, %g1', 'budget'],
  ])('%s: %s', (source, stop) => {
    expect(stopOf(source)).toBe(stop)
    expect(stopOf(source, false)).toBe('budget')
  })

  it('and at an interrupt, before its handler', () => {
    for (const [exploring, stop] of [
      [true, 'visible'],
      [false, 'budget'],
    ] as const) {
      const { machine } = bareMachine('nop\nnop')
      const cpu = machine.cpus[0]!
      setVector(machine, 0x60, 'inc %g5')
      machine.environment.exploring = exploring
      cpu.setSmall('pstate', KERNEL | 2)
      cpu.set('mondoReceive', 0x20n)
      cpu.modeChanged()
      expect(machine.step(0)).toBe(stop)
      expect([cpu.get('tl'), cpu.r(5)]).toEqual([1n, exploring ? 0n : 1n])
    }
  })
})
