export { FLUSH_CPUS, type FlushMeasurement, type FlushMeasurementOptions, measureFlushes } from './measure'
export { FLUSH_KINDS, type FlushCost, type FlushKind, FlushWorkload, MM_USES, type MmUse } from './workload'
