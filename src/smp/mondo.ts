import { ASI } from '../asi'
import type { AsiDevice } from '../engine/engine'
import { MONDO_BUSY } from '../engine/reference-core'
import type { CpuRegisters } from '../engine/registers'
import type { MondoRegisters } from '../isa/models'
import { FT_ILLEGAL_ASI } from '../mmu'

const DISPATCH_COMMAND = 0x70n
const COMMAND_BITS = 0x3fffn
const DISPATCH_TARGET_SHIFT = 14

/** Of pair 0; pair n is 2n bits higher. Each has a BUSY bit below it, which is never set here. */
export const DISPATCH_NACK = 2n

/** The address that dispatches to a target with a BUSY/NACK pair; models that have no choice take the target's. */
export function dispatchAddress({ pairShift }: MondoRegisters, target: number, pair: number): bigint {
  const chosen = pairShift > DISPATCH_TARGET_SHIFT ? BigInt(pair) << BigInt(pairShift) : 0n
  return chosen | (BigInt(target) << BigInt(DISPATCH_TARGET_SHIFT)) | DISPATCH_COMMAND
}

/** The BUSY/NACK pair of a dispatch address. */
export function dispatchPair({ pairs, pairShift }: MondoRegisters, va: bigint): number {
  return Number((va >> BigInt(pairShift)) & BigInt(pairs - 1))
}

/** Receive status: the low five bits of the sender's id in 4:0, the others in 10:6 (JPS1 SID_L and SID_U). */
function receiveStatus(sender: number): bigint {
  return BigInt(((sender >> 5) << 6) | MONDO_BUSY | (sender & 0x1f))
}

/** What happened to a mondo; `words` are its data registers. */
export interface MondoListener {
  sent(sender: number, target: number, words: readonly bigint[]): void
  accepted(sender: number, target: number, words: readonly bigint[]): void
  nacked(sender: number, target: number, words: readonly bigint[]): void
}

/**
 * Interrupt dispatch and receive (UltraSPARC-I chapter 9; UltraSPARC III: isa/models.ts).
 *
 * A dispatch is accepted or refused at once: the target refuses (NACK) while its receive register is BUSY, and a target that
 * does not exist always refuses. Nothing is queued and nothing is dropped, so that BUSY is never seen in the dispatch status.
 */
export class MondoUnit implements AsiDevice {
  constructor(
    private readonly cpus: readonly CpuRegisters[],
    private readonly model: MondoRegisters,
    private readonly listener: MondoListener,
    /** Instructions that a receiver still executes before it takes a mondo that was accepted. */
    private readonly delay: number,
    /** Has the other registers of the ASIs of the interrupt data. */
    private readonly others: AsiDevice,
  ) {}

  handles(asi: number): boolean {
    return (
      asi === ASI.ASI_INTR_DISPATCH_STATUS ||
      asi === ASI.ASI_INTR_RECEIVE ||
      asi === ASI.ASI_INTR_W ||
      asi === ASI.ASI_INTR_R
    )
  }

  refusal(cpu: number, asi: number, va: bigint, access: 'load' | 'store'): number {
    if (this.isOther(asi, va)) return this.others.refusal(cpu, asi, va, access)
    return this.exists(asi, va, access) ? 0 : FT_ILLEGAL_ASI
  }

  private isOther(asi: number, va: bigint): boolean {
    if (asi === ASI.ASI_INTR_R) return !this.model.data.includes(va)
    return asi === ASI.ASI_INTR_W && !this.model.data.includes(va) && (va & COMMAND_BITS) !== DISPATCH_COMMAND
  }

  private exists(asi: number, va: bigint, access: 'load' | 'store'): boolean {
    switch (asi) {
      case ASI.ASI_INTR_DISPATCH_STATUS:
        return access === 'load' && va === 0n
      case ASI.ASI_INTR_RECEIVE:
        return va === 0n
      case ASI.ASI_INTR_R:
        return access === 'load'
      default:
        return access === 'store'
    }
  }

  load(cpu: number, asi: number, va: bigint): bigint {
    if (this.isOther(asi, va)) return this.others.load(cpu, asi, va)
    const registers = this.cpus[cpu]!
    switch (asi) {
      case ASI.ASI_INTR_DISPATCH_STATUS:
        return registers.get('mondoDispatchStatus')
      case ASI.ASI_INTR_RECEIVE:
        return registers.get('mondoReceive')
      default:
        return registers.get('mondoIn', this.model.data.indexOf(va))
    }
  }

  store(cpu: number, asi: number, va: bigint, value: bigint): void {
    if (this.isOther(asi, va)) {
      this.others.store(cpu, asi, va, value)
      return
    }
    const registers = this.cpus[cpu]!
    if (asi === ASI.ASI_INTR_RECEIVE) {
      registers.set('mondoReceive', registers.get('mondoReceive') & ~BigInt(MONDO_BUSY))
      return
    }
    const word = this.model.data.indexOf(va)
    if (word >= 0) registers.set('mondoOut', value, word)
    else this.dispatch(cpu, va)
  }

  private dispatch(sender: number, va: bigint): void {
    const from = this.cpus[sender]!
    const target = Number(BigInt.asUintN(this.model.targetBits, va >> BigInt(DISPATCH_TARGET_SHIFT)))
    const nack = DISPATCH_NACK << BigInt(2 * dispatchPair(this.model, va))
    const words = this.model.data.map((_, n) => from.get('mondoOut', n))
    this.listener.sent(sender, target, words)
    const accepted = target < this.cpus.length && this.deliver(sender, target, words)
    const others = from.get('mondoDispatchStatus') & ~nack
    from.set('mondoDispatchStatus', accepted ? others : others | nack)
    if (accepted) this.listener.accepted(sender, target, words)
    else this.listener.nacked(sender, target, words)
  }

  private deliver(sender: number, target: number, words: readonly bigint[]): boolean {
    const to = this.cpus[target]!
    if (to.small('mondoReceive') & MONDO_BUSY) return false
    for (const [n, word] of words.entries()) to.set('mondoIn', word, n)
    to.set('mondoReceive', receiveStatus(sender))
    to.setSmall('mondoCountdown', this.delay)
    return true
  }
}
