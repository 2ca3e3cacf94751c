import { host, loadUser, note, type OperationContext, shim } from '../kernel-shim'
import { type CallResult, ERESTARTNOHAND, ERESTARTSYS, fail, int } from './call-result'
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_REQUEUE,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
} from './constants'
import { addWaiter, decodeWakeOperation, moveWaiters, takeWaiters } from './futex-table'
import { currentThread, process_epoch, processOf } from './process'
import { fallAsleep, schedule, wakeThread } from './scheduler'
import { machineTime, machineTimeOfRealtime, ticksOf } from './time'
import { read_timespec } from './time-calls'
import { userPhysical } from './user-page'

export const sys_futex = shim(
  'sys_futex',
  function* (address: bigint, operation: bigint, value: bigint, timeout: bigint, address2: bigint, value3: bigint) {
    const command = int(operation) & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
    if ((address & 3n) !== 0n) return fail('EINVAL')
    const expected = Number(BigInt.asUintN(32, value))
    const third = Number(BigInt.asUintN(32, value3))
    const result: CallResult = yield* by_command()
    return result

    function* by_command() {
      switch (command) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET: {
          const bitset = command === FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : third
          if (bitset === 0) return fail('EINVAL')
          const deadline = yield* futex_deadline(command, int(operation), timeout)
          if (typeof deadline === 'string') return fail(deadline)
          return yield* futex_wait(address, expected, bitset, deadline.at)
        }
        case FUTEX_WAKE:
          return yield* futex_wake(address, int(value), FUTEX_BITSET_MATCH_ANY)
        case FUTEX_WAKE_BITSET:
          return third === 0 ? fail('EINVAL') : yield* futex_wake(address, int(value), third)
        case FUTEX_REQUEUE:
        case FUTEX_CMP_REQUEUE: {
          const compared = command === FUTEX_CMP_REQUEUE ? third : null
          return yield* futex_requeue(address, int(value), int(timeout), address2, compared)
        }
        case FUTEX_WAKE_OP:
          return yield* futex_wake_op(address, int(value), int(timeout), address2, third)
        default:
          return fail('ENOSYS')
      }
    }
  },
)

/** Machine time at which a wait ends: FUTEX_WAIT takes a duration, FUTEX_WAIT_BITSET a time of the clock named. */
const futex_deadline = shim('futex_deadline', function* (command: number, operation: number, timeout: bigint) {
  if (timeout === 0n) return { at: null }
  const nanoseconds = yield* read_timespec(timeout)
  if (typeof nanoseconds === 'string') return nanoseconds
  const now = yield* note('now', machineTime)
  if (command === FUTEX_WAIT) return { at: now + ticksOf(nanoseconds) }
  const realtime = (operation & FUTEX_CLOCK_REALTIME) !== 0
  return { at: realtime ? machineTimeOfRealtime(yield* process_epoch(), nanoseconds) : ticksOf(nanoseconds) }
})

const futex_wait = shim(
  'futex_wait',
  function* (address: bigint, expected: number, bitset: number, deadline: bigint | null) {
    while (true) {
      const outcome = yield* host(`futex wait 0x${address.toString(16)}`, (cx) =>
        queueMe(cx, address, expected, bitset, deadline),
      )
      if (outcome === 'changed') return fail('EAGAIN')
      if (outcome === 'asleep') break
      if ((yield* loadUser(address, 4)) === 'EFAULT') return fail('EFAULT')
    }
    yield* schedule()
    const reason = yield* note('wake reason', (cx) => currentThread(cx).wakeReason)
    if (reason === 'woken') return 0n
    if (reason === 'timeout') return fail('ETIMEDOUT')
    return deadline === null ? ERESTARTSYS : ERESTARTNOHAND
  },
)

/** The word is compared and the thread put to sleep in one operation: a wake-up in between would be lost. */
function queueMe(cx: OperationContext, address: bigint, expected: number, bitset: number, deadline: bigint | null) {
  const word = futexWord(cx, address)
  if (word === undefined) return 'absent'
  if (word !== expected) return 'changed'
  const process = processOf(cx.kernel)
  const thread = currentThread(cx)
  addWaiter(process.futexes, thread.tid, address, bitset)
  fallAsleep(process, thread, deadline)
  return 'asleep'
}

function futexWord(cx: OperationContext, address: bigint): number | undefined {
  const pa = userPhysical(cx, address)
  return pa === undefined ? undefined : Number(cx.machine.memory.load(pa, 4))
}

const futex_wake = shim('futex_wake', function* (address: bigint, count: number, bitset: number) {
  return yield* host(`futex wake 0x${address.toString(16)}`, (cx) => BigInt(wake(cx, address, count, bitset)))
})

function wake({ kernel }: OperationContext, address: bigint, count: number, bitset = FUTEX_BITSET_MATCH_ANY): number {
  const process = processOf(kernel)
  const woken = takeWaiters(process.futexes, address, Math.max(1, count), bitset)
  for (const tid of woken) wakeThread(process, tid, 'woken')
  return woken.length
}

const futex_requeue = shim(
  'futex_requeue',
  function* (from: bigint, wakeCount: number, moveCount: number, to: bigint, compared: number | null) {
    if ((to & 3n) !== 0n || wakeCount < 0 || moveCount < 0) return fail('EINVAL')
    while (true) {
      const outcome = yield* host('futex requeue', (cx): 'absent' | bigint => {
        const word = compared === null ? null : futexWord(cx, from)
        if (word === undefined) return 'absent'
        if (word !== compared) return fail('EAGAIN')
        const process = processOf(cx.kernel)
        const woken = wakeCount === 0 ? 0 : wake(cx, from, wakeCount)
        return BigInt(woken + moveWaiters(process.futexes, from, to, moveCount))
      })
      if (outcome !== 'absent') return outcome
      if ((yield* loadUser(from, 4)) === 'EFAULT') return fail('EFAULT')
    }
  },
)

const futex_wake_op = shim(
  'futex_wake_op',
  function* (address: bigint, count: number, count2: number, address2: bigint, encoded: number) {
    const operation = decodeWakeOperation(encoded)
    if (operation === undefined) return fail('ENOSYS')
    if ((address2 & 3n) !== 0n) return fail('EINVAL')
    while (true) {
      const outcome = yield* host('futex wake op', (cx): 'absent' | bigint => {
        const pa = userPhysical(cx, address2)
        if (pa === undefined) return 'absent'
        const old = Number(cx.machine.memory.load(pa, 4)) | 0
        cx.machine.memory.store(pa, 4, BigInt.asUintN(32, BigInt(operation.apply(old))))
        const first = wake(cx, address, count)
        return BigInt(first + (operation.wakes(old) ? wake(cx, address2, count2) : 0))
      })
      if (outcome !== 'absent') return outcome
      if ((yield* loadUser(address2, 4)) === 'EFAULT') return fail('EFAULT')
    }
  },
)
