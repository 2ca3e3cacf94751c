import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LITMUS_TESTS, LitmusError, type LitmusTest, runLitmus } from '../../../src/explore'
import { type Access, executions, type Instruction, type Model, type Program, wordAt } from './axioms'
import { ADDRESSES, readProgram } from './read-assembly'

const MODELS = ['sc', 'tso'] as const

/** Outcomes that TSO allows and sequential consistency does not; all other tests of the catalogue are about what neither allows. */
const ONLY_TSO = [
  'SB',
  'SB+others',
  'SB+stbars',
  'SB+membar+po',
  'SB+rfi',
  'n6',
  'R',
  'RWC',
  '3.SB',
  '4.SB',
  'SB+sizes',
] as const

function allowed(program: Program, test: Pick<LitmusTest, 'variables' | 'observed'>, model: Model): Set<string> {
  const first = new Map<number, number>()
  for (const [name, value] of Object.entries(test.variables))
    for (let n = 0; n < 8; n++) first.set(ADDRESSES[name]! + n, Number((value >> BigInt(56 - 8 * n)) & 0xffn))
  const outcomes = new Set<string>()
  executions(program, first, model, (registers, memory) => {
    const values = test.observed.map((name) => {
      if (/^\d/.test(name)) return registers.get(name) ?? 0n
      const [variable, size = '4'] = name.split(':')
      return wordAt(memory, ADDRESSES[variable!]!, Number(size))
    })
    outcomes.add(values.join(' '))
  })
  return outcomes
}

function reached(test: LitmusTest, memoryModel: Model, storeBufferEntries?: number): Set<string> {
  const { outcomes } = runLitmus(test, { memoryModel, storeBufferEntries })
  return new Set(outcomes.map((outcome) => Object.values(outcome).map(BigInt).join(' ')))
}

describe('the litmus tests of the literature, in every interleaving on the machine', () => {
  for (const test of LITMUS_TESTS) {
    const weak = (ONLY_TSO as readonly string[]).includes(test.name)
    it(`${test.name}: ${weak ? 'reachable under TSO only' : 'reachable under neither model'}`, () => {
      expect(runLitmus(test, { memoryModel: 'tso' }).weakReachable).toBe(weak)
      expect(runLitmus(test, { memoryModel: 'sc' }).weakReachable).toBe(false)
    })

    it(`${test.name}: exactly the outcomes that the axioms allow (V9 appendix D)`, () => {
      for (const model of MODELS) expect(reached(test, model)).toEqual(allowed(readProgram(test.threads), test, model))
    })
  }

  it('have the same outcomes with a store buffer of two entries and of many, and no others with one entry', () => {
    for (const test of LITMUS_TESTS.filter(({ threads }) => threads.length === 2)) {
      const outcomes = reached(test, 'tso')
      for (const entries of [2, 64]) expect(reached(test, 'tso', entries)).toEqual(outcomes)
      for (const outcome of reached(test, 'tso', 1)) expect(outcomes).toContain(outcome)
    }
  }, 60_000)

  it('are on 1 to 4 CPUs', () => {
    expect(new Set(LITMUS_TESTS.map((test) => test.threads.length))).toEqual(new Set([1, 2, 3, 4]))
  })
})

const MNEMONICS = {
  load: { 1: 'ldub', 2: 'lduh', 4: 'lduw', 8: 'ldx' },
  store: { 1: 'stb', 2: 'sth', 4: 'stw', 8: 'stx' },
} as const

/** The n-th instruction of a thread in assembly; its result is in %o<n>. */
function write(instruction: Instruction, n: number): string {
  if (instruction.kind === 'membar')
    return instruction.storeLoad ? 'membar #StoreLoad' : 'membar #StoreStore | #LoadLoad | #LoadStore'
  const { kind, address, size, value, expected } = instruction
  const variable = Object.entries(ADDRESSES).find(([, base]) => address >= base && address < base + 8)!
  const place = `${variable[0]} + ${address - variable[1]}`
  switch (kind) {
    case 'load':
      return `${MNEMONICS.load[size]} [${place}], %o${n}`
    case 'store':
      return `set ${value}, %l0; ${MNEMONICS.store[size]} %l0, [${place}]`
    case 'swap':
      return `set ${value}, %o${n}; swap [${place}], %o${n}`
    case 'ldstub':
      return `ldstub [${place}], %o${n}`
    case 'cas':
      return `set ${place}, %g1; set ${expected}, %l1; set ${value}, %o${n}; cas [%g1], %l1, %o${n}`
  }
}

