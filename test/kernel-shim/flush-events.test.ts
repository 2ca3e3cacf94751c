import { describe, expect, it } from 'vitest'
import {
  arch_enter_lazy_mmu_mode,
  arch_leave_lazy_mmu_mode,
  CTX_HWBITS,
  FLUSH_POLICIES,
  type FlushPolicy,
  flush_tlb_page,
  flush_tlb_pending,
  type Kernel,
  type KernelConfig,
  kthread_unuse_mm,
  kthread_use_mm,
  mk_pte,
  mm_alloc,
  shim,
  smp_flush_tlb_kernel_range,
  smp_flush_tlb_mm,
  smp_flush_tlb_page,
  smp_flush_tlb_pending,
  storePrivate,
  tlb_batch_add,
} from '../../src/kernel-shim'
import { mmField, runThreads, setMmField, testKernel } from './harness'

const VA = 0x2_0000n
const PAGE = 8192n
const CPUS = 3

const use = shim('test_events_use', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
})
const visit = shim('test_events_visit', function* (mm: bigint) {
  yield* kthread_use_mm(mm)
  yield* kthread_unuse_mm(mm)
})
shim('test_events_mm', function* (mm: bigint) {
  yield* smp_flush_tlb_mm(mm)
})
shim('test_events_page', function* (mm: bigint) {
  yield* smp_flush_tlb_page(mm, VA | 1n)
})
shim('test_events_pending', function* (mm: bigint, array: bigint) {
  yield* storePrivate(array, VA)
  yield* storePrivate(array + 8n, (VA + PAGE) | 1n)
  yield* smp_flush_tlb_pending(mm, 2, array)
})
shim('test_events_flush_tlb_page', function* (mm: bigint) {
  yield* flush_tlb_page(mm, VA | 1n)
})
shim('test_events_batch', function* (mm: bigint) {
  yield* arch_enter_lazy_mmu_mode()
  yield* tlb_batch_add(mm, VA + 0x18n, mk_pte(0n, { exec: true }))
  yield* tlb_batch_add(mm, VA + PAGE, mk_pte(0n, {}))
  yield* arch_leave_lazy_mmu_mode()
})
shim('test_events_kernel_range', function* () {
  yield* smp_flush_tlb_kernel_range(0x8000_0000n, 0x8000_4000n)
})
shim('test_events_nothing', function* () {
  yield* flush_tlb_pending()
  yield* smp_flush_tlb_kernel_range(0x8000_0000n, 0x8000_0000n)
})

/** What an oracle hears while CPU 1 performs a shim function; CPUs 0 and 2 have run the mm before and do not any more. */
function heardOf(
  name: string,
  config: KernelConfig = {},
  users = 2n,
): { heard: unknown[]; kernel: Kernel; mm: bigint } {
  const kernel = testKernel({ cpus: CPUS, ...config })
  const mm = mm_alloc(kernel)
  const other = mm_alloc(kernel)
  runThreads(kernel, [use(other), use(other), use(other)])
  runThreads(kernel, [visit(mm), use(mm), visit(mm)])
  setMmField(kernel, mm, 'mm_users', users)
  const heard: unknown[] = []
  const hear =
    (what: string) =>
    (...about: unknown[]) =>
      void heard.push([what, ...about])
  kernel.events = {
    flushBegin: (...about) => {
      heard.push(['flushBegin', ...about])
      return 70 + heard.length
    },
    flushEnd: hear('flushEnd'),
    maskRead: hear('maskRead'),
    maskWrite: hear('maskWrite'),
    usersRead: hear('usersRead'),
    mondoAccepted: hear('mondoAccepted'),
    running: hear('running'),
  }
  const array = kernel.allocator.heap(64)
  kernel.currentTask(1).frames.push({ function: name, args: [mm, array], results: [] })
  kernel.machine.wake()
  runThreads(kernel, [])
  return { heard, kernel, mm }
}
/** The first mm that a kernel of the tests allocates after one, and its number: the second. */
const CONTEXT = 2

