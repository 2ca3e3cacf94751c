import { host, type OperationContext, shim } from '../kernel-shim'
import { type CallResult, fail, int, signed } from './call-result'
import { AT_FDCWD, O_ACCMODE, O_APPEND, O_CLOEXEC, O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } from './constants'
import { absolute, attempt, descriptor_of, PATH_MAX } from './descriptors'
import { type DescriptorState, hostSideOf, processOf } from './process'
import { read_user_string } from './user-memory'

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
