import type { Instruction } from '../../src/isa/instruction'
import type {
  FloatBinary,
  FloatFormat,
  FloatWidth,
  PrivilegedRegister,
  QuadOperation,
  Semantics,
} from '../../src/isa/semantics'
import { BINARY32, BINARY64, SoftFloat } from '../../src/isa/softfloat'
import type { TrapName } from '../../src/isa/traps'

export class Trapped extends Error {
  constructor(readonly trap: TrapName) {
    super(trap)
  }
}

const mask = (value: bigint, bits: number) => BigInt.asUintN(bits, value)
const signed = (value: bigint) => BigInt.asIntN(64, value)
const formatOf = (width: FloatWidth) => (width === 's' ? BINARY32 : BINARY64)

/**
 * An interpretation of rows on operands alone: the values of the register fields stand here instead of register files, memory
 * is one doubleword at any address.
 */
export class OperandSemantics {
  r1 = 0n
  r2 = 0n
  f1 = 0n
  f2 = 0n
  f3 = 0n
  /** f[rd]: old and, after the row, new value; likewise for r[rd]. */
  fd = 0n
  rd_ = 0n
  graphics = 0n
  state = 0n
  addressMask = false
  floatEnabled = true
  condition = false
  relation = -1
  memory = 0n
  ccr_ = ''
  membarMask = 0
  privilegedRegisters: Partial<Record<PrivilegedRegister, bigint>> = {}
  readonly events: string[] = []
  private readonly float = new SoftFloat()

  run(row: Instruction): this {
    row.execute(this as unknown as Semantics<bigint, boolean, bigint>)
    return this
  }

  rs1 = () => this.r1
  rs2 = () => this.r2
  src2 = () => this.r2
  rd = () => this.rd_
  setRd = (value: bigint) => {
    this.rd_ = mask(value, 64)
  }
  constant = (value: bigint) => mask(value, 64)
  maskAddress = (value: bigint) => (this.addressMask ? mask(value, 32) : value)

  add = (a: bigint, b: bigint) => mask(a + b, 64)
  sub = (a: bigint, b: bigint) => mask(a - b, 64)
  mul = (a: bigint, b: bigint) => mask(a * b, 64)
  and = (a: bigint, b: bigint) => a & b
  or = (a: bigint, b: bigint) => a | b
  xor = (a: bigint, b: bigint) => a ^ b
  not = (a: bigint) => mask(~a, 64)
  shl = (a: bigint, count: bigint) => mask(a << this.inRange(count), 64)
  shr = (a: bigint, count: bigint) => a >> this.inRange(count)
  sar = (a: bigint, count: bigint) => mask(signed(a) >> this.inRange(count), 64)
  zeroExtend = (a: bigint, bits: number) => mask(a, bits)
  signExtend = (a: bigint, bits: number) => mask(BigInt.asIntN(bits, a), 64)
  select = (condition: boolean, a: bigint, b: bigint) => (condition ? a : b)
  equal = (a: bigint, b: bigint) => a === b
  lessUnsigned = (a: bigint, b: bigint) => a < b
  lessSigned = (a: bigint, b: bigint) => signed(a) < signed(b)
  negate = (a: boolean) => !a

  testIntegerCondition = (which: string, condition: number) => this.test(`${which} ${condition}`)
  testFloatCondition = (fcc: number, condition: number) => this.test(`fcc${fcc} ${condition}`)
  testRegisterCondition = (condition: number, value: bigint) => this.test(`r ${condition} ${value}`)
  setConditionCodes = (kind: string, a: bigint, b: bigint, result: bigint) => {
    this.ccr_ = `${kind} ${a} ${b} ${result}`
  }

  trap = (name: TrapName) => {
    throw new Trapped(name)
  }
  trapIf = (condition: boolean, name: TrapName) => {
    if (condition) this.trap(name)
  }
  requirePrivileged = () => this.events.push('privileged')
  requireFloat = () => this.trapIf(!this.floatEnabled, 'fp_disabled')

