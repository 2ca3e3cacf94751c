import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/smp'
import { bareMachine, PROGRAM, setVector } from '../engine/bare-machine'
import { PSTATE, trapNameOf } from '../engine/trapped'
import { mondosReceived, sendingMachine } from './programs'

const SEND = `
  mov 0x40, %g1
  stxa %o0, [%g1] 0x77
  mov 0x50, %g1
  stxa %o1, [%g1] 0x77
  mov 0x60, %g1
  stxa %o2, [%g1] 0x77
  sllx %o3, 14, %g1
  or %g1, 0x70, %g1
  stxa %g0, [%g1] 0x77
  membar #Sync
  ldxa [%g0] 0x48, %o4
  loop: ba loop
  nop`
const SEND_LENGTH = 11
const SPIN = 'spin: ba spin\nnop'

function twoCpus(config = {}) {
  const { machine, at } = bareMachine(`${SEND}\n${SPIN}`, { cpus: 2, ...config })
  const [sender, target] = machine.cpus as [(typeof machine.cpus)[0], (typeof machine.cpus)[0]]
  machine.start(1, at('spin'))
  for (const [n, word] of [0x1111n, 0x2222n, 0x3333n, 1n].entries()) sender.setR(8 + n, word)
  return { machine, at, sender, target }
}
const setIe = (cpu: { get(f: 'pstate'): bigint; set(f: 'pstate', v: bigint): void; modeChanged(): void }) => {
  cpu.set('pstate', cpu.get('pstate') | PSTATE.IE)
  cpu.modeChanged()
}

