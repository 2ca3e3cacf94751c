import { ASI } from '../asi'
import { PAGE_SIZE_SHIFT } from './context-registers'
import type { MmuModel } from './model'
import { CONTEXT_CODES, type RegisterPorts, SFSR_FV, type SfsrFields } from './registers'
import { contextOfSpace, sizesOfSpace } from './tlb'
import type { TlbSide } from './tlb-side'
import { type ContextKind, effectiveAddress, isWrite, type Outcome, type TranslateRequest } from './translation'

/** A fault that another unit found and the MMU records: misaligned, privileged_action, illegal ASI. */
export interface RecordedFault {
  va: bigint
  asi: number
  /** `none`, the default, for an access that is not translated. */
  context?: ContextKind | 'none'
  /** PSTATE.PRIV. */
  privileged: boolean
  write: boolean
  /** FT bits, for data_access_exception only. */
  faultType?: number
  sideEffect?: boolean
  /** A non-faulting load. */
  noFault?: boolean
}

/** An instruction fault: its ASI is that of the context. */
export interface RecordedInstructionFault {
  context: ContextKind
  privileged: boolean
  faultType: number
  miss?: boolean
}

const PAGE_MASK = ~0x1fffn
const SIZE_64K = 0x10000

/** What faults and misses leave in registers: SFSR, SFAR, tag access, and what the pointers are made with. */
export class FaultRegisters {
  constructor(
    private readonly ports: RegisterPorts,
    private readonly model: MmuModel,
    private readonly dataSide: TlbSide,
    private readonly instructionSide: TlbSide,
  ) {}

  /** A translation in an `addressSpace` that ended as `outcome` says (UltraSPARC-I table 6-3). */
  translation(side: TlbSide, request: TranslateRequest, space: number, outcome: Outcome): void {
    const { ports } = this
    const { trap, faultType } = outcome
    const { recordsMisses, contextPageSizes } = this.model.rules
    const va = effectiveAddress(request)
    const miss = trap === 'fast_data_access_MMU_miss' || trap === 'fast_instruction_access_MMU_miss'
    if (trap !== 'VA_watchpoint' && trap !== 'PA_watchpoint') {
      ports.write(side.tagAccess, (this.canonical(va) & PAGE_MASK) | BigInt(contextOfSpace(space)))
      if (recordsMisses) ports.write(side.missContext, BigInt(CONTEXT_CODES[request.context]))
      if (contextPageSizes && side === this.dataSide)
        ports.write('dmmuTagAccessExtension', BigInt(sizesOfSpace(space)) << PAGE_SIZE_SHIFT)
    }
    if (trap === 'fast_data_access_protection')
      ports.write('dmmuDirectPointer', outcome.pageBytes === SIZE_64K ? 1n : 0n)
    if (miss) side.observer?.miss?.(side.name, va, contextOfSpace(space))
    if (miss && !recordsMisses) return
    const privileged = request.supervisor ?? request.privileged
    if (side === this.dataSide) this.access(request, request.context, outcome, miss)
    else this.instruction({ context: request.context, privileged, faultType, miss })
  }

  /** A data access that ended as `outcome` says. */
  access(request: TranslateRequest, context: ContextKind | 'none', outcome: Outcome, miss = false): void {
    const { access, asi, noFault = false } = request
    const write = isWrite(access)
    const privileged = request.supervisor ?? request.privileged
    const { faultType, sideEffect } = outcome
    const keepsAddress = miss && (this.ports.read('dmmuSfsr') & SFSR_FV) !== 0n
    this.record(this.dataSide, { asi, context, privileged, write, faultType, sideEffect, noFault, miss })
    if (!keepsAddress) this.ports.write('dmmuSfar', this.canonical(effectiveAddress(request)))
  }

  data(fault: RecordedFault): void {
    this.record(this.dataSide, { sideEffect: false, faultType: 0, context: 'none', ...fault })
    this.ports.write('dmmuSfar', this.canonical(fault.va))
  }

  instruction(fault: RecordedInstructionFault): void {
    const asi = fault.context === 'nucleus' ? ASI.ASI_NUCLEUS : ASI.ASI_PRIMARY
    this.record(this.instructionSide, { ...fault, asi, sideEffect: false, write: false })
  }

  private record(side: TlbSide, fault: SfsrFields): void {
    this.ports.write(side.sfsr, this.model.rules.nextSfsr(this.ports.read(side.sfsr), fault))
  }

  /** Sign-extended from the model's highest address bit, as registers read (UltraSPARC-I 14.1.6). */
  private canonical(va: bigint): bigint {
    return BigInt.asUintN(64, BigInt.asIntN(this.model.virtualBits, va))
  }
}
