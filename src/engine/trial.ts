import { makeDecoder } from '../isa/decode'
import type { Instruction } from '../isa/instruction'
import { makeRows } from '../isa/instructions'
import type { Semantics } from '../isa/semantics'
import { REGISTER } from '../state/layout'
import { type DecodedInstruction, decodeOperands } from './decoded-instruction'
import { SEQUENTIAL, TRAP } from './reference-core'
import type { ReferenceCpu } from './reference-cpu'
import { COMMITS } from './reference-memory'

type Rows = Semantics<bigint, boolean, number>

/** Members of {@link Semantics} that change something and raise nothing: all that an instruction could raise is behind it there. */
const WRITES = [
  'setRd',
  'setRdPair',
  'setRegister',
  'setConditionCodes',
  'setCcr',
  'setY',
  'branch',
  'branchAlways',
  'branchWithoutDelay',
  'jump',
  'read',
  'write',
  'compareAndSwap',
  'membar',
  'setWindowState',
  'setFrd',
  'setFsr',
  'setGsr',
  'clearFloatExceptions',
  'clearFloatTrapType',
  'floatLexicalCompare',
] as const satisfies readonly (keyof Rows)[]

// op2 of BPcc and sethi; op3 of the first division, and of the shifts (V9 E.2)
const FIRST_INTEGER_BRANCH = 1
const SETHI = 4
const UDIVX = 0x0d
const SLL = 0x25
const SRA = 0x27

/** A tag that no entry of a fast table has: bit 0 of theirs is 0. */
const NO_TAG = 1

/** f registers, FPRS and FSR: what floating-point operations change before a trial finds that they do not trap. */
const FLOAT_WORDS = 32

/**
 * Finds out whether an instruction would trap, without executing it: of an interrupt that is pending and a trap of the instruction, the
 * higher one is taken (V9 7.5; UltraSPARC-I table 8-6, note 5). A trap that is found leaves what it records; otherwise nothing has
 * changed.
 */
export class Trial {
  private readonly decode: (word: number) => Instruction | undefined
  private readonly rows: Rows
  private readonly floats = new BigInt64Array(FLOAT_WORDS)

  constructor(private readonly cpu: ReferenceCpu) {
    this.decode = makeDecoder(makeRows(cpu.environment.model.instructionSets))
    this.rows = this.withoutWrites()
  }

  /** Whether the instruction would trap; if so its type is in {@link ReferenceCpu.trapType}. */
  traps(word: number): boolean {
    const { cpu } = this
    const row = this.decode(word)
    if (row !== undefined && neverTraps(word)) return false
    const insn: DecodedInstruction = decodeOperands(word, row)
    const receiver = leavesNothing(word) ? cpu : this.rows
    const { insn: before, dataTag } = cpu
    const fsr = cpu.get('fsr')
    const fprs = cpu.get('fprs')
    const floats = (cpu.base + REGISTER.float) >> 3
    this.floats.set(cpu.w64.subarray(floats, floats + FLOAT_WORDS))
    cpu.insn = insn
    cpu.trying = true
    cpu.dataTag = NO_TAG
    try {
      insn.execute(receiver)
    } catch (thrown) {
      if (thrown === TRAP) return true
      if (thrown !== COMMITS) throw thrown
    } finally {
      cpu.insn = before
      cpu.dataTag = dataTag
      cpu.trying = false
      cpu.transfer = SEQUENTIAL
    }
    cpu.set('fsr', fsr)
    cpu.set('fprs', fprs)
    cpu.w64.set(this.floats, floats)
    return false
  }

  /** The CPU's semantics with every change of state replaced by a throw. */
  private withoutWrites(): Rows {
    const { cpu } = this
    const commit = (): never => {
      throw COMMITS
    }
    const rows: Record<string, unknown> = {}
    for (let type = Object.getPrototypeOf(cpu); type !== Object.prototype; type = Object.getPrototypeOf(type))
      for (const name of Object.getOwnPropertyNames(type)) {
        const member = Object.getOwnPropertyDescriptor(type, name)?.value
        if (typeof member === 'function') rows[name] ??= member.bind(cpu)
      }
    for (const name of WRITES) rows[name] = commit
    const instead: Partial<Rows> = {
      translate: (address, size, access) => cpu.translateImplicit(address, size, access),
      saveWindow: () => {
        cpu.requireSavable()
        commit()
      },
      restoreWindow: () => {
        cpu.requireRestorable()
        commit()
      },
      saved: () => {
        cpu.requirePrivileged()
        commit()
      },
      restored: () => {
        cpu.requirePrivileged()
        commit()
      },
      writePrivileged: (register, value) => {
        cpu.requireWritable(register, value)
        commit()
      },
      writeAncillary: (number) => {
        cpu.requireAncillaryWritable(number)
        commit()
      },
      done: () => {
        cpu.requireReturn()
        commit()
      },
      retry: () => {
        cpu.requireReturn()
        commit()
      },
      gate: () => {
        if (cpu.environment.gate === undefined) cpu.raise('illegal_instruction')
        commit()
      },
    }
    return Object.assign(rows, instead) as unknown as Rows
  }
}

/** Loads, stores and atomics are left at the latest when their address is translated; FPops change only what is put back. */
function leavesNothing(word: number): boolean {
  return word >>> 30 === 3 || (word & 0xc1f0_0000) >>> 0 === 0x81a0_0000
}

/** Instructions of loops that cannot trap once they are known: computations, branches on integer conditions and calls. */
function neverTraps(word: number): boolean {
  const op3 = (word >>> 19) & 0x3f
  switch (word >>> 30) {
    case 0:
      return FIRST_INTEGER_BRANCH <= ((word >>> 22) & 7) && ((word >>> 22) & 7) <= SETHI
    case 1:
      return true
    case 2:
      return (op3 < 0x20 && (op3 & 0xf) < UDIVX) || (op3 >= SLL && op3 <= SRA)
    default:
      return false
  }
}
