import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MachineConfig } from '../../src/smp'
import { bareMachine } from '../engine/bare-machine'
import { assembledProgram } from '../linux-user/assembled-program'
import { CASE_BYTES, type Left, leftBy, memoryOf, type Operands, programOf } from './instruction-cases'

const RAM_BYTES = 8 << 20
const INSTRUCTIONS_OF_A_CASE = 25

/** What an instruction leaves on a machine of ours, for each of the operands. */
export function runOnMachine(word: number, cases: readonly Operands[], config: MachineConfig): Left[] {
  const { machine, at } = bareMachine(programOf(word, cases.length), { ramBytes: RAM_BYTES, ...config })
  machine.memory.writeBytes(Number(at('cases')), memoryOf(cases))
  machine.engine.breakpoints.add(at('finish'))
  const { reason } = machine.run(INSTRUCTIONS_OF_A_CASE * (cases.length + 2))
  if (reason !== 'breakpoint') throw new Error(`the program of 0x${word.toString(16)} ended by ${reason}`)
  return leftBy(machine.memory.readBytes(Number(at('cases')), CASE_BYTES * cases.length))
}

/** The same by qemu-sparc64. */
export function runOnQemu(emulator: string, word: number, cases: readonly Operands[]): Left[] {
  const elf = assembledProgram(programOf(word, cases.length))
  const memory = memoryOf(cases)
  elf.set(memory, elf.length - memory.length)
  const directory = mkdtempSync(join(tmpdir(), 'sparc64-smp-'))
  try {
    const file = join(directory, 'cases')
    writeFileSync(file, elf, { mode: 0o755 })
    const options = ['-cpu', 'TI-UltraSparc-IIi,+vis3,+fmaf,+ima', file]
    return leftBy(new Uint8Array(execFileSync(emulator, options, { maxBuffer: 1 << 28 })))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
