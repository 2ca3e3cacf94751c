import type { MachineConfig } from '../../src/smp'
import { bareMachine } from './bare-machine'

export interface FloatRun {
  /** Name of the trap that the instruction raised. */
  readonly trap: string | undefined
  readonly fsr: bigint
  /** FSR.ftt, aexc and cexc. */
  readonly ftt: number
  readonly aexc: number
  readonly cexc: number
  /** Register %fn as a double, by its number. */
  double(number: number): bigint
  single(number: number): bigint
}

/** Executes one instruction with f registers, by number as doubles, and FSR set. */
export function runFloat(
  instruction: string,
  doubles: Readonly<Record<number, bigint>>,
  { fsr = 0n, gsr = 0n, ...config }: MachineConfig & { fsr?: bigint; gsr?: bigint } = {},
): FloatRun {
  const { machine } = bareMachine(`${instruction}\nnop`, { ramBytes: 4 << 20, ...config })
  const cpu = machine.cpus[0]!
  cpu.set('fprs', 4n)
  cpu.set('fsr', fsr)
  cpu.set('gsr', gsr)
  for (const [number, value] of Object.entries(doubles)) cpu.set('float', value, Number(number) / 2)
  cpu.modeChanged()
  let trap: string | undefined
  machine.events.on('trap', ({ name }) => {
    trap ??= name
  })
  machine.step(0)
  const after = cpu.get('fsr')
  const double = (number: number) => BigInt.asUintN(64, cpu.get('float', number / 2))
  return {
    trap,
    fsr: after,
    ftt: Number((after >> 14n) & 7n),
    aexc: Number((after >> 5n) & 31n),
    cexc: Number(after & 31n),
    double,
    single: (number) => (number % 2 === 0 ? double(number) >> 32n : double(number - 1) & 0xffff_ffffn),
  }
}
