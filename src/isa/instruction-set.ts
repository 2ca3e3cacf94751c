/**
 * Groups of instructions that not every CPU has. The rest of V9 is in all of them; the quad operations are, too, and trap as
 * unimplemented_FPop where a model has no hardware for them.
 */
export const INSTRUCTION_SETS = [
  'popc',
  'vis1',
  'vis2',
  'vis3',
  'fmaf',
  'ima',
  'cbcond',
  'pause',
  /** allclean, otherw, normalw, invalw. */
  'window-state',
] as const

export type InstructionSet = (typeof INSTRUCTION_SETS)[number]
