import { copyFromUser, host, note, type OperationContext, shim } from '../kernel-shim'
import { Structure, wordAt, xwordAt } from './big-endian'
import { type CallResult, fail, int, signed, size } from './call-result'
import { attempt, descriptor_of } from './descriptors'
import { hostSideOf, processOf } from './process'
import { read_user, write_user } from './user-memory'

const PAGE = 8192
const IOVEC_BYTES = 16
const IOV_MAX = 1024
/** What one call transfers at most: as in Linux, the rest is the caller's business. */
const MOST_BYTES = 8 << 20

export const sys_write = shim('sys_write', function* (fd: bigint, address: bigint, length: bigint) {
  return yield* write_at(int(fd), address, length, null)
})

export const sys_pwrite64 = shim(
  'sys_pwrite64',
  function* (fd: bigint, address: bigint, length: bigint, offset: bigint) {
    if (signed(offset) < 0n) return fail('EINVAL')
    return yield* write_at(int(fd), address, length, size(offset))
  },
)

/** Writes at the descriptor's own offset, or at another one. */
const write_at = shim('write_at', function* (fd: number, address: bigint, length: bigint, offset: number | null) {
  const descriptor = yield* descriptor_of(fd)
  if (descriptor === null || !descriptor.writable) return fail('EBADF')
  if (offset !== null && descriptor.kind !== 'file') return fail('ESPIPE')
  const wanted = Math.min(size(length), MOST_BYTES)
  let done = 0
  while (done < wanted) {
    const at = address + BigInt(done)
    const chunk = Math.min(wanted - done, PAGE - Number(at % BigInt(PAGE)))
    const result: CallResult = yield* write_chunk(fd, at, chunk, offset === null ? null : offset + done)
    if (result < 0n) return done > 0 ? BigInt(done) : result
    done += Number(result)
    if (Number(result) < chunk) break
  }
  return BigInt(done)
})

const write_chunk = shim('write_chunk', function* (fd: number, address: bigint, length: number, offset: number | null) {
  const bytes = yield* copyFromUser(address, length)
  if (bytes === 'EFAULT') return fail('EFAULT')
  return yield* host(`write ${length} bytes to ${fd}`, (cx) =>
    attempt(() => output(cx, fd, Uint8Array.from(bytes), offset)),
  )
})

function output({ kernel }: OperationContext, fd: number, bytes: Uint8Array, offset: number | null): CallResult {
  const descriptor = processOf(kernel).descriptors[fd]
  const side = hostSideOf(kernel)
  if (descriptor === undefined) return fail('EBADF')
  if (descriptor.kind === 'stdout') side.stdout(bytes)
  else if (descriptor.kind === 'stderr') side.stderr(bytes)
  else {
    const file = side.files.get(descriptor.handle)
    if (file === undefined) return fail('EBADF')
    const at = offset ?? (descriptor.append ? file.status.size : descriptor.offset)
    const written = file.write(at, bytes)
    if (offset === null) descriptor.offset = at + written
    return BigInt(written)
  }
  return BigInt(bytes.length)
}

export const sys_read = shim('sys_read', function* (fd: bigint, address: bigint, length: bigint) {
  return yield* read_at(int(fd), address, length, null)
})

export const sys_pread64 = shim('sys_pread64', function* (fd: bigint, address: bigint, length: bigint, offset: bigint) {
  if (signed(offset) < 0n) return fail('EINVAL')
  return yield* read_at(int(fd), address, length, size(offset))
})

const read_at = shim('read_at', function* (fd: number, address: bigint, length: bigint, offset: number | null) {
  const descriptor = yield* descriptor_of(fd)
  if (descriptor === null || !descriptor.readable) return fail('EBADF')
  if (offset !== null && descriptor.kind !== 'file') return fail('ESPIPE')
  const wanted = Math.min(size(length), MOST_BYTES)
  let done = 0
  while (done < wanted) {
    const chunk = Math.min(wanted - done, PAGE)
    const result: CallResult = yield* read_chunk(
      fd,
      address + BigInt(done),
      chunk,
      offset === null ? null : offset + done,
    )
    if (result < 0n) return done > 0 ? BigInt(done) : result
    done += Number(result)
    if (Number(result) < chunk) break
  }
  return BigInt(done)
})

