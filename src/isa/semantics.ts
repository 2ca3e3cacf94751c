import type { TrapName } from './traps'

/** Bytes of one memory access. 16 is the quad atomic load, 64 a block transfer. */
export type AccessSize = 1 | 2 | 4 | 8 | 16 | 64
export type Access = 'load' | 'store' | 'atomic'
/** Single or double precision. Quad operations go through {@link Semantics.quad}. */
export type FloatWidth = 's' | 'd'
export type Rounding = 'current' | 'zero'

/** Ancillary and privileged registers as instructions name them (V9 5.2, A.42, A.44, A.62, A.63). */
export type PrivilegedRegister =
  | 'tpc'
  | 'tnpc'
  | 'tstate'
  | 'tt'
  | 'tick'
  | 'tba'
  | 'pstate'
  | 'tl'
  | 'pil'
  | 'cwp'
  | 'cansave'
  | 'canrestore'
  | 'cleanwin'
  | 'otherwin'
  | 'wstate'
  | 'fq'
  | 'ver'

export type WindowStateRegister = 'cansave' | 'canrestore' | 'cleanwin' | 'otherwin'

/** Arithmetic of the soft float. `i` is int32, `x` is int64. */
export type FloatUnary = 'sqrt' | 'neg' | 'abs' | 'mov'
export type FloatBinary = 'add' | 'sub' | 'mul' | 'div'
/**
 * Operations that round once: rs1 * rs2 + rs3 and its relatives; the negated sum and product of rs1 and rs2; half their sum,
 * difference or negated sum.
 */
export type FusedOperation = 'madd' | 'msub' | 'nmadd' | 'nmsub' | 'nadd' | 'nmul' | 'hadd' | 'hsub' | 'nhadd'
export type FloatFormat = 's' | 'd' | 'i' | 'x'
export type QuadOperation =
  | 'faddq'
  | 'fsubq'
  | 'fmulq'
  | 'fdivq'
  | 'fsqrtq'
  | 'fcmpq'
  | 'fcmpeq'
  | 'fdmulq'
  | 'fstoq'
  | 'fdtoq'
  | 'fitoq'
  | 'fxtoq'
  | 'fqtos'
  | 'fqtod'
  | 'fqtoi'
  | 'fqtox'
  | 'fmovq'
  | 'fnegq'
  | 'fabsq'

/**
 * The vocabulary that instructions are written in.
 *
 * V is an evaluated 64-bit value, B a condition, P a translated memory pointer. All three are opaque to the rows: no
 * operator and no `if` on them. Everything that can trap comes before the first architectural write of a row, so that an
 * engine may abandon a row at any trap and nothing has changed. A helper that may trap says so.
 */
export interface Semantics<V, B, P> {
  // Operands, by the fields of the instruction word
  rs1(): V
  rs2(): V
  /** r[rs2], or the sign-extended immediate that the row's pattern declares (simm13, simm11 or simm10). */
  src2(): V
  /** Shift count: r[rs2] or the immediate, reduced to 5 or 6 bits (V9 A.48). */
  shiftCount(width: 32 | 64): V
  /** The old value of r[rd]. */
  rd(): V
  setRd(value: V): void
  /** Low 32 bits of r[rd] and r[rd + 1], zero-extended; an odd rd is trapped by {@link requireEvenRd}. */
  rdPair(): readonly [V, V]
  setRdPair(even: V, odd: V): void
  /** May trap: illegal_instruction if rd is odd. */
  requireEvenRd(): void
  /** r[rd] (even or odd); for `call`, whose destination is fixed. */
  setRegister(number: number, value: V): void
  /** The row's immediate: imm22 << 10 for sethi, zero-extended. */
  immediate(): V
  /** Address of this instruction, masked to 32 bits if PSTATE.AM. */
  pc(): V
  /** The low 32 bits, zero-extended, if PSTATE.AM; else unchanged. */
  maskAddress(address: V): V

