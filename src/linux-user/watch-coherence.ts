import type { Kernel } from '../kernel-shim'
import { attachOracle, kernelListener, TlbOracle, type TlbViolation } from '../oracle'

/** Lets the TLB oracle hear a kernel. Violations are kept in order, up to a limit. */
export function watchCoherence(kernel: Kernel): { oracle: TlbOracle; violations: TlbViolation[]; count: () => number } {
  const MOST_KEPT = 100
  const violations: TlbViolation[] = []
  let count = 0
  const oracle = new TlbOracle({
    cpus: kernel.machine.layout.cpus,
    now: () => Number(kernel.machine.instructions()),
    onViolation: (violation) => {
      count++
      if (violations.length < MOST_KEPT) violations.push(violation)
    },
  })
  attachOracle(oracle, kernel.machine)
  kernel.events = kernelListener(oracle, (cpu) => kernel.machine.cpus[cpu]!.trapLevel)
  return { oracle, violations, count: () => count }
}
