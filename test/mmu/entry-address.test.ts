import { describe, expect, it } from 'vitest'
import { entryAddress, MMU_MODELS, type MmuModel } from '../../src/mmu'
import { mmu } from '../../src/testing'

const SIDES = ['data', 'instruction'] as const
const DATA_ACCESS = { data: 0x5d, instruction: 0x55 } as const
const VALID = 1n << 63n

describe.each(Object.entries(MMU_MODELS))(
  'the addresses of TLB entries of %s (UltraSPARC-I 6.9.9)',
  (name, model: MmuModel) => {
    it.each(SIDES)('name each entry of the %s TLB, and there is none beyond', (side) => {
      const fixture = mmu({ model: name as keyof typeof MMU_MODELS }).mmu
      const { arrays } = side === 'data' ? model.dataTlb : model.instructionTlb
      const size = arrays.reduce((sum, { entries }) => sum + entries, 0)
      for (let index = 0; index < size; index++) {
        fixture.storeAsi(DATA_ACCESS[side], entryAddress(model, side, index), VALID | (BigInt(index) << 13n))
      }
      const found = fixture.entries(side).map(({ index, pa, valid }) => [index, pa >> 13n, valid])
      expect(found).toEqual(Array.from({ length: size }, (_, n) => [n, BigInt(n), true]))
      for (const index of [-1, size, size + 1])
        expect(() => entryAddress(model, side, index)).toThrow(`TLB entry ${index}: expected 0 to ${size - 1}`)
    })
  },
)
