import type { OperationContext } from './operation'
import { CTX_HWBITS, MM_STRUCT } from './structures'
import { peekWord } from './words'

/**
 * Tells the oracle that a flush of an mm's pages begins; for notes. Only the outermost flush of a CPU counts: `flush_tlb_page`
 * covers what was written before it, its `smp_flush_tlb_page` comes after the TSB was looked at.
 * @returns the id for {@link endFlush}; undefined for an inner flush and without an oracle
 */
export function beginFlush(
  { kernel, memory, cpu }: OperationContext,
  name: string,
  mm: bigint,
  vas: readonly bigint[] | 'all',
): number | undefined {
  const state = kernel.tree.cpus[cpu.index]!
  state.flushDepth++
  if (state.flushDepth > 1) return undefined
  const context = mm === 0n ? 0n : peekWord(memory, mm + MM_STRUCT.context)
  return kernel.events.flushBegin?.(cpu.index, mm, Number(CTX_HWBITS(context)), vas, name)
}

export function endFlush({ kernel, cpu }: OperationContext, id: number | undefined): void {
  kernel.tree.cpus[cpu.index]!.flushDepth--
  if (id !== undefined) kernel.events.flushEnd?.(cpu.index, id)
}
