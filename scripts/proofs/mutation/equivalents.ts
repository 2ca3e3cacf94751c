/** Mutants that behave as the original does, so that no test can tell them apart. */
export interface EquivalentMutant {
  readonly file: string
  /** The line as it is, without its indentation, or what such look like. */
  readonly line: string | RegExp
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
    file: 'src/kernel-shim/tlb-local.ts',
    line: /storeAsi\(ASI\.ASI_[ID]MMU_DEMAP, .*, 0n\)$/,
    mutated: /storeAsi\(ASI\.ASI_[ID]MMU_DEMAP, [^,]*, 1n\)$/,
    reason: 'the data of a demap are ignored (UltraSPARC-I 6.9.10)',
  },
]
