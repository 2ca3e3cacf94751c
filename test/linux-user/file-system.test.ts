import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FileError, type FileSystem, memoryFiles, noFiles, type OpenOptions } from '../../src/linux-user/file-system'
import { hostFiles } from '../../src/linux-user/file-system-node'

const READ: OpenOptions = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
  append: false,
  mode: 0o644,
}
const WRITE: OpenOptions = { ...READ, read: false, write: true, create: true }

function errnoOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(FileError)
    return (error as FileError).errno
  }
  return 'none'
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (content: string) => new TextEncoder().encode(content)

const outside = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
const root = join(outside, 'root')
mkdirSync(join(root, 'directory'), { recursive: true })
writeFileSync(join(root, 'file'), 'inside')
writeFileSync(join(outside, 'secret'), 'outside')
symlinkSync('../secret', join(root, 'way-out'))
symlinkSync('file', join(root, 'link'))
symlinkSync('..', join(root, 'up'))
afterAll(() => rmSync(outside, { recursive: true }))

describe.each([
  [
    'memory',
    () =>
      memoryFiles(
        new Map([
          ['/file', bytes('inside')],
          ['/directory/other', bytes('')],
        ]),
      ),
  ],
  ['host', () => hostFiles(root)],
])('files of the %s', (_, make: () => FileSystem) => {
  const files = make()

  it('are read at any offset', () => {
    const file = files.open('/file', READ)
    expect(text(file.read(0, 100))).toBe('inside')
    expect(text(file.read(2, 3))).toBe('sid')
    expect(file.read(6, 10)).toHaveLength(0)
    expect(file.status).toMatchObject({ kind: 'file', size: 6 })
    file.close()
  })

  it('say what they are, or that they are not there', () => {
    expect(files.status('/file')).toMatchObject({ kind: 'file', size: 6 })
    expect(files.status('/directory')).toMatchObject({ kind: 'directory' })
    expect(errnoOf(() => files.status('/nothing'))).toBe('ENOENT')
    expect(errnoOf(() => files.open('/nothing', READ))).toBe('ENOENT')
  })
})

describe('writing', () => {
  it('changes the map of files in memory', () => {
    const map = new Map([['/file', bytes('inside')]])
    const files = memoryFiles(map)
    files.open('/file', { ...WRITE, create: false }).write(4, bytes('xyz'))
    files.open('/new', WRITE).write(2, bytes('z'))
    expect(text(map.get('/file')!)).toBe('insixyz')
    expect([...map.get('/new')!]).toEqual([0, 0, 122])
    expect(errnoOf(() => files.open('/file', { ...WRITE, exclusive: true }))).toBe('EEXIST')
    files.open('/file', { ...WRITE, truncate: true })
    expect(map.get('/file')).toHaveLength(0)
  })

  it('needs leave on the host', () => {
    expect(errnoOf(() => hostFiles(root).open('/file', WRITE))).toBe('EROFS')
    const files = hostFiles(root, { writable: true })
    const file = files.open('/directory/made', WRITE)
    file.write(0, bytes('made'))
    file.close()
    expect(readFileSync(join(root, 'directory/made'), 'utf8')).toBe('made')
    expect(errnoOf(() => files.open('/directory', WRITE))).toBe('EISDIR')
  })
})

it('there are no files unless they are given', () => {
  expect(errnoOf(() => noFiles.open('/etc/passwd', READ))).toBe('ENOENT')
  expect(errnoOf(() => noFiles.status('/'))).toBe('ENOENT')
})

describe('nothing outside of the root can be reached', () => {
  const files = hostFiles(root, { writable: true })

  it.each(['/../secret', '/directory/../../secret', '/way-out', '/up/secret', '/up'])('by %s', (path) => {
    expect(errnoOf(() => files.open(path, READ))).toBe('EACCES')
    expect(errnoOf(() => files.open(path, { ...WRITE, truncate: true }))).toBe('EACCES')
    expect(errnoOf(() => files.status(path))).toBe('EACCES')
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('outside')
  })

  it('by new files', () => {
    expect(errnoOf(() => files.open('/up/new', WRITE))).toBe('EACCES')
    expect(errnoOf(() => files.open('/../new', WRITE))).toBe('EACCES')
  })

  it('though links inside of it work', () => {
    expect(text(files.open('/link', READ).read(0, 10))).toBe('inside')
    expect(errnoOf(() => files.open('/none/file', READ))).toBe('ENOENT')
  })
})
