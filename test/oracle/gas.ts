import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireTool } from '../support/tools'

const PACKAGE = 'binutils-sparc64-linux-gnu'
const as = requireTool('sparc64-linux-gnu-as', PACKAGE)
const ld = requireTool('sparc64-linux-gnu-ld', PACKAGE)
const objcopy = requireTool('sparc64-linux-gnu-objcopy', PACKAGE)

export const hasGas = as !== undefined && ld !== undefined && objcopy !== undefined

/** The bytes that gas and ld make of a source: .text at the origin, then other code, read-only data and data. Warnings are not
 * shown. */
export function gas(source: string, origin: bigint, architecture = 'v9b'): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
  try {
    const file = (name: string) => join(directory, name)
    writeFileSync(file('in.s'), source)
    writeFileSync(
      file('script'),
      `SECTIONS { .text 0x${origin.toString(16)} : { *(.text) } .code : { *(.text.*) } .rodata : { *(.rodata .rodata.*) }
       .data : { *(.data .data.*) } .bss : { *(.bss) *(COMMON) } /DISCARD/ : { *(*) } }`,
    )
    const quiet = { stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'] }
    execFileSync(as!, ['-64', `-A${architecture}`, '-W', file('in.s'), '-o', file('out.o')], quiet)
    execFileSync(ld!, ['-T', file('script'), '-e', '0', file('out.o'), '-o', file('out.elf')], quiet)
    execFileSync(objcopy!, ['-O', 'binary', file('out.elf'), file('out.bin')], quiet)
    return new Uint8Array(readFileSync(file('out.bin')))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
