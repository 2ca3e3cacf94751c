import { describe, expect, it } from 'vitest'
import { Kernel, shim, store, until } from '../../src/kernel-shim'

const waits = shim('test/blocked/waits', function* (word: bigint) {
  yield* until(word, 'set', (value) => value !== 0n)
  yield* store(word + 8n, 1n)
})

describe('a CPU is blocked', () => {
  it('while it idles at the gate without frames', () => {
    const { gate } = new Kernel({ cpus: 2, ramBytes: 1 << 20 })
    expect([gate.isBlocked(0), gate.isBlocked(1)]).toEqual([true, true])
  })

  it('while what it waits for has not come, and not while an interrupt is pending', () => {
    const kernel = new Kernel({ cpus: 1, ramBytes: 1 << 20 })
    const word = kernel.allocator.heap(64)
    kernel.spawn(0, waits(word))
    kernel.machine.run(100)
    expect(kernel.gate.isBlocked(0)).toBe(true)
    kernel.machine.cpus[0]!.setSmall('softint', 1 << 2)
    expect(kernel.gate.isBlocked(0)).toBe(false)
    kernel.machine.cpus[0]!.setSmall('softint', 0)
    kernel.machine.poke(Number(word), 8, 1n)
    expect(kernel.gate.isBlocked(0)).toBe(false)
    kernel.machine.run(100)
    expect([kernel.gate.isBlocked(0), kernel.machine.peek(Number(word) + 8, 8)]).toEqual([true, 1n])
  })
})
