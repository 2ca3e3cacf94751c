import { TRAPS } from '../isa/traps'
import { host, note, type OperationContext, shim, step } from '../kernel-shim'
import {
  BUS_ADRALN,
  EMT_TAGOVF,
  FPE_FLTDIV,
  FPE_FLTINV,
  FPE_FLTOVF,
  FPE_FLTRES,
  FPE_FLTUND,
  FPE_INTDIV,
  ILL_ILLOPC,
  ILL_ILLTRP,
  ILL_PRVOPC,
  SEGV_MAPERR,
  SIGNAL,
  TRAP_BRKPT,
} from './constants'
import { emulate_instruction, mayBeEmulated } from './emulate-instruction'
import { decodeMemoryInstruction, isNoFaultLoad, loadZero } from './faulting-instruction'
import { type FaultAccess, type FaultOutcome, faultIn, NoMemory } from './page-fault'
import { currentThread, processOf } from './process'
import type { PendingSignal } from './signal-table'
import { faultSignal, forceSignal } from './signals'
import { sparc64_get_context, sparc64_set_context } from './user-context'
import { userWord } from './user-page'
import { skipInstruction } from './user-registers'

/** Trap types. */
const INSTRUCTION_ACCESS_EXCEPTION = TRAPS.instruction_access_exception.tt
const ILLEGAL_INSTRUCTION = TRAPS.illegal_instruction.tt
const PRIVILEGED_OPCODE = TRAPS.privileged_opcode.tt
const FP_DISABLED = TRAPS.fp_disabled.tt
const FP_EXCEPTION_IEEE_754 = TRAPS.fp_exception_ieee_754.tt
const FP_EXCEPTION_OTHER = TRAPS.fp_exception_other.tt
const TAG_OVERFLOW = TRAPS.tag_overflow.tt
const DIVISION_BY_ZERO = TRAPS.division_by_zero.tt
const DATA_ACCESS_EXCEPTION = TRAPS.data_access_exception.tt
const MEM_ADDRESS_NOT_ALIGNED = TRAPS.mem_address_not_aligned.tt
const PRIVILEGED_ACTION = TRAPS.privileged_action.tt
const INSTRUCTION_MISS = TRAPS.fast_instruction_access_MMU_miss.tt
const DATA_MISS = TRAPS.fast_data_access_MMU_miss.tt
const DATA_PROTECTION = TRAPS.fast_data_access_protection.tt
const SOFTWARE_TRAP = 0x100
const GET_CONTEXT = 0x16e
const SET_CONTEXT = 0x16f
const BREAKPOINT = 0x101

const TSTATE_PRIV = 0x400n
const PAGE = 8192n

/** Any trap that the firmware does not handle by itself. Pages are made present, user errors become signals. */
export const do_fault = shim('do_fault', function* (tt: number, level: number) {
  if (tt === GET_CONTEXT || tt === SET_CONTEXT) {
    const outcome = tt === GET_CONTEXT ? yield* sparc64_get_context() : yield* sparc64_set_context()
    if (outcome === 'SIGSEGV') yield* force_sig(faultSignal(SIGNAL.SIGSEGV, SEGV_MAPERR, 0n))
    return
  }
  const privileged = yield* note(
    'from privileged mode',
    ({ cpu }) => (cpu.get('tstate', level - 1) & TSTATE_PRIV) !== 0n,
  )
  if (privileged) yield* kernel_fault(tt, level)
  else yield* user_fault(tt)
})

/** The user's instruction at trap level 1 trapped. */
const user_fault = shim('user_fault', function* (trapped: number) {
  let tt = trapped
  if (mayBeEmulated(tt)) {
    const outcome = yield* emulate_instruction(tt)
    if (outcome === 'done') return
    if ('fault' in outcome) {
      yield* force_sig(faultSignal(SIGNAL.SIGSEGV, SEGV_MAPERR, outcome.fault))
      return
    }
    tt = outcome.trap
  }
  yield* host(`fault 0x${tt.toString(16)}`, (cx) => {
    const { cpu } = cx
    const pc = cpu.get('tpc', 0)
    if (tt === FP_DISABLED) {
      cpu.set('fprs', cpu.get('fprs') | 4n)
      return undefined
    }
    const access = accessOf(tt)
    const signal = access === undefined ? signalOf(cx, tt, pc) : pageFault(cx, access, pc)
    if (signal !== undefined) forceSignal(processOf(cx.kernel), currentThread(cx), signal)
    return undefined
  })
})

function accessOf(tt: number): FaultAccess | undefined {
  if (tt >= INSTRUCTION_MISS && tt < DATA_MISS) return 'fetch'
  if (tt >= DATA_MISS && tt < DATA_PROTECTION) return 'load'
  return tt >= DATA_PROTECTION && tt < DATA_PROTECTION + 4 ? 'store' : undefined
}

function pageFault(cx: OperationContext, access: FaultAccess, pc: bigint): PendingSignal | undefined {
  const { cpu } = cx
  if (access === 'fetch') {
    const outcome = resolve(cx, pc, access)
    return outcome.fixed ? undefined : segmentationFault(outcome, pc)
  }
  const outcome = resolve(cx, tagAccessAddress(cpu), access)
  if (outcome.fixed) return undefined
  const instruction = faultingInstruction(cx, 1)
  if (instruction !== undefined && isNoFaultLoad(instruction)) {
    loadZero(cpu, instruction, 1)
    skipInstruction(cpu)
    return undefined
  }
  return segmentationFault(outcome, instruction?.address ?? tagAccessAddress(cpu))
}

function segmentationFault(outcome: FaultOutcome & { fixed: false }, address: bigint): PendingSignal {
  return outcome.code === 0 ? outOfMemory() : faultSignal(SIGNAL.SIGSEGV, outcome.code, address)
}

