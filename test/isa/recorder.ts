import type { Access, AccessSize, Semantics } from '../../src/isa/semantics'

/** A value, condition or pointer that no TypeScript operator accepts. */
export class Opaque {
  [Symbol.toPrimitive](): never {
    throw new TypeError('operator on an opaque value')
  }
}
export class Value extends Opaque {
  readonly kind = 'value'
}
export class Condition extends Opaque {
  readonly kind = 'condition'
}
export class Pointer extends Opaque {
  constructor(
    readonly size: AccessSize,
    readonly access: Access,
  ) {
    super()
  }
}

/**
 * An interpretation that computes nothing and notes the order of effects: what may trap, what is written, which operands are
 * read. It finds rows that are not in two phases.
 */
export class Recorder implements Semantics<Value, Condition, Pointer> {
  readonly violations: string[] = []
  private firstWrite: string | undefined
  private readonly written = new Map<string, string>()

  private traps(what: string): void {
    if (this.firstWrite !== undefined) this.violations.push(`${what} may trap after ${this.firstWrite}`)
  }

  private writes(what: string, resource?: string): void {
    this.firstWrite ??= what
    if (resource !== undefined && !this.written.has(resource)) this.written.set(resource, what)
  }

  private reads(what: string, resource: string): Value {
    const writer = this.written.get(resource)
    if (writer !== undefined) this.violations.push(`${what} read after ${writer}`)
    return new Value()
  }

  private value(): Value {
    return new Value()
  }

  private condition(): Condition {
    return new Condition()
  }

  rs1 = () => this.reads('rs1', 'r')
  rs2 = () => this.reads('rs2', 'r')
  src2 = () => this.reads('src2', 'r')
  shiftCount = () => this.reads('shiftCount', 'r')
  rd = () => this.reads('rd', 'r')
  setRd = (_: Value) => this.writes('setRd', 'r')
  rdPair = () => [this.reads('rdPair', 'r'), this.value()] as const
  setRdPair = () => this.writes('setRdPair', 'r')
  requireEvenRd = () => this.traps('requireEvenRd')
  setRegister = () => this.writes('setRegister', 'r')
  immediate = () => this.value()
  pc = () => this.value()
  maskAddress = () => this.value()

  constant = () => this.value()
  add = () => this.value()
  sub = () => this.value()
  mul = () => this.value()
  udiv = () => this.value()
  sdiv = () => this.value()
  and = () => this.value()
  or = () => this.value()
  xor = () => this.value()
  not = () => this.value()
  shl = () => this.value()
  shr = () => this.value()
  sar = () => this.value()
  zeroExtend = () => this.value()
  signExtend = () => this.value()
  popcount = () => this.value()
  select = () => this.value()

  equal = () => this.condition()
  lessUnsigned = () => this.condition()
  lessSigned = () => this.condition()
  both = () => this.condition()
  either = () => this.condition()
  negate = () => this.condition()
  always = () => this.condition()
  never = () => this.condition()

  setConditionCodes = () => this.writes('setConditionCodes')
  ccr = () => this.value()
  setCcr = () => this.writes('setCcr')
  testIntegerCondition = () => this.condition()
  testRegisterCondition = () => this.condition()
  testFloatCondition = () => this.condition()
  y = () => this.reads('y', 'y')
  setY = () => this.writes('setY', 'y')

  branch = () => this.writes('branch')
  branchAlways = () => this.writes('branchAlways')
  branchWithoutDelay = () => this.writes('branchWithoutDelay')
  requireTarget = () => this.traps('requireTarget')
  jump = () => this.writes('jump')
  trapIf = () => this.traps('trapIf')
  trap = () => this.traps('trap')
  softwareTrap = () => this.traps('softwareTrap')

