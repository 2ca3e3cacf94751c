/** Other names of the same instruction on integer registers; one of them is the row's or the one objdump prints. */
export const MNEMONIC_SYNONYMS: readonly (readonly string[])[] = [
  ['lduw', 'ld'],
  ['lduwa', 'lda'],
  ['stw', 'st', 'stuw', 'stsw'],
  ['stwa', 'sta', 'stuwa', 'stswa'],
  ['sth', 'stuh', 'stsh'],
  ['stha', 'stuha', 'stsha'],
  ['stb', 'stub', 'stsb'],
  ['stba', 'stuba', 'stsba'],
  ['addc', 'addx'],
  ['addccc', 'addxcc'],
  ['subc', 'subx'],
  ['subccc', 'subxcc'],
  ['illtrap', 'unimp'],
  ['return', 'rett'],
  ['flush', 'iflush'],
  ['ba', 'b'],
  ['ta', 't'],
  ['lzcnt', 'lzd'],
]

type Conditions = readonly (readonly [condition: string, other: string])[]

const INTEGER: Conditions = [
  ['e', 'z'],
  ['ne', 'nz'],
  ['cc', 'geu'],
  ['cs', 'lu'],
]
const FLOAT: Conditions = [
  ['e', 'z'],
  ['ne', 'nz'],
]

/** Conditions with two names, by the mnemonics that take them (V9 A.4 to A.7, A.33 to A.35, A.61). */
export const CONDITION_SYNONYMS: readonly { readonly prefix: RegExp; readonly conditions: Conditions }[] = [
  { prefix: /^(?:b|t|mov|fmov[sdq])(?!r)/, conditions: INTEGER },
  { prefix: /^c[wx]b/, conditions: INTEGER },
  { prefix: /^fb/, conditions: FLOAT },
]

/** Ancillary state registers with more than one name. */
export const REGISTER_SYNONYMS: readonly (readonly string[])[] = [
  ['stick', 'sys_tick'],
  ['stick_cmpr', 'sys_tick_cmpr'],
  ['set_softint', 'softint_set'],
  ['clear_softint', 'softint_clear'],
]
