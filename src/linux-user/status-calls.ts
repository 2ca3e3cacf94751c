import { host, note, type OperationContext, shim } from '../kernel-shim'
import { Structure } from './big-endian'
import { fail, int, signed, size } from './call-result'
import { AT_EMPTY_PATH, AT_FDCWD, S_IFCHR, S_IFDIR, S_IFIFO, S_IFREG } from './constants'
import { absolute, attempt, PATH_MAX } from './descriptors'
import type { FileStatus } from './file-system'
import { hostSideOf, processOf } from './process'
import { read_user_string, write_user } from './user-memory'

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