describe('a mondo (UltraSPARC-I 9.1 to 9.3)', () => {
  it('is dispatched by a store to an address with 0x70 in bits 13:0, and by no other', () => {
    for (let bit = 0n; bit < 14n; bit++) {
      const wrong = (1n << 14n) | (0x70n ^ (1n << bit))
      const trap = trapNameOf(`set ${wrong}, %g1\nstxa %g0, [%g1] 0x77`, { cpus: 2 })
      expect(trap, `bit ${bit}`).toBe(bit < 3n ? 'mem_address_not_aligned' : 'data_access_exception')
    }
  })

  it('arrives with its three words, BUSY and the sender in the receive register', () => {
    const { machine, sender, target } = twoCpus()
    machine.step(0, SEND_LENGTH)
    expect(sender.r(12)).toBe(0n)
    expect([0, 1, 2].map((n) => target.get('mondoIn', n))).toEqual([0x1111n, 0x2222n, 0x3333n])
    expect(target.get('mondoReceive')).toBe(0x20n)
  })

  it('is taken only with PSTATE.IE, whatever PIL says, as trap 0x60', () => {
    const { machine, target } = twoCpus()
    machine.step(0, SEND_LENGTH)
    target.set('pil', 15n)
    machine.step(1, 50)
    expect(target.get('tl')).toBe(0n)
    setIe(target)
    machine.step(1, 1)
    expect([target.get('tl'), target.get('tt', 0)]).toEqual([1n, 0x60n])
  })

  it('is refused while the receiver is busy: NACK, and the first one is kept', () => {
    const { machine, sender, target, at } = twoCpus()
    machine.step(0, SEND_LENGTH)
    machine.start(0, PROGRAM)
    sender.setR(8, 0x9999n)
    machine.step(0, SEND_LENGTH)
    expect(sender.r(12)).toBe(2n)
    expect(target.get('mondoIn', 0)).toBe(0x1111n)
    expect([target.get('pc'), target.get('tl')]).toEqual([at('spin'), 0n])
  })

  it('clears NACK when one is accepted after all', () => {
    const { machine, sender, target } = twoCpus()
    machine.step(0, SEND_LENGTH)
    machine.start(0, PROGRAM)
    machine.step(0, SEND_LENGTH)
    expect(sender.r(12)).toBe(2n)
    target.set('mondoReceive', 0n)
    machine.start(0, PROGRAM)
    machine.step(0, SEND_LENGTH)
    expect(sender.r(12)).toBe(0n)
  })

  it('to a CPU that does not exist is refused', () => {
    const { machine, sender } = twoCpus()
    sender.setR(11, 17n)
    machine.step(0, SEND_LENGTH)
    expect(sender.r(12)).toBe(2n)
  })

  it('storing to the receive register clears BUSY, and a mondo may come again', () => {
    const { machine, target } = twoCpus()
    machine.step(0, SEND_LENGTH)
    setIe(target)
    setVector(machine, 0x60, 'ldxa [%g0] 0x49, %g1\nstxa %g0, [%g0] 0x49\nldxa [%g0] 0x49, %g2\nretry')
    machine.step(1, 4)
    expect(target.get('globals', 24 + 1)).toBe(0x20n)
    expect(target.get('globals', 24 + 2) & 0x20n).toBe(0n)
    expect(target.get('tl')).toBe(0n)
  })

  it('is waited for no longer than its delay, also by a CPU that sends to itself', () => {
    const DELAY = 7
    const { machine, sender } = twoCpus({ mondoDelay: DELAY })
    setIe(sender)
    sender.setR(11, 0n)
    const DISPATCH = 9
    machine.step(0, DISPATCH + DELAY)
    expect(sender.get('tl')).toBe(0n)
    machine.step(0, 1)
    expect(sender.get('tt', 0)).toBe(0x60n)
  })

  it.each([1, 2, 3, 5, 16, 100])(
    'to itself is taken at the same instruction however the run is cut: %i at a time',
    (cut) => {
      const DELAY = 7
      const DISPATCH = 9
      const { machine, sender } = twoCpus({ mondoDelay: DELAY })
      setIe(sender)
      sender.setR(11, 0n)
      const taken: bigint[] = []
      machine.events.on('mondo-taken', ({ instructions }) => taken.push(instructions))
      for (let n = 0; n < 100; n += cut) machine.step(0, cut)
      expect(taken).toEqual([BigInt(DISPATCH + DELAY)])
    },
  )

  it('delays its target, and nothing of the sender', () => {
    const { machine, sender, target } = twoCpus({ mondoDelay: 9 })
    machine.step(0, SEND_LENGTH)
    expect([sender.get('mondoCountdown'), target.get('mondoCountdown')]).toEqual([0n, 9n])
  })

  it('with a delay is taken that many instructions of the receiver later', () => {
    const { machine, target } = twoCpus({ mondoDelay: 5 })
    setIe(target)
    machine.step(0, SEND_LENGTH)
    machine.step(1, 5)
    expect(target.get('tl')).toBe(0n)
    machine.step(1, 1)
    expect(target.get('tl')).toBe(1n)
  })

  it.each([
    ['ldxa [%g0] 0x77, %g1', 'data_access_exception'],
    ['stxa %g0, [%g0] 0x48', 'data_access_exception'],
    ['stxa %g0, [%g0] 0x7f', 'data_access_exception'],
    ['mov 8, %g1\nldxa [%g1] 0x49, %g2', 'data_access_exception'],
    ['lduwa [%g0] 0x49, %g2', 'data_access_exception'],
  ])('%s is %s (UltraSPARC-I 9.3.2, 9.3.3)', (source, name) => {
    expect(trapNameOf(source)).toBe(name)
  })
})

describe('many mondos', () => {
  it.each([1, 2, 3, 4, 5])('none is lost or doubled: 8 CPUs that call each other, seed %i', (seed) => {
    const EACH = 30n
    const { machine, done } = sendingMachine({ cpus: 8, scheduler: new SeededRandom(seed, 7) }, EACH)
    const counts = { sent: 0, accepted: 0, nacked: 0, taken: 0 }
    machine.events.on('mondo-sent', () => counts.sent++)
    machine.events.on('mondo-accepted', () => counts.accepted++)
    machine.events.on('mondo-nacked', () => counts.nacked++)
    machine.events.on('mondo-taken', () => counts.taken++)
    for (let n = 0; n < 100 && machine.cpus.some((cpu) => ![done, done + 4n].includes(cpu.get('pc'))); n++)
      machine.run(5000)
    machine.run(2000)
    const received = machine.cpus.map((_, cpu) => mondosReceived(machine, cpu))
    expect(received.reduce((a, b) => a + b)).toBe(8n * EACH)
    const sum = (register: number) => machine.cpus.reduce((total, cpu) => total + cpu.get('globals', register), 0n)
    expect(sum(1)).toBe(8n * EACH)
    expect(BigInt(counts.nacked)).toBe(sum(2))
    expect(counts).toMatchObject({ accepted: 240, taken: 240, sent: 240 + counts.nacked })
    expect(counts.nacked).toBeGreaterThan(0)
  })
})
