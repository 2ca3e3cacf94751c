import { getField, withField } from '../encoding'
import type { Assembly } from './assembly'
import { AssemblyError, type SourcePosition } from './error'
import type { Form, FormTable } from './instruction-forms'
import { type Draft, readOperand } from './operand-reader'
import { Scanner } from './scanner'
import { setInstruction } from './set-instructions'

/** How far a form went before it failed: the one that went furthest says what is wrong. */
interface Failure {
  readonly error: AssemblyError
  readonly at: number
}

const SUFFIX = /\s*,\s*(a|pt|pn)(?![\w.$])/y

/**
 * Assembles one instruction, real or synthetic; the scanner stands behind its mnemonic.
 *
 * @throws AssemblyError if no form of the mnemonic takes these operands
 */
export function assembleInstruction(
  assembly: Assembly,
  table: FormTable,
  mnemonic: string,
  scanner: Scanner,
  position: SourcePosition,
): void {
  const build = setInstruction(mnemonic)
  if (build !== undefined) {
    build(assembly, scanner, (text) => assembleText(assembly, table, text, position))
    return
  }
  const suffixes: string[] = []
  const start = scanner.at
  for (let found = scanner.match(SUFFIX); found !== undefined; found = scanner.match(SUFFIX)) suffixes.push(found[1]!)
  const forms = [...(table.rows.get(mnemonic) ?? []), ...(table.synthetics.get(mnemonic) ?? [])]
  if (forms.length === 0) throw new AssemblyError(position, `no instruction or directive is called '${mnemonic}'`)
  const operandsAt = scanner.at
  const likely = likelyForms(forms, scanner.text.slice(operandsAt))
  let furthest: Failure | undefined
  // The unlikely ones do not match: they have a say in what is wrong
  for (const form of likely.length < forms.length ? [...likely, ...forms] : forms) {
    scanner.at = operandsAt
    if (!takesSuffixes(form, suffixes)) {
      const error = scanner.error(`${mnemonic} does not take ,${suffixes.join(',')} with these operands`, start)
      furthest ??= { error, at: start }
      continue
    }
    try {
      const { draft, texts } = matchForm(form, suffixes, scanner, assembly)
      if (typeof form.makes === 'string') assembleText(assembly, table, fill(form.makes, texts), position)
      else emit(assembly, draft, position)
      return
    } catch (error) {
      if (!(error instanceof AssemblyError)) throw error
      if (furthest === undefined || scanner.at > furthest.at) furthest = { error, at: scanner.at }
    }
  }
  throw furthest!.error
}

/** An instruction that a synthetic one stands for. */
function assembleText(assembly: Assembly, table: FormTable, text: string, position: SourcePosition): void {
  const [mnemonic] = /^\w+/.exec(text)!
  const expansion = position.expansion ?? `'${text}' in this place`
  const scanner = new Scanner(text, { ...position, expansion })
  scanner.at = mnemonic.length
  assembleInstruction(assembly, { rows: table.rows, synthetics: NONE }, mnemonic, scanner, position)
}

const NONE: FormTable['synthetics'] = new Map()

/** Those whose commas, punctuation and register names stand in the text. */
function likelyForms(forms: readonly Form[], text: string): readonly Form[] {
  const written = text.toLowerCase()
  const commas = written.split(',').length - 1
  return forms.filter(
    ({ commas: wanted, literals }) => wanted === commas && literals.every((literal) => written.includes(literal)),
  )
}

function takesSuffixes(form: Form, suffixes: readonly string[]): boolean {
  const annuls = suffixes.filter((suffix) => suffix === 'a').length
  const predictions = suffixes.length - annuls
  const takes = (kind: 'annul' | 'prediction') => form.suffixes.some((suffix) => suffix.form === kind)
  return annuls <= (takes('annul') ? 1 : 0) && predictions <= (takes('prediction') ? 1 : 0)
}

function matchForm(
  form: Form,
  suffixes: readonly string[],
  scanner: Scanner,
  assembly: Assembly,
): { draft: Draft; texts: Map<string, string> } {
  const draft: Draft = { word: typeof form.makes === 'number' ? form.makes : 0, patches: [] }
  const texts = new Map<string, string>()
  for (const suffix of form.suffixes) {
    if (suffix.form === 'annul' && suffixes.includes('a')) draft.word = withField(draft.word, 'a', 1)
    if (suffix.form === 'prediction' && !suffixes.includes('pn')) draft.word = withField(draft.word, 'p', 1)
  }
  for (const part of form.parts) {
    if (!('operand' in part)) {
      for (const token of part) expectToken(token, scanner)
    } else {
      scanner.skipBlanks()
      const from = scanner.at
      readOperand(part.operand, scanner, draft, (at) => assembly.expression(at))
      texts.set(part.name, scanner.text.slice(from, scanner.at).trim())
    }
  }
  scanner.expectEnd()
  if (form.same !== undefined) {
    const [to, from] = form.same
    draft.word = withField(draft.word, to, getField(draft.word, from))
  }
  return { draft, texts }
}

function expectToken(token: string, scanner: Scanner): void {
  scanner.skipBlanks()
  const start = scanner.at
  if (token.startsWith('%')) {
    if (`%${scanner.percentName()}` === token) return
  } else if (!/\w/.test(token)) {
    if (scanner.accept(token)) return
  } else if (scanner.match(/[\w.$]+/y)?.[0] === token) return
  scanner.at = start
  throw scanner.unexpected(`'${token}'`)
}

/** Puts the texts of operands where the expansion names them. */
function fill(expansion: string, texts: ReadonlyMap<string, string>): string {
  const [mnemonic = ''] = /^\S+/.exec(expansion) ?? []
  return mnemonic + expansion.slice(mnemonic.length).replace(/%?\w+/g, (name) => texts.get(name) ?? name)
}

function emit(assembly: Assembly, draft: Draft, position: SourcePosition): void {
  const { section } = assembly
  if (section.size % 4 !== 0) {
    throw new AssemblyError(position, `expected instructions at a multiple of 4 bytes, found offset ${section.size}`)
  }
  const offset = assembly.reserveContents(4, position)
  section.putWord(offset, draft.word)
  for (const { expression, position: at, place } of draft.patches) {
    assembly.whenKnown(section, offset, expression, at, (value, address) => {
      section.putWord(offset, place(section.word(offset), value, address))
    })
  }
}
