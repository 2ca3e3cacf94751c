import { describe, expect, it } from 'vitest'
import { privilegedRows } from '../../../src/isa/instructions/privileged'
import { OperandSemantics } from '../operand-semantics'

class PrivilegedSemantics extends OperandSemantics {
  writePrivileged = (name: string, value: bigint) => this.events.push(`${name} = ${value}`)
  done = () => this.events.push('done')
  retry = () => this.events.push('retry')
  gate = () => this.events.push('gate')
}

function run(name: string, syntax: string): PrivilegedSemantics {
  const row = privilegedRows().find((found) => found.name === name && found.syntax === syntax)!
  const operands = { r1: 0xf0n, r2: 0x3cn, rd_: 7n, privilegedRegisters: REGISTERS }
  return Object.assign(new PrivilegedSemantics(), operands).run(row)
}

/** By number (V9 A.43, A.62). */
const NAMES = [
  ...['tpc', 'tnpc', 'tstate', 'tt', 'tick', 'tba', 'pstate', 'tl', 'pil', 'cwp', 'cansave', 'canrestore'],
  ...['cleanwin', 'otherwin', 'wstate'],
]
const READ_ONLY = ['fq', 'ver']
const REGISTERS = Object.fromEntries([...NAMES, ...READ_ONLY].map((name, n) => [name, BigInt(1000 + n)]))

describe('rdpr and wrpr (V9 A.43, A.62)', () => {
  it.each([...NAMES, ...READ_ONLY])('rdpr %%%s', (name) => {
    const { events, rd_ } = run('rdpr', `%${name}, %rd`)
    expect([events, rd_]).toEqual([[], REGISTERS[name]])
  })

  it.each(NAMES)('wrpr %%%s writes rs1 xor the operand', (name) => {
    expect(run('wrpr', `%rs1, src2, %${name}`).events).toEqual([`${name} = ${0xcc}`])
  })

  it('there are no others', () => {
    const names = (name: string) => privilegedRows().filter((row) => row.name === name).length
    expect([names('rdpr'), names('wrpr')]).toEqual([NAMES.length + READ_ONLY.length, NAMES.length])
  })
})

describe('done, retry and the gate', () => {
  it('are handed over whole, the gate to privileged code only', () => {
    expect(run('done', '').events).toEqual(['done'])
    expect(run('retry', '').events).toEqual(['retry'])
    expect(run('gate', 'gate_entry').events).toEqual(['privileged', 'gate'])
  })
})
