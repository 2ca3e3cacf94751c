/** Suffixes by Bicc condition number (V9 A.6). */
export const INTEGER_CONDITIONS = [
  'n',
  'e',
  'le',
  'l',
  'leu',
  'cs',
  'neg',
  'vs',
  'a',
  'ne',
  'g',
  'ge',
  'gu',
  'cc',
  'pos',
  'vc',
] as const

/** Suffixes by FBfcc condition number (V9 A.4). */
export const FLOAT_CONDITIONS = [
  'n',
  'ne',
  'lg',
  'ul',
  'l',
  'ug',
  'g',
  'u',
  'a',
  'e',
  'ue',
  'ge',
  'uge',
  'le',
  'ule',
  'o',
] as const

/** Suffixes by rcond number (V9 A.3); 0 and 4 are reserved. */
export const REGISTER_CONDITIONS = [
  [1, 'z'],
  [2, 'lez'],
  [3, 'lz'],
  [5, 'nz'],
  [6, 'gz'],
  [7, 'gez'],
] as const

export const ALWAYS = 8
export const NEVER = 0

/** Bits 12:11 of movcc and Tcc, 21:20 of BPcc. */
export const INTEGER_CONDITION_CODES = [
  ['icc', '00'],
  ['xcc', '10'],
] as const

export const FLOAT_CONDITION_CODES = [0, 1, 2, 3] as const

export function binary(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}
