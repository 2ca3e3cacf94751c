import { Arena } from '../state/arena'
import { createLayout } from '../state/layout'
import { Mmu } from './mmu'
import { type MmuModel, tlbEntries } from './model'
import { spitfire } from './spitfire'

/**
 * An MMU without a machine around it, in power-on state: MMUs off, TLBs empty.
 * @param options.ramBytes RAM from physical address 0, a multiple of 8192; only the fast table asks for it. Default 8 MiB.
 */
export function createMmu(options: { model?: MmuModel; ramBytes?: number } = {}): Mmu {
  const { model = spitfire, ramBytes = 8 << 20 } = options
  const layout = createLayout({
    cpus: 1,
    ramBytes,
    itlbEntries: tlbEntries(model.instructionTlb),
    dtlbEntries: tlbEntries(model.dataTlb),
  })
  return new Mmu(new Arena(layout), 0, model)
}
