import { describe, expect, it } from 'vitest'
import { memoryFiles, runProgram } from '../../src/linux-user'
import { assembledProgram } from './assembled-program'

const [WRITE, CLOSE, OPEN, DUP2, EXIT, DUP3] = [4, 6, 5, 90, 1, 320]
const WRONLY_CREAT = 0x201
const CLOEXEC = 0x400000
const [EBADF, EINVAL] = [9, 22]

/** Exit code: %o0 of the last call. */
function run(...calls: string[]) {
  const files = new Map<string, Uint8Array>()
  let stdout = ''
  const elf = assembledProgram(`
${calls.join('\n')}
	${call(EXIT)}
path:	.asciz "/file"
text:	.ascii "ab"
	.align 4
`)
  const { exitCode } = runProgram({
    elf,
    ramBytes: 32 << 20,
    fileSystem: memoryFiles(files),
    onStdout: (bytes) => {
      stdout += Buffer.from(bytes).toString()
    },
  })
  return { exitCode, stdout, file: Buffer.from(files.get('/file') ?? []).toString() }
}

const call = (number: number, ...args: (number | string)[]) =>
  [...args.map((value, n) => `set ${value}, %o${n}`), `mov ${number}, %g1`, 'ta 0x6d', 'nop'].join('\n\t')

const opened = call(OPEN, 'path', WRONLY_CREAT, 0o600)

describe('dup2 and dup3', () => {
  it('make a descriptor mean another open file', () => {
    expect(run(opened, call(DUP2, 3, 1), call(CLOSE, 3), call(WRITE, 1, 'text', 2))).toEqual({
      exitCode: 2,
      stdout: '',
      file: 'ab',
    })
    expect(run(opened, call(DUP3, 1, 3, CLOEXEC), call(WRITE, 3, 'text', 2))).toEqual({
      exitCode: 2,
      stdout: 'ab',
      file: '',
    })
  })

  it('refuse descriptors that are not open or cannot be', () => {
    expect(run(call(DUP2, 7, 1)).exitCode).toBe(EBADF)
    expect(run(call(DUP2, 1, -1)).exitCode).toBe(EBADF)
    expect(run(call(DUP2, 1, 1 << 20)).exitCode).toBe(EBADF)
  })

  it('differ in copying a descriptor to itself', () => {
    expect(run(call(DUP2, 1, 1)).exitCode).toBe(1)
    expect(run(call(DUP2, 7, 7)).exitCode).toBe(EBADF)
    expect(run(call(DUP3, 1, 1, 0)).exitCode).toBe(EINVAL)
    expect(run(call(DUP3, 1, 5, 1)).exitCode).toBe(EINVAL)
  })
})
