/** Words of the instructions around the one that is judged. */

/** `destination` is the rd field; r registers and singles by number, doubles by {@link doubleField}. */
const format3 = (op: number, destination: number, op3: number, source: number, immediate: number): number =>
  ((op << 30) | (destination << 25) | (op3 << 19) | (source << 14) | (1 << 13) | (immediate & 0x1fff)) >>> 0

/** The register field of an even f register, 0 to 62 (V9 5.1.4.1). */
export const doubleField = (register: number): number => (register & 0x1e) | (register >> 5)

type MemoryWord = (register: number, base: number, offset: number) => number
const memoryWord =
  (op3: number): MemoryWord =>
  (register, base, offset) =>
    format3(3, register, op3, base, offset)

export const ldx = memoryWord(0x0b)
export const stx = memoryWord(0x0e)
/** f registers by field. */
export const ldf = memoryWord(0x20)
export const lddf = memoryWord(0x23)
export const stf = memoryWord(0x24)
export const stdf = memoryWord(0x27)
export const ldxFsr = (base: number, offset: number): number => format3(3, 1, 0x21, base, offset)
export const stxFsr = (base: number, offset: number): number => format3(3, 1, 0x25, base, offset)

type ArithmeticWord = (source: number, immediate: number, destination: number) => number
const arithmeticWord =
  (op3: number): ArithmeticWord =>
  (source, immediate, destination) =>
    format3(2, destination, op3, source, immediate)

export const add = arithmeticWord(0x00)
export const or = arithmeticWord(0x02)
type RegistersWord = (a: number, b: number, destination: number) => number
const registersWord =
  (op3: number): RegistersWord =>
  (a, b, destination) =>
    ((2 << 30) | (destination << 25) | (op3 << 19) | (a << 14) | b) >>> 0

export const addRegisters = registersWord(0x00)
export const subRegisters = registersWord(0x04)
/** `wr source, %asr`. */
export const wr = (source: number, ancillary: number): number => format3(2, ancillary, 0x30, source, 0)
/** `wr %g0, immediate, %asr`. */
export const wrImmediate = (immediate: number, ancillary: number): number => format3(2, ancillary, 0x30, 0, immediate)
export const rd = (ancillary: number, destination: number): number =>
  ((2 << 30) | (destination << 25) | (0x28 << 19) | (ancillary << 14)) >>> 0
export const SAVE = ((2 << 30) | (0x3c << 19)) >>> 0
export const RESTORE = ((2 << 30) | (0x3d << 19)) >>> 0
export const NOP = 0x0100_0000

/** `set value, %register` in two words; values of 32 bits. */
export const set = (value: number, register: number): number[] => [
  ((register << 25) | (4 << 22) | (value >>> 10)) >>> 0,
  or(register, value & 0x3ff, register),
]

/** `ba,a`; the distance in instructions. */
export const branchAlways = (distance: number): number => (0x3080_0000 | (distance & 0x3f_ffff)) >>> 0
/** `brnz,pt`; the distance in instructions. */
export const branchNonZero = (register: number, distance: number): number =>
  (0x0ac8_0000 | (((distance >> 14) & 3) << 20) | (register << 14) | (distance & 0x3fff)) >>> 0
/** `ta 0x6d`: a system call of Linux. */
export const SYSTEM_CALL = 0x91d0_206d
