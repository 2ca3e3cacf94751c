import { makeDecoder } from '../isa/decode'
import type { Instruction } from '../isa/instruction'
import { makeRows } from '../isa/instructions'
import { decodeOperands } from './decoded-instruction'
import { TRAP } from './reference-core'
import type { ReferenceCpu } from './reference-cpu'

/** op and op3 of FPop1, FPop2 and popc: computations on registers. */
const OPCODE_MASK = 0xc1f8_0000
const EMULATED_OPCODES: ReadonlySet<number> = new Set([0x81a0_0000, 0x81a8_0000, 0x8170_0000])

let decode: ((word: number) => Instruction | undefined) | undefined

/**
 * Does for a kernel what the hardware has left to it at fp_exception_other (unfinished_FPop, unimplemented_FPop) or, for popc, at
 * illegal_instruction: executes the instruction with the registers, condition codes and window of the code that trapped to
 * the current trap level. PC and trap state stay; on success the kernel returns behind the instruction.
 *
 * @returns 0 if it is done, or the type of the trap that it raises after all: fp_exception_ieee_754, with FSR set for it, or
 *   illegal_instruction for a word that is no such instruction
 * @throws RangeError at trap level 0
 */
export function emulateTrapped(cpu: ReferenceCpu, word: number): number {
  const level = cpu.small('tl') - 1
  if (level < 0) throw new RangeError('emulateTrapped: the CPU is at trap level 0')
  decode ??= makeDecoder(makeRows())
  const emulated = EMULATED_OPCODES.has((word & OPCODE_MASK) >>> 0)
  const instruction = decodeOperands(word, emulated ? decode(word) : undefined)
  const handler = { pstate: cpu.get('pstate'), cwp: cpu.get('cwp'), ccr: cpu.get('ccr') }
  const interrupted = cpu.insn
  const tstate = cpu.get('tstate', level)
  // Of PSTATE the globals matter; what else of TSTATE is above it and CCR does no harm
  cpu.set('pstate', tstate >> 8n)
  cpu.set('cwp', tstate & 7n)
  cpu.set('ccr', tstate >> 32n)
  cpu.modeChanged()
  cpu.emulating = true
  cpu.insn = instruction
  try {
    instruction.execute(cpu)
    return 0
  } catch (thrown) {
    if (thrown !== TRAP) throw thrown
    return cpu.trapType
  } finally {
    cpu.emulating = false
    cpu.insn = interrupted
    cpu.set('pstate', handler.pstate)
    cpu.set('cwp', handler.cwp)
    cpu.set('ccr', handler.ccr)
    cpu.modeChanged()
  }
}
