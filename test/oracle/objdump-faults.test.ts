import { describe, expect, it } from 'vitest'
import { compareWithObjdump } from '../../scripts/proofs/words/compare-with-objdump'
import { OBJDUMP_FAULTS } from '../../scripts/proofs/words/objdump-faults'
import { requireTool } from '../support/tools'
import { objdump } from './objdump'

const tool = requireTool('sparc64-linux-gnu-objdump', 'binutils-sparc64-linux-gnu')

describe.skipIf(tool === undefined)('a fault of objdump', () => {
  it.each(OBJDUMP_FAULTS.map((fault) => [fault.name, fault] as const))(
    'is still there: %s',
    (_, { input, predict }) => {
      const [word, text] = input
      const texts = (['sparc:v9b', 'sparc:v9m8'] as const).map((machine) => objdump(tool!, [word], 0n, machine)[0])
      expect(texts).toContain(text)
      expect(predict(word, 0n)).toBe(text)
    },
  )

  it('is counted by its name, and excuses no other word', async () => {
    const jmplWithRd = 0xa5c7_e008
    const add = 0x9bb2_026d
    const report = await compareWithObjdump(Uint32Array.of(jmplWithRd, add), 0n)
    expect(report).toEqual({ judged: 2, counts: { 'ret and retl with rd': 1 }, differences: [] })
  })
})