const anyAccess: fc.Arbitrary<Access> = fc
  .record({
    kind: fc.constantFrom('load', 'load', 'store', 'store', 'swap', 'cas', 'ldstub'),
    variable: fc.constantFrom('x', 'y'),
    size: fc.constantFrom(4, 4, 4, 8, 2, 1),
    slot: fc.nat(7),
    value: fc.integer({ min: 1, max: 3 }),
    expected: fc.integer({ min: 0, max: 1 }),
  })
  .map(({ kind, variable, size, slot, value, expected }) => {
    const bytes = kind === 'swap' || kind === 'cas' ? 4 : kind === 'ldstub' ? 1 : size
    const offset = bytes === 4 ? 0 : bytes === 8 ? 0 : (slot % (4 / bytes)) * bytes
    const access = { kind, address: ADDRESSES[variable]! + offset, size: bytes } as Access
    if (kind === 'load' || kind === 'ldstub') return access
    return { ...access, value: BigInt(value), ...(kind === 'cas' ? { expected: BigInt(expected) } : {}) }
  })

const anyInstruction: fc.Arbitrary<Instruction> = fc.oneof(
  { weight: 5, arbitrary: anyAccess },
  { weight: 1, arbitrary: fc.boolean().map((storeLoad): Instruction => ({ kind: 'membar', storeLoad })) },
)

const anyProgram = (threads: number, most: number): fc.Arbitrary<Program> =>
  fc
    .array(fc.array(anyInstruction, { minLength: 1, maxLength: most }), { minLength: threads, maxLength: threads })
    .map((program) =>
      program.map((instructions) =>
        instructions.map((instruction, n) =>
          instruction.kind === 'membar' || instruction.kind === 'store'
            ? instruction
            : { ...instruction, register: `%o${n}` },
        ),
      ),
    )

function testOf(program: Program): LitmusTest {
  const observed = program.flatMap((instructions, thread) =>
    instructions.flatMap((instruction) =>
      instruction.kind === 'membar' || instruction.register === undefined ? [] : [`${thread}:${instruction.register}`],
    ),
  )
  return {
    name: 'random',
    summary: '',
    threads: program.map((instructions) => instructions.map(write).join('\n')),
    variables: { x: 0n, y: 0n },
    observed: [...observed, 'x:8', 'y:8'],
    weak: {},
  }
}

describe('random litmus tests of loads, stores, membars and atomics in mixed sizes reach exactly what the axioms allow', () => {
  for (const [threads, most, numRuns] of [
    [2, 3, 120],
    [2, 4, 40],
    [3, 2, 60],
    [3, 3, 12],
  ] as const)
    it(`${threads} CPUs with up to ${most} instructions`, () => {
      fc.assert(
        fc.property(anyProgram(threads, most), (program) => {
          const test = testOf(program)
          for (const model of MODELS) expect(reached(test, model)).toEqual(allowed(program, test, model))
        }),
        { numRuns },
      )
    }, 120_000)
})

describe("a user's litmus test", () => {
  const test: LitmusTest = {
    name: 'mine',
    summary: '',
    threads: ['mov 1, %l0; stw %l0, [flag]', 'wait: lduw [flag], %o0; brz,pt %o0, wait; nop'],
    variables: { flag: 0n },
    observed: ['1:%o0', 'flag'],
    weak: { '1:%o0': 0n },
  }

  it('may loop: states that come again are merged', () => {
    expect(runLitmus(test)).toMatchObject({ outcomes: [{ '1:%o0': '1', flag: '1' }], weakReachable: false })
  })

  it('that cannot be run is refused, with the reason', () => {
    const refused = (change: Partial<LitmusTest>) => () => runLitmus({ ...test, ...change })
    expect(refused({ threads: ['no such thing'] })).toThrowError(LitmusError)
    expect(refused({ threads: ['ba .; nop'] })).toThrowError(/thread 0 does not end/)
    expect(refused({ threads: ['mov 1, %l0; ldx [%l0 + %g0], %o0'] })).toThrowError(/thread 0 traps/)
    expect(refused({ observed: ['nothing'] })).toThrowError(/nothing is neither a register/)
    expect(() => runLitmus('no-such')).toThrowError(/expected one of SB/)
    expect(() => runLitmus('IRIW', { maxStates: 10 })).toThrowError(/more than 10 states/)
  })
})
