import type { Kernel, KernelEvents } from '../kernel-shim'
import { attachOracle, type OracleWarning, TlbOracle, type TlbViolation } from '../oracle'

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
  const told = oracleEvents(oracle, kernel)
  const { listener } = options
  kernel.events = listener === undefined ? told : both(told, listener)
  return oracle
}

function oracleEvents(oracle: TlbOracle, kernel: Kernel): KernelEvents {
  return {
    contextAssigned: (cpu, mm, context) => oracle.contextAssigned(cpu, Number(mm), context),
    pteWrite: (cpu, mm, va, before, after) => oracle.pteWrite(cpu, Number(mm), va, before, after),
    flushBegin: (cpu, mm, context, vas, name) => oracle.flushBegin(cpu, Number(mm), context, vas, name),
    flushEnd: (cpu, id) => oracle.flushEnd(cpu, id),
    maskRead: (cpu, mm, mask, by) => oracle.maskRead(cpu, Number(mm), mask, by),
    maskWrite: (cpu, mm, before, after, by) => oracle.maskWrite(cpu, Number(mm), before, after, by),
    mondoAccepted: (sender, target, name, coverage) => oracle.mondoAccepted(sender, target, name, coverage),
    mondoTaken: (cpu) => oracle.mondoTaken(cpu, kernel.machine.cpus[cpu]!.trapLevel + 1),
    trapReturn: (cpu, level) => oracle.trapReturn(cpu, level),
    frameFreed: (cpu, pa) => oracle.frameFreed(cpu, pa),
    running: (cpu, mm) => oracle.running(cpu, Number(mm)),
  }
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
