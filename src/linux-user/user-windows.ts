import { note, shim, step } from '../kernel-shim'
import { Structure, xwordAt } from './big-endian'
import { STACK_BIAS, WINDOW_SAVE_BYTES } from './constants'
import { read_user, write_user } from './user-memory'
import { inIndex, localIndex, outIndex, userWindow } from './user-registers'

const WINDOWS = 8
const REGISTERS = 16

/** Stores all windows of the user, the current one too, to the user's stack. 'EFAULT' if the stack is bad. */
export const synchronize_user_stack = shim('synchronize_user_stack', function* () {
  while (true) {
    const oldest = yield* oldest_window()
    if ((yield* write_user(oldest.address, oldest.bytes)) === 'EFAULT') return 'EFAULT' as const
    if (oldest.current) return undefined
    yield* window_spilled()
  }
})

/** The window that is to be spilled next, and its save area: 8 locals and 8 ins at the biased stack pointer. */
const oldest_window = () =>
  note('oldest window', ({ cpu }) => {
    const restorable = cpu.small('canrestore')
    const window = (userWindow(cpu) + WINDOWS - restorable) % WINDOWS
    const bytes = new Structure(Number(WINDOW_SAVE_BYTES))
    for (let n = 0; n < 8; n++) {
      bytes.xword(n * 8, cpu.get('windows', localIndex(window, n)))
      bytes.xword(64 + n * 8, cpu.get('windows', inIndex(window, n)))
    }
    const stackPointer = cpu.get('windows', outIndex(window, 6))
    return {
      address: BigInt.asUintN(64, stackPointer + STACK_BIAS),
      bytes: bytes.toArray(),
      current: restorable === 0,
    }
  })

const window_spilled = () =>
  step('window spilled', false, ({ cpu }) => {
    cpu.setSmall('canrestore', cpu.small('canrestore') - 1)
    cpu.setSmall('cansave', cpu.small('cansave') + 1)
    return undefined
  })

/** Loads the locals and ins of the user's window from its stack; older windows will be filled from there. */
export const load_user_window = shim('load_user_window', function* () {
  const stackPointer = yield* note('user stack pointer', ({ cpu }) => cpu.get('windows', outIndex(userWindow(cpu), 6)))
  const bytes = yield* read_user(BigInt.asUintN(64, stackPointer + STACK_BIAS), Number(WINDOW_SAVE_BYTES))
  if (bytes === 'EFAULT') return 'EFAULT' as const
  yield* step('load user window', false, ({ cpu }) => {
    const window = userWindow(cpu)
    for (let n = 0; n < REGISTERS; n++)
      cpu.set('windows', xwordAt(bytes, n * 8), n < 8 ? localIndex(window, n) : inIndex(window, n - 8))
    cpu.setSmall('canrestore', 0)
    cpu.setSmall('cansave', WINDOWS - 2)
    return undefined
  })
  return undefined
})
