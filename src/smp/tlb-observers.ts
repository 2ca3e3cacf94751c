import type { MmuObserver } from '../mmu'
import type { EventDetails, MachineEvents } from './events'

/** One observer that tells several, and those that are added later. */
export function fanOut(observers: readonly MmuObserver[]): MmuObserver {
  const tell =
    <K extends keyof MmuObserver>(what: K) =>
    (...args: Parameters<NonNullable<MmuObserver[K]>>) => {
      for (const observer of observers) (observer[what] as ((...all: unknown[]) => void) | undefined)?.(...args)
    }
  return { fill: tell('fill'), evict: tell('evict'), use: tell('use'), demap: tell('demap'), miss: tell('miss') }
}

/** A machine as its TLBs tell it what happens to them. */
interface Teller {
  tell<E extends keyof MachineEvents>(event: E, cpu: number, details: () => EventDetails<E>): void
}

/** Makes events of what happens to a CPU's TLBs. */
export function tlbEvents(machine: Teller, cpu: number): MmuObserver {
  return {
    miss: (side, va, context) => machine.tell('tlb-miss', cpu, () => ({ side, va, context })),
    fill: (side, index, tag, data) => machine.tell('tlb-fill', cpu, () => ({ side, index, tag, data })),
    evict: (side, index, tag, data, why) => machine.tell('tlb-evict', cpu, () => ({ side, index, tag, data, why })),
    demap: (side, kind, context, va) => machine.tell('tlb-demap', cpu, () => ({ side, kind, context, va })),
  }
}