  translate(_: Value, size: AccessSize, access: Access): Pointer {
    this.traps('translate')
    return new Pointer(size, access)
  }
  translateAlternate(_: Value, size: AccessSize, access: Access): Pointer {
    this.traps('translateAlternate')
    return new Pointer(size, access)
  }
  read(pointer: Pointer, size: number, offset = 0): Value {
    if (pointer.access === 'store') this.violations.push('read through a store pointer')
    this.checkBounds('read', pointer, size, offset)
    return this.reads('read', 'memory')
  }
  write(pointer: Pointer, size: number, _: Value, offset = 0): void {
    if (pointer.access === 'load') this.violations.push('write through a load pointer')
    this.checkBounds('write', pointer, size, offset)
    this.writes('write', 'memory')
  }
  compareAndSwap(pointer: Pointer, size: number): Value {
    if (pointer.access !== 'atomic') this.violations.push(`compareAndSwap through a ${pointer.access} pointer`)
    this.checkBounds('compareAndSwap', pointer, size, 0)
    this.writes('compareAndSwap', 'memory')
    return this.value()
  }
  private checkBounds(what: string, pointer: Pointer, size: number, offset: number): void {
    if (offset < 0 || offset + size > pointer.size) {
      this.violations.push(`${what} of ${size} bytes at ${offset} through a pointer to ${pointer.size}`)
    }
  }
  loadTwinAlternate = () => this.wholeInstruction('loadTwinAlternate')
  storeTwinAlternate = () => this.wholeInstruction('storeTwinAlternate')
  loadDoubleFloatAlternate = () => this.wholeInstruction('loadDoubleFloatAlternate')
  storeDoubleFloatAlternate = () => this.wholeInstruction('storeDoubleFloatAlternate')
  loadQuad = () => this.wholeInstruction('loadQuad')
  storeQuad = () => this.wholeInstruction('storeQuad')
  membar = () => this.writes('membar')
  membarField = () => 0
  flush = () => this.wholeInstruction('flush')

  requireFloatAlignment = () => this.traps('requireDoubleAlignment')
  requireRestorable = () => this.traps('requireRestorable')
  saveWindow = () => this.changesWindow('saveWindow')
  restoreWindow = () => this.changesWindow('restoreWindow')
  flushWindows = () => this.wholeInstruction('flushWindows')
  saved = () => this.wholeInstruction('saved')
  restored = () => this.wholeInstruction('restored')

  requirePrivileged = () => this.traps('requirePrivileged')
  privileged = () => this.condition()
  readPrivileged(): Value {
    this.traps('readPrivileged')
    return this.value()
  }
  setWindowState = () => this.writes('setWindowState')
  writePrivileged = () => this.wholeInstruction('writePrivileged')
  readAncillary(): Value {
    this.traps('readAncillary')
    return this.value()
  }
  writeAncillary = () => this.wholeInstruction('writeAncillary')
  done = () => this.wholeInstruction('done')
  retry = () => this.wholeInstruction('retry')
  gate = () => this.wholeInstruction('gate')

  requireFloat = () => this.traps('requireFloat')
  frs1 = () => this.reads('frs1', 'f')
  frs2 = () => this.reads('frs2', 'f')
  frs3 = () => this.reads('frs3', 'f')
  frd = () => this.reads('frd', 'f')
  setFrd = () => this.writes('setFrd', 'f')
  floatUnary = () => this.floatOperation('floatUnary')
  floatBinary = () => this.floatOperation('floatBinary')
  floatMultiplyWiden = () => this.floatOperation('floatMultiplyWiden')
  floatMultiplyWidenNegated = () => this.floatOperation('floatMultiplyWidenNegated')
  floatFused = () => this.floatOperation('floatFused')
  floatLexicalCompare = () => this.writes('floatLexicalCompare', 'fsr')
  floatConvert = () => this.floatOperation('floatConvert')
  floatCompare = () => this.wholeInstruction('floatCompare')
  quad = () => this.wholeInstruction('quad')
  fsr = () => this.reads('fsr', 'fsr')
  setFsr = () => this.writes('setFsr', 'fsr')
  clearFloatExceptions = () => this.writes('clearFloatExceptions', 'fsr')
  clearFloatTrapType = () => this.writes('clearFloatTrapType', 'fsr')
  gsr = () => this.reads('gsr', 'gsr')
  setGsr = () => this.writes('setGsr', 'gsr')

  private wholeInstruction(what: string): void {
    this.traps(what)
    this.writes(what)
  }

  private changesWindow(what: string): void {
    this.traps(what)
    this.writes(what, 'r')
  }

  private floatOperation(what: string): Value {
    this.traps(what)
    this.writes(what, 'fsr')
    return this.value()
  }
}
