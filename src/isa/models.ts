import type { InstructionSet } from './instruction-set'
import type { TrapName } from './traps'

export type ModelName =
  | 'ultrasparc-i'
  | 'ultrasparc-ii'
  | 'cheetah'
  | 'cheetah-plus'
  | 'jalapeno'
  | 'ultrasparc-t1'
  | 'ultrasparc-t2'
  | 'sparc-t3'
  | 'sparc-t4'

/** What the pipelines of a CPU execute; an instruction that they lack raises illegal_instruction. */
export interface InstructionSupport {
  readonly instructionSets: readonly InstructionSet[]
  /** Whether quad operations are executed; else they raise fp_exception_other with unimplemented_FPop. */
  readonly quadInHardware: boolean
  /**
   * Who deals with subnormal numbers: the hardware, or in the cases of UltraSPARC-I tables 14-4 and 14-5 software, called by
   * fp_exception_other with unfinished_FPop.
   */
  readonly subnormals: 'hardware' | 'ultrasparc'
}

/** The registers that send and receive mondos. */
export interface MondoRegisters {
  /** Addresses of the data registers, the same in both directions. */
  readonly data: readonly bigint[]
  /** Width of the target id, whose lowest bit is bit 14 of a dispatch address. */
  readonly targetBits: number
  /** BUSY/NACK pairs of the dispatch status register: a power of two. */
  readonly pairs: number
  /** Lowest bit of a pair's number in a dispatch address. */
  readonly pairShift: number
}

/** What differs between CPUs that this emulator knows. */
export interface CpuModel extends InstructionSupport {
  readonly name: ModelName
  /** VER: manufacturer 63:48, implementation 47:32, mask 31:24, maxtl 15:8, maxwin 4:0 (V9 5.2.9). */
  readonly version: bigint
  readonly maxTrapLevel: number
  /** Traps that enter with the MMU globals and with the interrupt globals; all others use the alternate globals. */
  readonly mmuGlobalsTraps: readonly TrapName[]
  readonly interruptGlobalsTraps: readonly TrapName[]
  /** Which array shapes and MMU registers; mmu/ knows what the name means. */
  readonly mmu: 'spitfire' | 'cheetah' | 'cheetah-plus' | 'jalapeno'
  readonly mondo: MondoRegisters
  /** Whether there are STICK and STICK_COMPARE, ancillary registers 24 and 25, and SOFTINT.STICK_INT. */
  readonly systemTick: boolean
  /** No more than there are target ids of interrupt dispatch, nor than a word has bits. */
  readonly maxCpus: number
}

const ULTRASPARC: InstructionSupport = {
  instructionSets: ['vis1'],
  quadInHardware: false,
  subnormals: 'ultrasparc',
}

/**
 * UltraSPARC III to IIIi (Linux arch/sparc/kernel/setup_64.c init_sparc64_elf_hwcap). No manual of them was found: which
 * subnormal numbers they leave to software is taken from UltraSPARC I.
 */
export const CHEETAH_INSTRUCTIONS: InstructionSupport = { ...ULTRASPARC, instructionSets: ['vis1', 'vis2'] }

/** The T series (Linux arch/sparc/kernel/setup_64.c init_sparc64_elf_hwcap, mdesc_cpu_hwcap_list). */
const T1: InstructionSupport = {
  instructionSets: ['vis1', 'vis2', 'window-state'],
  quadInHardware: false,
  subnormals: 'hardware',
}
const T2: InstructionSupport = { ...T1, instructionSets: [...T1.instructionSets, 'popc'] }
const T3: InstructionSupport = { ...T2, instructionSets: [...T2.instructionSets, 'vis3', 'fmaf'] }
const T4: InstructionSupport = { ...T3, instructionSets: [...T3.instructionSets, 'ima', 'cbcond', 'pause'] }

