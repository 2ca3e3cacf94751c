import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { ERRNO, type ErrnoName } from './errno'
import { FileError, type FileStatus, type FileSystem, type OpenFile } from './file-system'

/**
 * The host's files under `root`, which the guest sees as `/`. Links that lead out of it are refused (EACCES); without
 * `writable`, opening to write is (EROFS).
 */
export function hostFiles(root: string, options: { writable?: boolean } = {}): FileSystem {
  const base = realpathSync(root)
  const inside = (path: string): string => {
    const target = resolve(join(base, path))
    const real = realOrParent(target)
    const way = relative(base, real)
    if (way === '..' || way.startsWith(`..${sep}`) || resolve(base, way) !== real) throw new FileError('EACCES')
    return real
  }
  return {
    status: (path) => guard(() => fileStatus(statSync(inside(path)))),
    open: (path, how) =>
      guard(() => {
        if (how.write && !options.writable) throw new FileError('EROFS')
        const access = how.read ? (how.write ? constants.O_RDWR : constants.O_RDONLY) : constants.O_WRONLY
        const flags =
          access |
          (how.create ? constants.O_CREAT : 0) |
          (how.exclusive ? constants.O_EXCL : 0) |
          (how.truncate ? constants.O_TRUNC : 0)
        return openFile(openSync(inside(path), flags | constants.O_NOFOLLOW, how.mode))
      }),
  }
}

function openFile(descriptor: number): OpenFile {
  return {
    get status() {
      return guard(() => fileStatus(fstatSync(descriptor)))
    },
    read: (offset, length) =>
      guard(() => {
        const bytes = new Uint8Array(length)
        return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset))
      }),
    write: (offset, bytes) => guard(() => writeSync(descriptor, bytes, 0, bytes.length, offset)),
    close: () => closeSync(descriptor),
  }
}

function fileStatus(stats: Stats): FileStatus {
  const kind = stats.isDirectory()
    ? 'directory'
    : stats.isCharacterDevice()
      ? 'character-device'
      : stats.isFIFO()
        ? 'pipe'
        : 'file'
  return {
    kind,
    mode: stats.mode & 0o7777,
    size: stats.size,
    inode: stats.ino,
    modified: Math.floor(stats.mtimeMs / 1000),
  }
}

/** The real path of a file, or of its directory with the file's name when it does not exist yet. */
function realOrParent(target: string): string {
  try {
    return realpathSync(target)
  } catch {
    return join(realpathSync(dirname(target)), target.slice(dirname(target).length))
  }
}

function guard<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof FileError) throw error
    const code = (error as { code?: string }).code ?? ''
    throw new FileError(code in ERRNO ? (code as ErrnoName) : 'EIO')
  }
}
