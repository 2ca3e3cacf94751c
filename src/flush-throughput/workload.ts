import {
  frameOf,
  type Kernel,
  kthread_unuse_mm,
  kthread_use_mm,
  loadUser,
  mk_pte,
  mm_alloc,
  mmget,
  mmget_not_zero,
  mmput,
  note,
  PAGE_SIZE,
  shim,
  smp_flush_tlb_mm,
  smp_flush_tlb_page,
  smp_flush_tlb_pending,
  step,
  taskKey,
  write_pte,
  type Yieldable,
} from '../kernel-shim'

/** What is flushed: the whole address space, one page, or a batch of pages. */
export const FLUSH_KINDS = ['mm', 'page', 'pending'] as const
export type FlushKind = (typeof FLUSH_KINDS)[number]

/**
 * Whose address space: of one thread, on the flushing CPU, that has run on all the others before (mm_users = 1);
 * or of as many threads as there are CPUs, each on its own.
 */
export const MM_USES = ['single-threaded', 'shared'] as const
export type MmUse = (typeof MM_USES)[number]

/** Guest work of a flush; all of it deterministic. */
export interface FlushCost {
  /** Instructions of the CPU that flushes, from call to return. */
  readonly flusher: number
  /** Instructions of all CPUs, until the last one has done its part. */
  readonly all: number
  /** Mondos sent, with those that were sent again after a NACK. */
  readonly crossCalls: number
}

const FIRST_VA = 0x10_0000n
/** Far more than any flush takes; a machine that still runs then does not come to rest. */
const MOST_INSTRUCTIONS = 100_000_000

/** A step of its own, so that what follows is counted from a whole instruction on. */
const begin = () => step('begin', false, () => undefined)

const mark = (name: 'begun' | 'ended') =>
  note(name, ({ kernel, machine, cpu }) => {
    kernel.tree.user[name] = machine.instructions(cpu.index)
  })

const measured_flush = shim(
  'measured_flush',
  function* (kind: FlushKind, mm: bigint, va: bigint, pages: number, vaddrs: bigint) {
    yield* begin()
    yield* mark('begun')
    if (kind === 'mm') yield* smp_flush_tlb_mm(mm)
    else if (kind === 'page') yield* smp_flush_tlb_page(mm, va)
    else yield* smp_flush_tlb_pending(mm, pages, vaddrs)
    yield* mark('ended')
  },
)

const touch_pages = shim('touch_pages', function* (va: bigint, pages: number) {
  for (let page = 0; page < pages; page++) yield* loadUser(va + BigInt(page) * PAGE_SIZE)
})

/** Takes the address space and keeps it, as the CPU of one of its threads has it. */
const join_mm = shim('join_mm', function* (mm: bigint, va: bigint, pages: number, asUser: boolean) {
  if (asUser) yield* mmget(mm)
  yield* kthread_use_mm(mm)
  yield* touch_pages(va, pages)
})

/** Runs in the address space for a while, and leaves. */
const visit_mm = shim('visit_mm', function* (mm: bigint, va: bigint, pages: number) {
  if (!(yield* mmget_not_zero(mm))) return
  yield* kthread_use_mm(mm)
  yield* touch_pages(va, pages)
  yield* kthread_unuse_mm(mm)
  yield* mmput(mm)
})

/** An address space with some mapped pages on every CPU of a machine, and CPU 0 that flushes it. */
export class FlushWorkload {
  readonly mm: bigint
  readonly va = FIRST_VA
  private readonly vaddrs: bigint
  private readonly workers: readonly bigint[]
  private joined = false

  /** @param pages 1 to 192, of which a pending flush flushes all and a page flush the first */
  constructor(
    readonly kernel: Kernel,
    readonly use: MmUse,
    readonly pages: number,
  ) {
    const { machine, allocator } = kernel
    this.mm = mm_alloc(kernel)
    this.vaddrs = allocator.heap(pages * 8)
    for (let page = 0; page < pages; page++) {
      const va = this.va + BigInt(page) * PAGE_SIZE
      const frame = allocator.page()
      if (frame === undefined) throw new RangeError(`no frame for page ${page}`)
      write_pte(kernel, 0, this.mm, va, mk_pte(frame, { write: true }))
      machine.poke(Number(this.vaddrs) + page * 8, 8, va)
    }
    this.workers = machine.cpus.map(({ index }) => {
      const worker = kernel.createTask(`worker/${index}`)
      kernel.runTask(index, worker)
      return worker
    })
  }

  /** Puts every CPU into the mask, with the pages in its TLB. */
  populate(): void {
    const { mm, va, pages } = this
    for (const cpu of this.workers.keys()) {
      const joins = cpu === 0 || this.use === 'shared'
      if (!joins) this.give(cpu, visit_mm(mm, va, pages))
      else if (this.joined) this.give(cpu, touch_pages(va, pages))
      else this.give(cpu, join_mm(mm, va, pages, this.use === 'shared'))
    }
    this.joined = true
    this.runToRest()
  }

  /** Flushes once from CPU 0; returns when every CPU is at rest again. */
  flush(kind: FlushKind): FlushCost {
    const { kernel } = this
    const { machine, tree } = kernel
    const sent = tree.counters.crossCalls.sent
    const before = machine.instructions() - machine.instructions(0)
    this.give(0, measured_flush(kind, this.mm, this.va, this.pages, this.vaddrs))
    this.runToRest()
    const { begun, ended } = tree.user as { begun: bigint; ended: bigint }
    const flusher = Number(ended - begun)
    const others = Number(machine.instructions() - machine.instructions(0) - before)
    return { flusher, all: flusher + others, crossCalls: tree.counters.crossCalls.sent - sent }
  }

  private give(cpu: number, { operation }: Yieldable<unknown>): void {
    if (operation.kind !== 'call') throw new TypeError(`expected a call of a shim function, got ${operation.name}`)
    this.kernel.tree.tasks[taskKey(this.workers[cpu]!)]!.frames.push(frameOf(operation.name, operation.args))
    this.kernel.machine.wake()
  }

  private runToRest(): void {
    const { reason } = this.kernel.machine.run(MOST_INSTRUCTIONS)
    if (reason !== 'deadlock') throw new Error(`the flush workload ended by ${reason}`)
  }
}
