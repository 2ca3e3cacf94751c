import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Program } from '../../src/linux-user'
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../src/linux-user/constants'
import { processOf } from '../../src/linux-user/process'
import { PROGRAMS_DIRECTORY } from '../programs/manifest'

const PT_GNU_STACK = 0x6474e551

function helloWithStackFlags(flags: number): Uint8Array {
  const elf = Buffer.from(readFileSync(`${PROGRAMS_DIRECTORY}/elf/hello`))
  const [table, entryBytes, count] = [Number(elf.readBigUInt64BE(32)), elf.readUInt16BE(54), elf.readUInt16BE(56)]
  const headers = Array.from({ length: count }, (_, index) => table + index * entryBytes)
  elf.writeUInt32BE(flags, headers.find((at) => elf.readUInt32BE(at) === PT_GNU_STACK)! + 4)
  return elf
}

function stackProtection(flags: number): number {
  const program = new Program({ elf: helloWithStackFlags(flags), ramBytes: 32 << 20 })
  try {
    return processOf(program.kernel).vmas.find(({ name }) => name === 'stack')!.protection
  } finally {
    program.dispose()
  }
}

describe('the stack of a program', () => {
  it('is executable if PT_GNU_STACK asks for it, as for trampolines of nested functions', () => {
    expect(stackProtection(7)).toBe(PROT_READ | PROT_WRITE | PROT_EXEC)
  })

  it('is not executable otherwise', () => {
    expect(stackProtection(6)).toBe(PROT_READ | PROT_WRITE)
  })
})
