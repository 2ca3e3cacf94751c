import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReferenceCpu } from '../../src/engine/reference-cpu'
import { compilePattern, type Instruction, withField } from '../../src/isa'
import { cbcondRows } from '../../src/isa/instructions/cbcond'
import { conditionalMoveRows } from '../../src/isa/instructions/conditional-move'
import { INTEGER_CONDITIONS, REGISTER_CONDITIONS } from '../../src/isa/instructions/conditions'
import { integerRows } from '../../src/isa/instructions/integer'
import { multiplyDivideRows } from '../../src/isa/instructions/multiply-divide'
import { popcRows } from '../../src/isa/instructions/popc'
import { shiftRows } from '../../src/isa/instructions/shift'
import { TRAPS } from '../../src/isa/traps'
import { IntegerSemantics } from '../isa/integer-semantics'
import { Trapped } from '../isa/operand-semantics'
import { bareMachine, PROGRAM } from './bare-machine'

const EDGES = [0n, 1n, 2n, 31n, 63n, 1n << 31n, 1n << 32n, 1n << 63n].flatMap((edge) => [edge, edge - 1n, -edge, ~edge])
const word64 = fc
  .oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }))
  .map((word) => BigInt.asUintN(64, word))
const byte = fc.bigInt({ min: 0n, max: 255n })
const unsigned = (value: bigint) => BigInt.asUintN(64, value)

describe('each instruction on registers gives what a model of it on operands gives, which is compared with qemu', () => {
  const { machine } = bareMachine('nop', { model: 'sparc-t4' })
  const cpu = machine.cpus[0]!
  const all = Array.from({ length: 32 }, (_, n) => n)
  const rows = [integerRows, multiplyDivideRows, shiftRows, conditionalMoveRows, popcRows].flatMap((make) => make())
  const names = [...new Set(rows.map(({ name }) => name))]

  /** Registers, Y, CCR and the trap, if any, that a model of the instruction leaves. */
  function expected(row: Instruction, word: number, registers: readonly bigint[], y: bigint, ccr: bigint) {
    const field = (shift: number) => registers[(word >>> shift) & 31]!
    const model = new IntegerSemantics()
    Object.assign(model, { r1: field(14), r2: field(0), rd_: field(25), yRegister: y, codes: ccr })
    model.immediate = () => BigInt(word & 0x3f_ffff) << 10n
    try {
      model.runWord(row, word)
    } catch (thrown) {
      if (!(thrown instanceof Trapped)) throw thrown
      return { registers, y, ccr, tt: TRAPS[thrown.trap].tt }
    }
    const rd = (word >>> 25) & 31
    const after = registers.map((value, n) => (n === rd && n !== 0 ? model.rd_ : value))
    return { registers: after, y: model.yRegister, ccr: model.codes, tt: 0 }
  }

  function found(word: number, registers: readonly bigint[], y: bigint, ccr: bigint) {
    cpu.set('y', y)
    cpu.set('ccr', ccr)
    for (const [field, value] of [
      ['pstate', 0x14n],
      ['tl', 0n],
    ] as const)
      cpu.set(field, value)
    cpu.set('tt', 0n, 0)
    cpu.modeChanged()
    for (const n of all) cpu.setR(n, registers[n]!)
    machine.poke(Number(PROGRAM), 4, BigInt(word))
    cpu.set('pc', PROGRAM)
    cpu.set('npc', PROGRAM + 4n)
    const { transfer } = cpu
    machine.engine.run(0, 1)
    expect(cpu.transfer).toBe(transfer)
    const tt = Number(cpu.get('tt', 0))
    cpu.set('pstate', 0x14n)
    cpu.modeChanged()
    return { registers: all.map((n) => cpu.r(n)), y: cpu.get('y'), ccr: cpu.get('ccr'), tt }
  }

  const operands = fc.tuple(
    fc.array(word64, { minLength: 31, maxLength: 31 }).map((words) => [0n, ...words]),
    fc.array(fc.nat(31), { minLength: 3, maxLength: 3 }),
    fc.boolean(),
    fc.integer({ min: -4096, max: 4095 }),
    word64.map((word) => BigInt.asUintN(32, word)),
    byte,
  )
  it.each(names)('%s', (name) => {
    for (const row of rows.filter((one) => one.name === name && !one.syntax.includes('fcc'))) {
      const { value, fields, immediate } = compilePattern(row.pattern)
      const has = (field: string) => fields.some(({ name: known }) => known === field)
      const property = fc.property(operands, ([registers, [rd, rs1, rs2], selects, bits, y, ccr]) => {
        let word = withField(value, 'rd', rd!)
        if (has('rs1')) word = withField(word, 'rs1', rs1!)
        if (has('i') && selects) word = withField(withField(word, 'i', 1), immediate!.name, bits)
        else if (has('rs2')) word = withField(word, 'rs2', rs2!)
        else word = withField(word, 'imm22', bits)
        expect(found(word, registers, y, ccr)).toEqual(expected(row, word, registers, y, ccr))
      })
      fc.assert(property, { numRuns: 12, seed: 3 })
    }
  })
})

