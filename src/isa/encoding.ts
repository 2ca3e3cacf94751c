/** A row of the instruction table, or anything else with a pattern (see instruction.ts). */
export interface Patterned {
  readonly pattern: string
}

export interface Field {
  readonly name: FieldName
  readonly shift: number
  readonly width: number
}

export interface Pattern {
  /** Bits that tell this instruction from all others, and their values, as unsigned 32-bit numbers. */
  readonly mask: number
  readonly value: number
  readonly fields: readonly Field[]
  /** Bits that are zero in any word the assembler makes: always, and by the i bit if the pattern has one. */
  readonly reserved: number
  readonly reservedIfRegister: number
  readonly reservedIfImmediate: number
  /** The immediate that i = 1 selects, or that the word always holds. */
  readonly immediate: Field | undefined
  readonly displacement: readonly Field[]
  readonly hasI: boolean
  readonly hasA: boolean
}

/** Fields by name: lowest bit and width (V9 6.3.1). A field stands in a pattern at its own place only. */
const FIELDS = {
  rd: [25, 5],
  rs1: [14, 5],
  rs2: [0, 5],
  rs3: [9, 5],
  i: [13, 1],
  a: [29, 1],
  p: [19, 1],
  fcn: [25, 5],
  imm_asi: [5, 8],
  cmask: [4, 3],
  mmask: [0, 4],
  imm22: [0, 22],
  const22: [0, 22],
  simm13: [0, 13],
  simm11: [0, 11],
  simm10: [0, 10],
  imm5: [0, 5],
  shcnt32: [0, 5],
  shcnt64: [0, 6],
  trap7: [0, 7],
  gate_entry: [0, 5],
  disp30: [0, 30],
  disp22: [0, 22],
  disp19: [0, 19],
  d16hi: [20, 2],
  d16lo: [0, 14],
  d10hi: [19, 2],
  d10lo: [5, 8],
} as const

export type FieldName = keyof typeof FIELDS

/** Second operands: rs2 in the lowest bits if i = 0, the immediate if i = 1, in `width` bits. */
const SECOND_OPERANDS: Readonly<Record<string, { width: number; immediate: FieldName }>> = {
  src2: { width: 13, immediate: 'simm13' },
  src2_11: { width: 11, immediate: 'simm11' },
  src2_10: { width: 10, immediate: 'simm10' },
  src2_5: { width: 5, immediate: 'imm5' },
  src2_shift32: { width: 12, immediate: 'shcnt32' },
  src2_shift64: { width: 12, immediate: 'shcnt64' },
  src2_trap: { width: 11, immediate: 'trap7' },
}

const IMMEDIATES = new Set<FieldName>([
  'simm13',
  'simm11',
  'simm10',
  'imm5',
  'imm22',
  'const22',
  'shcnt32',
  'shcnt64',
  'trap7',
  'gate_entry',
])
const DISPLACEMENTS = new Set<FieldName>(['disp30', 'disp22', 'disp19', 'd16hi', 'd16lo', 'd10hi', 'd10lo'])
const SIGNED = new Set<FieldName>(['simm13', 'simm11', 'simm10', 'imm5'])

const compiled = new Map<string, Pattern>()

/**
 * The masks and fields of an instruction pattern (see instruction.ts).
 * A run of `-` is that many reserved bits. Throws RangeError if the tokens do not make 32 bits or a field is out of place.
 */
export function compilePattern(pattern: string): Pattern {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const made = compile(pattern)
  compiled.set(pattern, made)
  return made
}

