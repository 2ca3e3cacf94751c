import { note, shim, step } from '../kernel-shim'
import { Structure, xwordAt } from './big-endian'
import { SIG_SETMASK, STACK_BIAS } from './constants'
import { currentThread } from './process'
import { changeMask } from './signal-table'
import { read_user, storeUser, write_user } from './user-memory'
import {
  readUserRegisters,
  setUserFloat,
  skipInstruction,
  type UserRegisters,
  writeUserRegisters,
} from './user-registers'
import { load_user_window, synchronize_user_stack } from './user-windows'

/** struct ucontext (Linux arch/sparc/include/uapi/asm/uctx.h). */
const UCONTEXT_BYTES = 0x1f0
const UC_SIGMASK = 0x10
const MC_TSTATE = 0x20
const MC_PC = 0x28
const MC_NPC = 0x30
const MC_Y = 0x38
const MC_G1 = 0x40
const MC_O0 = 0x78
const MC_FP = 0xb8
const MC_I7 = 0xc0
const MC_FREGS = 0xc8
const MC_FSR = 0x1c8
const MC_FPRS = 0x1d0
const MC_GSR = 0x1d8
const MC_ENAB = 0x1ea
/** %i6 and %i7 in a window save area. */
const SAVED_FP = 112n
const SAVED_I7 = 120n

type Outcome = 'SIGSEGV' | undefined

const user_registers_and_mask = () =>
  note('user registers and mask', (cx) => ({
    registers: readUserRegisters(cx.cpu) as UserRegisters & { [key: string]: never },
    blocked: currentThread(cx).blocked,
  }))

/** `ta 0x6e`: the context behind the trap instruction goes to the ucontext at %o0. The float state is not part of it. */
export const sparc64_get_context = shim('sparc64_get_context', function* () {
  if ((yield* synchronize_user_stack()) === 'EFAULT') return 'SIGSEGV' as Outcome
  yield* step('skip trap instruction', false, ({ cpu }) => {
    skipInstruction(cpu)
    return undefined
  })
  const { registers, blocked } = yield* user_registers_and_mask()
  const saved = yield* read_user(BigInt.asUintN(64, registers.outs[6] + STACK_BIAS + SAVED_FP), 16)
  if (saved === 'EFAULT') return 'SIGSEGV' as Outcome
  const context = new Structure(UCONTEXT_BYTES)
    .xword(UC_SIGMASK, blocked)
    .xword(MC_TSTATE, registers.tstate)
    .xword(MC_PC, registers.pc)
    .xword(MC_NPC, registers.npc)
    .xword(MC_Y, registers.y)
    .xword(MC_FP, xwordAt(saved, 0))
    .xword(MC_I7, xwordAt(saved, 8))
  for (let n = 1; n < 8; n++) context.xword(MC_G1 + (n - 1) * 8, registers.globals[n])
  for (let n = 0; n < 8; n++) context.xword(MC_O0 + n * 8, registers.outs[n])
  const failed = (yield* write_user(registers.outs[0], context.toArray())) === 'EFAULT'
  return (failed ? 'SIGSEGV' : undefined) as Outcome
})

/** `ta 0x6f`: goes on with the ucontext at %o0, and with its signal mask if %o1 is not 0. %g7 stays: it is the thread's. */
export const sparc64_set_context = shim('sparc64_set_context', function* () {
  if ((yield* synchronize_user_stack()) === 'EFAULT') return 'SIGSEGV' as Outcome
  const { registers } = yield* user_registers_and_mask()
  const address = registers.outs[0]
  if ((address & 7n) !== 0n) return 'SIGSEGV' as Outcome
  const context = yield* read_user(address, UCONTEXT_BYTES)
  if (context === 'EFAULT') return 'SIGSEGV' as Outcome
  const at = (offset: number) => xwordAt(context, offset)
  if (((at(MC_PC) | at(MC_NPC)) & 3n) !== 0n) return 'SIGSEGV' as Outcome
  const outs = Array.from({ length: 8 }, (_, n) => at(MC_O0 + n * 8))
  const saveArea = BigInt.asUintN(64, outs[6] + STACK_BIAS)
  if ((yield* storeUser(saveArea + SAVED_FP, at(MC_FP))) === 'EFAULT') return 'SIGSEGV' as Outcome
  if ((yield* storeUser(saveArea + SAVED_I7, at(MC_I7))) === 'EFAULT') return 'SIGSEGV' as Outcome
  yield* step('set context', false, (cx) => {
    if (registers.outs[1] !== 0n) {
      const thread = currentThread(cx)
      thread.blocked = changeMask(thread.blocked, SIG_SETMASK, at(UC_SIGMASK)) ?? thread.blocked
    }
    writeUserRegisters(cx.cpu, {
      pc: at(MC_PC),
      npc: at(MC_NPC),
      tstate: at(MC_TSTATE),
      y: at(MC_Y),
      globals: [0n, ...Array.from({ length: 6 }, (_, n) => at(MC_G1 + n * 8)), registers.globals[7]],
      outs,
    })
    if (context[MC_ENAB] !== 0)
      setUserFloat(cx.cpu, {
        registers: Array.from({ length: 32 }, (_, n) => at(MC_FREGS + n * 8)),
        fsr: at(MC_FSR),
        gsr: at(MC_GSR),
        fprs: at(MC_FPRS),
      })
    return undefined
  })
  return ((yield* load_user_window()) === 'EFAULT' ? 'SIGSEGV' : undefined) as Outcome
})
