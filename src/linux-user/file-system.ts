import type { ErrnoName } from './errno'

export interface OpenOptions {
  readonly read: boolean
  readonly write: boolean
  readonly create: boolean
  readonly exclusive: boolean
  readonly truncate: boolean
  readonly append: boolean
  readonly mode: number
}

export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'character-device' | 'pipe'
  /** Permission bits. */
  readonly mode: number
  readonly size: number
  readonly inode: number
  /** Seconds since 1970. */
  readonly modified: number
}

/** An open file of the host. Offsets and lengths are bytes. */
export interface OpenFile {
  readonly status: FileStatus
  read(offset: number, length: number): Uint8Array
  write(offset: number, bytes: Uint8Array): number
  close(): void
}

/** What a guest's file system call fails with. */
export class FileError extends Error {
  override readonly name = 'FileError'

  constructor(readonly errno: ErrnoName) {
    super(errno)
  }
}

/** The files that a guest may see. Every method throws FileError when it refuses. */
export interface FileSystem {
  open(path: string, options: OpenOptions): OpenFile
  status(path: string): FileStatus
}

/** No files at all: what a program sees unless its host allows more. */
export const noFiles: FileSystem = {
  open() {
    throw new FileError('ENOENT')
  },
  status() {
    throw new FileError('ENOENT')
  },
}

/** Files kept in memory, by absolute path; `files` is changed by what the guest writes. */
export function memoryFiles(files: Map<string, Uint8Array>): FileSystem {
  const inodes = new Map<string, number>()
  const inode = (path: string) => {
    if (!inodes.has(path)) inodes.set(path, inodes.size + 2)
    return inodes.get(path)!
  }
  const status = (path: string): FileStatus => {
    const contents = files.get(path)
    if (contents !== undefined)
      return { kind: 'file', mode: 0o644, size: contents.length, inode: inode(path), modified: 0 }
    const prefix = path.endsWith('/') ? path : `${path}/`
    if ([...files.keys()].some((name) => name.startsWith(prefix)))
      return { kind: 'directory', mode: 0o755, size: 0, inode: inode(path), modified: 0 }
    throw new FileError('ENOENT')
  }
  return {
    status,
    open(path, options) {
      if (!files.has(path)) {
        if (!options.create) {
          if (status(path).kind === 'directory' && options.write) throw new FileError('EISDIR')
        } else files.set(path, new Uint8Array(0))
      } else if (options.create && options.exclusive) throw new FileError('EEXIST')
      if (options.truncate && options.write) files.set(path, new Uint8Array(0))
      const contents = () => files.get(path) ?? new Uint8Array(0)
      return {
        get status() {
          return status(path)
        },
        read: (offset, length) => contents().slice(offset, offset + length),
        write(offset, bytes) {
          const before = contents()
          const after = new Uint8Array(Math.max(before.length, offset + bytes.length))
          after.set(before)
          after.set(bytes, offset)
          files.set(path, after)
          return bytes.length
        },
        close() {},
      }
    },
  }
}