function compile(pattern: string): Pattern {
  let bit = 32
  let mask = 0
  let value = 0
  let reserved = 0
  let reservedIfRegister = 0
  let reservedIfImmediate = 0
  const fields: Field[] = []
  for (const token of pattern.trim().split(/\s+/)) {
    const second = SECOND_OPERANDS[token]
    if (/^[01]+$/.test(token)) {
      bit -= token.length
      mask += ones(token.length) * 2 ** bit
      value += Number.parseInt(token, 2) * 2 ** bit
    } else if (/^-+$/.test(token)) {
      bit -= token.length
      reserved += ones(token.length) * 2 ** bit
    } else if (second !== undefined) {
      bit -= second.width
      const immediate = field(second.immediate)
      fields.push(field('rs2'), immediate)
      reservedIfRegister += ones(second.width) - ones(5)
      reservedIfImmediate += ones(second.width) - ones(immediate.width)
    } else {
      const { shift, width } = field(token)
      bit -= width
      if (bit !== shift) throw new RangeError(`pattern '${pattern}': ${token} lies at bit ${shift}, not ${bit}`)
      fields.push(field(token))
    }
  }
  if (bit !== 0) throw new RangeError(`pattern '${pattern}': ${32 - bit} bits, expected 32`)
  return {
    mask,
    value,
    fields,
    reserved,
    reservedIfRegister,
    reservedIfImmediate,
    immediate: fields.find(({ name }) => IMMEDIATES.has(name)),
    displacement: fields.filter(({ name }) => DISPLACEMENTS.has(name)),
    hasI: fields.some(({ name }) => name === 'i'),
    hasA: fields.some(({ name }) => name === 'a'),
  }
}

function field(name: string): Field {
  const place = FIELDS[name as FieldName]
  if (place === undefined) throw new RangeError(`no field of an instruction word is called '${name}'`)
  return { name: name as FieldName, shift: place[0], width: place[1] }
}

function ones(width: number): number {
  return 2 ** width - 1
}

/** The bits of a field, unsigned. */
export function getField(word: number, name: FieldName): number {
  const [shift, width] = FIELDS[name]
  return (word >>> shift) & ones(width)
}

/** The word with a field replaced, as an unsigned 32-bit number. Bits of `bits` above the field's width are dropped. */
export function withField(word: number, name: FieldName, bits: number): number {
  const [shift, width] = FIELDS[name]
  const mask = ones(width)
  return ((word & ~(mask << shift)) | ((bits & mask) << shift)) >>> 0
}

export function fieldWidth(name: FieldName): number {
  return FIELDS[name][1]
}

/** Bits of the word that are set although the instruction reserves them. */
export function reservedBitsSet(instruction: Patterned, word: number): number {
  const pattern = compilePattern(instruction.pattern)
  const byOperand = getField(word, 'i') === 1 ? pattern.reservedIfImmediate : pattern.reservedIfRegister
  return (word & (pattern.hasI ? pattern.reserved | byOperand : pattern.reserved)) >>> 0
}

/**
 * The immediate of a word: simm13, simm11, simm10 or imm5 sign-extended; sethi's imm22 times 1024; a shift count, trap number or
 * illtrap constant as it stands. 0 if the word selects rs2 (i = 0) or the instruction has no immediate.
 */
export function immediateOf(instruction: Patterned, word: number): bigint {
  const { immediate } = compilePattern(instruction.pattern)
  if (immediate === undefined || !selectsImmediate(instruction, word)) return 0n
  const bits = BigInt(getField(word, immediate.name))
  if (SIGNED.has(immediate.name)) return BigInt.asIntN(immediate.width, bits)
  return immediate.name === 'imm22' ? bits << 10n : bits
}

/** Whether the second operand (or the address offset) is the immediate rather than r[rs2]. */
export function selectsImmediate(instruction: Patterned, word: number): boolean {
  const { immediate, hasI } = compilePattern(instruction.pattern)
  return immediate !== undefined && (!hasI || getField(word, 'i') === 1)
}

/** The annul bit; false for instructions that have none, such as call. */
export function annulOf(instruction: Patterned, word: number): boolean {
  return compilePattern(instruction.pattern).hasA && getField(word, 'a') === 1
}

/** Bytes from a branch or call to its target, signed; 0 if the instruction has no displacement. */
export function displacementOf(instruction: Patterned, word: number): number {
  const { displacement } = compilePattern(instruction.pattern)
  let words = 0
  let width = 0
  for (const { name, width: fieldBits } of displacement) {
    words = words * 2 ** fieldBits + getField(word, name)
    width += fieldBits
  }
  if (width > 0 && words >= 2 ** (width - 1)) words -= 2 ** width
  return words * 4
}
