import { compilePattern, INSTRUCTION_SETS, makeRows, type Patterned, reservedBitsSet } from '../../../src/isa'
import { printedAliases } from '../../../src/isa/aliases'
import { RandomBits } from '../random-bits'

/** A row or a way to print one, ready for words to be made of it. */
interface Stratum {
  readonly patterned: Patterned
  readonly mask: number
  readonly value: number
  /** Shift and ones of each field. */
  readonly fields: readonly (readonly [shift: number, ones: number])[]
}

const strata: readonly Stratum[] = [...makeRows(INSTRUCTION_SETS), ...printedAliases()].map((patterned) => {
  const { mask, value, fields } = compilePattern(patterned.pattern)
  return { patterned, mask, value, fields: fields.map(({ shift, width }) => [shift, 2 ** width - 1] as const) }
})

/** op3 of the instructions that have an opf field: FPop1, FPop2, VIS and the fused ones (V9 E, UltraSPARC-I 13.5). */
const OP3_WITH_OPF = [0x34, 0x35, 0x36, 0x37]

/** In sixteenths: words of rows; with a bit flipped; with reserved bits; of the opcode maps; with any ASI; of random bits. */
const SHARES: readonly ((random: RandomBits, index: number) => number)[] = [
  ...Array.from({ length: 6 }, () => wordOfRow),
  ...Array.from({ length: 3 }, () => withFlippedBit),
  withReservedBits,
  ...Array.from({ length: 3 }, () => wordOfOpcodeMaps),
  wordWithAsi,
  randomWord,
  randomWord,
]

/**
 * Instruction words, the same for the same arguments: each row and alias as often as any other with random, extreme and equal
 * fields; the same with one bit flipped, and with reserved bits set; every op, op2, op3, opf, cond, rcond and ASI with random
 * operands; random bits.
 *
 * @param chunk number of this piece of the whole, so that chunks differ
 */
export function stratifiedWords(seed: number, chunk: number, count: number): Uint32Array {
  const random = new RandomBits(seed, chunk)
  const first = random.bits()
  return Uint32Array.from({ length: count }, (_, n) => SHARES[n % SHARES.length]!(random, first + n))
}

function wordOfRow(random: RandomBits, index: number): number {
  const { patterned, mask, value, fields } = strata[index % strata.length]!
  let word = random.bits()
  const interesting = random.bits()
  for (const [n, [shift, ones]] of fields.entries()) {
    if ((interesting >>> n) & 1) word = (word & ~(ones << shift)) | ((interestingField(random, ones) & ones) << shift)
  }
  if (interesting >>> 29 === 0) word = withEqualRegisters(word)
  word = ((word & ~mask) | value) >>> 0
  return (word & ~reservedBitsSet(patterned, word)) >>> 0
}

function interestingField(random: RandomBits, ones: number): number {
  const choice = random.below(6)
  if (choice < 4) return [0, 1, ones, (ones >>> 1) + 1][choice]!
  return choice === 4 ? random.below(16) : ones - random.below(16)
}

/** rs1 and rs2 are rd. */
function withEqualRegisters(word: number): number {
  const rd = (word >>> 25) & 31
  return (word & ~((31 << 14) | 31)) | (rd << 14) | rd
}

function withFlippedBit(random: RandomBits, index: number): number {
  return (wordOfRow(random, index) ^ (1 << random.below(32))) >>> 0
}

function withReservedBits(random: RandomBits, index: number): number {
  const { patterned } = strata[index % strata.length]!
  const word = wordOfRow(random, index)
  const reserved = reservedBitsSet(patterned, 0xffff_ffff) & (word & (1 << 13) ? -1 : ~(1 << 13))
  return (word | (random.bits() & reserved)) >>> 0
}

function wordOfOpcodeMaps(random: RandomBits): number {
  const op = random.pick([0, 2, 2, 2, 3])
  const operands = random.below(2) === 0 ? random.bits() : random.bits() & random.bits() & random.bits()
  if (op === 0) return ((random.below(8) << 22) | (operands & 0x3e3f_ffff)) >>> 0
  if (op === 3 || random.below(2) === 0) return opcode(op, random.below(64), operands)
  return opcode(op, random.pick(OP3_WITH_OPF), (operands & ~(0x1ff << 5)) | (random.below(0x200) << 5))
}

function opcode(op: number, op3: number, operands: number): number {
  return ((op << 30) | (op3 << 19) | (operands & 0x3e07_ffff)) >>> 0
}

/** A load, store or atomic of the alternate space (op3 bit 4 set). */
function wordWithAsi(random: RandomBits): number {
  const word = (3 << 30) | (random.bits() & 0x3fff_ffff) | (1 << 23)
  return (random.below(4) === 0 ? word : word & ~(1 << 13)) >>> 0
}

function randomWord(random: RandomBits): number {
  return random.bits()
}
