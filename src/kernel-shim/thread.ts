import type { ReferenceCpu } from '../engine/reference-cpu'
import { PSTATE_IE, PSTATE_PEF, PSTATE_PRIV } from '../engine/registers'
import { MAXTL, NWINDOWS, type RegisterField } from '../state/layout'
import type { PhysicalMemory } from '../state/physical-memory'
import { note, SWITCHED, step } from './operation'
import { PER_CPU, TASK_STRUCT } from './structures'

/** What a thread owns of a CPU: element counts of the register fields that switch_to saves and loads. */
const THREAD_FIELDS: readonly (readonly [RegisterField, number])[] = [
  ['globals', 8],
  ['windows', NWINDOWS * 16],
  ['float', 32],
  ['pc', 1],
  ['npc', 1],
  ['y', 1],
  ['ccr', 1],
  ['asi', 1],
  ['fprs', 1],
  ['fsr', 1],
  ['gsr', 1],
  ['pstate', 1],
  ['tl', 1],
  ['pil', 1],
  ['cwp', 1],
  ['cansave', 1],
  ['canrestore', 1],
  ['cleanwin', 1],
  ['otherwin', 1],
  ['wstate', 1],
  ['tpc', MAXTL],
  ['tnpc', MAXTL],
  ['tstate', MAXTL],
  ['tt', MAXTL],
]

/** Byte offset of each field in a saved thread. */
const THREAD_OFFSETS = (() => {
  const offsets: Partial<Record<RegisterField, number>> = {}
  let next = 0
  for (const [field, count] of THREAD_FIELDS) {
    offsets[field] = next
    next += count * 8
  }
  return offsets as Record<RegisterField, number>
})()

/** Physical address of a field of a saved thread. */
export function threadField(thread: bigint, field: RegisterField, element = 0): number {
  return Number(thread) + THREAD_OFFSETS[field] + element * 8
}

export function saveThread(memory: PhysicalMemory, cpu: ReferenceCpu, thread: bigint): void {
  for (const [field, count] of THREAD_FIELDS)
    for (let n = 0; n < count; n++) memory.store(threadField(thread, field, n), 8, cpu.get(field, n))
}

export function loadThread(memory: PhysicalMemory, cpu: ReferenceCpu, thread: bigint): void {
  for (const [field, count] of THREAD_FIELDS)
    for (let n = 0; n < count; n++) cpu.set(field, memory.load(threadField(thread, field, n), 8), n)
  cpu.modeChanged()
}

/** A thread that continues at `pc` in privileged mode with interrupts on and clean windows. */
export function initialThread(memory: PhysicalMemory, thread: bigint, pc: bigint): void {
  const set = (field: RegisterField, value: bigint) => memory.store(threadField(thread, field), 8, value)
  set('pc', pc)
  set('npc', pc + 4n)
  set('pstate', BigInt(PSTATE_PRIV | PSTATE_PEF | PSTATE_IE))
  set('fprs', 4n)
  set('cansave', BigInt(NWINDOWS - 2))
  set('cleanwin', BigInt(NWINDOWS - 1))
}

/** task_struct of the running task. */
export const current_task = () => note('current', ({ kernel, cpu }) => kernel.current(cpu.index))

/**
 * Saves this CPU's thread into the running task and loads `next`: registers, windows, trap levels, and the PC at the gate.
 * PIL goes with the thread, so the caller has it raised on both sides.
 */
export function switch_to(next: bigint) {
  return step<undefined>('switch_to', true, ({ kernel, machine, cpu }) => {
    const previous = kernel.current(cpu.index)
    if (previous === next) return undefined
    saveThread(machine.memory, cpu, previous + TASK_STRUCT.thread)
    machine.memory.store(Number(kernel.perCpu(cpu.index) + PER_CPU.current), 8, next)
    machine.memory.store(Number(next + TASK_STRUCT.cpu), 8, BigInt(cpu.index))
    loadThread(machine.memory, cpu, next + TASK_STRUCT.thread)
    kernel.tree.counters.contextSwitches++
    machine.emit('context-switch', {
      ...machine.moment(cpu.index),
      from: kernel.taskId(previous),
      to: kernel.taskId(next),
    })
    return SWITCHED as never
  })
}
