import { Random } from '../../scripts/proofs/random'

/**
 * Random programs in gas syntax that end at `finish` with all their registers stored from `dump` on. They load and store only
 * within `scratch`, save and restore in pairs, and branch forward or around counted loops, so that each ends.
 */

export const SCRATCH_BYTES = 4096
export const DUMP_BYTES = 8 * (31 + 4 + 32)

export interface ProgramKinds {
  readonly float: boolean
  readonly vis: boolean
}

// %g6 counts loops, %g7 points to scratch, %sp and %fp are the stack's: all others are random
const SOURCES = [
  '%g0',
  '%g1',
  '%g2',
  '%g3',
  '%g4',
  '%g5',
  ...range('%o', 6),
  '%o7',
  ...range('%l', 8),
  ...range('%i', 6),
  '%i7',
]
const TARGETS = SOURCES.slice(1)
const PAIRS = ['%g2', '%g4', '%o0', '%o2', '%o4', '%l0', '%l2', '%l4', '%l6', '%i0', '%i2', '%i4']
const ARITHMETIC =
  words(`add addcc addc addccc sub subcc subc subccc and andcc andn andncc or orcc orn orncc xor xorcc xnor xnorcc
  mulx umul umulcc smul smulcc taddcc tsubcc mulscc`)
const SHIFTS = words('sll srl sra sllx srlx srax')
const DIVIDES = words('udivx sdivx udiv sdiv udivcc sdivcc')
const CONDITIONS = words('a n ne e g le ge l gu leu cc cs pos neg vc vs')
const FLOAT_CONDITIONS = words('a n u g ug l ul lg ne e ue ge uge le ule o')
const REGISTER_CONDITIONS = words('z lez lz nz gz gez')
const LOADS = [
  ['ldub', 1],
  ['ldsb', 1],
  ['lduh', 2],
  ['ldsh', 2],
  ['lduw', 4],
  ['ldsw', 4],
  ['ldx', 8],
] as const
const STORES = [
  ['stb', 1],
  ['sth', 2],
  ['stw', 4],
  ['stx', 8],
] as const
const LITTLE_PRIMARY = '0x88'
const PRIMARY_ASIS = ['0x80', '%asi', LITTLE_PRIMARY]
const CONSTANTS = [
  '0',
  '1',
  '-1',
  '0x7fffffff',
  '0x80000000',
  '0xffffffff',
  '0x100000000',
  '0x8000000000000000',
  '0x7fffffffffffffff',
]

function words(text: string): string[] {
  return text.split(/\s+/)
}