describe('conditions', () => {
  const { cpus } = bareMachine('nop').machine
  const cpu = cpus[0]!

  it('hold for the condition codes of V9 A.7: each of 256 with each of icc and xcc', () => {
    const model = new IntegerSemantics()
    for (let ccr = 0n; ccr < 256n; ccr++) {
      model.codes = ccr
      cpu.setCcr(ccr)
      expect(cpu.ccr()).toBe(ccr)
      for (const which of ['icc', 'xcc'] as const)
        for (const condition of INTEGER_CONDITIONS.keys())
          if (cpu.testIntegerCondition(which, condition) !== model.testIntegerCondition(which, condition))
            expect([ccr, which, INTEGER_CONDITIONS[condition]]).toBeUndefined()
    }
  })

  it('of a register compare it with zero (V9 A.3)', () => {
    const model = new IntegerSemantics()
    for (const value of EDGES)
      for (const [condition, name] of REGISTER_CONDITIONS)
        expect([name, value, cpu.testRegisterCondition(condition, BigInt.asIntN(64, value))]).toEqual([
          name,
          value,
          model.testRegisterCondition(condition, value),
        ])
  })

  it('of a comparison that branches are those after subcc', () => {
    const { machine } = bareMachine('nop', { model: 'sparc-t4' })
    const [t4] = machine.cpus
    const property = fc.property(fc.constantFrom(...cbcondRows()), word64, word64, (row, a, b) => {
      const model = new IntegerSemantics()
      Object.assign(model, { r1: a, r2: b })
      const word = withField(withField(compilePattern(row.pattern).value, 'rs1', 1), 'rs2', 2)
      model.runWord(row, word)
      t4!.setR(1, a)
      t4!.setR(2, b)
      machine.poke(Number(PROGRAM), 4, BigInt(withField(word, 'd10lo', 4)))
      t4!.set('pc', PROGRAM)
      t4!.set('npc', PROGRAM + 4n)
      machine.step(0)
      expect(t4!.get('pc')).toBe(model.events[0] === 'taken' ? PROGRAM + 16n : PROGRAM + 4n)
    })
    fc.assert(property, { numRuns: 400, seed: 4 })
  })
})

