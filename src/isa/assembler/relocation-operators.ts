/** The operators that take part of a 64-bit value, as SPARC assemblers name them. */
const OPERATORS = {
  hi: (value: bigint) => bits(value, 10, 22),
  lo: (value: bigint) => bits(value, 0, 10),
  hh: (value: bigint) => bits(value, 42, 22),
  hm: (value: bigint) => bits(value, 32, 10),
  lm: (value: bigint) => bits(value, 10, 22),
  uhi: (value: bigint) => bits(value, 42, 22),
  ulo: (value: bigint) => bits(value, 32, 10),
  h44: (value: bigint) => bits(value, 22, 22),
  m44: (value: bigint) => bits(value, 12, 10),
  l44: (value: bigint) => bits(value, 0, 12),
  h34: (value: bigint) => bits(value, 12, 22),
  hix: (value: bigint) => bits(~value, 10, 22),
  lox: (value: bigint) => bits(value, 0, 10) - 0x400n,
  pc22: (value: bigint) => bits(value, 10, 22),
  pc10: (value: bigint) => bits(value, 0, 10),
  r_disp32: (value: bigint) => BigInt.asIntN(32, value),
} as const

export type RelocationOperator = keyof typeof OPERATORS

/** Operators whose operand is a distance from the place they stand at. */
export const PC_RELATIVE: ReadonlySet<RelocationOperator> = new Set(['pc22', 'pc10', 'r_disp32'])

export function isRelocationOperator(name: string): name is RelocationOperator {
  return Object.hasOwn(OPERATORS, name)
}

export function applyRelocationOperator(operator: RelocationOperator, value: bigint): bigint {
  return OPERATORS[operator](value)
}

function bits(value: bigint, shift: number, width: number): bigint {
  return BigInt.asUintN(width, BigInt.asIntN(64, value) >> BigInt(shift))
}