function outOfMemory(): PendingSignal {
  return faultSignal(SIGNAL.SIGKILL, 0, 0n)
}

/** {@link faultIn} with code 0 for want of memory. */
function resolve(cx: OperationContext, va: bigint, access: FaultAccess): FaultOutcome {
  try {
    return faultIn(cx, processOf(cx.kernel), va, access)
  } catch (error) {
    if (error instanceof NoMemory) return { fixed: false, code: 0 }
    throw error
  }
}

/** VA of the page that missed (UltraSPARC-I 6.9.3). */
function tagAccessAddress(cpu: OperationContext['cpu']): bigint {
  return cpu.get('dmmuTagAccess') & ~(PAGE - 1n)
}

function faultingInstruction(cx: OperationContext, level: number) {
  const word = userWord(cx, cx.cpu.get('tpc', level - 1))
  return word === undefined ? undefined : decodeMemoryInstruction(cx.cpu, word, level)
}

function signalOf(cx: OperationContext, tt: number, pc: bigint): PendingSignal {
  const address = () => faultingInstruction(cx, 1)?.address ?? pc
  switch (tt) {
    case INSTRUCTION_ACCESS_EXCEPTION:
      return faultSignal(SIGNAL.SIGSEGV, SEGV_MAPERR, pc)
    case DATA_ACCESS_EXCEPTION:
      return faultSignal(SIGNAL.SIGSEGV, SEGV_MAPERR, address())
    case ILLEGAL_INSTRUCTION:
      return faultSignal(SIGNAL.SIGILL, ILL_ILLOPC, pc)
    case PRIVILEGED_OPCODE:
    case PRIVILEGED_ACTION:
      return faultSignal(SIGNAL.SIGILL, ILL_PRVOPC, pc)
    case FP_EXCEPTION_IEEE_754:
      return faultSignal(SIGNAL.SIGFPE, floatCode(cx.cpu.get('fsr')), pc)
    case FP_EXCEPTION_OTHER:
      return faultSignal(SIGNAL.SIGFPE, FPE_FLTINV, pc)
    case TAG_OVERFLOW:
      return faultSignal(SIGNAL.SIGEMT, EMT_TAGOVF, pc)
    case DIVISION_BY_ZERO:
      return faultSignal(SIGNAL.SIGFPE, FPE_INTDIV, pc)
    case BREAKPOINT:
      return faultSignal(SIGNAL.SIGTRAP, TRAP_BRKPT, pc)
    default:
      if (tt >= MEM_ADDRESS_NOT_ALIGNED && tt < PRIVILEGED_ACTION)
        return faultSignal(SIGNAL.SIGBUS, BUS_ADRALN, address())
      return faultSignal(SIGNAL.SIGILL, tt >= SOFTWARE_TRAP ? ILL_ILLTRP : ILL_ILLOPC, pc)
  }
}

/** The exception in FSR.cexc (V9 5.1.7). */
function floatCode(fsr: bigint): number {
  const codes = [FPE_FLTRES, FPE_FLTDIV, FPE_FLTUND, FPE_FLTOVF, FPE_FLTINV]
  for (let bit = 4; bit >= 0; bit--) if ((fsr >> BigInt(bit)) & 1n) return codes[bit]
  return FPE_FLTINV
}

/**
 * A trap from kernel code: an operation's user access, which gives up with EFAULT, or a window handler, whose user has a bad
 * stack pointer.
 */
const kernel_fault = shim('kernel_fault', function* (tt: number, level: number) {
  yield* step(`kernel fault 0x${tt.toString(16)}`, true, (cx) => {
    const { kernel, cpu } = cx
    const pc = cpu.get('tpc', level - 1)
    const access = accessOf(tt)
    if (access !== undefined && access !== 'fetch' && resolve(cx, tagAccessAddress(cpu), access).fixed) return undefined
    if (!isUserAccessTrap(tt))
      throw new Error(`trap 0x${tt.toString(16)} in the kernel at 0x${pc.toString(16)}, trap level ${level}`)
    if (level < 2 || !isWindowTrap(cpu.get('tt', level - 2))) {
      kernel.tree.cpus[cpu.index].userFault = true
      return undefined
    }
    forceSignal(processOf(kernel), currentThread(cx), faultSignal(SIGNAL.SIGSEGV, SEGV_MAPERR, tagAccessAddress(cpu)))
    leaveWindowHandler(cx)
    return undefined
  })
})

function isUserAccessTrap(tt: number): boolean {
  return tt === DATA_ACCESS_EXCEPTION || tt === MEM_ADDRESS_NOT_ALIGNED || accessOf(tt) !== undefined
}

function isWindowTrap(tt: bigint): boolean {
  return tt >= 0x80n && tt < 0x100n
}

/**
 * The handler's `retry` goes to the user's instruction's way out instead: the trap level that the window trap took stays, and
 * its return leads through exit_to_user_mode, where the signal is found.
 */
function leaveWindowHandler({ kernel, cpu }: OperationContext): void {
  const HANDLER = 1
  const way = kernel.symbol('return_from_trap')
  cpu.set('tpc', way, HANDLER)
  cpu.set('tnpc', way + 4n, HANDLER)
  const window = cpu.get('tstate', 0) & 7n
  cpu.set('tstate', (cpu.get('tstate', HANDLER) & ~7n) | window, HANDLER)
}

const force_sig = shim('force_sig', function* (signal: PendingSignal) {
  yield* host('force_sig', (cx) => {
    forceSignal(processOf(cx.kernel), currentThread(cx), signal)
    return undefined
  })
})