describe('values are 64 bits, signed, and wrap around', () => {
  const cpu: ReferenceCpu = bareMachine('nop').machine.cpus[0]!
  const model = new IntegerSemantics()
  const signed64 = word64.map((word) => BigInt.asIntN(64, word))

  it.each(['add', 'sub', 'mul', 'and', 'or', 'xor', 'udiv', 'sdiv'] as const)('%s', (operation) => {
    const property = fc.property(signed64, signed64, (a, b) => {
      fc.pre(!operation.endsWith('div') || b !== 0n)
      const value = cpu[operation](a, b)
      expect(value).toBe(BigInt.asIntN(64, value))
      expect(unsigned(value)).toBe(model[operation](unsigned(a), unsigned(b)))
    })
    fc.assert(property, { numRuns: 200, seed: 5, examples: [[-(1n << 63n), -1n]] })
  })

  it.each(['shl', 'shr', 'sar'] as const)('%s by 0 to 63', (operation) => {
    const property = fc.property(signed64, fc.bigInt({ min: 0n, max: 63n }), (a, count) => {
      const value = cpu[operation](a, count)
      expect(value).toBe(BigInt.asIntN(64, value))
      expect(unsigned(value)).toBe(model[operation](unsigned(a), count))
    })
    fc.assert(property, { numRuns: 200, seed: 5 })
  })

  it('not, popcount, and extension of any number of bits', () => {
    const property = fc.property(signed64, fc.integer({ min: 1, max: 64 }), (a, bits) => {
      expect(unsigned(cpu.not(a))).toBe(model.not(unsigned(a)))
      expect(cpu.popcount(a)).toBe(model.popcount(unsigned(a)))
      for (const operation of ['zeroExtend', 'signExtend'] as const) {
        const value = cpu[operation](a, bits)
        expect(value).toBe(BigInt.asIntN(64, value))
        expect(unsigned(value)).toBe(model[operation](unsigned(a), bits))
      }
    })
    fc.assert(property, { numRuns: 400, seed: 6 })
  })

  it.each(['add', 'sub', 'logic'] as const)('condition codes of %s', (kind) => {
    const property = fc.property(signed64, signed64, signed64, (a, b, result) => {
      cpu.setConditionCodes(kind, a, b, result)
      model.setConditionCodes(kind, unsigned(a), unsigned(b), unsigned(result))
      expect(cpu.ccr()).toBe(model.codes)
    })
    fc.assert(property, { numRuns: 400, seed: 8 })
  })

  it('comparisons and conditions', () => {
    const property = fc.property(signed64, signed64, fc.boolean(), fc.boolean(), (a, b, p, q) => {
      for (const second of [a, b])
        for (const operation of ['equal', 'lessUnsigned', 'lessSigned'] as const)
          expect(cpu[operation](a, second)).toBe(model[operation](unsigned(a), unsigned(second)))
      expect([cpu.both(p, q), cpu.either(p, q), cpu.negate(p)]).toEqual([p && q, p || q, !p])
      expect(cpu.select(p, a, b)).toBe(p ? a : b)
    })
    fc.assert(property, { numRuns: 200, seed: 7 })
    expect([cpu.always(), cpu.never()]).toEqual([true, false])
  })
})

describe('pairs of registers', () => {
  it('ldd and std hold the low halves of an even register and the next; other registers stay', () => {
    const { machine } = bareMachine('ldd [%g1], %o2\nstd %o2, [%g1 + 8]')
    const cpu = machine.cpus[0]!
    for (let n = 2; n < 32; n++) cpu.setR(n, -BigInt(n))
    cpu.setR(1, 0x30_0000n)
    machine.poke(0x30_0000, 8, 0x8123_4567_89ab_cdefn)
    machine.step(0)
    for (let n = 2; n < 32; n++)
      expect([n, cpu.r(n)]).toEqual([n, n === 10 ? 0x8123_4567n : n === 11 ? 0x89ab_cdefn : unsigned(-BigInt(n))])
    cpu.setR(10, 0x1111_1111_8000_0001n)
    cpu.setR(11, 0x3333_3333_9000_0002n)
    machine.step(0)
    expect(machine.peek(0x30_0008, 8)).toBe(0x8000_0001_9000_0002n)
    cpu.insn = { ...cpu.insn, rd: 10 }
    expect(cpu.rdPair()).toEqual([0x8000_0001n, 0x9000_0002n])
  })

  it.each([1, 3, 15, 30, 31])('of %i', (rd) => {
    const { machine } = bareMachine('nop')
    const cpu = machine.cpus[0]!
    machine.poke(Number(PROGRAM), 4, BigInt(0xc018_6000 + rd * 0x200_0000))
    cpu.setR(1, 0x30_0000n)
    machine.step(0)
    expect([cpu.get('tl'), cpu.get('tt', 0)]).toEqual(rd & 1 ? [1n, 0x10n] : [0n, 0n])
  })
})

describe('the address of an instruction', () => {
  it.each(['rd %pc, %o7', 'call . + 8', 'jmpl %g1, %o7'])('%s gives 64 bits of it, 32 with PSTATE.AM', (source) => {
    const high = 0xffff_fff8_8020_0000n
    for (const addressMask of [false, true]) {
      const { machine } = bareMachine(source)
      const cpu = machine.cpus[0]!
      for (const va of [high, BigInt.asUintN(32, high)]) {
        cpu.mmu.storeAsi(0x50, 0x30n, va)
        cpu.mmu.storeAsi(0x54, 0n, (1n << 63n) | PROGRAM | 0x37n)
      }
      cpu.set('pc', high)
      cpu.set('npc', high + 4n)
      cpu.set('pstate', cpu.get('pstate') | (addressMask ? 8n : 0n))
      cpu.modeChanged()
      machine.step(0)
      expect(cpu.r(15)).toBe(addressMask ? 0x8020_0000n : high)
    }
  })
})
