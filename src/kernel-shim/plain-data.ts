/** Arguments, results and host-side state: plain data that can be saved, hashed and fed again. */
export type Plain =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Plain[]
  | { readonly [key: string]: Plain }

/** One call of a shim function: data. Feeding the results again rebuilds the generator. */
export interface Frame {
  readonly function: string
  readonly args: readonly Plain[]
  readonly results: Plain[]
}

/** Frames of an interrupt or fault, at the trap level at which its handler runs. */
export interface InterruptStack {
  readonly entry: number
  readonly level: number
  readonly frames: Frame[]
}

/** A copy of plain data. */
export function clonePlain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(clonePlain)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) copy[key] = clonePlain((value as Record<string, unknown>)[key])
  return copy
}
