import { measureFlushes } from '../src/flush-throughput'
import { type Measured, report } from './report'

/** Flushes per second on the host, and what they are on the guest: the same as `sparc64-smp bench flush`. */

const flushes = measureFlushes({ milliseconds: 100, now: () => performance.now() })
const measured = flushes.map(
  ({ kind, mm, policy, cpus, flushesPerSecond }): Measured => ({
    name: `${kind}, ${mm}, ${policy}, ${cpus} CPUs`,
    unit: 'flushes/s',
    median: flushesPerSecond,
  }),
)
report('tlb-flush', measured)
