import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { decodeSfsr } from '../../src/mmu'
import { bareMachine, setVector } from './bare-machine'
import { page } from './trap-pairs'
import { PSTATE, trapped } from './trapped'

const HOLE = 1n << 43n
const LOW_END = 0x7ff_ffff_e000n
const CODE = 0x30_0000

const isfsr = (cpu: ReferenceCpu) => decodeSfsr(cpu.mmu.loadAsi(0x50, 0x18n))
const dsfsr = (cpu: ReferenceCpu) => decodeSfsr(cpu.mmu.loadAsi(0x58, 0x18n))

/** Maps an 8K page of instructions, global, to {@link CODE}. */
function code(cpu: ReferenceCpu, va: bigint, privileged = false): void {
  cpu.mmu.storeAsi(0x50, 0x30n, va)
  cpu.mmu.storeAsi(0x54, 0n, (1n << 63n) | BigInt(CODE) | 0x31n | (privileged ? 4n : 0n))
}

describe('instruction addresses out of range (UltraSPARC-I 14.1.6)', () => {
  it.each(['jmpl %g1, %o7', 'return %g1'])('%s traps itself, fault type 0x40', (jump) => {
    const { cpu, event, at } = trapped(`mov 1, %g1\nsllx %g1, 43, %g1\njump: ${jump}\nnop`, {
      prepare: (cpu) => {
        cpu.setSmall('canrestore', 1)
        cpu.setSmall('cansave', 5)
      },
    })
    expect(event.name).toBe('instruction_access_exception')
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0), cpu.r(15)]).toEqual([at('jump'), at('jump') + 4n, 0n])
    expect(cpu.small('canrestore')).toBe(1)
    expect(isfsr(cpu)).toMatchObject({ faultType: 0x40, asi: 0x80, context: 'primary', privileged: true, valid: true })
    expect(cpu.get('pstate') & PSTATE.MG).toBe(PSTATE.MG)
  })

  it('the first and the last address of the hole, and those beside it', () => {
    const target = (address: bigint) => {
      const { event } = trapped('jmp %g1\nnop', { prepare: (cpu) => cpu.set('globals', address, 1) })
      return event.name
    }
    const names = [HOLE - 8n, HOLE, 0xffff_f7ff_ffff_fff8n, 0xffff_f800_0000_0000n].map(target)
    const miss = 'fast_instruction_access_MMU_miss'
    expect(names).toEqual([miss, 'instruction_access_exception', 'instruction_access_exception', miss])
  })

  it('a branch is made: its target traps with fault type 0x20, and TPC reads sign-extended', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    code(cpu, LOW_END)
    // ba .+0x1000 at the 8th word from the end
    machine.poke(CODE + 0x1fe0, 4, 0x1080_0400)
    cpu.set('pc', LOW_END + 0x1fe0n)
    cpu.set('npc', LOW_END + 0x1fe4n)
    setVector(machine, 0x08, 'rdpr %tpc, %o0\nrdpr %tnpc, %o1')
    machine.poke(CODE + 0x1fe4, 4, 0x0100_0000)
    machine.step(0, 4)
    expect(cpu.get('tt', 0)).toBe(8n)
    expect(isfsr(cpu).faultType).toBe(0x20)
    expect([cpu.r(8), cpu.r(9)]).toEqual([0xffff_f800_0000_0fe0n, 0xffff_f800_0000_0fe4n])
  })

  it('so does running into the hole', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    code(cpu, LOW_END)
    machine.poke(CODE + 0x1ffc, 4, 0x0100_0000)
    cpu.set('pc', LOW_END + 0x1ffcn)
    cpu.set('npc', HOLE)
    machine.step(0, 2)
    expect([cpu.get('tt', 0), isfsr(cpu).faultType]).toEqual([8n, 0x20])
  })

  const intoTheHole = (handler: string) => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    code(cpu, LOW_END)
    machine.poke(CODE + 0x1ff8, 4, 0x1080_0002)
    machine.poke(CODE + 0x1ffc, 4, 0x91d0_2003)
    cpu.set('pc', LOW_END + 0x1ff8n)
    cpu.set('npc', LOW_END + 0x1ffcn)
    setVector(machine, 0x103, handler)
    const names: string[] = []
    machine.events.on('trap', ({ name }) => names.push(name))
    for (let n = 0; n < 12 && names.length < 2; n++) machine.step(0)
    return { names, cpu }
  }

  it('a return to a delay slot whose branch leads into the hole traps there', () => {
    expect(intoTheHole('done').names).toEqual(['trap_instruction_0x3', 'instruction_access_exception'])
  })

  it('but not once software has saved and restored TNPC', () => {
    const { names } = intoTheHole('rdpr %tnpc, %g1\nwrpr %g1, 0, %tnpc\ndone')
    expect(names).toEqual(['trap_instruction_0x3', 'fast_instruction_access_MMU_miss'])
  })

  it.each(['tpc', 'tnpc', 'tba'] as const)('%s keeps 44 bits, sign-extended', (name) => {
    const { machine } = bareMachine(`wrpr %g0, 1, %tl\nwrpr %g1, 0, %${name}\nrdpr %${name}, %o0`)
    const cpu = machine.cpus[0]!
    cpu.set('globals', 0x1234_0800_0010_8000n, 1)
    machine.step(0, 3)
    expect(cpu.r(8)).toBe(0xffff_f800_0010_8000n)
  })

  it('with the I-MMU off no address is out of range (6.7)', () => {
    const { machine, at } = bareMachine(
      'mov 1, %g1\nsllx %g1, 43, %g1\nset target, %g2\nor %g1, %g2, %g1\njmp %g1\nnop\ntarget: mov 5, %o0',
    )
    const cpu = machine.cpus[0]!
    cpu.mmu.storeAsi(0x45, 0n, 0xbn)
    for (let n = 0; n < 20 && cpu.r(8) === 0n; n++) machine.step(0)
    expect([cpu.r(8), cpu.get('pc') & 0xffff_ffffn]).toEqual([5n, at('target') + 4n])
  })

  it('with PSTATE.AM no address is out of range', () => {
    const source = 'mov 1, %g1\nsllx %g1, 43, %g1\nset target, %g2\nor %g1, %g2, %g1\njmp %g1\nnop\ntarget: ta 5'
    const { event } = trapped(source, { prepare: (cpu) => cpu.set('pstate', cpu.get('pstate') | PSTATE.AM) })
    expect(event.name).toBe('trap_instruction_0x5')
  })

  it('UltraSPARC III has 64-bit addresses and no hole', () => {
    for (const model of ['cheetah', 'cheetah-plus', 'jalapeno'] as const) {
      const { event } = trapped('mov 1, %g1\nsllx %g1, 43, %g1\njmp %g1\nnop', { model })
      expect(event.name).toBe('fast_instruction_access_MMU_miss')
    }
  })
})

