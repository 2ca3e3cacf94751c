import { describe, expect, it } from 'vitest'
import {
  CTX_HWBITS,
  context_switch,
  KERNBASE,
  type Kernel,
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  local_irq_restore,
  local_irq_save,
  MM_STRUCT,
  mk_pte,
  mm_alloc,
  PER_CPU,
  shim,
  switch_mm,
  TASK_STRUCT,
} from '../../src/kernel-shim'
import {
  mapPage,
  mappedPages,
  mmField,
  record,
  recorded,
  runThreads,
  setMmField,
  settle,
  taskField,
  testKernel,
} from './harness'

const VA = 0x20000n
const ASI_DMMU = 0x58

const switch_with_irqs_off = shim('test_switch', function* (mm: bigint) {
  const flags = yield* local_irq_save()
  yield* switch_mm(mm)
  yield* local_irq_restore(flags)
})

const use_read_unuse = shim('test_use_read_unuse', function* (mm: bigint, va: bigint) {
  yield* kthread_use_mm(mm)
  yield* record(yield* loadUser(va))
  yield* kthread_unuse_mm(mm)
})

/** The operations that a CPU performs while it runs `start`, by name. */
function operations(kernel: Kernel, cpu: number, start: () => void): string[] {
  const names: string[] = []
  start()
  for (let n = 0; n < 500; n++) {
    kernel.gate.last = undefined
    if (kernel.machine.step(cpu) === 'waiting') break
    const last = kernel.gate.last as { operation: string } | undefined
    if (last !== undefined) names.push(last.operation.replace(/ ?0x[0-9a-f]+/g, ''))
  }
  return names
}

describe('switch_mm (Linux arch/sparc/include/asm/mmu_context_64.h)', () => {
  it('loads context and TSB, sets the bit and only then flushes the context locally', () => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    const names = operations(kernel, 1, () => kernel.spawn(1, switch_with_irqs_off(mm)))
    const order = [
      'store',
      'spin_lock',
      'get_new_mmu_context',
      'load context and TSB registers',
      'set CPU 1 in mm_cpumask',
      '__flush_tlb_mm ctx 1',
      'store',
    ]
    expect(names.filter((name) => order.includes(name))).toEqual(order)
    expect(mmField(kernel, mm, 'mm_cpumask')).toBe(2n)
  })

  it('neither writes the mask nor flushes if the bit was set, but loads context and TSB', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    runThreads(kernel, [switch_with_irqs_off(mm)])
    const names = operations(kernel, 0, () => kernel.spawn(0, switch_with_irqs_off(mm)))
    expect(names).toContain('load context and TSB registers')
    expect(names.filter((name) => /set CPU|flush/.test(name))).toEqual([])
  })

  it('puts the number in both context registers, the TSB in both TSB registers, the directory where the miss handler looks', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    runThreads(kernel, [switch_with_irqs_off(mm)])
    const { mmu } = kernel.machine.cpus[0]!
    const number = CTX_HWBITS(mmField(kernel, mm, 'context'))
    expect([mmu.loadAsi(ASI_DMMU, 8n), mmu.loadAsi(ASI_DMMU, 16n)]).toEqual([number, number])
    const tsb = KERNBASE + mmField(kernel, mm, 'tsb')
    expect([mmu.loadAsi(ASI_DMMU, 0x28n), mmu.loadAsi(0x50, 0x28n)]).toEqual([tsb, tsb])
    const MMU_GLOBALS = 2 * 8
    expect(kernel.machine.cpus[0]!.get('globals', MMU_GLOBALS + 7)).toBe(mmField(kernel, mm, 'pgd'))
  })

  it('makes the next access of the CPU one in the new context', () => {
    const kernel = testKernel()
    const [first, second] = [mm_alloc(kernel), mm_alloc(kernel)]
    const { machine } = kernel
    const cpu = machine.cpus[0]!
    const tags = [first, second, first].map((mm) => {
      let tag: number | undefined
      const loaded = 'load context and TSB registers'
      kernel.spawn(0, switch_with_irqs_off(mm))
      for (let n = 0; n < 500 && tag === undefined; n++) {
        kernel.gate.last = undefined
        machine.step(0)
        const last = kernel.gate.last as { operation: string } | undefined
        if (last?.operation === loaded) tag = cpu.dataTag
      }
      expect(tag).toBe(cpu.mmu.contextTag(cpu.space(), cpu.supervisor))
      settle(kernel)
      return tag
    })
    expect([tags[0] === tags[1], tags[0] === tags[2]]).toEqual([false, true])
  })

  it('drops what the CPU still held of the number when it was not in the mask', () => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    const old = mapPage(kernel, mm, VA)
    kernel.machine.poke(Number(old), 8, 1n)
    runThreads(kernel, [undefined, use_read_unuse(mm, VA)])
    const number = Number(CTX_HWBITS(mmField(kernel, mm, 'context')))
    expect(mappedPages(kernel, 1, number)).toEqual([VA])
    setMmField(kernel, mm, 'mm_cpumask', 0n)
    const page = mapPage(kernel, mm, VA)
    kernel.machine.poke(Number(page), 8, 2n)
    // What a flush would have removed from the TSB
    kernel.machine.poke(Number(mmField(kernel, mm, 'tsb') + ((VA >> 13n) % 512n) * 16n), 8, 1n << 46n)
    runThreads(kernel, [undefined, use_read_unuse(mm, VA)])
    expect(recorded(kernel)).toEqual([1n, 2n])
  })

  it('to init_mm notes it and leaves context and TSB as they are', () => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    const secondary = (cpu: number) => kernel.machine.peek(Number(kernel.perCpu(cpu) + PER_CPU.per_cpu_secondary_mm), 8)
    runThreads(kernel, [undefined, switch_with_irqs_off(mm)])
    expect([secondary(0), secondary(1)]).toEqual([0n, mm])
    const registers = () => [8n, 16n, 0x28n].map((va) => kernel.machine.mmus[1]!.loadAsi(ASI_DMMU, va))
    const before = registers()
    runThreads(kernel, [undefined, switch_with_irqs_off(kernel.init_mm)])
    expect([secondary(0), secondary(1), registers()]).toEqual([0n, kernel.init_mm, before])
    expect(kernel.machine.peek(Number(kernel.init_mm + MM_STRUCT.context), 8)).toBe(0n)
  })

  it('keeps a lock over the choice of a number: two CPUs that come at once get the same', () => {
    for (let lead = 0; lead < 30; lead++) {
      const kernel = testKernel({ cpus: 2 })
      const mm = mm_alloc(kernel)
      kernel.spawn(0, switch_with_irqs_off(mm))
      kernel.spawn(1, switch_with_irqs_off(mm))
      kernel.machine.step(0, lead)
      settle(kernel)
      const registers = kernel.machine.cpus.map(({ mmu }) => mmu.loadAsi(ASI_DMMU, 8n))
      const number = CTX_HWBITS(mmField(kernel, mm, 'context'))
      expect([...registers, mmField(kernel, mm, 'mm_cpumask')]).toEqual([number, number, 3n])
    }
  })
})

