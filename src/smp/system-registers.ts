import { ASI, type Asi, type AsiModel, asisOf } from '../asi'
import type { AsiDevice } from '../engine/engine'
import type { CpuRegisters } from '../engine/registers'
import { FT_ILLEGAL_ASI } from '../mmu'
import type { RegisterField } from '../state/layout'

const ALL_BITS = -1n
const NO_BITS = 0n
/** Module or agent id, in the configuration register of every bus. */
const ID_SHIFT = 17n
/** One incoming interrupt, one incoming request, and what the module is able to do (UltraSPARC-I 8.3.3.1, 8.3.3.2). */
const UPA_CAPABILITIES = (1n << 15n) | (1n << 5n) | 0x1bn

/** A register of the system interface at an address of its ASI. */
interface SystemRegister {
  readonly asi: number
  readonly va: bigint
  /** Where it is kept; without one nothing is. */
  readonly field?: RegisterField
  readonly word?: number
  /** Bits that keep what is stored; a register without them is read-only. */
  readonly writable: bigint
  readonly writeOnly?: boolean
  /** Bits that a stored 1 clears. */
  readonly clearing?: bigint
  /** Bits that read the same whatever is stored. */
  readonly fixed?: (cpu: number) => bigint
}

function stored(asi: number, field: RegisterField, writable = ALL_BITS, va = 0n, word = 0): SystemRegister {
  return { asi, va, field, word, writable }
}

function configuration(idBits: bigint, capabilities: bigint, readOnly: bigint): SystemRegister {
  const fixed = (cpu: number) => ((BigInt(cpu) & ((1n << idBits) - 1n)) << ID_SHIFT) | capabilities
  return { asi: ASI.ASI_UPA_CONFIG_REG, va: 0n, field: 'upaConfig', writable: ~readOnly, fixed }
}

/** Error bits are cleared by storing ones; syndromes are read-only. */
function faultStatus(clearing: bigint): SystemRegister {
  return { asi: ASI.ASI_ASYNC_FAULT_STATUS, va: 0n, field: 'asyncFaultStatus', writable: NO_BITS, clearing }
}

/** The high and the low data buffer, which are written and read through ASIs of their own: error and control (UltraSPARC-I 11.4). */
const DATA_BUFFERS = [
  [0x00n, 0x20n],
  [0x18n, 0x38n],
].flatMap(([error, control], word): SystemRegister[] => [
  { asi: ASI.ASI_INTR_W, va: error!, writable: NO_BITS, clearing: ALL_BITS, writeOnly: true },
  { asi: ASI.ASI_INTR_R, va: error!, writable: NO_BITS },
  { ...stored(ASI.ASI_INTR_W, 'dataBufferControl', 0x1ffn, control, word), writeOnly: true },
  stored(ASI.ASI_INTR_R, 'dataBufferControl', NO_BITS, control, word),
])

const ULTRASPARC_1: readonly SystemRegister[] = [
  ...DATA_BUFFERS,
  configuration(5n, UPA_CAPABILITIES, 0x3f_ffffn),
  // FreeBSD sys/sparc64/include/asi.h AA_ESTATE_*
  stored(ASI.ASI_ESTATE_ERROR_EN_REG, 'errorEnable', 7n),
  // UltraSPARC-I table 11-2
  faultStatus(0x1_fff0_0000n),
  // UltraSPARC-I table 11-5
  stored(ASI.ASI_ASYNC_FAULT_ADDRESS, 'asyncFaultAddress', 0x1ff_ffff_fff0n),
]

const MEMORY_CONTROL_REGISTERS = 9