describe('an oracle hears of a flush, outermost first, whom it calls and when it has ended', () => {
  const all = (about: unknown) => [
    ['mondoAccepted', 1, 0, ...(about as unknown[])],
    ['mondoAccepted', 1, 2, ...(about as unknown[])],
  ]
  const coverage = (va: bigint | 'all') => ({ context: CONTEXT, va })

  it.each([
    ['test_events_mm', 'smp_flush_tlb_mm', 'smp_flush_tlb_mm', 'all', ['xcall_flush_tlb_mm', coverage('all')]],
    ['test_events_page', 'smp_flush_tlb_page', 'smp_flush_tlb_page', [VA], ['xcall_flush_tlb_page', coverage(VA)]],
    [
      'test_events_flush_tlb_page',
      'flush_tlb_page',
      'smp_flush_tlb_page',
      [VA],
      ['xcall_flush_tlb_page', coverage(VA)],
    ],
    [
      'test_events_pending',
      'smp_flush_tlb_pending',
      'smp_flush_tlb_pending',
      [VA, VA + PAGE],
      ['xcall_call_function', undefined],
    ],
    [
      'test_events_batch',
      'flush_tlb_pending',
      'smp_flush_tlb_pending',
      [VA, VA + PAGE],
      ['xcall_call_function', undefined],
    ],
  ] as const)('%s under cross-call', (name, outer, inner, vas, call) => {
    const { heard, mm, kernel } = heardOf(name)
    expect(heard).toEqual([
      ['flushBegin', 1, mm, CONTEXT, vas, outer],
      ['maskRead', 1, mm, 0b111n, inner],
      ...all(call),
      ['flushEnd', 1, 71],
    ])
    expect(kernel.tree.cpus.map(({ flushDepth }) => flushDepth)).toEqual([0, 0, 0])
  })

  it('of kernel pages: of no mm and context 0', () => {
    const { heard } = heardOf('test_events_kernel_range')
    expect(heard).toEqual([
      ['flushBegin', 1, 0n, 0, [0x8000_0000n], 'smp_flush_tlb_kernel_range'],
      ...all(['xcall_flush_tlb_kernel_range', undefined]),
      ['flushEnd', 1, 71],
    ])
  })

  it('nothing of a flush of nothing', () => {
    expect(heardOf('test_events_nothing').heard).toEqual([])
  })

  it('of who looked at the users of the mm: the policies that trim', () => {
    const users = (policy: FlushPolicy) =>
      heardOf('test_events_mm', { policy }).heard.filter((event) => (event as unknown[])[0] === 'usersRead')
    const seen = (mm: bigint) => [['usersRead', 1, mm, 2n, 'flush']]
    const { mm } = heardOf('test_events_mm')
    expect(FLUSH_POLICIES.map((policy) => [policy, users(policy)])).toEqual([
      ['local-trim', seen(mm)],
      ['cross-call', []],
      ['ipi-trim', seen(mm)],
    ])
  })

  it('of each write to the mask, by whom and why', () => {
    const writes = (config: KernelConfig) =>
      heardOf('test_events_mm', config, 1n)
        .heard.filter((event) => (event as unknown[])[0] === 'maskWrite')
        .map((event) => (event as unknown[]).filter((_, n) => n !== 2))
        .sort()
    expect(writes({ policy: 'cross-call' })).toEqual([])
    expect(writes({ policy: 'local-trim' })).toEqual([['maskWrite', 1, 0b111n, 0b010n, 'smp_flush_tlb_mm']])
    const own = writes({ policy: 'ipi-trim' })
    expect(own.map(([, cpu, , , by]) => [cpu, by])).toEqual([
      [0, 'tlb_trim_func'],
      [2, 'tlb_trim_func'],
    ])
    expect(writes({ policy: 'ipi-trim', mutant: 'sender-clears' })).toEqual([
      ['maskWrite', 1, 0b111n, 0b010n, 'the sender clears'],
    ])
    for (const mutant of ['raw-mondo', 'late-tsk-mm', 'missing-barrier', 'late-barrier'] as const)
      expect(writes({ policy: 'ipi-trim', mutant }).map(([, cpu]) => cpu)).toEqual([0, 2])
  })

  it('by what the members are asked under ipi-trim: a call function, in the wrong fix a mondo that trims', () => {
    const called = (config: KernelConfig) =>
      heardOf('test_events_page', { policy: 'ipi-trim', ...config }, 1n)
        .heard.filter((event) => (event as unknown[])[0] === 'mondoAccepted')
        .map((event) => (event as unknown[]).slice(2))
    const by = (handler: string) => [
      [0, handler, undefined],
      [2, handler, undefined],
    ]
    expect(called({})).toEqual(by('xcall_call_function'))
    for (const mutant of ['sender-clears', 'late-tsk-mm', 'missing-barrier', 'late-barrier'] as const)
      expect(called({ mutant })).toEqual(by('xcall_call_function'))
    expect(called({ mutant: 'raw-mondo' })).toEqual(by('xcall_trim'))
  })

  it('of a CPU that begins to run an mm', () => {
    const { heard, mm } = heardOf('test_events_use')
    expect(heard.filter((event) => (event as unknown[])[0] === 'running')).toEqual([['running', 1, mm, 'switch_mm']])
  })
})

describe('listeners of the machine hear of a flush', () => {
  const events = (name: string) => {
    const kernel = testKernel({ cpus: 2 })
    const mm = mm_alloc(kernel)
    const array = kernel.allocator.heap(64)
    runThreads(kernel, [use(mm), use(mm)])
    const heard: unknown[] = []
    for (const event of ['flush-begin', 'flush-end'] as const)
      kernel.machine.events.on(event, ({ cpu, kind, context, va }) => heard.push([event, cpu, kind, context, va]))
    kernel.currentTask(1).frames.push({ function: name, args: [mm, array], results: [] })
    kernel.machine.wake()
    runThreads(kernel, [])
    const context = Number(CTX_HWBITS(mmField(kernel, mm, 'context')))
    return { heard, context, flushes: kernel.tree.counters.flushes }
  }
  const counted = { mm: 0, page: 0, pending: 0, kernel_range: 0 }

  it.each([
    ['test_events_mm', 'mm', undefined],
    ['test_events_page', 'page', VA],
    ['test_events_pending', 'pending', undefined],
    ['test_events_kernel_range', 'kernel_range', 0x8000_0000n],
  ] as const)('%s', (name, kind, va) => {
    const { heard, context, flushes } = events(name)
    const about = [1, kind, kind === 'kernel_range' ? 0 : context, va]
    expect(heard).toEqual([
      ['flush-begin', ...about],
      ['flush-end', ...about],
    ])
    expect(flushes).toEqual({ ...counted, [kind]: 1 })
  })
})
