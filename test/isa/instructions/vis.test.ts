import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visRows } from '../../../src/isa/instructions/vis'
import { vis2Rows } from '../../../src/isa/instructions/vis2'
import { clamp, fromLanes, int8, int16, lanesOf, laneWord } from '../lane-values'
import { OperandSemantics, Trapped } from '../operand-semantics'

const rows = new Map([...visRows(), ...vis2Rows()].map((row) => [row.name, row]))

interface Operands {
  f1?: bigint
  f2?: bigint
  fd?: bigint
  r1?: bigint
  r2?: bigint
  graphics?: bigint
  addressMask?: boolean
}

function run(name: string, operands: Operands): OperandSemantics {
  return Object.assign(new OperandSemantics(), operands).run(rows.get(name)!)
}

function property(check: (a: bigint, b: bigint, c: bigint) => void): () => void {
  return () => fc.assert(fc.property(laneWord, laneWord, laneWord, check), { numRuns: 300 })
}

describe('partitioned addition and subtraction', () => {
  it(
    'wraps in each lane',
    property((a, b) => {
      for (const [suffix, total] of [
        ['', 64],
        ['s', 32],
      ] as const) {
        for (const bits of [16, 32]) {
          const [x, y] = [lanesOf(a, bits, total), lanesOf(b, bits, total)]
          const sum = x.map((lane, i) => lane + y[i]!)
          const difference = x.map((lane, i) => lane - y[i]!)
          expect(run(`fpadd${bits}${suffix}`, { f1: a, f2: b }).fd).toBe(fromLanes(sum, bits))
          expect(run(`fpsub${bits}${suffix}`, { f1: a, f2: b }).fd).toBe(fromLanes(difference, bits))
        }
      }
    }),
  )
})

describe('logical operations', () => {
  const BITWISE: [string, (a: number, b: number) => number][] = [
    ['fzero', () => 0],
    ['fone', () => 1],
    ['fsrc1', (a) => a],
    ['fsrc2', (_, b) => b],
    ['fnot1', (a) => 1 - a],
    ['fnot2', (_, b) => 1 - b],
    ['for', (a, b) => Math.max(a, b)],
    ['fnor', (a, b) => 1 - Math.max(a, b)],
    ['fand', (a, b) => a * b],
    ['fnand', (a, b) => 1 - a * b],
    ['fxor', (a, b) => Number(a !== b)],
    ['fxnor', (a, b) => Number(a === b)],
    ['fornot1', (a, b) => Math.max(1 - a, b)],
    ['fornot2', (a, b) => Math.max(a, 1 - b)],
    ['fandnot1', (a, b) => (1 - a) * b],
    ['fandnot2', (a, b) => a * (1 - b)],
  ]

  it.each(BITWISE)('%s has its truth table, in 64 and 32 bits', (name, truth) => {
    const f1 = 0x3c3c_3c3c_0f0f_0f0fn
    const f2 = 0x5a5a_5a5a_3333_3333n
    const bits = (total: number) =>
      fromLanes(
        lanesOf(f1, 1, total).map((a, i) => truth(a, lanesOf(f2, 1, total)[i]!)),
        1,
      )
    expect(run(name, { f1, f2 }).fd).toBe(bits(64))
    expect(run(`${name}s`, { f1, f2 }).fd).toBe(bits(32))
  })
})

