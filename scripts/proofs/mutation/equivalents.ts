/** Mutants that behave as the original does, so that no test can tell them apart. */
export interface EquivalentMutant {
  readonly file: string
  /** The line as it is, without its indentation. */
  readonly line: string
  /** What the mutant makes of it; several if several do no harm for the one reason. */
  readonly mutated: readonly string[]
  readonly reason: string
}

export const EQUIVALENT_MUTANTS: readonly EquivalentMutant[] = []
