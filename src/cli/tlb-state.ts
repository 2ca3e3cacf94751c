import { CTX_NR_MASK, MM_STRUCT } from '../kernel-shim/structures'
import type { Program } from '../linux-user'
import { processOf, threadOnCpu } from '../linux-user/process'
import { findVma } from '../linux-user/vma'
import type { DecodedEntry, Mmu, MmuSide } from '../mmu'

/** The TLBs of a CPU at one moment, and whose the entries are. */
export interface TlbState {
  readonly cpu: number
  readonly pc: bigint
  /** `main+0x10`, where the PC is in a symbol of the program and the CPU in user mode. */
  readonly symbol: string | null
  readonly privileged: boolean
  readonly trapLevel: number
  /** Of the program's thread that it runs; null while it runs none. */
  readonly thread: number | null
  readonly registers: TlbRegisters
  readonly sides: Readonly<Record<MmuSide, readonly OwnedEntry[]>>
}

/** Unsigned. */
export interface TlbRegisters {
  readonly primaryContext: bigint
  readonly secondaryContext: bigint
  readonly dataSfsr: bigint
  readonly dataSfar: bigint
  readonly dataTagAccess: bigint
  readonly dataTsb: bigint
  readonly instructionSfsr: bigint
  readonly instructionTagAccess: bigint
  readonly instructionTsb: bigint
}

export interface OwnedEntry extends DecodedEntry {
  /** The program and its mapping, `kernel`, or undefined where nobody is known to own the context. */
  readonly owner: string | undefined
}

/** Reads the TLBs of a CPU without any effect. */
export function tlbState(program: Program, cpu: number): TlbState {
  const { machine } = program.kernel
  const registers = machine.cpus[cpu]!
  const mmu = machine.mmus[cpu]!
  const pc = registers.get('pc')
  const privileged = registers.supervisor
  const owned = (side: MmuSide) => mmu.entries(side).map((entry) => ({ ...entry, owner: ownerOf(program, entry) }))
  return {
    cpu,
    pc,
    symbol: privileged ? null : (program.symbols?.describe(pc) ?? null),
    privileged,
    trapLevel: Number(registers.get('tl')),
    thread: threadOnCpu(program.kernel, cpu)?.tid ?? null,
    registers: tlbRegisters(mmu),
    sides: { data: owned('data'), instruction: owned('instruction') },
  }
}

function tlbRegisters(mmu: Mmu): TlbRegisters {
  return {
    primaryContext: mmu.read('dmmuPrimaryContext'),
    secondaryContext: mmu.read('dmmuSecondaryContext'),
    dataSfsr: mmu.read('dmmuSfsr'),
    dataSfar: mmu.read('dmmuSfar'),
    dataTagAccess: mmu.read('dmmuTagAccess'),
    dataTsb: mmu.read('dmmuTsb'),
    instructionSfsr: mmu.read('immuSfsr'),
    instructionTagAccess: mmu.read('immuTagAccess'),
    instructionTsb: mmu.read('immuTsb'),
  }
}

/** The program's context number; 0 if it has none. */
export function contextOfProgram({ kernel }: Program): number {
  const { mm } = processOf(kernel)
  return Number(kernel.machine.peek(Number(mm + MM_STRUCT.context), 8) & CTX_NR_MASK)
}

function ownerOf(program: Program, entry: DecodedEntry): string | undefined {
  if (!entry.valid) return undefined
  if (entry.global || entry.context === 0) return 'kernel'
  if (entry.context !== contextOfProgram(program)) return undefined
  const { vmas, executable } = processOf(program.kernel)
  const name = executable.replace(/^.*\//, '')
  const vma = findVma(vmas, entry.va)
  if (vma === undefined) return `${name}, unmapped`
  const protection = ['r', 'w', 'x'].map((letter, bit) => (vma.protection & (1 << bit) ? letter : '-')).join('')
  return [name, vma.name === executable ? '' : vma.name, protection].filter(Boolean).join(' ')
}
