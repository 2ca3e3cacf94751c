/** Mutants that behave as the original does, so that no test can tell them apart. */
export interface EquivalentMutant {
  readonly file: string
  /** The line as it is, without its indentation. */
  readonly line: string
  /** What the mutant makes of it; several if several do no harm for the one reason, or what such look like. */
  readonly mutated: readonly string[] | RegExp
  readonly reason: string
}

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = [
  {
    file: 'src/isa/softfloat/host-float.ts',
    line: 'const SAFE_SINGLE = 2 ** -125',
    mutated: ['const SAFE_SINGLE = 2 ** -126', 'const SAFE_SINGLE = 2 ** -124'],
    reason:
      'above 2 ** -126 both ways give the same: a quotient of two 24-bit numbers is a power of two or at least 2 ** -24 of it away, which a double shows',
  },
  {
    file: 'src/state/snapshot.ts',
    line: 'hash.word(Number(this.ramHash & 0xffffffffn) | 0).word(Number(this.ramHash >> 32n) | 0)',
    mutated:
      /^hash\.word\(Number\(this\.ramHash & 0x[0-9a-f]+n\) \| 0\)\.word\(Number\(this\.ramHash >> 3[123]n\) \| 0\)$/,
    reason: 'one bit less, or one twice, of the 64 of a hash',
  },
]
