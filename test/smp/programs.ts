import type { Machine } from '../../src/smp'
import { type BareConfig, type BareMachine, bareMachine, setVector } from '../engine/bare-machine'

/** Adds 1 to the word at `counter` by casx, `%o0` times, then spins at `done`. */
export const COUNT_BY_CASX = `
  count:
    set counter, %g1
  1: ldx [%g1], %g2
  2: add %g2, 1, %g3
    casx [%g1], %g2, %g3
    cmp %g2, %g3
    bne,a,pn %xcc, 2b
    mov %g3, %g2
    deccc %o0
    bne,pt %xcc, 1b
    nop
  done: ba done
    nop
    .align 8
  counter: .xword 0
`

/** All CPUs of a machine at a label, with %o0 and %o1 = CPU number. */
export function startAll(bare: BareMachine, label: string, o0: bigint): Machine {
  const { machine } = bare
  for (const cpu of machine.cpus) {
    machine.start(cpu.index, bare.at(label))
    cpu.setR(8, o0)
    cpu.setR(9, BigInt(cpu.index))
  }
  return machine
}

/**
 * CPUs that send mondos to each other without end, count acceptances in %g1, refusals in %g2 (normal globals), and what they
 * receive in their word at `received`; each sends `%o0` mondos and then spins at `done`.
 */
export const SEND_MONDOS = `
  send:
    mov 0x40, %l0
    mov %o1, %l7
  again:
    inc %l7
    cmp %l7, cpus
    bge,a %icc, 1f
    clr %l7
  1: cmp %l7, %o1
    be again
    nop
    sllx %l7, 14, %l1
    or %l1, 0x70, %l1
  2: rdpr %pstate, %l6
    wrpr %l6, 2, %pstate
    stxa %o0, [%l0] 0x77
    stxa %g0, [%l1] 0x77
    membar #Sync
    ldxa [%g0] 0x48, %l2
    wrpr %l6, 0, %pstate
    andcc %l2, %l2, %g0
    be,pt %xcc, 3f
    inc %g1
    dec %g1
    ba 2b
    inc %g2
  3: deccc %o0
    bne again
    nop
  done: ba done
    nop
`

/** The vector of {@link SEND_MONDOS}: counts and acknowledges. %g5 of the interrupt globals counts. */
export function countMondos(machine: Machine): void {
  for (const tl of [0, 1] as const) setVector(machine, 0x60, 'inc %g5\nstxa %g0, [%g0] 0x49\nmembar #Sync\nretry', tl)
}

export function mondosReceived(machine: Machine, cpu: number): bigint {
  const INTERRUPT_GLOBALS = 3 * 8
  return machine.cpus[cpu]!.get('globals', INTERRUPT_GLOBALS + 5)
}

export function sendingMachine(
  config: BareConfig & { cpus: number },
  each: bigint,
): { machine: Machine; done: bigint } {
  const bare = bareMachine(SEND_MONDOS, { ...config, symbols: { cpus: BigInt(config.cpus) } })
  countMondos(bare.machine)
  const machine = startAll(bare, 'send', each)
  for (const cpu of machine.cpus) {
    cpu.set('pstate', cpu.get('pstate') | 2n)
    cpu.modeChanged()
  }
  return { machine, done: bare.at('done') }
}
