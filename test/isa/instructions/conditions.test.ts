import { describe, expect, it } from 'vitest'
import { branchRows } from '../../../src/isa/instructions/branch'
import { conditionalMoveRows } from '../../../src/isa/instructions/conditional-move'
import { floatMoveRows } from '../../../src/isa/instructions/float-move'
import { OperandSemantics } from '../operand-semantics'

/** By condition number (V9 A.6, A.4, A.3). */
const INTEGER = ['n', 'e', 'le', 'l', 'leu', 'cs', 'neg', 'vs', 'a', 'ne', 'g', 'ge', 'gu', 'cc', 'pos', 'vc']
const FLOAT = ['n', 'ne', 'lg', 'ul', 'l', 'ug', 'g', 'u', 'a', 'e', 'ue', 'ge', 'uge', 'le', 'ule', 'o']
const REGISTER = [undefined, 'z', 'lez', 'lz', undefined, 'nz', 'gz', 'gez']
const [NEVER, ALWAYS] = [0, 8]

class ConditionSemantics extends OperandSemantics {
  override condition = false

  always = () => true
  never = () => false
  branch = (taken: boolean) => this.events.push(taken ? 'taken' : 'not taken')
  branchAlways = () => this.events.push('always')
  softwareTrap = (holds: boolean, number: bigint) => this.events.push(`trap ${number} ${holds}`)
}

const ROWS = [...branchRows(), ...conditionalMoveRows(), ...floatMoveRows()]

/** What the rows of a name and syntax test, and do if it holds and if not. */
function outcomes(name: string, syntax: RegExp) {
  const rows = ROWS.filter((row) => row.name === name && syntax.test(row.syntax))
  expect(rows.map((row) => row.name)).toEqual([name])
  return [true, false].map((condition) => {
    const s = Object.assign(new ConditionSemantics(), { condition, r1: 3n, r2: 5n, f2: 5n, fd: 9n, rd_: 9n })
    s.run(rows[0]!)
    return s
  })
}

const CODES = [
  ['icc', 'icc', INTEGER],
  ['xcc', 'xcc', INTEGER],
  ...[0, 1, 2, 3].map((fcc) => [`fcc${fcc}`, `fcc${fcc}`, FLOAT] as const),
] as const

describe.each(CODES)('conditions on %s', (_, codes, names) => {
  const onFloat = names === FLOAT
  it.each(names.map((name, number) => [name, number] as const))('%s is number %i', (name, number) => {
    const branches = [
      outcomes(`${onFloat ? 'fb' : 'b'}${name}`, new RegExp(`^,a,p %${codes},`)),
      ...(codes === 'icc' || codes === 'fcc0' ? [outcomes(`${onFloat ? 'fb' : 'b'}${name}`, /^,a disp22/)] : []),
    ]
    for (const [holds, fails] of branches) {
      if (number === ALWAYS) expect([holds!.events, fails!.events]).toEqual([['always'], ['always']])
      else if (number === NEVER) expect([holds!.events, fails!.events]).toEqual([['not taken'], ['not taken']])
      else
        expect([holds!.events, fails!.events]).toEqual([
          [`${codes} ${number}`, 'taken'],
          [`${codes} ${number}`, 'not taken'],
        ])
    }

    const [moved, kept] = outcomes(`mov${name}`, new RegExp(`^%${codes}, src2`))
    expect([moved!.rd_, kept!.rd_, moved!.events, kept!.events]).toEqual([
      5n,
      9n,
      [`${codes} ${number}`],
      [`${codes} ${number}`],
    ])
    for (const width of ['s', 'd']) {
      const [to, from] = outcomes(`fmov${width}${name}`, new RegExp(`^%${codes}, %frs2${width}, %frd${width}`))
      expect([to!.fd, from!.fd]).toEqual([5n, 9n])
      expect(to!.events).toEqual([`${codes} ${number}`, 'clear ftt, cexc'])
    }
    const quad = outcomes(`fmovq${name}`, new RegExp(`^%${codes}, %frs2q, %frdq`))
    expect(quad.map((s) => s.events)).toEqual([true, false].map((c) => [`${codes} ${number}`, `fmovq if ${c}`]))
  })

  it.each(onFloat ? [] : names.map((name, number) => [name, number] as const))('t%s traps', (name, number) => {
    const [holds, fails] = outcomes(`t${name}`, new RegExp(`^%${codes}, software_trap`))
    if (number === ALWAYS) expect([holds!.events, fails!.events]).toEqual([['trap 8 true'], ['trap 8 true']])
    else if (number === NEVER) expect([holds!.events, fails!.events]).toEqual([[], []])
    else
      expect([holds!.events, fails!.events]).toEqual([
        [`${codes} ${number}`, 'trap 8 true'],
        [`${codes} ${number}`, 'trap 8 false'],
      ])
  })
})

describe('conditions on a register', () => {
  const cases = REGISTER.flatMap((name, number) => (name === undefined ? [] : [[name, number] as const]))
  it.each(cases)('%s is number %i', (name, number) => {
    const tested = `r ${number} 3`
    const branches = outcomes(`br${name}`, /^,a,p %rs1, disp16/)
    expect(branches.map((s) => s.events)).toEqual([
      [tested, 'taken'],
      [tested, 'not taken'],
    ])
    const moves = outcomes(`movr${name}`, /^%rs1, src2_10, %rd/)
    expect(moves.map((s) => [s.rd_, s.events])).toEqual([
      [5n, [tested]],
      [9n, [tested]],
    ])
    for (const width of ['s', 'd']) {
      const [to, from] = outcomes(`fmovr${width}${name}`, /^%rs1, %frs2/)
      expect([to!.fd, from!.fd, to!.events]).toEqual([5n, 9n, [tested, 'clear ftt, cexc']])
    }
    expect(outcomes(`fmovrq${name}`, /^%rs1, %frs2/).map((s) => s.events)).toEqual([
      [tested, 'fmovq if true'],
      [tested, 'fmovq if false'],
    ])
  })
})

it('what looks at fcc or moves f registers needs the FPU, and nothing else here does', () => {
  for (const row of ROWS.filter(({ name }) => /^(f?b|f?mov|t)/.test(name))) {
    const s = Object.assign(new ConditionSemantics(), { floatEnabled: false })
    const needed = /%f/.test(row.syntax) || row.name.startsWith('f')
    if (needed) expect(() => s.run(row), row.name).toThrow('fp_disabled')
    else expect(() => s.run(row), row.name).not.toThrow()
  }
})
