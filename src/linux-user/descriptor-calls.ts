import { copyFromUser, host, note, type OperationContext, shim } from '../kernel-shim'
import { Structure, wordAt, xwordAt } from './big-endian'
import { type CallResult, fail, int, signed, size } from './call-result'
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  O_ACCMODE,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFREG,
} from './constants'
import { FileError, type FileStatus } from './file-system'
import { type DescriptorState, hostSideOf, processOf } from './process'
import { read_user, read_user_string, write_user } from './user-memory'

const PAGE = 8192
const PATH_MAX = 4096
const IOVEC_BYTES = 16
const IOV_MAX = 1024
/** What one call transfers at most: as in Linux, the rest is the caller's business. */
const MOST_BYTES = 8 << 20

/** Runs a host action that may refuse with FileError. */
function attempt(action: () => CallResult): CallResult {
  try {
    return action()
  } catch (error) {
    if (error instanceof FileError) return fail(error.errno)
    throw error
  }
}

const descriptor_of = (fd: number) =>
  note('descriptor', ({ kernel }) => {
    const descriptor = processOf(kernel).descriptors[fd]
    return descriptor === undefined ? null : { ...descriptor }
  })

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

export const sys_openat = shim(
  'sys_openat',
  function* (directory: bigint, path: bigint, flagBits: bigint, mode: bigint) {
    const name = yield* read_user_string(path, PATH_MAX)
    if (typeof name === 'string') return fail(name)
    const flags = int(flagBits)
    if (int(directory) !== AT_FDCWD && !name.text.startsWith('/')) return fail('ENOTDIR')
    return yield* host('open', (cx) => attempt(() => openFile(cx, absolute(name.text), flags, int(mode))))
  },
)

export const sys_open = shim('sys_open', function* (path: bigint, flags: bigint, mode: bigint) {
  return yield* sys_openat(BigInt(AT_FDCWD), path, flags, mode)
})

function openFile({ kernel }: OperationContext, path: string, flags: number, mode: number): CallResult {
  const process = processOf(kernel)
  const side = hostSideOf(kernel)
  const access = flags & O_ACCMODE
  const readable = access !== O_WRONLY
  const writable = access !== O_RDONLY
  const file = side.fileSystem.open(path, {
    read: readable,
    write: writable,
    create: (flags & O_CREAT) !== 0,
    exclusive: (flags & O_EXCL) !== 0,
    truncate: (flags & O_TRUNC) !== 0,
    append: (flags & O_APPEND) !== 0,
    mode,
  })
  const handle = process.nextHandle++
  side.files.set(handle, file)
  const fd = freeDescriptor(process.descriptors, 0)
  process.descriptors[fd] = {
    kind: 'file',
    path,
    offset: 0,
    readable,
    writable,
    append: (flags & O_APPEND) !== 0,
    closeOnExec: (flags & O_CLOEXEC) !== 0,
    handle,
  }
  return BigInt(fd)
}

function freeDescriptor(descriptors: Record<number, DescriptorState>, from: number): number {
  let fd = from
  while (descriptors[fd] !== undefined) fd++
  return fd
}

/** The guest's working directory is the root. */
function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

export const sys_close = shim('sys_close', function* (fd: bigint) {
  return yield* host('close', (cx) => closeDescriptor(cx, int(fd)))
})

function closeDescriptor({ kernel }: OperationContext, fd: number): CallResult {
  const { descriptors } = processOf(kernel)
  const descriptor = descriptors[fd]
  if (descriptor === undefined) return fail('EBADF')
  delete descriptors[fd]
  const shared = Object.values(descriptors).some(({ kind, handle }) => kind === 'file' && handle === descriptor.handle)
  if (descriptor.kind !== 'file' || shared) return 0n
  const { files } = hostSideOf(kernel)
  const file = files.get(descriptor.handle)
  files.delete(descriptor.handle)
  return attempt(() => {
    file?.close()
    return 0n
  })
}

export const sys_lseek = shim('sys_lseek', function* (fd: bigint, offset: bigint, whence: bigint) {
  return yield* host('lseek', ({ kernel }) => {
    const descriptor = processOf(kernel).descriptors[int(fd)]
    if (descriptor === undefined) return fail('EBADF')
    const file = descriptor.kind === 'file' ? hostSideOf(kernel).files.get(descriptor.handle) : undefined
    if (file === undefined) return fail('ESPIPE')
    return attempt(() => {
      const bases = [0, descriptor.offset, file.status.size]
      const base = bases[int(whence)]
      if (base === undefined) return fail('EINVAL')
      const target = BigInt(base) + signed(offset)
      if (target < 0n || target > BigInt(Number.MAX_SAFE_INTEGER)) return fail('EINVAL')
      descriptor.offset = Number(target)
      return target
    })
  })
})

export const sys_dup = shim('sys_dup', function* (fd: bigint) {
  return yield* duplicate(int(fd), 0)
})

