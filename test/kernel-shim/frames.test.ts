import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Body,
  type Kernel,
  KernelError,
  kthread_unuse_mm,
  kthread_use_mm,
  load,
  loadUser,
  mm_alloc,
  mmget_not_zero,
  mmput,
  ShimError,
  shim,
  step,
  store,
  storeUser,
  untilHost,
  WAIT,
} from '../../src/kernel-shim'
import { SeededRandom } from '../../src/smp'
import { mapPage, record, recorded, runThreads, settle, testKernel } from './harness'
import './unmapper'

const VA = 0x20000n
const SCRATCH = 0x3f_0000n

const worker = shim('test_frames_worker', function* (mm: bigint, rounds: number) {
  for (let n = 0; n < rounds; n++) {
    if (!(yield* mmget_not_zero(mm))) return
    yield* kthread_use_mm(mm)
    yield* record(yield* loadUser(VA + BigInt(n % 3) * 8192n))
    yield* record(yield* storeUser(VA + 8n, BigInt(n)))
    yield* kthread_unuse_mm(mm)
    yield* mmput(mm)
  }
})

const put = shim('test_put', function* (pa: bigint, value: bigint) {
  yield* store(pa, value)
})
const adder = shim('test_adder', function* (pa: bigint) {
  const value = yield* load(pa)
  yield* put(pa, value + 2n)
  return value
})

function busyKernel(seed: number): Kernel {
  const kernel = testKernel({ cpus: 3, policy: 'ipi-trim', scheduler: new SeededRandom(seed, 3) })
  const mm = mm_alloc(kernel)
  for (let n = 0n; n < 3n; n++) mapPage(kernel, mm, VA + n * 8192n)
  kernel.spawn(0, { operation: { kind: 'call', name: 'test_unmapper', args: [mm, VA, 3] } } as never)
  kernel.spawn(1, worker(mm, 4))
  kernel.spawn(2, worker(mm, 4))
  return kernel
}

describe('frames', () => {
  function restoredOften(seed: number, stride: number, freshEvery: number): Kernel {
    let kernel = busyKernel(seed)
    for (let moved = 1; kernel.machine.run(stride).reason === 'budget'; moved++) {
      const snapshot = kernel.machine.snapshot()
      if (moved % freshEvery === 0) kernel = busyKernel(seed + 1)
      kernel.machine.restore(snapshot)
    }
    return kernel
  }
  function undisturbed(seed: number): Kernel {
    const kernel = busyKernel(seed)
    settle(kernel)
    return kernel
  }

  it('saved and restored after every instruction end the same', () => {
    for (const seed of [1, 2]) {
      const [plain, kernel] = [undisturbed(seed), restoredOften(seed, 1, Number.POSITIVE_INFINITY)]
      expect(kernel.machine.replayHash()).toBe(plain.machine.replayHash())
      expect(recorded(kernel)).toEqual(recorded(plain))
    }
  })

  it('restored in another kernel at any point end the same', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 30, max: 200 }),
      (seed, stride) => {
        const [plain, kernel] = [undisturbed(seed), restoredOften(seed, stride, 1)]
        expect(kernel.machine.replayHash()).toBe(plain.machine.replayHash())
        expect(recorded(kernel)).toEqual(recorded(plain))
      },
    )
    fc.assert(property, { numRuns: 5, seed: 5 })
  })

  it('are plain data: function, arguments, results', () => {
    const kernel = testKernel()
    kernel.spawn(0, adder(SCRATCH))
    kernel.machine.poke(Number(SCRATCH), 8, 40n)
    kernel.machine.step(0, 1)
    expect(kernel.currentTask(0).frames).toEqual([
      { function: 'test_adder', args: [SCRATCH], results: [40n] },
      { function: 'test_put', args: [SCRATCH, 42n], results: [] },
    ])
    settle(kernel)
    expect(kernel.machine.peek(Number(SCRATCH), 8)).toBe(42n)
  })
  it('a finished callee is one result of its caller', () => {
    const kernel = testKernel()
    runThreads(kernel, [caller()])
    expect(recorded(kernel)).toEqual([0n])
  })
  const caller = shim('test_caller', function* () {
    yield* record(yield* adder(SCRATCH))
  })
})

