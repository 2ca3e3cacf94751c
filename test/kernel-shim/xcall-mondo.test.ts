import { describe, expect, it } from 'vitest'
import {
  cpumask_members,
  kthread_use_mm,
  local_irq_restore,
  local_irq_save,
  mm_alloc,
  note,
  shim,
  smp_call_function_many,
  smp_flush_tlb_kernel_range,
  smp_flush_tlb_mm,
  smp_flush_tlb_page,
  smp_send_reschedule,
  step,
  xcall_deliver,
} from '../../src/kernel-shim'
import {
  callFunction,
  smp_call_function_client,
  smp_receive_signal_client,
  type XcallHandler,
} from '../../src/kernel-shim/xcall'
import { record, recorded, runThreads, settle, testKernel } from './harness'

const bump_function = callFunction('test_mondo_function', function* () {
  yield* step('nothing', true, () => undefined)
})
const call_many = shim('test_mondo_call_many', function* (mask: bigint, func: bigint, info: bigint, wait: boolean) {
  yield* smp_call_function_many(mask, func, info, wait)
})
const with_irqs_off = shim('test_mondo_irqs_off', function* (steps: number) {
  const flags = yield* local_irq_save()
  for (let n = 0; n < steps; n++) yield* step('critical', true, () => undefined)
  yield* record('critical section ends')
  yield* local_irq_restore(flags)
})

/** Every handler in turn, with arguments of its own, to one CPU or all. */
const send = shim('test_send', function* (handler: XcallHandler, ctx: bigint, one: bigint, two: bigint, mask: bigint) {
  yield* xcall_deliver(handler, ctx, one, two, mask)
})

describe.each(['ultrasparc-ii', 'cheetah', 'jalapeno'] as const)('a mondo on %s', (model) => {
  function traced(cpus = 4) {
    const kernel = testKernel({ cpus, model })
    const { data } = kernel.machine.model.mondo
    const sent: { cpu: number; target: number; words: bigint[]; pil: bigint; interrupts: boolean }[] = []
    kernel.machine.events.on('mondo-sent', ({ cpu, target, words }) => {
      const { [cpu]: sender } = kernel.machine.cpus
      const interrupts = (sender!.get('pstate') & 2n) !== 0n
      sent.push({
        cpu,
        target,
        words: [0x40n, 0x50n, 0x60n].map((va) => words[data.indexOf(va)]!),
        pil: sender!.get('pil'),
        interrupts,
      })
    })
    return { kernel, sent }
  }

  it('carries handler and context in word 0, and the arguments, from a CPU without interrupts', () => {
    for (const [handler, ctx, one, two] of [
      ['xcall_flush_tlb_mm', 0x1fffn, 0n, 0n],
      ['xcall_flush_tlb_page', 0x1abcn, 0x7ff_ffff_e001n, 0n],
      ['xcall_flush_tlb_kernel_range', 0n, 0x1_0000_0000n, 0x1_0000_2000n],
    ] as const)
      for (const mask of [0b0001n, 0b1101n]) {
        const { kernel, sent } = traced()
        runThreads(kernel, [undefined, send(handler, ctx, one, two, mask)])
        const words = [(ctx << 32n) + kernel.symbol(handler), one, two]
        const how = { cpu: 1, words, pil: 14n, interrupts: false }
        expect(sent).toEqual(cpumask_members(mask).map((target) => ({ ...how, target })))
        expect(kernel.machine.cpus[1]!.get('pstate') & 2n).toBe(2n)
        expect(kernel.machine.cpus[1]!.get('pil')).toBe(0n)
      }
  })

  it('of a call or of a reschedule has no arguments', () => {
    const { kernel, sent } = traced()
    runThreads(kernel, [undefined, call_many(0b0100n, bump_function, 5n, true)])
    runThreads(kernel, [undefined, undefined, undefined, smp_send_reschedule(1)])
    expect(sent.map(({ cpu, target, words }) => [cpu, target, words])).toEqual([
      [1, 2, [kernel.symbol('xcall_call_function'), 0n, 0n]],
      [3, 1, [kernel.symbol('xcall_receive_signal'), 0n, 0n]],
    ])
  })

  it('of smp_flush_tlb_mm, _page and _kernel_range has what their handlers want', () => {
    const { kernel, sent } = traced(2)
    const mm = mm_alloc(kernel)
    runThreads(kernel, [kthread_use_mm(mm), kthread_use_mm(mm)])
    sent.length = 0
    runThreads(kernel, [flush_each_way(mm)])
    const ctx = 1n << 32n
    // One that was refused is sent again
    const different = sent.map(({ words }) => words).filter((words, n, all) => words[0] !== all[n - 1]?.[0])
    expect(different).toEqual([
      [ctx + kernel.symbol('xcall_flush_tlb_mm'), 0n, 0n],
      [ctx + kernel.symbol('xcall_flush_tlb_page'), 0x2_0001n, 0n],
      [kernel.symbol('xcall_flush_tlb_kernel_range'), 0x8000_0000n, 0x8000_2000n],
    ])
  })
  const flush_each_way = shim(`test_flush_each_way/${model}`, function* (mm: bigint) {
    yield* smp_flush_tlb_mm(mm)
    yield* smp_flush_tlb_page(mm, 0x2_0001n)
    yield* smp_flush_tlb_kernel_range(0x8000_0000n, 0x8000_2000n)
  })

  it('that is refused is sent again when a target that refused could accept it, and not before', () => {
    const { kernel, sent } = traced(4)
    const busy = [2, 3]
    const setBusy = (cpu: number, on: boolean) => {
      const registers = kernel.machine.cpus[cpu]!
      registers.set('mondoReceive', on ? 0x20n : 0n)
      registers.set('pstate', on ? registers.get('pstate') & ~2n : registers.get('pstate') | 2n)
      registers.modeChanged()
      kernel.machine.wake()
    }
    for (const cpu of busy) setBusy(cpu, true)
    kernel.spawn(0, send('xcall_flush_tlb_mm', 5n, 0n, 0n, 0b1110n))
    const operation = () => {
      expect(kernel.machine.run(10_000).reason).toBe('deadlock')
      return sent.splice(0).map(({ target }) => target)
    }
    expect(operation()).toEqual(model === 'ultrasparc-ii' ? [1, 2] : [1, 2, 3])
    expect(operation()).toEqual([])
    setBusy(3, false)
    expect(operation()).toEqual(model === 'ultrasparc-ii' ? [] : [2, 3])
    setBusy(2, false)
    settle(kernel)
    expect(sent.map(({ target }) => target)).toEqual(model === 'ultrasparc-ii' ? [2, 3] : [2])
    const refused = kernel.tree.counters.crossCalls
    expect(refused.taken).toBe(3)
    expect(refused.sent - refused.nacked).toBe(3)
  })
})

