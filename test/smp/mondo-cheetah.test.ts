import { describe, expect, it } from 'vitest'
import type { ModelName } from '../../src/isa'
import { Machine, SeededRandom } from '../../src/smp'
import { bareMachine, setVector } from '../engine/bare-machine'
import { PSTATE, trapNameOf } from '../engine/trapped'
import { mondosReceived, sendingMachine } from './programs'

/** Data words in both directions (illumos usr/src/uts/sun4u/sys/machintreg.h UIII_IDDR_0 .. UIII_IDDR_7). */
const DATA = [0x40, 0x48, 0x50, 0x58, 0x60, 0x68, 0x80, 0x88]
/** Dispatches for each address in %o0 .. %o3 that is not zero, then reads the status into %o5. */
const SEND = `
${[0, 1, 2, 3].map((n) => `brz,a %o${n}, 1f\nnop\nstxa %g0, [%o${n}] 0x77\n1: membar #Sync`).join('\n')}
  ldxa [%g0] 0x48, %o5
done: ba done
  nop
spin: ba spin
  nop`
const dispatch = (target: number, id = 0) => (BigInt(id) << 24n) | (BigInt(target) << 14n) | 0x70n

/** A machine whose CPU 0 sends to the addresses; CPU `busy` have a mondo already. */
function sent(model: ModelName, cpus: number, addresses: readonly bigint[], busy: readonly number[] = []) {
  const { machine, at } = bareMachine(SEND, { model, cpus })
  const send = () => {
    machine.start(0, at('done') - 4n * BigInt(4 * 4 + 1))
    for (let n = 0; n < 4; n++) machine.cpus[0]!.setR(8 + n, addresses[n] ?? 0n)
    machine.run(100)
    return machine.cpus[0]!.r(13)
  }
  for (const cpu of busy) machine.cpus[cpu]!.set('mondoReceive', 0x20n)
  return { machine, status: send(), again: send }
}
const receivers = (machine: Machine) =>
  machine.cpus.filter((cpu) => cpu.get('mondoReceive') & 0x20n).map((cpu) => cpu.index)

describe.each(['cheetah', 'cheetah-plus'] as const)('a mondo of %s', (model) => {
  it('has eight data words in both directions', () => {
    const stores = DATA.map((va, n) => `mov ${0x101 * (n + 1)}, %g2\nstxa %g2, [%g0 + ${va}] %asi`).join('\n')
    const { machine } = bareMachine(
      `wr %g0, 0x77, %asi\n${stores}\nset ${(1 << 14) | 0x70}, %g1\nstxa %g0, [%g1] 0x77`,
      {
        model,
        cpus: 2,
      },
    )
    machine.step(0, 1 + DATA.length * 2 + 3)
    const target = machine.cpus[1]!
    expect(DATA.map((_, n) => target.get('mondoIn', n))).toEqual(DATA.map((_, n) => BigInt(0x101 * (n + 1))))
    const loads = DATA.map((va, n) => `ldxa [%g0 + ${va}] %asi, %${n < 4 ? 'l' : 'i'}${n % 4}`).join('\n')
    const receiver = bareMachine(`wr %g0, 0x7f, %asi\n${loads}`, { model }).machine
    for (const [n] of DATA.entries()) receiver.cpus[0]!.set('mondoIn', BigInt(n + 7), n)
    receiver.step(0, 1 + DATA.length)
    expect(DATA.map((_, n) => receiver.cpus[0]!.r((n < 4 ? 16 : 24) + (n % 4)))).toEqual(
      DATA.map((_, n) => BigInt(n + 7)),
    )
  })

  it('is dispatched to the agent id in bits 23:14, also above 31; the receiver sees who sent it', () => {
    const { machine, status } = sent(model, 64, [dispatch(63), dispatch(33, 1), dispatch(5, 2)])
    expect(status).toBe(0n)
    expect(receivers(machine)).toEqual([5, 33, 63])
    const back = bareMachine(`set ${(2 << 14) | 0x70}, %g1\nstxa %g0, [%g1] 0x77`, { model, cpus: 64 }).machine
    back.start(45, back.cpus[0]!.get('pc'))
    back.step(45, 3)
    // SID_U in 10:6, BUSY in 5, SID_L in 4:0
    expect(back.cpus[2]!.get('mondoReceive')).toBe((1n << 6n) | 0x20n | 13n)
  })

  it('that is refused sets NACK of the pair in bits 28:24 of its address, and of no other', () => {
    const { machine, status } = sent(model, 8, [dispatch(1, 31), dispatch(2, 5), dispatch(3, 17)], [1, 3])
    expect(status).toBe((2n << 62n) | (2n << 34n))
    expect(receivers(machine)).toEqual([1, 2, 3])
  })

  it('clears its pair at the next attempt and leaves the others', () => {
    const { machine, status, again } = sent(model, 8, [dispatch(1, 4), dispatch(2, 5)], [1, 2])
    expect(status).toBe((2n << 8n) | (2n << 10n))
    machine.cpus[1]!.set('mondoReceive', 0n)
    expect(again()).toBe(2n << 10n)
    machine.cpus[2]!.set('mondoReceive', 0n)
    expect(again()).toBe(2n << 8n)
  })

  it('to an agent that does not exist is refused', () => {
    expect(sent(model, 2, [dispatch(2, 3), dispatch(1023, 9)]).status).toBe((2n << 6n) | (2n << 18n))
  })
})

describe('a mondo of jalapeno (Linux arch/sparc/kernel/smp_64.c cheetah_xcall_deliver is_jbus)', () => {
  it('has one of four pairs, that of the lower two bits of its target', () => {
    const { status } = sent(
      'jalapeno',
      8,
      [1, 2, 3, 4].map((cpu) => dispatch(cpu)),
      [1, 3, 4],
    )
    expect(status).toBe((2n << 2n) | (2n << 6n) | (2n << 0n))
  })

  it('takes the pair from the target whatever bits 28:24 say', () => {
    expect(sent('jalapeno', 4, [dispatch(2, 31)], [2]).status).toBe(2n << 4n)
  })
})

describe('on UltraSPARC I and II', () => {
  it('there are three data words (UltraSPARC-I 9.3.1)', () => {
    for (const va of [0x48, 0x58, 0x68, 0x80, 0x88]) {
      expect(trapNameOf(`mov ${va}, %g1\nstxa %g0, [%g1] 0x77`)).toBe('data_access_exception')
      expect(trapNameOf(`mov ${va}, %g1\nldxa [%g1] 0x7f, %g2`)).toBe('data_access_exception')
      expect(trapNameOf(`mov ${va}, %g1\nldxa [%g1] 0x7f, %g2\nta 1`, { model: 'cheetah' })).toBe(
        'trap_instruction_0x1',
      )
    }
  })

  it('a machine has at most 32 CPUs, 64 of UltraSPARC III', () => {
    expect(() => new Machine({ cpus: 33, ramBytes: 8192 })).toThrow(/from 1 to 32/)
    for (const model of ['cheetah', 'cheetah-plus', 'jalapeno'] as const) {
      expect(new Machine({ cpus: 64, ramBytes: 8192, model }).cpus).toHaveLength(64)
      expect(() => new Machine({ cpus: 65, ramBytes: 8192, model })).toThrow(/from 1 to 64/)
    }
  })
})

describe('64 CPUs', () => {
  it.each(['cheetah', 'jalapeno'] as const)('that call each other lose and double no mondo: %s', (model) => {
    const EACH = 6n
    const { machine, done } = sendingMachine({ cpus: 64, model, scheduler: new SeededRandom(7, 9) }, EACH)
    const counts = { accepted: 0, nacked: 0, taken: 0 }
    machine.events.on('mondo-accepted', ({ words }) => {
      counts.accepted++
      expect(words).toHaveLength(8)
    })
    machine.events.on('mondo-nacked', () => counts.nacked++)
    machine.events.on('mondo-taken', () => counts.taken++)
    for (let n = 0; n < 100 && machine.cpus.some((cpu) => ![done, done + 4n].includes(cpu.get('pc'))); n++)
      machine.run(20_000)
    machine.run(20_000)
    const received = machine.cpus.map((_, cpu) => mondosReceived(machine, cpu))
    expect(received.reduce((a, b) => a + b)).toBe(64n * EACH)
    expect(counts).toMatchObject({ accepted: 384, taken: 384 })
    expect(counts.nacked).toBeGreaterThan(0)
  })

  it('take one mondo each, all sent in two rounds of 32 pairs', () => {
    const source = `
      clr %l0
    1: cmp %l0, 31
      sllx %l0, 24, %l1
      add %l0, %o0, %l2
      sllx %l2, 14, %l2
      or %l1, %l2, %l1
      or %l1, 0x70, %l1
      stxa %g0, [%l1] 0x77
      membar #Sync
      bne,pt %icc, 1b
      inc %l0
      ldxa [%g0] 0x48, %o1
    done: ba done
      nop
    spin: ba spin
      nop`
    const { machine, at } = bareMachine(source, { cpus: 64, model: 'cheetah-plus' })
    setVector(machine, 0x60, 'inc %g5\nstxa %g0, [%g0] 0x49\nmembar #Sync\nretry')
    for (const cpu of machine.cpus) {
      if (cpu.index > 0) machine.start(cpu.index, at('spin'))
      cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
      cpu.modeChanged()
    }
    const [sender] = machine.cpus
    for (const first of [32n, 0n]) {
      machine.start(0, at('spin') - 8n - 4n * 12n)
      sender!.setR(8, first)
      machine.step(0, 400)
      expect(sender!.r(9)).toBe(0n)
    }
    for (const cpu of machine.cpus) machine.step(cpu.index, 10)
    expect(machine.cpus.map((_, cpu) => mondosReceived(machine, cpu))).toEqual(new Array(64).fill(1n))
  })
})