function range(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${n}`)
}

class Writer {
  readonly lines: string[] = []
  private labels = 0
  private depth = 0
  private inLoop = false

  constructor(
    readonly random: Random,
    readonly kinds: ProgramKinds,
  ) {}

  label(): string {
    return `L${this.labels++}`
  }

  put(...lines: string[]): void {
    this.lines.push(...lines)
  }

  source(): string {
    return this.random.pick(SOURCES)
  }
  target(): string {
    return this.random.pick(TARGETS)
  }
  operand(bits = 13): string {
    const { random } = this
    if (random.chance(50)) return this.source()
    const range = 2 ** bits
    return random.chance(30)
      ? random.pick(['0', '1', '-1', `${-range / 2}`, `${range / 2 - 1}`])
      : `${random.below(range) - range / 2}`
  }
  double(): string {
    return `%f${this.random.below(32) * 2}`
  }
  single(): string {
    return `%f${this.random.below(32)}`
  }
  address(size: number, asi = ''): string {
    const offset = this.random.below(SCRATCH_BYTES / size) * size
    return asi !== '' && asi !== '%asi'
      ? `[%g7] ${asi}`
      : `[%g7 + ${asi === '' ? offset % 4096 : offset % 4096}] ${asi}`
  }

  /** One instruction that is not a branch: what may stand in a delay slot. */
  simple(): string {
    const { random, kinds } = this
    const choices: (() => string)[] = [
      () => this.arithmetic(),
      () => this.arithmetic(),
      () =>
        `${random.pick(SHIFTS)} ${this.source()}, ${random.chance(50) ? this.source() : random.below(32)}, ${this.target()}`,
      () => this.load(),
      () => this.store(),
      () => this.move(),
      () => this.special(),
    ]
    if (kinds.float)
      choices.push(
        () => this.float(),
        () => this.float(),
        () => this.floatMemory(),
      )
    if (kinds.vis)
      choices.push(
        () => this.vis(),
        () => this.vis(),
      )
    return random.pick(choices)()
  }

  arithmetic(): string {
    return `${this.random.pick(ARITHMETIC)} ${this.source()}, ${this.operand()}, ${this.target()}`
  }

  load(): string {
    const { random } = this
    if (random.chance(10)) return `ldd ${this.address(8)}, ${random.pick(PAIRS)}`
    const [name, size] = random.pick(LOADS)
    if (random.chance(75)) return `${name} ${this.address(size)}, ${this.target()}`
    return `${name}a ${this.address(size, random.pick(PRIMARY_ASIS))}, ${this.target()}`
  }

  store(): string {
    const { random } = this
    if (random.chance(10)) return `std ${random.pick(PAIRS)}, ${this.address(8)}`
    if (random.chance(8)) return `swap ${this.address(4)}, ${this.target()}`
    if (random.chance(8)) return `ldstub ${this.address(1)}, ${this.target()}`
    if (random.chance(10)) return `${random.pick(['cas', 'casx'])} [%g7], ${this.source()}, ${this.target()}`
    const [name, size] = random.pick(STORES)
    if (random.chance(75)) return `${name} ${this.source()}, ${this.address(size)}`
    return `${name}a ${this.source()}, ${this.address(size, random.pick(PRIMARY_ASIS))}`
  }

  move(): string {
    const { random, kinds } = this
    const condition = random.pick(CONDITIONS)
    const codes = random.pick(['%icc', '%xcc'])
    switch (random.below(kinds.float ? 6 : 3)) {
      case 0:
        return `mov${condition} ${codes}, ${this.operand(11)}, ${this.target()}`
      case 1:
        return `movr${random.pick(REGISTER_CONDITIONS)} ${this.source()}, ${this.operand(10)}, ${this.target()}`
      case 2:
        return `sethi ${random.below(1 << 22)}, ${this.target()}`
      case 3:
        return `mov${random.pick(FLOAT_CONDITIONS)} %fcc${random.below(4)}, ${this.operand(11)}, ${this.target()}`
      case 4:
        return `fmovd${condition} ${codes}, ${this.double()}, ${this.double()}`
      default:
        return `fmovrd${random.pick(REGISTER_CONDITIONS)} ${this.source()}, ${this.double()}, ${this.double()}`
    }
  }

  special(): string {
    const { random } = this
    return random.pick([
      () => `wr ${this.source()}, ${this.operand()}, %y`,
      () => `rd %y, ${this.target()}`,
      () => `wr ${this.source()}, ${this.operand()}, %ccr`,
      () => `rd %ccr, ${this.target()}`,
      () => `wr %g0, 0x80, %asi`,
      () => 'membar #StoreLoad',
      () => 'flush %g7',
      () => `prefetch [%g7 + ${random.below(4096)}], 0`,
    ])()
  }

  float(): string {
    const { random } = this
    return random.pick([
      () => `${random.pick(['fadd', 'fsub', 'fmul', 'fdiv'])}d ${this.double()}, ${this.double()}, ${this.double()}`,
      () => `${random.pick(['fadd', 'fsub', 'fmul', 'fdiv'])}s ${this.single()}, ${this.single()}, ${this.single()}`,
      () => `${random.pick(['fmov', 'fneg', 'fabs'])}d ${this.double()}, ${this.double()}`,
      () => `${random.pick(['fmov', 'fneg', 'fabs'])}s ${this.single()}, ${this.single()}`,
      () => `fxtod ${this.double()}, ${this.double()}`,
      () => `fitos ${this.single()}, ${this.single()}`,
      () => `${random.pick(['fitod', 'fstod'])} ${this.single()}, ${this.double()}`,
      () => `${random.pick(['fdtos', 'fxtos'])} ${this.double()}, ${this.single()}`,
      () => `fcmp${random.pick(['', 'e'])}d %fcc${random.below(4)}, ${this.double()}, ${this.double()}`,
      () => `fcmp${random.pick(['', 'e'])}s %fcc${random.below(4)}, ${this.single()}, ${this.single()}`,
      () => `fsqrtd ${this.double()}, ${this.double()}`,
    ])()
  }

  floatMemory(): string {
    const { random } = this
    return random.pick([
      () => `ldd ${this.address(8)}, ${this.double()}`,
      () => `std ${this.double()}, ${this.address(8)}`,
      () => `ld ${this.address(4)}, ${this.single()}`,
      () => `st ${this.single()}, ${this.address(4)}`,
      () => `ldda [%g7] 0xf0, %f${random.below(4) * 16}`,
      () => `stda %f${random.below(4) * 16}, [%g7] 0xf0`,
    ])()
  }

  vis(): string {
    const { random } = this
    const logical = words('fand fandnot1 fandnot2 for fornot1 fornot2 fxor fnand fnor fxnor')
    return random.pick([
      () => `${random.pick(logical)} ${this.double()}, ${this.double()}, ${this.double()}`,
      () => `${random.pick(logical)}s ${this.single()}, ${this.single()}, ${this.single()}`,
      () => `${random.pick(words('fzero fone'))} ${this.double()}`,
      () => `${random.pick(words('fsrc1 fsrc2 fnot1 fnot2'))} ${this.double()}, ${this.double()}`,
      () => `${random.pick(words('fpadd16 fpadd32'))} ${this.double()}, ${this.double()}, ${this.double()}`,
      () => `faligndata ${this.double()}, ${this.double()}, ${this.double()}`,
      () => `${random.pick(['alignaddr', 'alignaddrl'])} ${this.source()}, ${this.source()}, ${this.target()}`,
    ])()
  }

  /** A conditional branch of some kind to `label`, annulling or not; not its delay slot. */
  branch(label: string): string {
    const { random, kinds } = this
    const annul = random.chance(40) ? ',a' : ''
    switch (random.below(kinds.float ? 5 : 4)) {
      case 0:
        return `b${random.pick(CONDITIONS)}${annul} ${label}`
      case 1:
        return `b${random.pick(CONDITIONS)}${annul}${random.pick([',pt', ',pn'])} ${random.pick(['%icc', '%xcc'])}, ${label}`
      case 2:
      case 3:
        return `br${random.pick(REGISTER_CONDITIONS)}${annul}${random.pick([',pt', ',pn'])} ${this.source()}, ${label}`
      default:
        return `fb${random.pick(FLOAT_CONDITIONS)}${annul},pt %fcc${random.below(4)}, ${label}`
    }
  }

  block(length: number): void {
    const { random } = this
    for (let left = length; left > 0; left--) {
      const what = random.below(100)
      if (this.kinds.float && what < 5) this.withoutNaN()
      else if (what < 72) this.put(this.simple())
      else if (what < 84) this.forwardBranch()
      else if (what < 87) this.branchInDelaySlot()
      else if (what < 90) this.call()
      else if (what < 93) this.divide()
      else if (what < 96 && this.depth < 12) this.window(Math.min(left, 6))
      else if (!this.inLoop) this.loop()
      else this.put(this.simple())
    }
  }

  forwardBranch(): void {
    const label = this.label()
    this.put(this.branch(label), this.simple())
    for (let n = this.random.below(4); n > 0; n--) this.put(this.simple())
    this.put(`${label}:`)
  }

  /** The target's first instruction runs between the two branches when both are taken (a delayed control transfer couple). */
  branchInDelaySlot(): void {
    const [first, second] = [this.label(), this.label()]
    this.put(`brnz,pt %g0, ${first}`, `ba,a ${second}`, this.simple(), `${first}:`, this.simple(), `${second}:`)
  }

  call(): void {
    const [routine, after] = [this.label(), this.label()]
    this.put(`call ${routine}`, this.simple().replaceAll('%o7', '%g2'), `ba ${after}`, this.simple(), `${routine}:`)
    this.put('mov %o7, %g1', this.simple().replaceAll('%g1', '%g2'), 'jmp %g1 + 8', 'nop', `${after}:`)
    this.put('clr %g1', 'clr %o7')
  }

  divide(): void {
    const divisor = this.target()
    this.put(`or ${divisor}, 1, ${divisor}`, `wr %g0, ${this.random.below(8)}, %y`)
    if (this.random.chance(50)) this.put(`srl ${divisor}, 0, ${divisor}`)
    this.put(`${this.random.pick(DIVIDES)} ${this.source()}, ${divisor}, ${this.target()}`)
  }

  /**
   * Unless an operand is a NaN. For conversions to integers qemu then gives the largest integer, where V9 B.5 goes by the sign; for
   * fsmuld it quiets both operands before it chooses one, where a signaling NaN comes first (V9 B.2.2).
   */
  withoutNaN(): void {
    const { random } = this
    const [width, a, b] = random.pick([
      ['d', this.double(), this.double()],
      ['s', this.single(), this.single()],
    ] as const)
    const operations = [`f${width}toi ${a}, ${this.single()}`, `f${width}tox ${a}, ${this.double()}`]
    if (width === 's') operations.push(`fsmuld ${a}, ${b}, ${this.double()}`)
    const label = this.label()
    this.put(`fcmp${width} %fcc0, ${a}, ${b}`, `fbu %fcc0, ${label}`, 'nop', random.pick(operations), `${label}:`)
  }

  window(length: number): void {
    this.depth++
    this.put('save %sp, -192, %sp', ...range('%l', 8).map((r) => `mov ${this.source()}, ${r}`))
    this.put(...range('%o', 6).map((r) => `add ${this.source()}, ${this.operand()}, ${r}`), 'clr %o7')
    this.block(length)
    if (this.random.chance(30)) this.put('flushw')
    this.put(
      this.random.chance(50)
        ? 'restore'
        : `restore ${this.source()}, ${this.operand()}, ${this.random.pick(range('%o', 6))}`,
    )
    this.depth--
  }

  loop(): void {
    const top = this.label()
    this.inLoop = true
    this.put(`mov ${1 + this.random.below(5)}, %g6`, `${top}:`)
    this.block(2 + this.random.below(5))
    this.put('dec %g6', `brnz,pt %g6, ${top}`, this.simple())
    this.inLoop = false
  }
}

/** The program of a seed: `length` is about its number of statements. */
export function randomProgram(seed: number, kinds: ProgramKinds, length = 120): string {
  const random = new Random(seed)
  const writer = new Writer(random, kinds)
  const { put } = { put: writer.put.bind(writer) }
  put(
    '_start:',
    'set stack_top - 2047 - 192, %sp',
    'clr %fp',
    'set scratch, %g7',
    'wr %g0, 4, %fprs',
    'wr %g0, 0x80, %asi',
  )
  put('set values, %g1', 'ldx [%g1 + 512], %fsr')
  if (kinds.vis) put('wr %g0, 0, %gsr')
  for (let n = 0; n < 32; n++) put(`ldd [%g1 + ${n * 8}], %f${n * 2}`)
  for (const register of TARGETS.filter((r) => r !== '%g1'))
    put(`ldx [%g1 + ${256 + random.below(32) * 8}], ${register}`)
  put('clr %g6', 'ldx [%g1], %g1')
  writer.block(length)
  put(...epilogue(kinds))
  put('.align 8', 'values:')
  for (let n = 0; n < 32; n++) put(`.xword ${kinds.float ? finiteDouble(random) : anyWord(random)}`)
  for (let n = 0; n < 32; n++) put(`.xword ${random.chance(40) ? random.pick(CONSTANTS) : anyWord(random)}`)
  put('.xword 0', '.align 64', 'scratch:')
  for (let n = 0; n < SCRATCH_BYTES / 8; n++) put(`.xword ${kinds.float ? finiteDouble(random) : anyWord(random)}`)
  put('dump:', `.skip ${DUMP_BYTES}`, 'dump_end:', '.skip 16384', 'stack_top:')
  return `${writer.lines.join('\n')}\n`
}

const SYS_EXIT = 1
const SYS_WRITE = 4

function epilogue(kinds: ProgramKinds): string[] {
  const registers = ['%g2', '%g3', '%g4', '%g5', '%g6', ...range('%o', 8), ...range('%l', 8), ...range('%i', 8), '%g1']
  const lines = [
    'stx %g1, [%g7 - 8]',
    'set dump, %g1',
    ...registers.slice(0, -1).map((r, n) => `stx ${r}, [%g1 + ${n * 8}]`),
  ]
  lines.push('ldx [%g7 - 8], %g2', 'stx %g2, [%g1 + 232]')
  lines.push('rd %ccr, %g2', 'stx %g2, [%g1 + 240]', 'rd %y, %g2', 'stx %g2, [%g1 + 248]')
  if (kinds.float || kinds.vis) for (let n = 0; n < 32; n++) lines.push(`std %f${n * 2}, [%g1 + ${272 + n * 8}]`)
  if (kinds.float) lines.push('stx %fsr, [%g1 + 256]')
  if (kinds.vis) lines.push('rd %gsr, %g2', 'stx %g2, [%g1 + 264]')
  lines.push(
    'finish:',
    `mov 1, %o0`,
    'set scratch, %o1',
    'set dump_end - scratch, %o2',
    `mov ${SYS_WRITE}, %g1`,
    'ta 0x6d',
  )
  lines.push('clr %o0', `mov ${SYS_EXIT}, %g1`, 'ta 0x6d')
  return lines
}

function anyWord(random: Random): string {
  return `0x${random.next().toString(16)}${random.next().toString(16).padStart(8, '0')}`
}

/** Small whole numbers, halves, powers of two, fractions: what keeps results finite for a while. */
function finiteDouble(random: Random): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, (random.chance(50) ? 1 : -1) * (random.below(1 << 20) / 2 ** random.below(24)))
  return `0x${view.getBigUint64(0).toString(16)}`
}