describe('interrupts of calls', () => {
  const setSoftint = (word: bigint) => note('softint', ({ cpu }) => cpu.set('softint', word))
  const handle = shim('test_mondo_handle', function* (level: number) {
    const flags = yield* local_irq_save()
    yield* setSoftint(ALL_BUT_15)
    if (level === 1) yield* smp_call_function_client()
    else yield* smp_receive_signal_client()
    yield* record(yield* note('softint', ({ cpu }) => cpu.get('softint')))
    yield* setSoftint(0n)
    yield* local_irq_restore(flags)
  })
  /** TICK_INT, levels 1 to 14 and STICK_INT. */
  const ALL_BUT_15 = 0x1_7fffn

  it.each([1, 2])('take their own SOFTINT level away and no other: level %i', (level) => {
    const kernel = testKernel()
    runThreads(kernel, [handle(level)])
    expect(recorded(kernel)).toEqual([ALL_BUT_15 & ~(1n << BigInt(level))])
  })
})

describe('a queue of calls', () => {
  const order = callFunction('test_order_function', function* (info: bigint) {
    yield* record(info)
  })
  const call_from = shim('test_call_from', function* (mask: bigint, info: bigint) {
    yield* smp_call_function_many(mask, order, info, false)
  })

  it('is run oldest first, after one interrupt', () => {
    const kernel = testKernel({ cpus: 5 })
    kernel.spawn(4, with_irqs_off(400))
    kernel.machine.step(4, 20)
    for (const cpu of [2, 0, 3, 1]) {
      kernel.spawn(cpu, call_from(0b10000n, BigInt(cpu)))
      kernel.machine.step(cpu, 200)
    }
    settle(kernel)
    expect(recorded(kernel)).toEqual(['critical section ends', 2n, 0n, 3n, 1n])
    expect(kernel.tree.counters.crossCalls.sent).toBe(1)
  })

  it('holds a second call of the same CPU back until the first has begun', () => {
    const kernel = testKernel({ cpus: 2 })
    kernel.spawn(1, with_irqs_off(300))
    kernel.machine.step(1, 20)
    kernel.spawn(0, call_twice(0b10n))
    kernel.machine.step(0, 1000)
    expect(kernel.currentTask(0).frames.map((frame) => frame.function)).toContain('queue_call')
    settle(kernel)
    expect(recorded(kernel)).toEqual(['critical section ends', 1n, 2n])
  })
  const call_twice = shim('test_call_twice', function* (mask: bigint) {
    yield* call_from(mask, 1n)
    yield* call_from(mask, 2n)
  })
})
