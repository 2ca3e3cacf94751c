import type { ReferenceCpu } from '../../src/engine/reference-cpu'

type Case = [name: string, source: string, prepare?: (cpu: ReferenceCpu) => void]
/** Traps of all kinds of instructions: name, the instruction, and the state in which it is raised. */
export const trapInstructions: Case[] = [
  ['trap_instruction_0x3', 'ta 3'],
  ['illegal_instruction', '.word 0'],
  ['illegal_instruction', 'done'],
  ['privileged_opcode', 'wrpr %g0, 0, %pil', (cpu) => cpu.set('pstate', 0x10n)],
  ['privileged_opcode', 'saved', (cpu) => cpu.set('pstate', 0x10n)],
  ['privileged_opcode', 'wr %g0, 1, %set_softint', (cpu) => cpu.set('pstate', 0x10n)],
  ['fp_disabled', 'faddd %f0, %f2, %f4', (cpu) => cpu.set('fprs', 0n)],
  ['fp_exception_ieee_754', 'fdivd %f0, %f2, %f4', (cpu) => floatState(cpu, 1n << 24n)],
  ['fp_exception_other', 'faddq %f0, %f4, %f8'],
  ['spill_0_normal', 'save', (cpu) => windows(cpu, 0, 6)],
  ['fill_0_normal', 'restore', (cpu) => windows(cpu, 6, 0)],
  ['clean_window', 'save', (cpu) => cpu.setSmall('cleanwin', 0)],
  ['mem_address_not_aligned', 'ldx [%g0 + 1], %g1'],
  ['mem_address_not_aligned', 'jmp %g0 + 1'],
  ['LDDF_mem_address_not_aligned', 'ldd [%g0 + 4], %f0'],
  ['privileged_action', 'ldxa [%g0] 4, %g1', (cpu) => cpu.set('pstate', 0x10n)],
  ['data_access_exception', 'ldxa [%g0] 1, %g1'],
  ['fast_data_access_MMU_miss', 'ldx [%g1], %g2', (cpu) => cpu.set('globals', 0x7000_0000n, 1)],
  ['fast_instruction_access_MMU_miss', 'nop', (cpu) => cpu.set('pc', 0x7000_0000n)],
  ['instruction_access_exception', 'jmp %g1', (cpu) => cpu.set('globals', 1n << 43n, 1)],
  ['tag_overflow', 'taddcctv %g0, 1, %g1'],
  ['division_by_zero', 'udivx %g0, %g0, %g1'],
]

function windows(cpu: ReferenceCpu, cansave: number, canrestore: number): void {
  cpu.setSmall('cansave', cansave)
  cpu.setSmall('canrestore', canrestore)
}

/** Divisions of 1 by 0, with FSR.TEM as given. */
function floatState(cpu: ReferenceCpu, fsr: bigint): void {
  cpu.set('fsr', fsr)
  cpu.set('float', 0x3ff0_0000_0000_0000n, 0)
}
