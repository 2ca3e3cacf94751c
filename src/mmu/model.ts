import type { MmuRegister, SfsrFields } from './registers'
import type { TlbShape } from './tlb'

/** In what processors differ besides their arrays and registers. */
export interface MmuRules {
  /** Demap type 2 removes everything that is not locked; else bit 7 of a demap address is ignored. */
  readonly demapsAll: boolean
  /** The I-MMU demaps in the secondary context. */
  readonly instructionSecondary: boolean
  /** Context registers say which page sizes the set-associative data arrays hold. */
  readonly contextPageSizes: boolean
  /** FLUSH is checked as an access; else its address is ignored. */
  readonly flushTranslates: boolean
  /** A miss is recorded in SFSR and SFAR, and which context it was in. */
  readonly recordsMisses: boolean
  /** The SFSR after a fault or miss. */
  readonly nextSfsr: (before: bigint, fault: SfsrFields) => bigint
  /** Fault type of an atomic access to an MMU register. */
  readonly atomicRegisterFault: number
  /** Whether accesses of a disabled MMU are cacheable, by the control register at ASI 0x45. */
  readonly cacheableWhenDisabled: (control: bigint) => boolean
}

/** What a processor's MMU is made of. */
export interface MmuModel {
  readonly name: string
  /** Width of virtual addresses; those in the hole fault. 64: there is no hole. */
  readonly virtualBits: number
  readonly physicalBits: number
  readonly instructionTlb: TlbShape
  readonly dataTlb: TlbShape
  readonly registers: readonly MmuRegister[]
  readonly rules: MmuRules
}

/** Entries of all arrays of a TLB. */
export function tlbEntries(shape: TlbShape): number {
  return shape.arrays.reduce((sum, { entries }) => sum + entries, 0)
}
