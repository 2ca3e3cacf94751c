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

const ROUNDS_OF_FLIPS = 32 * strata.length
const I = 1 << 13

/**
 * Instruction words, the same for the same arguments: each row and alias as often as any other with random, extreme and equal
 * fields; the same with each bit flipped in turn, and with reserved bits set; every op, op2, op3, opf, cond, rcond and ASI in
 * turn with random operands; random bits.
 *
 * @param chunk number of this piece of the whole, so that chunks differ
 */
export function stratifiedWords(seed: number, chunk: number, count: number): Uint32Array {
  const source = new WordSource(new RandomBits(seed, chunk))
  return Uint32Array.from({ length: count }, (_, n) => source.word(n % SIXTEENTHS))
}

const SIXTEENTHS = 16

class WordSource {
  private rows: number
  private reserved: number
  private flips: number
  private maps: number
  private asis: number

  constructor(private readonly random: RandomBits) {
    this.rows = random.bits()
    this.reserved = random.bits()
    this.flips = random.below(ROUNDS_OF_FLIPS)
    this.maps = random.bits()
    this.asis = random.bits()
  }

  word(share: number): number {
    if (share < 5) return this.wordOf(strata[this.rows++ % strata.length]!)
    if (share < 6) return this.withReservedBits(strata[this.reserved++ % strata.length]!)
    if (share < 10) return this.withFlippedBit()
    if (share < 13) return this.wordOfOpcodeMaps()
    return share < 14 ? this.wordWithAsi() : this.random.bits()
  }

  private wordOf({ patterned, mask, value, fields }: Stratum): number {
    const { random } = this
    let word = random.bits()
    const interesting = random.bits()
    for (const [n, [shift, ones]] of fields.entries()) {
      if ((interesting >>> n) & 1) word = (word & ~(ones << shift)) | ((this.interestingField(ones) & ones) << shift)
    }
    if (interesting >>> 29 === 0) word = withEqualRegisters(word)
    word = ((word & ~mask) | value) >>> 0
    return (word & ~reservedBitsSet(patterned, word)) >>> 0
  }

  private interestingField(ones: number): number {
    const choice = this.random.below(6)
    if (choice < 4) return [0, 1, ones, (ones >>> 1) + 1][choice]!
    return choice === 4 ? this.random.below(16) : ones - this.random.below(16)
  }

  private withReservedBits(stratum: Stratum): number {
    const word = this.wordOf(stratum)
    const reserved = reservedBitsSet(stratum.patterned, ~I | (word & I))
    return (word | (this.random.bits() & reserved)) >>> 0
  }

  private withFlippedBit(): number {
    const turn = this.flips++
    return (this.wordOf(strata[turn % strata.length]!) ^ (1 << (Math.floor(turn / strata.length) % 32))) >>> 0
  }

  /** Half of the operands have few bits set, as reserved bits are clear in most words. */
  private wordOfOpcodeMaps(): number {
    const { random } = this
    const turn = this.maps++
    const number = turn >>> 2
    const operands = random.below(2) === 0 ? random.bits() : random.bits() & random.bits() & random.bits()
    switch (turn & 3) {
      case 0:
        return ((number << 22) & 0x3fc0_0000) | (operands & 0x3f_ffff)
      case 1:
        return opcode(2 + ((number >>> 6) & 1), number & 0x3f, operands)
      default: {
        const opf = ((number << 1) | (turn & 1)) & 0x1ff
        return opcode(2, OP3_WITH_OPF[(number >>> 8) & 3]!, (operands & ~(0x1ff << 5)) | (opf << 5))
      }
    }
  }

  /** A load, store or atomic of the alternate space (op3 bit 4 set), in most cases with the ASI in the word. */
  private wordWithAsi(): number {
    const turn = this.asis++
    const asi = turn & 0xff
    const op3 = (((turn >>> 8) & 0x10) << 1) | 0x10 | ((turn >>> 8) & 0xf)
    const word = opcode(3, op3, (this.random.bits() & ~(0xff << 5)) | (asi << 5))
    return this.random.below(8) === 0 ? word : (word & ~I) >>> 0
  }
}

/** rs1 and rs2 are rd. */
function withEqualRegisters(word: number): number {
  const rd = (word >>> 25) & 31
  return (word & ~((31 << 14) | 31)) | (rd << 14) | rd
}

function opcode(op: number, op3: number, operands: number): number {
  return ((op << 30) | (op3 << 19) | (operands & 0x3e07_ffff)) >>> 0
}
