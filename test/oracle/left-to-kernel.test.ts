import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../src/linux-user'
import { requireTool } from '../support/tools'

const gcc = requireTool('sparc64-linux-gnu-gcc', 'gcc-sparc64-linux-gnu')
const emulator = requireTool('qemu-sparc64', 'qemu-user')

/** qemu-sparc64 runs it with the long doubles of libgcc: its own stq stores the wrong words. */
describe.skipIf(gcc === undefined || emulator === undefined)('a program of quads and subnormal numbers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  function compiled(option: string): string {
    const file = join(directory, `program${option}`)
    const source = join(import.meta.dirname, 'left-to-kernel.c')
    execFileSync(gcc!, ['-O1', '-static', '-ffp-contract=off', option, '-o', file, source, '-lm'])
    return file
  }

  it('compiled for the quad instructions prints what the library of soft quads prints', { timeout: 120_000 }, () => {
    const expected = execFileSync(emulator!, [compiled('-msoft-quad-float')], { encoding: 'latin1' })
    expect(expected.length).toBeGreaterThan(1_000)
    const output: Uint8Array[] = []
    const elf = readFileSync(compiled('-mhard-quad-float'))
    const { exitCode } = runProgram({ elf, ramBytes: 64 << 20, onStdout: (bytes) => output.push(bytes.slice()) })
    expect(Buffer.concat(output).toString('latin1')).toBe(expected)
    expect(exitCode).toBe(0)
  })
})