describe('packing', () => {
  const scaleOf = (c: bigint) => Number(c & 31n)

  it(
    'fpack16, fpackfix and fpack32 scale, truncate and clip (UltraSPARC-I 13.5.3)',
    property((a, b, c) => {
      const scale = scaleOf(c)
      const graphics = BigInt(scale) << 3n
      const pack16 = lanesOf(b, 16).map((lane) => clamp(Math.floor((int16(lane) * 2 ** (scale & 15)) / 128), 0, 255))
      expect(run('fpack16', { f2: b, graphics }).fd).toBe(fromLanes(pack16, 8))
      const fixed = lanesOf(b, 32).map((lane) => clamp(Math.floor(((lane | 0) * 2 ** scale) / 65536), -32768, 32767))
      expect(run('fpackfix', { f2: b, graphics }).fd).toBe(fromLanes(fixed, 16))
      const [high, low] = lanesOf(b, 32).map((lane) => clamp(Math.floor(((lane | 0) * 2 ** scale) / 2 ** 23), 0, 255))
      const [rs1High, rs1Low] = lanesOf(a, 32)
      const pack32 = fromLanes([(rs1High! << 8) | high!, (rs1Low! << 8) | low!], 32)
      expect(run('fpack32', { f1: a, f2: b, graphics }).fd).toBe(pack32)
    }),
  )

  it(
    'fexpand and fpmerge',
    property((a, b) => {
      expect(run('fexpand', { f2: b }).fd).toBe(
        fromLanes(
          lanesOf(b, 8, 32).map((lane) => lane * 16),
          16,
        ),
      )
      const y = lanesOf(b, 8, 32)
      const merged = lanesOf(a, 8, 32).flatMap((lane, i) => [lane, y[i]!])
      expect(run('fpmerge', { f1: a, f2: b }).fd).toBe(fromLanes(merged, 8))
    }),
  )
})

describe('multiplication', () => {
  const rounded = (product: number, by: number) => Math.floor((product + by / 2) / by)

  it(
    'fmul8x16 and its fixed-coefficient forms',
    property((a, b) => {
      const pixels = lanesOf(a, 8, 32)
      const coefficients = lanesOf(b, 16).map(int16)
      const [upper, lower] = lanesOf(b, 16, 32).map(int16)
      const product = (by: (i: number) => number) =>
        fromLanes(
          pixels.map((pixel, i) => rounded(pixel * by(i), 256)),
          16,
        )
      expect(run('fmul8x16', { f1: a, f2: b }).fd).toBe(product((i) => coefficients[i]!))
      expect(run('fmul8x16au', { f1: a, f2: b }).fd).toBe(product(() => upper!))
      expect(run('fmul8x16al', { f1: a, f2: b }).fd).toBe(product(() => lower!))
    }),
  )

  it(
    'the signed-upper and unsigned-lower halves of a 16 by 16 product',
    property((a, b) => {
      const x = lanesOf(a, 16)
      const y = lanesOf(b, 16).map(int16)
      const su = x.map((lane, i) => rounded(int8(lane >> 8) * y[i]!, 256))
      const ul = x.map((lane, i) => rounded((lane & 255) * y[i]!, 65536))
      expect(run('fmul8sux16', { f1: a, f2: b }).fd).toBe(fromLanes(su, 16))
      expect(run('fmul8ulx16', { f1: a, f2: b }).fd).toBe(fromLanes(ul, 16))
      const wideUpper = x.slice(2).map((lane, i) => int8(lane >> 8) * y[i + 2]! * 256)
      const wideLower = x.slice(2).map((lane, i) => (lane & 255) * y[i + 2]!)
      const upper = run('fmuld8sux16', { f1: a, f2: b }).fd
      const lower = run('fmuld8ulx16', { f1: a, f2: b }).fd
      expect(upper).toBe(fromLanes(wideUpper, 32))
      expect(lower).toBe(fromLanes(wideLower, 32))
      const exact = x.slice(2).map((lane, i) => int16(lane) * y[i + 2]!)
      expect(run('fpadd32', { f1: upper, f2: lower }).fd).toBe(fromLanes(exact, 32))
    }),
  )
})

describe('comparison', () => {
  it(
    'gives one bit a lane, the lowest for the lowest lane',
    property((a, b) => {
      for (const bits of [16, 32]) {
        const number = (lane: number) => (bits === 16 ? int16(lane) : lane | 0)
        const x = lanesOf(a, bits).map(number)
        const y = lanesOf(b, bits).map(number)
        const expected = (test: (p: number, q: number) => boolean) =>
          x.reduce((maskBits, lane, i) => maskBits * 2 + Number(test(lane, y[i]!)), 0)
        const actual = (name: string) => Number(run(`${name}${bits}`, { f1: a, f2: b }).rd_)
        expect(actual('fcmpgt')).toBe(expected((p, q) => p > q))
        expect(actual('fcmple')).toBe(expected((p, q) => p <= q))
        expect(actual('fcmpeq')).toBe(expected((p, q) => p === q))
        expect(actual('fcmpne')).toBe(expected((p, q) => p !== q))
      }
    }),
  )
})

