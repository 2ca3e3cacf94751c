import type { MmuObserver } from '../mmu'

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
