import type { Kernel } from '../kernel-shim'

/** Counts of a run. All of them are the same for the same inputs, configuration and seed. */
export interface RunStatistics {
  /** Executed by each CPU. */
  readonly instructions: readonly number[]
  /** By each CPU: traps that look for a translation, whether the TSB had it or not. */
  readonly tlbMisses: readonly { readonly instruction: number; readonly data: number; readonly protection: number }[]
  readonly flushes: Readonly<Record<'mm' | 'page' | 'pending' | 'kernel_range', number>>
  readonly crossCalls: { readonly sent: number; readonly nacked: number; readonly taken: number }
  readonly contextSwitches: number
  /** Machine ticks: instructions of all CPUs and time in which none had work. */
  readonly ticks: number
  /** Present if the TLB oracle watched. */
  readonly oracle?: { readonly violations: number; readonly warnings: number }
}

interface Misses {
  instruction: number
  data: number
  protection: number
}

const INSTRUCTION_MISS = 0x64
const DATA_MISS = 0x68
const DATA_PROTECTION = 0x6c

/** Counts TLB traps from now on. */
export function countMisses(kernel: Kernel): readonly Misses[] {
  const misses = kernel.machine.cpus.map(() => ({ instruction: 0, data: 0, protection: 0 }))
  const { hooks } = kernel.machine.environment
  const { trap } = hooks
  hooks.trap = (cpu, tt, ...rest) => {
    trap?.(cpu, tt, ...rest)
    if (tt === INSTRUCTION_MISS) misses[cpu].instruction++
    else if (tt === DATA_MISS) misses[cpu].data++
    else if (tt === DATA_PROTECTION) misses[cpu].protection++
  }
  return misses
}

export function collectStatistics(kernel: Kernel, misses: readonly Misses[]): RunStatistics {
  const { counters } = kernel.tree
  return {
    instructions: kernel.machine.cpus.map(({ index }) => Number(kernel.machine.instructions(index))),
    tlbMisses: misses.map((counts) => ({ ...counts })),
    flushes: { ...counters.flushes },
    crossCalls: { ...counters.crossCalls },
    contextSwitches: counters.contextSwitches,
    ticks: Number(kernel.machine.clock.now),
  }
}