describe('pdist', () => {
  it(
    'adds the absolute differences of eight bytes to rd',
    property((a, b, c) => {
      const y = lanesOf(b, 8)
      const sum = lanesOf(a, 8).reduce((total, lane, i) => total + Math.abs(lane - y[i]!), 0)
      expect(run('pdist', { f1: a, f2: b, fd: c }).fd).toBe(BigInt.asUintN(64, c + BigInt(sum)))
    }),
  )
})

describe('alignment (UltraSPARC-I 13.5.5)', () => {
  it('alignaddr keeps the offset of the sum in GSR, alignaddrl its complement', () => {
    const big = run('alignaddr', { r1: 0x1003n, r2: 0x102n, graphics: 0xf8n })
    expect([big.rd_, big.graphics]).toEqual([0x1100n, 0xfdn])
    const little = run('alignaddrl', { r1: 0x1003n, r2: 0x102n, graphics: 0xf8n })
    expect([little.rd_, little.graphics]).toEqual([0x1100n, 0xfbn])
    expect(run('alignaddrl', { r1: 8n, r2: 8n, graphics: 7n }).graphics).toBe(0n)
  })

  it(
    'faligndata takes eight bytes from the offset on',
    property((a, b, c) => {
      const offset = Number(c & 7n)
      const bytes = [...lanesOf(a, 8), ...lanesOf(b, 8)].slice(offset, offset + 8)
      expect(run('faligndata', { f1: a, f2: b, graphics: c }).fd).toBe(fromLanes(bytes, 8))
    }),
  )
})

describe('edges (UltraSPARC-I tables 13-1 and 13-2)', () => {
  const LEFT8 = ['11111111', '01111111', '00111111', '00011111', '00001111', '00000111', '00000011', '00000001']
  const RIGHT8 = ['10000000', '11000000', '11100000', '11110000', '11111000', '11111100', '11111110', '11111111']
  const LEFT16 = ['1111', '0111', '0011', '0001']
  const RIGHT16 = ['1000', '1100', '1110', '1111']
  const LEFT32 = ['11', '01']
  const RIGHT32 = ['10', '11']

  it.each([
    [8, 1, LEFT8, RIGHT8],
    [16, 2, LEFT16, RIGHT16],
    [32, 4, LEFT32, RIGHT32],
  ] as const)('edge%i', (bits, bytes, left, right) => {
    for (let from = 0; from < 8; from++) {
      for (let to = 0; to < 8; to++) {
        const l = Number.parseInt(left[Math.floor(from / bytes)]!, 2)
        const r = Number.parseInt(right[Math.floor(to / bytes)]!, 2)
        const reversed = (value: number) =>
          Number.parseInt([...value.toString(2).padStart(left.length, '0')].reverse().join(''), 2)
        const start = 0x1_0000_1000n + BigInt(from)
        const same = 0x1_0000_1000n + BigInt(to)
        const other = 0x2_0000_1000n + BigInt(to)
        expect(Number(run(`edge${bits}`, { r1: start, r2: same }).rd_)).toBe(l & r)
        expect(Number(run(`edge${bits}`, { r1: start, r2: other }).rd_)).toBe(l)
        expect(Number(run(`edge${bits}`, { r1: start, r2: other, addressMask: true }).rd_)).toBe(l & r)
        expect(Number(run(`edge${bits}l`, { r1: start, r2: same }).rd_)).toBe(reversed(l & r))
        expect(Number(run(`edge${bits}l`, { r1: start, r2: other }).rd_)).toBe(reversed(l))
        expect(Number(run(`edge${bits}n`, { r1: start, r2: same }).rd_)).toBe(l & r)
        expect(Number(run(`edge${bits}ln`, { r1: start, r2: other }).rd_)).toBe(reversed(l))
      }
    }
  })

  it('set the condition codes as subcc does; the VIS 2 forms leave them', () => {
    expect(run('edge8', { r1: 5n, r2: 7n }).ccr_).toBe(`sub 5 7 ${2n ** 64n - 2n}`)
    expect(run('edge8n', { r1: 5n, r2: 7n }).ccr_).toBe('')
  })
})

