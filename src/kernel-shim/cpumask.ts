import { writeMask } from './context'
import { plainStep, step } from './operation'
import { MM_STRUCT } from './structures'
import { loadWord } from './words'

/** A set of CPUs: bit n is CPU n. */
export type CpuMask = bigint

export const cpumask_of = (cpu: number): CpuMask => 1n << BigInt(cpu)
export const cpumask_test_cpu = (cpu: number, mask: CpuMask): boolean => ((mask >> BigInt(cpu)) & 1n) === 1n

/** The members, ascending. */
export function cpumask_members(mask: CpuMask): number[] {
  const members: number[] = []
  for (let cpu = 0; mask >> BigInt(cpu) !== 0n; cpu++) if (cpumask_test_cpu(cpu, mask)) members.push(cpu)
  return members
}

/** Reads mm_cpumask(mm). `by` names the reader in timelines. */
export const mm_cpumask = (mm: bigint, by: string) =>
  plainStep('read mm_cpumask', true, ({ kernel, memory, cpu }) => {
    const mask = loadWord(memory, mm + MM_STRUCT.mm_cpumask)
    kernel.events.maskRead?.(cpu.index, mm, mask, by)
    return mask
  })

/** Sets a CPU's bit atomically. */
export const cpumask_set_cpu = (cpu: number, mm: bigint, by: string) =>
  step(`set CPU ${cpu} in mm_cpumask`, true, ({ kernel, memory, cpu: self }) => {
    const mask = loadWord(memory, mm + MM_STRUCT.mm_cpumask)
    writeMask(kernel, self.index, mm, mask | cpumask_of(cpu), by)
  })

/** Clears a CPU's bit atomically. */
export const cpumask_clear_cpu = (cpu: number, mm: bigint, by: string) =>
  step(`clear CPU ${cpu} in mm_cpumask`, true, ({ kernel, memory, cpu: self }) => {
    const mask = loadWord(memory, mm + MM_STRUCT.mm_cpumask)
    writeMask(kernel, self.index, mm, mask & ~cpumask_of(cpu), by)
  })

/** Replaces the mask by one CPU: a plain store, which loses whatever another CPU set meanwhile. */
export const cpumask_copy_one = (cpu: number, mm: bigint, by: string) =>
  plainStep(`mm_cpumask = only CPU ${cpu}`, true, ({ kernel, cpu: self }) => {
    writeMask(kernel, self.index, mm, cpumask_of(cpu), by)
  })
