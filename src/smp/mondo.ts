import { ASI } from '../asi'
import type { AsiDevice } from '../engine/engine'
import { MONDO_BUSY } from '../engine/reference-core'
import type { CpuRegisters } from '../engine/registers'
import { FT_ILLEGAL_ASI } from '../mmu'

/** Data registers 0 to 2 of both directions (UltraSPARC-I 9.3.1, 9.3.4). */
const DATA_ADDRESSES = [0x40n, 0x50n, 0x60n]
/** The erratum read of ASI.ASI_INTR_R that kernels make after a dispatch; it has no effect here. */
const ERRATUM_ADDRESS = 0x20n
const DISPATCH_COMMAND = 0x70n
const DISPATCH_TARGET_SHIFT = 14n
const DISPATCH_TARGET_MASK = 0x1fn

export const DISPATCH_BUSY = 1n
export const DISPATCH_NACK = 2n

/** What happened to a mondo; `words` are its data registers. */
export interface MondoListener {
  sent(sender: number, target: number, words: readonly bigint[]): void
  accepted(sender: number, target: number, words: readonly bigint[]): void
  nacked(sender: number, target: number, words: readonly bigint[]): void
}

/**
 * Interrupt dispatch and receive of UltraSPARC I/II (UltraSPARC-I chapter 9).
 *
 * A dispatch is accepted or refused at once: the target refuses (NACK) while its receive register is BUSY, and a target that
 * does not exist always refuses. Nothing is queued and nothing is dropped.
 */
export class MondoUnit implements AsiDevice {
  constructor(
    private readonly cpus: readonly (CpuRegisters & { attention: number })[],
    private readonly listener: MondoListener,
    /** Instructions that a receiver still executes before it takes a mondo that was accepted. */
    private readonly delay: number,
    private readonly attentionBit: number,
  ) {}

  handles(asi: number): boolean {
    return (
      asi === ASI.ASI_INTR_DISPATCH_STATUS ||
      asi === ASI.ASI_INTR_RECEIVE ||
      asi === ASI.ASI_INTR_W ||
      asi === ASI.ASI_INTR_R
    )
  }

  refusal(_cpu: number, asi: number, va: bigint, access: 'load' | 'store'): number {
    return this.exists(asi, va, access) ? 0 : FT_ILLEGAL_ASI
  }

  private exists(asi: number, va: bigint, access: 'load' | 'store'): boolean {
    switch (asi) {
      case ASI.ASI_INTR_DISPATCH_STATUS:
        return access === 'load' && va === 0n
      case ASI.ASI_INTR_RECEIVE:
        return va === 0n
      case ASI.ASI_INTR_R:
        return access === 'load' && (DATA_ADDRESSES.includes(va) || va === ERRATUM_ADDRESS)
      default:
        return access === 'store' && (DATA_ADDRESSES.includes(va) || (va & 0x3fffn) === DISPATCH_COMMAND)
    }
  }

  load(cpu: number, asi: number, va: bigint): bigint {
    const registers = this.cpus[cpu]!
    switch (asi) {
      case ASI.ASI_INTR_DISPATCH_STATUS:
        return registers.get('mondoDispatchStatus')
      case ASI.ASI_INTR_RECEIVE:
        return registers.get('mondoReceive')
      default:
        return va === ERRATUM_ADDRESS ? 0n : registers.get('mondoIn', DATA_ADDRESSES.indexOf(va))
    }
  }

  store(cpu: number, asi: number, va: bigint, value: bigint): void {
    const registers = this.cpus[cpu]!
    if (asi === ASI.ASI_INTR_RECEIVE) {
      registers.set('mondoReceive', registers.get('mondoReceive') & ~BigInt(MONDO_BUSY))
      return
    }
    const word = DATA_ADDRESSES.indexOf(va)
    if (word >= 0) registers.set('mondoOut', value, word)
    else this.dispatch(cpu, Number((va >> DISPATCH_TARGET_SHIFT) & DISPATCH_TARGET_MASK))
  }

  private dispatch(sender: number, target: number): void {
    const from = this.cpus[sender]!
    const words = DATA_ADDRESSES.map((_, n) => from.get('mondoOut', n))
    this.listener.sent(sender, target, words)
    const accepted = target < this.cpus.length && this.deliver(sender, target, words)
    from.set('mondoDispatchStatus', accepted ? 0n : DISPATCH_NACK)
    if (accepted) this.listener.accepted(sender, target, words)
    else this.listener.nacked(sender, target, words)
  }

  private deliver(sender: number, target: number, words: readonly bigint[]): boolean {
    const to = this.cpus[target]!
    if (to.small('mondoReceive') & MONDO_BUSY) return false
    for (const [n, word] of words.entries()) to.set('mondoIn', word, n)
    to.set('mondoReceive', BigInt(MONDO_BUSY | sender))
    to.setSmall('mondoCountdown', this.delay)
    to.attention |= this.attentionBit
    return true
  }
}
