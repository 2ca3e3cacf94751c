import type { TrapName } from './traps'

export type ModelName = 'ultrasparc-i' | 'ultrasparc-ii'

/** What differs between CPUs that this emulator knows. */
export interface CpuModel {
  readonly name: ModelName
  /** VER: manufacturer 63:48, implementation 47:32, mask 31:24, maxtl 15:8, maxwin 4:0 (V9 5.2.9). */
  readonly version: bigint
  readonly maxTrapLevel: number
  /** Traps that enter with the MMU globals and with the interrupt globals; all others use the alternate globals. */
  readonly mmuGlobalsTraps: readonly TrapName[]
  readonly interruptGlobalsTraps: readonly TrapName[]
  /** Which array shapes and MMU registers; mmu/ knows what the name means. */
  readonly mmu: 'spitfire'
  /** Target ids of interrupt dispatch: 5 bits of UPA id (UltraSPARC-I 9.2). */
  readonly maxCpus: number
  readonly quadInHardware: boolean
}

const SPITFIRE = {
  maxTrapLevel: 5,
  mmuGlobalsTraps: [
    'instruction_access_exception',
    'data_access_exception',
    'fast_instruction_access_MMU_miss',
    'fast_data_access_MMU_miss',
    'fast_data_access_protection',
  ],
  interruptGlobalsTraps: ['interrupt_vector'],
  mmu: 'spitfire',
  maxCpus: 32,
  quadInHardware: false,
} as const satisfies Partial<CpuModel>

const version = (implementation: bigint, mask: bigint) =>
  (0x17n << 48n) | (implementation << 32n) | (mask << 24n) | (5n << 8n) | 7n

export const MODELS: Record<ModelName, CpuModel> = {
  'ultrasparc-i': { name: 'ultrasparc-i', version: version(0x10n, 0x40n), ...SPITFIRE },
  'ultrasparc-ii': { name: 'ultrasparc-ii', version: version(0x11n, 0x20n), ...SPITFIRE },
}
