import { type AsiKind, FIRST_UNRESTRICTED_ASI, type MemoryAsi, type PhysicalAsi } from '../asi'
import type { Access, AccessSize } from '../isa/semantics'
import { FT_ILLEGAL_ASI } from '../mmu'
import { TRAP } from './reference-core'
import { COMMITS, ReferenceMemory } from './reference-memory'

/** Loads and stores from and into alternate spaces. */
export class ReferenceAlternate extends ReferenceMemory {
  /** The ASI of the current alternate-space instruction. */
  protected currentAsi(): number {
    return this.insn.asi >= 0 ? this.insn.asi : this.small('asi')
  }

  /**
   * An access of its own size through an ASI that any instruction may use. Faults are found in the order of their priority:
   * alignment, privilege, the ASI, then what the translation finds (UltraSPARC-I table 8-6).
   */
  translateAlternate(address: bigint, size: AccessSize, access: Access, twin = false): number {
    const asi = this.currentAsi()
    const what = this.admitted(address, size, access, asi)
    if (what?.kind === 'register') {
      const twinOnly = what.unit === 'cache' && what.twinLoads && access === 'load'
      return size === 8 && twin === twinOnly
        ? this.register(address, asi, access)
        : this.refuseRegister(address, asi, access)
    }
    if (what === undefined || what.transfer !== undefined) return this.refuse(address, asi, access)
    return this.translateAs(address, size, access, asi, what)
  }

  /** The transfer of `size` bytes that an ASI names, by an instruction that may make it. */
  protected translateTransfer(address: bigint, size: AccessSize, access: Access, asi: number): number {
    const what = this.admitted(address, size, access, asi)
    if (what === undefined || what.kind === 'register') return this.refuse(address, asi, access)
    return this.translateAs(address, size, access, asi, what)
  }

  /** The current alternate-space instruction's ASI, once its address is aligned and its privilege is enough. */
  private admitted(address: bigint, size: AccessSize, access: Access, asi: number): AsiKind | undefined {
    this.requireAligned(this.mask(address), size, asi, access)
    if (asi < FIRST_UNRESTRICTED_ASI && !this.supervisor) {
      this.recordFault(this.mask(address), asi, access)
      this.raise('privileged_action')
    }
    return this.asis[asi]?.what
  }

  /** Translation in an ASI's space, or of its physical address, whatever transfer it names. */
  private translateAs(
    address: bigint,
    size: AccessSize,
    access: Access,
    asi: number,
    what: MemoryAsi | PhysicalAsi,
  ): number {
    if (what.kind === 'physical') return this.bypass(this.mask(address), size, access, asi, what)
    // UltraSPARC-I 5.3.3, 5.3.4
    if (what.noFault && access !== 'load') return this.refuse(address, asi, access)
    const privileged = this.supervisor && what.user !== true
    // The explicit primary ASIs name the primary context at any trap level; only implicit accesses use the nucleus.
    return this.translateSlow(this.mask(address), size, access, what.space, privileged, asi, what, what.little === true)
  }

  /** A 64-bit access to a register or an array of a cache. */
  private register(address: bigint, asi: number, access: Access): number {
    if (access === 'atomic') return this.refuseRegister(address, asi, access)
    const va = this.mask(address)
    const faultType = this.devices[asi]?.refusal(this.index, asi, va, access) ?? FT_ILLEGAL_ASI
    if (faultType !== 0) this.refuse(address, asi, access, faultType)
    if (this.trying) throw COMMITS
    if (this.environment.exploring && !this.isOwnMmu(asi)) this.sawSharedMemory()
    return this.specialRegister(asi, va)
  }

  /** Registers of this CPU's MMU: no other CPU can tell when they are accessed. */
  private isOwnMmu(asi: number): boolean {
    const what = this.asis[asi]?.what
    return what?.kind === 'register' && what.unit === 'mmu'
  }

  /** An instruction that no register may be reached by. */
  private refuseRegister(address: bigint, asi: number, access: Access): never {
    const atomic = access === 'atomic'
    this.refuse(address, asi, access, atomic ? this.mmu.atomicRefusal(asi, this.mask(address)) : FT_ILLEGAL_ASI)
  }

  /** An ASI that does not exist, or not for this size or access (UltraSPARC-I 6.9.4, fault type 8). */
  protected refuse(address: bigint, asi: number, access: Access, faultType = FT_ILLEGAL_ASI): never {
    this.recordFault(this.mask(address), asi, access, faultType)
    this.raise('data_access_exception')
  }

  /** For hosts and the gate: the same translation as an instruction would get, or undefined with the trap pending. */
  tryTranslate(address: bigint, size: AccessSize, access: Access, asi: number): number | undefined {
    try {
      this.requireAligned(this.mask(address), size, asi, access)
      const what = this.asis[asi]?.what
      if (what === undefined || what.kind === 'register') return this.register(address, asi, access)
      return this.translateAs(address, size, access, asi, what)
    } catch (thrown) {
      if (thrown !== TRAP) throw thrown
      return undefined
    }
  }
}
