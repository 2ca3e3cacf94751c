import type { Gate, GateResult } from '../engine/engine'
import { CPU_HALTED } from '../engine/registers'
import { compilePattern, immediateOf } from '../isa/encoding'
import { gateRow } from '../isa/instructions/privileged'
import { TRAPS } from '../isa/traps'
import { frameOf, isShim, nextStep, peekStep, resume } from './frame'
import { GATE_ENTRIES, type GateEntry } from './gate-entries'
import type { KernelState } from './kernel-state'
import { HALT, type OperationContext, type Step, SWITCHED, TRAPPED, WAIT } from './operation'
import type { Frame, InterruptStack } from './plain-data'

const GATE = gateRow()
const GATE_PATTERN = compilePattern(GATE.pattern)

/** The entry number of a gate instruction; undefined if the word is another instruction. */
export function gateEntryOf(word: number): number | undefined {
  return (word & GATE_PATTERN.mask) >>> 0 === GATE_PATTERN.value ? Number(immediateOf(GATE, word)) : undefined
}

/** What the gate needs of the kernel. */
interface GateKernel extends KernelState {
  context(cpu: number): OperationContext
}

/** Performs one operation of the kernel shim a gate instruction. */
export class KernelGate implements Gate {
  /** The last operation performed: for whoever describes a schedule. */
  last: { cpu: number; function: string; operation: string; result: unknown } | undefined

  constructor(private readonly kernel: GateKernel) {}

  step(index: number, number: number): GateResult {
    const { kernel } = this
    const cx = kernel.context(index)
    const entry = GATE_ENTRIES.get(number)
    const name = entry?.function && (kernel.entries[entry.function] ?? entry.function)
    if (entry === undefined || (name !== undefined && !isShim(name))) {
      cx.cpu.trapType = TRAPS.illegal_instruction.tt
      return 'trapped'
    }
    const stack = this.stackOf(index, number, entry)
    if (stack.length === 0) {
      if (name === undefined) return 'wait'
      const level = cx.cpu.trapLevel
      const args = entry.passTrap ? [Number(cx.cpu.get('tt', level - 1)), level] : []
      stack.push(frameOf(name, args))
    }
    const operation = nextStep(stack, cx)
    if (operation === undefined) return this.finished(index, entry)
    const top = stack[stack.length - 1]!
    const result = this.perform(operation, cx)
    if (result === WAIT) return 'wait'
    if (result === TRAPPED) return 'trapped'
    this.last = { cpu: index, function: top.function, operation: operation.name, result }
    if (operation.visible && kernel.machine.environment.exploring) cx.cpu.stopWith('visible')
    if (result === HALT) {
      cx.cpu.setSmall('status', CPU_HALTED)
      return 'halt'
    }
    if (result === SWITCHED) {
      resume(top, undefined)
      return 'switched'
    }
    resume(top, result)
    return nextStep(stack, cx) === undefined ? this.finished(index, entry) : 'stay'
  }

  private perform(operation: Step, cx: OperationContext): unknown {
    const { storeBuffers } = this.kernel.machine.environment
    if (storeBuffers === undefined || operation.buffered) return operation.perform(cx)
    return storeBuffers.all[cx.cpu.index]!.inOrder(() => operation.perform(cx))
  }

  private finished(index: number, entry: GateEntry): GateResult {
    if (entry.owner === 'interrupt') this.kernel.tree.cpus[index]!.interrupts.pop()
    return 'return'
  }

  private stackOf(index: number, number: number, entry: GateEntry): Frame[] {
    const { tree, machine } = this.kernel
    const cpu = tree.cpus[index]!
    if (entry.owner === 'task') return this.kernel.currentTask(index).frames
    const level = machine.cpus[index]!.trapLevel
    const top = cpu.interrupts[cpu.interrupts.length - 1]
    if (top !== undefined && top.level === level && top.entry === number) return top.frames
    const made: InterruptStack = { entry: number, level, frames: [] }
    cpu.interrupts.push(made)
    return made.frames
  }

  /** Whether a CPU stands at a gate whose operation has to wait and no interrupt can be taken. Without side effects. */
  isBlocked(index: number): boolean {
    const { kernel } = this
    const cpu = kernel.machine.cpus[index]!
    if (cpu.interruptIsPending()) return false
    const pa = kernel.machine.translate(index, cpu.get('pc'), 'fetch')
    if (pa === undefined || !kernel.machine.memory.isRam(pa, 4)) return false
    const number = gateEntryOf(Number(kernel.machine.memory.peek(pa, 4)))
    const entry = number === undefined ? undefined : GATE_ENTRIES.get(number)
    if (number === undefined || entry === undefined) return false
    const stack = entry.owner === 'task' ? kernel.currentTask(index).frames : this.interruptFrames(index, number)
    if (stack.length === 0) return entry.function === undefined
    const pending = peekStep(stack)
    return pending?.ready !== undefined && !pending.ready(kernel.context(index))
  }

  private interruptFrames(index: number, number: number): readonly Frame[] {
    const { interrupts } = this.kernel.tree.cpus[index]!
    const top = interrupts[interrupts.length - 1]
    return top !== undefined && top.entry === number && top.level === this.kernel.machine.cpus[index]!.trapLevel
      ? top.frames
      : []
  }
}