describe('three-dimensional arrays (VIS 4.7.10)', () => {
  it('interleave the bits of X, Y and Z in three levels of blocks', () => {
    const coordinate = fc.integer({ min: 0, max: 2047 })
    fc.assert(
      fc.property(
        coordinate,
        coordinate,
        fc.integer({ min: 0, max: 511 }),
        fc.integer({ min: 0, max: 5 }),
        (x, y, z, n) => {
          const point =
            (BigInt(z) << 55n) | (BigInt(y) << 33n) | (BigInt(x) << 11n) | (0x3ffn << 44n) | (0x2an << 22n) | 0x7ffn
          const bits = (value: number, low: number, width: number) => Math.floor(value / 2 ** low) % 2 ** width
          const fields: [number, number][] = [
            [bits(z, 5, 4), 4],
            [bits(y, 6, n), n],
            [bits(x, 6, n), n],
            [bits(z, 1, 4), 4],
            [bits(y, 2, 4), 4],
            [bits(x, 2, 4), 4],
            [bits(z, 0, 1), 1],
            [bits(y, 0, 2), 2],
            [bits(x, 0, 2), 2],
          ]
          const address = fields.reduce((value, [field, width]) => value * 2 ** width + field, 0)
          expect(Number(run('array8', { r1: point, r2: BigInt(n) }).rd_)).toBe(address)
          expect(Number(run('array16', { r1: point, r2: BigInt(n) }).rd_)).toBe(address * 2)
          expect(Number(run('array32', { r1: point, r2: BigInt(n) }).rd_)).toBe(address * 4)
        },
      ),
    )
  })
})

describe('three-dimensional arrays of sizes that VIS does not define', () => {
  it('are of size 5', () => {
    const property = fc.property(laneWord, fc.oneof(fc.bigInt(6n, 70n), laneWord), (r1, r2) => {
      for (const name of ['array8', 'array16', 'array32'])
        expect(run(name, { r1, r2 }).rd_).toBe(run(name, { r1, r2: r2 < 5n ? r2 : 5n }).rd_)
    })
    fc.assert(property, { numRuns: 100, seed: 9 })
  })
})

describe('VIS 2', () => {
  it(
    'bmask and bshuffle pick any eight of sixteen bytes',
    property((a, b, c) => {
      const masked = run('bmask', { r1: c, r2: 0x1_0000_0000n, graphics: 0xffff_ffff_0000_00fdn })
      expect(masked.rd_).toBe(BigInt.asUintN(64, c + 0x1_0000_0000n))
      expect(masked.graphics).toBe((BigInt.asUintN(32, c) << 32n) | 0xfdn)
      const bytes = [...lanesOf(a, 8), ...lanesOf(b, 8)]
      const picked = lanesOf(BigInt.asUintN(32, c), 4, 32).map((index) => bytes[index]!)
      expect(run('bshuffle', { f1: a, f2: b, graphics: masked.graphics }).fd).toBe(fromLanes(picked, 8))
    }),
  )

  it('siam sets the interval mode in GSR 27:25', () => {
    const modes = vis2Rows().filter(({ name }) => name === 'siam')
    expect(
      modes.map((row) => Object.assign(new OperandSemantics(), { graphics: 0xe00_00f8n }).run(row).graphics),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((mode) => BigInt(mode * 2 ** 25 + 0xf8)))
  })
})

describe('traps', () => {
  const INTEGER_ONLY = /^(edge|array|shutdown)/

  it('all but the edge and array instructions need the FPU enabled', () => {
    for (const row of [...visRows(), ...vis2Rows()]) {
      const disabled = Object.assign(new OperandSemantics(), { floatEnabled: false })
      if (INTEGER_ONLY.test(row.name)) expect(() => disabled.run(row), row.name).not.toThrow()
      else expect(() => disabled.run(row), row.name).toThrow(new Trapped('fp_disabled'))
    }
  })

  it('shutdown is privileged', () => expect(run('shutdown', {}).events).toEqual(['privileged']))
})
