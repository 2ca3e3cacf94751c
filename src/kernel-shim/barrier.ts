import { shim } from './frame'
import type { Mutant } from './kernel-state'
import { note, step } from './operation'

/**
 * Earlier stores of this CPU are visible before it goes on (Linux arch/sparc/include/asm/barrier_64.h mb). With sequential
 * consistency there is nothing to wait for, and no step.
 */
export const smp_mb = shim('smp_mb', function* () {
  if (yield* note('memory model', ({ machine }) => machine.memoryModel === 'tso'))
    yield* step('smp_mb', true, () => undefined)
})

/** What a flush reads once its page-table writes are visible: the TSB, and the mask of the CPUs to call. */
type FlushReads = 'tsb' | 'mask'

const OMITTED: Readonly<Partial<Record<Mutant, readonly FlushReads[]>>> = {
  'missing-barrier': ['tsb', 'mask'],
  'late-barrier': ['tsb'],
}

/**
 * Between the page-table write and what the flush reads. A TLB miss handler that locks the TSB entry after the flush has looked at it,
 * and a CPU that joins after the mask was read, must find the new page-table entry.
 */
export const flush_mb = shim('flush_mb', function* (before: FlushReads) {
  if (yield* note('mutant', ({ kernel }) => kernel.mutant && OMITTED[kernel.mutant]?.includes(before))) return
  yield* smp_mb()
})