const duplicate = (fd: number, from: number) =>
  host('dup', ({ kernel }) => {
    const { descriptors } = processOf(kernel)
    const descriptor = descriptors[fd]
    if (descriptor === undefined) return fail('EBADF')
    const copy = freeDescriptor(descriptors, from)
    descriptors[copy] = { ...descriptor, closeOnExec: false }
    return BigInt(copy)
  })

const duplicateTo = (fd: number, copy: number, closeOnExec: boolean) =>
  host('dup2', (cx) => {
    const { descriptors } = processOf(cx.kernel)
    const descriptor = descriptors[fd]
    if (descriptor === undefined || copy < 0 || copy >= OPEN_FILES) return fail('EBADF')
    if (copy === fd) return BigInt(copy)
    closeDescriptor(cx, copy)
    descriptors[copy] = { ...descriptor, closeOnExec }
    return BigInt(copy)
  })

/** Linux's default RLIMIT_NOFILE. */
const OPEN_FILES = 1024

export const sys_dup2 = shim('sys_dup2', function* (fd: bigint, copy: bigint) {
  return yield* duplicateTo(int(fd), int(copy), false)
})

export const sys_dup3 = shim('sys_dup3', function* (fd: bigint, copy: bigint, flagBits: bigint) {
  const flags = int(flagBits)
  if ((flags & ~O_CLOEXEC) !== 0 || int(fd) === int(copy)) return fail('EINVAL')
  return yield* duplicateTo(int(fd), int(copy), flags !== 0)
})

const F_DUPFD = 0
const F_GETFD = 1
const F_SETFD = 2
const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = 1030

export const sys_fcntl = shim('sys_fcntl', function* (fd: bigint, command: bigint, argument: bigint) {
  const what = int(command)
  if (what === F_DUPFD || what === F_DUPFD_CLOEXEC) {
    if (int(argument) < 0) return fail('EINVAL')
    return yield* duplicate(int(fd), int(argument))
  }
  return yield* host('fcntl', ({ kernel }) => {
    const descriptor = processOf(kernel).descriptors[int(fd)]
    if (descriptor === undefined) return fail('EBADF')
    switch (what) {
      case F_GETFD:
        return descriptor.closeOnExec ? 1n : 0n
      case F_SETFD:
        descriptor.closeOnExec = (int(argument) & 1) !== 0
        return 0n
      case F_GETFL: {
        const access = descriptor.writable ? (descriptor.readable ? 2 : 1) : 0
        return BigInt(access | (descriptor.append ? O_APPEND : 0))
      }
      case F_SETFL:
        descriptor.append = (int(argument) & O_APPEND) !== 0
        return 0n
      default:
        return fail('EINVAL')
    }
  })
})

/** The standard streams are pipes: no terminal to ask. */
export const sys_ioctl = shim('sys_ioctl', function* (fd: bigint, _request: bigint) {
  return (yield* descriptor_of(int(fd))) === null ? fail('EBADF') : fail('ENOTTY')
})

const KINDS = { file: S_IFREG, directory: S_IFDIR, 'character-device': S_IFCHR, pipe: S_IFIFO } as const
const PIPE: FileStatus = { kind: 'pipe', mode: 0o600, size: 0, inode: 1, modified: 0 }
const BLOCK = 512

function statusOf({ kernel }: OperationContext, fd: number): FileStatus | undefined {
  const descriptor = processOf(kernel).descriptors[fd]
  if (descriptor === undefined) return undefined
  if (descriptor.kind !== 'file') return { ...PIPE, inode: fd + 1 }
  return hostSideOf(kernel).files.get(descriptor.handle)?.status
}

type Found =
  | { status: { kind: FileStatus['kind']; mode: number; size: number; inode: number; modified: number } }
  | { error: bigint }

const find_status = (fd: number, path: string | null) =>
  host('stat', (cx): Found => {
    let found: FileStatus | undefined
    const outcome = attempt(() => {
      found = path === null ? statusOf(cx, fd) : hostSideOf(cx.kernel).fileSystem.status(path)
      return found === undefined ? fail('EBADF') : 0n
    })
    if (found === undefined) return { error: outcome }
    const { kind, mode, size, inode, modified } = found
    return { status: { kind, mode, size, inode, modified } }
  })

/** struct stat64 of sparc64 (Linux arch/sparc/include/uapi/asm/stat.h). */
function stat64(status: FileStatus): number[] {
  return new Structure(128)
    .xword(0, 1n)
    .xword(8, BigInt(status.inode))
    .xword(16, 1n)
    .word(24, KINDS[status.kind] | status.mode)
    .word(28, 1000)
    .word(32, 1000)
    .xword(48, BigInt(status.size))
    .xword(56, 4096n)
    .xword(64, BigInt(Math.ceil(status.size / BLOCK)))
    .xword(72, BigInt(status.modified))
    .xword(88, BigInt(status.modified))
    .xword(104, BigInt(status.modified))
    .toArray()
}

/** struct stat: times in seconds, no nanoseconds. */
function oldStat(status: FileStatus): number[] {
  return new Structure(104)
    .word(0, 1)
    .xword(8, BigInt(status.inode))
    .word(16, KINDS[status.kind] | status.mode)
    .half(20, 1)
    .word(24, 1000)
    .word(28, 1000)
    .xword(40, BigInt(status.size))
    .xword(48, BigInt(status.modified))
    .xword(56, BigInt(status.modified))
    .xword(64, BigInt(status.modified))
    .xword(72, 4096n)
    .xword(80, BigInt(Math.ceil(status.size / BLOCK)))
    .toArray()
}

