import { ERRNO, type ErrnoName } from './errno'

/** What a system call gives: a value, or a negative error number. */
export type CallResult = bigint

export function fail(name: ErrnoName): CallResult {
  return -BigInt(ERRNO[name])
}

/** A signal broke the call off: it is made again, unless a handler without SA_RESTART runs, or any, or never mind which. */
export const ERESTARTSYS = -512n
export const ERESTARTNOINTR = -513n
export const ERESTARTNOHAND = -514n

/** The low 32 bits as a signed number: an `int` argument. */
export function int(argument: bigint): number {
  return Number(BigInt.asIntN(32, argument))
}

export function signed(argument: bigint): bigint {
  return BigInt.asIntN(64, argument)
}

/** A size as a number; what no memory could hold becomes a number that is too large. */
export function size(argument: bigint): number {
  return argument > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(argument)
}