  // Values: 64 bits, two's complement, wrap-around
  constant(value: bigint): V
  add(a: V, b: V): V
  sub(a: V, b: V): V
  mul(a: V, b: V): V
  /** Unsigned / signed division; the caller has trapped b = 0. -2^63 / -1 is -2^63. */
  udiv(a: V, b: V): V
  sdiv(a: V, b: V): V
  and(a: V, b: V): V
  or(a: V, b: V): V
  xor(a: V, b: V): V
  not(a: V): V
  /** Shifts by a value in 0..63. */
  shl(a: V, count: V): V
  shr(a: V, count: V): V
  sar(a: V, count: V): V
  /** Keep the low `bits` bits, zero- or sign-extended. */
  zeroExtend(a: V, bits: number): V
  signExtend(a: V, bits: number): V
  popcount(a: V): V
  select(condition: B, whenTrue: V, whenFalse: V): V

  // Conditions
  equal(a: V, b: V): B
  lessUnsigned(a: V, b: V): B
  lessSigned(a: V, b: V): B
  both(a: B, b: B): B
  either(a: B, b: B): B
  negate(a: B): B
  always(): B
  never(): B

  // Condition codes and Y
  /** Sets icc and xcc as an addition, subtraction (either may include a carry) or logical operation does (V9 A.2, A.56, A.31). */
  setConditionCodes(kind: 'add' | 'sub' | 'logic', a: V, b: V, result: V): void
  /** CCR as 8 bits: xcc in 7:4, icc in 3:0, each N Z V C. */
  ccr(): V
  /** Keeps the low 8 bits. */
  setCcr(value: V): void
  /** Tests icc or xcc against a Bicc condition number 0..15 (V9 A.7). */
  testIntegerCondition(which: 'icc' | 'xcc', condition: number): B
  /** Tests r[rs1] against zero by an rcond number 1..3, 5..7 (V9 A.3). */
  testRegisterCondition(condition: number, value: V): B
  /** Tests fccn against an FBfcc condition number 0..15 (V9 A.5). */
  testFloatCondition(fcc: number, condition: number): B
  y(): V
  /** Keeps the low 32 bits. */
  setY(value: V): void

  // Control transfer; the engine owns pc, npc and annulment
  /** PC-relative branch by the row's displacement. Not taken and a = 1 annuls the delay slot. */
  branch(taken: B): void
  /** Branch always by the displacement; a = 1 annuls the delay slot even though taken. */
  branchAlways(): void
  /** PC-relative branch by the displacement to its target at once: there is no delay slot. */
  branchWithoutDelay(taken: B): void
  /**
   * May trap: mem_address_not_aligned; instruction_access_exception if the address is outside of what the CPU implements. Comes
   * before {@link jump}.
   */
  requireTarget(target: V): void
  /** Jump to an address that {@link requireTarget} has let pass. */
  jump(target: V): void
  trapIf(condition: B, trap: TrapName): void
  trap(trap: TrapName): void
  /** Tcc: if the condition holds, trap 256 + the low 7 bits of `number` (V9 A.61). */
  softwareTrap(condition: B, number: V): void

  // Memory. `translate` may trap (alignment, privilege, MMU, watchpoint); reads and writes through P never do.
  translate(address: V, size: AccessSize, access: Access): P
  /** Like {@link translate} through the row's ASI: the imm_asi field if i = 0, else %asi. Also traps privileged_action. */
  translateAlternate(address: V, size: AccessSize, access: Access): P
  /** Big-endian (or little-endian, by ASI) value of `size` bytes at p + offset, zero-extended. */
  read(pointer: P, size: 1 | 2 | 4 | 8, offset?: number): V
  write(pointer: P, size: 1 | 2 | 4 | 8, value: V, offset?: number): void
  /** Atomically: returns the old value, stores `replacement` if it equals `expected`. Size 4 or 8. */
  compareAndSwap(pointer: P, size: 4 | 8, expected: V, replacement: V): V
  /** ldda: twin 32-bit load or, with a quad-atomic ASI, 128 bits into r[rd], r[rd + 1]. May trap. Whole instruction. */
  loadTwinAlternate(address: V): void
  /** stda: twin 32-bit store through the ASI. May trap. Whole instruction. */
  storeTwinAlternate(address: V): void
  /** lddfa / stdfa: double, block, short or partial by ASI; `mask` is r[rs2] for partial stores. May trap, fp_disabled as well. Whole instruction. */
  loadDoubleFloatAlternate(address: V): void
  storeDoubleFloatAlternate(address: V): void
  /** ldqf, ldqfa, stqf, stqfa: illegal_instruction on models that leave quads to software. May trap. Whole instruction. */
  loadQuad(address: V, alternate: boolean): void
  storeQuad(address: V, alternate: boolean): void
  /** May trap: LDDF_ or STDF_mem_address_not_aligned, for a double at a multiple of 4 that is none of 8. */
  requireFloatAlignment(address: V, access: 'load' | 'store'): void
  /** membar with cmask in 6:4 and mmask in 3:0. */
  membar(mask: number): void
  /** The row's 7-bit membar mask, or the prefetch function in rd, is read by the engine from the word. */
  membarField(): number
  /** flush: instruction memory at the address becomes coherent. May trap, where it is checked as an access. */
  flush(address: V): void