const read_chunk = shim('read_chunk', function* (fd: number, address: bigint, length: number, offset: number | null) {
  const input = yield* host(`read ${length} bytes from ${fd}`, (cx) => readInput(cx, fd, length, offset))
  if (typeof input === 'bigint') return input
  if ((yield* write_user(address, input)) === 'EFAULT') return fail('EFAULT')
  yield* host('advance', ({ kernel }) => {
    const process = processOf(kernel)
    const descriptor = process.descriptors[fd]
    if (descriptor?.kind === 'stdin') process.stdinOffset += input.length
    else if (descriptor !== undefined && offset === null) descriptor.offset += input.length
    return undefined
  })
  return BigInt(input.length)
})

function readInput({ kernel }: OperationContext, fd: number, length: number, offset: number | null): number[] | bigint {
  const process = processOf(kernel)
  const descriptor = process.descriptors[fd]
  const side = hostSideOf(kernel)
  if (descriptor === undefined) return fail('EBADF')
  if (descriptor.kind === 'stdin')
    return Array.from(side.stdin.subarray(process.stdinOffset, process.stdinOffset + length))
  let bytes: number[] = []
  const outcome = attempt(() => {
    const file = side.files.get(descriptor.handle)
    if (file === undefined) return fail('EBADF')
    if (file.status.kind === 'directory') return fail('EISDIR')
    bytes = Array.from(file.read(offset ?? descriptor.offset, length))
    return 0n
  })
  return outcome < 0n ? outcome : bytes
}

const vectors = shim('vectors', function* (address: bigint, count: bigint) {
  if (count < 0n || count > BigInt(IOV_MAX)) return fail('EINVAL')
  const bytes = yield* read_user(address, Number(count) * IOVEC_BYTES)
  if (bytes === 'EFAULT') return fail('EFAULT')
  return Array.from({ length: Number(count) }, (_, n) => ({
    base: xwordAt(bytes, n * IOVEC_BYTES),
    length: xwordAt(bytes, n * IOVEC_BYTES + 8),
  }))
})

export const sys_writev = shim('sys_writev', function* (fd: bigint, address: bigint, count: bigint) {
  const list = yield* vectors(address, signed(count))
  if (typeof list === 'bigint') return list
  let done = 0n
  for (const { base, length } of list) {
    const result: CallResult = yield* write_at(int(fd), base, length, null)
    if (result < 0n) return done > 0n ? done : result
    done += result
    if (result < length) break
  }
  return done
})

export const sys_readv = shim('sys_readv', function* (fd: bigint, address: bigint, count: bigint) {
  const list = yield* vectors(address, signed(count))
  if (typeof list === 'bigint') return list
  let done = 0n
  for (const { base, length } of list) {
    const result: CallResult = yield* read_at(int(fd), base, length, null)
    if (result < 0n) return done > 0n ? done : result
    done += result
    if (result < length) break
  }
  return done
})

const POLLIN = 1
const POLLOUT = 4
const POLLNVAL = 0x20

/** The events of pollfd structures that are there already: files and pipes are always ready. */
export const poll_ready = shim('poll_ready', function* (address: bigint, count: number) {
  const bytes = yield* read_user(address, count * 8)
  if (bytes === 'EFAULT') return fail('EFAULT')
  const { ready, events } = yield* note('poll', ({ kernel }) => {
    const { descriptors } = processOf(kernel)
    const found = Array.from({ length: count }, (_, n) => {
      const fd = wordAt(bytes, n * 8) | 0
      const asked = wordAt(bytes, n * 8 + 4) >>> 16
      const descriptor = descriptors[fd]
      if (fd < 0) return 0
      if (descriptor === undefined) return POLLNVAL
      return asked & ((descriptor.readable ? POLLIN : 0) | (descriptor.writable ? POLLOUT : 0))
    })
    return { ready: found.filter((revents) => revents !== 0).length, events: found }
  })
  const structure = new Structure(count * 8)
  structure.bytes.set(bytes)
  for (const [n, revents] of events.entries()) structure.half(n * 8 + 6, revents)
  if ((yield* write_user(address, structure.toArray())) === 'EFAULT') return fail('EFAULT')
  return BigInt(ready)
})