function statx(status: FileStatus): number[] {
  const STATX_BASIC_STATS = 0x7ff
  const structure = new Structure(256)
    .word(0, STATX_BASIC_STATS)
    .word(4, 4096)
    .word(16, 1)
    .word(20, 1000)
    .word(24, 1000)
    .half(28, KINDS[status.kind] | status.mode)
    .xword(32, BigInt(status.inode))
    .xword(40, BigInt(status.size))
    .xword(48, BigInt(Math.ceil(status.size / BLOCK)))
  for (const time of [64, 80, 96, 112]) structure.xword(time, BigInt(status.modified))
  return structure.word(140, 1).toArray()
}

const report_status = shim(
  'report_status',
  function* (fd: number, path: string | null, buffer: bigint, format: string) {
    const found = yield* find_status(fd, path)
    if ('error' in found) return found.error
    const bytes =
      format === 'stat64' ? stat64(found.status) : format === 'stat' ? oldStat(found.status) : statx(found.status)
    return (yield* write_user(buffer, bytes)) === 'EFAULT' ? fail('EFAULT') : 0n
  },
)

/** The descriptor's own file for an empty path, else the file named. */
const status_at = shim(
  'status_at',
  function* (fd: number, path: bigint, flags: number, buffer: bigint, format: string) {
    const name = yield* read_user_string(path, PATH_MAX)
    if (typeof name === 'string') return fail(name)
    if (name.text === '') return flags & AT_EMPTY_PATH ? yield* report_status(fd, null, buffer, format) : fail('ENOENT')
    return yield* report_status(fd, absolute(name.text), buffer, format)
  },
)

export const sys_fstat64 = shim('sys_fstat64', function* (fd: bigint, buffer: bigint) {
  return yield* report_status(int(fd), null, buffer, 'stat64')
})
export const sys_fstat = shim('sys_fstat', function* (fd: bigint, buffer: bigint) {
  return yield* report_status(int(fd), null, buffer, 'stat')
})
export const sys_stat64 = shim('sys_stat64', function* (path: bigint, buffer: bigint) {
  return yield* status_at(AT_FDCWD, path, 0, buffer, 'stat64')
})
export const sys_stat = shim('sys_stat', function* (path: bigint, buffer: bigint) {
  return yield* status_at(AT_FDCWD, path, 0, buffer, 'stat')
})
export const sys_fstatat64 = shim('sys_fstatat64', function* (fd: bigint, path: bigint, buffer: bigint, flags: bigint) {
  return yield* status_at(int(fd), path, int(flags), buffer, 'stat64')
})
export const sys_statx = shim(
  'sys_statx',
  function* (fd: bigint, path: bigint, flags: bigint, _mask: bigint, buffer: bigint) {
    return yield* status_at(int(fd), path, int(flags), buffer, 'statx')
  },
)

export const sys_faccessat = shim('sys_faccessat', function* (_directory: bigint, path: bigint, mode: bigint) {
  const name = yield* read_user_string(path, PATH_MAX)
  if (typeof name === 'string') return fail(name)
  const found = yield* find_status(AT_FDCWD, absolute(name.text))
  if ('error' in found) return found.error
  const W_OK = 2
  return int(mode) & W_OK && (found.status.mode & 0o222) === 0 ? fail('EACCES') : 0n
})

export const sys_access = shim('sys_access', function* (path: bigint, mode: bigint) {
  return yield* sys_faccessat(BigInt(AT_FDCWD), path, mode)
})

export const sys_readlinkat = shim(
  'sys_readlinkat',
  function* (_directory: bigint, path: bigint, buffer: bigint, length: bigint) {
    const name = yield* read_user_string(path, PATH_MAX)
    if (typeof name === 'string') return fail(name)
    if (signed(length) <= 0n) return fail('EINVAL')
    if (name.text !== '/proc/self/exe') {
      const found = yield* find_status(AT_FDCWD, absolute(name.text))
      return 'error' in found ? found.error : fail('EINVAL')
    }
    const executable = yield* note('executable', ({ kernel }) => processOf(kernel).executable)
    const bytes = Array.from(new TextEncoder().encode(executable)).slice(0, size(length))
    return (yield* write_user(buffer, bytes)) === 'EFAULT' ? fail('EFAULT') : BigInt(bytes.length)
  },
)

export const sys_readlink = shim('sys_readlink', function* (path: bigint, buffer: bigint, length: bigint) {
  return yield* sys_readlinkat(BigInt(AT_FDCWD), path, buffer, length)
})

export const sys_getcwd = shim('sys_getcwd', function* (buffer: bigint, length: bigint) {
  if (length < 2n) return fail('ERANGE')
  return (yield* write_user(buffer, [47, 0])) === 'EFAULT' ? fail('EFAULT') : 2n
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
