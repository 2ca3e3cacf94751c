import { describe, expect, it } from 'vitest'
import { windowStateRows } from '../../../src/isa/instructions/window-state'
import { OperandSemantics } from '../operand-semantics'

const BEFORE = { cansave: 1n, canrestore: 2n, cleanwin: 3n, otherwin: 4n }

function after(name: string, ver: bigint) {
  const row = windowStateRows().find((found) => found.name === name)!
  const { events, privilegedRegisters } = Object.assign(new OperandSemantics(), {
    privilegedRegisters: { ...BEFORE, ver },
  }).run(row)
  expect(events).toEqual(['privileged'])
  return privilegedRegisters
}

describe('the window state (UltraSPARC Architecture 2005 chapter 7)', () => {
  it.each([
    [8, 0x17_0011_2300_0507n],
    [32, 0x17_0011_2300_05ffn],
  ])('of a CPU with %i windows by VER.maxwin, bits 4:0 of it (V9 5.2.9)', (windows, ver) => {
    const last = BigInt(windows - 1)
    expect(after('allclean', ver)).toEqual({ ...BEFORE, ver, cleanwin: last })
    expect(after('otherw', ver)).toEqual({ ...BEFORE, ver, otherwin: 2n, canrestore: 0n })
    expect(after('normalw', ver)).toEqual({ ...BEFORE, ver, canrestore: 4n, otherwin: 0n })
    expect(after('invalw', ver)).toEqual({ ...BEFORE, ver, cansave: last - 1n, canrestore: 0n, otherwin: 0n })
  })
})