/** Linux arch/sparc/include/asm/estate.h, chafsr.h, chmctrl.h, arch/sparc/kernel/cherrs.S. */
const ULTRASPARC_3: readonly SystemRegister[] = [
  stored(ASI.ASI_ESTATE_ERROR_EN_REG, 'errorEnable', 0x7_fffbn),
  faultStatus(~0xf_01ffn),
  stored(ASI.ASI_ASYNC_FAULT_ADDRESS, 'asyncFaultAddress', 0x7ff_ffff_fff0n),
  { asi: ASI.ASI_SERIAL_ID, va: 0n, writable: NO_BITS },
  stored(ASI.ASI_IIU_INST_TRAP, 'instructionTrap'),
  ...Array.from({ length: MEMORY_CONTROL_REGISTERS }, (_, word) =>
    stored(ASI.ASI_MCU_CTRL_REG, 'memoryControl', ALL_BITS, BigInt(8 * word), word),
  ),
  stored(ASI.ASI_EC_CTRL, 'ecacheControl'),
]

/** What the first error has left there (illumos usr/src/uts/sun4u/sys/cheetahregs.h ASI_SHADOW_REG_VA). */
const SHADOWS: readonly SystemRegister[] = [ASI.ASI_ASYNC_FAULT_STATUS, ASI.ASI_ASYNC_FAULT_ADDRESS].map((asi) => ({
  asi,
  va: 8n,
  writable: NO_BITS,
}))

/** Agent ids have 10 bits (Linux arch/sparc/include/asm/trap_block.h __GET_CPUID). */
const SAFARI = [
  ...ULTRASPARC_3,
  configuration(10n, 0n, 0x7fe_0000n),
  stored(ASI.ASI_SAFARI_CONFIG, 'systemAddress', ALL_BITS, 8n),
]
const JBUS = [...ULTRASPARC_3, ...SHADOWS, configuration(5n, 0n, 0x3e_0000n)]

const REGISTERS: Readonly<Record<AsiModel, readonly SystemRegister[]>> = {
  spitfire: ULTRASPARC_1,
  cheetah: SAFARI,
  'cheetah-plus': [...SAFARI, ...SHADOWS],
  jalapeno: JBUS,
}

/**
 * System and cache ASIs of a machine without caches and without memory errors: configuration registers keep what is stored, no
 * error is ever recorded, and the arrays of the caches take stores and read as zero, which is an invalid line.
 */
export class SystemRegisters implements AsiDevice {
  private readonly asis: readonly (Asi | undefined)[]
  private readonly registers: readonly SystemRegister[]

  constructor(
    private readonly cpus: readonly CpuRegisters[],
    model: AsiModel,
  ) {
    this.asis = asisOf(model)
    this.registers = REGISTERS[model]
  }

  handles(asi: number): boolean {
    const what = this.asis[asi]?.what
    return what?.kind === 'register' && (what.unit === 'system' || what.unit === 'cache')
  }

  refusal(_cpu: number, asi: number, va: bigint, access: 'load' | 'store'): number {
    const what = this.asis[asi]?.what
    if (what?.kind === 'register' && what.unit === 'cache') {
      const allowed = what.access.includes(access === 'load' ? 'r' : 'w')
      return allowed && (va & ~what.index) === 0n ? 0 : FT_ILLEGAL_ASI
    }
    const register = this.find(asi, va)
    if (register === undefined) return FT_ILLEGAL_ASI
    const readOnly = register.writable === NO_BITS && register.clearing === undefined
    return (access === 'load' ? register.writeOnly : readOnly) ? FT_ILLEGAL_ASI : 0
  }

  load(cpu: number, asi: number, va: bigint): bigint {
    const register = this.find(asi, va)
    if (register === undefined) return 0n
    const kept = register.field === undefined ? 0n : this.cpus[cpu]!.get(register.field, register.word)
    return kept | (register.fixed?.(cpu) ?? 0n)
  }

  store(cpu: number, asi: number, va: bigint, value: bigint): void {
    const register = this.find(asi, va)
    if (register?.field === undefined) return
    const { field, word, writable, clearing = NO_BITS } = register
    const registers = this.cpus[cpu]!
    const before = registers.get(field, word)
    registers.set(field, (before & ~writable & ~(value & clearing)) | (value & writable), word)
  }

  private find(asi: number, va: bigint): SystemRegister | undefined {
    return this.registers.find((register) => register.asi === asi && register.va === va)
  }
}
