import { describe, expect, it } from 'vitest'
import { ancillaryRows } from '../../../src/isa/instructions/ancillary'
import { IntegerSemantics } from '../integer-semantics'
import { Trapped } from '../operand-semantics'

class AncillarySemantics extends IntegerSemantics {
  override src2 = () => this.r2
  pc = () => 0x2000n
  readAncillary = (number: number) => BigInt(1000 + number)
  writeAncillary = (number: number, value: bigint) => this.events.push(`${number} = ${value}`)
}

const BEFORE = { r1: 0xf0n, r2: 0x3cn, rd_: 7n, codes: 5n, yRegister: 9n, graphics: 11n }
const XOR = 0xccn

function run(syntax: string, operands: Partial<AncillarySemantics> = {}) {
  const rows = ancillaryRows().filter((row) => row.syntax === syntax)
  expect(rows).toHaveLength(1)
  const s = Object.assign(new AncillarySemantics(), BEFORE, operands).run(rows[0]!)
  const { rd_, codes, yRegister, graphics, events } = s as AncillarySemantics
  return { rd_, codes, yRegister, graphics, events }
}

const UNCHANGED = { rd_: 7n, codes: 5n, yRegister: 9n, graphics: 11n, events: [] }
const read = (name: string) => run(`%${name}, %rd`)
const written = (name: string) => run(`%rs1, src2, %${name}`)

describe('rd and wr (V9 A.44, A.63)', () => {
  it('Y, CCR, PC and GSR are read as they are', () => {
    expect(read('y')).toEqual({ ...UNCHANGED, rd_: 9n })
    expect(read('ccr')).toEqual({ ...UNCHANGED, rd_: 5n })
    expect(read('pc')).toEqual({ ...UNCHANGED, rd_: 0x2000n })
    expect(read('gsr')).toEqual({ ...UNCHANGED, rd_: 11n })
  })

  it('Y, CCR and GSR become rs1 xor the operand', () => {
    expect(written('y')).toEqual({ ...UNCHANGED, yRegister: XOR })
    expect(written('ccr')).toEqual({ ...UNCHANGED, codes: XOR })
    expect(written('gsr')).toEqual({ ...UNCHANGED, graphics: XOR })
  })

  const READ = { asi: 3, tick: 4, fprs: 6, pcr: 16, pic: 17, dcr: 18, softint: 22, tick_cmpr: 23, stick: 24 }
  const WRITTEN = { asi: 3, fprs: 6, pcr: 16, pic: 17, dcr: 18, set_softint: 20, clear_softint: 21, softint: 22 }
  it.each(Object.entries({ ...READ, stick_cmpr: 25 }))('%%%s is read by number, %i', (name, number) => {
    expect(read(name)).toEqual({ ...UNCHANGED, rd_: BigInt(1000 + number) })
  })
  it.each(Object.entries({ ...WRITTEN, tick_cmpr: 23, stick: 24, stick_cmpr: 25 }))(
    '%%%s is written by number, %i',
    (name, number) => {
      expect(written(name)).toEqual({ ...UNCHANGED, events: [`${number} = ${XOR}`] })
    },
  )

  it('GSR is that of the FPU, and nothing else is', () => {
    for (const { syntax } of ancillaryRows().filter((row) => !/%asr\d/.test(row.syntax))) {
      const disabled = () => run(syntax, { floatEnabled: false })
      if (syntax.includes('%gsr')) expect(disabled, syntax).toThrow(new Trapped('fp_disabled'))
      else expect(disabled, syntax).not.toThrow()
    }
  })

  it.each([
    ['%%asr%i, %%rd', [1, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21, 26, 27, 28, 29, 30, 31]],
    ['%%rs1, src2, %%asr%i', [1, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 26, 27, 28, 29, 30, 31]],
  ] as const)('%s, of a number that no register has, is illegal', (syntax, numbers) => {
    for (const number of numbers)
      expect(() => run(syntax.replace('%i', String(number)).replaceAll('%%', '%'))).toThrow(
        new Trapped('illegal_instruction'),
      )
  })
})
