/**
 * A case in guest memory: what the instruction finds, what it leaves, and the memory that it works on in place. All are
 * doublewords, big-endian; a single register is the upper half of its doubleword, a quad takes two.
 */

export const CASE_BYTES = 256

/** Byte offsets of what is loaded before the instruction. */
export const INPUTS = {
  rs1: 0,
  rs2: 8,
  rd: 16,
  /** Register rd + 1 of pairs. */
  rdOdd: 24,
  frs1: 32,
  frs2: 48,
  frs3: 64,
  frd: 72,
  ccr: 88,
  y: 96,
  gsr: 104,
  fsr: 112,
} as const

/** Byte offsets of what is stored after it. */
export const OUTPUTS = {
  rd: 120,
  rdOdd: 128,
  frd: 136,
  ccr: 152,
  y: 160,
  gsr: 168,
  fsr: 176,
  /** Which instructions behind a control transfer were executed, or the ancillary register that was written. */
  path: 184,
} as const

/** 64 bytes, aligned so. */
export const MEMORY = 192
export const MEMORY_BYTES = 64

/** The eight f registers of a block transfer are loaded from and stored to the start of the case, over its inputs. */
export const BLOCK = 0
export const BLOCK_DOUBLES = 8

/** All r and f registers, before a word's first case and after its last. */
export const REGISTERS_BYTES = 512
export const FLOAT_REGISTERS = 256
