import { ASI } from '../asi'
import {
  type Body,
  host,
  KERNBASE,
  Kernel,
  type KernelConfig,
  note,
  type OperationContext,
  PTE,
  pte_of,
  SWITCHED,
  shim,
  step,
  TASK_STRUCT,
} from '../kernel-shim'
import { gateEntryOf } from '../kernel-shim/gate'
import { initialThread, loadThread } from '../kernel-shim/thread'

const INSTRUCTION_MISS = 0x64
const DATA_PROTECTION = 0x6c
const TAG_ACCESS = 0x30n
const PAGE_MASK = ~0x1fffn

/** The kernel of scenarios: the shim without a Linux above it. A fault that the page table cannot mend ends the thread. */
export function createScenarioKernel(config: KernelConfig): Kernel {
  const kernel = new Kernel({
    ...config,
    entries: { do_fault: 'scenario_fault', do_syscall: 'scenario_syscall', exit_to_user_mode: 'scenario_return' },
  })
  for (const mmu of kernel.machine.mmus) mmu.data.enabled = false
  return kernel
}

/** The running thread has ended: its CPU idles. */
const end_thread = (why: string) =>
  step<undefined>(why, true, ({ kernel, machine, cpu }) => {
    const thread = kernel.current(cpu.index) + TASK_STRUCT.thread
    kernel.tree.cpus[cpu.index]!.interrupts.length = 0
    kernel.currentTask(cpu.index).frames.length = 0
    machine.memory.clear(Number(thread), THREAD_BYTES)
    initialThread(machine.memory, thread, kernel.symbol('kernel_gate'))
    loadThread(machine.memory, cpu, thread)
    return SWITCHED as never
  })

const THREAD_BYTES = 2048

export const scenario_syscall = shim('scenario_syscall', function* () {
  yield* end_thread('exit')
})

/** Nothing is due on the way back to user mode: threads are not preempted, and have no signals. */
export const scenario_return = shim('scenario_return', function* (): Body<void> {
  yield* note('exit_to_user_mode', () => undefined)
})

/** Retries if the page table permits the access by now; else a shim's user access fails, and a user thread ends. */
export const scenario_fault = shim('scenario_fault', function* (tt: number, level: number) {
  const outcome = yield* host('page fault', (cx) => resolve(cx, tt, level))
  if (outcome === 'fatal') yield* end_thread('killed by a page fault')
})

function resolve(cx: OperationContext, tt: number, level: number): 'retry' | 'fatal' {
  const { kernel, machine, cpu } = cx
  const isFetch = tt < 0x68
  if (tt < INSTRUCTION_MISS || tt >= DATA_PROTECTION + 4) return 'fatal'
  const va = cpu.mmu.loadAsi(isFetch ? ASI.ASI_IMMU : ASI.ASI_DMMU, TAG_ACCESS) & PAGE_MASK
  const mm = cx.memory.peek(Number(kernel.current(cpu.index) + TASK_STRUCT.active_mm), 8)
  const needed = isFetch ? PTE.EXEC : tt >= DATA_PROTECTION ? PTE.WRITABLE : 0n
  if (mm !== 0n && va < 1n << 43n) {
    const pte = pte_of(kernel, mm, va, cpu.index)
    if (pte & PTE.VALID && (pte & needed) === needed) {
      cpu.mmu.storeAsi(ASI.ASI_DMMU_DEMAP, va, 0n)
      return 'retry'
    }
  }
  const pc = cpu.get('tpc', level - 1)
  const pa = Number(BigInt.asUintN(64, pc) - KERNBASE)
  const atGate = machine.memory.isRam(pa, 4) && gateEntryOf(Number(machine.memory.peek(pa, 4))) !== undefined
  if (!atGate) return 'fatal'
  kernel.tree.cpus[cpu.index]!.userFault = true
  return 'retry'
}
