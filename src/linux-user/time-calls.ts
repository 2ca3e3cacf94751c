import { host, note, type OperationContext, shim } from '../kernel-shim'
import { Structure, xwordAt } from './big-endian'
import { ERESTARTNOHAND, fail, int } from './call-result'
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  CLOCK_THREAD_CPUTIME_ID,
  TIMER_ABSTIME,
} from './constants'
import { currentThread, process_epoch, processOf } from './process'
import { fallAsleep, schedule } from './scheduler'
import {
  machineTime,
  machineTimeOfRealtime,
  NANOSECONDS_PER_TICK,
  realtimeNanoseconds,
  ticksOf,
  timespecNanoseconds,
  toTimespec,
} from './time'
import { read_user, write_user } from './user-memory'

const TIMESPEC_BYTES = 16

/** A struct timespec in nanoseconds; 'EFAULT', or 'EINVAL' if it is none. */
export const read_timespec = shim('read_timespec', function* (address: bigint) {
  const bytes = yield* read_user(address, TIMESPEC_BYTES)
  if (bytes === 'EFAULT') return 'EFAULT' as const
  const nanoseconds = timespecNanoseconds({
    seconds: BigInt.asIntN(64, xwordAt(bytes, 0)),
    nanoseconds: BigInt.asIntN(64, xwordAt(bytes, 8)),
  })
  return nanoseconds ?? ('EINVAL' as const)
})

export const write_timespec = shim('write_timespec', function* (address: bigint, time: bigint) {
  const { seconds, nanoseconds } = toTimespec(time)
  const bytes = new Structure(TIMESPEC_BYTES).xword(0, seconds).xword(8, nanoseconds).toArray()
  return yield* write_user(address, bytes)
})

/** Nanoseconds that a clock shows; undefined if there is none of that number. CPU time is that of the whole program. */
function clockNanoseconds(cx: OperationContext, clock: number): bigint | undefined {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return realtimeNanoseconds(processOf(cx.kernel).epoch, machineTime(cx))
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return machineTime(cx) * NANOSECONDS_PER_TICK
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
      return cx.machine.instructions() * NANOSECONDS_PER_TICK
    default:
      return undefined
  }
}

const read_clock = (clock: number) =>
  host('read clock', (cx) => {
    cx.machine.environment.clockRead(cx.cpu.index)
    return clockNanoseconds(cx, clock) ?? null
  })

export const sys_clock_gettime = shim('sys_clock_gettime', function* (clock: bigint, address: bigint) {
  const time = yield* read_clock(int(clock))
  if (time === null) return fail('EINVAL')
  return (yield* write_timespec(address, time)) === 'EFAULT' ? fail('EFAULT') : 0n
})

export const sys_clock_getres = shim('sys_clock_getres', function* (clock: bigint, address: bigint) {
  if ((yield* read_clock(int(clock))) === null) return fail('EINVAL')
  if (address === 0n) return 0n
  return (yield* write_timespec(address, NANOSECONDS_PER_TICK)) === 'EFAULT' ? fail('EFAULT') : 0n
})

/** tv_usec is an int on sparc64. */
export const sys_gettimeofday = shim('sys_gettimeofday', function* (address: bigint, zone: bigint) {
  const time = (yield* read_clock(CLOCK_REALTIME)) ?? 0n
  const { seconds, nanoseconds } = toTimespec(time)
  const bytes = new Structure(12)
    .xword(0, seconds)
    .word(8, Number(nanoseconds / 1000n))
    .toArray()
  if (address !== 0n && (yield* write_user(address, bytes)) === 'EFAULT') return fail('EFAULT')
  if (zone !== 0n && (yield* write_user(zone, new Array(8).fill(0))) === 'EFAULT') return fail('EFAULT')
  return 0n
})

/** Sleeps until a machine time. A signal ends it: then gives EINTR's restart, after writing what is left to `rest`. */
const sleep_until = shim('sleep_until', function* (deadline: bigint, rest: bigint) {
  const asleep = yield* host('sleep', (cx) => {
    if (deadline <= machineTime(cx)) return false
    fallAsleep(processOf(cx.kernel), currentThread(cx), deadline)
    return true
  })
  if (!asleep) return 0n
  yield* schedule()
  const { reason, left } = yield* note('wake reason', (cx) => ({
    reason: currentThread(cx).wakeReason,
    left: deadline - machineTime(cx),
  }))
  if (reason !== 'signal') return 0n
  if (rest !== 0n && (yield* write_timespec(rest, left > 0n ? left * NANOSECONDS_PER_TICK : 0n)) === 'EFAULT')
    return fail('EFAULT')
  return ERESTARTNOHAND
})

export const sys_nanosleep = shim('sys_nanosleep', function* (request: bigint, rest: bigint) {
  const time = yield* read_timespec(request)
  if (typeof time === 'string') return fail(time)
  const now = yield* note('now', machineTime)
  return yield* sleep_until(now + ticksOf(time), rest)
})

export const sys_clock_nanosleep = shim(
  'sys_clock_nanosleep',
  function* (clock: bigint, flags: bigint, request: bigint, rest: bigint) {
    const which = int(clock)
    if ((yield* read_clock(which)) === null || which === CLOCK_THREAD_CPUTIME_ID) return fail('EINVAL')
    const time = yield* read_timespec(request)
    if (typeof time === 'string') return fail(time)
    const now = yield* note('now', machineTime)
    if (!(int(flags) & TIMER_ABSTIME)) return yield* sleep_until(now + ticksOf(time), rest)
    const realtime = which === CLOCK_REALTIME
    return yield* sleep_until(realtime ? machineTimeOfRealtime(yield* process_epoch(), time) : ticksOf(time), 0n)
  },
)

/** Sleeps until a signal comes, or a duration in nanoseconds has passed (null: forever). 0n when it has. */
export const sleep_for_signal = shim('sleep_for_signal', function* (duration: bigint | null) {
  yield* host('sleep', (cx) => {
    fallAsleep(processOf(cx.kernel), currentThread(cx), duration === null ? null : machineTime(cx) + ticksOf(duration))
    return undefined
  })
  yield* schedule()
  const reason = yield* note('wake reason', (cx) => currentThread(cx).wakeReason)
  return reason === 'signal' ? ERESTARTNOHAND : 0n
})
