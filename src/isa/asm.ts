import { type Assembled, type AssembleOptions, assemble } from './assemble'

/** What may stand in an `asm` template: whole numbers, and text such as a register or symbol name. */
export type AsmValue = bigint | number | string

export type AsmTag = (strings: TemplateStringsArray, ...values: readonly AsmValue[]) => Assembled

/**
 * Assembles a template at address 0: ``asm`set ${address}, %o0` ``. Numbers are written in brackets, so that negative ones can
 * stand behind an operator; text is written as it is.
 *
 * @throws RangeError for a number that is not a safe integer
 * @throws AssemblyError as {@link assemble} does
 */
export const asm: AsmTag & { with(options: AssembleOptions): AsmTag } = Object.assign(tagWith({}), {
  /** The same with an origin, symbols or a file name. */
  with: tagWith,
})

function tagWith(options: AssembleOptions): AsmTag {
  return (strings, ...values) =>
    assemble(
      strings.raw.reduce((source, text, index) => source + written(values[index - 1]!) + text),
      { file: 'asm`...`', ...options },
    )
}

function written(value: AsmValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`expected a safe integer in an asm template, found ${value}: use a bigint for 64-bit numbers`)
  }
  if (typeof value === 'bigint' && (value >= 1n << 64n || value < -(1n << 63n))) {
    throw new RangeError(`expected a number of 64 bits in an asm template, found ${value}`)
  }
  return value < 0 ? `(${value})` : `${value}`
}
