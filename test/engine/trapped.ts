import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import type { Machine, MachineEvents } from '../../src/smp'
import { type BareConfig, bareMachine } from './bare-machine'

export const PSTATE = {
  AG: 0x001n,
  IE: 0x002n,
  PRIV: 0x004n,
  AM: 0x008n,
  PEF: 0x010n,
  RED: 0x020n,
  RMO: 0x080n,
  TLE: 0x100n,
  CLE: 0x200n,
  MG: 0x400n,
  IG: 0x800n,
} as const

export interface Trapped {
  readonly machine: Machine
  readonly cpu: ReferenceCpu
  readonly event: Parameters<MachineEvents['trap']>[0]
  at(label: string): bigint
}

/**
 * Runs a program up to its first trap and one instruction of the handler, which is a `nop`. `user` drops to unprivileged mode
 * before the first instruction.
 */
export function trapped(
  source: string,
  config: BareConfig & { unprivileged?: boolean; prepare?: (cpu: ReferenceCpu) => void } = {},
): Trapped {
  const { unprivileged = false, prepare, ...rest } = config
  const { machine, at } = bareMachine(source, rest)
  const cpu = machine.cpus[0]!
  if (unprivileged) cpu.set('pstate', cpu.get('pstate') & ~PSTATE.PRIV)
  prepare?.(cpu)
  cpu.modeChanged()
  let event: Trapped['event'] | undefined
  machine.events.on('trap', (trap) => {
    event ??= trap
  })
  for (let n = 0; n < 1000 && event === undefined; n++) machine.step(0)
  if (event === undefined) throw new Error('the program did not trap')
  return { machine, cpu, event, at }
}

/** The name of a program's first trap. */
export function trapNameOf(source: string, config: Parameters<typeof trapped>[1] = {}): string {
  return trapped(source, config).event.name
}
