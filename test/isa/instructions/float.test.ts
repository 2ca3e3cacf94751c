import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Instruction } from '../../../src/isa/instruction'
import { floatRows } from '../../../src/isa/instructions/float'
import { BINARY32, BINARY64, type BinaryFormat } from '../../../src/isa/softfloat'
import { OperandSemantics, Trapped } from '../operand-semantics'
import { bitsOf } from '../softfloat/float-bits'

const all = floatRows()

function rowsNamed(name: string, syntax = /./): Instruction[] {
  return all.filter((row) => row.name === name && syntax.test(row.syntax))
}

function run(name: string, operands: Partial<OperandSemantics>, syntax?: RegExp): OperandSemantics {
  const [row] = rowsNamed(name, syntax)
  return Object.assign(new OperandSemantics(), operands).run(row!)
}

const FORMATS: readonly [string, BinaryFormat, (x: number) => number][] = [
  ['s', BINARY32, Math.fround],
  ['d', BINARY64, (x) => x],
]

const number = fc.double({ noNaN: true, min: -1e9, max: 1e9 })

describe('arithmetic rows', () => {
  it.each(FORMATS)('f...%s compute rs1 op rs2', (suffix, format, round) => {
    fc.assert(
      fc.property(number, number, (p, q) => {
        const [x, y] = [round(p), round(q)]
        const operands = { f1: bitsOf(x, format), f2: bitsOf(y, format) }
        const result = (name: string) => run(`${name}${suffix}`, operands).fd
        expect(result('fadd')).toBe(bitsOf(round(x + y), format))
        expect(result('fsub')).toBe(bitsOf(round(x - y), format))
        expect(result('fmul')).toBe(bitsOf(round(x * y), format))
        if (y !== 0) expect(result('fdiv')).toBe(bitsOf(round(x / y), format))
        if (y >= 0) expect(result('fsqrt')).toBe(bitsOf(round(Math.sqrt(y)), format))
        for (const name of ['fcmp', 'fcmpe']) {
          for (const [fcc, row] of rowsNamed(`${name}${suffix}`).entries()) {
            const after = Object.assign(new OperandSemantics(), operands).run(row)
            expect(after.relation).toBe(x === y ? 0 : x < y ? 1 : 2)
            expect(after.events).toEqual([`fcc${fcc}${name === 'fcmpe' ? ' signaling' : ''}`])
          }
        }
      }),
    )
  })

  it('conversions and the widening product take their widths from the mnemonic', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -4096, max: 4096 }), (n, m) => {
        const int32 = BigInt.asUintN(32, BigInt(n))
        const int64 = BigInt.asUintN(64, BigInt(n))
        const convert = (name: string, f2: bigint) => run(name, { f2 }).fd
        expect(convert('fitos', int32)).toBe(bitsOf(Math.fround(n), BINARY32))
        expect(convert('fitod', int32)).toBe(bitsOf(n, BINARY64))
        expect(convert('fxtos', int64)).toBe(bitsOf(Math.fround(n), BINARY32))
        expect(convert('fxtod', int64)).toBe(bitsOf(n, BINARY64))
        expect(convert('fdtoi', bitsOf(n, BINARY64))).toBe(int32)
        expect(convert('fdtox', bitsOf(n, BINARY64))).toBe(int64)
        expect(convert('fstoi', bitsOf(m, BINARY32))).toBe(BigInt.asUintN(32, BigInt(m)))
        expect(convert('fstox', bitsOf(m, BINARY32))).toBe(BigInt.asUintN(64, BigInt(m)))
        expect(convert('fstod', bitsOf(m, BINARY32))).toBe(bitsOf(m, BINARY64))
        expect(convert('fdtos', bitsOf(n, BINARY64))).toBe(bitsOf(Math.fround(n), BINARY32))
        const product = run('fsmuld', { f1: bitsOf(m, BINARY32), f2: bitsOf(Math.fround(n), BINARY32) }).fd
        expect(product).toBe(bitsOf(m * Math.fround(n), BINARY64))
      }),
    )
  })
})

describe('the widening product', () => {
  it('of two quiet NaNs is the second (V9 B.2.2)', () => {
    expect(run('fsmuld', { f1: 0x7fc0_0001n, f2: 0x7fc0_0002n }).fd).toBe(0x7ff8_0000_4000_0000n)
    expect(run('fsmuld', { f1: 0x7fc0_0002n, f2: 0x7fc0_0001n }).fd).toBe(0x7ff8_0000_2000_0000n)
  })
})

