import type { FloatRegisterWidth } from '../../../src/isa/operands'
import type { Random } from '../random'

/** A doubleword as two unsigned halves: bigints would take most of the time of a proof. */
type Halves = readonly [high: number, low: number]

const INTERESTING: readonly Halves[] = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0, 3],
  [0, 0x7f],
  [0, 0x80],
  [0, 0xff],
  [0, 0x7fff],
  [0, 0x8000],
  [0, 0x7fff_ffff],
  [0, 0x8000_0000],
  [0, 0xffff_ffff],
  [1, 0],
  [0x7fff_ffff, 0xffff_ffff],
  [0x8000_0000, 0],
]

export function putWord(view: DataView, at: number, high: number, low: number): void {
  view.setUint32(at, high)
  view.setUint32(at + 4, low)
}

/** An r register: ends of ranges, few or many bits, any. */
export function putInteger(view: DataView, at: number, random: Random): void {
  const way = random.below(6)
  if (way < 2) {
    const [high, low] = random.pick(INTERESTING)
    const borrow = low === 0 ? 1 : 0
    if (way === 0) putWord(view, at, high, low)
    else putWord(view, at, ~high + borrow, -low)
  } else if (way === 2) putWord(view, at, 0, random.next() >>> random.below(32))
  else if (way === 3) putWord(view, at, random.next() >>> random.below(32), random.next())
  else putWord(view, at, random.next(), random.next())
}

/** An operand that is near another one: the same, or with a bit changed. */
export function putRelative(view: DataView, at: number, from: number, bytes: number, random: Random): void {
  for (let n = 0; n < bytes; n += 4) view.setUint32(at + n, view.getUint32(from + n))
  if (random.chance(30)) return
  const bit = random.chance(50) ? random.below(bytes * 8) : random.below(3)
  const word = at + bytes - 4 - (bit >>> 5) * 4
  view.setUint32(word, view.getUint32(word) ^ (1 << (bit & 31)))
}

/** An f register: numbers with their ends and NaNs, lanes, any bits. */
export function putFloat(view: DataView, at: number, width: FloatRegisterWidth, random: Random): void {
  const way = random.below(8)
  if (width === 'q') putQuad(view, at, random)
  else if (way === 0) putWord(view, at, random.next(), random.next())
  else if (way === 1) putLanes(view, at, random)
  else if (way === 2 && width === 'd') putWord(view, at, single(random), single(random))
  else if (width === 's') putWord(view, at, single(random), random.next())
  else putDouble(view, at, random)
}

const LANES = [0x7fff, 0x8000, 0, 1, 0xffff, 0xff, 0x100]

function putLanes(view: DataView, at: number, random: Random): void {
  const equal = random.chance(50) ? random.below(256) * 0x101 : undefined
  for (let n = 0; n < 8; n += 2)
    view.setUint16(at + n, equal ?? (random.chance(50) ? random.pick(LANES) : random.below(65536)))
}

const EXPONENT_STEPS = [0, 1, 2, -1, -2]

/** Zero, subnormal, least, around one, greatest, infinite and NaN; `bias` is half of the range. */
function exponent(bias: number, fractionBits: number, random: Random): number {
  const most = 2 * bias + 1
  switch (random.below(8)) {
    case 0:
      return 0
    case 1:
      return random.below(3)
    case 2:
      return most
    case 3:
      return most - random.below(3)
    case 4:
      return bias + random.pick(EXPONENT_STEPS)
    case 5:
      return random.below(most)
    default:
      return bias - fractionBits - 8 + random.below(2 * fractionBits + 16)
  }
}

/** A part of a fraction: none, all, one end, any. */
function fraction(bits: number, random: Random): number {
  const all = bits === 32 ? 0xffff_ffff : 2 ** bits - 1
  switch (random.below(6)) {
    case 0:
      return 0
    case 1:
      return all
    case 2:
      return 2 ** (bits - 1)
    case 3:
      return random.below(4)
    default:
      return (random.next() & all) >>> 0
  }
}

const sign = (random: Random): number => random.below(2) * 0x8000_0000

function single(random: Random): number {
  return sign(random) + exponent(127, 23, random) * 2 ** 23 + fraction(23, random)
}

function putDouble(view: DataView, at: number, random: Random): void {
  putWord(view, at, sign(random) + exponent(1023, 52, random) * 2 ** 20 + fraction(20, random), fraction(32, random))
}

function putQuad(view: DataView, at: number, random: Random): void {
  putWord(view, at, sign(random) + exponent(16383, 112, random) * 2 ** 16 + fraction(16, random), fraction(32, random))
  putWord(view, at + 8, fraction(32, random), fraction(32, random))
}