describe('rules of shim functions', () => {
  it('a call without yield* is found, and named', () => {
    const kernel = testKernel()
    kernel.spawn(0, forgetful())
    expect(() => kernel.machine.run(100)).toThrow(ShimError)
    const again = testKernel()
    again.spawn(0, forgetful())
    expect(() => again.machine.run(100)).toThrow('test_forgetful called test_noop without yield*')
    const operation = testKernel()
    operation.spawn(0, forgets_store())
    expect(() => operation.machine.run(100)).toThrow(/test_forgets_store called store/)
  })
  const noop = shim('test_noop', function* (): Body<void> {
    yield* step('nothing', false, () => undefined)
  })
  const forgetful = shim('test_forgetful', function* (): Body<void> {
    noop()
    yield* step('nothing', false, () => undefined)
  })
  const forgets_store = shim('test_forgets_store', function* (): Body<void> {
    yield* step('nothing', false, () => undefined)
    store(SCRATCH, 1n)
  })

  it('what was executed before is booked, and the machine can be looked at', () => {
    const kernel = testKernel()
    kernel.spawn(0, forgets_late())
    expect(() => kernel.machine.run(100)).toThrow(ShimError)
    expect([kernel.machine.instructions(), kernel.machine.clock.now]).toEqual([20n, 20n])
    expect(() => kernel.machine.replayHash()).not.toThrow()
  })
  const forgets_late = shim('test_forgets_late', function* (): Body<void> {
    for (let n = 0; n <= 20; n++) yield* step('nothing', false, () => undefined)
    noop()
  })

  it('a frame that grows without end is refused', () => {
    const kernel = testKernel()
    kernel.spawn(0, endless())
    expect(() => kernel.machine.run(100_000)).toThrow(/test_endless performed 4096 operations/)
  })
  const endless = shim('test_endless', function* (): Body<void> {
    while (true) yield* step('again', false, () => undefined)
  })

  it('a loop whose iterations are calls runs as long', () => {
    const kernel = testKernel()
    runThreads(kernel, [many(4000)])
    expect(kernel.tree.user.steps).toBe(8000)
  })
  const twice = shim('test_twice', function* (): Body<void> {
    for (let n = 0; n < 2; n++)
      yield* step('count', false, ({ kernel }) => {
        kernel.tree.user.steps = ((kernel.tree.user.steps as number) ?? 0) + 1
      })
  })
  const many = shim('test_many', function* (times: number) {
    for (let n = 0; n < times; n++) yield* twice()
  })

  it('a name can be taken once, and must exist', () => {
    expect(() => shim('test_noop', function* () {})).toThrow(/already named test_noop/)
    const kernel = testKernel()
    expect(() => kernel.spawn(0, { operation: { kind: 'call', name: 'test_absent', args: [] } } as never)).toThrow(
      /test_absent/,
    )
    expect(() => kernel.spawn(0, load(0n))).toThrow(KernelError)
  })

  it('waiting blocks the CPU until the answer changes, and costs nothing', () => {
    const kernel = testKernel({ cpus: 2 })
    kernel.spawn(0, waits())
    expect(kernel.machine.run(1000).reason).toBe('deadlock')
    const before = kernel.machine.instructions(0)
    kernel.spawn(1, opens())
    settle(kernel)
    expect(recorded(kernel)).toEqual(['open'])
    expect(kernel.machine.instructions(0) - before).toBeLessThan(5n)
  })
  const waits = shim('test_waits', function* () {
    yield* untilHost('open', ({ kernel }) => (kernel.tree.user.open === true ? true : WAIT))
    yield* record('open')
  })
  const opens = shim('test_opens', function* (): Body<void> {
    for (let n = 0; n < 50; n++) yield* step('work', false, () => undefined)
    yield* step('open it', true, ({ kernel }) => {
      kernel.tree.user.open = true
    })
  })

  it('accesses of the shim to watched memory stop the machine after the operation', () => {
    const kernel = testKernel()
    const watchpoint = kernel.machine.addWatchpoint({ space: 'physical', address: SCRATCH, access: 'store' })
    kernel.spawn(0, adder(SCRATCH))
    const result = kernel.machine.run(1000)
    expect(result).toMatchObject({
      reason: 'watchpoint',
      watched: { watchpoint, access: 'store', pa: SCRATCH, va: undefined },
    })
    expect(kernel.machine.peek(Number(SCRATCH), 8)).toBe(2n)
    settle(kernel)
  })

  it('user accesses of the shim to watched memory stop the machine before the operation', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    const page = mapPage(kernel, mm, VA)
    kernel.machine.addWatchpoint({ space: 'virtual', address: VA + 8n, access: 'store' })
    kernel.spawn(0, writes_user(mm))
    expect(kernel.machine.run(1000).reason).toBe('watchpoint')
    expect(kernel.machine.peek(Number(page) + 8, 8)).toBe(0n)
    settle(kernel)
    expect(kernel.machine.peek(Number(page) + 8, 8)).toBe(3n)
  })
  const writes_user = shim('test_writes_user', function* (mm: bigint) {
    yield* kthread_use_mm(mm)
    yield* storeUser(VA + 8n, 3n)
  })

  it('a user access without a page is EFAULT, and the next one works', () => {
    const kernel = testKernel()
    const mm = mm_alloc(kernel)
    mapPage(kernel, mm, VA)
    runThreads(kernel, [worker(mm, 2)])
    expect(recorded(kernel)).toEqual([0n, undefined, 'EFAULT', undefined])
  })
})

describe('impossible kernels', () => {
  it.each([
    [{ policy: 'none' as 'cross-call' }, /policy: expected one of local-trim, cross-call, ipi-trim, got none/],
    [{ refill: 'never' as 'linux' }, /refill/],
    [{ mutant: 'x' as 'raw-mondo' }, /mutant/],
    [{ ramBytes: 8192 }, /ramBytes/],
    [{ cpus: 99 }, /cpus/],
  ])('%o', (config, message) => {
    expect(() => testKernel(config)).toThrow(message)
  })
})
