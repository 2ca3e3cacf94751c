import { describe, expect, it } from 'vitest'
import { compilePattern, type Instruction, makeDecoder, makeRows } from '../../src/isa'
import { PRINTED_NAMES, printedAliases } from '../../src/isa/aliases'
import { getField, withField } from '../../src/isa/encoding'
import { type Operand, parseSyntax } from '../../src/isa/operands'
import { sampleWords } from './instruction-words'

const rows = makeRows()
const decode = makeDecoder(rows)

describe('the rows', () => {
  it('do not overlap, but for the reserved prefetch functions', () => {
    const overlaps: string[] = []
    for (const [index, a] of rows.entries()) {
      for (const b of rows.slice(index + 1)) {
        if (!isReservedPrefetch(a) && !isReservedPrefetch(b) && overlap(a, b)) overlaps.push(`${show(a)} | ${show(b)}`)
      }
    }
    expect(overlaps).toEqual([])
  })

  it('decode from each of their words', () => {
    for (const row of rows) {
      for (const word of sampleWords(row, 20)) {
        const found = decode(word)
        const meant = found === row || (row.name.startsWith('prefetch') && found?.name === row.name)
        expect(meant, `${show(row)} ${word.toString(16)} decodes as ${found && show(found)}`).toBe(true)
      }
    }
  })

  it('decode from signed words as from unsigned ones', () => {
    for (const row of rows) for (const word of sampleWords(row, 3)) expect(decode(word | 0)).toBe(decode(word))
  })

  it('make a word again from its fields', () => {
    for (const row of rows) {
      const { value, fields } = compilePattern(row.pattern)
      for (const word of sampleWords(row, 20)) {
        expect(fields.reduce((made, { name }) => withField(made, name, getField(word, name)), value)).toBe(word)
      }
    }
  })

  it('write every field of the pattern in the syntax', () => {
    for (const row of rows) {
      const written = new Set(operandsOf(row).flatMap(fieldsOf))
      const { fields } = compilePattern(row.pattern)
      expect(
        fields.map(({ name }) => name).filter((name) => !written.has(name)),
        show(row),
      ).toEqual([])
      expect(
        [...written].filter((name) => !fields.some((field) => field.name === name)),
        show(row),
      ).toEqual([])
    }
  })

  it('leave VIS 2 to the models that have it', () => {
    const word = compilePattern(rows.find(({ name }) => name === 'bshuffle')!.pattern).value
    expect(makeDecoder(makeRows(['vis1']))(word)).toBeUndefined()
    expect(decode(word)?.name).toBe('bshuffle')
  })

  it('leave holes for illegal instructions', () => {
    const reservedPrivilegedRegister = 0x8150_0000 | (16 << 14)
    const reservedBranch = 0x0000_0000 | (7 << 22)
    const brOnReservedCondition = 0x00c0_0000
    for (const word of [reservedPrivilegedRegister, reservedBranch, brOnReservedCondition, 0x81b8_0060]) {
      expect(decode(word), word.toString(16)).toBeUndefined()
    }
  })
})

describe('the decoder', () => {
  it('is built in well under 20 ms', () => {
    const fresh = makeRows()
    makeDecoder(fresh)
    const best = Math.min(...[1, 2, 3].map(() => time(() => makeDecoder(fresh))))
    expect(best).toBeLessThan(20)
  })
})

describe('the aliases', () => {
  it('each stand for words of exactly one row', () => {
    for (const alias of printedAliases()) {
      const names = new Set(sampleWords(alias, 50).map((word) => decode(word)))
      expect(names.size, alias.name).toBe(1)
      const [row] = names
      expect((compilePattern(alias.pattern).mask & compilePattern(row!.pattern).mask) >>> 0, alias.name).toBe(
        compilePattern(row!.pattern).mask,
      )
    }
  })

  it('rename rows that exist', () => {
    for (const name of Object.keys(PRINTED_NAMES))
      expect(
        rows.some((row) => row.name === name),
        name,
      ).toBe(true)
  })
})

function show({ name, pattern }: Instruction): string {
  return `${name} (${pattern})`
}

function isReservedPrefetch({ name, syntax }: Instruction): boolean {
  return name.startsWith('prefetch') && !syntax.endsWith('prefetch_fcn')
}

function overlap(a: Instruction, b: Instruction): boolean {
  const one = compilePattern(a.pattern)
  const other = compilePattern(b.pattern)
  const shared = one.mask & other.mask
  return (one.value & shared) === (other.value & shared)
}

function operandsOf({ syntax }: Instruction): Operand[] {
  const { suffixes, parts } = parseSyntax(syntax)
  return [...suffixes, ...parts.filter((part) => typeof part !== 'string')]
}

function fieldsOf(operand: Operand): string[] {
  switch (operand.form) {
    case 'register':
    case 'float-register':
    case 'immediate':
    case 'illegal-constant':
    case 'high-immediate':
      return [operand.field]
    case 'register-or-immediate':
      return ['i', 'rs2', operand.immediate]
    case 'address':
      if (operand.offset === 'register') return ['rs1', 'rs2']
      return operand.offset === 'immediate' ? ['rs1', 'simm13'] : ['rs1', 'i', 'rs2', 'simm13']
    case 'trap-number':
      return ['rs1', 'i', 'rs2', 'trap7']
    case 'displacement':
      return [...operand.fields]
    case 'asi':
      return ['imm_asi']
    case 'membar-mask':
      return ['cmask', 'mmask']
    case 'prefetch-function':
      return ['fcn']
    case 'annul':
      return ['a']
    case 'prediction':
      return ['p']
  }
}

function time(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
