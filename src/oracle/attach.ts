import type { Mmu, MmuObserver } from '../mmu'
import type { FlushScope, MondoCoverage } from './events'
import type { TlbOracle } from './tlb-oracle'

/** What an oracle is attached to: an MMU per CPU, and a way to hear it. */
export interface OracleHost {
  readonly mmus: readonly Mmu[]
  observeTlb(cpu: number, observer: MmuObserver): void
}

/**
 * The oracle as a listener of the kernel shim's events: an mm is the physical address of its mm_struct. `trapLevel` gives a CPU's trap
 * level when it takes a mondo, before the trap is entered.
 */
export function kernelListener(oracle: TlbOracle, trapLevel: (cpu: number) => number) {
  return {
    contextAssigned: (cpu: number, mm: bigint, context: number) => oracle.contextAssigned(cpu, Number(mm), context),
    pteWrite: (cpu: number, mm: bigint, va: bigint, before: bigint, after: bigint) =>
      oracle.pteWrite(cpu, Number(mm), va, before, after),
    flushBegin: (cpu: number, mm: bigint, context: number, scope: FlushScope, name: string) =>
      oracle.flushBegin(cpu, Number(mm), context, scope, name),
    flushEnd: (cpu: number, id: number) => oracle.flushEnd(cpu, id),
    maskRead: (cpu: number, mm: bigint, mask: bigint, by: string) => oracle.maskRead(cpu, Number(mm), mask, by),
    maskWrite: (cpu: number, mm: bigint, before: bigint, after: bigint, by: string) =>
      oracle.maskWrite(cpu, Number(mm), before, after, by),
    mondoAccepted: (sender: number, target: number, name: string, coverage?: MondoCoverage) =>
      oracle.mondoAccepted(sender, target, name, coverage),
    mondoTaken: (cpu: number) => oracle.mondoTaken(cpu, trapLevel(cpu) + 1),
    trapReturn: (cpu: number, level: number) => oracle.trapReturn(cpu, level),
    frameFreed: (cpu: number, pa: number) => oracle.frameFreed(cpu, pa),
    running: (cpu: number, mm: bigint) => oracle.running(cpu, Number(mm)),
  }
}

/** Lets the oracle hear what happens to the TLBs. What they hold already is taken as filled now. */
export function attachOracle(oracle: TlbOracle, host: OracleHost): void {
  oracle.watch = (cpu, side, index, on) => host.mmus[cpu]!.setObserved(side, index, on)
  host.mmus.forEach((mmu, cpu) => {
    host.observeTlb(cpu, {
      fill: (side, index, tag, data) => oracle.fill(cpu, side, index, tag, data),
      evict: (side, index) => oracle.evict(cpu, side, index),
      use: (side, index, va) => void oracle.use(cpu, side, index, va),
    })
    for (const side of ['instruction', 'data'] as const)
      for (const { index, valid } of mmu.entries(side))
        if (valid) oracle.fill(cpu, side, index, mmu.readEntryTag(side, index), mmu.readEntryData(side, index))
  })
}
