import type { OperationContext } from '../kernel-shim'

/** The machine clock's rate: one tick an instruction, as if of a 100 MHz machine. */
export const TICKS_PER_SECOND = 100_000_000n
export const NANOSECONDS_PER_TICK = 1_000_000_000n / TICKS_PER_SECOND
const NANOSECONDS_PER_SECOND = 1_000_000_000n
/** CLOCK_REALTIME at machine time 0, in nanoseconds, unless a run says otherwise: 2020-01-01, whenever it is made. */
export const DEFAULT_EPOCH = 1_577_836_800n * 1_000_000_000n

export interface Timespec {
  seconds: bigint
  nanoseconds: bigint
}

export function machineTime({ machine }: OperationContext): bigint {
  return machine.environment.now()
}

export function toTimespec(nanoseconds: bigint): Timespec {
  return { seconds: nanoseconds / NANOSECONDS_PER_SECOND, nanoseconds: nanoseconds % NANOSECONDS_PER_SECOND }
}

/** Undefined if it is negative or its nanoseconds are not below a second. */
export function timespecNanoseconds({ seconds, nanoseconds }: Timespec): bigint | undefined {
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= NANOSECONDS_PER_SECOND) return undefined
  return seconds * NANOSECONDS_PER_SECOND + nanoseconds
}

/** Ticks that last at least so long; never in the past. */
export function ticksOf(nanoseconds: bigint): bigint {
  return nanoseconds <= 0n ? 0n : (nanoseconds + NANOSECONDS_PER_TICK - 1n) / NANOSECONDS_PER_TICK
}

/** Machine time at which CLOCK_REALTIME shows so many nanoseconds, having begun at `epoch`. */
export function machineTimeOfRealtime(epoch: bigint, nanoseconds: bigint): bigint {
  return ticksOf(nanoseconds - epoch)
}

export function realtimeNanoseconds(epoch: bigint, ticks: bigint): bigint {
  return epoch + ticks * NANOSECONDS_PER_TICK
}
