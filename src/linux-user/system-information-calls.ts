import { host, note, shim } from '../kernel-shim'
import { Structure, xwordAt } from './big-endian'
import { type CallResult, fail, int, size } from './call-result'
import { STACK_BYTES } from './memory-calls'
import { hostSideOf, processOf } from './process'
import { swap_mask } from './signal-calls'
import { NANOSECONDS_PER_TICK } from './time'
import { read_timespec, sleep_for_signal } from './time-calls'
import { poll_ready } from './transfer-calls'
import { read_user, write_user } from './user-memory'

const UTSNAME_FIELD = 65

export const sys_uname = shim('sys_uname', function* (address: bigint) {
  const names = new Structure(6 * UTSNAME_FIELD)
  const values = ['Linux', 'sparc64-smp', '6.1.0-sparc64-smp', '#1 SMP', 'sparc64', '(none)']
  for (const [n, value] of values.entries()) names.text(n * UTSNAME_FIELD, UTSNAME_FIELD, value)
  return (yield* write_user(address, names.toArray())) === 'EFAULT' ? fail('EFAULT') : 0n
})

const ENTROPY_CHUNK = 256

export const sys_getrandom = shim('sys_getrandom', function* (address: bigint, length: bigint) {
  const wanted = Math.min(size(length), ENTROPY_CHUNK * 2048)
  for (let done = 0; done < wanted; done += ENTROPY_CHUNK) {
    const bytes = yield* host('entropy', ({ kernel }) => {
      const process = processOf(kernel)
      const count = Math.min(ENTROPY_CHUNK, wanted - done)
      const given = hostSideOf(kernel).entropy(process.entropyUsed, count)
      process.entropyUsed += count
      return Array.from(given)
    })
    if ((yield* write_user(address + BigInt(done), bytes)) === 'EFAULT') return fail('EFAULT')
  }
  return BigInt(wanted)
})

const RLIMIT_STACK = 3
const RLIMIT_CORE = 4
const RLIMIT_NOFILE = 6
const RLIMITS = 16
const INFINITY = (1n << 64n) - 1n

function limitOf(resource: number): bigint {
  if (resource === RLIMIT_STACK) return STACK_BYTES
  if (resource === RLIMIT_NOFILE) return 1024n
  return resource === RLIMIT_CORE ? 0n : INFINITY
}

/** Limits can be asked for; setting them is accepted and changes nothing. */
export const sys_prlimit64 = shim(
  'sys_prlimit64',
  function* (_pid: bigint, resource: bigint, next: bigint, old: bigint) {
    if (int(resource) < 0 || int(resource) >= RLIMITS) return fail('EINVAL')
    if (next !== 0n && (yield* read_user(next, 16)) === 'EFAULT') return fail('EFAULT')
    if (old === 0n) return 0n
    const maximum = int(resource) === RLIMIT_NOFILE ? 4096n : INFINITY
    const structure = new Structure(16).xword(0, limitOf(int(resource))).xword(8, maximum)
    return (yield* write_user(old, structure.toArray())) === 'EFAULT' ? fail('EFAULT') : 0n
  },
)

export const sys_getrlimit = shim('sys_getrlimit', function* (resource: bigint, limit: bigint) {
  return yield* sys_prlimit64(0n, resource, 0n, limit)
})

/** struct rusage: the time used, all of it the user's; the rest is zero. tv_usec is an int on sparc64. */
export const sys_getrusage = shim('sys_getrusage', function* (_who: bigint, address: bigint) {
  const microseconds = yield* note(
    'time used',
    ({ machine }) => (machine.instructions() * NANOSECONDS_PER_TICK) / 1000n,
  )
  const structure = new Structure(144).xword(0, microseconds / 1_000_000n).word(8, Number(microseconds % 1_000_000n))
  return (yield* write_user(address, structure.toArray())) === 'EFAULT' ? fail('EFAULT') : 0n
})

const USER_ID = 1000n

export const sys_getuid = shim('sys_getuid', function* () {
  return yield* note('uid', () => USER_ID)
})

export const sys_umask = shim('sys_umask', function* () {
  return yield* note('umask', () => 0o22n)
})

/** poll with a mask of signals to block meanwhile; without descriptors it sleeps. */
export const sys_ppoll = shim(
  'sys_ppoll',
  function* (descriptors: bigint, count: bigint, timeout: bigint, mask: bigint, _setSize: bigint) {
    if (count > 1024n) return fail('EINVAL')
    const duration = timeout === 0n ? null : yield* read_timespec(timeout)
    if (typeof duration === 'string') return fail(duration)
    if (count > 0n) {
      const ready: CallResult = yield* poll_ready(descriptors, Number(count))
      if (ready !== 0n) return ready
    }
    return yield* sleep_with_mask(duration, mask)
  },
)

/** select for its use as a sleep: descriptors count as ready, as files and pipes are. */
export const sys_pselect6 = shim(
  'sys_pselect6',
  function* (count: bigint, read: bigint, write: bigint, except: bigint, timeout: bigint, maskPointer: bigint) {
    const duration = timeout === 0n ? null : yield* read_timespec(timeout)
    if (typeof duration === 'string') return fail(duration)
    if (int(count) > 0) {
      let ready = 0
      for (const set of [read, write]) {
        if (set === 0n) continue
        const bytes = yield* read_user(set, Math.ceil(int(count) / 64) * 8)
        if (bytes === 'EFAULT') return fail('EFAULT')
        for (const byte of bytes) ready += popcount(byte)
      }
      if (except !== 0n) yield* write_user(except, new Array(Math.ceil(int(count) / 64) * 8).fill(0))
      if (ready > 0) return BigInt(ready)
    }
    const pair = maskPointer === 0n ? null : yield* read_user(maskPointer, 16)
    if (pair === 'EFAULT') return fail('EFAULT')
    return yield* sleep_with_mask(duration, pair === null ? 0n : xwordAt(pair, 0))
  },
)

const sleep_with_mask = shim('sleep_with_mask', function* (duration: bigint | null, mask: bigint) {
  if (mask !== 0n) {
    const bytes = yield* read_user(mask, 8)
    if (bytes === 'EFAULT') return fail('EFAULT')
    yield* swap_mask(xwordAt(bytes, 0))
  }
  return yield* sleep_for_signal(duration)
})

function popcount(byte: number): number {
  let count = 0
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++
  return count
}
