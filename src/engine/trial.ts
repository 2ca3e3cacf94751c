import type { DecodedInstruction } from './decoded-instruction'
import { NO_FAST_TAG, SEQUENTIAL, TRAP } from './reference-core'
import type { ReferenceCpu } from './reference-cpu'
import { COMMITS } from './reference-memory'

/**
 * Whether an instruction would trap; its type is then in {@link ReferenceCpu.trapType}, and what the trap records is recorded. If not,
 * nothing has changed: accesses to memory, ASI registers and what else cannot be taken back leave the row before they are made, and
 * registers are put back.
 */
export function wouldTrap(cpu: ReferenceCpu, insn: DecodedInstruction): boolean {
  const { w64, base, attention, stopReason } = cpu
  const { itlb, timeless, cpuBlockBytes } = cpu.arena.layout
  const registers = base >> 3
  const time = (base + timeless) >> 3
  const savedRegisters = w64.slice(registers, (base + itlb) >> 3)
  const savedTime = w64.slice(time, (base + cpuBlockBytes) >> 3)
  cpu.insn = insn
  cpu.dataTag = NO_FAST_TAG
  cpu.trying = true
  try {
    insn.execute(cpu)
  } catch (thrown) {
    if (thrown === TRAP) return true
    if (thrown !== COMMITS) throw thrown
  } finally {
    cpu.trying = false
    cpu.transfer = SEQUENTIAL
  }
  w64.set(savedRegisters, registers)
  w64.set(savedTime, time)
  cpu.modeChanged()
  cpu.attention = attention
  cpu.stopReason = stopReason
  return false
}