describe('a privileged page', () => {
  it('fetched by a user is instruction_access_exception with fault type 1', () => {
    const { cpu, event } = trapped('sethi %hi(0x10000000), %g1\njmp %g1\nnop', {
      unprivileged: true,
      prepare: (cpu) => code(cpu, 0x1000_0000n, true),
    })
    expect([event.name, event.pc]).toEqual(['instruction_access_exception', 0x1000_0000n])
    expect(isfsr(cpu)).toMatchObject({ faultType: 1, privileged: false, asi: 0x80, context: 'primary', write: false })
  })

  it('at TL > 0 the I-SFSR tells the nucleus', () => {
    const { machine } = bareMachine('sethi %hi(0x10000000), %g1\nor %g1, 2, %g1\njmp %g1')
    const cpu = machine.cpus[0]!
    cpu.setSmall('tl', 1)
    cpu.set('pstate', cpu.get('pstate') & ~PSTATE.PRIV)
    code(cpu, 0x1000_0000n, true)
    cpu.set('globals', 0x1000_0000n, 1)
    cpu.set('pc', 0x1000_0000n)
    cpu.modeChanged()
    machine.step(0)
    expect(isfsr(cpu)).toMatchObject({ faultType: 1, asi: 0x04, context: 'nucleus' })
  })
})

describe('data addresses out of range', () => {
  it.each([
    ['ldx [%g1], %g2', false],
    ['stx %g0, [%g1]', true],
    ['casx [%g1], %g2, %g3', true],
    ['flush %g1', false],
    ['ldda [%g1] 0xf0, %f0', false],
  ])('%s: data_access_exception, fault type 0x20, SFAR with 44 bits', (source, write) => {
    const { cpu, event } = trapped(`${source}\nta 9`, { prepare: (cpu) => cpu.set('globals', HOLE + 0x40n, 1) })
    expect(event.name).toBe('data_access_exception')
    expect(dsfsr(cpu)).toMatchObject({ faultType: 0x20, write, valid: true })
    expect(cpu.mmu.loadAsi(0x58, 0x20n)).toBe(0xffff_f800_0000_0040n)
  })
})

describe('PSTATE.AM', () => {
  it('masks fetches from then on, whatever PC was', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    const high = 0xffff_fff8_0000_0000n
    page(cpu)
    code(cpu, high)
    // In the high page: wrpr %g1, 0, %pstate; nop. At the same low address, in RAM: mov 6, %o0; rd %pc, %o1
    machine.poke(CODE, 4, 0x8d90_4000)
    machine.poke(4, 4, 0x9010_2006)
    machine.poke(8, 4, 0x9341_4000)
    cpu.set('globals', PSTATE.PRIV | PSTATE.PEF | PSTATE.AM, 1)
    cpu.set('pc', high)
    cpu.set('npc', high + 4n)
    machine.step(0, 3)
    expect([cpu.r(8), cpu.r(9)]).toEqual([6n, 8n])
  })

  it('clears the upper half of TPC and TNPC (UltraSPARC-I 14.1.10)', () => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    cpu.set('pc', 0xffff_ffff_0020_0000n)
    cpu.set('npc', 0xffff_ffff_0020_0004n)
    cpu.set('pstate', cpu.get('pstate') | PSTATE.AM)
    cpu.modeChanged()
    machine.poke(0x20_0000, 4, 0x91d0_2003)
    machine.step(0)
    expect([cpu.get('tpc', 0), cpu.get('tnpc', 0)]).toEqual([0x20_0000n, 0x20_0004n])
  })
})