describe('lazy TLB and context switches (Linux kernel/sched/core.c context_switch)', () => {
  const go_to = shim('test_go_to', function* (next: bigint, name: string) {
    const flags = yield* local_irq_save()
    yield* context_switch(next)
    yield* local_irq_restore(flags)
    yield* record(name)
  })

  it('a task without an mm borrows the active one, and gives it back', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    const user = kernel.createTask('user')
    kernel.machine.poke(Number(user + TASK_STRUCT.mm), 8, mm)
    const worker = kernel.createTask('worker')
    const idle = kernel.current(0)
    runThreads(kernel, [go_to_through(user)])
    expect(kernel.current(0)).toBe(user)
    expect(taskField(kernel, user, 'active_mm')).toBe(mm)
    push(kernel, 'test_go_to', [worker, 'user again'])
    settleUnfinished(kernel)
    expect(kernel.current(0)).toBe(worker)
    expect([taskField(kernel, worker, 'mm'), taskField(kernel, worker, 'active_mm')]).toEqual([0n, mm])
    expect(mmField(kernel, mm, 'mm_count')).toBe(2n)
    expect(kernel.machine.cpus[0]!.mmu.loadAsi(ASI_DMMU, 8n)).toBe(CTX_HWBITS(mmField(kernel, mm, 'context')))
    push(kernel, 'test_go_to', [user, 'worker again'])
    settleUnfinished(kernel)
    expect(recorded(kernel)).toEqual(['user again'])
    expect([kernel.current(0), taskField(kernel, worker, 'active_mm')]).toEqual([user, 0n])
    // The reference that was borrowed is dropped when the worker runs again: Linux does so in finish_task_switch
    expect(mmField(kernel, mm, 'mm_count')).toBeGreaterThanOrEqual(1n)
    expect(idle).not.toBe(user)
  })

  it('a thread’s registers, windows, trap stack and PIL come back with it', () => {
    const kernel = testKernel()
    const [first, second] = [kernel.createTask('first'), kernel.createTask('second')]
    runThreads(kernel, [go_to_through(first)])
    const cpu = kernel.machine.cpus[0]!
    const fields = [
      'windows',
      'float',
      'y',
      'ccr',
      'asi',
      'fsr',
      'gsr',
      'cwp',
      'cansave',
      'canrestore',
      'otherwin',
      'wstate',
    ] as const
    const values = fields.map((field, n) => [field, field === 'cwp' ? 3n : BigInt(n + 2)] as const)
    for (const [field, value] of values) cpu.set(field, value)
    cpu.set('windows', 0xabcn, 77)
    cpu.set('tstate', 0x1234n, 2)
    cpu.modeChanged()
    push(kernel, 'test_go_to', [second, 'back in the first'])
    settleUnfinished(kernel)
    for (const [field] of values) cpu.set(field, 0n)
    cpu.set('windows', 0n, 77)
    cpu.modeChanged()
    push(kernel, 'test_go_to', [first, 'back in the second'])
    settle(kernel)
    expect(values.map(([field]) => [field, cpu.get(field)])).toEqual(values.map((value) => [...value]))
    expect([cpu.get('windows', 77), cpu.get('tstate', 2), cpu.get('pil')]).toEqual([0xabcn, 0x1234n, 0n])
    expect(kernel.tree.counters.contextSwitches).toBe(3)
  })

  function go_to_through(next: bigint) {
    return go_to(next, 'first task again')
  }
  function push(kernel: Kernel, name: string, args: never[] | (bigint | string)[]): void {
    kernel.currentTask(0).frames.push({ function: name, args, results: [] })
    kernel.machine.wake()
  }
  function settleUnfinished(kernel: Kernel): void {
    expect(kernel.machine.run(10_000).reason).toBe('deadlock')
  }
})

describe('page-table entries', () => {
  it('hold the frame and what may be done to it, in the TTE’s bits (UltraSPARC-I 6.2)', () => {
    const pte = mk_pte(0x12_6000n, { write: true, exec: true })
    expect([pte >> 63n, (pte >> 61n) & 3n, pte & 0x1ff_ffff_e000n, (pte >> 1n) & 1n, pte & 0x4dn]).toEqual([
      1n,
      0n,
      0x12_6000n,
      1n,
      0n,
    ])
    expect(mk_pte(0x12_6000n, {}) & 2n).toBe(0n)
  })
})
