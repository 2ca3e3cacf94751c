import type { Mmu, MmuObserver } from '../mmu'
import type { TlbOracle } from './tlb-oracle'

/** What an oracle is attached to: an MMU per CPU, and a way to hear it. */
export interface OracleHost {
  readonly mmus: readonly Mmu[]
  observeTlb(cpu: number, observer: MmuObserver): void
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
