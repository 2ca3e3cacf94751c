import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cbcondRows } from '../../../src/isa/instructions/cbcond'
import { imaRows } from '../../../src/isa/instructions/ima'
import { vis2Rows } from '../../../src/isa/instructions/vis2'
import { vis3Rows } from '../../../src/isa/instructions/vis3'
import { IntegerSemantics } from '../integer-semantics'
import { Trapped } from '../operand-semantics'

const extensions = [...vis2Rows(), ...vis3Rows(), ...imaRows(), ...cbcondRows()]
const rows = new Map(extensions.map((row) => [row.name, row]))

interface Operands {
  f1?: bigint
  f2?: bigint
  f3?: bigint
  r1?: bigint
  r2?: bigint
  graphics?: bigint
  codes?: bigint
}

function run(name: string, operands: Operands): IntegerSemantics {
  const semantics = Object.assign(new IntegerSemantics(), operands)
  return semantics.runWord(rows.get(name)!, 0)
}

const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, 0x8000_0000n, 0xffff_ffffn),
)
const wrap = (value: bigint) => BigInt.asUintN(64, value)

function property(check: (a: bigint, b: bigint, c: bigint) => void): () => void {
  return () => fc.assert(fc.property(u64, u64, u64, check), { numRuns: 300 })
}

describe('wide integers', () => {
  it(
    'addxc adds the carry of xcc, not of icc',
    property((a, b, c) => {
      const codes = c & 0xffn
      const carry = (codes >> 4n) & 1n
      expect(run('addxc', { r1: a, r2: b, codes }).rd_).toBe(wrap(a + b + carry))
      const counted = run('addxccc', { r1: a, r2: b, codes })
      expect(counted.rd_).toBe(wrap(a + b + carry))
      expect((counted.codes >> 4n) & 1n).toBe((a + b + carry) >> 64n)
    }),
  )

  it(
    'umulxhi and fpmaddxhi have the upper half of the product, and of product and sum',
    property((a, b, c) => {
      expect(run('umulxhi', { r1: a, r2: b }).rd_).toBe((a * b) >> 64n)
      expect(run('fpmaddx', { f1: a, f2: b, f3: c }).fd).toBe(wrap(a * b + c))
      expect(run('fpmaddxhi', { f1: a, f2: b, f3: c }).fd).toBe((a * b + c) >> 64n)
    }),
  )

  it(
    'lzcnt counts from the top; 64 for 0',
    property((a, b) => {
      const value = a >> (b & 63n)
      const length = value === 0n ? 0 : value.toString(2).length
      expect(run('lzcnt', { r2: value }).rd_).toBe(BigInt(64 - length))
    }),
  )

  it('xmulx multiplies polynomials: (x + 1)(x + 1) is x^2 + 1', () => {
    expect(run('xmulx', { r1: 3n, r2: 3n }).rd_).toBe(5n)
    expect(run('xmulxhi', { r1: 1n << 63n, r2: 2n }).rd_).toBe(1n)
  })

  it(
    'xmulx distributes over xor',
    property((a, b, c) => {
      for (const name of ['xmulx', 'xmulxhi']) {
        const product = (r1: bigint) => run(name, { r1, r2: c }).rd_
        expect(product(a ^ b)).toBe(product(a) ^ product(b))
      }
    }),
  )
})

describe('fnsmuld', () => {
  it('is the negated product of rs1 and rs2 in this order, which decides between NaNs', () => {
    class Product extends IntegerSemantics {
      floatMultiplyWidenNegated = (a: bigint, b: bigint) => (a << 32n) | b
    }
    const operands = { f1: 0x5555_5555_7fc0_0001n, f2: 0x5555_5555_7fc0_0002n }
    expect(Object.assign(new Product(), operands).run(rows.get('fnsmuld')!).fd).toBe(0x7fc0_0001_7fc0_0002n)
  })
})

describe('cmask', () => {
  it.each([8, 16, 32])(
    'cmask%i makes bshuffle take marked lanes from its first operand, others from its second',
    (bits) => {
      const lanes = 64 / bits
      fc.assert(
        fc.property(u64, u64, fc.nat(2 ** lanes - 1), (f1, f2, marks) => {
          const graphics = run(`cmask${bits}`, { r2: BigInt(marks), graphics: 0xffff_ffff_8000_0005n }).graphics
          expect(graphics & 0xffff_ffffn).toBe(0x8000_0005n)
          const shuffled = run('bshuffle', { f1, f2, graphics }).fd
          for (let lane = 0; lane < lanes; lane++) {
            const part = (value: bigint) => BigInt.asUintN(bits, value >> BigInt(lane * bits))
            expect(part(shuffled)).toBe(part((marks >> lane) & 1 ? f1 : f2))
          }
        }),
      )
    },
  )
})

describe('compare and branch', () => {
  const CONDITIONS: Record<string, (a: bigint, b: bigint, width: number) => boolean> = {
    e: (a, b) => a === b,
    le: (a, b, w) => BigInt.asIntN(w, a) <= BigInt.asIntN(w, b),
    l: (a, b, w) => BigInt.asIntN(w, a) < BigInt.asIntN(w, b),
    leu: (a, b) => a <= b,
    cs: (a, b) => a < b,
    neg: (a, b, w) => BigInt.asIntN(w, a - b) < 0n,
    vs: (a, b, w) => BigInt.asIntN(w, a) - BigInt.asIntN(w, b) !== BigInt.asIntN(w, a - b),
  }
  const OPPOSITES = { e: 'ne', le: 'g', l: 'ge', leu: 'gu', cs: 'cc', neg: 'pos', vs: 'vc' }

  it(
    'branches as subcc and bcc would, and leaves the condition codes',
    property((a, b, c) => {
      for (const [letter, width] of [
        ['w', 32],
        ['x', 64],
      ] as const) {
        const near = c % 3n === 0n ? a + (c % 5n) - 2n : b
        const [x, y] = [BigInt.asUintN(width, a), BigInt.asUintN(width, near)]
        for (const [name, holds] of Object.entries(CONDITIONS)) {
          const taken = holds(x, y, width)
          const operands = { r1: a, r2: wrap(near), codes: c & 0xffn }
          const positive = run(`c${letter}b${name}`, operands)
          const negative = run(`c${letter}b${OPPOSITES[name as 'e']}`, operands)
          expect([name, positive.events, positive.codes]).toEqual([name, [taken ? 'taken' : 'not taken'], c & 0xffn])
          expect([name, negative.events]).toEqual([name, [taken ? 'not taken' : 'taken']])
        }
      }
    }),
  )
})

describe('traps', () => {
  it('what uses f registers or GSR needs the FPU enabled, and nothing else does', () => {
    for (const row of [...vis3Rows(), ...imaRows()]) {
      const disabled = Object.assign(new IntegerSemantics(), { floatEnabled: false })
      if (/%f/.test(row.syntax) || row.name.startsWith('cmask')) {
        expect(() => disabled.runWord(row, 0), row.name).toThrow(new Trapped('fp_disabled'))
      } else expect(() => disabled.runWord(row, 0), row.name).not.toThrow()
    }
  })
})
