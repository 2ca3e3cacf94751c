import { describe, expect, it } from 'vitest'
import { type Kernel, note, shim, step } from '../../src/kernel-shim'
import { record, recorded, testKernel } from './harness'

/** The interrupt of level 14: notes when it came, and sets the next one as often as the test wants. */
shim('test_timer', function* () {
  const left = yield* step('acknowledge', true, ({ kernel, machine, cpu }) => {
    cpu.setSmall('softint', 0)
    const { user } = kernel.tree
    const period = user.period as number
    const remaining = ((user.remaining as number) ?? 0) - 1
    user.remaining = remaining
    if (remaining > 0) cpu.writeAncillary(23, machine.environment.now() + BigInt(period))
    return remaining
  })
  yield* record([
    yield* note('cpu', ({ cpu }) => cpu.index),
    yield* note('now', ({ machine }) => machine.environment.now()),
    left,
  ])
})
const work = shim('test_idle_work', function* (steps: number) {
  for (let n = 0; n < steps; n++) yield* step('work', false, () => undefined)
})

function withTimer(cpus: number, cpu: number, at: bigint, period = 0, times = 1): Kernel {
  const kernel = testKernel({ cpus, entries: { timer_interrupt: 'test_timer' } })
  Object.assign(kernel.tree.user, { period, remaining: times })
  kernel.machine.cpus[cpu]!.writeAncillary(23, at)
  return kernel
}

describe('a machine whose CPUs all idle', () => {
  it('jumps to the next timer at no cost in instructions', () => {
    const kernel = withTimer(2, 1, 1_000_000_000n)
    const result = kernel.machine.run(10_000)
    expect(result.reason).toBe('deadlock')
    expect(result.instructions).toBeLessThan(20)
    expect(recorded(kernel)).toEqual([[1, expect.any(BigInt), 0]])
    const [[, now]] = recorded(kernel) as [[number, bigint]]
    expect(now - 1_000_000_000n).toBeLessThan(5n)
  })

  it('wakes again and again by a timer that sets itself', () => {
    const kernel = withTimer(4, 3, 500n, 10_000, 50)
    kernel.machine.run(100_000)
    expect(recorded(kernel)).toHaveLength(50)
    expect(kernel.machine.clock.now).toBeGreaterThan(490_000n)
    expect(kernel.machine.instructions()).toBeLessThan(2000n)
  })

  it('says deadlock when no timer is armed, and again when asked again', () => {
    const kernel = testKernel({ cpus: 3 })
    for (let n = 0; n < 3; n++) expect(kernel.machine.run(100)).toEqual({ reason: 'deadlock', instructions: 0 })
  })

  it('does not jump while one CPU works', () => {
    const kernel = withTimer(2, 1, 500n)
    kernel.spawn(0, work(2000))
    kernel.machine.run(400)
    expect([kernel.machine.clock.now, recorded(kernel)]).toEqual([400n, []])
    kernel.machine.run(1000)
    const [[, now]] = recorded(kernel) as [[number, bigint]]
    // The idle CPU takes it in its next turn
    expect(now).toBeGreaterThanOrEqual(500n)
  })

  it('gives the same hashes however the run is divided', () => {
    const whole = withTimer(3, 2, 777n, 1234, 9)
    whole.spawn(0, work(3000))
    whole.machine.run(2500)
    for (const part of [1, 7, 100]) {
      const divided = withTimer(3, 2, 777n, 1234, 9)
      divided.spawn(0, work(3000))
      for (let left = 2500; left > 0; left -= part) divided.machine.run(Math.min(part, left))
      expect(divided.machine.replayHash()).toBe(whole.machine.replayHash())
    }
  })
})
