import type { Kernel, KernelEvents } from '../kernel-shim'
import { attachOracle, kernelListener, type OracleWarning, TlbOracle, type TlbViolation } from '../oracle'

export interface WatchOptions {
  /** Judge by completion of cross calls, not by their acceptance. */
  readonly strict?: boolean
  readonly onViolation?: (violation: TlbViolation) => void
  readonly onWarning?: (warning: OracleWarning) => void
  /** Hears the kernel's events too, after the oracle. */
  readonly listener?: KernelEvents
}

/** Lets a TLB oracle watch a kernel from now on, in any run. It takes the place of the kernel's other event listener. */
export function watchKernel(kernel: Kernel, options: WatchOptions = {}): TlbOracle {
  const { machine } = kernel
  const oracle = new TlbOracle({
    cpus: machine.layout.cpus,
    strict: options.strict,
    now: () => Number(machine.instructions()),
    onViolation: options.onViolation,
    onWarning: options.onWarning,
  })
  attachOracle(oracle, machine)
  const told: KernelEvents = kernelListener(oracle, (cpu) => machine.cpus[cpu]!.trapLevel)
  const { listener } = options
  kernel.events = listener === undefined ? told : both(told, listener)
  return oracle
}

/** Tells both; a flush has the id that the first one gives. */
function both(first: KernelEvents, second: KernelEvents): KernelEvents {
  const merged: Record<string, (...args: never[]) => unknown> = {}
  const names = new Set([...Object.keys(first), ...Object.keys(second)]) as Set<keyof KernelEvents>
  for (const name of names)
    merged[name] = (...args) => {
      const result = (first[name] as ((...args: never[]) => unknown) | undefined)?.(...args)
      ;(second[name] as ((...args: never[]) => unknown) | undefined)?.(...args)
      return result
    }
  return merged as KernelEvents
}