describe('moves', () => {
  it('change nothing but the sign, of NaN too, and clear ftt and cexc (V9 A.17)', () => {
    const signaling = 0xfff0_0000_0000_0001n
    expect(run('fmovd', { f2: signaling }).fd).toBe(signaling)
    expect(run('fnegd', { f2: signaling }).fd).toBe(0x7ff0_0000_0000_0001n)
    expect(run('fabsd', { f2: signaling }).fd).toBe(0x7ff0_0000_0000_0001n)
    expect(run('fnegs', { f2: 0n }).fd).toBe(0x8000_0000n)
    expect(run('fabss', { f2: 0xff80_0001n }).fd).toBe(0x7f80_0001n)
    expect(run('fmovs', { f2: 5n }).events).toEqual(['clear ftt, cexc'])
  })

  it('conditional ones test their own condition and keep rd when it fails', () => {
    const cases: [string, RegExp, string][] = [
      ['fmovsne', /%icc/, 'icc 9'],
      ['fmovdleu', /%xcc/, 'xcc 4'],
      ['fmovsge', /%fcc2/, 'fcc2 11'],
      ['fmovdo', /%fcc0/, 'fcc0 15'],
      ['fmovrdlez', /%rs1/, 'r 2 7'],
      ['fmovrsgez', /%rs1/, 'r 7 7'],
    ]
    for (const [name, syntax, tested] of cases) {
      const moved = run(name, { condition: true, f2: 1n, fd: 2n, r1: 7n }, syntax)
      const kept = run(name, { condition: false, f2: 1n, fd: 2n, r1: 7n }, syntax)
      expect([moved.fd, kept.fd]).toEqual([1n, 2n])
      expect(moved.events).toEqual([tested, 'clear ftt, cexc'])
    }
  })

  it('exist for every condition, condition code and width', () => {
    const count = (pattern: RegExp) => all.filter(({ name, syntax }) => pattern.test(`${name} ${syntax}`)).length
    expect(count(/^fmov[sdq]\w+ %[ix]cc/)).toBe(16 * 2 * 3)
    expect(count(/^fmov[sdq]\w+ %fcc/)).toBe(16 * 4 * 3)
    expect(count(/^fmovr[sdq]\w+ %rs1/)).toBe(6 * 3)
  })
})

describe('quad operations', () => {
  const QUADS = [
    ...['fabsq', 'faddq', 'fdivq', 'fdmulq', 'fdtoq', 'fitoq', 'fmovq', 'fmulq', 'fnegq'],
    ...['fqtod', 'fqtoi', 'fqtos', 'fqtox', 'fsqrtq', 'fstoq', 'fsubq', 'fxtoq'],
  ]

  it('are handed over whole', () => {
    const quads = all.filter(({ name }) => /^f(.*q|qto[sdix])$/.test(name) && !/^fmovr?q.|^fcmp/.test(name))
    expect(quads.map(({ name }) => name).sort()).toEqual(QUADS)
    for (const row of quads) expect(new OperandSemantics().run(row).events).toEqual([row.name])
    for (const name of ['fcmpq', 'fcmpeq'])
      for (const row of rowsNamed(name)) expect(new OperandSemantics().run(row).events).toEqual([name])
    expect(run('fmovqne', { condition: false }, /%icc/).events).toEqual(['icc 9', 'fmovq if false'])
  })

  it('loads and stores are handed over before the FPU is asked for: on most models they are illegal', () => {
    for (const name of ['ldq', 'stq', 'ldqa', 'stqa']) {
      expect(run(name, { floatEnabled: false, r1: 16n, r2: 32n }).events).toEqual([`${name} 48`])
    }
  })
})

describe('loads and stores', () => {
  it('move singles and doubles', () => {
    expect(run('ld', { r1: 4n, r2: 8n, memory: 0xdead_beefn }, /frds/)).toMatchObject({
      fd: 0xdead_beefn,
      events: ['load 4 at 12'],
    })
    expect(run('ldd', { r1: 8n, r2: 8n, memory: 77n })).toMatchObject({ fd: 77n, events: ['load 8 at 16'] })
    expect(run('st', { r1: 4n, fd: 9n }, /frds/)).toMatchObject({ memory: 9n, events: ['store 4 at 4'] })
    expect(run('std', { r1: 8n, fd: 9n })).toMatchObject({ memory: 9n, events: ['store 8 at 8'] })
    expect(run('ldda', { r1: 8n, r2: 3n }).events).toEqual(['lddfa 11'])
    expect(run('stda', { r1: 8n, r2: 3n }).events).toEqual(['stdfa 11'])
  })

  it('tell a double on a word boundary from other misalignment', () => {
    expect(() => run('ldd', { r1: 0x1004n })).toThrow(new Trapped('LDDF_mem_address_not_aligned'))
    expect(() => run('std', { r1: 0x100cn })).toThrow(new Trapped('STDF_mem_address_not_aligned'))
    expect(() => run('ldd', { r1: 0x1002n })).toThrow(new Trapped('mem_address_not_aligned'))
    expect(() => run('std', { r1: 0x1006n })).toThrow(new Trapped('mem_address_not_aligned'))
  })

  it('of FSR: ftt is cleared after a store (V9 A.52)', () => {
    expect(run('ld', { memory: 5n }, /fsr/)).toMatchObject({ state: 5n, events: ['load 4 at 0', 'fsr 32'] })
    expect(run('ldx', { memory: 5n })).toMatchObject({ state: 5n, events: ['load 8 at 0', 'fsr 64'] })
    expect(run('st', { state: 0x1_0000_0007n }, /fsr/)).toMatchObject({
      memory: 7n,
      events: ['store 4 at 0', 'clear ftt'],
    })
    expect(run('stx', { state: 0x1_0000_0007n })).toMatchObject({ memory: 0x1_0000_0007n })
  })

  it('every row but quad transfers needs the FPU enabled, before anything else', () => {
    for (const row of all.filter(({ name }) => !/^(ld|st)qa?$/.test(name))) {
      const disabled = Object.assign(new OperandSemantics(), { floatEnabled: false, r1: 1n })
      expect(() => disabled.run(row), row.name).toThrow(new Trapped('fp_disabled'))
      expect(disabled.events).toEqual([])
    }
  })
})
