import { describe, expect, it } from 'vitest'
import {
  type Body,
  cpumask_members,
  host,
  type Kernel,
  local_irq_restore,
  local_irq_save,
  shim,
  smp_call_function_many,
  smp_cross_call_masked,
  smp_processor_id,
  smp_send_reschedule,
  step,
  xcall_deliver,
} from '../../src/kernel-shim'
import { callFunction } from '../../src/kernel-shim/xcall'
import { SeededRandom } from '../../src/smp'
import { record, recorded, runThreads, settle, testKernel } from './harness'

const bump = (name: string) =>
  host(`bump ${name}`, ({ kernel, cpu }) => {
    const { user } = kernel.tree
    const counts = (user[name] ??= {}) as Record<string, number>
    counts[cpu.index] = (counts[cpu.index] ?? 0) + 1
  })
const counts = (kernel: Kernel, name: string) => (kernel.tree.user[name] ?? {}) as Record<string, number>

const bump_function = callFunction('test_bump_function', function* () {
  yield* bump('calls')
})
const slow_function = callFunction('test_slow_function', function* (info: bigint) {
  for (let n = 0; n < 20; n++) yield* step('work', true, () => undefined)
  yield* record(['done', info])
})
/** Calls another function on one CPU, from the interrupt that itself is a call. */
const nested_function = callFunction('test_nested_function', function* (target: bigint) {
  yield* bump('outer')
  yield* smp_call_function_many(1n << target, bump_function, 0n, false)
})

const call_many = shim('test_call_many', function* (mask: bigint, func: bigint, info: bigint, wait: boolean) {
  yield* smp_call_function_many(mask, func, info, wait)
  yield* record('returned')
})
const call_often = shim('test_call_often', function* (mask: bigint, times: number, wait: boolean) {
  for (let n = 0; n < times; n++) yield* smp_call_function_many(mask, bump_function, 0n, wait)
})
const storm = shim('test_storm', function* (mask: bigint, times: number) {
  const self = yield* smp_processor_id()
  for (let n = 0; n < times; n++) yield* smp_cross_call_masked('xcall_flush_tlb_mm', BigInt(self + 1), 0n, 0n, mask)
})
const with_irqs_off = shim('test_with_irqs_off', function* (steps: number) {
  const flags = yield* local_irq_save()
  for (let n = 0; n < steps; n++) yield* step('critical', true, () => undefined)
  yield* record('critical section ends')
  yield* local_irq_restore(flags)
})

describe('smp_call_function_many (Linux kernel/smp.c)', () => {
  it('runs the function once on each other CPU of the mask, and not on this one', () => {
    const kernel = testKernel({ cpus: 4 })
    runThreads(kernel, [undefined, call_many(0b1011n, bump_function, 0n, true)])
    expect(counts(kernel, 'calls')).toEqual({ 0: 1, 3: 1 })
    expect(kernel.tree.counters.crossCalls.sent).toBe(2)
  })

  it('to an empty mask, or only itself, does nothing', () => {
    const kernel = testKernel({ cpus: 2 })
    runThreads(kernel, [call_many(1n, bump_function, 0n, true), call_many(0n, bump_function, 0n, true)])
    expect([counts(kernel, 'calls'), kernel.tree.counters.crossCalls.sent]).toEqual([{}, 0])
  })

  it.each([1, 2, 3, 4, 5, 6])('with wait returns after all have run it, without before that, schedule %i', (seed) => {
    for (const wait of [true, false]) {
      const kernel = testKernel({ cpus: 4, scheduler: new SeededRandom(seed, 2) })
      runThreads(kernel, [call_many(0b1110n, slow_function, 9n, wait)])
      const log = recorded(kernel)
      expect(log.filter((entry) => Array.isArray(entry))).toEqual([
        ['done', 9n],
        ['done', 9n],
        ['done', 9n],
      ])
      expect([wait, log.indexOf('returned') === 3]).toEqual([wait, wait])
    }
  })

  it.each([1, 2, 3, 4])(
    'from all 8 CPUs to all at once, waiting, ends with every call made once, schedule %i',
    (seed) => {
      const kernel = testKernel({ cpus: 8, scheduler: new SeededRandom(seed, 4) })
      runThreads(
        kernel,
        Array.from({ length: 8 }, () => call_often(0xffn, 5, true)),
      )
      expect(counts(kernel, 'calls')).toEqual(Object.fromEntries(Array.from({ length: 8 }, (_, cpu) => [cpu, 35])))
    },
  )

  it.each([1, 2, 3, 4])('without waiting no call is lost or made twice, schedule %i', (seed) => {
    const kernel = testKernel({ cpus: 4, scheduler: new SeededRandom(seed, 4) })
    runThreads(
      kernel,
      Array.from({ length: 4 }, () => call_often(0xfn, 10, false)),
    )
    expect(counts(kernel, 'calls')).toEqual({ 0: 30, 1: 30, 2: 30, 3: 30 })
  })

  it('may be called again from a called function', () => {
    const kernel = testKernel({ cpus: 3 })
    runThreads(kernel, [call_many(0b010n, nested_function, 2n, true)])
    expect([counts(kernel, 'outer'), counts(kernel, 'calls')]).toEqual([{ 1: 1 }, { 2: 1 }])
  })

  it('is not taken by a CPU with interrupts off until it has them on, though its mondo is', () => {
    const kernel = testKernel({ cpus: 2 })
    kernel.spawn(1, with_irqs_off(300))
    kernel.machine.step(1, 20)
    kernel.spawn(0, call_many(0b10n, slow_function, 1n, true))
    settle(kernel)
    expect(recorded(kernel)).toEqual(['critical section ends', ['done', 1n], 'returned'])
    expect(kernel.tree.counters.crossCalls).toEqual({ sent: 1, nacked: 0, taken: 1 })
  })
})

