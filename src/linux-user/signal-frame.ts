import { note, shim, step } from '../kernel-shim'
import { Structure, wordAt, xwordAt } from './big-endian'
import {
  SA_NODEFER,
  SA_ONSTACK,
  SA_SIGINFO,
  SI_NOINFO,
  SIG_SETMASK,
  SS_DISABLE,
  SS_ONSTACK,
  STACK_BIAS,
} from './constants'
import { currentThread, type ThreadState } from './process'
import { changeMask, onStack, type PendingSignal, type SignalAction, type SignalStack, signalBit } from './signal-table'
import { read_user, write_user } from './user-memory'
import {
  FPRS_ENABLED,
  readUserFloat,
  readUserRegisters,
  setUserFloat,
  type UserFloat,
  type UserRegisters,
  writeUserRegisters,
} from './user-registers'
import { load_user_window, synchronize_user_stack } from './user-windows'

/** struct rt_signal_frame (Linux arch/sparc/kernel/signal_64.c): window save area and arguments first. */
const INFO = 192
const REGS = 320
const REGS_TSTATE = 448
const REGS_TPC = 456
const REGS_TNPC = 464
const REGS_Y = 472
const REGS_MAGIC = 476
const PT_REGS_MAGIC = 0x57ac6c00
const FPU_SAVE = 480
const STACK = 488
const MASK = 512
const FRAME_BYTES = 528
/** __siginfo_fpu_t: 64 words, FSR, GSR, FPRS. */
const FPU_BYTES = 280
const WINDOW_REGISTERS = 16

interface Interrupted {
  registers: UserRegisters
  float: UserFloat
  thread: Pick<ThreadState, 'blocked' | 'savedBlocked' | 'signalStack'>
}

const interrupted = () =>
  note('interrupted context', (cx) => {
    const { blocked, savedBlocked, signalStack } = currentThread(cx)
    const state: Interrupted = {
      registers: readUserRegisters(cx.cpu),
      float: readUserFloat(cx.cpu),
      thread: { blocked, savedBlocked, signalStack: { ...signalStack } },
    }
    // biome-ignore lint/suspicious/noExplicitAny: plain data, but interfaces have no index signature
    return state as any as Interrupted & { [key: string]: never }
  })

/**
 * Makes the user go on in a signal handler, with what it did saved on its stack. 'SIGSEGV' if the stack is bad.
 */
export const setup_rt_frame = shim('setup_rt_frame', function* (signal: PendingSignal, action: SignalAction) {
  if ((yield* synchronize_user_stack()) === 'EFAULT') return 'SIGSEGV' as const
  const { registers, float, thread } = yield* interrupted()
  const hasFloat = (float.fprs & FPRS_ENABLED) !== 0n
  const size = FRAME_BYTES + (hasFloat ? FPU_BYTES : 0)
  const frame = frameAddress(registers.outs[6], thread.signalStack, action, BigInt(size))
  if (frame === undefined) return 'SIGSEGV' as const
  const window = yield* read_user(BigInt.asUintN(64, registers.outs[6] + STACK_BIAS), WINDOW_REGISTERS * 8)
  if (window === 'EFAULT') return 'SIGSEGV' as const
  const bytes = buildFrame(size, frame, window, { registers, float, thread }, signal, action, hasFloat)
  if ((yield* write_user(frame, bytes)) === 'EFAULT') return 'SIGSEGV' as const
  yield* step('enter signal handler', false, (cx) => {
    const { outs } = registers
    const info = frame + BigInt(INFO)
    writeUserRegisters(cx.cpu, {
      ...registers,
      pc: action.handler,
      npc: action.handler + 4n,
      outs: [BigInt(signal.signal), info, info, outs[3], outs[4], outs[5], frame - STACK_BIAS, action.restorer],
    })
    const current = currentThread(cx)
    current.blocked |= action.mask
    if (!(action.flags & SA_NODEFER)) current.blocked |= signalBit(signal.signal)
    current.savedBlocked = null
    return undefined
  })
  return undefined
})

function frameAddress(
  stackPointer: bigint,
  stack: SignalStack,
  action: SignalAction,
  size: bigint,
): bigint | undefined {
  let top = BigInt.asUintN(64, stackPointer + STACK_BIAS)
  if (onStack(stack, top) && !onStack(stack, top - size)) return undefined
  if (action.flags & SA_ONSTACK && !onStack(stack, top) && stack.size !== 0n) top = stack.base + stack.size
  return BigInt.asUintN(64, top - size) & ~15n
}

