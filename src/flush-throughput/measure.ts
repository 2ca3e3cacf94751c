import { FLUSH_POLICIES, type FlushPolicy, Kernel, type KernelConfig } from '../kernel-shim'
import { FLUSH_KINDS, type FlushCost, type FlushKind, FlushWorkload, MM_USES, type MmUse } from './workload'

export interface FlushMeasurement {
  readonly policy: FlushPolicy
  readonly cpus: number
  readonly kind: FlushKind
  readonly mm: MmUse
  /** Pages of a pending flush. */
  readonly pages: number
  /** After every CPU came into the mask. */
  readonly first: FlushCost
  /** When nothing but flushes happens. */
  readonly steady: FlushCost
  /** Mean of the flushes when every CPU comes into the mask again before each `every`-th of them. */
  readonly repopulated: FlushCost & { readonly every: number }
  /** On the host, in steady state, all CPUs' work included. */
  readonly flushesPerSecond: number
}

export interface FlushMeasurementOptions {
  readonly policies?: readonly FlushPolicy[]
  /** Default 'ultrasparc-ii'. */
  readonly model?: KernelConfig['model']
  /** 1 to the model's `maxCpus` each. */
  readonly cpus?: readonly number[]
  readonly kinds?: readonly FlushKind[]
  readonly mms?: readonly MmUse[]
  /** 2 to 192; default 8. */
  readonly pages?: number
  /** Flushes from one time that the mask is populated to the next; default 16. */
  readonly repopulateEvery?: number
  /** Of timing on the host for each line; default 50. 0: one flush. */
  readonly milliseconds?: number
  /** Milliseconds from any start. */
  readonly now: () => number
  /** Called before each measurement. */
  readonly onProgress?: (done: number, of: number) => void
}

export const FLUSH_CPUS = [1, 2, 4, 8, 16, 32] as const
const RAM_BYTES = 8 << 20
const STEADY_AFTER = 3
const ROUNDS = 4

/**
 * Measures `smp_flush_tlb_*`: guest instructions and cross calls, which are the same in each run, and time on the host.
 * By kind, use of the address space, policy and number of CPUs, in this order.
 * @throws MachineError for an impossible number of CPUs
 */
export function measureFlushes(options: FlushMeasurementOptions): FlushMeasurement[] {
  const {
    policies = FLUSH_POLICIES,
    model,
    cpus = FLUSH_CPUS,
    kinds = FLUSH_KINDS,
    mms = MM_USES,
    onProgress,
  } = options
  const of = policies.length * cpus.length * kinds.length * mms.length
  const measured: FlushMeasurement[] = []
  for (const policy of policies)
    for (const count of cpus) {
      const kernel = new Kernel({ cpus: count, model, policy, ramBytes: RAM_BYTES })
      const booted = kernel.machine.snapshot()
      for (const kind of kinds)
        for (const mm of mms) {
          onProgress?.(measured.length, of)
          kernel.machine.restore(booted)
          measured.push(measure(kernel, kind, mm, options))
        }
      kernel.machine.dispose()
    }
  const rank = (m: FlushMeasurement) => kinds.indexOf(m.kind) * mms.length + mms.indexOf(m.mm)
  return measured.sort((a, b) => rank(a) - rank(b))
}

function measure(kernel: Kernel, kind: FlushKind, mm: MmUse, options: FlushMeasurementOptions): FlushMeasurement {
  const { pages = 8, repopulateEvery = 16, milliseconds = 50, now } = options
  const workload = new FlushWorkload(kernel, mm, pages)
  workload.populate()
  const first = workload.flush(kind)
  for (let n = 1; n < STEADY_AFTER; n++) workload.flush(kind)
  const steady = workload.flush(kind)
  const costs: FlushCost[] = []
  for (let round = 0; round < ROUNDS; round++) {
    workload.populate()
    for (let n = 0; n < repopulateEvery; n++) costs.push(workload.flush(kind))
  }
  return {
    policy: kernel.policy,
    cpus: kernel.machine.layout.cpus,
    kind,
    mm,
    pages,
    first,
    steady,
    repopulated: { every: repopulateEvery, ...meanOf(costs) },
    flushesPerSecond: rateOf(() => workload.flush(kind), milliseconds, now),
  }
}

function meanOf(costs: readonly FlushCost[]): FlushCost {
  const mean = (of: (cost: FlushCost) => number) => costs.reduce((sum, cost) => sum + of(cost), 0) / costs.length
  return { flusher: mean((c) => c.flusher), all: mean((c) => c.all), crossCalls: mean((c) => c.crossCalls) }
}

function rateOf(work: () => void, milliseconds: number, now: () => number): number {
  const CALLS_BETWEEN_LOOKS = 8
  const start = now()
  let calls = 0
  let elapsed: number
  do {
    for (let n = 0; n < CALLS_BETWEEN_LOOKS; n++) work()
    calls += CALLS_BETWEEN_LOOKS
    elapsed = now() - start
  } while (elapsed < milliseconds)
  return Math.round((calls * 1000) / Math.max(elapsed, 0.001))
}