describe('xcall_deliver (Linux arch/sparc/kernel/smp_64.c)', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'a storm of 8 CPUs that all call all ends, with NACKs, and every mondo is taken once, schedule %i',
    (seed) => {
      const kernel = testKernel({ cpus: 8, scheduler: new SeededRandom(seed, 3) })
      runThreads(
        kernel,
        Array.from({ length: 8 }, () => storm(0xffn, 6)),
      )
      const { sent, nacked, taken } = kernel.tree.counters.crossCalls
      expect([sent - nacked, taken]).toEqual([8 * 7 * 6, 8 * 7 * 6])
      expect(nacked).toBeGreaterThan(0)
      for (const cpu of kernel.machine.cpus) {
        expect(cpu.get('mondoReceive') & 0x20n).toBe(0n)
        expect([cpu.get('pil'), cpu.get('pstate') & 2n]).toEqual([0n, 2n])
      }
    },
  )

  it('keeps interrupts off by PIL while it sends, and gives them back as they were', () => {
    const kernel = testKernel({ cpus: 3 })
    const seen: bigint[] = []
    kernel.machine.events.on('mondo-sent', ({ cpu }) => seen.push(kernel.machine.cpus[cpu]!.get('pil')))
    runThreads(kernel, [deliver_all(0b110n)])
    expect(seen).toEqual([14n, 14n])
    expect(kernel.machine.cpus[0]!.get('pil')).toBe(0n)
  })
  const deliver_all = shim('test_deliver_all', function* (mask: bigint): Body<void> {
    yield* xcall_deliver('xcall_receive_signal', 0n, 0n, 0n, mask)
  })

  it('waits for a target with PSTATE.IE off and a full receive register, not for others', () => {
    const kernel = testKernel({ cpus: 3 })
    const deaf = kernel.machine.cpus[1]!
    deaf.set('pstate', deaf.get('pstate') & ~2n)
    deaf.set('mondoReceive', 0x20n)
    deaf.modeChanged()
    kernel.spawn(0, deliver_all(0b110n))
    expect(kernel.machine.run(10_000).reason).toBe('deadlock')
    expect(kernel.tree.counters.crossCalls.sent).toBe(1)
    deaf.set('mondoReceive', 0n)
    kernel.machine.wake()
    settle(kernel)
    expect(kernel.tree.counters.crossCalls).toMatchObject({ sent: 3, nacked: 1 })
  })

  it('smp_send_reschedule sets need_resched on the target', () => {
    const kernel = testKernel({ cpus: 2 })
    runThreads(kernel, [smp_send_reschedule(1)])
    const needResched = (cpu: number) => kernel.machine.peek(Number(kernel.perCpu(cpu)) + 8, 8)
    expect([needResched(0), needResched(1)]).toEqual([0n, 1n])
    expect(kernel.machine.cpus[1]!.get('softint')).toBe(0n)
  })

  it('masks name their members in ascending order', () => {
    expect([cpumask_members(0n), cpumask_members(0b1000_0101n), cpumask_members(1n << 31n)]).toEqual([
      [],
      [0, 2, 7],
      [31],
    ])
  })
})

describe('a mondo delay', () => {
  it.each([0, 1, 5, 100])('of %i changes when, not whether calls are made, even to CPUs that idle', (mondoDelay) => {
    const kernel = testKernel({ cpus: 4, mondoDelay, scheduler: new SeededRandom(mondoDelay + 1, 5) })
    runThreads(kernel, [call_often(0xfn, 3, true), undefined, call_often(0xfn, 3, true)])
    expect(counts(kernel, 'calls')).toEqual({ 0: 3, 1: 6, 2: 3, 3: 6 })
  })
})
