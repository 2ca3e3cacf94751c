export type Synthetic = readonly [name: string, syntax: string, expansion: string]

/**
 * Synthetic instructions of one word (V9 G.3) that objdump does not print, or prints for another encoding than gas makes: how
 * they are written, and the instruction they stand for. Operands are called as in the syntax of rows.
 */
export const SYNTHETICS: readonly Synthetic[] = [
  ['not', '%rs1, %rd', 'xnor %rs1, %g0, %rd'],
  ['not', '%rd', 'xnor %rd, %g0, %rd'],
  ['inc', 'simm13, %rd', 'add %rd, simm13, %rd'],
  ['inccc', 'simm13, %rd', 'addcc %rd, simm13, %rd'],
  ['dec', 'simm13, %rd', 'sub %rd, simm13, %rd'],
  ['deccc', 'simm13, %rd', 'subcc %rd, simm13, %rd'],
  ['bset', 'src2, %rd', 'or %rd, src2, %rd'],
  ['bclr', 'src2, %rd', 'andn %rd, src2, %rd'],
  ['btog', 'src2, %rd', 'xor %rd, src2, %rd'],
  ['clr', '%rd', 'or %g0, %g0, %rd'],
  ['call', 'disp30, simm13', 'call disp30'],
  ['call', 'address, simm13', 'jmpl address, %o7'],
  ['pause', 'simm13', 'wr %g0, simm13, %asr27'],
  ['save', 'simm13, %rs1, %rd', 'save %rs1, simm13, %rd'],
  ['illtrap', '', 'illtrap 0'],
  ['unimp', '', 'illtrap 0'],
  ['sir', '', 'sir 0'],
]

/** Rows for which gas takes an immediate in first place, too. */
export const COMMUTATIVE: ReadonlySet<string> = new Set([
  ...['add', 'addcc', 'addc', 'addccc', 'and', 'andcc', 'or', 'orcc', 'xor', 'xorcc', 'xnor', 'xnorcc'],
  ...['umul', 'umulcc', 'smul', 'smulcc', 'taddcc', 'taddcctv'],
])
