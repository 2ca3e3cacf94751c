import { describe, expect, it } from 'vitest'
import { Arena, ArenaError } from '../../src/state/arena'
import { createLayout } from '../../src/state/layout'

const WASM_PAGE = 65536
const LARGEST = 2 ** 31 - WASM_PAGE
const layout = createLayout({ cpus: 1, ramBytes: 8192, itlbEntries: 64, dtlbEntries: 64 })
const arenaOf = (totalBytes: number) => new Arena({ ...layout, totalBytes })

describe('the arena', () => {
  it('is the least number of WebAssembly pages that hold the layout, and never grows', () => {
    for (const [totalBytes, pages] of [
      [1, 1],
      [WASM_PAGE, 1],
      [WASM_PAGE + 1, 2],
      [3 * WASM_PAGE, 3],
    ] as const) {
      const { memory } = arenaOf(totalBytes)
      expect(memory.buffer.byteLength).toBe(pages * WASM_PAGE)
      expect(() => memory.grow(1)).toThrow(RangeError)
    }
  })

  it('has views of the one memory: bytes, and words of 2, 4 and 8 bytes, little-endian', () => {
    const arena = arenaOf(WASM_PAGE)
    arena.words64[3] = 0x0807_0605_0403_0201n
    expect([...arena.bytes.subarray(24, 32)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect([...arena.words16.subarray(12, 16)]).toEqual([0x0201, 0x0403, 0x0605, 0x0807])
    expect([...arena.words32.subarray(6, 8)]).toEqual([0x0403_0201, 0x0807_0605])
    for (const view of [arena.bytes, arena.words16, arena.words32, arena.words64])
      expect([view.buffer === arena.memory.buffer, view.byteLength]).toEqual([true, WASM_PAGE])
  })

  it('is refused where an offset would not fit in 31 bits', () => {
    expect(arenaOf(LARGEST).bytes.length).toBe(LARGEST)
    expect(() => arenaOf(LARGEST + 1)).toThrow(ArenaError)
    expect(() => arenaOf(LARGEST + 1)).toThrow(/needs 2147418113 bytes, expected at most 2147418112/)
  })
})
