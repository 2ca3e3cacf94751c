import type { Watchpoint } from '../engine/watched-ranges'
import { toU64, type U64Like } from '../u64'
import { MachineError } from './machine-error'

/** A range to watch. */
export interface WatchpointOptions {
  space: Watchpoint['space']
  address: U64Like
  /** Bytes; default 8. */
  length?: U64Like
  /** Default 'any'. */
  access?: Watchpoint['access']
}

const END = 1n << 64n

/** @throws MachineError, U64Error */
export function readWatchpoint({ space, access = 'any', ...range }: WatchpointOptions): Watchpoint {
  const address = toU64(range.address, 'address')
  const length = toU64(range.length ?? 8, 'length')
  if (space !== 'virtual' && space !== 'physical')
    throw new MachineError(`space: expected virtual or physical, got ${String(space)}`)
  if (!['load', 'store', 'any'].includes(access))
    throw new MachineError(`access: expected load, store or any, got ${String(access)}`)
  if (length === 0n || address + length > END)
    throw new MachineError(`length: expected 1 to ${END - address} at 0x${address.toString(16)}, got ${length}`)
  return Object.freeze({ space, address, length, access })
}
