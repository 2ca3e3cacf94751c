import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { multiplyDivideRows } from '../../../src/isa/instructions/multiply-divide'
import { IntegerSemantics } from '../integer-semantics'
import { Trapped } from '../operand-semantics'

const rowNamed = (name: string) => multiplyDivideRows().find((row) => row.name === name)!
const word64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  fc.bigInt({ min: 0x7fff_fff0n, max: 0x8000_0010n }),
  fc.bigInt({ min: 0n, max: 8n }),
)

function trapOf(name: string, rs1: bigint, rs2: bigint): string | undefined {
  const semantics = new IntegerSemantics()
  Object.assign(semantics, { r1: rs1, r2: rs2, rd_: 77n, codes: 5n, yRegister: 9n })
  try {
    semantics.runWord(rowNamed(name), 0)
    return undefined
  } catch (error) {
    if (!(error instanceof Trapped)) throw error
    expect([semantics.rd_, semantics.codes, semantics.yRegister]).toEqual([77n, 5n, 9n])
    return error.trap
  }
}

describe('tagged arithmetic that traps', () => {
  test.prop([word64, word64])('taddcctv traps on a tag or 32-bit overflow, and changes nothing', (a, b) => {
    const sum = Number(BigInt.asIntN(32, a)) + Number(BigInt.asIntN(32, b))
    const expected = (a & 3n) !== 0n || (b & 3n) !== 0n || sum !== (sum | 0)
    expect(trapOf('taddcctv', a, b)).toBe(expected ? 'tag_overflow' : undefined)
  })

  test.prop([word64, word64])('tsubcctv likewise', (a, b) => {
    const difference = Number(BigInt.asIntN(32, a)) - Number(BigInt.asIntN(32, b))
    const expected = (a & 3n) !== 0n || (b & 3n) !== 0n || difference !== (difference | 0)
    expect(trapOf('tsubcctv', a, b)).toBe(expected ? 'tag_overflow' : undefined)
  })
})

describe('division by zero traps', () => {
  it.each(['udivx', 'sdivx', 'udiv', 'sdiv', 'udivcc', 'sdivcc'])('%s', (name) => {
    expect(trapOf(name, 12n, 0n)).toBe('division_by_zero')
  })

  it.each(['udiv', 'sdiv', 'udivcc', 'sdivcc'])('%s looks at the low 32 bits of the divisor', (name) => {
    expect(trapOf(name, 12n, 0x1_0000_0000n)).toBe('division_by_zero')
  })

  it.each(['udivx', 'sdivx'])('%s looks at all of it', (name) => {
    expect(trapOf(name, 12n, 0x1_0000_0000n)).toBeUndefined()
  })
})
