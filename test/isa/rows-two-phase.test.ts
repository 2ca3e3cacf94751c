import { describe, expect, it } from 'vitest'
import { type Instruction, insn } from '../../src/isa/instruction'
import { makeRows } from '../../src/isa/instructions'
import { type Condition, Opaque, type Pointer, Recorder, type Value } from './recorder'

function violationsOf(row: Instruction): string[] {
  const recorder = new Recorder()
  row.execute<Value, Condition, Pointer>(recorder)
  return recorder.violations
}

describe('every row', () => {
  it('does what may trap before its first write, and reads operands before it overwrites them', () => {
    const bad = makeRows().flatMap((row) =>
      violationsOf(row).map((violation) => `${row.name} ${row.syntax}: ${violation}`),
    )
    expect(bad).toEqual([])
  })
})

describe('the recorder', () => {
  const check = (execute: Instruction['execute']) => violationsOf(insn('made-up', '', '', '', execute))

  it('finds a trap after a write', () => {
    expect(
      check((s) => {
        s.setRd(s.rs1())
        s.trapIf(s.equal(s.rs1(), s.rs2()), 'tag_overflow')
      }),
    ).toEqual(['rs1 read after setRd', 'rs2 read after setRd', 'trapIf may trap after setRd'])
  })

  it('finds a translation after a store', () => {
    expect(
      check((s) => {
        s.write(s.translate(s.rs1(), 4, 'store'), 4, s.rd())
        s.translate(s.rs1(), 8, 'load')
      }),
    ).toEqual(['translate may trap after write'])
  })

  it('finds an access beyond the translated bytes', () => {
    expect(check((s) => s.setRd(s.read(s.translate(s.rs1(), 4, 'load'), 8)))).toEqual([
      'read of 8 bytes at 0 through a pointer to 4',
    ])
  })

  it('finds a store through a pointer for loads', () => {
    expect(check((s) => s.write(s.translate(s.rs1(), 4, 'load'), 4, s.rd()))).toEqual(['write through a load pointer'])
  })

  it('refuses operators on values', () => {
    expect(() => `${new Opaque() as unknown as string}`).toThrow('opaque')
    expect(() => check((s) => s.setRd(((s.rs1() as unknown as number) + 1) as never))).toThrow('opaque')
  })
})
