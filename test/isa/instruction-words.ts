import fc from 'fast-check'
import { compilePattern, type FieldName, type Patterned, withField } from '../../src/isa/encoding'

/**
 * Words of one instruction: every field free, small and extreme values likely, fields often equal to each other, reserved
 * bits zero.
 */
export function wordsOf(instruction: Patterned): fc.Arbitrary<number> {
  const { value, fields, reservedIfRegister, reservedIfImmediate, hasI } = compilePattern(instruction.pattern)
  const bits = fields.map(({ width }) => {
    const maximum = 2 ** width - 1
    return fc.oneof(
      fc.constantFrom(0, 1, maximum),
      fc.integer({ min: 0, max: Math.min(15, maximum) }),
      fc.integer({ min: 0, max: maximum }),
    )
  })
  return fc.tuple(fc.tuple(...bits), fc.boolean(), fc.nat(3)).map(([values, immediate, same]) => {
    let word = value
    const put = (name: FieldName, field: number) => {
      word = withField(word, name, field)
    }
    for (const [index, { name }] of fields.entries()) {
      if (name !== 'i' && (immediate || name !== 'rs2' || hasI)) put(name, values[index]!)
    }
    for (const [index, { name }] of fields.entries()) if (name === 'rs2' && !immediate) put(name, values[index]!)
    const registers = fields.filter(({ name }) => ['rd', 'rs1', 'rs2'].includes(name))
    const first = fields.findIndex(({ name }) => name === 'rs1')
    if (same === 0 && first >= 0) for (const { name } of registers) if (name !== 'rs2') put(name, values[first]!)
    if (hasI) {
      put('i', immediate ? 1 : 0)
      word = (word & ~(immediate ? reservedIfImmediate : reservedIfRegister)) >>> 0
    }
    return word
  })
}

/** The same words on every run. */
export function sampleWords(instruction: Patterned, count: number): number[] {
  return fc.sample(wordsOf(instruction), { numRuns: count, seed: 20_001 })
}