  // Register windows. All may trap (window_spill / fill, clean_window) before they change anything.
  saveWindow(): void
  restoreWindow(): void
  /** window_fill, if {@link restoreWindow} would raise it: it comes before what else `return` may raise. */
  requireRestorable(): void
  flushWindows(): void
  saved(): void
  restored(): void
  /** `return`: restoreWindow, then jump. The caller has computed and checked the target. */

  // Privileged state. All may trap (privileged_opcode, illegal_instruction) before they change anything.
  requirePrivileged(): void
  /** PSTATE.PRIV = 1. */
  privileged(): B
  readPrivileged(register: PrivilegedRegister): V
  writePrivileged(register: PrivilegedRegister, value: V): void
  /** Never traps: the row has required privilege. */
  setWindowState(register: WindowStateRegister, value: V): void
  /** Ancillary state register by number, the row's rs1 (read) or rd (write) field; may trap. */
  readAncillary(number: number): V
  writeAncillary(number: number, value: V): void
  done(): void
  retry(): void
  /** The kernel shim's gate: performs the next operation of the frame selected by the row's immediate. */
  gate(): void

  // Floating point
  /** May trap: fp_disabled. */
  requireFloat(): void
  /** f registers by the fields; `s` gives 32 bits zero-extended, `d` 64 bits. */
  frs1(width: FloatWidth): V
  frs2(width: FloatWidth): V
  frs3(width: FloatWidth): V
  frd(width: FloatWidth): V
  setFrd(width: FloatWidth, value: V): void
  /** IEEE operations; set cexc / aexc; may trap fp_exception_ieee_754 or fp_exception_other. */
  floatUnary(operation: 'sqrt', width: FloatWidth, a: V): V
  floatBinary(operation: FloatBinary, width: FloatWidth, a: V, b: V): V
  /** fsmuld: exact double product of two singles. */
  floatMultiplyWiden(a: V, b: V): V
  floatMultiplyWidenNegated(a: V, b: V): V
  floatFused(operation: FusedOperation, width: FloatWidth, a: V, b: V, c?: V): V
  floatConvert(from: FloatFormat, to: FloatFormat, a: V): V
  /** Compares and sets fccn; `signaling` (fcmpe) raises NV on any NaN. */
  floatCompare(width: FloatWidth, signaling: boolean, fcc: number, a: V, b: V): void
  /**
   * Sets fccn to 0 if a >= b, 1 if a < b, 2 if only a is a NaN, 3 if b is one; -0 is less than +0. Raises nothing and leaves the
   * rest of FSR.
   */
  floatLexicalCompare(width: FloatWidth, fcc: number, a: V, b: V): void
  /**
   * A quad operation as a whole: executed, or trapped as unimplemented_FPop, by CPU model. `condition` is that of a conditional
   * fmovq; where quad operations trap, they do so whether it holds or not.
   */
  quad(operation: QuadOperation, condition?: B): void
  fsr(): V
  /** All of FSR (ldxfsr) or its low 32 bits without fcc1-3 (ldfsr). */
  setFsr(value: V, width: 32 | 64): void
  /** Fields ftt and cexc are cleared by fmov, fabs, fneg and the conditional moves (V9 5.1.7). */
  clearFloatExceptions(): void
  /** Field ftt is cleared once stfsr or stxfsr has stored it (V9 A.52). */
  clearFloatTrapType(): void
  /** GSR (VIS): align in 2:0, scale in 6:3; may trap fp_disabled through requireFloat. */
  gsr(): V
  setGsr(value: V): void
}

export type Execute = <V, B, P>(s: Semantics<V, B, P>) => void
