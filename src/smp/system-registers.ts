import { ASI, ASIS, type RegisterAsi } from '../asi'
import type { AsiDevice } from '../engine/engine'
import type { CpuRegisters } from '../engine/registers'
import type { TrapName } from '../isa/traps'
import type { RegisterField } from '../state/layout'

const UPA_MID_SHIFT = 17n

const FIELDS: Readonly<Record<number, RegisterField>> = {
  [ASI.ASI_UPA_CONFIG_REG]: 'upaConfig',
  [ASI.ASI_ESTATE_ERROR_EN_REG]: 'errorEnable',
  [ASI.ASI_ASYNC_FAULT_STATUS]: 'asyncFaultStatus',
  [ASI.ASI_ASYNC_FAULT_ADDRESS]: 'asyncFaultAddress',
}

/**
 * System and cache ASIs of a machine without caches and without memory errors: configuration registers keep what is written,
 * cache diagnostics accept stores and read as zero, which is an invalid line.
 */
export class SystemRegisters implements AsiDevice {
  constructor(private readonly cpus: readonly CpuRegisters[]) {}

  handles(asi: number): boolean {
    const what = ASIS[asi]?.what as RegisterAsi | undefined
    return what?.kind === 'register' && (what.unit === 'system' || what.unit === 'cache')
  }

  check(_cpu: number, asi: number, va: bigint): TrapName | undefined {
    return FIELDS[asi] !== undefined && va !== 0n ? 'data_access_exception' : undefined
  }

  load(cpu: number, asi: number, _va: bigint): bigint {
    const field = FIELDS[asi]
    if (field === undefined) return 0n
    const value = this.cpus[cpu]!.get(field)
    return asi === ASI.ASI_UPA_CONFIG_REG ? value | (BigInt(cpu) << UPA_MID_SHIFT) : value
  }

  store(cpu: number, asi: number, _va: bigint, value: bigint): void {
    const field = FIELDS[asi]
    if (field === undefined) return
    const registers = this.cpus[cpu]!
    // Error bits are cleared by writing ones
    registers.set(field, asi === ASI.ASI_ASYNC_FAULT_STATUS ? registers.get(field) & ~value : value)
  }
}