/** Three data words, one pair, 5 bits of UPA id (UltraSPARC-I 9.3). */
const UPA: MondoRegisters = { data: [0x40n, 0x50n, 0x60n], targetBits: 5, pairs: 1, pairShift: 14 }
/**
 * Eight data words, 32 pairs whose number is bits 28:24 of the dispatch address, 10 bits of agent id (illumos
 * usr/src/uts/sun4u/sys/machintreg.h UIII_IDDR_*, IDSR_BN_SETS; Linux arch/sparc/kernel/smp_64.c cheetah_xcall_deliver; SPARC64 V
 * JPS1 supplement N.4).
 */
const SAFARI: MondoRegisters = {
  data: [0x40n, 0x48n, 0x50n, 0x58n, 0x60n, 0x68n, 0x80n, 0x88n],
  targetBits: 10,
  pairs: 32,
  pairShift: 24,
}
/**
 * Four pairs, numbered by the lower bits of the target id (illumos machintreg.h IDCR_BN_MASK; Linux cheetah_xcall_deliver is_jbus).
 * DEVIATION: a port id of JBus has 5 bits; here targets are as many as with the others.
 */
const JBUS: MondoRegisters = { ...SAFARI, pairs: 4, pairShift: 14 }

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
  mondo: UPA,
  systemTick: false,
  maxCpus: 32,
} as const satisfies Partial<CpuModel>

/** The trap globals are those of UltraSPARC I: Linux arch/sparc/kernel/ttable_64.S has the same handlers for both. */
const CHEETAH = { ...SPITFIRE, ...CHEETAH_INSTRUCTIONS, systemTick: true, maxCpus: 64 } as const

const SUN = 0x3en
const SPARC_TECHNOLOGY_BUSINESS = 0x17n

function version(manufacturer: bigint, implementation: bigint, mask: bigint): bigint {
  return (manufacturer << 48n) | (implementation << 32n) | (mask << 24n) | (5n << 8n) | 7n
}

/**
 * DEVIATION: the T series is here with the traps, MMU and registers of UltraSPARC II, for programs that use its instructions: its
 * own are those of sun4v, where VER is the hypervisor's (the implementation number of T3 and T4 is left 0).
 */
export const MODELS: Record<ModelName, CpuModel> = {
  'ultrasparc-i': {
    name: 'ultrasparc-i',
    version: version(SPARC_TECHNOLOGY_BUSINESS, 0x10n, 0x40n),
    ...SPITFIRE,
    ...ULTRASPARC,
  },
  'ultrasparc-ii': {
    name: 'ultrasparc-ii',
    version: version(SPARC_TECHNOLOGY_BUSINESS, 0x11n, 0x20n),
    ...SPITFIRE,
    ...ULTRASPARC,
  },
  // VER of UltraSPARC III: Linux arch/sparc/kernel/cpu.c, but for the mask, which it does not look at
  cheetah: { name: 'cheetah', version: version(SUN, 0x14n, 0n), ...CHEETAH, mmu: 'cheetah', mondo: SAFARI },
  'cheetah-plus': {
    name: 'cheetah-plus',
    version: version(SUN, 0x15n, 0n),
    ...CHEETAH,
    mmu: 'cheetah-plus',
    mondo: SAFARI,
  },
  jalapeno: { name: 'jalapeno', version: version(SUN, 0x16n, 0n), ...CHEETAH, mmu: 'jalapeno', mondo: JBUS },
  'ultrasparc-t1': { name: 'ultrasparc-t1', version: version(SUN, 0x23n, 0x02n), ...SPITFIRE, ...T1 },
  'ultrasparc-t2': { name: 'ultrasparc-t2', version: version(SUN, 0x24n, 0x02n), ...SPITFIRE, ...T2 },
  'sparc-t3': { name: 'sparc-t3', version: version(SUN, 0n, 0n), ...SPITFIRE, ...T3 },
  'sparc-t4': { name: 'sparc-t4', version: version(SUN, 0n, 0n), ...SPITFIRE, ...T4 },
}

/** The model with nothing left to software: quad operations, subnormal numbers and popc are executed. */
export function withoutEmulation(model: CpuModel): CpuModel {
  const { instructionSets } = model
  return {
    ...model,
    instructionSets: instructionSets.includes('popc') ? instructionSets : [...instructionSets, 'popc'],
    quadInHardware: true,
    subnormals: 'hardware',
  }
}