function buildFrame(
  size: number,
  address: bigint,
  window: readonly number[],
  { registers, float, thread }: Interrupted,
  signal: PendingSignal,
  action: SignalAction,
  hasFloat: boolean,
): number[] {
  const frame = new Structure(size)
  frame.bytes.set(window)
  frame.word(INFO, signal.signal)
  if (action.flags & SA_SIGINFO) writeInfo(frame, signal)
  else frame.word(INFO + 8, SI_NOINFO)
  for (let n = 0; n < 8; n++) {
    frame.xword(REGS + n * 8, registers.globals[n])
    frame.xword(REGS + 64 + n * 8, registers.outs[n])
  }
  frame.xword(REGS_TSTATE, registers.tstate).xword(REGS_TPC, registers.pc).xword(REGS_TNPC, registers.npc)
  frame.word(REGS_Y, Number(registers.y & 0xffffffffn)).word(REGS_MAGIC, PT_REGS_MAGIC)
  const { signalStack } = thread
  frame.xword(STACK, signalStack.base).xword(STACK + 16, signalStack.size)
  frame.word(STACK + 8, stackFlags(signalStack, BigInt.asUintN(64, registers.outs[6] + STACK_BIAS)))
  frame.xword(MASK, thread.savedBlocked ?? thread.blocked)
  if (!hasFloat) return frame.toArray()
  frame.xword(FPU_SAVE, address + BigInt(FRAME_BYTES))
  for (let n = 0; n < 32; n++) frame.xword(FRAME_BYTES + n * 8, float.registers[n])
  // FPRS says dirty for both halves, so that all of them come back
  frame
    .xword(FRAME_BYTES + 256, float.fsr)
    .xword(FRAME_BYTES + 264, float.gsr)
    .xword(FRAME_BYTES + 272, 7n)
  return frame.toArray()
}

/** siginfo_t as SA_SIGINFO handlers see it. */
export function writeInfo(structure: Structure, signal: PendingSignal, at = INFO): void {
  structure.word(at, signal.signal).word(at + 8, signal.code)
  if (signal.code > 0 && signal.code < 0x80) structure.xword(at + 0x10, signal.address)
  else
    structure
      .word(at + 0x10, signal.pid)
      .word(at + 0x14, signal.uid)
      .xword(at + 0x18, signal.value)
}

export function stackFlags(stack: SignalStack, sp: bigint): number {
  return stack.size === 0n ? SS_DISABLE : onStack(stack, sp) ? SS_ONSTACK : 0
}

/** Goes back to what a signal interrupted. 'SIGSEGV' if the frame is not what the kernel wrote. */
export const do_rt_sigreturn = shim('do_rt_sigreturn', function* () {
  if ((yield* synchronize_user_stack()) === 'EFAULT') return 'SIGSEGV' as const
  const { registers } = yield* interrupted()
  const address = BigInt.asUintN(64, registers.outs[6] + STACK_BIAS)
  if ((address & 15n) !== 0n) return 'SIGSEGV' as const
  const frame = yield* read_user(address, FRAME_BYTES)
  if (frame === 'EFAULT') return 'SIGSEGV' as const
  const at = (offset: number) => xwordAt(frame, offset)
  if (((at(REGS_TPC) | at(REGS_TNPC)) & 3n) !== 0n) return 'SIGSEGV' as const
  const saved = at(FPU_SAVE)
  const float = saved === 0n ? [] : yield* read_user(saved, FPU_BYTES)
  if (float === 'EFAULT') return 'SIGSEGV' as const
  yield* step('return from signal handler', false, (cx) => {
    writeUserRegisters(cx.cpu, {
      pc: at(REGS_TPC),
      npc: at(REGS_TNPC),
      tstate: at(REGS_TSTATE),
      y: BigInt(wordAt(frame, REGS_Y)),
      globals: Array.from({ length: 8 }, (_, n) => at(REGS + n * 8)),
      outs: Array.from({ length: 8 }, (_, n) => at(REGS + 64 + n * 8)),
    })
    if (saved !== 0n)
      setUserFloat(cx.cpu, {
        registers: Array.from({ length: 32 }, (_, n) => xwordAt(float, n * 8)),
        fsr: xwordAt(float, 256),
        gsr: xwordAt(float, 264),
        fprs: xwordAt(float, 272),
      })
    const thread = currentThread(cx)
    thread.blocked = changeMask(thread.blocked, SIG_SETMASK, at(MASK)) ?? thread.blocked
    const disabled = (wordAt(frame, STACK + 8) & SS_DISABLE) !== 0
    if (!onStack(thread.signalStack, BigInt.asUintN(64, at(REGS + 64 + 48) + STACK_BIAS)))
      thread.signalStack = { base: at(STACK), size: disabled ? 0n : at(STACK + 16), flags: 0 }
    return undefined
  })
  return (yield* load_user_window()) === 'EFAULT' ? ('SIGSEGV' as const) : undefined
})