  translate = (address: bigint, size: number, access: string) => {
    this.trapIf(address % BigInt(size) !== 0n, 'mem_address_not_aligned')
    this.events.push(`${access} ${size} at ${address}`)
    return address
  }
  requireFloatAlignment = (address: bigint, access: 'load' | 'store') =>
    this.trapIf(
      (address & 7n) === 4n,
      access === 'load' ? 'LDDF_mem_address_not_aligned' : 'STDF_mem_address_not_aligned',
    )
  read = (_pointer: bigint, size: number) => mask(this.memory, size * 8)
  write = (_pointer: bigint, size: number, value: bigint) => {
    this.memory = mask(value, size * 8)
  }

  membarField = () => this.membarMask
  membar = (mask: number) => this.events.push(`membar ${mask}`)
  flush = (address: bigint) => this.events.push(`flush ${address}`)

  readPrivileged = (name: PrivilegedRegister) => this.privilegedRegisters[name] ?? 0n
  setWindowState = (name: PrivilegedRegister, value: bigint) => {
    this.privilegedRegisters[name] = value
  }

  frs1 = (width: FloatWidth) => mask(this.f1, formatOf(width).bits)
  frs2 = (width: FloatWidth) => mask(this.f2, formatOf(width).bits)
  frs3 = (width: FloatWidth) => mask(this.f3, formatOf(width).bits)
  frd = (width: FloatWidth) => mask(this.fd, formatOf(width).bits)
  setFrd = (width: FloatWidth, value: bigint) => {
    if (value !== mask(value, formatOf(width).bits)) throw new RangeError(`f[rd] of width ${width}: ${value}`)
    this.fd = value
  }
  floatUnary = (_: 'sqrt', width: FloatWidth, a: bigint) => this.float.sqrt(formatOf(width), a, 0)
  floatBinary = (operation: FloatBinary, width: FloatWidth, a: bigint, b: bigint) =>
    this.float[operation](formatOf(width), a, b, 0)
  floatMultiplyWiden = (a: bigint, b: bigint) => this.float.mulWiden(BINARY32, BINARY64, a, b, 0)
  floatConvert = (from: FloatFormat, to: FloatFormat, a: bigint) => {
    if (from === 'i' || from === 'x') {
      return this.float.fromInteger(from === 'i' ? 32 : 64, formatOf(to as FloatWidth), a, 0)
    }
    if (to === 'i' || to === 'x') return this.float.toInteger(formatOf(from), to === 'i' ? 32 : 64, a)
    return this.float.convert(formatOf(from), formatOf(to), a, 0)
  }
  floatCompare = (width: FloatWidth, signaling: boolean, fcc: number, a: bigint, b: bigint) => {
    this.relation = this.float.compare(formatOf(width), signaling, a, b)
    this.events.push(`fcc${fcc}${signaling ? ' signaling' : ''}`)
  }
  quad = (operation: QuadOperation, condition?: boolean) =>
    this.events.push(condition === undefined ? operation : `${operation} if ${condition}`)
  fsr = () => this.state
  setFsr = (value: bigint, width: 32 | 64) => {
    this.state = value
    this.events.push(`fsr ${width}`)
  }
  clearFloatExceptions = () => this.events.push('clear ftt, cexc')
  clearFloatTrapType = () => this.events.push('clear ftt')
  loadQuad = (address: bigint, alternate: boolean) => this.events.push(`ldq${alternate ? 'a' : ''} ${address}`)
  storeQuad = (address: bigint, alternate: boolean) => this.events.push(`stq${alternate ? 'a' : ''} ${address}`)
  loadDoubleFloatAlternate = (address: bigint) => {
    this.requireFloat()
    this.events.push(`lddfa ${address}`)
  }
  storeDoubleFloatAlternate = (address: bigint) => {
    this.requireFloat()
    this.events.push(`stdfa ${address}`)
  }
  gsr = () => this.graphics
  setGsr = (value: bigint) => {
    this.graphics = mask(value, 64)
  }

  private test(what: string): boolean {
    this.events.push(what)
    return this.condition
  }

  private inRange(count: bigint): bigint {
    if (count < 0n || count > 63n) throw new RangeError(`shift count ${count}`)
    return count
  }
}
