import type { Semantics } from '../isa/semantics'
import { TRAPS, type TrapName } from '../isa/traps'
import { FT_JUMP_OUT_OF_RANGE } from '../mmu'
import type { Gate, GateResult } from './engine'
import { ANNUL, BRANCH, BRANCH_ANNUL, STAY, TRAP } from './reference-core'
import { ReferenceInteger } from './reference-integer'
import { COMMITS } from './reference-memory'

const DOUBLE_MISALIGNED = { load: 'LDDF_mem_address_not_aligned', store: 'STDF_mem_address_not_aligned' } as const

/** #StoreLoad in mmask; #Lookaside, #MemIssue and #Sync in cmask. */
const MEMBAR_DRAINS = 0x72

/** The rows executed as they read, with bigint: one CPU of the reference engine. Values are signed 64-bit. */
export class ReferenceCpu extends ReferenceInteger implements Semantics<bigint, boolean, number> {
  // Control transfer
  branch(taken: boolean): void {
    if (taken) {
      this.relativeTarget()
      this.transfer = BRANCH
    } else if (this.insn.annul) {
      this.transfer = ANNUL
    }
  }
  branchAlways(): void {
    this.relativeTarget()
    this.transfer = this.insn.annul ? BRANCH_ANNUL : BRANCH
  }
  branchWithoutDelay(taken: boolean): void {
    if (!taken) return
    this.relativeTarget()
    this.transfer = BRANCH_ANNUL
  }
  private relativeTarget(): void {
    const { displacement } = this.insn
    const low = this.w32[this.pcIndex]
    const sum = (low + displacement) | 0
    const carry = sum >>> 0 < low >>> 0 ? 1 : 0
    this.targetLow = sum
    this.targetHigh = this.addressMask ? 0 : (this.w32[this.pcIndex + 1] + (displacement >> 31) + carry) | 0
  }
  requireTarget(target: bigint): void {
    this.s64[0] = target
    if ((this.s32[0] & 3) !== 0) this.raiseMisaligned(target, 'load', 'mem_address_not_aligned')
    const above = this.s32[1] >> this.holeShift
    if (above !== 0 && above !== -1 && !this.addressMask && this.mmu.translatesInstructions) {
      // UltraSPARC-I 14.1.6: found at the jump, unlike the target of a branch
      this.recordInstructionFault(FT_JUMP_OUT_OF_RANGE)
      this.raise('instruction_access_exception')
    }
  }
  requireFloatAlignment(address: bigint, access: 'load' | 'store'): void {
    this.s64[0] = address
    if ((this.s32[0] & 7) === 4) this.raiseMisaligned(address, access, DOUBLE_MISALIGNED[access])
  }
  /** The D-MMU records it with the ASI of implicit accesses (UltraSPARC-I 6.4.8, 6.9.4). */
  private raiseMisaligned(address: bigint, access: 'load' | 'store', trap: TrapName): never {
    this.recordFault(this.mask(address), this.implicitAsi(), access)
    this.raise(trap)
  }
  jump(target: bigint): void {
    this.s64[0] = target
    this.targetLow = this.s32[0]
    this.targetHigh = this.addressMask ? 0 : this.s32[1]
    this.transfer = BRANCH
  }
  trapIf(condition: boolean, trap: TrapName): void {
    if (condition) this.trap(trap)
  }
  trap(trap: TrapName): void {
    this.raise(trap)
  }
  softwareTrap(condition: boolean, number: bigint): void {
    if (condition) this.raiseType(TRAPS.trap_instruction.tt + Number(number & 0x7fn))
  }

  maskAddress(address: bigint): bigint {
    return BigInt.asIntN(64, this.mask(address))
  }

  /**
   * With total store order only #StoreLoad, #Lookaside, #MemIssue and #Sync have something left to wait for (UltraSPARC-I 5.3.2):
   * that earlier stores are visible.
   */
  membar(mask: number): void {
    if (this.trying) throw COMMITS
    if (mask & MEMBAR_DRAINS) this.storeBuffer?.drain()
  }
  membarField(): number {
    return this.insn.word & 0x7f
  }
  /** It is not issued before earlier stores are visible (UltraSPARC-I 5.3.2.8). */
  flush(address: bigint): void {
    if (this.mmu.model.rules.flushTranslates) this.translateFlush(address)
    if (this.trying) throw COMMITS
    this.storeBuffer?.drain()
  }

  /** The shim's accesses to physical memory stop the CPU after the operation that makes them. */
  private stepGate(gate: Gate): GateResult {
    const { watched } = this.environment
    const { memory, insn } = this
    if (!watched.active) return gate.step(this.index, Number(insn.immediate))
    let seen = false
    memory.accessed = (pa, size, access) => {
      seen ||= watched.hit(undefined, pa, size, access)
    }
    try {
      return gate.step(this.index, Number(insn.immediate))
    } finally {
      memory.accessed = undefined
      if (seen) this.stopWith('watchpoint')
    }
  }
  gate(): void {
    const { gate } = this.environment
    if (gate === undefined) this.raise('illegal_instruction')
    if (this.trying) throw COMMITS
    switch (this.stepGate(gate)) {
      case 'stay':
        this.transfer = STAY
        return
      case 'wait':
        this.transfer = STAY
        this.stopWith('waiting')
        return
      case 'halt':
        this.transfer = STAY
        this.stopWith('halted')
        return
      case 'switched':
        this.transfer = STAY
        return
      case 'trapped':
        throw TRAP
      case 'return':
    }
  }
}
