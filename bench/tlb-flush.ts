import { measureFlushes } from '../src/flush-throughput'
import { cpuTime } from './cpu-time'
import { type Measured, report } from './report'

/** Flushes per second on the host, and what they are on the guest: the same as `sparc64-smp bench flush`; processor time. */

const flushes = measureFlushes({ milliseconds: 100, now: cpuTime })
const measured = flushes.map(
  ({ kind, mm, policy, cpus, flushesPerSecond }): Measured => ({
    name: `${kind}, ${mm}, ${policy}, ${cpus} CPUs`,
    unit: 'flushes/s',
    median: flushesPerSecond,
  }),
)
report('tlb-flush', measured)
