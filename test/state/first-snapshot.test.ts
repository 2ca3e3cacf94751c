import { describe, expect, it } from 'vitest'
import { Machine } from '../../src/smp'

describe('the first snapshot of a machine', () => {
  const machine = () => new Machine({ ramBytes: 8 << 20 })

  it('holds what was written since the machine was made', () => {
    const m = machine()
    m.poke(0x4000, 8, 1n)
    m.memory.writeBytes(0x10_0000, Uint8Array.of(2, 3))
    m.memory.clear(0x4000, 8)
    m.poke(0x7f_fff8, 8, 4n)
    const snapshot = m.snapshot()
    m.poke(0x10_0000, 2, 0n)
    m.poke(0x7f_fff8, 8, 5n)
    m.poke(0x20_0000, 8, 6n)
    m.restore(snapshot)
    const words = [0x4000, 0x10_0000, 0x20_0000, 0x7f_fff8].map((pa) => m.peek(pa, 8))
    expect(words).toEqual([0n, 0x0203_0000_0000_0000n, 0n, 4n])
  })

  it('keeps no page that was never written', () => {
    const m = machine()
    m.poke(0x4000, 8, 1n)
    expect(new Set(m.snapshot().arena.pages).size).toBe(2)
  })

  it('hashes a machine that was written and cleared as one that was not', () => {
    const [written, fresh] = [machine(), machine()]
    written.poke(0x4000, 8, 1n)
    expect(written.replayHash()).not.toBe(fresh.replayHash())
    written.memory.clear(0x4000, 8)
    expect(written.replayHash()).toBe(fresh.replayHash())
  })
})
