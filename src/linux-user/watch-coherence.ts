import type { Kernel } from '../kernel-shim'
import { attachOracle, TlbOracle, type TlbViolation } from '../oracle'

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
  kernel.events = {
    contextAssigned: (cpu, mm, context) => oracle.contextAssigned(cpu, Number(mm), context),
    pteWrite: (cpu, mm, va, before, after) => oracle.pteWrite(cpu, Number(mm), va, before, after),
    flushBegin: (cpu, mm, context, vas, name) => oracle.flushBegin(cpu, Number(mm), context, vas, name),
    flushEnd: (cpu, id) => oracle.flushEnd(cpu, id),
    maskRead: (cpu, mm, mask, by) => oracle.maskRead(cpu, Number(mm), mask, by),
    maskWrite: (cpu, mm, before, after, by) => oracle.maskWrite(cpu, Number(mm), before, after, by),
    mondoAccepted: (sender, target, name, coverage) => oracle.mondoAccepted(sender, target, name, coverage),
    mondoTaken: (cpu) => oracle.mondoTaken(cpu, kernel.machine.cpus[cpu].trapLevel + 1),
    trapReturn: (cpu, level) => oracle.trapReturn(cpu, level),
    frameFreed: (cpu, pa) => oracle.frameFreed(cpu, pa),
    running: (cpu, mm) => oracle.running(cpu, Number(mm)),
  }
  return { oracle, violations, count: () => count }
}
