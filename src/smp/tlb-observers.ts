import type { EventEmitter } from 'eventemitter3'
import type { MmuObserver } from '../mmu'
import type { MachineEvents, Moment } from './events'

/** One observer that tells several. */
export function fanOut(observers: readonly MmuObserver[]): MmuObserver {
  if (observers.length === 1) return observers[0]!
  const tell =
    <K extends keyof MmuObserver>(what: K) =>
    (...args: Parameters<NonNullable<MmuObserver[K]>>) => {
      for (const observer of observers) (observer[what] as ((...all: unknown[]) => void) | undefined)?.(...args)
    }
  return { fill: tell('fill'), evict: tell('evict'), use: tell('use'), demap: tell('demap'), miss: tell('miss') }
}

/** A machine as its TLBs tell it what happens to them. */
interface Emitter {
  readonly events: EventEmitter<MachineEvents>
  emit<E extends keyof MachineEvents>(event: E, ...args: Parameters<MachineEvents[E]>): void
  moment(cpu: number): Moment
}

/** Makes events of what happens to a CPU's TLBs, for those that somebody listens to. */
export function tlbEvents(machine: Emitter, cpu: number): MmuObserver {
  const heard = (event: keyof MachineEvents) => machine.events.listenerCount(event) > 0
  return {
    miss(side, va, context) {
      if (heard('tlb-miss')) machine.emit('tlb-miss', { ...machine.moment(cpu), side, va, context })
    },
    fill(side, index, tag, data) {
      if (heard('tlb-fill')) machine.emit('tlb-fill', { ...machine.moment(cpu), side, index, tag, data })
    },
    evict(side, index, tag, data, why) {
      if (heard('tlb-evict')) machine.emit('tlb-evict', { ...machine.moment(cpu), side, index, tag, data, why })
    },
    demap(side, kind, context, va) {
      if (heard('tlb-demap')) machine.emit('tlb-demap', { ...machine.moment(cpu), side, kind, context, va })
    },
  }
}
