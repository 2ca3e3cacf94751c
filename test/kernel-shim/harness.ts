import {
  type Body,
  host,
  Kernel,
  type KernelConfig,
  MM_STRUCT,
  mk_pte,
  note,
  type PageProtection,
  type Plain,
  shim,
  TASK_STRUCT,
  write_pte,
  type Yieldable,
} from '../../src/kernel-shim'

/** A fault that nothing can mend: the shim's user access fails. */
shim('test_fault', function* (): Body<void> {
  yield* host('no page', ({ kernel, cpu }) => {
    kernel.tree.cpus[cpu.index]!.userFault = true
  })
})

/** The shim with nothing above it; a user access without a page-table entry gives EFAULT. */
export function testKernel(config: KernelConfig = {}): Kernel {
  return new Kernel({ ramBytes: 4 << 20, ...config, entries: { do_fault: 'test_fault', ...config.entries } })
}

/** Lets a CPU run each call as a kernel thread, and the machine until nothing can go on. */
export function runThreads(kernel: Kernel, calls: readonly (Yieldable<unknown> | undefined)[]): void {
  for (const [cpu, call] of calls.entries()) if (call !== undefined) kernel.spawn(cpu, call)
  settle(kernel)
}

/** Runs until every CPU idles, with no frames left. */
export function settle(kernel: Kernel, most = 3_000_000): void {
  const { reason } = kernel.machine.run(most)
  if (reason !== 'deadlock') throw new Error(`the machine stopped with ${reason} instead of coming to rest`)
  for (const cpu of kernel.machine.cpus) {
    const { frames } = kernel.currentTask(cpu.index)
    if (frames.length > 0)
      throw new Error(`CPU ${cpu.index} hangs in ${frames.map((frame) => frame.function).join(' > ')}`)
  }
}

export function mapPage(kernel: Kernel, mm: bigint, va: bigint, protection: PageProtection = { write: true }): bigint {
  const pa = kernel.allocator.page()!
  if (write_pte(kernel, -1, mm, va, mk_pte(pa, protection)) === undefined) throw new Error('no memory')
  return pa
}

export const mmField = (kernel: Kernel, mm: bigint, field: keyof typeof MM_STRUCT): bigint =>
  kernel.machine.peek(Number(mm + MM_STRUCT[field]), 8)
export const setMmField = (kernel: Kernel, mm: bigint, field: keyof typeof MM_STRUCT, value: bigint): void =>
  kernel.machine.poke(Number(mm + MM_STRUCT[field]), 8, value)
export const taskField = (kernel: Kernel, task: bigint, field: 'mm' | 'active_mm'): bigint =>
  kernel.machine.peek(Number(task + TASK_STRUCT[field]), 8)

/** Notes a value in the kernel's plain data: what a test reads afterwards. */
export const record = (value: Plain) =>
  note('record', ({ kernel }) => {
    const log = (kernel.tree.user.log ??= []) as Plain[]
    log.push(value)
  })
export const recorded = (kernel: Kernel): readonly Plain[] => (kernel.tree.user.log ?? []) as Plain[]

/** VAs of the user pages that a CPU's data TLB maps in a context. */
export function mappedPages(kernel: Kernel, cpu: number, context: number): bigint[] {
  return kernel.machine.mmus[cpu]!.entries('data')
    .filter((entry) => entry.valid && !entry.global && entry.context === context)
    .map((entry) => entry.va)
}
